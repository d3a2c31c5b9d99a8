/** Runs test files, the cheap ones first, against the faults that they reach and that nothing noticed yet. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import pMap from "p-map";
import type { Numbered } from "./instrument.ts";
import type { Project, TestFile } from "./project.ts";
import type { Results } from "./results.ts";
import type { Order, Told } from "./worker.ts";

const HOOKS = new URL("./hooks.ts", import.meta.url).href;
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** What says nothing for so long hangs in a loop: the fault was noticed. Milliseconds. */
const SILENCE = 180_000;

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
  await pMap(tests, tryBefore, { concurrency: atOnce });

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
      const outcome = await runFile(project, test, rest, longest, results);
      killed += outcome.killed;
      if (outcome.why !== undefined) say(`${test.file} is not used: ${outcome.why}`);
      if (!outcome.hung) break;
    }
    if (wanted.length > 0)
      say(`${test.file}: ${wanted.length} faults, ${killed} killed, ${Math.round((Date.now() - begun) / 1000)} s`);
  }
}

function runFile(
  { instrumented }: Project,
  test: TestFile,
  rest: readonly Numbered[],
  longest: number,
  results: Results,
): Promise<{ killed: number; hung: boolean; why: string | undefined }> {
  const byNumber = new Map(rest.map(({ number, mutant }) => [number, mutant]));
  const child = fork(WORKER, [], {
    execArgv: ["--import", HOOKS],
    env: { ...process.env, INSTRUMENTED: instrumented },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const put = (number: number, killer: string | undefined) => {
    const id = byNumber.get(number)?.id;
    if (id !== undefined) results.put({ id, test: test.file, digest: test.digest, killer });
  };
  return new Promise((resolve) => {
    let killed = 0;
    let current: number | undefined;
    let hung = false;
    let why: string | undefined;
    let done = false;
    const tried = new Set<number>();
    const giveUp = () => {
      hung = current !== undefined;
      if (current === undefined) why = `it says nothing for ${SILENCE / 1000} s`;
      else {
        put(current, "it does not end");
        killed++;
      }
      child.kill("SIGKILL");
    };
    let timer = setTimeout(giveUp, 3 * SILENCE);
    child.on("message", (told: Told) => {
      clearTimeout(timer);
      if (told.kind !== "done") timer = setTimeout(giveUp, SILENCE);
      if (told.kind === "begin") current = told.number;
      else if (told.kind === "end") {
        tried.add(told.number);
        current = undefined;
        if (told.killer !== undefined) killed++;
        put(told.number, told.killer);
      } else if (told.kind === "broken") why = told.why;
      else if (told.kind === "done") done = true;
    });
    child.on("exit", () => {
      clearTimeout(timer);
      // A process that a fault ended: that is noticed as well.
      if (!done && !hung && why === undefined && current !== undefined) {
        put(current, "it ends the process");
        killed++;
        hung = true;
      }
      if (done) for (const number of byNumber.keys()) if (!tried.has(number)) put(number, "");
      resolve({ killed, hung, why });
    });
    child.send({ test: test.file, wanted: [...byNumber.keys()], longest } satisfies Order);
  });
}
