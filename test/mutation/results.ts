/** What became of each mutant, kept in a file as it comes in, so that an interrupted run goes on. */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

export interface Result {
  readonly id: string;
  /**
   * - `invalid`: does not compile;
   * - `same`: compiles to the code of the original, or of an earlier mutant that was not noticed either;
   * - `spared`: passed those of the tests that were run, which were not all.
   */
  readonly outcome: "invalid" | "same" | "killed" | "spared" | "survived";
  readonly killer?: string;
  readonly test?: string;
}

const FILE = "cache/mutation.jsonl";

/** What contracts compile to depends on these, and on nothing else that is installed. */
export const CODE = ["contracts/{*,!(mocks)/*}.sol", "node_modules/{solc,@openzeppelin/contracts}/package.json"];

export function digestOf(...globs: string[]): string {
  const hash = createHash("sha256");
  for (const file of globs.flatMap((glob) => globSync(glob)).sort()) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

/** Results hold for these contracts. A mutant that was killed stays killed when tests change; the others are run again. */
export class Results {
  readonly #known = new Map<string, Result>();

  /** `isKept`: of survivors, which are not run again though tests changed. */
  constructor(resume: boolean, isKept: (id: string) => boolean = () => false) {
    const contracts = digestOf(...CODE);
    const tests = digestOf("test/{contracts,contracts/hostile,support}/*.ts", "protocol/*.ts", "contracts/mocks/*.sol");
    const header = { contracts, tests };
    if (resume && existsSync(FILE)) {
      const [first = "{}", ...lines] = readFileSync(FILE, "utf8").trim().split("\n");
      const before = JSON.parse(first) as Partial<typeof header>;
      for (const result of before.contracts === contracts ? lines.map((line) => JSON.parse(line) as Result) : []) {
        const open = result.outcome === "survived" || result.outcome === "spared";
        if (!open || before.tests === tests || isKept(result.id)) this.#known.set(result.id, result);
        else this.#known.delete(result.id);
      }
    }
    mkdirSync("cache", { recursive: true });
    writeFileSync(FILE, [header, ...this.#known.values()].map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  get(id: string): Result | undefined {
    return this.#known.get(id);
  }

  /** The same file, in which some mutants count as not yet run. */
  forgetting(ids: readonly string[]): Results {
    for (const id of ids) this.#known.delete(id);
    return this;
  }

  put(result: Result): Result {
    this.#known.set(result.id, result);
    appendFileSync(FILE, `${JSON.stringify(result)}\n`);
    return result;
  }
}
