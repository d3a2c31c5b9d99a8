/** What webhooks tell beside the moves of conversions. Amounts are base units of the campaign's token, times ISO 8601. */

interface News {
  readonly campaignId: string;
  /** Of one subject the news with the highest number are the last. */
  readonly newsId: string;
}

/** A lead came into a state. Who the prospect is, is read from the API: it is not sent. */
export interface LeadNews extends News {
  readonly id: string;
  readonly partner: string;
  readonly state: "registered" | "qualified" | "rejected" | "lapsed" | "won" | "lost";
  readonly reason: string | null;
  readonly comment: string | null;
  readonly answerBy: string;
  readonly protectedUntil: string;
  /** The first sale to it. */
  readonly conversionId: string | null;
}

/** A partner reached a step of a target. What it is paid comes as a conversion of this event and order. */
export interface TargetNews extends News {
  readonly partner: string;
  readonly target: string;
  readonly title: string;
  readonly period: string;
  /** Counted from 1. */
  readonly step: number;
  readonly event: string;
  readonly orderId: string;
  readonly bonus: string;
}

export interface ApplicationNews extends News {
  readonly id: string;
  readonly partner: string;
  /** Written by a stranger. */
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
}

export interface PartnerNews extends News {
  readonly partner: string;
  readonly recruiter: string | null;
}

export interface BudgetNews extends News {
  readonly what: "low" | "exhausted";
  /** Available, less what is promised. */
  readonly left: string;
  /** Promised, and in its hold. */
  readonly pledged: string;
  readonly funded: string;
}

export interface SetAsideNews extends News {
  readonly block: number;
  /** null: no event failed, the campaign differs from the contract. */
  readonly event: string | null;
  readonly reason: string;
}

/** A conversion waits for the brand's word: accepted and flagged, which silence pays, or refused by the attesters. */
export interface ReviewNews extends News {
  readonly conversionId: string;
  readonly orderId: string;
  readonly event: string;
  readonly partner: string | null;
  readonly state: "accepted" | "review";
  readonly flags: readonly string[];
  /** Unix seconds. */
  readonly attestBy: number | null;
}

/** By the type of the message. */
export interface NewsByType extends Record<`lead.${LeadNews["state"]}`, LeadNews> {
  readonly "target.reached": TargetNews;
  readonly "application.received": ApplicationNews;
  readonly "partner.joined": PartnerNews;
  readonly "campaign.budget_low": BudgetNews;
  readonly "campaign.set_aside": SetAsideNews;
  readonly "review.waiting": ReviewNews;
}
