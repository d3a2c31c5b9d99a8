/** Why a conversion was rejected, reversed, or otherwise moved, and looked at: each code with a sentence that its partner can read. */
import { id } from "ethers";

export const REASONS = {
  unknown_token: "The referral token is not one of ours, or was changed on the way.",
  unknown_code: "The campaign has no partner with this invite code.",
  retired_code: "The code was retired before; it is given to nobody else.",
  no_referral: "No partner invited this customer: there was no referral token and the customer is bound to nobody.",
  window_expired: "The click is older than the campaign's attribution window.",
  binding_expired: "The customer's binding to its partner has ended.",
  self_referral: "A partner cannot be its own customer.",
  duplicate_customer: "The customer's wallet is known as another customer's.",
  disposable_domain: "The customer's e-mail address is at a provider of throw-away addresses.",
  no_binding: "The campaign binds no customers: each conversion needs the referral token of its own click.",
  unknown_event: "The campaign's description does not know this event.",
  unknown_currency: "The campaign takes no sales in this currency.",
  no_rate: "There is no exchange rate for the sale's currency at its time yet. It is judged again once there is one.",
  no_offer: "No valid offer of the campaign pays this event to a partner of this kind.",
  conditions_not_met:
    "The conditions of every offer that could pay this event to a partner of this kind ask for something else.",
  below_minimum: "The conversion's volume is below the campaign's minimum, or too small to pay anything.",
  unknown_customer: "The campaign counts this event by customer, and the report names none.",
  customer_limit: "This customer has already counted as often as the campaign allows.",
  partner_limit: "This partner has reached what the campaign allows one partner for this event and these days.",
  budget_exhausted: "The campaign's budget does not cover this commission.",
  campaign_suspended: "The campaign's attestations are suspended.",
  campaign_closed: "The campaign is closed.",
  attesters_refused: "The attesters did not confirm this conversion; the brand decides.",
  attested_too_late: "It could not be attested before its campaign was over.",
  unknown_offer: "Its batch names an offer that the campaign does not have: the contract pays nothing for it.",
  period_outside_offer: "Its offer is not valid in the whole period of its batch: the contract pays nothing for it.",
  partner_is_zero: "Its batch names no partner: the contract pays nobody for it.",
  volume_exceeds_cap:
    "Its line has more volume than the offer's cap allows for so many conversions: the contract pays nobody for it.",
  count_exceeds_conversions: "Its line counts more conversions than its batch has: the contract pays nobody for it.",
  kind_not_payable: "The partner was not of the offer's kind when the period ended: the contract pays nobody for it.",
  offer_for_other_partner: "Its offer is for another partner: the contract pays nobody for it.",
  refunded: "The customer was refunded.",
  partly_refunded: "The customer was refunded in part: the commission is that of the volume that is left.",
  refund_late: "Too few attesters signed that the refund is taken back before the hold was over: the commission stays.",
  fraud_confirmed: "The brand reviewed the conversion and confirmed that it was not genuine.",
  review_released: "The brand reviewed the conversion and found nothing wrong.",
} as const;

export type Reason = keyof typeof REASONS;

/** Why a conversion is taken back, as a reversal has it on the chain: one reason for the whole of it. */
export const reasonHash = (reason: Reason): string => id(reason);

/** The reasons for which attesters sign a reversal, by their hash. */
export const REVERSAL_REASONS: ReadonlyMap<string, Reason> = new Map(
  (["refunded", "fraud_confirmed"] as const).map((reason) => [reasonHash(reason), reason]),
);

/** Why a conversion that was accepted is looked at by the brand. Unreviewed, it is paid. */
export const FLAGS = {
  velocity: "Its partner had more conversions within an hour than the campaign's description expects.",
  same_network: "The customer came from the network that its partner last joined a campaign or signed in from.",
} as const;

export type Flag = keyof typeof FLAGS;

/** Why a line does not hold, by the number of the contract's `Fault`; 0 is none. */
export const FAULT_REASONS = [
  undefined,
  "unknown_offer",
  "period_outside_offer",
  "partner_is_zero",
  "volume_exceeds_cap",
  "count_exceeds_conversions",
  "kind_not_payable",
  "offer_for_other_partner",
] as const satisfies readonly (Reason | undefined)[];

/** @throws RangeError if the contract has no such fault */
export function faultReason(fault: bigint | number): Reason {
  const reason = FAULT_REASONS[Number(fault)];
  if (reason === undefined) throw new RangeError(`The contract has no fault ${fault}.`);
  return reason;
}
