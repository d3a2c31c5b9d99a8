/** What of the webhooks of any sender counts in a campaign: by which signature it is believed, and where in its JSON what stands. */
import { z } from "zod";
import { attributeName, MAX_ATTRIBUTES } from "./conditions.ts";
import { currencyDecimals } from "./currency.ts";
import { stepsOf } from "./jsonPath.ts";

/** As in a campaign's offers: printable ASCII, at most 24 characters. */
const eventName = z.string().regex(/^[\x21-\x7e]{1,24}$/);

const path = z
  .string()
  .max(200)
  .refine((value) => stepsOf(value) !== undefined, "must be a path to one value, such as $.data.order['unit price']");

const scalar = z.union([z.string().max(200), z.number(), z.boolean()]);

/** What has to stand where, for a rule to be the one: a value, or one of several. */
const when = z
  .record(path, z.union([scalar, z.array(scalar).min(1).max(20)]))
  .refine((tests) => Object.keys(tests).length <= 8, "asks for more than 8 values")
  .default({});

/** How many of an amount's digits are behind the point, where it is a whole number: 2 for cents; or as many as the currency has. */
const decimals = z.union([z.int().min(0).max(6), z.literal("currency")]).default(0);

/** Where the code of a currency stands; or the code itself, where all is sold in one. */
const currency = z
  .string()
  .max(200)
  .refine(
    (value) => stepsOf(value) !== undefined || currencyDecimals(value) !== undefined,
    "must be a path to one value, such as $.data.currency, or the code of a currency by ISO 4217, in capitals: EUR",
  );

const NO_CURRENCY = { path: ["decimals"], message: "are of a `currency`, and the rule names none" };
const namesCurrency = (rule: { decimals: number | "currency"; currency?: string | undefined }) =>
  rule.decimals !== "currency" || rule.currency !== undefined;

const sale = z
  .strictObject({
    /** The event that it counts as. */
    event: eventName,
    when,
    orderId: path,
    /** So much of it is as many whole tokens, or of `currency`. */
    volume: path,
    decimals,
    /** What the sale was in; it is converted by the description's `currencies`. Left out: in tokens. */
    currency: currency.optional(),
    /** ISO 8601, or seconds or milliseconds since 1970; without it, when it is received. */
    at: path.optional(),
    customerId: path.optional(),
    customerEmail: path.optional(),
    /** The referral token, or an address that has it. */
    referralToken: path.optional(),
    code: path.optional(),
    attributes: z
      .record(attributeName, path)
      .refine((paths) => Object.keys(paths).length <= MAX_ATTRIBUTES, `names more than ${MAX_ATTRIBUTES}`)
      .optional(),
  })
  .refine(namesCurrency, NO_CURRENCY);

const refund = z
  .strictObject({
    /** The order of which something was given back. */
    refundOf: path,
    when,
    /** Tells refunds of one order apart. Without it each amount is all that was given back so far. */
    refundId: path.optional(),
    /** How much was given back; without it all of the order. */
    volume: path.optional(),
    decimals,
    /** What it was given back in: the sale's. Left out: it is not said. */
    currency: currency.optional(),
  })
  .refine(namesCurrency, NO_CURRENCY);

export const webhookMapping = z.strictObject({
  /**
   * What a body is believed for. `standard-webhooks`: as standardwebhooks.com has it. Otherwise the HMAC of the body in a header:
   * Segment's is `{ "header": "x-signature", "algorithm": "sha1", "encoding": "hex" }`.
   */
  signature: z.union([
    z.literal("standard-webhooks"),
    z.strictObject({
      header: z.string().regex(/^[a-z0-9-]{1,64}$/, "must be a header's name in small letters"),
      algorithm: z.enum(["sha1", "sha256", "sha512"]),
      encoding: z.enum(["hex", "base64"]),
      /** What stands before it: `sha256=`. */
      prefix: z.string().max(20).default(""),
    }),
  ]),
  /** The first that a body passes counts; a body that passes none counts as nothing. */
  rules: z
    .array(z.union([sale, refund]))
    .min(1)
    .max(32),
});

export type WebhookMapping = z.infer<typeof webhookMapping>;
export type WebhookRule = WebhookMapping["rules"][number];
