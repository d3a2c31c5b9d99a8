/** Judges reports of one campaign one after the other: the second sees what the first one used up. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import type { Attributes, JudgedHistory } from "@partner-programs/protocol/conditions";
import type { CampaignDescription } from "@partner-programs/protocol/description";
import { hasKind, type ListedKinds } from "@partner-programs/protocol/kinds";
import { WITHDRAWAL_WINDOW } from "@partner-programs/protocol/limits";
import type { Sale } from "@partner-programs/protocol/rates";
import type { Reason } from "@partner-programs/protocol/reasons";
import { bonusEvents } from "@partner-programs/protocol/targets";
import { type GivenAttributes, readAttributes } from "./attributes.ts";
import { createCustomers, type KnownWallet, type NewWallet } from "./customers.ts";
import { isDisposable } from "./disposableDomains.ts";
import {
  type Binding,
  type Candidate,
  conditionFacts,
  type Facts,
  type Judgement,
  judge,
  judgeBinding,
  type Offer,
  type Touches,
} from "./judge.ts";
import { createPartners, type Introduction, type InviteLink, type Partnership, type SpokenCode } from "./partners.ts";
import { type Conversion, convert, type ReportedSale, unfitSale } from "./sale.ts";
import { askedOfCustomer, type CountWindow, type CustomerCount, createUsage, type PartnerCount } from "./usage.ts";

/** A campaign as it is when its reports are judged. Amounts are base units, times Unix seconds. */
export interface CampaignTerms {
  readonly id: string;
  readonly brand: string;
  readonly tokenDecimals: number;
  readonly unitExponent: number;
  readonly feeBps: number;
  /** The mask of the kinds that every wallet has. */
  readonly openKinds: bigint;
  readonly available: bigint;
  /** To accepted conversions that are not attested yet. */
  readonly promised: bigint;
  readonly withdrawalAmount: bigint;
  /** 0: no withdrawal is announced. */
  readonly withdrawableAt: number;
  readonly suspendedUntil: number;
  /** 0: it does not close. */
  readonly closesAt: number;
}

/** An offer of the campaign, with the time in which it is valid. */
export interface TimedOffer extends Offer {
  readonly event: string;
  /** Unix seconds. */
  readonly validFrom: number;
  /** Not valid any more from here on. */
  readonly validTo: number;
}

/** What is known of a campaign and of all that some reports name. */
export interface LedgerFacts {
  readonly campaign: CampaignTerms;
  readonly description: CampaignDescription;
  readonly offers: readonly TimedOffer[];
  readonly links: readonly InviteLink[];
  readonly codes: readonly SpokenCode[];
  readonly partnerships: readonly Partnership[];
  /** In the order in which they came. */
  readonly wallets: readonly KnownWallet[];
  /** Whom those customers are that the brand says are another. */
  readonly merged: ReadonlyMap<string, string>;
  /** By customer. */
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Of the customers' wallets. */
  readonly kinds: ReadonlyMap<string, ListedKinds>;
  readonly windows: readonly CountWindow[];
  readonly customerCounts: readonly CustomerCount[];
  readonly partnerCounts: readonly PartnerCount[];
}

/** A report to be judged. */
export interface JudgedReport extends Introduction {
  readonly event: string;
  /** A decimal number of whole tokens; or of the sale's own currency. */
  readonly volume: string;
  readonly sale?: ReportedSale | undefined;
  readonly attributes?: GivenAttributes | undefined;
}

/** A judgement, and whom and what it is about. */
export interface LedgerEntry {
  readonly judgement: Judgement;
  /** In base units of the token. */
  readonly volume: bigint;
  /** Of a sale in its own currency that, with the rate that it was converted by. */
  readonly sale: Pick<Sale, "currency" | "volume" | "rate"> | undefined;
  readonly customer: string | undefined;
  /** The wallet of the partner that it names. */
  readonly partner: string | undefined;
  /** The link by which the customer came, if it is that partner's. */
  readonly linkId: bigint | undefined;
  /** That link's code. */
  readonly link: string | undefined;
  /** The code that the customer gave, if it is that partner's. */
  readonly codeId: bigint | undefined;
  /** As whoever made it wrote it. */
  readonly code: string | undefined;
  readonly attributes: Attributes;
  /** undefined: the campaign's offers have no conditions, or it was rejected. */
  readonly history: JudgedHistory | undefined;
}

