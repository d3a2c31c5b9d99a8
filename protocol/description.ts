/** What a campaign publishes of itself, by its content hash: the schema, and how its text is read. */
import { EventFragment, isAddress, keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";
import { DECIMAL } from "./amount.ts";
import {
  type AttributeTest,
  type AttributeType,
  attributeName,
  attributeType,
  MAX_ATTRIBUTES,
  offerCondition,
  sameText,
} from "./conditions.ts";
import { KINDS, MAX_KIND } from "./kinds.ts";
import { LEAD_FIELDS } from "./leads.ts";
import { saleCurrencies } from "./rates.ts";
import { shopMapping } from "./shopMapping.ts";
import { stripeMapping } from "./stripeMapping.ts";
import { bonusEvents, leaderboard, manualBonuses, target } from "./targets.ts";
import { webhookMapping } from "./webhookMapping.ts";

const decimal = z.string().regex(DECIMAL, "must be a decimal number such as 49.90");
const webAddress = z.url({ protocol: /^https?$/ });
const group = z.int().min(KINDS.length).max(MAX_KIND);
const kind = z.union([z.enum(KINDS), group]);

/** So many conversions, so much volume (a decimal number of whole tokens), or both, within so many days. */
const measure = {
  conversions: z.int().min(1).max(1_000_000_000).optional(),
  volume: decimal.optional(),
  days: z.int().min(1).max(366),
};
const measures = ({ conversions, volume }: { conversions?: number | undefined; volume?: string | undefined }) =>
  conversions !== undefined || volume !== undefined;
const measuresNothing = "names neither `conversions` nor `volume`; name one or both";

/** An event of a contract that is itself the report of a conversion. */
export const contractSource = z
  .strictObject({
    address: z.string().refine((value) => isAddress(value), "must be an address: 0x and 40 hexadecimal digits"),
    /** As Solidity writes it: `event Bought(address indexed buyer, uint256 price)`. */
    abi: z.string().max(500),
    /** The argument that is the customer's wallet. */
    customer: z.string().min(1).max(100),
    /** The argument that is the volume, in base units of the campaign's token. */
    volume: z.string().min(1).max(100).optional(),
    /** The argument that is the partner's wallet: who it names has joined and brought the customer, or nobody did. */
    partner: z.string().min(1).max(100).optional(),
    /**
     * What this campaign's codes begin with behind the transaction's data (ERC-8021); the rest is a partner's code, or the code or alias of a
     * link. An event that names a partner goes before it.
     */
    suffix: z
      .string()
      .regex(/^[a-z0-9_]{1,16}$/, "must be 1 to 16 small letters, digits and _")
      .optional(),
  })
  .superRefine(({ abi, customer, volume, partner }, context) => {
    const fragment = parseEvent(abi);
    if (fragment === undefined) {
      context.addIssue({ code: "custom", path: ["abi"], message: "is not an event as Solidity writes it" });
      return;
    }
    for (const [field, name, type] of [
      ["customer", customer, "address"],
      ["volume", volume, "uint256"],
      ["partner", partner, "address"],
    ] as const) {
      if (name === undefined || fragment.inputs.some((input) => input.name === name && input.type === type)) continue;
      const message = `the event has no argument "${name}" of type ${type}`;
      context.addIssue({ code: "custom", path: [field], message });
    }
  });

function parseEvent(abi: string): EventFragment | undefined {
  try {
    return EventFragment.from(abi);
  } catch {
    return undefined;
  }
}

const event = z.strictObject({
  /** As in the campaign's offers: printable ASCII, at most 24 characters. */
  name: z.string().regex(/^[\x21-\x7e]{1,24}$/),
  title: z.string().max(200),
  /** How often one customer counts; null: every time. */
  perCustomer: z.int().min(1).nullable(),
  /** A decimal number of whole tokens; conversions of less volume do not count. */
  minimumVolume: decimal.optional(),
  /** What counts for one partner at most, in the days before each conversion. */
  perPartner: z.array(z.strictObject(measure).refine(measures, measuresNothing)).max(8).default([]),
  contract: contractSource.optional(),
  /** What reports of it may say of what was sold, by name; conditions ask for it. */
  attributes: z
    .record(attributeName, attributeType)
    .refine((types) => Object.keys(types).length <= MAX_ATTRIBUTES, `names more than ${MAX_ATTRIBUTES}`)
    .optional(),
});

/**
 * The campaign's published description: everything that binds the parties and that the chain does not enforce. Its content
 * hash is on-chain (`DescriptionAnnounced`), so neither the brand nor a relayer can change it unseen. A description written
 * for an earlier relayer stays valid: what came later has a default.
 */
export const campaignDescription = z
  .strictObject({
    version: z.literal(1),
    name: z.string().min(1).max(120),
    summary: z.string().max(2_000),
    /** Where invite links lead. */
    destination: webAddress,
    /** Where else an invite link may lead, besides the origin of `destination`: `https://shop.example`. */
    allowedOrigins: z
      .array(webAddress.refine((value) => URL.canParse(value) && new URL(value).origin === value, "is not an origin"))
      .max(50)
      .default([]),
    attribution: z.strictObject({
      /** Which invite counts when a customer came by several: the first or the last. */
      touch: z.enum(["first", "last"]),
      /** An invite counts for a conversion within so many seconds of the click. */
      windowSeconds: z
        .int()
        .min(1)
        .max(366 * 86_400),
      /** Which counts where a code that the customer said and a click name different partners. */
      codeOrClick: z.enum(["code", "click"]).default("code"),
      /** How many referral tokens a partner's agents get a day without a click; left out: none. */
      agentTokensPerDay: z.int().min(1).max(1_000_000).optional(),
      /** Once bound or converted, a customer stays bound to its partner for so many seconds; null: for life. 0: not at all. */
      bindingSeconds: z.int().min(0).nullable(),
    }),
    events: z.array(event).min(1).max(64),
    /** What the brand wants to reach, and expects of each kind of partner. */
    objectives: z.array(z.string().max(500)).max(20).default([]),
    expectations: z.record(z.string().max(40), z.string().max(1_000)).default({}),
    /** What partners may use: texts, pictures, pages. Without `kinds` it is for all of them. */
    resources: z
      .array(
        z
          .strictObject({
            title: z.string().min(1).max(200),
            url: webAddress.optional(),
            text: z.string().max(4_000).optional(),
            kinds: z.array(kind).min(1).max(16).optional(),
          })
          .refine(
            ({ url, text }) => (url === undefined) !== (text === undefined),
            "names either `url` or `text`, and not both",
          ),
      )
      .max(50)
      .default([]),
    /** Who reaches this much in so many days is put into the group. */
    promotions: z
      .array(z.strictObject({ kind: group, ...measure }).refine(measures, measuresNothing))
      .max(16)
      .default([]),
    fraud: z
      .strictObject({
        /** More conversions than this by one partner within an hour are flagged for review; null: never. */
        velocityPerHour: z.int().min(1).nullable().default(null),
      })
      .default({ velocityPerHour: null }),
    /** How partners register prospects; without it they do not. */
    leads: z
      .strictObject({
        /** Nobody else can register the prospect for so many days, and the lead can become a sale within them. */
        protectedDays: z.int().min(1).max(366),
        /** The brand can reject a lead for so many days. */
        answerDays: z.int().min(1).max(366),
        /** What has to be said of a prospect. */
        asks: z
          .array(z.enum(LEAD_FIELDS))
          .max(LEAD_FIELDS.length)
          .refine((asks) => asks.includes("company") || asks.includes("email"), "has to ask for `company` or `email`")
          .default(["company"]),
        /** Which kinds of partners register leads; without it, all whom an offer pays. */
        kinds: z.array(kind).min(1).max(16).optional(),
        /** So many leads of one partner are open at a time. */
        openPerPartner: z.int().min(1).max(1_000).default(50),
      })
      .refine(({ answerDays, protectedDays }) => answerDays <= protectedDays, {
        path: ["answerDays"],
        error: "is more than `protectedDays`",
      })
      .optional(),
    /** Where sales are read that nobody reports, and what of it counts. */
    sources: z
      .strictObject({
        stripe: stripeMapping.optional(),
        shopify: shopMapping.optional(),
        woocommerce: shopMapping.optional(),
        webhook: webhookMapping.optional(),
      })
      .optional(),
    /** Which currencies sales may be in besides the token, and by which rates they are converted; without it, none. */
    currencies: saleCurrencies.optional(),
    /** When offers may pay. An offer that none of them names always may. */
    conditions: z.array(offerCondition).max(200).default([]),
    /** What partners reach in a period, and are paid for beside their commissions. */
    targets: z.array(target).max(16).default([]),
    /** Without it the brand pays no bonus by its own word. */
    bonuses: manualBonuses.optional(),
    /** Without it nobody sees what place it has. */
    leaderboard: leaderboard.optional(),
  })
  .superRefine(({ events, targets, bonuses, leaderboard: board }, context) => {
    const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    const known = new Set(events.map(({ name }) => name));
    const paid = bonusEvents({ targets, bonuses });
    for (const [i, { name, event, counts }] of targets.entries()) {
      if (targets.findIndex((one) => one.name === name) < i)
        wrong(["targets", i, "name"], `"${name}" is another target's; give it its own`);
      if (!known.has(event)) wrong(["targets", i, "event"], `"${event}" is none of \`events\`; describe it there`);
      for (const counted of counts) {
        if (!known.has(counted)) wrong(["targets", i, "counts"], `"${counted}" is none of \`events\``);
        if (paid.has(counted)) wrong(["targets", i, "counts"], `"${counted}" is a bonus, which counts for no other`);
      }
    }
    if (board !== undefined && !known.has(board.event))
      wrong(["leaderboard", "event"], `"${board.event}" is none of \`events\``);
    if (bonuses !== undefined && !known.has(bonuses.event))
      wrong(["bonuses", "event"], `"${bonuses.event}" is none of \`events\`; describe it there`);
    for (const [i, { name, perCustomer }] of events.entries())
      if (paid.has(name) && perCustomer !== null)
        wrong(["events", i, "perCustomer"], `is ${perCustomer}; a bonus has no customer, so it has to be null`);
  })
  .superRefine(({ events, conditions, sources }, context) => {
    for (const [i, rule] of (sources?.webhook?.rules ?? []).entries()) {
      if (!("event" in rule) || events.some(({ name }) => name === rule.event)) continue;
      const message = `is the event "${rule.event}", which the description does not have`;
      context.addIssue({ code: "custom", path: ["sources", "webhook", "rules", i, "event"], message });
    }
    for (const [i, { attributes = {}, customer }] of conditions.entries()) {
      const wrong = (path: string[], message: string) =>
        context.addIssue({ code: "custom", path: ["conditions", i, ...path], message });
      if (customer?.event !== undefined && !events.some(({ name }) => name === customer.event))
        wrong(["customer", "event"], `names the event "${customer.event}", which the description does not have`);
      for (const [name, test] of Object.entries(attributes)) {
        const types = events.flatMap((one) => new Map(Object.entries(one.attributes ?? {})).get(name) ?? []);
        const problems = types.map((type) => misfit(type, test));
        if (types.length === 0) wrong(["attributes", name], "is an attribute of no event; describe it there");
        else if (!problems.includes(undefined)) wrong(["attributes", name], problems[0] ?? "");
      }
    }
  });

/** Why a test can never be passed by an attribute of this type. */
function misfit(type: AttributeType, test: AttributeTest): string | undefined {
  if ("is" in test) return type.type === "boolean" ? undefined : `is ${type.type}; \`is\` asks for a boolean`;
  if ("min" in test || "max" in test)
    return type.type === "integer" ? undefined : `is ${type.type}; \`min\` and \`max\` ask for an integer`;
  if (type.type !== "text") return `is ${type.type}; \`oneOf\` and \`noneOf\` ask for a text`;
  const named = "oneOf" in test ? test.oneOf : "noneOf" in test ? test.noneOf : [];
  const known = type.oneOf?.map(sameText);
  const unknown = known && named.find((value) => !known.includes(sameText(value)));
  return unknown === undefined ? undefined : `is never "${unknown}"; it is one of ${type.oneOf?.join(", ")}`;
}

export type CampaignDescription = z.infer<typeof campaignDescription>;
export type EventDescription = CampaignDescription["events"][number];

/** The JSON Schema of a description as brands write it: GET /v1/schemas/description, and protocol/description.schema.json. */
export function descriptionJsonSchema(): Record<string, unknown> {
  return { title: "Campaign description", ...z.toJSONSchema(campaignDescription, { io: "input" }) };
}

/** The content hash of a description: keccak256 of its bytes as published (not of a re-serialisation). */
export function descriptionHash(text: string): string {
  return keccak256(toUtf8Bytes(text));
}

/** What a description's text says; or what is wrong with it, in words. */
export type DescriptionReading =
  | { readonly description: CampaignDescription; readonly problem?: undefined }
  | { readonly description?: undefined; readonly problem: string };

const MAX_CACHED = 256;
const readings = new Map<string, DescriptionReading>();

/** Reads a description's text. The same text is parsed once: its content is its name, so what was read of it never changes. */
export function readDescription(text: string): DescriptionReading {
  const cached = readings.get(text);
  if (cached !== undefined) return cached;
  const reading = parse(text);
  if (readings.size >= MAX_CACHED) readings.delete(readings.keys().next().value as string);
  readings.set(text, reading);
  return reading;
}

function parse(text: string): DescriptionReading {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `It is not JSON: ${(error as Error).message}` };
  }
  const { data, error } = campaignDescription.safeParse(json);
  return error === undefined ? { description: data } : { problem: z.prettifyError(error) };
}
