/** What has to be true at the end of a chaos run. */

import { findWrongSums } from "#scripts/backup/sums.ts";
import { linesFrom, recount } from "../recount.ts";
import type { Driven } from "./campaigns.ts";
import type { Cluster } from "./cluster.ts";
import type { Order } from "./shop.ts";

/** Whether nothing is on its way any more. */
export async function isSettled({ database }: Cluster): Promise<string | undefined> {
  const { rows } = await database.query(
    `SELECT state, count(*)::int AS count FROM conversions WHERE state NOT IN ('released', 'reversed', 'rejected') GROUP BY state`,
  );
  const reversals = await database.query("SELECT 1 FROM reversals WHERE state IN ('requested', 'sent')");
  const waiting = rows.map(({ state, count }) => `${count} ${state}`);
  if (reversals.rows.length > 0) waiting.push(`${reversals.rows.length} refunds`);
  return waiting.length === 0 ? undefined : waiting.join(", ");
}

/** Compares the shops, the database, the chain and an independent recount of its events. Returns what differs; empty if nothing. */
export async function judge(
  cluster: Cluster,
  campaigns: readonly Driven[],
  orders: readonly Order[],
): Promise<string[]> {
  const problems: string[] = [];
  const expect = (what: string, found: unknown, wanted: unknown) => {
    if (String(found) !== String(wanted)) problems.push(`${what}: ${found} instead of ${wanted}`);
  };
  // No relayer is asked: two of the three attesters signed each batch, whichever those were.
  const linesOf = linesFrom(...cluster.attesters.map(({ url }) => url));
  const counted = await recount(cluster.anvil.provider, cluster.deployment, linesOf);
  problems.push(...counted.differences);

  const { rows } = await cluster.database.query<{
    id: string;
    campaign_id: string;
    order_id: string;
    state: string;
    number: string | null;
  }>("SELECT id, campaign_id, order_id, state, number FROM conversions");
  const byId = new Map(rows.map((row) => [row.id, row]));
  expect("conversions in the database", rows.length, orders.length);
  const earned = new Map<string, bigint>();
  for (const order of orders) {
    const row = byId.get(order.conversionId ?? "");
    if (row === undefined) {
      problems.push(`${order.orderId} has no conversion.`);
      continue;
    }
    expect(`${order.orderId}'s order`, row.order_id, order.orderId);
    expect(`${order.orderId} was ${order.state}, and`, row.state === "rejected", order.state === "rejected");
    if (order.refund === "none") expect(`${order.orderId} was not refunded, and is`, row.state, "released");
    if (order.refund === "too late") expect(`${order.orderId} was refunded too late, and is`, row.state, "released");
    if (row.state === "released") {
      const key = `${order.campaign.campaignId}:${order.partner}`;
      earned.set(key, (earned.get(key) ?? 0n) + order.campaign.commission);
    }
  }
  for (const { campaignId, tokens } of campaigns) {
    for (const { partner } of tokens) {
      const key = `${campaignId}:${partner}`;
      const { pending, released, paid } = counted.partners.get(key) ?? { pending: 0n, released: 0n, paid: 0n };
      expect(`${partner} has pending in ${campaignId}`, pending, 0n);
      expect(`${partner} earned in ${campaignId}, on the chain`, released + paid, earned.get(key) ?? 0n);
    }
    // Numbers are given once, without gaps, and the chain has seen just these.
    const numbers = rows
      .filter((row) => row.campaign_id === campaignId && row.number !== null)
      .map((row) => Number(row.number))
      .sort((a, b) => a - b);
    const wrong = numbers.findIndex((number, i) => number !== i + 1);
    if (wrong !== -1) problems.push(`${campaignId}: conversion number ${numbers[wrong]} stands at place ${wrong + 1}.`);
    const { rows: mirrored } = await cluster.database.query(
      "SELECT next_conversion, available, reserved, promised FROM campaigns WHERE id = $1",
      [campaignId],
    );
    const totals = counted.campaigns.get(campaignId);
    expect(`${campaignId}'s next number`, mirrored[0]?.next_conversion, numbers.length + 1);
    expect(`${campaignId}'s available in the database`, mirrored[0]?.available, totals?.available);
    expect(`${campaignId}'s reserved in the database`, mirrored[0]?.reserved, 0n);
    expect(`${campaignId}'s promises in the database`, mirrored[0]?.promised, 0n);
  }
  // What is shown is kept summed: through kills and reorganisations as well.
  const query = async <Row>(text: string) => (await cluster.database.query(text)).rows as Row[];
  for (const { table, from, row } of await findWrongSums({ query }))
    problems.push(`${table} has a wrong sum (${from}): ${JSON.stringify(row)}`);
  return problems;
}