/** What has to be written down beside the conversions. */
export interface LedgerChanges {
  readonly wallets: readonly NewWallet[];
  readonly bindings: ReadonlyMap<string, Binding>;
}

export interface Ledger {
  /** What is wrong with a report, so that it cannot be judged; undefined: nothing. */
  problemOf(report: JudgedReport): string | undefined;
  /** Judges a report, and notes what it uses up if it is accepted: budget, counts, the customer's binding and wallet. */
  judge(report: JudgedReport): LedgerEntry;
  /** Binds a customer to the partner that brought it, as the campaign's rule has it; or says why it cannot be bound. */
  bind(
    introduction: Introduction,
  ): { readonly binding: Binding; readonly created: boolean } | { readonly reason: Reason };
  changes(): LedgerChanges;
}

export function openLedger(facts: LedgerFacts): Ledger {
  const { campaign, description } = facts;
  const customers = createCustomers(facts.wallets, facts.bindings, facts.merged, description.attribution);
  const usage = createUsage(facts.windows, facts.customerCounts, facts.partnerCounts);
  const partners = createPartners(facts, usage);

  function touchesOf(from: Introduction, event?: string): Touches {
    const { receivedAt } = from;
    const bound = customers.bindingOf(from);
    const candidate = bound && partners.candidate(bound.partnershipId, bound.touchedAt, receivedAt, event);
    return {
      receivedAt,
      touch: partners.touch(from, event),
      binding: candidate && bound && { ...candidate, until: bound.until },
      customer: {
        id: from.customerId,
        wallets: customers.walletsOf(from),
        walletOfAnother: customers.hasWalletOfAnother(from),
        emailDomain: from.emailDomain,
        network: from.network,
      },
      isDisposable,
    };
  }

  function factsOf(report: JudgedReport): Facts {
    const touches = touchesOf(report, report.event);
    const second = Math.floor(report.receivedAt / 1000);
    const wallet = touches.customer.wallets.at(-1);
    const converted = convertedOf(report, description, campaign.tokenDecimals);
    return {
      ...touches,
      campaign: {
        feeBps: campaign.feeBps,
        unitExponent: campaign.unitExponent,
        tokenDecimals: campaign.tokenDecimals,
        suspended: second < campaign.suspendedUntil,
        closed: campaign.closesAt !== 0 && second >= campaign.closesAt,
        spendable: campaign.available - withdrawing(campaign, second) - campaign.promised - usage.promised(),
      },
      description,
      offers: facts.offers.filter((offer) => isValid(offer, second) && mayPay(offer, report)),
      code: partners.codeOf(report),
      event: report.event,
      isBonus: report.bonus !== undefined,
      volume: converted === undefined ? report.volume : fromBaseUnits(volumeOf(converted), campaign.tokenDecimals),
      unconverted: converted?.reason === undefined ? undefined : converted,
      customerPayee:
        wallet === undefined ? undefined : partners.payee(wallet, facts.kinds.get(wallet), report.receivedAt),
      countedForCustomer: usage.ofCustomer(report.event, customers.keyOf(report)),
      attributes: attributesOf(report),
      history: usage.historyOf(customers.keyOf(report), askedOfCustomer(description, report.event)),
    };
  }

  function read({ event, attributes = {} }: JudgedReport) {
    const types = description.events.find(({ name }) => name === event)?.attributes ?? {};
    return readAttributes(types, attributes);
  }

  function attributesOf(report: JudgedReport): Attributes {
    const outcome = read(report);
    // Who asks for a judgement asked for problems before.
    if ("problem" in outcome) throw new Error(outcome.problem);
    return outcome.attributes;
  }

  return {
    problemOf(report) {
      if (report.bonus === undefined && bonusEvents(description).has(report.event))
        return describeUnreportable(report.event);
      const outcome = read(report);
      if ("problem" in outcome) return outcome.problem;
      return report.sale && unfitSale(report.sale, report.volume, campaign.tokenDecimals);
    },

    judge(report) {
      const facts = factsOf(report);
      const judgement = judge(facts);
      const customer = customers.keyOf(report);
      const { partnershipId } = judgement;
      const volume = toBaseUnitsDown(facts.volume, campaign.tokenDecimals);
      if (judgement.accepted) {
        const { commission, fee, candidate } = judgement;
        const { event, receivedAt } = report;
        const promise = commission + fee;
        usage.add({ event, customer, partnershipId: judgement.partnershipId, volume, promise, receivedAt });
        customers.bind(report, candidate, receivedAt);
      }
      const [named, said] = [partners.linkOf(report), partners.codeOf(report)];
      const link = named?.partnershipId === partnershipId ? named : undefined;
      const code = said?.partnershipId === partnershipId ? said : undefined;
      return {
        judgement,
        volume,
        sale: saleOf(report, description, campaign.tokenDecimals),
        customer,
        partner: partnershipId === undefined ? undefined : partners.walletOf(partnershipId),
        linkId: link?.id,
        link: link?.code,
        codeId: code?.id,
        code: code?.shown,
        attributes: facts.attributes,
        history:
          judgement.accepted && description.conditions.length > 0 ? historyOf(facts, judgement.candidate) : undefined,
      };
    },

    bind(introduction) {
      if (description.attribution.bindingSeconds === 0) return { reason: "no_binding" };
      const candidate = judgeBinding(touchesOf(introduction), description.attribution);
      if ("reason" in candidate) return { reason: candidate.reason };
      const { binding, created } = customers.bind(introduction, candidate, introduction.receivedAt);
      if (binding === undefined) throw new Error("What is to be bound names no customer.");
      return { binding, created };
    },

    changes: () => customers.changes(),
  };
}

