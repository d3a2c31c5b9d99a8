/** Which tests to run against a mutant, and in which order: the sooner one fails, the better. */
import type { Mutant } from "./operators.ts";
import type { Reach, Tests } from "./reach.ts";
import { LAST, NAMED } from "./tester.ts";
import type { Failure, Step } from "./worker.ts";

/** Tests that killed others in the same function, and are tried alone before the files. */
const LIKELY = 5;
/** Of a quick run: so many of the quickest tests, and none of a hostile world, which runs everything after each of its tests. */
const QUICK = 60;

export class Order {
  readonly #reach: Reach;
  /** By function: what killed its mutants, the last first. */
  readonly #killers = new Map<string, readonly Failure[]>();
  /** By function and file: how many. */
  readonly #kills = new Map<string, Map<string, number>>();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /**
   * Single tests that killed others in this function; then, file by file, the tests that run the mutant themselves; and unless
   * it has to be quick, which leaves out some of these too, those whose fixture does, and the differential test.
   */
  of(mutant: Mutant, quick: boolean): Step[] {
    const key = `${mutant.file} ${mutant.function}`;
    const { direct, setup } = this.#reach.of(mutant);
    const likely = (this.#killers.get(key) ?? [])
      .filter(({ file, test }) => direct.get(file)?.has(test) || setup.get(file)?.has(test))
      .map(({ file, test }) => ({ file, tests: [test] }));
    if (quick) return [...likely, ...this.#files(quickest(direct), key)];
    return [...likely, ...this.#files(direct, key), ...this.#files(setup, key), ...LAST.map((file) => ({ file }))];
  }

  /** Files that killed others in this function first, then the quick ones. */
  #files(tests: Tests, key: string): Step[] {
    const kills = this.#kills.get(key);
    return [...tests]
      .map(([file, titles]) => ({
        step: { file, tests: [...titles.keys()] },
        kills: kills?.get(file) ?? 0,
        milliseconds: [...titles.values()].reduce((sum, each) => sum + each, 0),
      }))
      .sort((a, b) => b.kills - a.kills || a.milliseconds - b.milliseconds)
      .map(({ step }) => step);
  }

  killed(mutant: Mutant, by: Failure): void {
    const key = `${mutant.file} ${mutant.function}`;
    const kills = this.#kills.get(key) ?? new Map<string, number>();
    this.#kills.set(key, kills.set(by.file, (kills.get(by.file) ?? 0) + 1));
    if (!NAMED.includes(by.file) || by.test === "timeout" || by.test === "crash") return;
    const others = (this.#killers.get(key) ?? []).filter(({ test }) => test !== by.test);
    this.#killers.set(key, [by, ...others].slice(0, LIKELY));
  }
}

function quickest(tests: Tests): Tests {
  const all = [...tests]
    .filter(([file]) => !file.includes("/hostile/"))
    .flatMap(([file, titles]) => [...titles].map(([title, milliseconds]) => ({ file, title, milliseconds })))
    .sort((a, b) => a.milliseconds - b.milliseconds)
    .slice(0, QUICK);
  const chosen = new Map<string, Map<string, number>>();
  for (const { file, title, milliseconds } of all)
    chosen.set(file, (chosen.get(file) ?? new Map()).set(title, milliseconds));
  return chosen;
}
