/** What people are told by mail, by kind: each can be turned off by itself. */

export const NOTICE_KINDS = {
  "partner.approved": "A campaign has changed the kinds that you are paid as",
  "partner.first_sale": "Your first conversion in a campaign was accepted",
  "partner.rejected": "A conversion of yours was rejected or taken back, and why",
  "partner.released": "Commission of yours was released",
  "partner.paid": "You were paid",
  "partner.terms": "A campaign announced other terms or rates",
  "partner.lead": "A lead of yours was decided on, or is protected for a week more only",
  "partner.postback": "An address that you have called failed for days, and is called no more",
  "partner.month": "The summary of a month",
  "brand.review": "Conversions wait for your review before they are paid",
  "brand.lead": "Partners have registered leads",
  "brand.budget": "A campaign's budget is low or used up",
  "brand.attesters": "A campaign's attesters do not sign",
  "brand.change": "What you announced takes effect",
} as const;

export type NoticeKind = keyof typeof NOTICE_KINDS;
export const NOTICE_KIND_NAMES = Object.keys(NOTICE_KINDS) as [NoticeKind, ...NoticeKind[]];
