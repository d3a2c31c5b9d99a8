/**
 * Shops, played: what is bought, refunded, edited and cancelled makes the states of orders that Shopify (the Order resource of
 * https://shopify.dev/docs/api/admin-rest, version 2026-10, which webhooks carry too) and WooCommerce (orders of version 3,
 * https://woocommerce.github.io/woocommerce-rest-api-docs) document for it. No field is copied from a real shop.
 */
import { createHmac, randomInt } from "node:crypto";

type ShopName = "shopify" | "woocommerce";

// biome-ignore lint/suspicious/noExplicitAny: an order of a shop's, as JSON
export type ShopObject = { id: number; [field: string]: any };

/** What is paid, in cents: without taxes, and these; the same of shipping. */
export interface Cart {
  readonly goods: number;
  readonly tax?: number;
  readonly shipping?: number;
  readonly shippingTax?: number;
  readonly currency?: string;
}

export interface Visitor {
  /** The address at which the customer arrived. */
  readonly arrivedAt?: string | undefined;
  readonly notes?: Readonly<Record<string, string>> | undefined;
  readonly codes?: readonly string[] | undefined;
  /** undefined: somebody new; null: a guest. */
  readonly customer?: number | null | undefined;
  readonly email?: string | undefined;
  readonly renewal?: boolean | undefined;
  readonly test?: boolean | undefined;
}

/** An order as it was at some time, with the webhook that told of it. */
export interface State {
  readonly topic: string;
  readonly body: ShopObject;
}

const dollars = (cents: number) =>
  `${cents < 0 ? "-" : ""}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, "0")}`;
const cents = (text: string) => Math.round(Number(text) * 100);
const newId = () => randomInt(1_000_000, 2 ** 47);

/** How each shop writes an order, and what happens to it. */
interface Writing {
  make(cart: Required<Cart>, visitor: Visitor, at: string): ShopObject;
  refund(order: ShopObject, amount: number): void;
  cancel(order: ShopObject): void;
  /** Other items: what the order comes to now. */
  edit(order: ShopObject, total: number): void;
  touch(order: ShopObject, at: string): void;
  readonly topics: { readonly paid: string; readonly changed: string };
}

const shopify: Writing = {
  topics: { paid: "orders/paid", changed: "orders/updated" },
  make({ goods, tax, shipping, shippingTax, currency }, visitor, at) {
    const id = newId();
    const money = (amount: number) => ({
      shop_money: { amount: dollars(amount), currency_code: currency },
      presentment_money: { amount: dollars(amount), currency_code: currency },
    });
    const total = goods + tax + shipping + shippingTax;
    const customer = visitor.customer === undefined ? newId() : visitor.customer;
    return {
      id,
      admin_graphql_api_id: `gid://shopify/Order/${id}`,
      name: "#1001",
      test: visitor.test ?? false,
      currency,
      presentment_currency: currency,
      financial_status: "paid",
      cancelled_at: null,
      created_at: at,
      updated_at: at,
      total_price: dollars(total),
      total_price_set: money(total),
      current_total_price: dollars(total),
      subtotal_price: dollars(goods),
      current_subtotal_price: dollars(goods),
      total_tax: dollars(tax + shippingTax),
      taxes_included: false,
      total_tip_received: "0.00",
      original_total_duties_set: null,
      total_shipping_price_set: money(shipping),
      shipping_lines: [
        {
          title: "Standard",
          price: dollars(shipping),
          tax_lines: [{ title: "VAT", rate: 0.19, price: dollars(shippingTax) }],
        },
      ],
      refunds: [],
      customer: customer === null ? null : { id: customer, admin_graphql_api_id: `gid://shopify/Customer/${customer}` },
      email: visitor.email ?? "ada@example.com",
      source_name: visitor.renewal ? "subscription_contract_checkout_one" : "web",
      landing_site: visitor.arrivedAt ?? null,
      note_attributes: Object.entries(visitor.notes ?? {}).map(([name, value]) => ({ name, value })),
      discount_codes: (visitor.codes ?? []).map((code) => ({ code, amount: "0.00", type: "percentage" })),
    };
  },
  refund(order, amount) {
    order.refunds.push({
      id: newId(),
      order_id: order.id,
      transactions: [
        { id: newId(), kind: "refund", status: "success", amount: dollars(amount), currency: order.currency },
      ],
    });
    const left = cents(order.current_total_price) - amount;
    order.current_total_price = dollars(left);
    order.financial_status = left > 0 ? "partially_refunded" : "refunded";
  },
  cancel(order) {
    order.cancelled_at = order.updated_at;
  },
  edit(order, total) {
    const more = total - cents(order.total_price);
    if (more > 0) {
      order.total_price = dollars(total);
      order.subtotal_price = dollars(cents(order.subtotal_price) + more);
    }
    order.current_total_price = dollars(total);
  },
  touch(order, at) {
    order.updated_at = at;
  },
};

