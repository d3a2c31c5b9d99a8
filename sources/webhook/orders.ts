/** What the webhooks of any sender say by a campaign's mapping, and what follows from all that is known of an order. */
import { MAX_ATTRIBUTE_CHARACTERS } from "@partner-programs/protocol/conditions";
import { currencyDecimals } from "@partner-programs/protocol/currency";
import { valueAt } from "@partner-programs/protocol/jsonPath";
import { countedAs, describeCounted, type SaleCurrencies } from "@partner-programs/protocol/rates";
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
  /** What it was in; undefined: in tokens. */
  readonly currency?: string | undefined;
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
  /** Of what bodies say that was sold, the least; undefined: as `sale` says it. */
  readonly least?: string | undefined;
  /** The currencies that it was sold and given back in, as far as bodies say so. */
  readonly currencies?: readonly string[] | undefined;
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
    const currency = currencyAt(body, rule.currency);
    const volume = rule.volume === undefined ? true : amountAt(body, rule.volume, rule.decimals, currency);
    const back: WebhookOrder["back"] = Object.fromEntries([[refundId, volume] as const]);
    const currencies = currency === undefined ? [] : [currency];
    return { what: "order", id: idAt(body, rule.refundOf), sale: undefined, currencies, back };
  }
  const sale = saleIn(body, rule, receivedAt);
  const currencies = sale.currency === undefined ? [] : [sale.currency];
  return { what: "order", id: idAt(body, rule.orderId), sale, least: sale.volume, currencies, back: {} };
}

type SaleRule = Extract<WebhookRule, { readonly orderId: string }>;

function saleIn(body: unknown, rule: SaleRule, receivedAt: number): Sale {
  const referral = textAt(body, rule.referralToken);
  const currency = currencyAt(body, rule.currency);
  return {
    event: rule.event,
    volume: amountAt(body, rule.volume, rule.decimals, currency),
    currency,
    at: rule.at === undefined ? receivedAt : timeAt(body, rule.at),
    customer: textAt(body, rule.customerId),
    email: textAt(body, rule.customerEmail),
    token: referral !== undefined && TOKEN.test(referral) ? referral : tokenIn(referral),
    code: textAt(body, rule.code),
    attributes: attributesIn(body, rule.attributes),
  };
}

/**
 * However its bodies come, and however often, the end is the same: of two sales the earlier counts, of what they say was sold the least, and
 * of each refund the most. What a body says that came first may be reported already, and is lowered then: it cannot be raised.
 */
export function mergeWebhookOrder(known: WebhookOrder | undefined, heard: WebhookOrder): WebhookOrder {
  if (known === undefined) return heard;
  // By a map: an id may be called like what every object has.
  const back = new Map(Object.entries(known.back));
  for (const [id, amount] of Object.entries(heard.back)) back.set(id, more(back.get(id), amount));
  const currencies = [...new Set([...(known.currencies ?? []), ...(heard.currencies ?? [])])].sort();
  return {
    ...known,
    sale: earlier(known.sale, heard.sale),
    least: lesser(leastOf(known), leastOf(heard)),
    currencies,
    back: Object.fromEntries(back),
  };
}

const leastOf = ({ least, sale }: WebhookOrder): string | undefined => least ?? sale?.volume;

function lesser(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return toMillionths(one) <= toMillionths(other) ? one : other;
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

/** An order as a campaign counts it, with what is left of its volume. */
export interface WebhookSale extends Order {
  readonly left: string;
}

/** The order that it is, or why it is none. */
export function orderOf(order: WebhookOrder, given?: SaleCurrencies): WebhookSale | NoOrder {
  const { id, sale, back, currencies = [] } = order;
  if (sale === undefined) return { reason: `The sale of ${id} is not known yet: it counts once it is.`, why: "yet" };
  if (currencies.length > 1)
    return { reason: `${id} is said to be in ${currencies.join(" and in ")}: it is in one.`, why: "refused" };
  const counted = sale.currency === undefined ? { currency: undefined } : countedAs(given, sale.currency, "");
  if (counted === undefined) {
    const all = given === undefined ? "its token alone: its description names no `currencies`" : describeCounted(given);
    return { reason: `${id} is in ${sale.currency}, and the campaign counts ${all}.`, why: "refused" };
  }
  const volume = toMillionths(leastOf(order) ?? sale.volume);
  if (volume === 0n) return { reason: `Nothing was sold by ${id}.`, why: "never", gone: true };
  const { "": soFar, ...single } = back;
  const amounts = Object.values(single);
  const sum = amounts.reduce((all, one) => (one === true ? volume : all + toMillionths(one)), 0n);
  const gone = soFar === true ? volume : soFar === undefined ? sum : max(sum, toMillionths(soFar));
  return {
    orderId: id,
    event: sale.event,
    volume: toDecimal(volume),
    ...(counted.currency !== undefined && counted),
    left: toDecimal(gone >= volume ? 0n : volume - gone),
    back: gone >= volume ? true : toDecimal(gone),
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

/** The code of a currency, in capitals; undefined: the rule names none. */
function currencyAt(body: unknown, rule: string | undefined): string | undefined {
  if (rule === undefined || currencyDecimals(rule) !== undefined) return rule;
  const code = textAt(body, rule)?.toUpperCase() ?? "";
  if (/^[A-Z]{3}$/.test(code)) return code;
  throw new UnreadableObject(`At ${rule} there is no code of a currency by ISO 4217, such as EUR.`);
}

/** A decimal number with at most 6 decimals. */
function amountAt(body: unknown, path: string, places: number | "currency", currency: string | undefined): string {
  const value = valueAt(body, path);
  const decimals = places === "currency" ? currencyDecimals(currency ?? "") : places;
  if (decimals === undefined)
    throw new UnreadableObject(`How many decimals ${currency} has is not known: ISO 4217 has no such currency.`);
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  if (places === 0) {
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
