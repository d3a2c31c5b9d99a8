/** A shop of the chaos run: orders and refunds, reported until they are answered. */
import type { Driven } from "#harness/chaos/campaigns.ts";
import type { Cluster } from "#harness/chaos/cluster.ts";
import { type Chance, pause } from "#harness/random.ts";

/** What the shops know of one of their orders: all that there is to compare with, in the end. */
export interface Order {
  readonly campaign: Driven;
  readonly orderId: string;
  readonly partner: string;
  readonly body: string;
  conversionId: string | undefined;
  state: "accepted" | "rejected" | undefined;
  refund: "none" | "wanted" | "taken" | "too late";
}

const WIDTH = 24;

/** Makes up orders, and reports them until each is answered, some twice at once, some to another relayer, in any order. */
export async function sell(
  cluster: Cluster,
  campaigns: readonly Driven[],
  count: number,
  chance: Chance,
  progress: (done: number) => void,
): Promise<Order[]> {
  const orders = Array.from({ length: count }, (_, i): Order => {
    const campaign = chance.pick(campaigns);
    const { partner, token } = chance.pick(campaign.tokens);
    const orderId = `order-${i}`;
    const body = JSON.stringify({
      event: campaign.event,
      orderId,
      volume: campaign.volume,
      referralToken: token,
      customerId: `customer-${i}`,
    });
    const refund = chance.hit(0.05) ? "wanted" : "none";
    return { campaign, orderId, partner, body, conversionId: undefined, state: undefined, refund };
  });
  const waiting = [...orders];
  let done = 0;
  await Promise.all(
    Array.from({ length: WIDTH }, async () => {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
        const times = chance.hit(0.1) ? 2 : 1;
        await Promise.all(Array.from({ length: times }, () => report(cluster, order, chance)));
        // A refund that comes at once, while the conversion is at any state.
        if (order.refund === "wanted") void refund(cluster, order, chance, chance.below(15_000));
        progress(++done);
        await pause(chance.below(60));
      }
    }),
  );
  // What is still on its way.
  while (orders.some((order) => order.refund === "wanted")) await pause(200);
  return orders;
}

async function report(cluster: Cluster, order: Order, chance: Chance): Promise<void> {
  const answer = await insist(cluster, chance, order.campaign.secret, "/v1/conversions", order.body, [200, 201]);
  const conversion = answer.body as { id: string; state: string };
  if (order.conversionId !== undefined && order.conversionId !== conversion.id)
    throw new Error(`${order.orderId} became two conversions: ${order.conversionId} and ${conversion.id}.`);
  order.conversionId = conversion.id;
  order.state = conversion.state === "rejected" ? "rejected" : "accepted";
}

async function refund(cluster: Cluster, order: Order, chance: Chance, after: number): Promise<void> {
  await pause(after);
  const path = `/v1/conversions/${order.conversionId}/refunds`;
  const { status } = await insist(cluster, chance, order.campaign.secret, path, undefined, [200, 201, 202, 409]);
  order.refund = status === 409 ? "too late" : "taken";
}

/** Asks one relayer or the other until there is an answer that is one of `wanted`. @throws Error if one says no */
async function insist(
  cluster: Cluster,
  chance: Chance,
  secret: string,
  path: string,
  body: string | undefined,
  wanted: readonly number[],
): Promise<{ status: number; body: unknown }> {
  for (;;) {
    try {
      const response = await fetch(new URL(path, chance.pick(cluster.relayers).url), {
        method: "POST",
        headers: {
          authorization: `Bearer ${secret}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(15_000),
      });
      const text = await response.text();
      if (wanted.includes(response.status)) return { status: response.status, body: JSON.parse(text) };
      if (response.status < 500) throw new Refused(`POST ${path}: ${response.status}: ${text}`);
    } catch (error) {
      if (error instanceof Refused) throw error;
      // No answer, or half of one: the next try will tell.
    }
    await pause(100 + chance.below(400));
  }
}

class Refused extends Error {
  override readonly name = "Refused";
}
