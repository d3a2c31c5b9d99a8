/** Which named tests run which statements: a test that does not run a mutant cannot notice it. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { addStatementCoverageInstrumentation, latestSupportedSolidityVersion } from "@nomicfoundation/edr";
import { getCoverageLibrary } from "@nomicfoundation/edr/coverage";
import { attempt, sourceOf, TARGETS, type Target } from "./compile.ts";
import type { Mutant } from "./operators.ts";
import { CODE, digestOf } from "./results.ts";
import { NAMED, Tester } from "./tester.ts";
import type { Recorded, Step } from "./worker.ts";

const FILE = "cache/mutation-reach.json";
/** Of a test file while it is recorded: an hour, on a busy machine. */
const LIMIT = 3_600_000;

interface Statement {
  readonly tag: string;
  /** Byte offsets. */
  readonly start: number;
  readonly end: number;
}

/** The sources with a mark at each statement, and where the statements are. */
function instrumented(files: readonly string[]) {
  const library = getCoverageLibrary();
  const sources: Record<string, string> = { [library.filename]: library.content };
  const statements = new Map<string, Statement[]>();
  for (const file of files) {
    const source = sourceOf(file);
    const bytes = (utf16: number) => Buffer.byteLength(source.slice(0, utf16));
    const marked = addStatementCoverageInstrumentation(source, file, latestSupportedSolidityVersion());
    sources[file] = marked.source;
    statements.set(
      file,
      marked.metadata.map(({ tag, startUtf16, endUtf16 }) => ({
        tag: Buffer.from(tag).toString("hex"),
        start: bytes(startUtf16),
        end: bytes(endUtf16),
      })),
    );
  }
  return { sources, statements };
}

/** Tests by file, and of each how long it takes. */
export type Tests = ReadonlyMap<string, ReadonlyMap<string, number>>;

export class Reach {
  readonly #statements: ReadonlyMap<string, readonly Statement[]>;
  readonly #recorded: readonly { readonly test: Recorded; readonly direct: Set<string>; readonly setup: Set<string> }[];

  private constructor(statements: ReadonlyMap<string, readonly Statement[]>, recorded: readonly Recorded[]) {
    this.#statements = statements;
    this.#recorded = recorded.map((test) => ({ test, direct: new Set(test.direct), setup: new Set(test.setup) }));
  }

  /** Runs the named tests that changed since they were recorded; says of how many files they are known. */
  static async record(
    files: readonly string[],
    jobs: number,
    onFile: (known: number, all: number) => void,
  ): Promise<Reach> {
    const { sources, statements } = instrumented(files);
    const shared = digestOf(...CODE, "contracts/mocks/*.sol", "test/support/*.ts", "protocol/*.ts");
    const keyOf = (file: string) => createHash("sha256").update(shared).update(readFileSync(file)).digest("hex");
    const known: Record<string, { key: string; tests: Recorded[] }> = existsSync(FILE)
      ? JSON.parse(readFileSync(FILE, "utf8"))
      : {};
    const stale = NAMED.filter((file) => known[file]?.key !== keyOf(file));
    if (stale.length > 0) {
      const built = attempt(Object.keys(TARGETS) as Target[], sources);
      if ("problems" in built) throw new Error(built.problems.map((problem) => problem.formattedMessage).join("\n"));
      const waiting = [...stale];
      const recording = async () => {
        const tester = new Tester(
          () => LIMIT,
          (recorded) => known[recorded.file]?.tests.push(recorded),
        );
        try {
          for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
            const [key, tests] = [keyOf(file), [] as Recorded[]];
            known[file] = { key: "", tests };
            const failed = await tester.test(built.bytecode, [{ file }]);
            if (failed) throw new Error(`Without a mutant a test fails: ${failed.test} (${failed.file}).`);
            known[file] = { key, tests };
            writeFileSync(FILE, JSON.stringify(known));
            onFile(NAMED.filter((each) => known[each]?.key === keyOf(each)).length, NAMED.length);
          }
        } finally {
          tester.close();
        }
      };
      await Promise.all(Array.from({ length: jobs }, recording));
    }
    return new Reach(
      statements,
      NAMED.flatMap((file) => known[file]?.tests ?? []),
    );
  }

  /** Tests that run a mutant themselves, and those whose fixture does; all of them if it is in no statement. */
  of({ file, start, end }: Mutant): { direct: Tests; setup: Tests } {
    const all = this.#statements.get(file) ?? [];
    const around = all
      .filter((statement) => statement.start <= start && end <= statement.end + 1)
      .sort((a, b) => a.end - a.start - (b.end - b.start))
      .slice(0, 1);
    // Two neighbours may be in no one statement but the function's.
    const reached =
      around.length > 0 ? around : all.filter((statement) => statement.start < end && start < statement.end);
    const tests = (runs: (of: { direct: Set<string>; setup: Set<string> }) => boolean): Tests => {
      const found = new Map<string, Map<string, number>>();
      for (const { test, direct, setup } of this.#recorded)
        if (runs({ direct, setup }))
          found.set(test.file, (found.get(test.file) ?? new Map()).set(test.test, test.milliseconds));
      return found;
    };
    if (reached.length === 0) return { direct: tests(() => true), setup: new Map() };
    const isIn = (tags: Set<string>) => reached.some(({ tag }) => tags.has(tag));
    return {
      direct: tests(({ direct }) => isIn(direct)),
      setup: tests(({ direct, setup }) => !isIn(direct) && isIn(setup)),
    };
  }

  /** Milliseconds that a step takes, if all of it is known. */
  usual({ file, tests }: Step): number | undefined {
    const known = this.#recorded.filter(({ test }) => test.file === file && (tests?.includes(test.test) ?? true));
    return known.length === 0 ? undefined : known.reduce((sum, { test }) => sum + test.milliseconds, 0);
  }
}
