/** A connected source and what it sent, as the API shows them. */
import { z } from "@hono/zod-openapi";
import { shopMapping } from "@partner-programs/protocol/shopMapping";
import { stripeMapping } from "@partner-programs/protocol/stripeMapping";
import { webhookMapping } from "@partner-programs/protocol/webhookMapping";
import { SHOP_NAMES } from "#sources/shops.ts";
import { SOURCE_EVENT_STATES, type SourceEventRow } from "../store/sourceEvents.ts";

const security: Record<string, string[]>[] = [{ session: [] }, { apiKey: [] }];
/** What the documentation of each of these routes begins with. */
export const sourceRoute = { tags: ["Sources"], security };

/** As Stripe writes them; what is copied with blanks around it is still good. */
const copied = (pattern: RegExp, what: string) => z.string().trim().max(500).regex(pattern, what);

export const stripeSourceRequest = z
  .strictObject({
    webhookSecrets: z
      .array(copied(/^whsec_[A-Za-z0-9+/=_-]{16,}$/, "must be the signing secret of a webhook endpoint: whsec_…"))
      .min(1)
      .max(4)
      .openapi({
        description: "Signing secrets of the endpoint, each as good as the other: while one is rolled, both.",
      }),
    restrictedKey: copied(/^rk_(live|test)_\w{8,}$/, "must be a restricted key: rk_live_… or rk_test_…")
      .nullish()
      .openapi({
        description:
          "Reads what thin events only name. Give it the permission to read and nothing else; null takes it away, and without the field it stays.",
      }),
    testMode: z.boolean().default(false).openapi({
      description: "true: events of Stripe's test mode count, and those of real payments do not.",
    }),
  })
  .refine(
    ({ restrictedKey, testMode }) => !restrictedKey || restrictedKey.startsWith("rk_test_") === testMode,
    "`restrictedKey` is of another mode than `testMode` says: rk_test_… reads test payments, rk_live_… real ones",
  )
  .openapi("StripeSourceRequest");

export const stripeSource = z
  .object({
    url: z.string().openapi({ description: "Where Stripe sends its events: the endpoint's URL." }),
    events: z.array(z.string()).openapi({ description: "The events to choose." }),
    webhookSecrets: z.array(z.string()).openapi({ description: "The last four characters of each." }),
    restrictedKey: z.string().nullable().openapi({ description: "Its last four characters; null: there is none." }),
    testMode: z.boolean(),
    mapping: stripeMapping.nullable().openapi({
      type: ["object", "null"],
      description: "What counts, by the campaign's description in force; null: it says nothing of Stripe.",
    }),
    changedBy: z.string(),
    changedAt: z.string(),
  })
  .openapi("StripeSource");

/** A shop whose orders count, as a path names it. */
export const shopName = z.enum(SHOP_NAMES);

export const shopSourceRequest = z
  .strictObject({
    webhookSecrets: z
      .array(copied(/^[\x20-\x7e]{16,200}$/, "must be what the shop signs its webhooks with, 16 to 200 characters"))
      .min(1)
      .max(4)
      .openapi({
        description: "What the shop signs its webhooks with, each as good as the other: while one is changed, both.",
      }),
    testMode: z.boolean().default(false).openapi({
      description: "true: test orders of Shopify count, and those that are really paid do not. WooCommerce has none.",
    }),
  })
  .openapi("ShopSourceRequest");

export const shopSource = z
  .object({
    url: z.string().openapi({ description: "Where the shop sends its webhooks." }),
    topics: z.array(z.string()).openapi({ description: "The webhooks to choose." }),
    webhookSecrets: z.array(z.string()).openapi({ description: "The last four characters of each." }),
    testMode: z.boolean(),
    mapping: shopMapping.nullable().openapi({
      type: ["object", "null"],
      description: "What counts, by the campaign's description in force; null: it says nothing of this shop.",
    }),
    changedBy: z.string(),
    changedAt: z.string(),
  })
  .openapi("ShopSource");

/** One of Standard Webhooks that was copied as stars, or in part, is no key: it would decode to next to nothing. */
const isWhole = (secret: string) =>
  !secret.startsWith("whsec_") ||
  (secret.length >= 30 && /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(secret.slice(6)));
const webhookSecret = copied(
  /^[\x20-\x7e]{16,200}$/,
  "must be what the sender signs with, 16 to 200 characters",
).refine(isWhole, "must be whsec_ and 16 bytes or more in Base64: copy it whole");

export const webhookSourceRequest = z
  .strictObject({
    webhookSecrets: z.array(webhookSecret).min(1).max(4).openapi({
      description: "What the sender signs with, each as good as the other: while one is changed, both.",
    }),
  })
  .openapi("WebhookSourceRequest");

export const webhookSource = z
  .object({
    url: z.string().openapi({ description: "Where the sender sends its webhooks." }),
    webhookSecrets: z.array(z.string()).openapi({ description: "The last four characters of each." }),
    mapping: webhookMapping.nullable().openapi({
      type: ["object", "null"],
      description: "What counts, by the campaign's description in force; null: it says nothing of webhooks.",
    }),
    changedBy: z.string(),
    changedAt: z.string(),
  })
  .openapi("WebhookSource");

/** What a sender of events is answered. */
export const receivedEvent = z
  .object({
    received: z.literal(true),
    again: z.boolean().openapi({ description: "It was received before, and is not kept twice." }),
  })
  .openapi("ReceivedEvent");

export const eventStates = z.enum(SOURCE_EVENT_STATES);

export const sourceEvent = z
  .object({
    id: z.string(),
    eventId: z.string().openapi({ description: "The source's own id of it." }),
    type: z.string(),
    objectId: z.string().nullable(),
    state: eventStates.openapi({
      description:
        "`waiting`: it is tried, or tried again. `applied`: something came of it. `noted`: it may count with others that come. `ignored`: nothing of it counts. `refused`: `note` says why, and what is mended can be applied again.",
    }),
    note: z.string().nullable(),
    orderId: z.string().nullable().openapi({ description: "Of the sale that it is about." }),
    attempts: z.int(),
    dueAt: z.string().nullable(),
    receivedAt: z.string(),
  })
  .openapi("SourceEvent");

export const toSourceEvent = (row: SourceEventRow): z.output<typeof sourceEvent> => ({
  id: String(row.id),
  eventId: row.event_id,
  type: row.type,
  objectId: row.object_id,
  state: row.state,
  note: row.note,
  orderId: row.order_id,
  attempts: row.attempts,
  dueAt: row.state === "waiting" ? row.due_at.toISOString() : null,
  receivedAt: row.received_at.toISOString(),
});
