/** Proposals to begin a campaign with, and why they are what they are. */

import { config } from "../config.ts";
import type { Draft, OfferDraft } from "./draft.ts";
import { DAY } from "./draft.ts";

export interface Template {
  readonly id: string;
  readonly title: string;
  readonly pays: string;
  /** Why these numbers. */
  readonly because: string;
  readonly draft: Partial<Draft>;
}

const offer = (given: Partial<OfferDraft>): OfferDraft => ({
  id: 1,
  event: "",
  title: "",
  kind: 0,
  partner: "",
  flat: "",
  ratePercent: "",
  cap: "",
  oncePerCustomer: true,
  ...given,
});

export const TEMPLATES: readonly Template[] = [
  {
    id: "consumer",
    title: "Sign-ups for a consumer service",
    pays: "A small flat amount for each new user, to any affiliate",
    because:
      "Many partners with large audiences, small worth of each customer: a flat amount is understood at a glance and easy to budget. A short hold is enough, because whether a sign-up is genuine shows within two weeks. Counting a customer once keeps it from being farmed.",
    draft: {
      offers: [offer({ event: "signup", title: "A new user signed up", kind: 0, flat: "2" })],
      openKinds: [0],
      holdSeconds: 14 * DAY,
      noticeSeconds: 14 * DAY,
      windowSeconds: 30 * DAY,
      touch: "last",
      bindingSeconds: 0,
      velocityPerHour: "60",
      expectations: {
        affiliate: "Say that the link is an advertisement. No brand bidding, no coupons that are not ours.",
      },
    },
  },
  {
    id: "business",
    title: "Qualified customers for a business service",
    pays: "A larger flat amount for each qualified customer, to referral partners",
    because:
      "Few customers, each worth a lot, and decided over weeks: a click has to count for longer (90 days), and the commission is due only when the customer is qualified, not when it fills in a form. A hold of 30 days covers the usual right to cancel.",
    draft: {
      offers: [offer({ event: "qualified", title: "A company became a qualified customer", kind: 1, flat: "150" })],
      openKinds: [1],
      holdSeconds: 30 * DAY,
      noticeSeconds: 30 * DAY,
      windowSeconds: 90 * DAY,
      touch: "last",
      bindingSeconds: 0,
      velocityPerHour: "10",
      expectations: { referral: "Introduce companies that you know. Tell us who decides there." },
    },
  },
  {
    id: "reseller",
    title: "Resellers of a subscription",
    pays: "A percentage of every invoice, for the customer's life, to resellers that you list",
    because:
      "Resellers advise and support customers for years: a share of each invoice pays for that, and first touch keeps the customer theirs. You choose who is a reseller, so the campaign is not open. The cap bounds what one report can cost you.",
    draft: {
      offers: [
        offer({
          event: "invoice",
          title: "An invoice was paid",
          kind: 2,
          ratePercent: "20",
          cap: "10000",
          oncePerCustomer: false,
        }),
      ],
      openKinds: [],
      holdSeconds: 30 * DAY,
      noticeSeconds: 60 * DAY,
      windowSeconds: 90 * DAY,
      touch: "first",
      bindingSeconds: null,
      velocityPerHour: "",
      expectations: { reseller: "First-line support for the customers that you bring." },
    },
  },
];

export function emptyDraft(): Draft {
  const [template] = TEMPLATES;
  const { attesters, local } = config();
  return fromTemplate(
    {
      template: "",
      name: "",
      summary: "",
      destination: local ? new URL("/local/shop", location.origin).href : "",
      token: "",
      format: undefined,
      offers: [],
      openKinds: [],
      holdSeconds: 0,
      noticeSeconds: 0,
      linesOnChain: true,
      windowSeconds: 0,
      touch: "last",
      bindingSeconds: 0,
      attesters: attesters.join("\n"),
      threshold: String(Math.floor(attesters.length / 2) + 1),
      dailyLimit: "",
      velocityPerHour: "",
      leadDays: "",
      leadAnswerDays: "7",
      objectives: "",
      expectations: {},
      resources: [],
      budget: "",
    },
    template as Template,
  );
}

export function fromTemplate(draft: Draft, template: Template): Draft {
  const filled = { ...draft, ...template.draft, template: template.id };
  // Nobody waits a fortnight to see a demonstration's end.
  return config().local ? { ...filled, holdSeconds: 20, noticeSeconds: DAY } : filled;
}
