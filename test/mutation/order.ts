/** Which tests to run against a mutant, and in which order: the sooner one fails, the better. */
import type { Mutant } from "./operators.ts";
import type { Reach, Tests } from "./reach.ts";
import type { Results } from "./results.ts";
import { LAST, LAST_TESTS, NAMED } from "./tester.ts";
import type { Failure, Step } from "./worker.ts";

/** Tests that killed others in the same function, and are tried alone before the files. */
const LIKELY = 5;
/** So many are the quickest tests. */
const QUICKEST = 60;

/**
 * How far a run goes with a mutant that nothing notices: to the quickest of the tests that run it, to all the usual ones, or to
 * those of a hostile world, which run everything after each test, and the differential test as well.
 */
export const DEPTHS = ["quickest", "usual", "all"] as const;
export type Depth = (typeof DEPTHS)[number];

const isHostile = ([file]: readonly [string, ...unknown[]]) => file.includes("/hostile/");
const isUsual = (entry: readonly [string, ...unknown[]]) => !isHostile(entry);

export class Order {
  readonly #reach: Reach;
  /** By function: what killed its mutants, the last first. */
  readonly #killers = new Map<string, readonly Failure[]>();
  /** By function and file: how many. */
  readonly #kills = new Map<string, Map<string, number>>();

  /** Knows what killed mutants in earlier runs. */
  constructor(reach: Reach, mutants: readonly Mutant[], results: Results) {
    this.#reach = reach;
    for (const mutant of mutants) {
      const { killer: file, test } = results.get(mutant.id) ?? {};
      if (file !== undefined && test !== undefined) this.killed(mutant, { file, test });
    }
  }

  /**
   * Single tests that killed others in this function; then, file by file, the tests that run the mutant themselves, and those
   * whose fixture does: first the usual ones, then those of a hostile world, and the differential test.
   */
  of(mutant: Mutant, depth: Depth): Step[] {
    const key = `${mutant.file} ${mutant.function}`;
    const { direct, setup } = this.#reach.of(mutant);
    const likely = (this.#killers.get(key) ?? [])
      .filter(({ file, test }) => direct.get(file)?.has(test) || setup.get(file)?.has(test))
      .map(({ file, test }) => ({ file, tests: [test] }));
    if (depth === "quickest") return [...likely, ...this.#files(quickest(direct), key)];
    const steps = (which: typeof isUsual) =>
      [direct, setup].flatMap((tests) => this.#files(new Map([...tests].filter(which)), key));
    if (depth === "usual") return [...likely, ...steps(isUsual)];
    return [...likely, ...steps(isUsual), ...steps(isHostile), ...LAST.map((file) => ({ file, tests: LAST_TESTS }))];
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
    .filter(isUsual)
    .flatMap(([file, titles]) => [...titles].map(([title, milliseconds]) => ({ file, title, milliseconds })))
    .sort((a, b) => a.milliseconds - b.milliseconds)
    .slice(0, QUICKEST);
  const chosen = new Map<string, Map<string, number>>();
  for (const { file, title, milliseconds } of all)
    chosen.set(file, (chosen.get(file) ?? new Map()).set(title, milliseconds));
  return chosen;
}
