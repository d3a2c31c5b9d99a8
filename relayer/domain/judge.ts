/** Whether a conversion is accepted, for which partner and for how much; and how customers are bound. */
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import {
  type Attributes,
  type ConditionFacts,
  type CustomerHistory,
  whyNot,
} from "@partner-programs/protocol/conditions";
import type { CampaignDescription, EventDescription } from "@partner-programs/protocol/description";
import { hasKind, kindMask } from "@partner-programs/protocol/kinds";
import { type Line, MAX_VOLUME_UNITS } from "@partner-programs/protocol/line";
import type { Flag, Reason } from "@partner-programs/protocol/reasons";
import { type Customer, hardFraud, type Suspect, softFraud } from "./fraud.ts";

const CUSTOMER = kindMask("customer");
const RECRUITER = kindMask("recruiter");
/** Kinds that are paid beside the partner, never as the partner. */
export const BESIDE = CUSTOMER | RECRUITER;
/** All others: of a partner. */
const PARTNERS = ~BESIDE;

/** A valid offer of the campaign, for the reported event. */
export interface Offer {
  readonly offerId: number;
  readonly kind: number;
  /** The one partner that it is for; undefined: a kind. */
  readonly partner?: string | undefined;
  readonly flatAmount: bigint;
  readonly rateBps: number;
  readonly capUnits: bigint;
}

/** What binds customers, once it is known who brought them. */
export type Attribution = Omit<CampaignDescription["attribution"], "codeOrClick" | "agentTokensPerDay">;

/** A wallet, and the mask of the kinds under which the contract pays it. */
export interface Payee {
  readonly wallet: string;
  readonly payableKinds: bigint;
}

/** A partner who could be paid for the conversion, and by which touch. */
export interface Candidate extends Payee, Omit<Suspect, "wallets"> {
  readonly partnershipId: bigint;
  /** Other addresses that it had its credit sent to. */
  readonly payouts: readonly string[];
  /** Milliseconds since 1970 at which it joined. */
  readonly since: number;
  readonly recruiter: Payee | undefined;
  /** Milliseconds since 1970 of the click. */
  readonly touchedAt: number;
  /** What counted for it in the days before, for each of the event's `perPartner`. */
  readonly counted: readonly { readonly conversions: number; readonly volume: bigint }[];
}

/** What says who brought the customer. */
export interface Touches {
  /** Milliseconds since 1970 at which the relayer was told. */
  readonly receivedAt: number;
  /** By the referral token or code: a candidate until the token expires, one that is not ours, or none. */
  readonly touch:
    | (Candidate & { readonly until: number })
    | "unknown_token"
    | "unknown_code"
    | "retired_code"
    | undefined;
  /** By the customer's binding. `until` in milliseconds since 1970, null: for life. */
  readonly binding: (Candidate & { readonly until: number | null }) | undefined;
  readonly customer: Customer;
  readonly isDisposable: (domain: string) => boolean;
}

/** All that a judgement depends on. The edges gather it; nothing here reads a clock or a database. */
export interface Facts extends Touches {
  readonly campaign: {
    readonly feeBps: number;
    readonly unitExponent: number;
    readonly tokenDecimals: number;
    readonly suspended: boolean;
    readonly closed: boolean;
    /** Available less announced withdrawals and what is promised already, in base units. */
    readonly spendable: bigint;
  };
  readonly description: CampaignDescription;
  readonly offers: readonly Offer[];
  /** The code that the customer gave: whose it is, and the offer that pays what comes by it. */
  readonly code: { readonly partnershipId: bigint; readonly offerId: number | undefined } | undefined;
  readonly event: string;
  /** It is what a description once promised its partner: the one in force may not know its event any more. */
  readonly isBonus: boolean;
  /** A decimal number of whole tokens. */
  readonly volume: string;
  /** Why a sale in its own currency is not converted: then its volume is not known. */
  readonly unconverted?: { readonly reason: Reason; readonly note: string } | undefined;
  /** The wallet in which the customer gets a reward of its own, if one is known. */
  readonly customerPayee: Payee | undefined;
  /** Of the reported event's types. */
  readonly attributes: Attributes;
  /** What this customer counted for before, by event, as far as conditions ask; undefined: the report names no customer. */
  readonly history: Readonly<Record<string, CustomerHistory>> | undefined;
  /** How many conversions of this event by this customer were accepted before; undefined: the report names no customer. */
  readonly countedForCustomer: number | undefined;
}

