import { toBaseUnitsDown } from "../../protocol/amount.ts";
import { commissionOfLineDown } from "../../protocol/commission.ts";
import type { CampaignDescription } from "../../protocol/description.ts";
import { type Line, MAX_VOLUME_UNITS } from "../../protocol/line.ts";
import type { Reason } from "./reasons.ts";

/** A valid offer of the campaign, for the reported event. */
export interface Offer {
  readonly offerId: number;
  readonly kind: number;
  readonly flatAmount: bigint;
  readonly rateBps: number;
  readonly capUnits: bigint;
}

/** A partner who could be paid for the conversion, and by which touch. */
export interface Candidate {
  readonly partnershipId: bigint;
  readonly partner: string;
  /** Mask of the kinds under which the contract pays this partner. */
  readonly payableKinds: number;
  /** Milliseconds since 1970 of the click. */
  readonly touchedAt: number;
}

/** All that a judgement depends on. The edges gather it; nothing here reads a clock or a database. */
export interface Facts {
  /** Milliseconds since 1970 at which the relayer received the conversion. */
  readonly receivedAt: number;
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
  readonly event: string;
  /** A decimal number of whole tokens. */
  readonly volume: string;
  readonly customerWallet: string | undefined;
  /** By the referral token: a candidate until the token expires, a token that is not ours, or none. */
  readonly touch: (Candidate & { readonly until: number }) | "unknown" | undefined;
  /** By the customer's binding. `until` in milliseconds since 1970, null: for life. */
  readonly binding: (Candidate & { readonly until: number | null }) | undefined;
  /** How many conversions of this event by this customer were accepted before. */
  readonly countedForCustomer: number;
}

export type Judgement =
  | { readonly accepted: false; readonly reason: Reason; readonly partnershipId: bigint | undefined }
  | {
      readonly accepted: true;
      readonly partnershipId: bigint;
      readonly entries: readonly Line[];
      readonly commission: bigint;
      readonly fee: bigint;
    };

/** Whether a conversion is accepted, for whom and for how much; or why not. */
export function judge(facts: Facts): Judgement {
  const attributed = attribute(facts);
  if ("reason" in attributed)
    return { accepted: false, reason: attributed.reason, partnershipId: attributed.partnershipId };
  const { candidate } = attributed;
  const rejected = (reason: Reason): Judgement => ({ accepted: false, reason, partnershipId: candidate.partnershipId });

  const { campaign, description } = facts;
  const event = description.events.find(({ name }) => name === facts.event);
  if (event === undefined) return rejected("unknown_event");
  if (campaign.closed) return rejected("campaign_closed");
  if (campaign.suspended) return rejected("campaign_suspended");
  if (facts.customerWallet?.toLowerCase() === candidate.partner.toLowerCase()) return rejected("self_referral");
  if (event.perCustomer !== null && facts.countedForCustomer >= event.perCustomer) return rejected("customer_limit");

  const volume = toBaseUnitsDown(facts.volume, campaign.tokenDecimals);
  if (volume < toBaseUnitsDown(event.minimumVolume ?? "0", campaign.tokenDecimals)) return rejected("below_minimum");

  const paid = bestOffer(facts, candidate, volume);
  if (paid === undefined) return rejected("no_offer");
  if (paid.commission === 0n) return rejected("below_minimum");
  if (paid.commission + paid.fee > campaign.spendable) return rejected("budget_exhausted");
  return { accepted: true, partnershipId: candidate.partnershipId, ...paid };
}

function attribute(facts: Facts): { candidate: Candidate } | { reason: Reason; partnershipId: bigint | undefined } {
  const { binding, touch, receivedAt, description } = facts;
  const bound = binding !== undefined && (binding.until === null || receivedAt < binding.until) ? binding : undefined;
  const touched = touch === "unknown" ? undefined : touch;
  const inWindow = touched !== undefined && receivedAt <= touched.until ? touched : undefined;
  const candidate = description.attribution.touch === "first" ? (bound ?? inWindow) : (inWindow ?? bound);
  if (candidate !== undefined) return { candidate };
  if (touch === "unknown") return { reason: "unknown_token", partnershipId: undefined };
  if (touched !== undefined) return { reason: "window_expired", partnershipId: touched.partnershipId };
  if (binding !== undefined) return { reason: "binding_expired", partnershipId: binding.partnershipId };
  return { reason: "no_referral", partnershipId: undefined };
}

/** Of the offers that the partner's kinds allow, the one that pays the partner most; the earlier one if they pay the same. */
function bestOffer(facts: Facts, candidate: Candidate, volume: bigint) {
  const { campaign } = facts;
  const units = volume / 10n ** BigInt(campaign.unitExponent);
  return facts.offers
    .filter(({ kind }) => (candidate.payableKinds & (1 << kind)) !== 0)
    .map((offer) => {
      const cap = offer.capUnits < MAX_VOLUME_UNITS ? offer.capUnits : MAX_VOLUME_UNITS;
      const volumeUnits = units < cap ? units : cap;
      const entry: Line = { offerId: offer.offerId, partner: candidate.partner, count: 1, volumeUnits };
      return { entries: [entry], ...commissionOfLineDown(entry, offer, campaign) };
    })
    .sort((a, b) => (a.commission === b.commission ? 0 : a.commission > b.commission ? -1 : 1))[0];
}
