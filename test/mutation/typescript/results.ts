/** What became of each fault before each test file, kept as it comes in, so that an interrupted run goes on. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const FILE = "cache/mutation-typescript.jsonl";
/** What the last report rests on, committed: a fresh clone goes on from there. */
export const SNAPSHOT = "snapshots/mutation-typescript.json";

/** Ids with blanks between them, by file. */
export interface OnRecord {
  readonly killed: Readonly<Record<string, string>>;
  readonly living: Readonly<Record<string, string>>;
}

/** How long a test file took without a fault. */
interface Seconds {
  readonly test: string;
  readonly seconds: number;
}

interface Line {
  readonly id: string;
  readonly test: string;
  /** Of the test file as it was. */
  readonly digest: string;
  /** The test that failed; undefined: none did. "": no test of the file reaches it. */
  readonly killer: string | undefined;
}

const idsOf = (byFile: Readonly<Record<string, string>>) =>
  Object.values(byFile).flatMap((ids) => ids.split(" ").filter((id) => id !== ""));

export class Results {
  /** Ids of faults, each with the name and digest of a test file. */
  readonly #seen = new Set<string>();
  readonly #killers = new Set<string>();
  readonly #reached = new Set<string>();
  readonly #ids = new Set<string>();
  readonly #seconds = new Map<string, number>();

  /** Without `resume` all is forgotten. An id changes with what is changed in the source; a function around it may change unseen. */
  constructor(resume: boolean) {
    mkdirSync("cache", { recursive: true });
    if (resume && existsSync(SNAPSHOT)) this.#recall(JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Partial<OnRecord>);
    if (resume && existsSync(FILE))
      for (const line of readFileSync(FILE, "utf8").split("\n"))
        if (line !== "") this.#read(JSON.parse(line) as Line | Seconds);
    if (!resume) writeFileSync(FILE, "");
  }

  /** By which test file one was killed is not on record; one that lives is tried again before each that is run. */
  #recall({ killed = {}, living = {} }: Partial<OnRecord>): void {
    for (const id of idsOf(killed)) this.#killers.add(id);
    for (const id of [...idsOf(killed), ...idsOf(living)]) {
      this.#ids.add(id);
      this.#reached.add(id);
    }
  }

  #note({ id, test, digest, killer }: Line): void {
    this.#ids.add(id);
    this.#seen.add(`${id} ${test} ${digest}`);
    if (killer !== "") this.#reached.add(id);
    if (killer !== undefined && killer !== "") this.#killers.add(id);
  }

  #read(line: Line | Seconds): void {
    if ("seconds" in line) this.#seconds.set(line.test, line.seconds);
    else this.#note(line);
  }

  putSeconds(test: string, seconds: number): void {
    this.#seconds.set(test, seconds);
    appendFileSync(FILE, `${JSON.stringify({ test, seconds } satisfies Seconds)}\n`);
  }

  put(line: Line): void {
    this.#note(line);
    appendFileSync(FILE, `${JSON.stringify(line)}\n`);
  }

  secondsOf = (test: string) => this.#seconds.get(test);
  isKilled = (id: string) => this.#killers.has(id);
  /** Whether a test file was run because of it. */
  isSeen = (id: string) => this.#ids.has(id);
  isReached = (id: string) => this.#reached.has(id);
  /** Whether it was tried before all of these test files, as they are. */
  wasTried = (id: string, tests: readonly { readonly file: string; readonly digest: string }[]) =>
    tests.every(({ file, digest }) => this.#seen.has(`${id} ${file} ${digest}`));
}
