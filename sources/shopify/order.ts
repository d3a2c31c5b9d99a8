/** Reads an order of Shopify's, as the REST Admin API and the webhooks of `orders/…` have it. */
import { z } from "zod";
import { tokenIn } from "../referral.ts";
import { UnreadableObject } from "../sale.ts";
import type { ShopOrder } from "../shop/orders.ts";
import { parse, readDiscounts, readNotes, text } from "../shop/read.ts";
import { amount, sumsOf, toMillionths, unitOf } from "../shop/sums.ts";

const SHOPIFY = "Shopify";
const money = z.object({ amount, currency_code: z.string() });
const moneySet = z.object({ shop_money: money, presentment_money: money });
const moment = z.iso.datetime({ offset: true });
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const order = z.object({
  id: z.unknown(),
  admin_graphql_api_id: text,
  test: z.boolean().nullish(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  financial_status: text,
  cancelled_at: text,
  created_at: moment,
  updated_at: moment,
  total_price: amount,
  current_total_price: amount.nullish(),
  subtotal_price: amount,
  total_tax: amount,
  taxes_included: z.boolean(),
  total_tip_received: amount.nullish(),
  original_total_duties_set: moneySet.nullish(),
  total_price_set: moneySet.nullish(),
  shipping_lines: list(z.object({ tax_lines: list(z.object({ price: amount })) })),
  refunds: list(
    z.object({
      transactions: list(
        z.object({ kind: text, status: text, amount: amount.nullish(), currency: z.string().nullish() }),
      ),
    }),
  ),
  customer: z.object({ id: z.unknown(), admin_graphql_api_id: text }).nullish(),
  email: text,
  source_name: text,
  landing_site: text,
  note_attributes: list(z.object({ name: z.string(), value: z.unknown() })),
  discount_codes: list(z.object({ code: z.string() })),
});
/** What is asked for of an order. */
export const FIELDS = Object.keys(order.shape);

type Given = z.output<typeof order>;

/** An order was paid once it has one of these, whatever happened after. */
const PAID = ["paid", "partially_refunded", "refunded"];
/** Where a subscription placed an order in a later period, by Shopify's own name for that. */
const RENEWAL = /^subscription_contract(_checkout_one)?$/;

/** What an order says; undefined: it is no order. @throws UnreadableObject */
export function readShopifyOrder(object: unknown): ShopOrder | undefined {
  if (typeof object !== "object" || object === null || !("financial_status" in object)) return undefined;
  const given = parse(order, object, SHOPIFY);
  const { token, said } = readNotes(given.note_attributes);
  return {
    what: "order",
    id: `shopify_${exactId(given.id, given.admin_graphql_api_id)}`,
    kind: RENEWAL.test(given.source_name ?? "") ? "renewal" : "order",
    test: given.test ?? false,
    currency: given.currency,
    at: Math.floor(Date.parse(given.created_at) / 1000),
    version: Date.parse(given.updated_at),
    customer: given.customer ? `shopify_${exactId(given.customer.id, given.customer.admin_graphql_api_id)}` : undefined,
    email: given.email,
    token: token ?? tokenIn(given.landing_site),
    said,
    discounts: readDiscounts(given.discount_codes),
    sums: PAID.includes(given.financial_status ?? "") ? sums(given) : undefined,
  };
}

/** JSON rounds ids above 2^53; the one for GraphQL is a text. */
function exactId(given: unknown, global: string | undefined): string {
  const exact = /^gid:\/\/shopify\/\w+\/(\d{1,20})$/.exec(global ?? "")?.[1];
  if (exact !== undefined) return exact;
  if (typeof given === "number" && Number.isSafeInteger(given)) return String(given);
  throw new UnreadableObject(`The order is not as ${SHOPIFY} documents it: id: is no id`);
}

function sums(given: Given) {
  const total = toMillionths(given.total_price);
  const beside = toMillionths(given.total_tip_received ?? "0");
  const duties = toMillionths(given.original_total_duties_set?.shop_money.amount ?? "0");
  const tax = toMillionths(given.total_tax);
  const shippingTaxes = given.shipping_lines
    .flatMap(({ tax_lines }) => tax_lines)
    .reduce((sum, { price }) => sum + toMillionths(price), 0n);
  // The subtotal has its taxes in it where prices do, and shipping then has its own.
  const rest = total - toMillionths(given.subtotal_price) - beside - duties;
  const shipping = given.taxes_included ? rest - shippingTaxes : rest - tax;
  return sumsOf({
    total,
    beside,
    taxes: tax + duties,
    shipping: shipping > 0n ? shipping : 0n,
    shippingTaxes,
    kept: keptOf(given, total),
    unit: unitOf(given.total_price),
  });
}

/** What of the total was neither refunded nor edited away: the lesser, for one follows the other. */
function keptOf(given: Given, total: bigint): bigint {
  if (given.cancelled_at !== undefined || given.financial_status === "refunded") return 0n;
  const current = given.current_total_price == null ? total : toMillionths(given.current_total_price);
  const refunded = given.refunds
    .flatMap(({ transactions }) => transactions)
    .filter(({ kind, status }) => kind === "refund" && status === "success")
    .reduce((sum, { amount: back, currency }) => sum + inShopCurrency(given, total, back ?? "0", currency), 0n);
  const left = total - refunded;
  return left < current ? left : current;
}

/** A refund is in the currency that the customer paid in; in any other nobody can say how much of the order it was. */
function inShopCurrency(given: Given, total: bigint, back: string, currency: string | null | undefined): bigint {
  if (!currency || currency === given.currency) return toMillionths(back);
  const paid = given.total_price_set?.presentment_money;
  const whole = paid?.currency_code === currency ? toMillionths(paid.amount) : 0n;
  // Rounded up: what is taken back too little would be paid out.
  return whole > 0n ? (toMillionths(back) * total + whole - 1n) / whole : total;
}
