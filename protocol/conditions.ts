/** Conditions on offers: what a report says, who buys and who brought it decide which of a campaign's offers may pay. */
import { z } from "zod";

/** What a report can say of what was sold has a name: `plan`. */
export const attributeName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_]{0,31}$/, "must begin with a small letter and have at most 32 letters, digits and _");
export const MAX_ATTRIBUTES = 16;
export const MAX_ATTRIBUTE_CHARACTERS = 100;

const text = z.string().trim().min(1).max(MAX_ATTRIBUTE_CHARACTERS);
const texts = z.array(text).min(1).max(500);
const wholeNumber = z.int().min(0);

/** What an attribute is. */
export const attributeType = z.discriminatedUnion("type", [
  /** With `oneOf`: one of these, in any capitals. */
  z.strictObject({ type: z.literal("text"), oneOf: texts.optional() }),
  /** A whole number, not below zero. */
  z.strictObject({ type: z.literal("integer") }),
  z.strictObject({ type: z.literal("boolean") }),
]);

const between = { message: "names neither end; name one or both" };

/** What one attribute has to be. Texts are compared in any capitals. */
const attributeTest = z.union([
  z.strictObject({ oneOf: texts }),
  z.strictObject({ noneOf: texts }),
  z
    .strictObject({ min: wholeNumber.optional(), max: wholeNumber.optional() })
    .refine(({ min, max }) => min !== undefined || max !== undefined, between),
  z.strictObject({ is: z.boolean() }),
]);

/** What has to hold so that these offers may pay; all of what a condition names, and all conditions that name the offer. */
export const offerCondition = z
  .strictObject({
    /** By their ids. */
    offers: z.array(z.int().min(1).max(65_535)).min(1).max(100),
    attributes: z
      .record(attributeName, attributeTest)
      .refine((tests) => Object.keys(tests).length > 0, "names no attribute")
      .optional(),
    customer: z
      .strictObject({
        /** The event that is counted for the customer; otherwise the reported one. */
        event: z
          .string()
          .regex(/^[\x21-\x7e]{1,24}$/)
          .optional(),
        /** Whether it is the customer's first of that event, or one more. */
        purchase: z.enum(["first", "renewal"]).optional(),
        /** Whole months since the customer's first: from so many on, and below so many. `{ "below": 12 }` is the first year. */
        months: z
          .strictObject({ from: wholeNumber.max(1_200).optional(), below: z.int().min(1).max(1_200).optional() })
          .refine(({ from, below }) => from !== undefined || below !== undefined, between)
          .optional(),
      })
      .refine(({ purchase, months }) => purchase !== undefined || months !== undefined, {
        message: "names neither `purchase` nor `months`; name one or both",
      })
      .optional(),
    /** The partner's first so many days in the campaign. */
    partner: z.strictObject({ firstDays: z.int().min(1).max(3_660) }).optional(),
  })
  .refine(({ attributes, customer, partner }) => attributes ?? customer ?? partner, {
    message: "says nothing that has to hold; name `attributes`, `customer` or `partner`",
  });

export type AttributeType = z.infer<typeof attributeType>;
export type AttributeTest = z.infer<typeof attributeTest>;
export type OfferCondition = z.infer<typeof offerCondition>;

const second = z.int().min(0);

/** What a report says of what was sold, each of its type. */
export const saidAttributes = z
  .record(z.string().min(1).max(32), z.union([z.string().max(MAX_ATTRIBUTE_CHARACTERS), z.int().min(0), z.boolean()]))
  .refine((said) => Object.keys(said).length <= MAX_ATTRIBUTES, `has more than ${MAX_ATTRIBUTES} names`);

/** What a customer counted for before, by event: how often, and since when (Unix seconds). */
const customerHistory = z.record(
  z.string().min(1).max(24),
  z.strictObject({ conversions: second, firstAt: second.optional() }),
);

/** What a conversion's conditions were judged by beside what it says itself. Times are Unix seconds. */
export const judgedHistory = z.strictObject({
  /** Left out: it names no customer. */
  customer: customerHistory.optional(),
  /** When its partner joined. */
  partnerSince: second.optional(),
});

export type Attributes = Readonly<z.infer<typeof saidAttributes>>;
export type CustomerHistory = Readonly<z.infer<typeof customerHistory>[string]>;
export type JudgedHistory = Readonly<z.infer<typeof judgedHistory>>;

/** What conditions are asked of. Times are Unix seconds. */
export interface ConditionFacts {
  readonly event: string;
  /** When the conversion was received. */
  readonly at: number;
  readonly attributes: Attributes;
  /** By event; undefined: the report names no customer, or it is not known what it bought. */
  readonly customer: Readonly<Record<string, CustomerHistory>> | undefined;
  /** When the partner joined; undefined: it is not known. */
  readonly partnerSince: number | undefined;
}

/** Whether all that a condition names is so. What is not known does not hold. */
export const holds = (condition: OfferCondition, facts: ConditionFacts): boolean =>
  whatFails(condition, facts) === undefined;

/** Why an offer may not pay by a campaign's conditions, in words; undefined: it may. */
export function whyNot(
  conditions: readonly OfferCondition[],
  offerId: number,
  facts: ConditionFacts,
): string | undefined {
  for (const condition of conditions) {
    if (!condition.offers.includes(offerId)) continue;
    const failing = whatFails(condition, facts);
    if (failing !== undefined) return failing;
  }
  return undefined;
}

