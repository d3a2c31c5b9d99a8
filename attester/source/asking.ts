/** How an attester asks a source that answers over the network: each order once, kept for a while, and not at all once it is away. */
import { orderKey } from "../checks/orderKey.ts";
import { limit } from "./limit.ts";
import type { OrderName, OrderSource, SourceAnswer } from "./source.ts";

/** So long an order found is not asked for again: a batch is checked, then attested, and each may be asked twice. */
const CACHE_MILLISECONDS = 60_000;
const MAX_CACHED_ORDERS = 100_000;
/** After so many failures one after the other the rest of a batch is not asked for: the source is down. */
const MAX_FAILURES = 5;

interface Options {
  /** Requests of all batches together are never more at once. */
  readonly concurrency: number;
  /** What is said of orders that are not asked for any more. */
  readonly away: string;
  /** Which orders one request asks for; without it, each alone. */
  readonly group?: ((orders: readonly OrderName[]) => OrderName[][]) | undefined;
  /** Asks for a group: one answer for each order of it, in their order. */
  readonly ask: (group: readonly OrderName[]) => Promise<readonly SourceAnswer[]>;
}

export function createAskedSource({ concurrency, away, group = alone, ask }: Options): OrderSource {
  const cache = new Map<string, { readonly until: number; readonly found: SourceAnswer }>();
  const limited = limit(concurrency);

  return {
    async find(orders, anew) {
      const now = Date.now();
      const answers = new Map<string, SourceAnswer>();
      const asked = new Map<string, OrderName>();
      for (const order of orders) {
        const key = orderKey(order);
        const cached = cache.get(key);
        // Half a character can stand in no URL: no order has such an id, and the others of its batch are asked for.
        if (!order.orderId.isWellFormed() || !order.event.isWellFormed()) answers.set(key, { missing: true });
        else if (anew === undefined && cached !== undefined && cached.until > now) answers.set(key, cached.found);
        else asked.set(key, order);
      }
      let failures = 0;
      await Promise.all(
        group([...asked.values()]).map((together) =>
          limited(async () => {
            const found = failures >= MAX_FAILURES ? together.map(() => ({ unavailable: away })) : await ask(together);
            failures = found.some((one) => "unavailable" in one) ? failures + 1 : 0;
            for (const [i, order] of together.entries()) answers.set(orderKey(order), found[i] as SourceAnswer);
          }),
        ),
      );
      if (cache.size > MAX_CACHED_ORDERS) cache.clear();
      for (const key of asked.keys()) {
        const found = answers.get(key) as SourceAnswer;
        if ("order" in found) cache.set(key, { until: Date.now() + CACHE_MILLISECONDS, found });
      }
      return orders.map((order) => answers.get(orderKey(order)) as SourceAnswer);
    },
  };
}

const alone = (orders: readonly OrderName[]): OrderName[][] => orders.map((order) => [order]);