interface Rejected {
  readonly accepted: false;
  readonly reason: Reason;
  /** What of the campaign's conditions did not hold, for its brand. */
  readonly note?: string | undefined;
  readonly partnershipId: bigint | undefined;
}

export type Judgement =
  | Rejected
  | {
      readonly accepted: true;
      readonly candidate: Candidate;
      readonly partnershipId: bigint;
      readonly entries: readonly Line[];
      /** Of all entries. */
      readonly commission: bigint;
      readonly partnerCommission: bigint;
      readonly fee: bigint;
      readonly flags: readonly Flag[];
    };

/** Whether a conversion is accepted, for whom and for how much; or why not. */
export function judge(facts: Facts): Judgement {
  const { campaign, description, customer } = facts;
  const candidate = attribute(facts, description.attribution);
  if ("reason" in candidate) return candidate;
  const rejected = (reason: Reason, note?: string): Judgement => ({
    accepted: false,
    reason,
    note,
    partnershipId: candidate.partnershipId,
  });

  const event = eventOf(facts);
  if (event === undefined) return rejected("unknown_event");
  if (campaign.closed) return rejected("campaign_closed");
  if (campaign.suspended) return rejected("campaign_suspended");
  const fraud = hardFraud(suspect(candidate), customer, facts.isDisposable);
  if (fraud !== undefined) return rejected(fraud);
  if (event.perCustomer !== null && facts.countedForCustomer === undefined) return rejected("unknown_customer");
  if (event.perCustomer !== null && (facts.countedForCustomer ?? 0) >= event.perCustomer)
    return rejected("customer_limit");

  if (facts.unconverted !== undefined) return rejected(facts.unconverted.reason, facts.unconverted.note);
  const volume = toBaseUnitsDown(facts.volume, campaign.tokenDecimals);
  if (volume < toBaseUnitsDown(event.minimumVolume ?? "0", campaign.tokenDecimals)) return rejected("below_minimum");
  if (exceeds(event.perPartner, candidate.counted, volume, campaign.tokenDecimals)) return rejected("partner_limit");

  const known = conditionFacts(facts, candidate);
  const open = { ...facts, offers: facts.offers.filter((offer) => whyNotNow(facts, offer, known) === undefined) };
  const reward = ownReward(open, candidate, volume) ?? bestReward(open, candidate, PARTNERS, volume);
  if (reward === undefined) {
    const note = describeUnmet(facts, candidate, known);
    return note === undefined ? rejected("no_offer") : rejected("conditions_not_met", note);
  }
  if (reward.commission === 0n) return rejected("below_minimum");
  // A wallet that is the partner's as well is not paid as a customer: that is a self referral, and rejected above.
  const rewards = [
    reward,
    bestReward(open, facts.customerPayee, CUSTOMER, volume),
    bestReward(open, candidate.recruiter, RECRUITER, volume),
  ].filter((one) => one !== undefined && one.commission > 0n) as NonNullable<typeof reward>[];
  const commission = rewards.reduce((sum, one) => sum + one.commission, 0n);
  const fee = rewards.reduce((sum, one) => sum + one.fee, 0n);
  if (commission + fee > campaign.spendable) return rejected("budget_exhausted");
  return {
    accepted: true,
    candidate,
    partnershipId: candidate.partnershipId,
    entries: rewards.map(({ entry }) => entry),
    commission,
    partnerCommission: reward.commission,
    fee,
    flags: softFraud(suspect(candidate), customer, description.fraud),
  };
}

