/** Reports and conversions as the API takes and shows them. */
import { z } from "@hono/zod-openapi";
import { DECIMAL, fromBaseUnits } from "@partner-programs/protocol/amount";
import {
  attributeName,
  judgedHistory,
  MAX_ATTRIBUTE_CHARACTERS,
  MAX_ATTRIBUTES,
  saidAttributes,
} from "@partner-programs/protocol/conditions";
import { currencyCode, currencyDecimals } from "@partner-programs/protocol/currency";
import { rate } from "@partner-programs/protocol/rates";
import { REASONS, type Reason } from "@partner-programs/protocol/reasons";
import { type Viewer, viewConversion } from "../conversionView.ts";
import { readInvite } from "../domain/inviteCode.ts";
import {
  canonicalAddress,
  canonicalDecimal,
  canonicalDomain,
  canonicalEmail,
  canonicalText,
} from "../domain/spelling.ts";
import { typedName } from "../domain/spokenCode.ts";
import type { Report } from "../intake/report.ts";
import type { ConversionRow } from "../store/conversionRow.ts";
import type { Place } from "../store/profiles.ts";
import { address, amount, bytes32, moment, pageQuery, rowId } from "./schemas.ts";

/** A text that a database can hold and a person can read; blanks around it are cut, and its letters composed (NFC). */
export const text = (most: number) =>
  z
    .string()
    .transform(canonicalText)
    .pipe(z.string().min(1).max(most))
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), "has control characters; send plain text");

/** An invite code or alias, as people type it. */
export const inviteName = z
  .string()
  .max(32)
  .transform((name, context) => {
    const read = readInvite(name);
    if (read === undefined) context.addIssue({ code: "custom", message: "is no invite code: the last part of a link" });
    return read ?? "";
  })
  .openapi({ type: "string" });

/** A code that somebody said or typed, in its one spelling. A sale is not refused for one that is none. */
export const typedCode = z
  .string()
  .max(200)
  .transform((typed) => typedName(canonicalText(typed)))
  .openapi({ type: "string" });

/** What a route that answers with a page of conversions takes in its query: their ids are public, so the cursor is one. */
export const conversionPageQuery = pageQuery.extend({
  cursor: rowId.optional().openapi({ description: "`next` of the page before." }),
});

export const idempotencyKey = z.object({ "idempotency-key": z.string().min(1).max(200).optional() });
export const conversionParameter = z.object({ id: z.string().regex(/^\d{1,18}$/) });

export const decimal = z
  .string()
  .transform(canonicalDecimal)
  .pipe(z.string().regex(DECIMAL, "must be a decimal number such as 49.90"));

/** An optional field, without blanks around it: null or an empty text is not said. */
export const notSaid = <T extends z.ZodType>(schema: T) =>
  z
    .preprocess((given) => {
      const value = typeof given === "string" ? given.trim() : given;
      return value === null || value === "" ? undefined : value;
    }, schema.optional())
    .optional();

/** What is only compared or noted, in its one spelling. What cannot be read is not said: a sale is not refused for it. */
const lenient = (read: (text: string) => string | undefined, type: Record<string, unknown>) =>
  z
    .unknown()
    .transform((value) => (typeof value === "string" ? read(value) : undefined))
    .optional()
    .openapi(type);

const readMoment = (value: string) => moment.safeParse(value).data;

/** An e-mail address in its one spelling. What is none is not repeated: it is somebody's, and answers are logged on their way. */
export const email = z
  .string()
  .max(320)
  .transform((given, context) => {
    const read = canonicalEmail(given);
    if (read === undefined) context.addIssue({ code: "custom", message: "must be an e-mail address: ada@example.com" });
    return read ?? "";
  })
  .openapi({ type: "string" });

/** A customer has one name: under two it would be two. */
export const NOT_BOTH =
  "send `customerId` or `customerEmail`, not both; POST /v1/customer-merges makes two customers one";
export const hasOneName = (of: { readonly customerId?: unknown; readonly customerEmail?: unknown }) =>
  of.customerId === undefined || of.customerEmail === undefined;