/** What of a condition does not hold, in words, the first of it; undefined: all does. */
export function whatFails(
  { attributes = {}, customer, partner }: OfferCondition,
  facts: ConditionFacts,
): string | undefined {
  for (const [name, test] of Object.entries(attributes)) {
    const value = Object.hasOwn(facts.attributes, name) ? facts.attributes[name] : undefined;
    const wanted = `it pays where ${describeTest(name, test)}`;
    if (value === undefined) return `${name} is not said, and ${wanted}`;
    if (!passes(test, value)) return `${name} is ${JSON.stringify(value)}, and ${wanted}`;
  }
  return (
    (customer && whatFailsOfCustomer(customer, facts)) ?? (partner && whatFailsOfPartner(partner.firstDays, facts))
  );
}

type CustomerCondition = NonNullable<OfferCondition["customer"]>;

function whatFailsOfCustomer({ event, purchase, months }: CustomerCondition, facts: ConditionFacts) {
  const { at, customer } = facts;
  const counted = event ?? facts.event;
  if (customer === undefined) return "the customer is not known, and it pays by what the customer bought before";
  const before = Object.hasOwn(customer, counted) ? customer[counted] : undefined;
  const isFirst = before === undefined || before.conversions === 0;
  const of = `of event "${counted}"`;
  if (purchase === "first" && !isFirst)
    return `the customer had ${before.conversions} ${of} before, and it pays for the first alone`;
  if (purchase === "renewal" && isFirst) return `the customer had none ${of} before, and it pays from the second on`;
  if (months === undefined) return undefined;
  // The first of the reported event is this one; of another event there has to have been one.
  const first = isFirst ? (counted === facts.event ? at : undefined) : before.firstAt;
  if (first === undefined) return `the customer had none ${of}, and it pays by the months since the first`;
  const passed = monthsBetween(first, at);
  const { from = 0, below = Number.POSITIVE_INFINITY } = months;
  if (passed >= from && passed < below) return undefined;
  return `${passed} months have passed since the customer's first ${of}, and it pays ${describeMonths(months)}`;
}

const DAY_SECONDS = 86_400;

function whatFailsOfPartner(firstDays: number, { at, partnerSince }: ConditionFacts): string | undefined {
  const wanted = `it pays in the partner's first ${firstDays} days`;
  if (partnerSince === undefined) return `it is not known since when the partner is one, and ${wanted}`;
  if (at < partnerSince + firstDays * DAY_SECONDS) return undefined;
  return `the partner joined ${Math.floor((at - partnerSince) / DAY_SECONDS)} days before, and ${wanted}`;
}

function passes(test: AttributeTest, value: string | number | boolean): boolean {
  if ("is" in test) return value === test.is;
  if ("oneOf" in test) return includes(test.oneOf, String(value));
  if ("noneOf" in test) return !includes(test.noneOf, String(value));
  const { min = 0, max = Number.POSITIVE_INFINITY } = test;
  return typeof value === "number" && value >= min && value <= max;
}

const includes = (list: readonly string[], value: string) => list.some((one) => sameText(one) === sameText(value));

/** Texts that are the same have this in common: blanks around them, capitals and how letters are composed do not count. */
export const sameText = (value: string): string => value.trim().normalize("NFC").toLowerCase().normalize("NFC");

/**
 * Whole months between two moments by the calendar in UTC: a month is over on the same day of the next one, or on that one's last
 * if it is shorter.
 */
export function monthsBetween(from: number, to: number): number {
  const [first, last] = [new Date(1000 * from), new Date(1000 * Math.max(from, to))];
  const months = 12 * (last.getUTCFullYear() - first.getUTCFullYear()) + last.getUTCMonth() - first.getUTCMonth();
  const daysOfMonth = new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 0)).getUTCDate();
  return last.getUTCDate() < Math.min(first.getUTCDate(), daysOfMonth) ? months - 1 : months;
}

/** A condition in plain words, to stand behind an offer: `plan is "annual"; in the customer's first 12 months`. */
export function describeCondition({ attributes = {}, customer, partner }: OfferCondition): string {
  const parts = Object.entries(attributes).map(([name, test]) => `where ${describeTest(name, test)}`);
  if (customer !== undefined) {
    const { event, purchase, months } = customer;
    const of = event === undefined ? "" : ` "${event}"`;
    if (purchase === "first") parts.push(`for a customer's first${of || " purchase"}`);
    if (purchase === "renewal") parts.push(`for each${of || " purchase"} after a customer's first`);
    if (months !== undefined)
      parts.push(`${describeMonths(months)}${event === undefined ? "" : `, counted from its first${of}`}`);
  }
  if (partner !== undefined) parts.push(`in the partner's first ${partner.firstDays} days`);
  return parts.join("; ");
}

function describeMonths({ from = 0, below }: NonNullable<CustomerCondition["months"]>): string {
  if (below === undefined) return `after the customer's first ${from} months`;
  if (from === 0) return `in the customer's first ${below} months`;
  return `in the customer's months ${from + 1} to ${below}`;
}

function describeTest(name: string, test: AttributeTest): string {
  const list = (values: readonly string[]) => values.map((value) => `"${value}"`).join(", ");
  if ("is" in test) return `${name} is ${test.is ? "true" : "false"}`;
  if ("oneOf" in test) return `${name} is ${test.oneOf.length > 1 ? "one of " : ""}${list(test.oneOf)}`;
  if ("noneOf" in test) return `${name} is ${test.noneOf.length > 1 ? "none of " : "not "}${list(test.noneOf)}`;
  const { min, max } = test;
  if (min !== undefined && max !== undefined) return `${name} is ${min} to ${max}`;
  return min === undefined ? `${name} is at most ${max}` : `${name} is at least ${min}`;
}
