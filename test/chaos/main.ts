/**
 * Drives conversions of three campaigns through two relayers and three attesters, while processes are killed (also exactly
 * between two steps), the chain is reorganised, transactions and calls are lost, and the database restarts. At the end every
 * accepted conversion must be paid once, and shops, database, chain and an independent recount agree to the wei.
 */
import { parseArgs } from "node:util";
import { openCampaigns } from "#harness/chaos/campaigns.ts";
import { startCluster } from "#harness/chaos/cluster.ts";
import { sell } from "#harness/chaos/shop.ts";
import { isSettled, judge } from "#harness/chaos/verdict.ts";
import { chance, pause } from "#harness/random.ts";
import { release } from "./monkey.ts";

const HELP = `npm run test:chaos -- [--seeds <n,…>] [--conversions <count>]

  --seeds <n,…>          which accidents happen; default: ten seeds, from the time of day
  --conversions <count>  default 5000
  --quiet                says only how it ended
  --help                 this text`;

const AFTERWARDS_MILLISECONDS = 20_000;

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    conversions: { type: "string", default: "5000" },
    quiet: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const conversions = Number(values.conversions);
if (!Number.isInteger(conversions) || conversions < 1)
  throw new RangeError(`--conversions ${values.conversions} is no count. Give a whole number from 1.`);
const base = Math.floor(Date.now() / 1000) % 1_000_000;
const seeds = values.seeds?.split(",").map(Number) ?? Array.from({ length: 10 }, (_, i) => base + i);
if (seeds.some((seed) => !Number.isInteger(seed))) throw new RangeError(`--seeds ${values.seeds}: give whole numbers.`);

let failed = 0;
for (const seed of seeds) {
  if (!(await run(seed))) failed++;
}
console.log(`${seeds.length - failed} of ${seeds.length} seeds passed: ${seeds.join(", ")}`);
process.exit(failed === 0 ? 0 : 1);

async function run(seed: number): Promise<boolean> {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const say = (line: string) => values.quiet || console.log(`  ${String(seconds()).padStart(4)} s  ${line}`);
  console.log(`seed ${seed}: ${conversions} conversions`);
  const chances = chance(seed);
  const cluster = await startCluster(chances, say);
  let passed = false;
  try {
    const campaigns = await openCampaigns(cluster, conversions);
    say("three campaigns are open");
    const monkey = release(cluster, chances, say);
    const orders = await sell(cluster, campaigns, conversions, chances, (done) => {
      if (done % 500 === 0) say(`${done} conversions reported`);
    });
    // Trouble also while what was reported is attested, held and released.
    say("all is reported");
    await pause(AFTERWARDS_MILLISECONDS);
    await monkey.calm();
    say("calm: waiting until all is settled");
    for (let waited = 0, last = ""; ; waited++) {
      const waiting = await isSettled(cluster).catch(() => "the database does not answer");
      if (waiting === undefined) break;
      if (waiting !== last) say(waiting);
      last = waiting;
      if (waited > 600) throw new Error(`It does not settle: ${waiting}.`);
      await pause(1_000);
    }
    // The relayers have read the newest block, and what they say is of now.
    await pause(3_000);
    const problems = await judge(cluster, campaigns, orders);
    passed = problems.length === 0;
    const accepted = orders.filter(({ state }) => state === "accepted").length;
    const refunded = orders.filter(({ refund }) => refund === "taken").length;
    console.log(
      `seed ${seed}: ${passed ? "passed" : "FAILED"} in ${seconds()} s; ${accepted} accepted, ${refunded} refunded; ${[...monkey.done].map(([name, times]) => `${name} ${times}`).join(", ")}`,
    );
    for (const problem of problems.slice(0, 30)) console.log(`  ${problem}`);
    if (problems.length > 30) console.log(`  and ${problems.length - 30} more`);
  } catch (error) {
    console.log(`seed ${seed}: FAILED in ${seconds()} s: ${error instanceof Error ? error.stack : error}`);
  } finally {
    await cluster.close(!passed);
    if (!passed) console.log(`  logs are kept in ${cluster.folder}`);
  }
  return passed;
}