/** A customer that is asked about, by either name. */
export const whichCustomer = {
  customerId: notSaid(text(200)).openapi({ description: "The brand's own id of the customer; or `customerEmail`." }),
  customerEmail: notSaid(email).openapi({ description: "The customer's e-mail address, where that is its name." }),
};
export const ONE_OF_BOTH = "send either `customerId` or `customerEmail`";
export const isNamed = (of: { readonly customerId?: unknown; readonly customerEmail?: unknown }) =>
  (of.customerId === undefined) !== (of.customerEmail === undefined);

/** Who the customer is, and who brought it. */
export const person = {
  referralToken: notSaid(z.string().trim().max(200)).openapi({
    description: "The `_ushrt` that the customer arrived with.",
  }),
  customerId: notSaid(text(200)).openapi({
    description: "The brand's own id of the customer; kept only as a keyed hash.",
  }),
  customerEmail: notSaid(email).openapi({
    type: ["string", "null"],
    description:
      "Instead of `customerId`, where customers are known by their e-mail addresses: in one spelling, and then the same customer as one with that `customerId`. Kept only as a keyed hash.",
  }),
  customerWallet: notSaid(address).openapi({
    type: ["string", "null"],
    description: "Where the customer gets a reward of its own, if an offer of kind `customer` pays one.",
  }),
  customerEmailDomain: lenient(canonicalDomain, {
    type: ["string", "null"],
    description: "Compared with providers of throw-away addresses; not kept. What is no domain is left out.",
  }),
  customerIp: lenient(canonicalAddress, {
    type: ["string", "null"],
    description:
      "Compared, as a keyed hash, with the partner's own network; not kept. A port is cut, and what is no address left out.",
  }),
};

/** Values as texts, in the order of their names; what is null or empty is not said. */
const attributes = z
  .record(
    z.string(),
    z.union(
      [text(MAX_ATTRIBUTE_CHARACTERS), z.literal(""), z.number(), z.boolean(), z.null()],
      `must be a text of at most ${MAX_ATTRIBUTE_CHARACTERS} characters, a whole number, true or false`,
    ),
  )
  .superRefine((given, context) => {
    const names = Object.keys(given);
    if (names.length > MAX_ATTRIBUTES)
      context.addIssue({ code: "custom", message: `has ${names.length} names; send at most ${MAX_ATTRIBUTES}` });
    for (const name of names.filter((one) => !attributeName.safeParse(one).success))
      context.addIssue({ code: "custom", path: [name], message: "is no name of an attribute, such as plan" });
  })
  .transform((given) => {
    const said = Object.entries(given).filter(([, value]) => value !== null && value !== "");
    return said.length === 0
      ? undefined
      : Object.fromEntries(said.map(([name, value]) => [name, String(value)] as const).sort());
  });

const minorUnits = z
  .union([z.int().min(0).transform(String), z.string()])
  .pipe(z.string().regex(/^\d{1,30}$/, "must be a whole number of the currency's smallest unit, such as 4990"));

/** In any capitals. */
const reportedCurrency = z
  .string()
  .transform((code) => code.trim().toUpperCase())
  .pipe(currencyCode);

