/** What a field of a route takes, found by asking its own schema: what it lets pass, what it makes of it, and what it says no with. */
import type { z } from "@hono/zod-openapi";
import { describeIssues } from "#relayer/http/describeIssues.ts";

/** As the relayer's document describes a value. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly description?: string;
}

/** One row of a table. */
export interface Field {
  readonly name: string;
  readonly accepted: string;
  readonly leftOut: string;
  readonly understood: string;
  readonly refused: string;
}

/** A value that each field takes, where its schema does not say one. A field that is new needs one here. */
const HASH = `0x${"ab".repeat(32)}`;
const ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const DAY = "2026-01-31";
const MOMENT = "2026-01-31T12:00:00Z";
const SAMPLES: Readonly<Record<string, unknown>> = {
  address: ["1 Road", "Leeds"],
  after: "abcd2345",
  alias: "ada",
  attributes: { plan: "annual" },
  answers: ["A podcast"],
  audience: "people who cook",
  amount: "20",
  bonusId: "talk-1",
  brand: ADDRESS,
  campaignId: HASH,
  code: "abcd2345",
  comment: "In talks since May",
  company: "acme.com",
  conversionIds: ["12"],
  country: "CH",
  codes: [{ partner: ADDRESS }],
  currency: "EUR",
  cursor: "12",
  customerGets: "10 % off",
  customerEmail: "ada@example.com",
  customerEmailDomain: "example.com",
  customerId: "c-17",
  customerIp: "203.0.113.7",
  customerWallet: ADDRESS,
  deadline: "1800000000",
  deliveryId: "12",
  period: "2026-11",
  digest: HASH,
  email: "ada@example.com",
  event: "sale",
  hash: HASH,
  id: "12",
  "idempotency-key": "k-1",
  ids: HASH,
  index: "3",
  into: "c-18",
  invitation: "abcd2345abcd2345",
  keyId: "12",
  kinds: [0, 12],
  label: "shop",
  limit: "20",
  link: "abcd2345",
  message: "text",
  minimums: [{ token: ADDRESS, minimum: "20" }],
  name: "abcd2345",
  nonce: "1",
  note: "met in Basel",
  occurredAt: MOMENT,
  orderId: "1001",
  owner: ADDRESS,
  partner: ADDRESS,
  path: "/shoes",
  questions: ["Where do you reach people?"],
  reason: "We work with shops only.",
  receiver: ADDRESS,
  recruiter: ADDRESS,
  referralToken: "2.abcd2345.x.y.z",
  refundId: "r-1",
  picture: "https://partner.example/face.png",
  search: "shoes",
  signature: `0x${"ab".repeat(65)}`,
  site: "https://partner.example",
  tags: ["gold"],
  token: `ti_${"a".repeat(43)}`,
  restrictedKey: "rk_live_0123456789abcdef",
  tokens: [ADDRESS],
  url: "https://brand.example/hook",
  tax: { kind: "none", note: "Small business" },
  taxId: "GB 123",
  volume: "49.90",
  volumeMinor: 4990,
  wallet: ADDRESS,
  webhookId: "12",
  postbackId: "12",
  webhookSecrets: ["whsec_0123456789abcdef0123456789abcdef"],
};

const LONGEST_TRIED = 20_000;

export function probe(name: string, schema: z.ZodType, described: JsonSchema, place: "body" | "query"): Field {
  const parse = (value: unknown) => schema.safeParse(value);
  const sample = sampleOf(name, parse, described);
  const same = (a: unknown, b: unknown) => {
    const [one, other] = [parse(a), parse(b)];
    return one.success && other.success && JSON.stringify(one.data) === JSON.stringify(other.data);
  };
  /** And not because nothing is made of either. */
  const alike = (a: unknown, b: unknown) => same(a, b) && parse(a).data !== undefined;
  const lenient = place === "body" && parse({ no: "sense" }).success;
  const understood: string[] = [];
  if (typeof sample === "string") {
    if (alike(sample, `\t ${sample} `)) understood.push("blanks around it are cut");
    const [composed, apart] = ["NFC", "NFD"].map((form) => "\u00e9-1".normalize(form));
    if (alike(composed, apart)) understood.push("letters composed (NFC)");
    if (/[a-z]/i.test(sample) && sample.toLowerCase() !== sample.toUpperCase() && sameCase(sample, alike))
      understood.push("in any case");
    if (/^\d+\.\d+$/.test(sample) && alike("049.900", "49.9")) understood.push("zeros that do not count are cut");
    if (alike(MOMENT, "2026-01-31 13:00:00+0100")) understood.push("any offset, kept in UTC");
    if (lenient) understood.push("what cannot be read is as not said");
  }
  if (described.description !== undefined) understood.push(described.description.replace(/\.$/, ""));
  return {
    name,
    accepted: acceptedOf(described, longestOf(sample, parse)),
    leftOut: leftOutOf(parse, same, place),
    understood: understood.join("; "),
    refused: lenient ? "nothing" : refusalsOf(parse, described, place),
  };
}

