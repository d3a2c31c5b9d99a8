/**
 * What it costs to read a chain's history: events of many campaigns, from a node stand-in in a process of its own that speaks JSON-RPC,
 * through the real index into a PostgreSQL. The campaigns are funded, attested in batches, lowered, reversed, released, pulled and
 * claimed; what is kept of them at the end is compared with what was played.
 *
 *   node harness/bench/index.ts [--events 100000] [--campaigns 50] [--check]
 *
 * `--check` fails where it takes more statements an event or more memory than is written here: both are the same on every machine.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Deployment } from "@partner-programs/protocol/deployments";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { packLine } from "@partner-programs/protocol/line";
import Table from "cli-table3";
import { getAddress, id, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import { index } from "#relayer/worker/index.ts";
import { connectPrograms } from "#service/chain/programs.ts";
import type { Database, Sql } from "#service/database.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { endWithUs } from "../children.ts";
import { newDatabase, RELAYER_MIGRATIONS } from "../database.ts";
import { startPostgres } from "../postgres.ts";

const MAX_STATEMENTS = 3.2;
const MAX_MEGABYTES = 400;

const CHAIN_ID = 31_337;
const PROGRAMS = getAddress(toBeHex(0xc0de, 20));
const LENS = getAddress(toBeHex(0x1e45, 20));
const CONFIRMATIONS = 64;
/** Behind the last event, so that all of it is history. */
const QUIET_BLOCKS = 300;
const BLOCK_SECONDS = 2;
const BEGAN = 1_700_000_000;
/** As providers have it. */
const MAX_LOGS = 10_000;

const PRICE = 2_000_000n;
const FEE = 100_000n;
const LINES = 8;
const BUDGET = 10n ** 15n;
const PARTNERS = 5_000;

const CONTRACT = PartnerPrograms__factory.createInterface();
const addressOf = (kind: number, n: number) => getAddress(toBeHex((BigInt(kind) << 64n) + BigInt(n + 1), 20));
const partner = (n: number) => addressOf(2, n % PARTNERS);
const TOKEN = addressOf(3, 0);

// ---------------------------------------------------------------------------------------------------- what is played

type Told = readonly [name: string, values: Record<string, unknown>];

/** The events of a history, and what of each campaign is left available and held at its end. */
function* history(campaigns: number, events: number): Generator<Told> {
  const ids = Array.from({ length: campaigns }, (_, n) => id(`campaign ${n}`));
  const next = ids.map(() => 1n);
  let told = 0;
  function* tell(...some: Told[]) {
    told += some.length;
    yield* some;
  }
  for (const [n, campaignId] of ids.entries()) {
    const brand = addressOf(1, n);
    const terms = [TOKEN, 86_400, 604_800, 500, 4, false, ZeroAddress, 1];
    const offer = [PRICE, 0, 0, 0, 2n ** 40n - 1n, 0, encodeEventName("sale"), 0, ZeroAddress];
    yield* tell(
      ["CampaignCreated", { campaignId, brand, token: TOKEN, salt: ZeroHash, terms }],
      ["OfferAppended", { campaignId, offerId: 1, offer }],
      ["Funded", { campaignId, funder: brand, amount: BUDGET }],
    );
  }
  for (let cycle = 0; told < events; cycle++) {
    const at = cycle % campaigns;
    const campaignId = ids[at] as string;
    const attestation = id(`batch ${cycle}`);
    const firstConversion = next[at] as bigint;
    next[at] = firstConversion + BigInt(LINES);
    const total = BigInt(LINES) * (PRICE + FEE);
    const owner = (line: number) => partner(cycle * LINES + line);
    const body = [
      campaignId,
      firstConversion,
      LINES,
      BEGAN,
      BEGAN + 1,
      2n ** 40n - 1n,
      ZeroHash,
      id("root"),
      LINES,
      total,
    ];
    yield* tell(["Attested", { campaignId, attestation, attesterSet: 0, body, lines: [] }]);
    // The first line of every second batch is lowered to nothing.
    const lowered = cycle % 2 === 0 ? 1 : 0;
    if (lowered > 0) {
      const line = packLine({ offerId: 1, partner: owner(0), count: 0, volumeUnits: 0n });
      const left = { returned: PRICE + FEE, linesRoot: id("lowered"), total: total - PRICE - FEE };
      yield* tell(
        ["LineLowered", { campaignId, attestation, index: 0, line }],
        ["Reversed", { campaignId, attestation, reasonHash: id("refunded"), ...left }],
      );
    }
    for (const line of [1, 2])
      yield* tell(["Pulled", { campaignId, attestation, partner: owner(line), index: line, commission: PRICE }]);
    // What is left of it: all but those, and the lowered line, which is worth nothing.
    const count = BigInt(LINES - 3 + (1 - lowered));
    const mask = 2n ** BigInt(LINES) - 1n - 0b110n - BigInt(lowered);
    yield* tell(
      ["Released", { campaignId, attestation, word: 0, lines: mask, commission: count * PRICE, fee: count * FEE }],
      ["Funded", { campaignId, funder: addressOf(1, at), amount: total }],
      ["KindsSet", { campaignId, partner: owner(3), mask: 3, before: 1, effectiveAt: BEGAN }],
    );
    for (const line of [4, 5, 6])
      yield* tell(["Claimed", { owner: owner(line), token: TOKEN, receiver: owner(line), amount: PRICE }]);
  }
}

