/**
 * Runs the fuzzers, each a process of its own, all at once: routes of the relayer, events of the chain and all who read them, of brands' own contracts, files of
 * reports, and attesters' sources of orders. Says the seed and how many inputs there were, and for one that fails how to play it again.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { endWithUs } from "#harness/children.ts";

const FUZZERS = {
  routes: ["test/relayer/http/fuzz.test.ts"],
  events: ["test/relayer/worker/strangers.test.ts", "--grep", "of any bytes in any order"],
  contracts: ["test/relayer/worker/watchFuzz.test.ts"],
  files: ["test/relayer/intake/filesFuzz.test.ts"],
  sources: ["test/attester/sourceFuzz.test.ts"],
} as const;
type Fuzzer = keyof typeof FUZZERS;
const NAMES = Object.keys(FUZZERS) as Fuzzer[];

const HELP = `npm run fuzz -- [--minutes <n>] [--seed <n>] [--only ${NAMES.join(",")}]

  --minutes <n>  how long each of them goes on (default 1; 0.5 is half a minute)
  --seed <n>     plays a run again (default: one that nobody chose)
  --only <…>     some of them
  --help         this text`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    only: { type: "string", default: NAMES.join(",") },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const seconds = 60 * Number(values.minutes);
  if (!(seconds > 0)) throw new Error(`--minutes ${values.minutes} is no time. Give a number above 0.`);
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`--seed ${values.seed} is none. Give a whole number from 0.`);
  const only = values.only.split(",").map((one) => {
    if (!NAMES.includes(one as Fuzzer)) throw new Error(`--only ${one}: there are ${NAMES.join(", ")}.`);
    return one as Fuzzer;
  });
  const running = new Set<ChildProcess>();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      for (const child of running) child.kill("SIGKILL");
      process.exit(1);
    });
  const outcomes = await Promise.all(only.map((name) => fuzz(name, seed, seconds, running)));
  return outcomes.every(Boolean) ? 0 : 1;
}

async function fuzz(name: Fuzzer, seed: number, seconds: number, running: Set<ChildProcess>): Promise<boolean> {
  const mocha = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
  const began = Date.now();
  const child = spawn(process.execPath, [mocha, "--reporter", "dot", ...FUZZERS[name]], {
    env: { ...process.env, FUZZ_SEED: String(seed), FUZZ_SECONDS: String(seconds) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  endWithUs(child);
  let said = "";
  for (const output of [child.stdout, child.stderr])
    output.on("data", (piece: Buffer) => {
      said += piece.toString();
    });
  const code = await new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (status, signal) => resolve(status ?? signal ?? "unknown"));
  });
  running.delete(child);
  const inputs = [...said.matchAll(/fuzzed \w+: (\d+) inputs/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  const took = Math.round((Date.now() - began) / 1000);
  const of = `${name.padEnd(9)} ${inputs.toLocaleString("en").padStart(10)} inputs in ${took} s, seed ${seed}`;
  if (code === 0 && inputs > 0) {
    console.log(`${of}: nothing found`);
    return true;
  }
  const again = `npm run fuzz -- --only ${name} --seed ${seed} --minutes ${values.minutes}`;
  console.log(`${of}: FAILED (${code}). Again: ${again}\n${said.trim()}`);
  return false;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
