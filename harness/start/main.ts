/**
 * The whole thing, on this machine: a chain, the contract, an attester, a relayer, the portal, and six campaigns played
 * through them. `--once` ends after the tables; without it everything stays up until Ctrl-C.
 */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { onceOrphaned } from "../children.ts";
import { linesFrom, recount } from "../recount.ts";
import { DEFAULT_PORTS, type Ports, type Stack, startStack } from "../stack.ts";
import { attesterWithSources } from "./chapters/shops.ts";
import { compareWithApi } from "./check.ts";
import type { Teller } from "./stage.ts";
import { takeStateFolder } from "./state.ts";
import { play } from "./story.ts";
import { outcomesTable, partnersTable, refusalsTable, totalsTable, transactionsTable } from "./tables.ts";

const HELP = `npm start [-- --once]

  --once   play the story, print the tables, end: 0 if every total adds up, 1 with the difference if one does not
  --help   this text

Environment: CHAIN_PORT, ATTESTER_PORT, API_PORT, PORTAL_PORT, STATE_DIR, DATABASE_URL (a PostgreSQL instead of the embedded one).`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { once: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const folder = resolve(process.env.STATE_DIR ?? ".state/local");
  const releaseFolder = takeStateFolder(folder, (line) => console.log(line));
  let failed = true;
  let stack: Stack | undefined;
  const interrupted = new Promise<"interrupted">((done) => {
    process.once("SIGINT", () => done("interrupted"));
    process.once("SIGTERM", () => done("interrupted"));
    // `npm start` that is killed takes nobody with it by itself.
    if (process.env.npm_lifecycle_event !== undefined) onceOrphaned(() => done("interrupted"));
  });
  try {
    const outcome = await Promise.race([run(), interrupted]);
    if (outcome === "interrupted") {
      failed = false;
      console.log("\nStopping.");
      return 130;
    }
    failed = outcome !== 0;
    if (values.once || failed) return outcome;
    // Browsers have passkeys for names alone.
    const portal = stack?.portalUrl.replace("127.0.0.1", "localhost");
    console.log(
      `\nBegin   ${portal}/local\nPortal  ${portal}\nAPI     ${stack?.apiUrl}/v1/openapi.json\nChain   ${stack?.rpcUrl}\n\nEverything stays up until Ctrl-C.`,
    );
    const end = await Promise.race([interrupted, (stack as Stack | undefined)?.broken ?? interrupted]);
    if (end === "interrupted") console.log("\nStopping.");
    else console.error(end);
    return end === "interrupted" ? 0 : 1;
  } finally {
    await stack?.stop();
    const logs = readdirSync(folder).filter((name) => name.endsWith(".log"));
    if (failed && logs.length > 0) console.error(`The logs of this run are in ${folder}; the next start removes them.`);
    else releaseFolder();
  }

  async function run(): Promise<number> {
    const teller = createTeller();
    teller.chapter("Starting");
    stack = await startStack({
      folder,
      ports: readPorts(),
      say: teller.say,
      attesterEnv: attesterWithSources(folder),
      ...(process.env.DATABASE_URL === undefined ? {} : { databaseUrl: process.env.DATABASE_URL }),
    });
    const played = await Promise.race([
      play(stack, teller),
      stack.broken.then((message) => {
        throw new Error(message);
      }),
    ]);
    const counted = await recount(stack.provider, stack.deployment, linesFrom(stack.apiUrl, stack.attesterUrl));
    const differences = [...counted.differences, ...(await compareWithApi(stack.apiUrl, played, counted))];

    teller.chapter("The end of the story");
    console.log(outcomesTable(played));
    console.log(partnersTable(played));
    console.log(transactionsTable(played));
    console.log(refusalsTable(played));
    console.log(totalsTable(played, counted));
    const partners = new Set(played.performances.map(({ partner }) => partner)).size;
    console.log(
      `${partners} partners, ${played.clicks} clicks, ${played.reports} reports of conversions, ${played.sent.length} transactions.`,
    );
    if (differences.length > 0) {
      console.error(`\nThe totals do not add up:\n${differences.map((line) => `  ${line}`).join("\n")}`);
      return 1;
    }
    console.log("Every total adds up to the wei: the contract, its events recounted, and the relayer's API agree.");
    return 0;
  }
}

function readPorts(): Ports {
  const read = (name: keyof Ports) => {
    const given = process.env[`${name.toUpperCase()}_PORT`];
    if (given === undefined) return DEFAULT_PORTS[name];
    const port = Number(given);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`${name.toUpperCase()}_PORT is ${given}; it must be a number from 1 to 65535.`);
    return port;
  };
  return { chain: read("chain"), attester: read("attester"), api: read("api"), portal: read("portal") };
}

function createTeller(): Teller {
  const began = Date.now();
  const live = process.stdout.isTTY;
  let lastShown = 0;
  const clear = () => {
    if (live) process.stdout.write("\r\x1b[K");
  };
  return {
    chapter(title) {
      clear();
      console.log(`\n${title}  (${((Date.now() - began) / 1000).toFixed(0)} s)`);
      lastShown = 0;
    },
    say(line) {
      clear();
      console.log(`  ${line}`);
    },
    progress(done, of, what) {
      const text = `  ${done} of ${of} ${what}`;
      if (live) process.stdout.write(`\r\x1b[K${text}`);
      else if (done === of || Date.now() - lastShown > 5_000) {
        console.log(text);
        lastShown = Date.now();
      }
    },
  };
}

// Somebody stopped reading (`npm start | head`): go on, and end the children in order.
process.stdout.on("error", () => {});
process.exitCode = await main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  return 1;
});
// Keep-alive connections would hold the process for seconds.
process.exit();
