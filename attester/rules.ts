/** The attester's own rules: which campaigns, offers and amounts it signs for, and by which source. See docs/attester.md. */

import { readFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { address } from "@partner-programs/protocol/address";
import { isBytes32 } from "@partner-programs/protocol/bytes32";
import { offerCondition } from "@partner-programs/protocol/conditions";
import { contractSource } from "@partner-programs/protocol/description";
import { FOR_ONE_PARTNER, KINDS, MAX_KIND } from "@partner-programs/protocol/kinds";
import { saleCurrencies } from "@partner-programs/protocol/rates";
import { shopMapping } from "@partner-programs/protocol/shopMapping";
import { canonicalCode } from "@partner-programs/protocol/spokenCode";
import { stripeMapping } from "@partner-programs/protocol/stripeMapping";
import { manualBonuses, target } from "@partner-programs/protocol/targets";
import { z } from "zod";
import { FinalError } from "#service/errors.ts";

const amount = z
  .string()
  .regex(/^\d{1,78}$/, "must be a number of base units, as text")
  .transform(BigInt);
const seconds = z.int().min(0);

/** The prefix keeps a rules file from sending the signing key away. */
const sourceVariable = z.string().regex(/^SOURCE_[A-Z0-9_]+$/, "must begin with SOURCE_");

/** What the rules for both shops have in common. */
const shop = {
  /** What counts: as the campaign's description says it. */
  ...shopMapping.shape,
  concurrency: z.int().min(1).max(16).default(2),
  /** Discount codes of which it is known whose they are. Others are the shop's own. */
  codes: z
    .record(
      z
        .string()
        .refine((code) => canonicalCode(code) !== undefined, "is no code")
        .overwrite((code) => canonicalCode(code) ?? code),
      address,
    )
    .default({}),
  /** Which says who brought an order where both do: as in the description. */
  codeOrClick: z.enum(["code", "click"]).default("code"),
  /** trust: whom the relayer says. source: whom the order's code or token, or the customer's orders before, belong to. */
  partners: z.enum(["trust", "source"]).default("source"),
};

const source = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("orders"),
    /** With `{orderId}` in it (and `{event}`) it is asked for one order at a time, otherwise with `?ids=…` for many. */
    url: z.url({ protocol: /^https?$/ }),
    /** The environment's variable with the bearer token. */
    tokenVariable: sourceVariable.optional(),
    timeoutMilliseconds: z.int().min(100).max(60_000).default(5_000),
    concurrency: z.int().min(1).max(64).default(8),
  }),
  z.strictObject({
    kind: z.literal("chain"),
    /** The campaign's event, and the contract whose event it is: as the campaign's description says it. */
    event: z.string().regex(/^[\x21-\x7e]{1,24}$/),
    contract: contractSource,
    /** Of the campaign's token. */
    decimals: z.int().min(0).max(255),
    concurrency: z.int().min(1).max(16).default(4),
    /** Codes of which it is known whose they are; others are learned from what is signed. */
    codes: z.record(z.string().toLowerCase(), address).default({}),
    /** trust: whom the relayer says. source: whom the event names, or the code behind the transaction, or the customer's orders before. */
    partners: z.enum(["trust", "source"]).default("source"),
  }),
  z.strictObject({ kind: z.literal("csv"), file: z.string().min(1) }),
  z.strictObject({
    kind: z.literal("stripe"),
    /** What counts: as the campaign's description says it. */
    ...stripeMapping.shape,
    /** The environment's variable with a restricted key of the attester's own. */
    keyVariable: sourceVariable,
    /** Where Stripe's API is, other than at Stripe. */
    url: z.url({ protocol: /^https?$/ }).optional(),
    concurrency: z.int().min(1).max(64).default(8),
    /** Codes of which it is known whose they are; others are learned from what is signed. */
    codes: z.record(z.string().toLowerCase(), address).default({}),
    /** trust: whom the relayer says. source: whom the code in Stripe, or the customer's orders before, belong to. */
    partners: z.enum(["trust", "source"]).default("source"),
  }),
  z.strictObject({
    kind: z.literal("shopify"),
    ...shop,
    shop: z.string().regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, "must be the shop's own domain: name.myshopify.com"),
    /** The environment's variable with an access token that may read orders; or with an app's `<client id>:<secret>`. */
    keyVariable: sourceVariable,
    /** Whether test orders count, and real ones do not. */
    testMode: z.boolean().default(false),
    /** Where the API is, other than at the shop. */
    url: z.url({ protocol: /^https?$/ }).optional(),
  }),
  z.strictObject({
    kind: z.literal("woocommerce"),
    ...shop,
    /** Where WordPress is. Over HTTP its key would be read on the way, so that is for this machine alone. */
    shop: z
      .url({ protocol: /^https?$/ })
      .refine(
        (url) => url.startsWith("https:") || ["127.0.0.1", "localhost"].includes(new URL(url).hostname),
        "must begin with https://",
      ),
    /** The environment's variable with a key that may read, and its secret: `ck_…:cs_…`. */
    keyVariable: sourceVariable,
  }),
]);