type Parse = (value: unknown) => ReturnType<z.ZodType["safeParse"]>;

/** @throws Error that names the field for which there is no value */
function sampleOf(name: string, parse: Parse, { enum: values, items, type }: JsonSchema): unknown {
  const tried = [SAMPLES[name], values?.[0], [items?.enum?.[0]], DAY, MOMENT, HASH, true, "true", 1];
  const found = tried.find((value) => value !== undefined && parse(value).success);
  if (found === undefined)
    throw new Error(`No value is known that ${name} (${type}) takes. Give one in SAMPLES of scripts/inputs/probe.ts.`);
  return found;
}

function sameCase(sample: string, same: (a: unknown, b: unknown) => boolean): boolean {
  const upper = sample.startsWith("0x") ? `0x${sample.slice(2).toUpperCase()}` : sample.toUpperCase();
  return same(sample.toLowerCase(), upper);
}

/** How long a text may be: the greatest length at which it is taken, where one a letter longer is not. */
function longestOf(sample: unknown, parse: Parse): number | undefined {
  if (typeof sample !== "string" || !parse("a").success || parse("a".repeat(LONGEST_TRIED)).success) return undefined;
  let [good, bad] = [1, LONGEST_TRIED];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (parse("a".repeat(middle)).success) good = middle;
    else bad = middle;
  }
  return good;
}

function acceptedOf(schema: JsonSchema, longest: number | undefined): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  const type = [schema.type ?? "any"].flat().filter((one) => one !== "null");
  const parts = [type.map((one) => WORDS[one] ?? one).join(" or ")];
  if (schema.items !== undefined) parts.push(`of ${acceptedOf(schema.items, undefined)}`);
  if (schema.format !== undefined) parts.push(`(${schema.format})`);
  if (schema.pattern !== undefined) parts.push(code(schema.pattern));
  if (longest !== undefined) parts.push(`of at most ${longest} characters`);
  const [least, most] = [schema.minimum ?? schema.minItems, schema.maximum ?? schema.maxItems];
  if (least !== undefined || most !== undefined) parts.push(`${least ?? ""}…${most ?? ""}`);
  return parts.join(" ");
}

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
  array: "list",
};

function leftOutOf(parse: Parse, same: (a: unknown, b: unknown) => boolean, place: "body" | "query"): string {
  const without = parse(undefined);
  if (!without.success) return "has to be there";
  const silent = (place === "body" ? [null, ""] : [""]).filter((value) => same(undefined, value));
  const meant = without.data === undefined ? "not said" : code(without.data);
  return `${["left out", ...silent.map(code)].join(", ")}: ${meant}`;
}

/** What is said of values that are none. */
function refusalsOf(parse: Parse, { enum: values, type }: JsonSchema, place: "body" | "query"): string {
  const texts = values === undefined && [type].flat().includes("string") ? ["?", "", "a".repeat(LONGEST_TRIED)] : ["?"];
  const tried: unknown[] = place === "body" ? [...texts, 7, null] : texts;
  const said = new Map<string, string[]>();
  for (const value of tried) {
    const { error } = parse(value);
    if (error === undefined) continue;
    const message = describeIssues(error).replace(/a{40,}/g, "…");
    const shown = value === texts[2] ? "longer" : code(value);
    said.set(message, [...(said.get(message) ?? []), shown]);
  }
  return [...said].map(([message, shown]) => `${shown.join(", ")}: ${message}`).join("<br>") || "nothing";
}

const code = (value: unknown) =>
  `\`${typeof value === "string" ? (value === "" ? '""' : value) : JSON.stringify(value)}\``;
