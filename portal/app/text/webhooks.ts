/** What a brand's server can be told of, in words. */
import type { WebhookEndpointRequest } from "../api/schema.d.ts";

export type WebhookEvent = NonNullable<WebhookEndpointRequest["events"]>[number];

/** In the order in which they are offered, by what they are about. */
export const WEBHOOK_EVENTS: readonly (readonly [about: string, Readonly<Partial<Record<WebhookEvent, string>>>])[] = [
  [
    "Conversions",
    {
      "conversion.accepted": "Accepted",
      "conversion.rejected": "Rejected",
      "conversion.review": "Refused by the attesters",
      "conversion.batched": "Numbered for an attestation",
      "conversion.attested": "Attested",
      "conversion.released": "Released",
      "conversion.reversed": "Taken back",
      "review.waiting": "Waiting for your review",
    },
  ],
  [
    "Leads",
    {
      "lead.registered": "Registered",
      "lead.qualified": "Qualified",
      "lead.rejected": "Rejected",
      "lead.won": "Won",
      "lead.lost": "Lost",
      "lead.lapsed": "Lapsed",
    },
  ],
  [
    "Partners",
    {
      "partner.joined": "Joined",
      "application.received": "Applied",
      "target.reached": "Reached a target",
    },
  ],
  [
    "The campaign",
    {
      "campaign.budget_low": "Budget low or gone",
      "campaign.set_aside": "Set aside",
    },
  ],
];

const WORDS = new Map(
  WEBHOOK_EVENTS.flatMap(([about, events]) =>
    Object.entries(events).map(([type, text]) => [type, `${about}: ${text.toLowerCase()}`] as const),
  ),
);

/** As the list of deliveries has it; one that this page does not know yet by its name. */
export const webhookEventText = (type: string): string => WORDS.get(type) ?? type;

export const ALL_WEBHOOK_EVENTS = [...WORDS.keys()] as WebhookEvent[];
