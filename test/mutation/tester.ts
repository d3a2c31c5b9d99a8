/** Runs the tests against mutants in a process of its own, which is replaced when it hangs, breaks or grows old. */
import { type ChildProcess, fork } from "node:child_process";
import { globSync } from "node:fs";
import { basename } from "node:path";
import type { Bytecode } from "./compile.ts";
import type { Answer, Failure, Job, Recorded, Step } from "./worker.ts";

export const TEST_FILES = globSync("test/contracts/{,hostile/}*.test.ts").sort();
/** It takes longer than all the others together, so it comes last. */
export const LAST = TEST_FILES.filter((file) => basename(file) === "differential.test.ts");
export const NAMED = TEST_FILES.filter((file) => !LAST.includes(file));

/** How many walks the differential test makes against each mutant. */
export const WALKS = 10;
/** They alone: whether the walks met everything is asked of more of them. */
export const LAST_TESTS = [
  `the contract and its model they should agree after each of many random operations, SEED=1 SEQUENCES=${WALKS}`,
];

/** Mutants that one process sees: what tests remember in their modules stays bounded. */
const LIFETIME = 150;

/** The test that failed, if one did; its title is `timeout` or `crash` if the process had to be ended, or ended. */
export type Verdict = Failure | null;

/** A step that takes so long counts as one that fails. */
export type LimitOf = (step: Step) => number;

export class Tester {
  readonly #limitOf: LimitOf;
  /** Asked what each test runs, if it is given. */
  readonly #onRecorded: ((recorded: Recorded) => void) | undefined;
  #process: ChildProcess | undefined;
  #seen = 0;

  constructor(limitOf: LimitOf, onRecorded?: (recorded: Recorded) => void) {
    this.#limitOf = limitOf;
    this.#onRecorded = onRecorded;
  }

  /** The test that fails, if one does. */
  async test(bytecode: Bytecode, steps: readonly Step[]): Promise<Verdict> {
    const verdict = await this.#attempt({ bytecode, steps });
    // A process that broke or stood still may have done so for a reason of its own. Twice is no accident.
    return verdict?.test === "crash" || verdict?.test === "timeout" ? this.#attempt({ bytecode, steps }) : verdict;
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
  }

  async #ready(): Promise<ChildProcess> {
    if (this.#seen++ >= LIFETIME) this.close();
    if (this.#process) return this.#process;
    this.#seen = 1;
    // Recording builds other code, whose gas the tests have to bear with.
    const recording = this.#onRecorded ? { RECORD: "true", COVERAGE: "true" } : {};
    const started = fork(new URL("worker.ts", import.meta.url), [...TEST_FILES], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...process.env, SEED: "1", SEQUENCES: String(WALKS), ...recording },
    });
    let said = "";
    started.stderr?.on("data", (data) => {
      said = (said + data).slice(-4_000);
    });
    await new Promise<void>((resolve, reject) => {
      started.once("message", () => resolve());
      started.once("exit", () => reject(new Error(`The tests do not load:\n${said}`)));
    });
    started.removeAllListeners("exit");
    this.#process = started;
    return started;
  }

  async #attempt(job: Job): Promise<Verdict> {
    const running = await this.#ready();
    return new Promise((resolve) => {
      let index = 0;
      let timer: NodeJS.Timeout | undefined;
      const end = (verdict: Verdict) => {
        clearTimeout(timer);
        running.removeAllListeners("message").removeAllListeners("exit");
        if (verdict?.test === "timeout" || verdict?.test === "crash") this.close();
        resolve(verdict);
      };
      const at = () => job.steps[index]?.file ?? "";
      const wait = () => {
        clearTimeout(timer);
        const step = job.steps[index];
        if (step) timer = setTimeout(() => end({ file: at(), test: "timeout" }), this.#limitOf(step));
      };
      running.on("message", (answer: Answer) => {
        if (answer.kind === "recorded") {
          this.#onRecorded?.(answer.recorded);
        } else if (answer.kind === "passed") {
          index++;
          wait();
        } else if (answer.kind === "done") {
          end(answer.failed);
        }
      });
      running.once("exit", () => end({ file: at(), test: "crash" }));
      wait();
      running.send(job);
    });
  }
}
