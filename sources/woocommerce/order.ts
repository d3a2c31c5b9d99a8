/** Reads an order of WooCommerce's, as version 3 of its REST API and the webhooks of `order.…` have it. */
import { z } from "zod";
import { tokenIn } from "../referral.ts";
import type { ShopOrder } from "../shop/orders.ts";
import { parse, readDiscounts, readNotes, text } from "../shop/read.ts";
import { amount, sumsOf, toMillionths, unitOf } from "../shop/sums.ts";

const WOOCOMMERCE = "WooCommerce";
/** As WordPress writes a moment in UTC: without saying so. */
const moment = z.iso.datetime({ local: true });
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const order = z.object({
  id: z.int().positive(),
  status: z.string(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  date_created_gmt: moment,
  date_modified_gmt: moment,
  date_paid_gmt: moment.nullish(),
  total: amount,
  total_tax: amount,
  shipping_total: amount,
  shipping_tax: amount,
  refunds: list(z.object({ total: amount })),
  customer_id: z.int().nullish(),
  billing: z.object({ email: text }).nullish(),
  coupon_lines: list(z.object({ code: z.string() })),
  meta_data: list(z.object({ key: z.string(), value: z.unknown() })),
});

/** What is asked for of an order. */
export const FIELDS = Object.keys(order.shape);

/** In one of these nothing of an order is left that was paid once. */
const GONE = ["cancelled", "refunded", "failed", "trash"];
/** Where WooCommerce itself keeps the address at which a customer arrived. */
const ARRIVED_AT = "_wc_order_attribution_session_entry";
/** WooCommerce Subscriptions: an order of a later period names its subscription so. */
const RENEWAL = "_subscription_renewal";

const toMilliseconds = (utc: string) => Date.parse(utc.endsWith("Z") ? utc : `${utc}Z`);

/** What an order says; undefined: it is no order. @throws UnreadableObject */
export function readWooCommerceOrder(object: unknown): ShopOrder | undefined {
  if (typeof object !== "object" || object === null || !("coupon_lines" in object)) return undefined;
  const given = parse(order, object, WOOCOMMERCE);
  const { token, said, noteOf } = readNotes(given.meta_data.map(({ key, value }) => ({ name: key, value })));
  const total = toMillionths(given.total);
  const back = given.refunds.reduce((sum, refund) => sum - toMillionths(refund.total), 0n);
  return {
    what: "order",
    id: `woocommerce_${given.id}`,
    kind: given.meta_data.some(({ key }) => key === RENEWAL) ? "renewal" : "order",
    test: false,
    currency: given.currency,
    at: Math.floor(toMilliseconds(given.date_created_gmt) / 1000),
    version: toMilliseconds(given.date_modified_gmt),
    customer: given.customer_id ? `woocommerce_${given.customer_id}` : undefined,
    email: given.billing?.email,
    token: token ?? tokenIn(noteOf(ARRIVED_AT)),
    said,
    discounts: readDiscounts(given.coupon_lines),
    sums: given.date_paid_gmt
      ? sumsOf({
          total,
          beside: 0n,
          taxes: toMillionths(given.total_tax),
          shipping: toMillionths(given.shipping_total),
          shippingTaxes: toMillionths(given.shipping_tax),
          kept: GONE.includes(given.status) ? 0n : total - back,
          unit: unitOf(given.total),
        })
      : undefined,
  };
}