// ----------------------------------------------------------------------------------------------------------- the node

interface Call {
  readonly id: number;
  readonly method: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a method takes
  readonly params: any[];
}

const hashOf = (block: number) => toBeHex(BigInt(block) + (1n << 200n), 32);

/** An event in every second block. */
async function serveNode(events: number, campaigns: number): Promise<void> {
  const logs = [...history(campaigns, events)].map(([name, values], n) => {
    const fragment = CONTRACT.getEvent(name as "Funded") as NonNullable<ReturnType<typeof CONTRACT.getEvent>>;
    const block = 1 + 2 * n;
    return {
      ...CONTRACT.encodeEventLog(
        fragment,
        fragment.inputs.map((input) => values[input.name]),
      ),
      address: PROGRAMS,
      blockNumber: toBeHex(block),
      blockHash: hashOf(block),
      transactionHash: id(`transaction ${n}`),
      transactionIndex: "0x0",
      logIndex: "0x0",
      removed: false,
    };
  });
  const head = 2 * logs.length + QUIET_BLOCKS;
  function answer({ method, params }: Call): unknown {
    switch (method) {
      case "eth_chainId":
        return toBeHex(CHAIN_ID);
      case "eth_getCode":
        return "0x01";
      // A token that says nothing of itself.
      case "eth_call":
        return "0x";
      case "eth_getBlockByNumber": {
        const number = params[0] === "latest" ? head : Number(params[0]);
        if (number > head) return null;
        return {
          number: toBeHex(number),
          hash: hashOf(number),
          parentHash: hashOf(number - 1),
          timestamp: toBeHex(BEGAN + BLOCK_SECONDS * number),
          logsBloom: `0x${"00".repeat(256)}`,
        };
      }
      case "eth_getLogs": {
        const [from, to] = [Number(params[0].fromBlock), Number(params[0].toBlock)];
        // Of event n the block is 1 + 2n.
        const found = logs.slice(Math.max(0, Math.ceil((from - 1) / 2)), Math.floor((to - 1) / 2) + 1);
        if (found.length > MAX_LOGS) throw { code: -32005, message: "query returned more than 10000 results" };
        return found;
      }
      default:
        throw { code: -32601, message: `the stand-in does not have ${method}` };
    }
  }
  const server = createServer(async (request, response) => {
    const body: Call | Call[] = JSON.parse((await request.toArray()).join(""));
    const answers = [body].flat().map((call) => {
      try {
        return { jsonrpc: "2.0", id: call.id, result: answer(call) };
      } catch (error) {
        return { jsonrpc: "2.0", id: call.id, error };
      }
    });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  process.send?.({ port: (server.address() as AddressInfo).port, logs: logs.length });
}

// -------------------------------------------------------------------------------------------------------- the measure

/** Counts what the database is asked. */
function counted(real: Database): { readonly database: Database; statements(): number } {
  let statements = 0;
  const over = (sql: Sql): Sql => ({
    query(text, parameters) {
      statements++;
      return sql.query(text, parameters);
    },
  });
  const database: Database = {
    ...real,
    ...over(real),
    transaction: (work) => real.transaction((sql) => work({ ...over(sql), commit: () => sql.commit() })),
  };
  return { database, statements: () => statements };
}

/** What was played, added up without the index. */
function addUp(campaigns: number, events: number) {
  let [available, reserved, released, lowered] = [0n, 0n, 0n, 0n];
  for (const [name, values] of history(campaigns, events)) {
    const amount = (of: string) => BigInt(values[of] as bigint);
    if (name === "Funded") available += amount("amount");
    if (name === "Attested") {
      const total = (values.body as bigint[])[9] as bigint;
      available -= total;
      reserved += total;
    }
    if (name === "Reversed") {
      available += amount("returned");
      reserved -= amount("returned");
      lowered++;
    }
    const fee = name === "Released" ? amount("fee") : FEE;
    if (name !== "Released" && name !== "Pulled") continue;
    reserved -= amount("commission") + fee;
    released += amount("commission");
  }
  return { sums: { available, reserved, released }, lowered };
}

async function measure(events: number, campaigns: number, check: boolean): Promise<void> {
  const node = fork(fileURLToPath(import.meta.url), [
    "--events",
    String(events),
    "--campaigns",
    String(campaigns),
    "--node",
  ]);
  endWithUs(node);
  const [{ port, logs }] = (await once(node, "message")) as [{ port: number; logs: number }];
  const postgres = await startPostgres();
  const { database, statements } = counted(await newDatabase({ url: postgres.url, folder: "" }, RELAYER_MIGRATIONS));
  const deployment = {
    chainId: CHAIN_ID,
    contracts: {
      PartnerPrograms: { address: PROGRAMS, block: 1 },
      PartnerProgramsLens: { address: LENS, block: 1 },
    },
  } as unknown as Deployment;
  const chain = await connectPrograms(`http://127.0.0.1:${port}`, deployment);
  const [before, began, cpu] = [statements(), performance.now(), process.cpuUsage()];
  while ((await index(database, chain, CONFIRMATIONS)) > 0);
  const seconds = (performance.now() - began) / 1_000;
  const used = process.cpuUsage(cpu);
  const megabytes = process.resourceUsage().maxRSS / 1_024;
  const each = (statements() - before) / logs;

  const [kept] = await database.query<Record<string, bigint>>(
    "SELECT sum(available) AS available, sum(reserved) AS reserved, sum(released) AS released FROM campaigns",
  );
  const [state] = await database.query<{ batches: bigint; released: bigint; aside: bigint }>(
    `SELECT (SELECT count(*) FROM batches) AS batches, (SELECT count(*) FROM batches WHERE state = 'released') AS released,
       (SELECT count(*) FROM set_aside) AS aside`,
  );
  await database.close();
  await postgres.stop();
  chain.close();
  node.kill("SIGKILL");

  const table = new Table({
    head: ["events", "seconds", "events a second", "CPU ms an event", "statements an event", "MB"],
  });
  const milliseconds = (used.user + used.system) / 1_000 / logs;
  table.push([
    logs,
    seconds.toFixed(1),
    Math.round(logs / seconds),
    milliseconds.toFixed(3),
    each.toFixed(2),
    megabytes.toFixed(0),
  ]);
  console.log(table.toString());

  const wrong: string[] = [];
  const { sums, lowered } = addUp(campaigns, events);
  for (const [what, expected] of Object.entries(sums))
    if (kept?.[what] !== expected) wrong.push(`${what} is ${kept?.[what]}, and ${expected} was played`);
  if (state?.aside !== 0n) wrong.push(`${state?.aside} campaigns are set aside`);
  // Of one that was lowered a line is left that is worth nothing: that is seen once its lines are known.
  if (state === undefined || state.released + lowered !== state.batches)
    wrong.push(`${state?.released} of ${state?.batches} batches are released, and ${lowered} were lowered`);
  if (check && each > MAX_STATEMENTS) wrong.push(`more than ${MAX_STATEMENTS} statements an event`);
  if (check && megabytes > MAX_MEGABYTES) wrong.push(`more than ${MAX_MEGABYTES} MB`);
  if (wrong.length === 0) return;
  console.error(wrong.join("; "));
  process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "100000" },
    campaigns: { type: "string", default: "50" },
    check: { type: "boolean", default: false },
    node: { type: "boolean", default: false },
  },
});
const [events, campaigns] = [Number(values.events), Number(values.campaigns)];
if (values.node) await serveNode(events, campaigns);
else await measure(events, campaigns, values.check);