const woocommerce: Writing = {
  topics: { paid: "order.updated", changed: "order.updated" },
  make({ goods, tax, shipping, shippingTax, currency }, visitor, at) {
    const utc = at.replace(/(\.\d+)?Z$/, "");
    const meta = Object.entries({
      ...(visitor.arrivedAt ? { _wc_order_attribution_session_entry: visitor.arrivedAt } : {}),
      ...(visitor.renewal ? { _subscription_renewal: "17" } : {}),
      ...visitor.notes,
    });
    return {
      id: newId(),
      status: "processing",
      currency,
      date_created_gmt: utc,
      date_modified_gmt: utc,
      date_paid_gmt: utc,
      total: dollars(goods + tax + shipping + shippingTax),
      total_tax: dollars(tax + shippingTax),
      shipping_total: dollars(shipping),
      shipping_tax: dollars(shippingTax),
      refunds: [],
      customer_id: visitor.customer === undefined ? newId() : (visitor.customer ?? 0),
      billing: { email: visitor.email ?? "ada@example.com" },
      coupon_lines: (visitor.codes ?? []).map((code) => ({ id: newId(), code, discount: "0.00" })),
      meta_data: meta.map(([key, value]) => ({ id: newId(), key, value })),
    };
  },
  refund(order, amount) {
    order.refunds.push({ id: newId(), reason: "", total: dollars(-amount) });
    const back = order.refunds.reduce((sum: number, one: { total: string }) => sum - cents(one.total), 0);
    if (back >= cents(order.total)) order.status = "refunded";
  },
  cancel(order) {
    order.status = "cancelled";
  },
  edit(order, total) {
    // Its taxes follow: here as far as they have to, to stay below the total.
    const was = cents(order.total);
    for (const field of ["total_tax", "shipping_total", "shipping_tax"])
      order[field] = dollars(Math.floor((cents(order[field]) * total) / was));
    order.total = dollars(total);
  },
  touch(order, at) {
    order.date_modified_gmt = at.replace(/(\.\d+)?Z$/, "");
  },
};

const WRITINGS: Readonly<Record<ShopName, Writing>> = { shopify, woocommerce };

export function createShopAccount(name: ShopName) {
  const { topics, ...writing } = WRITINGS[name];
  const orders = new Map<number, ShopObject>();
  const states: State[] = [];
  let clock = Date.now() - 86_400_000;
  const tick = () => {
    clock += 1_000;
    return new Date(clock - (clock % 1_000)).toISOString().replace(".000Z", "Z");
  };
  function change(order: ShopObject, topic: string, what: () => void) {
    writing.touch(order, tick());
    what();
    states.push({ topic, body: structuredClone(order) });
  }

  return {
    name,
    orders,
    states,
    idOf: (order: ShopObject) => `${name}_${order.id}`,
    buy({ goods, tax = 0, shipping = 0, shippingTax = 0, currency = "USD" }: Cart, visitor: Visitor = {}): ShopObject {
      const order = writing.make({ goods, tax, shipping, shippingTax, currency }, visitor, tick());
      orders.set(order.id, order);
      change(order, topics.paid, () => undefined);
      return order;
    },
    refund: (order: ShopObject, amount: number) => change(order, topics.changed, () => writing.refund(order, amount)),
    cancel: (order: ShopObject) => change(order, topics.changed, () => writing.cancel(order)),
    edit: (order: ShopObject, total: number) => change(order, topics.changed, () => writing.edit(order, total)),
  };
}

export type ShopAccount = ReturnType<typeof createShopAccount>;

/** What a shop signs a body with. */
export const signShop = (body: string, secret: string): string =>
  createHmac("sha256", secret).update(body).digest("base64");
