/**
 * Proves what the money rests on, of the code in contracts/ itself: a change there that breaks one of these sentences fails here.
 *
 * 1. The libraries that price, judge and sum: what the compiler makes of them is run on unknown values (`prove/`).
 * 2. The budget's slot, and the times that a brand announces: every sequence of calls up to a length, on the compiled contract
 *    (`test/solidity/Budget.t.sol`, `Times.t.sol`).
 * 3. Models, which are written by hand and read nothing of contracts/ (`test/model/`): the compiler's model checker proves of the
 *    design, for any number of operations, what 2 shows of the code for a few.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { claimsOf } from "./prove/claims.ts";
import { type Message, runtimeCode, solc } from "./prove/compile.ts";

const ROOT = resolve(fileURLToPath(import.meta.url), "../..");
const LIBRARIES = "test/proofs/Libraries.sol";
const EXHAUSTIVE = ["test/solidity/Budget.t.sol", "test/solidity/Times.t.sol"];

/** An assertion of a model, and whether it holds. */
export interface Assertion {
  readonly contract: string;
  readonly text: string;
  readonly proved: boolean;
}

/** The assertions of a model, each proved or not. @throws Error if it does not compile */
export function prove(source: string): Assertion[] {
  const input = {
    language: "Solidity",
    sources: { "model.sol": { content: source } },
    settings: { modelChecker: { engine: "chc", solvers: ["z3"], targets: ["assert"], showProvedSafe: true } },
  };
  const { errors = [] }: { errors?: Message[] } = JSON.parse(solc.compile(JSON.stringify(input)));
  const failed = errors.find(({ severity }) => severity === "error");
  if (failed !== undefined) throw new Error(failed.formattedMessage);
  const safe = new Set(
    errors.flatMap(({ message, sourceLocation }) =>
      message === "CHC: Assertion violation check is safe!" && sourceLocation !== undefined
        ? [sourceLocation.start]
        : [],
    ),
  );
  // What the model says itself is what has to be proved: an answer that the checker left out is not a proof.
  return [...source.matchAll(/assert\((.*)\);/g)].map((match) => ({
    contract: [...source.slice(0, match.index).matchAll(/^contract (\w+)/gm)].at(-1)?.[1] ?? "",
    text: match[1] ?? "",
    proved: safe.has(match.index),
  }));
}

/** Whether every sequence of calls does on the compiled contract what it has to; the runner says which does not. */
function exhaustive(): Promise<boolean> {
  const args = ["node_modules/hardhat/dist/src/cli.js", "test", "solidity", "--no-typechain", ...EXHAUSTIVE];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, SOLIDITY_TESTS: "1" },
    stdio: "inherit",
  });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("exit", (code) => done(code === 0));
  });
}

/** Says what is proved, and how many are not. */
function say(title: string, all: readonly { readonly text: string; readonly proved: boolean }[]): number {
  console.log(`\n${title}`);
  for (const { text, proved } of all) console.log(`${proved ? "proved" : "NOT PROVED"}  ${text}`);
  const open = all.filter(({ proved }) => !proved).length;
  if (open > 0 || all.length === 0) console.error(`${open} of ${all.length} are not proved.`);
  return all.length === 0 ? 1 : open;
}

async function main(): Promise<void> {
  console.log(`solc ${solc.version()}`);
  let open = say("Of the libraries in contracts/, for all values:", claimsOf(runtimeCode(LIBRARIES, "Libraries")));
  console.log("\nOf the contract, for every sequence of calls up to a length:");
  if (!(await exhaustive())) open++;
  const models = join(ROOT, "test/model");
  const assertions = readdirSync(models)
    .sort()
    .flatMap((file) => prove(readFileSync(join(models, file), "utf8")));
  open += say(
    "Of the models in test/model/, which are not the contract, for any number of operations:",
    assertions.map(({ contract, text, proved }) => ({ text: `${contract}: ${text}`, proved })),
  );
  if (open > 0) process.exitCode = 1;
  else console.log("\nAll of it holds.");
}

if (import.meta.main) await main();
