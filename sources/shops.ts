/** The shops whose orders are read: of each how its webhooks are signed, which of them to choose, and what its orders say. */
import type { ShopOrder } from "./shop/orders.ts";
import { readShopifyOrder } from "./shopify/order.ts";
import { readWooCommerceOrder } from "./woocommerce/order.ts";

interface Shop {
  readonly title: string;
  /** Headers of a webhook: the signature of its body, and what it is about. */
  readonly signature: string;
  readonly topic: string;
  /** What an endpoint has to be sent; anything else does no harm. */
  readonly topics: readonly string[];
  /** What a body says; undefined: it is no order. @throws UnreadableObject */
  readonly readOrder: (object: unknown) => ShopOrder | undefined;
}

export const SHOP_NAMES = ["shopify", "woocommerce"] as const;
export type ShopName = (typeof SHOP_NAMES)[number];

export const SHOPS: Readonly<Record<ShopName, Shop>> = {
  shopify: {
    title: "Shopify",
    signature: "x-shopify-hmac-sha256",
    topic: "x-shopify-topic",
    topics: ["orders/paid", "orders/updated", "orders/cancelled"],
    readOrder: readShopifyOrder,
  },
  woocommerce: {
    title: "WooCommerce",
    signature: "x-wc-webhook-signature",
    topic: "x-wc-webhook-topic",
    topics: ["order.updated"],
    readOrder: readWooCommerceOrder,
  },
};
