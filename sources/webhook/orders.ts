/** What the webhooks of any sender say by a campaign's mapping, and what follows from all that is known of an order. */
import { MAX_ATTRIBUTE_CHARACTERS } from "@partner-programs/protocol/conditions";
import { valueAt } from "@partner-programs/protocol/jsonPath";
import type { WebhookMapping, WebhookRule } from "@partner-programs/protocol/webhookMapping";
import { TOKEN, tokenIn } from "../referral.ts";
import { type NoOrder, type Order, UnreadableObject } from "../sale.ts";
import { toDecimal, toMillionths } from "../shop/sums.ts";

const MAX_ID_CHARACTERS = 200;
/** Above this a number of seconds would be in the year 5138, and is of milliseconds. */
const MAX_SECONDS = 100_000_000_000;

type Attributes = NonNullable<Order["attributes"]>;

interface Sale {
  readonly event: string;
  readonly volume: string;
  /** Unix seconds. */
  readonly at: number;
  readonly customer: string | undefined;
  readonly email: string | undefined;
  readonly token: string | undefined;
  readonly code: string | undefined;
  readonly attributes: Attributes | undefined;
}

/** What is known of an order. */
export interface WebhookOrder {
  readonly what: "order";
  readonly id: string;
  readonly sale: Sale | undefined;
  /** By their ids the refunds, how much each; true: all of the order. Under the id "" all that was given back so far. */
  readonly back: Readonly<Record<string, string | true>>;
}

/** What a body says; undefined: nothing that counts. `receivedAt`: Unix seconds. @throws UnreadableObject that names the path */
export function readWebhook(body: unknown, { rules }: WebhookMapping, receivedAt: number): WebhookOrder | undefined {
  const rule = rules.find(({ when }) =>
    Object.entries(when).every(([path, wanted]) => stands(valueAt(body, path), wanted)),
  );
  if (rule === undefined) return undefined;
  if ("refundOf" in rule) {
    const refundId = rule.refundId === undefined ? "" : idAt(body, rule.refundId);
    const volume = rule.volume === undefined ? true : amountAt(body, rule.volume, rule.decimals);
    const back: WebhookOrder["back"] = Object.fromEntries([[refundId, volume] as const]);
    return { what: "order", id: idAt(body, rule.refundOf), sale: undefined, back };
  }
  return { what: "order", id: idAt(body, rule.orderId), sale: saleIn(body, rule, receivedAt), back: {} };
}

type SaleRule = Extract<WebhookRule, { readonly orderId: string }>;

function saleIn(body: unknown, rule: SaleRule, receivedAt: number): Sale {
  const referral = textAt(body, rule.referralToken);
  return {
    event: rule.event,
    volume: amountAt(body, rule.volume, rule.decimals),
    at: rule.at === undefined ? receivedAt : timeAt(body, rule.at),
    customer: textAt(body, rule.customerId),
    email: textAt(body, rule.customerEmail),
    token: referral !== undefined && TOKEN.test(referral) ? referral : tokenIn(referral),
    code: textAt(body, rule.code),
    attributes: attributesIn(body, rule.attributes),
  };
}

/** However its bodies come, and however often, the end is the same: of two sales the earlier counts, of each refund the most. */
export function mergeWebhookOrder(known: WebhookOrder | undefined, heard: WebhookOrder): WebhookOrder {
  if (known === undefined) return heard;
  // By a map: an id may be called like what every object has.
  const back = new Map(Object.entries(known.back));
  for (const [id, amount] of Object.entries(heard.back)) back.set(id, more(back.get(id), amount));
  return { ...known, sale: earlier(known.sale, heard.sale), back: Object.fromEntries(back) };
}

function more(one: string | true | undefined, other: string | true): string | true {
  if (one === undefined || one === true) return one ?? other;
  return other === true || toMillionths(other) > toMillionths(one) ? other : one;
}

function earlier(one: Sale | undefined, other: Sale | undefined): Sale | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.at !== other.at) return one.at < other.at ? one : other;
  return JSON.stringify(one) < JSON.stringify(other) ? one : other;
}

/** The order that it is, or why it is none yet. */
export function orderOf({ id, sale, back }: WebhookOrder): Order | NoOrder {
  if (sale === undefined) return { reason: `The sale of ${id} is not known yet: it counts once it is.`, why: "yet" };
  const volume = toMillionths(sale.volume);
  if (volume === 0n) return { reason: `Nothing was sold by ${id}.`, why: "never" };
  const { "": soFar, ...single } = back;
  const amounts = Object.values(single);
  const sum = amounts.reduce((all, one) => (one === true ? volume : all + toMillionths(one)), 0n);
  const given = soFar === true ? volume : soFar === undefined ? sum : max(sum, toMillionths(soFar));
  return {
    orderId: id,
    event: sale.event,
    volume: sale.volume,
    back: given >= volume ? true : toDecimal(given),
    at: sale.at,
    attributes: sale.attributes,
  };
}

const max = (one: bigint, other: bigint) => (one > other ? one : other);

function stands(found: unknown, wanted: unknown): boolean {
  return Array.isArray(wanted) ? wanted.includes(found) : found === wanted;
}

/** A text, or a number as one; undefined: neither stands there. */
function textAt(body: unknown, path: string | undefined): string | undefined {
  const value = path === undefined ? undefined : valueAt(body, path);
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" ? value.trim() || undefined : undefined;
}

function idAt(body: unknown, path: string): string {
  const id = textAt(body, path);
  if (id === undefined || id.length > MAX_ID_CHARACTERS)
    throw new UnreadableObject(`At ${path} there is no id of 1 to ${MAX_ID_CHARACTERS} characters.`);
  return id;
}

/** A decimal number with at most 6 decimals. */
function amountAt(body: unknown, path: string, decimals: number): string {
  const value = valueAt(body, path);
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  if (decimals === 0) {
    if (/^\d{1,15}(\.\d{1,6})?$/.test(text)) return toDecimal(toMillionths(text));
    throw new UnreadableObject(`At ${path} there is no amount such as 59.50, with 6 decimals at most.`);
  }
  if (!/^\d{1,15}$/.test(text))
    throw new UnreadableObject(`At ${path} there is no whole number of units with ${decimals} decimals.`);
  return toDecimal(BigInt(text) * 10n ** BigInt(6 - decimals));
}

function timeAt(body: unknown, path: string): number {
  const value = valueAt(body, path);
  const number =
    typeof value === "number"
      ? value
      : typeof value === "string" && /^\d{9,14}$/.test(value)
        ? Number(value)
        : undefined;
  const seconds =
    number === undefined ? Date.parse(String(value)) / 1000 : number > MAX_SECONDS ? number / 1000 : number;
  if (!(seconds >= 0) || seconds > MAX_SECONDS)
    throw new UnreadableObject(`At ${path} there is no time: ISO 8601, or seconds or milliseconds since 1970.`);
  return Math.floor(seconds);
}

/** In the order of their names. What is no attribute is not said: a condition on it does not hold. */
function attributesIn(body: unknown, paths: Readonly<Record<string, string>> | undefined): Attributes | undefined {
  if (paths === undefined) return undefined;
  return Object.fromEntries(
    Object.keys(paths)
      .sort()
      .flatMap((name) => {
        const value = valueAt(body, paths[name] as string);
        const said = typeof value === "boolean" || Number.isSafeInteger(value) ? String(value) : value;
        const text = typeof said === "string" ? said.trim() : "";
        return text === "" || text.length > MAX_ATTRIBUTE_CHARACTERS ? [] : [[name, text]];
      }),
  );
}
