/**
 * What accepting a conversion costs: reports over HTTP to the relayer (judged, receipt signed, written durably) against a bare
 * batched INSERT … COMMIT of the very same rows into the same PostgreSQL, in one run: all rows that a report writes, into tables
 * of the same columns, indexes and references, as many in a transaction as the relayer's had. Rounds alternate, so that whatever
 * else the machine does hits both. CPU time is that of the process that writes, and of the PostgreSQL; who reports is left out.
 *
 *   node harness/bench/conversions.ts [--rounds 8] [--conversions 4000] [--connections 128] [--campaigns 3] [--check]
 *
 * `--check` fails if by CPU time, the median of the rounds, the relayer manages less than 0.17 of the bare rows. Linux alone.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import Table from "cli-table3";
import pg from "pg";
import { endWithUs } from "../children.ts";
import { type Postgres, startPostgres } from "../postgres.ts";
import { openRelayer } from "../relayer.ts";
import { microsecondsOf } from "./cpu.ts";
import { ask, quantile } from "./load.ts";

const MIN_RATIO = 0.17;
/** Customers of each campaign came by so many clicks, one after the other. */
const CLICKS = 1_000;

/** The relayer that is measured: where it listens, and what a shop needs to report to it. */
interface Serving {
  readonly port: number;
  /** One for each campaign. */
  readonly shops: readonly { readonly key: string; readonly tokens: readonly string[] }[];
}