const campaignRules = z
  .strictObject({
    /** false: signs nothing of this campaign. */
    sign: z.boolean().default(true),
    source: source.default({ kind: "none" }),
    /** Whether an order that the source does not have is refused. */
    orderRequired: z.boolean().default(true),
    /** By how many basis points an attested volume may be above the source's. */
    volumeToleranceBps: z.int().min(0).max(10_000).default(0),
    /** Commissions without the operator's fee, in base units of the campaign's token. */
    maxCommission: z
      .strictObject({ conversion: amount.optional(), batch: amount.optional(), day: amount.optional() })
      .default({}),
    offers: z.array(z.int().min(1).max(65_535)).optional(),
    events: z.array(z.string().min(1).max(24)).optional(),
    kinds: z
      .array(
        z.union([
          z.enum(KINDS).transform((name) => KINDS.indexOf(name) as number),
          /** Offers that are for one partner, whatever its kinds. */
          z.literal("one partner").transform(() => FOR_ONE_PARTNER),
          z.int().min(0).max(MAX_KIND),
        ]),
      )
      .optional(),
    partnersDenied: z.array(address).default([]),
    /** Of the order: too young, and it may still be cancelled; too old, and somebody reports the past anew. */
    age: z.strictObject({ minSeconds: seconds.optional(), maxSeconds: seconds.optional() }).optional(),
    /**
     * Which currencies sales may be in, and by which rates, as the campaign's description has it: read on the attester's own node, or at an
     * address of its own choice. Without it no sale in its own currency is signed, unless there is no source.
     */
    currencies: saleCurrencies.optional(),
    /** When offers may pay, as the campaign's description has it. */
    conditions: z.array(offerCondition).max(200).default([]),
    /**
     * What conditions are judged by. source: of what was sold, and of the customer, only what the source says. trust: what the relayer
     * says, wherever the source does not.
     */
    facts: z.enum(["trust", "source"]).default("source"),
    /** What partners are paid for what they reach, as the campaign's description has it; what went from there, until it is paid. */
    targets: z.array(target).max(64).default([]),
    /** What the brand may give by its own word, as the description has it; without it nothing is signed of that. */
    bonuses: manualBonuses.optional(),
    /** trust: what the relayer asks to lower. source: only what orders amount to that the source has as refunded, or not any more. */
    reversals: z.enum(["trust", "source"]).default("trust"),
  })
  .refine(({ source, reversals }) => reversals === "trust" || source.kind !== "none", {
    path: ["reversals"],
    message: '"source" needs a source',
  })
  .refine(({ source, conditions, facts }) => conditions.length === 0 || facts === "trust" || source.kind !== "none", {
    path: ["facts"],
    message: 'conditions are judged by a source; name one, or "trust" what the relayer says',
  })
  .superRefine(({ source, conditions, facts }, context) => {
    if (source.kind !== "csv" || facts === "trust") return;
    for (const [i, { customer }] of conditions.entries())
      if (customer?.event !== undefined)
        context.addIssue({
          code: "custom",
          path: ["conditions", i, "customer", "event"],
          message: `a file says what a customer had bought of the row's own event, and nothing of "${customer.event}"; leave it out where that is the row's own, ask a URL, or have "facts" be "trust"`,
        });
  });

const rulesFile = z.strictObject({
  version: z.literal(1),
  /** By campaign id; "*": every campaign that has no rules of its own. */
  campaigns: z.record(
    z.string().refine((id) => id === "*" || isBytes32(id), 'must be a campaign\'s id or "*"'),
    campaignRules,
  ),
});

export type CampaignRules = z.infer<typeof campaignRules>;
export type SourceRules = CampaignRules["source"];
export type Rules = z.infer<typeof rulesFile>;

/** What an attester without a file of rules goes by: it derives and asks the chain, and has no opinion on orders. */
export const NO_RULES: Rules = rulesFile.parse({ version: 1, campaigns: { "*": {} } });

/** Parses rules; relative paths in them are from `folder`. @throws Error that says what is wrong in which place */
export function parseRules(text: string, folder: string, env: NodeJS.ProcessEnv): Rules {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`It is not JSON: ${(error as Error).message}`);
  }
  const parsed = rulesFile.safeParse(json);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const campaigns = Object.entries(parsed.data.campaigns).map(([id, rules]) => {
    const { source } = rules;
    if (source.kind === "orders" && source.tokenVariable !== undefined && !env[source.tokenVariable])
      throw new Error(`The source of ${id} has its token in ${source.tokenVariable}, which is not set.`);
    if ("keyVariable" in source && !env[source.keyVariable])
      throw new Error(`The source of ${id} has its key in ${source.keyVariable}, which is not set.`);
    return [
      id,
      source.kind === "csv" ? { ...rules, source: { ...source, file: resolve(folder, source.file) } } : rules,
    ];
  });
  return { ...parsed.data, campaigns: Object.fromEntries(campaigns) };
}

/** Reads a file of rules once, as the start does. @throws Error that says why it cannot be used */
export const readRules = (file: string, env: NodeJS.ProcessEnv): Rules =>
  parseRules(readFileSync(file, "utf8"), dirname(resolve(file)), env);

/** The rules for one campaign: its own, else those of every campaign; undefined if the attester does not sign for it. */
export function rulesOf(rules: Rules, campaignId: string): CampaignRules | undefined {
  const own = Object.hasOwn(rules.campaigns, campaignId) ? rules.campaigns[campaignId] : rules.campaigns["*"];
  return own?.sign ? own : undefined;
}

/** The file of rules cannot be used; nothing is signed until it can. */
export class UnusableRules extends FinalError {
  override readonly name = "UnusableRules";
}

/**
 * The rules of a file, read again whenever it was changed. @throws UnusableRules while the file is missing or wrong: an operator
 * who made the rules stricter must not be signed for by the old ones because of a comma.
 */
export function openRules(file: string | undefined, env: NodeJS.ProcessEnv): () => Promise<Rules> {
  let known: { stamp: string; rules: Rules } | undefined;
  return async () => {
    if (file === undefined) return NO_RULES;
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (known?.stamp !== stamp) {
        known = undefined;
        known = { stamp, rules: parseRules(await readFile(file, "utf8"), dirname(resolve(file)), env) };
      }
      return known.rules;
    } catch (error) {
      throw new UnusableRules(`The rules in ${file} cannot be used. ${(error as Error).message}`);
    }
  };
}
