/** What of a brand's Stripe account counts in a campaign: published in its description, and the same in an attester's rules. */
import { z } from "zod";

/** As in a campaign's offers: printable ASCII, at most 24 characters. */
const eventName = z.string().regex(/^[\x21-\x7e]{1,24}$/);

export const stripeMapping = z.strictObject({
  /** Of the payments that count, as Stripe writes it: `usd`. So much of it is as many whole tokens. */
  currency: z
    .string()
    .regex(/^[a-z]{3}$/, "must be three small letters such as usd")
    // Stripe's own documentation has it without decimals in one place, and with two in another.
    .refine(
      (currency) => currency !== "ugx",
      "ugx is not taken: how many decimals Stripe's amounts of it have is not certain",
    ),
  /** Whether a volume is what was paid without its taxes, or with them. */
  taxes: z.enum(["excluded", "included"]).default("excluded"),
  /** As which event of the campaign each of them counts; what is not named counts as nothing. */
  events: z
    .strictObject({
      /** A paid Checkout Session that has no invoice: something bought once. */
      checkout: eventName.optional(),
      /** The first paid invoice of a subscription. */
      subscription: eventName.optional(),
      /** The first invoice of a subscription of which nothing is to be paid: a trial, or a coupon for all of it. */
      trial: eventName.optional(),
      /** A paid invoice of a later period. */
      renewal: eventName.optional(),
      /** A paid invoice for a change of plan or quantity, prorated. */
      change: eventName.optional(),
      /** Any other paid invoice. */
      invoice: eventName.optional(),
    })
    .refine((events) => Object.values(events).some((name) => name !== undefined), "names no event"),
});

export type StripeMapping = z.infer<typeof stripeMapping>;
/** What a sale on Stripe is. */
export type SaleKind = keyof StripeMapping["events"];
