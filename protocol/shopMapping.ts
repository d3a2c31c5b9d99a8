/** What of a shop's orders counts in a campaign, at Shopify and at WooCommerce: published in its description, and the same in an attester's rules. */
import { z } from "zod";

/** As in a campaign's offers: printable ASCII, at most 24 characters. */
const eventName = z.string().regex(/^[\x21-\x7e]{1,24}$/);

export const shopMapping = z.strictObject({
  /** Of the orders that count, as the shop writes it: `USD`. So much of it is as many whole tokens. */
  currency: z.string().regex(/^[A-Z]{3}$/, "must be three capital letters such as USD"),
  /** Whether a volume is what was paid without its taxes, or with them. */
  taxes: z.enum(["excluded", "included"]).default("excluded"),
  /** Whether shipping is a part of it. */
  shipping: z.enum(["excluded", "included"]).default("excluded"),
  /** As which event of the campaign each of them counts; what is not named counts as nothing. */
  events: z
    .strictObject({
      /** A paid order that a customer placed. */
      order: eventName.optional(),
      /** A paid order that a subscription placed, in a later period. */
      renewal: eventName.optional(),
    })
    .refine((events) => Object.values(events).some((name) => name !== undefined), "names no event"),
});

export type ShopMapping = z.infer<typeof shopMapping>;
/** What a sale in a shop is. */
export type ShopSaleKind = keyof ShopMapping["events"];
