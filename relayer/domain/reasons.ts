/** Why a conversion was rejected or reversed. Every code has a sentence that its partner can read. */
export const REASONS = {
  unknown_token: "The referral token is not one of ours, or was changed on the way.",
  no_referral: "No partner invited this customer: there was no referral token and the customer is bound to nobody.",
  window_expired: "The click is older than the campaign's attribution window.",
  binding_expired: "The customer's binding to its partner has ended.",
  self_referral: "A partner cannot be its own customer.",
  unknown_event: "The campaign's description does not know this event.",
  no_offer: "No valid offer of the campaign pays this event to a partner of this kind.",
  below_minimum: "The conversion's volume is below the campaign's minimum, or too small to pay anything.",
  customer_limit: "This customer has already counted as often as the campaign allows.",
  budget_exhausted: "The campaign's budget does not cover this commission.",
  campaign_suspended: "The campaign's attestations are suspended.",
  campaign_closed: "The campaign is closed.",
  attesters_refused: "The attesters did not confirm this conversion; the brand decides.",
  attested_too_late: "It could not be attested while the offer was valid.",
  refunded: "The customer was refunded.",
} as const;

export type Reason = keyof typeof REASONS;
