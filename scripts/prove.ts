/**
 * Has the compiler's model checker (constrained Horn clauses, by z3) prove every assertion of test/model/: for any order and
 * any number of operations with any amounts. Prints what is proved; an assertion that is not fails the run.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const solc: { compile(input: string): string; version(): string } = createRequire(import.meta.url)("solc");

interface Message {
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly formattedMessage: string;
  readonly sourceLocation?: { readonly start: number; readonly end: number };
}

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

function main(): void {
  const folder = resolve(fileURLToPath(import.meta.url), "../../test/model");
  console.log(`solc ${solc.version()}, model checker CHC with z3`);
  const all = readdirSync(folder)
    .sort()
    .flatMap((file) => prove(readFileSync(join(folder, file), "utf8")));
  for (const { contract, text, proved } of all)
    console.log(`${proved ? "proved" : "NOT PROVED"}  ${contract}: ${text}`);
  const open = all.filter(({ proved }) => !proved).length;
  if (open > 0 || all.length === 0) {
    console.error(`${open} of ${all.length} assertions are not proved.`);
    process.exitCode = 1;
  } else console.log(`All ${all.length} assertions hold for any order and number of operations.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