const isValid = ({ validFrom, validTo }: TimedOffer, second: number) => second >= validFrom && second < validTo;

/** A bonus may be for some kinds alone; an offer for a single partner always may pay it. */
const mayPay = ({ event, kind, partner }: TimedOffer, { event: reported, bonus }: JudgedReport): boolean =>
  event === reported && (bonus?.kinds === undefined || partner !== undefined || hasKind(bonus.kinds, kind));

const describeUnreportable = (event: string) =>
  `"${event}" is the event of the campaign's bonuses, which nobody reports: targets are counted here, and what a brand gives by its own word goes to POST /v1/campaigns/{id}/bonuses.`;

function historyOf(facts: Facts, candidate: Candidate): JudgedHistory {
  const { customer, partnerSince } = conditionFacts(facts, candidate);
  return { customer, partnerSince };
}

/** undefined: it is in tokens. */
const convertedOf = ({ sale, volume }: JudgedReport, { currencies }: CampaignDescription, tokenDecimals: number) =>
  sale && convert(sale, volume, currencies, tokenDecimals);

function saleOf(report: JudgedReport, description: CampaignDescription, tokenDecimals: number): LedgerEntry["sale"] {
  const converted = convertedOf(report, description, tokenDecimals);
  const rate = converted?.reason === undefined ? converted?.rate : undefined;
  return report.sale && { currency: report.sale.currency, volume: report.volume, rate };
}

const volumeOf = (converted: Conversion): bigint => (converted.reason === undefined ? converted.volume : 0n);

/** What a withdrawal may still take: it lapses some days after its time. */
function withdrawing({ withdrawableAt, withdrawalAmount }: CampaignTerms, second: number): bigint {
  const pending = withdrawableAt !== 0 && second < withdrawableAt + WITHDRAWAL_WINDOW;
  return pending ? withdrawalAmount : 0n;
}
