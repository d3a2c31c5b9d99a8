/** An order in a shop, whatever shop it is: what is known of it however its states come, and what it is in a campaign. */
import { countedAs, describeCounted, type SaleCurrencies } from "@partner-programs/protocol/rates";
import type { ShopMapping, ShopSaleKind } from "@partner-programs/protocol/shopMapping";
import type { NoOrder, Order } from "../sale.ts";
import { leastOf, type Sums, sumBy, toDecimal } from "./sums.ts";

/** What a shop says of an order, in our words. */
export interface ShopOrder {
  readonly what: "order";
  /** The shop's name and its own id: `shopify_450789469`. So two shops of one brand have no id in common. */
  readonly id: string;
  readonly kind: ShopSaleKind;
  /** Nothing was really paid. */
  readonly test: boolean;
  readonly currency: string;
  /** When it was placed: Unix seconds. */
  readonly at: number;
  /** When the shop changed it last, in milliseconds since 1970. */
  readonly version: number;
  readonly customer: string | undefined;
  readonly email: string | undefined;
  readonly token: string | undefined;
  /** A partner's code by the name that is ours; and discount codes, of which any may be a partner's. */
  readonly said: string | undefined;
  readonly discounts: readonly string[];
  /** Of its states in which all was paid the least; undefined: none is known. */
  readonly sums: Sums | undefined;
}

/** An order as a campaign counts it, with what is left of its volume. */
export interface ShopSale extends Order {
  readonly left: string;
}

/**
 * What is known of an order after it was heard of again. In whatever order its states come, and however often, the end is the same:
 * what was paid stays paid, and of what is left the least counts.
 */
export function mergeOrder(known: ShopOrder | undefined, heard: ShopOrder): ShopOrder {
  if (known === undefined) return heard;
  const [newer, older] = isNewer(known, heard) ? [known, heard] : [heard, known];
  return {
    ...newer,
    customer: newer.customer ?? older.customer,
    email: newer.email ?? older.email,
    token: newer.token ?? older.token,
    said: newer.said ?? older.said,
    discounts: newer.discounts.length > 0 ? newer.discounts : older.discounts,
    sums: leastOf(newer.sums, older.sums),
  };
}

function isNewer(one: ShopOrder, other: ShopOrder): boolean {
  // Shops tell seconds: of two states of one second it is the same one every time.
  return one.version === other.version ? JSON.stringify(one) > JSON.stringify(other) : one.version > other.version;
}

/** The order that it is by the campaign's mapping, or why it is none. */
export function orderOf(order: ShopOrder, mapping: ShopMapping, currencies?: SaleCurrencies): ShopSale | NoOrder {
  const { id, kind, currency, sums } = order;
  if (sums === undefined) return { reason: `${id} is not paid, or not wholly.`, why: "yet" };
  const event = mapping.events[kind];
  if (event === undefined) return { reason: `The campaign counts no "${kind}" of the shop.`, why: "never" };
  const counted = countedAs(currencies, currency, mapping.currency);
  if (counted === undefined) {
    const all = describeCounted(currencies, mapping.currency);
    return { reason: `${id} is in ${currency}, and the campaign counts ${all}.`, why: "refused" };
  }
  const { volume, left } = sumBy(sums, mapping);
  if (volume === 0n) return { reason: `Nothing that counts was sold by ${id}.`, why: "never" };
  return {
    orderId: id,
    event,
    volume: toDecimal(volume),
    ...(counted.currency !== undefined && counted),
    left: toDecimal(left),
    back: left === 0n ? true : toDecimal(volume - left),
    at: order.at,
  };
}
