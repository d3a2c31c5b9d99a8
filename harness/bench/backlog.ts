/**
 * What a backlog costs: the memory of a relayer that attests and releases a small and a large backlog of accepted conversions,
 * with batches of the same size. It must not grow with the backlog.
 *
 *   node harness/bench/backlog.ts [--conversions 100000] [--check]
 *
 * `--check` fails if the large backlog (of --conversions) takes more than 1.3 of the memory of a tenth of it. Linux alone.
 */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { openCampaigns } from "../chaos/campaigns.ts";
import { type Cluster, startCluster } from "../chaos/cluster.ts";
import { isSettled } from "../chaos/verdict.ts";
import { chance, pause } from "../random.ts";

const MAX_GROWTH = 1.3;
const BATCH = 5_000;

interface Measured {
  readonly conversions: number;
  readonly seconds: number;
  readonly megabytes: number;
}

/** Reports one conversion, and copies it: what waits in the database is what would wait there. */
async function pileUp(cluster: Cluster, conversions: number): Promise<void> {
  const [campaign] = await openCampaigns(cluster, conversions);
  if (campaign === undefined) throw new Error("There is no campaign.");
  await Promise.all(cluster.attesters.map((attester) => attester.kill()));
  const response = await fetch(new URL("/v1/conversions", cluster.relayers[0]?.url), {
    method: "POST",
    headers: { authorization: `Bearer ${campaign.secret}`, "content-type": "application/json" },
    body: JSON.stringify({
      event: campaign.event,
      orderId: "order",
      customerId: "customer",
      referralToken: campaign.tokens[0]?.token,
    }),
  });
  if (response.status !== 201) throw new Error(`Reporting answers ${response.status}: ${await response.text()}`);
  await cluster.relayers[0]?.kill();
  const { rows } = await cluster.database.query<{ column_name: string }>(
    `SELECT column_name FROM information_schema.columns WHERE table_name = 'conversions'
     AND column_name NOT IN ('id', 'order_id', 'key', 'salt', 'state', 'batch', 'number')`,
  );
  const columns = rows.map(({ column_name }) => `"${column_name}"`).join(", ");
  await cluster.database.query(
    `INSERT INTO conversions (${columns}, order_id, key, salt, state)
     SELECT ${columns}, order_id || n, '0x' || encode(sha256(('key' || n)::bytea), 'hex'), '0x' || encode(sha256(('salt' || n)::bytea), 'hex'), 'accepted'
     FROM conversions, generate_series(2, $1) AS n`,
    [conversions],
  );
  await cluster.database.query("UPDATE campaigns SET promised = promised * $1 WHERE promised > 0", [conversions]);
}

async function measure(conversions: number): Promise<Measured> {
  const cluster = await startCluster(chance(1), () => {}, {
    BATCH_CONVERSIONS: String(BATCH),
    DEADLINE_SECONDS: "600",
  });
  try {
    await cluster.relayers[1]?.kill();
    await pileUp(cluster, conversions);
    await Promise.all(cluster.attesters.map((attester) => attester.start()));
    const began = Date.now();
    await cluster.relayers[0]?.start();
    let megabytes = 0;
    for (;;) {
      megabytes = Math.max(megabytes, cluster.relayers[0]?.memory() ?? 0);
      if ((await isSettled(cluster)) === undefined) break;
      if (Date.now() - began > 1_200_000) throw new Error(`It does not settle: ${await isSettled(cluster)}.`);
      await pause(200);
    }
    const { rows } = await cluster.database.query(
      "SELECT count(*)::int AS count FROM conversions WHERE state = 'released'",
    );
    if (rows[0].count !== conversions)
      throw new Error(`${rows[0].count} conversions were released, not ${conversions}.`);
    return { conversions, seconds: (Date.now() - began) / 1_000, megabytes };
  } finally {
    await cluster.close(false);
  }
}

const { values } = parseArgs({
  options: { conversions: { type: "string", default: "100000" }, check: { type: "boolean", default: false } },
});
const large = Number(values.conversions);
const measured = [await measure(Math.round(large / 10)), await measure(large)];
const table = new Table({ head: ["backlog", "seconds", "most memory, MB"], style: { head: [] } });
for (const { conversions, seconds, megabytes } of measured)
  table.push([conversions, Math.round(seconds), Math.round(megabytes)]);
console.log(table.toString());
const [small, all] = measured as [Measured, Measured];
const growth = all.megabytes / small.megabytes;
console.log(`Batches of ${BATCH}. Ten times the backlog takes ${growth.toFixed(2)} of the memory.`);
if (values.check && growth > MAX_GROWTH) throw new Error(`The memory grows with the backlog; at most ${MAX_GROWTH}.`);
