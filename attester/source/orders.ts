/** A source of orders: a read-only URL of the brand's. */
import { z } from "zod";
import { describeHttpError, readBounded } from "#sources/http.ts";
import { createAskedSource } from "./asking.ts";
import { type OrderName, type OrderSource, type SourceAnswer, sourceOrder } from "./source.ts";

const MAX_BYTES = 1024 * 1024;
const IDS = { max: 100, characters: 4_000 };

interface Options {
  readonly url: string;
  readonly token?: string | undefined;
  readonly timeoutMilliseconds: number;
  readonly concurrency: number;
}

/** The brand's orders at a read-only URL: `GET …/{orderId}`, or `GET …?ids=…`. */
export function createOrdersSource({ url, token, timeoutMilliseconds, concurrency }: Options): OrderSource {
  const host = new URL(url.replaceAll(/[{}]/g, "")).host;
  const oneByOne = url.includes("{orderId}");

  return createAskedSource({
    concurrency,
    away: `the attester's source at ${host} does not answer.`,
    group: oneByOne ? undefined : inGroups,
    ask,
  });

  async function ask(group: readonly OrderName[]): Promise<SourceAnswer[]> {
    try {
      const target = oneByOne ? fill(url, group[0] as OrderName) : listUrl(url, group);
      // A dot segment would lead to another resource than an order's.
      if (target === undefined) return [{ missing: true }];
      const response = await fetch(target, {
        headers: { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        // The token is for this host alone.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
      if (oneByOne && (response.status === 404 || response.status === 410)) {
        await response.body?.cancel();
        return [{ missing: true }];
      }
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`answered ${response.status}`);
      }
      const given = JSON.parse(await readBounded(response, MAX_BYTES));
      const parsed = z.array(sourceOrder).safeParse(oneByOne ? [given] : given);
      if (!parsed.success) throw new Error(`sent no order: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
      return group.map(({ event, orderId }) => {
        const ofId = parsed.data.filter((order) => order.orderId === orderId);
        const order = ofId.find((one) => one.event === event) ?? ofId.find((one) => one.event === undefined) ?? ofId[0];
        if (order !== undefined) return { order: { ...order, event: order.event } };
        if (oneByOne) throw new Error("sent another order than the one asked for");
        return { missing: true };
      });
    } catch (error) {
      const unavailable = `the attester's source at ${host} ${describeHttpError(error)}.`;
      return group.map(() => ({ unavailable }));
    }
  }
}

function fill(template: string, { event, orderId }: OrderName): string | undefined {
  if (/^\.{1,2}$/.test(orderId)) return undefined;
  return template
    .replaceAll("{orderId}", () => encodeURIComponent(orderId))
    .replaceAll("{event}", () => encodeURIComponent(event));
}

function listUrl(url: string, group: readonly OrderName[]): string {
  const ids = [...new Set(group.map(({ orderId }) => encodeURIComponent(orderId)))].join(",");
  return `${url}${url.includes("?") ? "&" : "?"}ids=${ids}`;
}

/** As many orders at once as a URL carries everywhere. */
function inGroups(orders: readonly OrderName[]): OrderName[][] {
  const groups: OrderName[][] = [];
  let room = 0;
  for (const order of orders) {
    const length = encodeURIComponent(order.orderId).length + 1;
    const last = groups.at(-1);
    if (last === undefined || last.length === IDS.max || length > room) {
      groups.push([order]);
      room = IDS.characters - length;
    } else {
      last.push(order);
      room -= length;
    }
  }
  return groups;
}