async function serveRelayer(url: string, campaigns: number): Promise<Serving> {
  const market = await openRelayer({ url });
  const shops = await Promise.all(
    Array.from({ length: campaigns }, async () => {
      const { key, join } = await market.openCampaign({ budget: 10n ** 18n });
      const { click } = await join();
      return { key, tokens: Array.from({ length: CLICKS }, () => click()) };
    }),
  );
  const server = serve({ fetch: market.app.fetch, hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, shops };
}

let orders = 0;

/** Requests that report conversions, each of another customer, of one campaign after the other. */
function reports({ shops }: Serving, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const { key, tokens } = shops[i % shops.length] as (typeof shops)[number];
    const order = `order-${++orders}`;
    const body = JSON.stringify({
      event: "sale",
      orderId: order,
      customerId: `customer of ${order}`,
      volume: "49.90",
      referralToken: tokens[orders % tokens.length],
    });
    return Buffer.from(
      `POST /v1/conversions HTTP/1.1\r\nHost: relayer.example\r\nConnection: keep-alive\r\nContent-Type: application/json\r\nAuthorization: Bearer ${key}\r\nIdempotency-Key: ${order}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

/** What was measured of some conversions in one round. */
interface Round {
  /** Conversions a second. */
  readonly rate: number;
  /** Microseconds of CPU time for a conversion: of the process that writes, and of the PostgreSQL. */
  readonly cost: number;
  readonly ofPostgres: number;
  /** How long each answer took, or each transaction. */
  readonly milliseconds: readonly number[];
}

async function reportAll(serving: Serving, count: number, connections: number): Promise<readonly number[]> {
  const requests = reports(serving, count).values();
  return ask(serving.port, connections, () => requests.next().value, 201);
}

/** Microseconds of CPU that the process at the other end took. */
async function cpuOf(child: ChildProcess): Promise<number> {
  const answer = once(child, "message") as Promise<[number]>;
  child.send("cpu");
  return (await answer)[0];
}

/** What `work` on `count` conversions takes of time, and of CPU: `writer` says what its process took so far. */
async function measure(
  count: number,
  postgres: Postgres,
  writer: () => number | Promise<number>,
  work: () => Promise<readonly number[]>,
): Promise<Round> {
  const before = [await writer(), microsecondsOf(postgres.pid())] as const;
  const began = performance.now();
  const milliseconds = await work();
  const rate = count / ((performance.now() - began) / 1_000);
  const ofWriter = ((await writer()) - before[0]) / count;
  const ofPostgres = (microsecondsOf(postgres.pid()) - before[1]) / count;
  return { rate, cost: ofWriter + ofPostgres, ofPostgres, milliseconds };
}

/** What an accepted report writes: which of its rows are a conversion's, whose id is `id`. */
const TABLES = {
  conversions: "id = conversion.id",
  conversion_moves: "conversion_id = conversion.id",
  idempotency_keys: "conversion_id = conversion.id",
  bindings: "campaign_id = conversion.campaign_id AND customer = conversion.customer",
};

/** Tables like those of the relayer: their columns, indexes, checks and references. */
async function createBareTables(client: pg.Client): Promise<void> {
  for (const table of Object.keys(TABLES)) {
    await client.query(`CREATE TABLE bare_${table} (LIKE ${table} INCLUDING ALL)`);
    const { rows } = await client.query(
      "SELECT pg_get_constraintdef(oid) AS reference FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'f'",
      [table],
    );
    for (const { reference } of rows) await client.query(`ALTER TABLE bare_${table} ADD ${reference}`);
  }
}

/** How many conversions the relayer's last transactions wrote at once, on average. */
async function together(client: pg.Client, count: number): Promise<number> {
  const { rows } = await client.query(
    "SELECT count(DISTINCT xmin::text)::int AS transactions FROM (SELECT xmin FROM conversions ORDER BY id DESC LIMIT $1) AS newest",
    [count],
  );
  return Math.round(count / rows[0].transactions);
}

type Rows = readonly Record<string, unknown>[];

/** The newest conversions, each with what was written with it, table by table. */
async function newest(client: pg.Client, count: number): Promise<Rows> {
  const columns = Object.entries(TABLES).map(
    ([table, isOf]) => `(SELECT to_jsonb(${table}) FROM ${table} WHERE ${isOf}) AS ${table}`,
  );
  const { rows } = await client.query(
    `SELECT ${columns.join(", ")} FROM conversions conversion ORDER BY id DESC LIMIT $1`,
    [count],
  );
  return rows;
}

/** Writes `rows` into the bare tables, which are empty, so many in each transaction. */
async function insertBare(client: pg.Client, rows: Rows, size: number): Promise<readonly number[]> {
  const milliseconds: number[] = [];
  for (let i = 0; i < rows.length; i += size) {
    const sentAt = performance.now();
    const some = rows.slice(i, i + size);
    await client.query("BEGIN");
    for (const table of Object.keys(TABLES)) {
      await client.query(
        `INSERT INTO bare_${table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::bare_${table}, $1::jsonb)`,
        [JSON.stringify(some.map((row) => row[table]))],
      );
    }
    await client.query("COMMIT");
    milliseconds.push(performance.now() - sentAt);
  }
  return milliseconds;
}

/** Microseconds of CPU that this process took. */
function ours(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

interface Options {
  readonly rounds: number;
  readonly count: number;
  readonly connections: number;
  readonly campaigns: number;
  readonly check: boolean;
}

async function main({ rounds, count, connections, campaigns, check }: Options): Promise<void> {
  const postgres = await startPostgres();
  const child = fork(fileURLToPath(import.meta.url), ["--serve", postgres.url, "--campaigns", String(campaigns)]);
  endWithUs(child);
  const [serving] = (await once(child, "message")) as [Serving];
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await createBareTables(client);
  const accepted: Round[] = [];
  const bare: Round[] = [];
  const sizes: number[] = [];
  try {
    await reportAll(serving, count, connections);
    for (let i = 0; i < rounds; i++) {
      const relayer = () => cpuOf(child);
      accepted.push(await measure(count, postgres, relayer, () => reportAll(serving, count, connections)));
      const size = await together(client, count);
      sizes.push(size);
      const rows = await newest(client, count);
      await client.query(`TRUNCATE ${Object.keys(TABLES).map((table) => `bare_${table}`)}`);
      bare.push(await measure(count, postgres, ours, () => insertBare(client, rows, size)));
    }
    const { rows } = await client.query("SELECT count(*)::int AS count FROM conversions WHERE state = 'accepted'");
    if (rows[0].count !== count * (rounds + 1)) throw new Error(`${rows[0].count} conversions were accepted, not all.`);
  } finally {
    await client.end();
    child.kill();
    await once(child, "exit");
    await postgres.stop();
  }
  const table = new Table({
    head: ["conversions", "a second", "p50 ms", "p99 ms", "CPU µs each", "of them PostgreSQL's"],
    style: { head: [] },
  });
  const show = (name: string, measured: readonly Round[]) => {
    const milliseconds = measured.flatMap((round) => round.milliseconds);
    const median = (of: (round: Round) => number) => Math.round(quantile(measured.map(of), 0.5));
    const [p50, p99] = [quantile(milliseconds, 0.5).toFixed(1), quantile(milliseconds, 0.99).toFixed(1)];
    table.push([name, median(({ rate }) => rate), p50, p99, median(({ cost }) => cost), median((r) => r.ofPostgres)]);
  };
  show("bare INSERT … COMMIT", bare);
  show("accepted over HTTP", accepted);
  console.log(table.toString());
  console.log(
    `${rounds} rounds of ${count} for ${campaigns} campaigns, ${connections} connections, ${quantile(sizes, 0.5)} rows in a transaction of either. ` +
      "Accepted to bare, the median of the rounds:",
  );
  const byRate = accepted.map(({ rate }, i) => rate / (bare[i] as Round).rate);
  const byCpu = accepted.map(({ cost }, i) => (bare[i] as Round).cost / cost);
  for (const [what, ratios] of Object.entries({ "conversions a second": byRate, "CPU time": byCpu }))
    console.log(
      `  ${what}: ${quantile(ratios, 0.5).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
    );
  const ratio = quantile(byCpu, 0.5);
  if (check && ratio < MIN_RATIO)
    throw new Error(`By CPU time the relayer accepts ${ratio.toFixed(2)} of the bare rows; at least ${MIN_RATIO}.`);
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "8" },
    conversions: { type: "string", default: "4000" },
    connections: { type: "string", default: "128" },
    campaigns: { type: "string", default: "3" },
    check: { type: "boolean", default: false },
    serve: { type: "string" },
  },
});
if (values.serve === undefined) {
  await main({
    rounds: Number(values.rounds),
    count: Number(values.conversions),
    connections: Number(values.connections),
    campaigns: Number(values.campaigns),
    check: values.check,
  });
} else {
  process.once("SIGTERM", () => process.exit(0));
  process.on("message", () => process.send?.(ours()));
  process.send?.(await serveRelayer(values.serve, Number(values.campaigns)));
}