export const report = z
  .strictObject({
    event: text(24),
    orderId: text(200).openapi({
      description: "The brand's own id of the order. With the event it is the conversion's key, for ever.",
    }),
    volume: notSaid(decimal)
      .transform((volume) => volume ?? "0")
      .openapi({
        type: ["string", "null"],
        default: "0",
        description: "Whole tokens; or, of a sale in its own currency, whole units of that: 49.90.",
      }),
    volumeMinor: notSaid(minorUnits).openapi({
      type: ["string", "integer", "null"],
      description:
        "Instead of `volume`, with a `currency`: its smallest units, as ISO 4217 has them. 4990 of EUR are 49.90, of JPY 4990, of KWD 4.990.",
    }),
    currency: notSaid(reportedCurrency).openapi({
      type: ["string", "null"],
      description:
        "Of a sale in its own currency its code by ISO 4217. It is converted by the rate that the campaign's description names; left out: the volume is in whole tokens.",
    }),
    ...person,
    code: notSaid(typedCode).openapi({
      type: ["string", "null"],
      description:
        "A code that the customer said: a partner's code, or the code or alias of a link. Without capitals, blanks and hyphens, O as 0, I and L as 1.",
    }),
    attributes: notSaid(attributes).openapi({
      type: ["object", "null"],
      additionalProperties: { type: ["string", "number", "boolean", "null"] },
      description:
        "What was sold, by the names that the campaign's description has for the event: texts, whole numbers, true or false. Conditions on offers ask for it.",
    }),
    occurredAt: lenient(readMoment, {
      type: ["string", "null"],
      format: "date-time",
      description:
        "When the order was made. A sale in its own currency that is reported late has the rate of then; otherwise it is noted alone. What is no moment with its offset is left out.",
    }),
  })
  .refine(hasOneName, NOT_BOTH)
  .refine(({ volumeMinor, currency }) => volumeMinor === undefined || currency !== undefined, {
    path: ["volumeMinor"],
    message: "is of a `currency`, and none is named; send one, or `volume` in whole tokens",
  })
  .refine(({ volume, volumeMinor }) => volumeMinor === undefined || volume === "0", {
    path: ["volumeMinor"],
    message: "is sent beside `volume`; send one of them",
  })
  .openapi("ConversionReport");

function volumeOf({ volume, volumeMinor, currency }: z.output<typeof report>): string {
  if (volumeMinor === undefined || currency === undefined) return volume;
  return fromBaseUnits(BigInt(volumeMinor), currencyDecimals(currency) ?? 0);
}

/** The report, its parts in one order whatever order they came in: its hash tells it from another. */
export function toReport(given: z.output<typeof report>): Report {
  return {
    event: given.event,
    orderId: given.orderId,
    volume: volumeOf(given),
    currency: given.currency,
    referralToken: given.referralToken,
    code: given.code,
    customerId: given.customerId,
    customerEmail: given.customerEmail,
    customerWallet: given.customerWallet,
    customerEmailDomain: given.customerEmailDomain,
    customerIp: given.customerIp,
    attributes: given.attributes,
    occurredAt: given.occurredAt,
  };
}

export const states = z.enum(["accepted", "review", "batched", "attested", "released", "rejected", "reversed"]);

export const reasons = z.enum(Object.keys(REASONS) as [Reason, ...Reason[]]);

/** A sale in its own currency as the API shows it. */
export const sale = z.object({
  currency: z.string(),
  volume: z.string().openapi({ description: "A decimal number of the currency." }),
  refunded: z.string().openapi({ description: "Of that, what the customer was given back." }),
  rate: rate.nullable().openapi({
    description:
      "What one of the currency is in whole tokens, as a fraction, and where that stands: rounds of feeds on the campaign's chain, or a day's signed file (GET /v1/rate-files/{digest}). null: there is none yet.",
  }),
  nonce: bytes32.nullable().openapi({
    description:
      "With it the receipt's salt is the hash of this sale and its rate: neither can be told otherwise later.",
  }),
});

