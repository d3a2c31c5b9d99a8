/**
 * What an invite link costs: the relayer's /i/{code} against the same framework answering an empty 302, in one run, over HTTP
 * with keep-alive. Each server is a process of its own; rounds alternate between them, so that whatever else the machine does
 * hits both. The relayer is the real app over a PostgreSQL, and writes its clicks down every second.
 *
 *   node harness/bench/redirects.ts [--rounds 8] [--seconds 3] [--check]
 *
 * `--check` fails if by CPU time, the best round of each, the relayer manages less than 0.65 of the bare framework.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { type campaignDescription, descriptionHash } from "@partner-programs/protocol/description";
import { programsDomain } from "@partner-programs/protocol/typedData";
import Table from "cli-table3";
import { Wallet } from "ethers";
import { Hono } from "hono";
import { pino } from "pino";
import type { z } from "zod";
import { createApp } from "#relayer/http/app.ts";
import { invitesFirst } from "#relayer/http/invitesFirst.ts";
import { noRates } from "#relayer/intake/saleRates.ts";
import { createIntake } from "#relayer/intake.ts";
import { createInvites } from "#relayer/invites.ts";
import { createLink } from "#relayer/store/links.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { leadReceiptsBy } from "#service/chain/receipts.ts";
import { LocalSigner } from "#service/chain/signer.ts";
import { endWithUs } from "../children.ts";
import { newDatabase, RELAYER_MIGRATIONS } from "../database.ts";
import { startPostgres } from "../postgres.ts";
import { ask, quantile } from "./load.ts";

const MIN_RATIO = 0.65;
const LINKS = 100;
const CONNECTIONS = 32;

// ------------------------------------------------------------------------------------------------------- the servers

/** The address of a server that listens, and the paths to ask it for. */
interface Serving {
  readonly port: number;
  readonly paths: readonly string[];
}

/** Ends what a server started besides itself. */
let atEnd: () => Promise<void> = async () => {};

async function serveRelayer(): Promise<Serving> {
  const postgres = await startPostgres();
  atEnd = () => postgres.stop();
  const database = await newDatabase({ url: postgres.url, folder: "" }, RELAYER_MIGRATIONS);
  const signer = Wallet.createRandom();
  const campaignId = `0x${"c".repeat(64)}`;
  await database.query(
    `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps, unit_exponent, operator)
     VALUES ($1, $2, $2, 'DUSD', 6, 60, 60, 1, 500, 4, $2)`,
    [campaignId, signer.address],
  );
  const description: z.input<typeof campaignDescription> = {
    version: 1,
    name: "Bench",
    summary: "",
    destination: "https://brand.example/welcome",
    attribution: { touch: "first", windowSeconds: 2_592_000, bindingSeconds: 0 },
    events: [{ name: "sale", title: "A sale", perCustomer: null }],
  };
  const body = JSON.stringify(description);
  await database.query("INSERT INTO descriptions (hash, body) VALUES ($1, $2)", [descriptionHash(body), body]);
  await database.query(
    "INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, $2, '', 0)",
    [campaignId, descriptionHash(body)],
  );
  const [partnership] = await database.query<{ id: bigint }>(
    "INSERT INTO partnerships (campaign_id, partner) VALUES ($1, $2) RETURNING id",
    [campaignId, signer.address],
  );
  if (partnership === undefined) throw new Error("There is no partnership.");
  const paths: string[] = [];
  for (let i = 0; i < LINKS; i++) {
    const path = i % 2 === 0 ? null : "/pricing?plan=team";
    paths.push(`/i/${await createLink(database, { partnershipId: partnership.id, alias: null, label: "", path })}`);
  }

  const secret = "a secret of at least thirty-two characters";
  const address = signer.address;
  // No route that is asked for here goes to the chain.
  const chain = { chainId: 31_337, address, domain: programsDomain(31_337, address) } as ProgramsChain;
  const signReceipts = new LocalSigner(signer.privateKey).receiptSigner(chain.domain);
  const invites = createInvites(database, secret);
  const app = createApp({
    database,
    chain,
    invites,
    intake: createIntake(database, signReceipts, leadReceiptsBy(signer, chain.domain), {
      RELAYER_SECRET: secret,
      ATTEST_WITHIN_SECONDS: 86_400,
    }),
    findRate: noRates,
    config: { PUBLIC_URL: "https://go.example", RELAYER_SECRET: secret },
    relayerAddress: address,
    log: pino({ level: "error" }),
  });
  setInterval(() => void invites.flushClicks(), 1_000);
  return { port: await listen(app.fetch, invitesFirst(invites)), paths };
}

async function serveBare(): Promise<Serving> {
  const app = new Hono();
  app.get("/i/:code", (c) => c.redirect("https://brand.example/welcome", 302));
  return { port: await listen(app.fetch), paths: ["/i/bcdfghjk"] };
}

