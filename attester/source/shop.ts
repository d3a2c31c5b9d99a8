/** A source of orders: the brand's shop at Shopify or on WooCommerce, read with the attester's own key. */
import type { SaleCurrencies } from "@partner-programs/protocol/rates";
import type { ShopMapping } from "@partner-programs/protocol/shopMapping";
import { canonicalCode } from "@partner-programs/protocol/spokenCode";
import { codeOf } from "#sources/referral.ts";
import { UnreadableObject } from "#sources/sale.ts";
import { type ShopClient, ShopProblem } from "#sources/shop/api.ts";
import { orderOf, type ShopOrder } from "#sources/shop/orders.ts";
import { SHOPS, type ShopName } from "#sources/shops.ts";
import { createAskedSource } from "./asking.ts";
import type { OrderName, OrderSource, SourceAnswer } from "./source.ts";

/** As many orders as one request asks for. */
const MAX_ASKED = 50;

interface Options extends ShopMapping {
  readonly client: ShopClient;
  readonly concurrency: number;
  /** Whether test orders count, and real ones do not. */
  readonly testMode?: boolean | undefined;
  /** Whose discount codes are a partner's, by their one spelling. */
  readonly codes: Readonly<Record<string, string>>;
  /** Which says who brought an order where both do, as the campaign's description has it. */
  readonly codeOrClick: "code" | "click";
  /** Which currencies count besides, as the description has them. */
  readonly currencies?: SaleCurrencies | undefined;
}

/** What an order is worth is derived here as the relayer derives it, from what the shop says now. */
export function createShopSource(name: ShopName, options: Options): OrderSource {
  const { client, concurrency, testMode = false, codes, codeOrClick, currencies, ...mapping } = options;
  const { title, readOrder } = SHOPS[name];
  const ownId = new RegExp(`^${name}_(\\d{1,20})$`);
  const idOf = ({ orderId }: OrderName) => ownId.exec(orderId)?.[1];

  return createAskedSource({
    concurrency,
    away: `${title} does not answer the attester.`,
    group: inGroups,
    ask,
  });

  async function ask(group: readonly OrderName[]): Promise<SourceAnswer[]> {
    const ids = [...new Set(group.flatMap((order) => idOf(order) ?? []))];
    try {
      const answers = ids.length === 0 ? new Map() : read(await client.fetchOrders(ids));
      return group.map(({ orderId }) => answers.get(orderId) ?? { missing: true });
    } catch (error) {
      if (!(error instanceof ShopProblem)) throw error;
      return group.map(() => ({ unavailable: `${title} ${error.message}.` }));
    }
  }

  function read(objects: readonly unknown[]): Map<string, SourceAnswer> {
    const answers = new Map<string, SourceAnswer>();
    for (const object of objects) {
      try {
        const order = readOrder(object);
        if (order !== undefined) answers.set(order.id, answerOf(order));
      } catch (error) {
        if (!(error instanceof UnreadableObject)) throw error;
        answers.set(`${name}_${(object as { id?: unknown }).id}`, { refused: error.message });
      }
    }
    return answers;
  }

  function answerOf(order: ShopOrder): SourceAnswer {
    if (order.test !== testMode) return { refused: `It is a ${order.test ? "test" : "real"} order.` };
    const sale = orderOf(order, mapping, currencies);
    if ("reason" in sale) return { refused: sale.reason };
    const { orderId, event, volume, currency, back, at } = sale;
    const brought = { customer: order.customer, code: broughtBy(order) };
    return {
      order: {
        orderId,
        event,
        volume,
        ...(currency !== undefined && { currency }),
        createdAt: at,
        refunded: back,
        brought,
      },
    };
  }

  /** A discount code says who brought an order only where it is known whose it is: shops have others. */
  function broughtBy({ token, said, discounts }: ShopOrder): string | undefined {
    const spoken = [said, ...discounts].flatMap((one) => (one === undefined ? [] : (canonicalCode(one) ?? [])));
    const known = spoken.find((one) => Object.hasOwn(codes, one));
    const clicked = codeOf({ token });
    if (known === undefined) return clicked ?? (said === undefined ? undefined : canonicalCode(said));
    return codeOrClick === "click" ? (clicked ?? known) : known;
  }
}

function inGroups(orders: readonly OrderName[]): OrderName[][] {
  const groups: OrderName[][] = [];
  for (let at = 0; at < orders.length; at += MAX_ASKED) groups.push(orders.slice(at, at + MAX_ASKED));
  return groups;
}
