/** Why a campaign accepts no conversion now. Invite links lead on all the same; every code has a sentence for their partner. */
export const NOT_ACCEPTING = {
  campaign_closed:
    "The campaign is closed. Your links still lead to the brand, but what visitors do there is not paid.",
  campaign_suspended:
    "The brand has suspended the campaign. Your links still lead there, but conversions are rejected until it resumes.",
  budget_exhausted:
    "The campaign's budget is used up. Your links still lead there, but conversions are rejected until the brand funds it.",
} as const;

export type NotAccepting = keyof typeof NOT_ACCEPTING;