async function listen(
  fetch: Parameters<typeof serve>[0]["fetch"],
  createServer?: ReturnType<typeof invitesFirst>,
): Promise<number> {
  const server = serve({
    fetch,
    ...(createServer === undefined ? {} : { createServer }),
    hostname: "127.0.0.1",
    port: 0,
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

// -------------------------------------------------------------------------------------------------------- the visitors

/** As a browser on a telephone asks. */
const HEADERS = [
  "Host: go.example",
  "Connection: keep-alive",
  "Upgrade-Insecure-Requests: 1",
  "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "Sec-Fetch-Site: cross-site",
  "Sec-Fetch-Mode: navigate",
  "Sec-Fetch-User: ?1",
  "Sec-Fetch-Dest: document",
  "Referer: https://blog.example/",
  "Accept-Encoding: gzip, deflate, br",
  "Accept-Language: en-GB,en;q=0.9",
].join("\r\n");

/** Asks for the paths over and over for some seconds; gives the milliseconds of every request. */
async function visit({ port, paths }: Serving, seconds: number): Promise<number[]> {
  const requests = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\n${HEADERS}\r\n\r\n`));
  const until = performance.now() + seconds * 1_000;
  let next = 0;
  return ask(
    port,
    CONNECTIONS,
    () => (performance.now() < until ? requests[next++ % requests.length] : undefined),
    302,
  );
}

// ------------------------------------------------------------------------------------------------------------- the run

interface Measured {
  readonly name: string;
  readonly child: ChildProcess;
  readonly serving: Serving;
  /** Of each round, requests a second. */
  readonly rates: number[];
  /** Of each round, microseconds of CPU time for a request. */
  readonly costs: number[];
  readonly latencies: number[];
}

async function start(name: "relayer" | "bare"): Promise<Measured> {
  const child = fork(fileURLToPath(import.meta.url), ["--serve", name]);
  endWithUs(child);
  const [serving] = (await once(child, "message")) as [Serving];
  return { name, child, serving, rates: [], costs: [], latencies: [] };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  const answer = once(child, "message") as Promise<[number]>;
  child.send("cpu");
  return (await answer)[0];
}

async function round(measured: Measured, seconds: number): Promise<void> {
  const before = await cpuOf(measured.child);
  const started = performance.now();
  const latencies = await visit(measured.serving, seconds);
  measured.rates.push(latencies.length / ((performance.now() - started) / 1_000));
  measured.costs.push(((await cpuOf(measured.child)) - before) / latencies.length);
  for (const latency of latencies) measured.latencies.push(latency);
}

async function main(rounds: number, seconds: number, check: boolean): Promise<void> {
  const both = [await start("bare"), await start("relayer")] as const;
  try {
    for (const { serving } of both) await visit(serving, seconds);
    for (let i = 0; i < rounds; i++) {
      // The one that was second is first in the next round.
      for (const measured of i % 2 === 0 ? both : both.toReversed()) await round(measured, seconds);
    }
  } finally {
    for (const { child } of both) {
      child.kill();
      await once(child, "exit");
    }
  }

  const [bare, relayer] = both;
  const table = new Table({ head: ["302", "requests/s", "p50 ms", "p99 ms", "CPU µs/request"], style: { head: [] } });
  for (const { name, rates, latencies, costs } of both) {
    table.push([
      name === "bare" ? "Hono, empty handler" : "relayer, /i/{code}",
      Math.round(quantile(rates, 0.5)),
      quantile(latencies, 0.5).toFixed(2),
      quantile(latencies, 0.99).toFixed(2),
      Math.min(...costs).toFixed(1),
    ]);
  }
  console.log(table.toString());
  console.log(
    `${rounds} rounds of ${seconds} s each, ${CONNECTIONS} connections, ${LINKS} links. Relayer to bare framework:`,
  );
  const byRate = relayer.rates.map((rate, i) => rate / (bare.rates[i] as number));
  const byCpu = relayer.costs.map((cost, i) => (bare.costs[i] as number) / cost);
  for (const [what, ratios] of Object.entries({ "requests a second": byRate, "CPU time": byCpu }))
    console.log(
      `  ${what}: ${quantile(ratios, 0.5).toFixed(2)} (median of the rounds; ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
    );
  const best = Math.min(...bare.costs) / Math.min(...relayer.costs);
  console.log(`  CPU time, the best round of each: ${best.toFixed(2)}`);
  if (check && best < MIN_RATIO)
    throw new Error(
      `By CPU time the relayer's redirect manages ${best.toFixed(2)} of the bare framework; at least ${MIN_RATIO}.`,
    );
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "8" },
    seconds: { type: "string", default: "3" },
    check: { type: "boolean", default: false },
    serve: { type: "string" },
  },
});
if (values.serve === undefined) {
  await main(Number(values.rounds), Number(values.seconds), values.check);
} else {
  const serving = values.serve === "bare" ? await serveBare() : await serveRelayer();
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.once("SIGTERM", () => void atEnd().finally(() => process.exit(0)));
  process.send?.(serving);
}
