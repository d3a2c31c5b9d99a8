/** A source of orders: the brand's account at Stripe, read with the attester's own key. */
import type { StripeMapping } from "@partner-programs/protocol/stripeMapping";
import { connectStripe, describeStripeError, fetchSale } from "#sources/stripe/api.ts";
import { UnreadableObject } from "#sources/stripe/objects.ts";
import { buyerOf, orderOf } from "#sources/stripe/orders.ts";
import { codeOf } from "#sources/stripe/referral.ts";
import { orderKey } from "../checks/orderKey.ts";
import { limit } from "./limit.ts";
import type { OrderName, OrderSource, SourceAnswer } from "./source.ts";

/** So long an order found is not asked for again: a batch is checked, then attested. */
const CACHE_MILLISECONDS = 60_000;
const MAX_CACHED_ORDERS = 100_000;
/** After so many failures one after the other the rest of a batch is not asked for. */
const MAX_FAILURES = 5;

interface Options extends StripeMapping {
  readonly key: string;
  readonly url?: string | undefined;
  readonly concurrency: number;
}

/** Orders are invoices and Checkout Sessions, by Stripe's own ids: what they are worth is derived here as the relayer derives it. */
export function createStripeSource({ key, url, concurrency, ...mapping }: Options): OrderSource {
  const stripe = connectStripe(key, url);
  const cache = new Map<string, { readonly until: number; readonly found: SourceAnswer }>();
  const limited = limit(concurrency);

  return {
    async find(orders) {
      let failures = 0;
      const asked = new Map<string, Promise<SourceAnswer>>();
      const askOnce = (order: OrderName): Promise<SourceAnswer> => {
        const name = orderKey(order);
        const known = cache.get(name);
        if (known !== undefined && known.until > Date.now()) return Promise.resolve(known.found);
        const asking = limited(async (): Promise<SourceAnswer> => {
          if (failures >= MAX_FAILURES) return { unavailable: "Stripe does not answer the attester." };
          const found = await ask(order);
          failures = "unavailable" in found ? failures + 1 : 0;
          if ("order" in found) cache.set(name, { until: Date.now() + CACHE_MILLISECONDS, found });
          return found;
        });
        return asking;
      };
      if (cache.size > MAX_CACHED_ORDERS) cache.clear();
      return Promise.all(
        orders.map((order) => {
          const name = orderKey(order);
          const asking = asked.get(name) ?? askOnce(order);
          asked.set(name, asking);
          return asking;
        }),
      );
    },
  };

  async function ask({ orderId }: OrderName): Promise<SourceAnswer> {
    try {
      const read = await fetchSale(stripe, orderId);
      if (read === undefined) return { missing: true };
      const { sale, facts } = read;
      const order = orderOf(sale, facts, mapping);
      if ("reason" in order) return { refused: order.reason };
      const { customer, referral } = buyerOf(sale, facts);
      return {
        order: {
          orderId,
          event: order.event,
          volume: order.volume,
          createdAt: order.at,
          refunded: order.back,
          brought: { customer, code: referral && codeOf(referral) },
        },
      };
    } catch (error) {
      if (error instanceof UnreadableObject) return { refused: error.message };
      const problem = describeStripeError(error);
      return problem === undefined ? { missing: true } : { unavailable: `Stripe ${problem}.` };
    }
  }
}