/** Whom a customer's binding is asked for; or why it cannot be. */
export function judgeBinding(facts: Touches, attribution: Attribution): Candidate | Rejected {
  const { touch, binding, receivedAt } = facts;
  const bound = binding !== undefined && (binding.until === null || receivedAt < binding.until) ? binding : undefined;
  // What is asked for is the touch; what is bound stands until `bindingAfter` says otherwise. Saying it again is no late click.
  const again = typeof touch === "object" && touch.partnershipId === bound?.partnershipId;
  const candidate = again ? touch : attribute({ ...facts, binding: undefined }, attribution);
  if ("reason" in candidate) return candidate;
  const reason = hardFraud(suspect(candidate), facts.customer, facts.isDisposable);
  return reason === undefined ? candidate : { accepted: false, reason, partnershipId: candidate.partnershipId };
}

/** Customer → partner. Times are milliseconds since 1970; `until` null: for life. */
export interface Binding {
  readonly partnershipId: bigint;
  readonly touchedAt: number;
  readonly boundAt: number;
  readonly until: number | null;
}

const LIFE_MILLISECONDS = 100 * 366 * 86_400_000;

/**
 * The customer's binding once `candidate` has brought it: by first touch the one it has, as long as it lasts; by last touch
 * the one of the later touch. Nothing changes when the same is said twice, or late.
 */
export function bindingAfter(
  current: Binding | undefined,
  candidate: Pick<Candidate, "partnershipId" | "touchedAt">,
  now: number,
  { touch, bindingSeconds }: Attribution,
): Binding | undefined {
  const inForce = current !== undefined && (current.until === null || now < current.until);
  const { partnershipId, touchedAt } = candidate;
  if (inForce && current.partnershipId === partnershipId)
    return touchedAt > current.touchedAt ? { ...current, touchedAt } : current;
  if (bindingSeconds === 0 || (inForce && (touch === "first" || touchedAt <= current.touchedAt))) return current;
  const lasts = bindingSeconds === null ? Number.POSITIVE_INFINITY : bindingSeconds * 1000;
  return { partnershipId, touchedAt, boundAt: now, until: lasts > LIFE_MILLISECONDS ? null : now + lasts };
}

/**
 * The binding of two customers that are one, by the same rule: by first touch the one that came first, by last touch the one of the
 * later touch. One that has ended stands behind one that lasts.
 */
export function mergedBinding(
  one: Binding | undefined,
  other: Binding | undefined,
  now: number,
  { touch }: Pick<Attribution, "touch">,
): Binding | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const lasts = ({ until }: Binding) => until === null || now < until;
  if (lasts(one) !== lasts(other)) return lasts(one) ? one : other;
  const isOther = touch === "first" ? other.boundAt < one.boundAt : other.touchedAt > one.touchedAt;
  return isOther ? other : one;
}

function attribute(facts: Touches, attribution: Attribution): Candidate | Rejected {
  const { binding, touch, receivedAt } = facts;
  const bound = binding !== undefined && (binding.until === null || receivedAt < binding.until) ? binding : undefined;
  const touched = typeof touch === "string" ? undefined : touch;
  const inWindow = touched !== undefined && receivedAt <= touched.until ? touched : undefined;
  const late = inWindow !== undefined && bound !== undefined && inWindow.touchedAt < bound.touchedAt;
  const candidate = attribution.touch === "first" || late ? (bound ?? inWindow) : (inWindow ?? bound);
  if (candidate !== undefined) return candidate;
  const rejected = (reason: Reason, of?: Candidate): Rejected => ({
    accepted: false,
    reason,
    partnershipId: of?.partnershipId,
  });
  if (typeof touch === "string") return rejected(touch);
  if (touched !== undefined) return rejected("window_expired", touched);
  if (binding !== undefined) return rejected("binding_expired", binding);
  return rejected("no_referral");
}

/** As far as the description in force knows it. A bonus has no customer, and needs an offer alone: what was promised stays so. */
function eventOf({ description, event, isBonus }: Facts): Limits | undefined {
  const known = description.events.find(({ name }) => name === event);
  return isBonus ? { perPartner: [], ...known, perCustomer: null } : known;
}

