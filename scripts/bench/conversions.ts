/**
 * What accepting a conversion costs: reports over HTTP to the relayer (judged, receipt signed, written durably) against a bare
 * batched INSERT … COMMIT of the very same rows into the same PostgreSQL, in one run. Rounds alternate, so that whatever else
 * the machine does hits both.
 *
 *   node scripts/bench/conversions.ts [--rounds 4] [--conversions 4000] [--check]
 *
 * `--check` fails if the relayer manages less than 0.3 of the bare rows a second.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import Table from "cli-table3";
import pg from "pg";
import { startPostgres } from "../../test/support/postgres.ts";
import { openMarket } from "../../test/support/shop.ts";
import { ask, CONNECTIONS, quantile } from "./load.ts";

const LEAST_RATIO = 0.3;
/** Rows of a bare INSERT: as many as requests wait at once, which is what the relayer can write together. */
const BATCH = CONNECTIONS;

/** The relayer that is measured: where it listens, and what a shop needs to report to it. */
interface Serving {
  readonly port: number;
  readonly key: string;
  readonly token: string;
  readonly campaignId: string;
}

async function serveRelayer(url: string): Promise<Serving> {
  const market = await openMarket(url);
  const campaign = await market.openCampaign({ budget: 10n ** 18n });
  const { click } = await campaign.join();
  const server = serve({ fetch: market.app.fetch, hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, key: campaign.key, token: click(), campaignId: campaign.campaignId };
}

let orders = 0;

/** Reports conversions, each of another customer; gives the milliseconds of each. */
function report({ port, key, token }: Serving, count: number): Promise<number[]> {
  let left = count;
  return ask(
    port,
    () => {
      if (left-- <= 0) return undefined;
      const order = `order-${++orders}`;
      const body = JSON.stringify({
        event: "sale",
        orderId: order,
        customerId: `customer of ${order}`,
        volume: "49.90",
        referralToken: token,
      });
      return Buffer.from(
        `POST /v1/conversions HTTP/1.1\r\nHost: relayer.example\r\nConnection: keep-alive\r\nContent-Type: application/json\r\nAuthorization: Bearer ${key}\r\nIdempotency-Key: ${order}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
    201,
  );
}

/** Copies the newest rows into a table of the same columns and indexes, some in each transaction; gives the seconds it took. */
async function insertBare(client: pg.Client, count: number): Promise<number> {
  const { rows } = await client.query(
    "SELECT to_jsonb(conversions) AS row FROM conversions ORDER BY id DESC LIMIT $1",
    [count],
  );
  const batches: string[] = [];
  for (let i = 0; i < rows.length; i += BATCH)
    batches.push(JSON.stringify(rows.slice(i, i + BATCH).map(({ row }) => row)));
  await client.query("TRUNCATE bare");
  const began = performance.now();
  for (const batch of batches) {
    await client.query("BEGIN");
    await client.query(
      "INSERT INTO bare OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::bare, $1::jsonb)",
      [batch],
    );
    await client.query("COMMIT");
  }
  return (performance.now() - began) / 1_000;
}

async function main(rounds: number, count: number, check: boolean): Promise<void> {
  const postgres = await startPostgres();
  const child = fork(fileURLToPath(import.meta.url), ["--serve", postgres.url]);
  const [serving] = (await once(child, "message")) as [Serving];
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("CREATE TABLE bare (LIKE conversions INCLUDING ALL)");
  const latencies: number[] = [];
  const accepted: number[] = [];
  const bare: number[] = [];
  try {
    await report(serving, count);
    for (let i = 0; i < rounds; i++) {
      const began = performance.now();
      for (const latency of await report(serving, count)) latencies.push(latency);
      accepted.push(count / ((performance.now() - began) / 1_000));
      bare.push(count / (await insertBare(client, count)));
    }
    const { rows } = await client.query("SELECT count(*)::int AS count FROM conversions WHERE state = 'accepted'");
    if (rows[0].count !== count * (rounds + 1)) throw new Error(`${rows[0].count} conversions were accepted, not all.`);
  } finally {
    await client.end();
    child.kill();
    await once(child, "exit");
    await postgres.stop();
  }
  const table = new Table({ head: ["conversions", "a second", "p50 ms", "p99 ms"], style: { head: [] } });
  table.push(["bare INSERT … COMMIT", Math.round(quantile(bare, 0.5)), "", ""]);
  const [p50, p99] = [quantile(latencies, 0.5).toFixed(1), quantile(latencies, 0.99).toFixed(1)];
  table.push(["accepted over HTTP", Math.round(quantile(accepted, 0.5)), p50, p99]);
  console.log(table.toString());
  const ratios = accepted.map((rate, i) => rate / (bare[i] as number));
  const ratio = quantile(ratios, 0.5);
  console.log(
    `${rounds} rounds of ${count}, ${CONNECTIONS} connections, ${BATCH} rows in a bare transaction. ` +
      `Ratio ${ratio.toFixed(2)} (median of the rounds; ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}).`,
  );
  if (check && ratio < LEAST_RATIO)
    throw new Error(`The relayer accepts ${ratio.toFixed(2)} of the bare rows a second; at least ${LEAST_RATIO}.`);
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "4" },
    conversions: { type: "string", default: "4000" },
    check: { type: "boolean", default: false },
    serve: { type: "string" },
  },
});
if (values.serve === undefined) {
  await main(Number(values.rounds), Number(values.conversions), values.check);
} else {
  process.once("SIGTERM", () => process.exit(0));
  process.send?.(await serveRelayer(values.serve));
}