export const conversion = z
  .object({
    id: z.string(),
    campaignId: bytes32,
    event: z.string(),
    orderId: z.string(),
    state: states,
    reason: z.string().nullable(),
    reasonText: z.string().nullable(),
    note: z.string().optional().openapi({
      description:
        "What the attesters said against it, or which conditions of which offers did not hold. Only the brand sees it.",
    }),
    partner: address.nullable().openapi({ type: ["string", "null"] }),
    partnerName: z.string().optional().openapi({
      description:
        "What the brand calls the partner, or else what it says of itself, where either is known. Only the brand sees it.",
    }),
    volumeBaseUnits: amount.openapi({ description: "The reported `volume`, in base units of the campaign's token." }),
    refunded: amount.openapi({ description: "Of the volume, what the customer was given back." }),
    sale: sale.nullable().openapi({
      description: "Of a sale in its own currency that, and the rate that it was converted by; null: it is in tokens.",
    }),
    commission: amount.openapi({ description: "The partner's; 0 of what is rejected or reversed." }),
    totalCommission: amount.openapi({ description: "With what its recruiter and the customer get." }),
    attributes: saidAttributes.meta({
      description: "What was reported of what was sold, as the campaign's description has it.",
    }),
    history: judgedHistory.nullable().meta({
      description:
        "By what else the conditions on the campaign's offers were judged: by event what its customer counted for before, and when its partner joined (Unix seconds); null: they have none, or it was rejected.",
    }),
    receivedAt: z.string(),
    link: z
      .string()
      .nullable()
      .openapi({ description: "The code of the link that brought it; null: it came without one." }),
    code: z.string().nullable().openapi({ description: "The partner's code that the customer said; null: none." }),
    occurredAt: z.string().nullable().optional().openapi({
      description: "When it happened, as it was reported. Only the brand sees it.",
    }),
    customer: z.string().nullable().optional().openapi({
      description:
        "The customer as the relayer knows it: a keyed hash, the same in all conversions of one customer of the campaign. Only the brand sees it; by its own id it asks with `customerId`.",
    }),
    number: z.string().nullable(),
    batch: bytes32.nullable(),
    releaseAt: z.int().nullable(),
    receipt: z
      .object({
        conversionKey: bytes32,
        salt: bytes32,
        receivedAt: z.int(),
        attestBy: z.int(),
        entries: z.array(bytes32),
        signature: z.string(),
      })
      .nullable()
      .openapi({ description: "The relayer's signed promise (EIP-712 `Receipt`)." }),
    flags: z
      .array(z.object({ flag: z.string(), text: z.string() }))
      .optional()
      .openapi({ description: "What the brand should look at. Only the brand sees it." }),
    refunds: z.array(
      z.object({
        id: z.string(),
        volumeBaseUnits: amount,
        saleVolume: z.string().nullable().openapi({ description: "The same in the sale's own currency." }),
        whole: z.boolean(),
        reason: z.string(),
        state: z.enum(["requested", "sent", "done", "late"]),
        at: z.string(),
        problem: z.string().nullable().openapi({
          description:
            "Why it was not carried to the chain yet: what the attesters or the contract say. `late`: the hold was over before.",
        }),
      }),
    ),
    moves: z.array(
      z.object({
        state: z.string(),
        reason: z.string().nullable(),
        transaction: z.string().nullable(),
        at: z.string(),
      }),
    ),
  })
  .openapi("Conversion");

export const conversionPage = z.object({ items: z.array(conversion), next: z.string().nullable() });

/** Makes a page of `rows`, which were asked for with one more than `limit` to see whether there are more. */
export function toConversionPage(
  rows: readonly ConversionRow[],
  limit: number,
  viewerOf: (row: ConversionRow) => Viewer,
  nameOf: (place: Place) => string | null,
): z.output<typeof conversionPage> {
  const shown = rows.slice(0, limit);
  return {
    items: shown.map((row) => toNamedConversion(row, viewerOf(row), nameOf)),
    next: rows.length > limit ? String(shown.at(-1)?.id) : null,
  };
}

const placeOf = ({ campaign_id, partner }: ConversionRow): Place | undefined =>
  partner === null ? undefined : { campaignId: campaign_id, partner };

/** The partners of conversions, each in its campaign. */
export const placesOf = (rows: readonly ConversionRow[]): Place[] =>
  rows.map(placeOf).filter((place) => place !== undefined);

/** The same, with the name of its partner where the brand looks. */
export function toNamedConversion(
  row: ConversionRow,
  viewer: Viewer,
  nameOf: (place: Place) => string | null,
): z.output<typeof conversion> {
  const place = placeOf(row);
  const name = viewer === "brand" && place !== undefined ? nameOf(place) : null;
  return { ...toConversion(row, viewer), ...(name === null ? {} : { partnerName: name }) };
}

/** A conversion as its brand or its partner sees it. */
export function toConversion(row: ConversionRow, viewer: Viewer): z.output<typeof conversion> {
  const view: z.input<typeof conversion> = viewConversion(row, viewer);
  return view as z.output<typeof conversion>;
}