type Limits = Pick<EventDescription, "perCustomer" | "perPartner" | "minimumVolume">;

function suspect({ wallet, payouts, network, lastHour }: Candidate): Suspect {
  return { wallets: [wallet, ...payouts], network, lastHour };
}

/** Whether one conversion more is beyond what the campaign lets count for one partner. */
function exceeds(
  limits: EventDescription["perPartner"],
  counted: Candidate["counted"],
  volume: bigint,
  tokenDecimals: number,
): boolean {
  return limits.some((limit, i) => {
    const before = counted[i] ?? { conversions: 0, volume: 0n };
    return (
      (limit.conversions !== undefined && before.conversions >= limit.conversions) ||
      (limit.volume !== undefined && before.volume + volume > toBaseUnitsDown(limit.volume, tokenDecimals))
    );
  });
}

/** What the campaign's conditions are asked of. */
export function conditionFacts(
  { event, receivedAt, attributes, history }: Pick<Facts, "event" | "receivedAt" | "attributes" | "history">,
  { since }: Pick<Candidate, "since">,
): ConditionFacts {
  const second = (milliseconds: number) => Math.floor(milliseconds / 1000);
  return { event, at: second(receivedAt), attributes, customer: history, partnerSince: second(since) };
}

const whyNotNow = ({ description }: Facts, { offerId }: Offer, known: ConditionFacts) =>
  whyNot(description.conditions, offerId, known);

/** So many offers are named in a note. */
const MAX_NAMED = 5;

/** Why none of the offers that could pay the partner may, by their conditions; undefined: there is no such offer. */
function describeUnmet(facts: Facts, candidate: Candidate, known: ConditionFacts): string | undefined {
  const unmet = facts.offers
    .filter((offer) => pays(offer, candidate, PARTNERS))
    .map((offer) => `Offer ${offer.offerId}: ${whyNotNow(facts, offer, known)}.`);
  if (unmet.length === 0) return undefined;
  const rest = unmet.length > MAX_NAMED ? [`And ${unmet.length - MAX_NAMED} more.`] : [];
  return [...unmet.slice(0, MAX_NAMED), ...rest].join(" ");
}

/** By the offer of the code that the customer gave; undefined: it has none, or that offer cannot pay this. */
function ownReward(facts: Facts, candidate: Candidate, volume: bigint) {
  const { code, offers } = facts;
  if (code?.partnershipId !== candidate.partnershipId) return undefined;
  const own = offers.filter(({ offerId }) => offerId === code.offerId);
  return bestReward({ ...facts, offers: own }, candidate, PARTNERS, volume);
}

/** Whether an offer is one of `kinds`, and for this payee. */
function pays({ kind, partner }: Offer, payee: Payee, kinds: bigint): boolean {
  if (partner === undefined) return hasKind(payee.payableKinds & kinds, kind);
  // A rate of its own is the partner's as such, not a customer's or a recruiter's reward.
  return partner === payee.wallet && kinds === PARTNERS;
}

/** Of the offers of `kinds` that the payee's own kinds allow, the one that pays most; the earlier one if they pay the same. */
function bestReward(facts: Facts, payee: Payee | undefined, kinds: bigint, volume: bigint) {
  if (payee === undefined) return undefined;
  const { campaign } = facts;
  const units = volume / 10n ** BigInt(campaign.unitExponent);
  return facts.offers
    .filter((offer) => pays(offer, payee, kinds))
    .map((offer) => {
      const cap = offer.capUnits < MAX_VOLUME_UNITS ? offer.capUnits : MAX_VOLUME_UNITS;
      const volumeUnits = units < cap ? units : cap;
      const entry: Line = { offerId: offer.offerId, partner: payee.wallet, count: 1, volumeUnits };
      return { entry, ...commissionOfLineDown(entry, offer, campaign) };
    })
    .sort((a, b) => (a.commission === b.commission ? 0 : a.commission > b.commission ? -1 : 1))[0];
}
