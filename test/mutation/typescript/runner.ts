/** Runs test files, the cheap ones first, against the faults that they reach and that nothing noticed yet. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import pMap from "p-map";
import type { Numbered } from "./instrument.ts";
import type { Project, TestFile } from "./project.ts";
import type { Results } from "./results.ts";
import { unhindered } from "./unhindered.ts";
import type { Order, Span, Told } from "./worker.ts";

const HOOKS = new URL("./hooks.ts", import.meta.url).href;
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
/**
 * What says nothing for so long, while it could compute, hangs in a loop: the fault was noticed. A test file that is known to be quick is
 * waited for some times as long as it takes, and this long at least. Milliseconds.
 */
const SILENCE = 100_000;
const LEAST_SILENCE = 20_000;
const TIMES = 5;
/** A test file that was never run is taken for one that takes so long. Seconds. */
const UNKNOWN = 20;
/** A process that holds more is replaced: what its test files opened stays, as far as they loaded it anew. */
const MOST_BYTES = 1_500_000_000;

export interface RunOptions {
  readonly longest: number;
  readonly most: number;
  /** So many test files, each in a process of its own. */
  readonly atOnce: number;
  say(text: string): void;
}

export async function run(
  project: Project,
  chosen: readonly Numbered[],
  results: Results,
  { longest, most, atOnce, say }: RunOptions,
): Promise<void> {
  const tests = project.tests.filter(({ cost }) => cost <= most);
  // What took little time the last time comes first; what was never run, before what took long.
  const seconds = ({ file }: TestFile) => results.secondsOf(file) ?? UNKNOWN;
  tests.sort((a, b) => a.cost - b.cost || seconds(a) - seconds(b));
  const spans = new Map<string, Span>();
  for (const { number, mutant } of project.mutants)
    spans.set(mutant.file, { from: spans.get(mutant.file)?.from ?? number, to: number });
  /** Of each file and of those that import it. */
  const around = new Map(
    [...spans.keys()].map((file) => [
      file,
      [file, ...project.importersOf(file)].flatMap((one) => spans.get(one) ?? []),
    ]),
  );
  const idle: Process[] = [];
  const all = new Set<Process>();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      // One that computes without a pause would not hear that we are gone.
      for (const one of all) one.end();
      process.exit(1);
    });
  await pMap(tests, tryBefore, { concurrency: atOnce });
  for (const one of all) one.end();

  async function tryBefore(test: TestFile): Promise<void> {
    const open = () =>
      chosen.filter(
        ({ mutant: { id, file } }) => test.reaches.has(file) && !results.isKilled(id) && !results.wasTried(id, [test]),
      );
    const begun = Date.now();
    const wanted = open();
    let killed = 0;
    // One that hangs ends its process; the others go on in a new one.
    for (let rest = wanted; rest.length > 0; rest = open()) {
      const one = idle.pop() ?? new Process(project.instrumented);
      all.add(one);
      const outcome = await runFile(one, test, rest, around, longest, results);
      killed += outcome.killed;
      if (outcome.why !== undefined) say(`${test.file} is not used: ${outcome.why}`);
      for (const title of outcome.leftOut)
        say(`${test.file}, left out, as it takes long or fails without a fault: ${title}`);
      if (outcome.reusable) idle.push(one);
      else one.end();
      if (!outcome.hung) break;
    }
    if (wanted.length > 0)
      say(`${test.file}: ${wanted.length} faults, ${killed} killed, ${Math.round((Date.now() - begun) / 1000)} s`);
  }
}

/**
 * A process that runs test files one after the other. Loading what they share, and compiling the embedded database, takes longer than
 * most of them.
 */
class Process {
  readonly child: ChildProcess;

  constructor(instrumented: string) {
    this.child = fork(WORKER, [], {
      // A fault that allocates without end is to end its process, and not the machine's memory.
      execArgv: ["--max-old-space-size=2000", "--import", HOOKS],
      env: { ...process.env, INSTRUMENTED: instrumented },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
  }

  end(): void {
    this.child.kill("SIGKILL");
  }
}

interface Outcome {
  readonly killed: number;
  readonly hung: boolean;
  readonly why: string | undefined;
  readonly leftOut: readonly string[];
  /** Whether the process may be given another file. */
  readonly reusable: boolean;
}

function runFile(
  { child }: Process,
  test: TestFile,
  rest: readonly Numbered[],
  around: ReadonlyMap<string, readonly Span[]>,
  longest: number,
  results: Results,
): Promise<Outcome> {
  const byNumber = new Map(rest.map(({ number, mutant }) => [number, mutant]));
  const put = (number: number, killer: string | undefined) => {
    const id = byNumber.get(number)?.id;
    if (id !== undefined) results.put({ id, test: test.file, digest: test.digest, killer });
  };
  return new Promise((resolve) => {
    let killed = 0;
    let current: number | undefined;
    let hung = false;
    let why: string | undefined;
    let leftOut: readonly string[] = [];
    const tried = new Set<number>();
    const giveUp = () => {
      clearInterval(watch);
      hung = current !== undefined;
      if (current === undefined) why = `it says nothing for ${silence / 1000} s`;
      else {
        put(current, "it does not end");
        killed++;
      }
      child.kill("SIGKILL");
    };
    const clock = () => unhindered(child.pid);
    const silence = Math.min(
      SILENCE,
      Math.max(LEAST_SILENCE, TIMES * 1_000 * (results.secondsOf(test.file) ?? SILENCE)),
    );
    let until = clock() + 3 * SILENCE;
    const watch = setInterval(() => {
      if (clock() > until) giveUp();
    }, 1_000);
    const end = (reusable: boolean) => {
      clearInterval(watch);
      child.removeAllListeners();
      resolve({ killed, hung, why, leftOut, reusable });
    };
    child.on("message", (told: Told) => {
      until = clock() + silence;
      if (told.kind === "begin") current = told.number;
      else if (told.kind === "end") {
        tried.add(told.number);
        current = undefined;
        if (told.killer !== undefined && told.killer !== "") killed++;
        put(told.number, told.killer);
      } else if (told.kind === "ready") {
        results.putSeconds(test.file, told.seconds);
        leftOut = told.leftOut;
      } else if (told.kind === "broken") {
        why = told.why;
        end(false);
      } else if (told.kind === "done") {
        for (const number of byNumber.keys()) if (!tried.has(number)) put(number, "");
        end(told.bytes < MOST_BYTES);
      }
    });
    child.on("exit", (_code, signal) => {
      // Nobody here, but a machine that is short of memory.
      if (!hung && signal === "SIGKILL") why ??= "its process was killed from outside";
      // A process that a fault ended: that is noticed as well.
      if (!hung && why === undefined && current !== undefined) {
        put(current, "it ends the process");
        killed++;
        hung = true;
      }
      end(false);
    });
    const wanted = rest.map(({ number, mutant: { file } }) => ({
      number,
      around: around.get(file) ?? [],
      named: test.imports.has(file),
    }));
    child.send({ test: test.file, wanted, longest } satisfies Order);
  });
}
