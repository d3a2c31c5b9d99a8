/** Compiles mutants, many at a time, and has them tested. While some are tested the next are compiled. */
import { globSync } from "node:fs";
import { type Node, walk } from "./ast.ts";
import { attempt, type Bytecode, compile, fingerprint, parse, sourceOf, TARGETS, type Target } from "./compile.ts";
import { EffectsOf } from "./effects.ts";
import { type Mutant, mutantsOf } from "./operators.ts";
import { type Depth, Order } from "./order.ts";
import { Reach } from "./reach.ts";
import type { Result, Results } from "./results.ts";
import { mutantAt, Switches, switchedOn } from "./switched.ts";
import { Tester, type Verdict } from "./tester.ts";
import type { Step } from "./worker.ts";

export const MUTATED = globSync("contracts/{*,base/*,examples/*,libraries/*,periphery/*,types/*}.sol").sort();
/** Builds that are compiled or tested at a time. */
const AHEAD = 3;
const ALL = Object.keys(TARGETS) as Target[];

export class Project {
  readonly trees: Record<string, Node>;
  readonly mutants: Mutant[];

  constructor(files: readonly string[] = MUTATED) {
    const read = [...new Set([...MUTATED, ...Object.values(TARGETS)])];
    this.trees = parse(Object.fromEntries(read.map((file) => [file, sourceOf(file)])));
    const effects = new EffectsOf(Object.values(this.trees));
    this.mutants = files.flatMap((file) =>
      mutantsOf(file, Buffer.from(sourceOf(file)), this.trees[file] as Node, effects),
    );
  }

  /** The contracts that have a file in them. */
  targetsOf(file: string): Target[] {
    return ALL.filter((target) => {
      const reached = new Set<string>([TARGETS[target]]);
      for (const name of reached)
        walk(this.trees[name] as Node, (node) => {
          if (node.nodeType === "ImportDirective") reached.add(node.absolutePath as string);
        });
      return reached.has(file);
    });
  }
}

export function mutated({ file, start, end, mutant }: Mutant): string {
  const source = Buffer.from(sourceOf(file));
  return Buffer.concat([source.subarray(0, start), Buffer.from(mutant), source.subarray(end)]).toString();
}

/** Mutants that were compiled together, or one alone. */
interface Build {
  readonly mutants: readonly Mutant[];
  readonly bytecode: Bytecode;
  readonly together: boolean;
}

/** Compiles mutants of one file: as many as can be together, the others alone. Tells those that do not compile. */
function* builds(
  project: Project,
  file: string,
  mutants: readonly Mutant[],
  invalid: (mutant: Mutant) => void,
): Generator<Build> {
  const targets = project.targetsOf(file);
  const switches = new Switches(Buffer.from(sourceOf(file)), project.trees[file] as Node);
  const { groups, alone } = switches.groups(mutants);
  for (let group = groups.shift(); group; group = groups.shift()) {
    const source = switches.source(group);
    const built = attempt(targets, { [file]: source });
    if ("bytecode" in built) {
      yield { mutants: group, bytecode: built.bytecode, together: true };
      continue;
    }
    const wrong = new Set(
      built.problems.flatMap(({ sourceLocation: at }) =>
        at?.file === file ? (group?.[mutantAt(source, at.start) ?? -1] ?? []) : [],
      ),
    );
    const rest = group.filter((mutant) => !wrong.has(mutant));
    alone.push(...wrong);
    // Whose problem it is that has no place in a mutant is found by halves.
    const middle = wrong.size > 0 || rest.length === 1 ? rest.length : Math.ceil(rest.length / 2);
    const parts = [rest.slice(0, middle), rest.slice(middle)].filter((part) => part.length > 0);
    if (wrong.size === 0 && rest.length === 1) alone.push(...rest);
    else groups.unshift(...parts);
  }
  for (const mutant of alone) {
    const bytecode = compile(targets, { [file]: mutated(mutant) });
    if (bytecode) yield { mutants: [mutant], bytecode, together: false };
    else invalid(mutant);
  }
}

/** So many testers, each for one at a time. */
class Pool {
  readonly #free: Tester[];
  readonly #waiting: ((tester: Tester) => void)[] = [];

  constructor(testers: readonly Tester[]) {
    this.#free = [...testers];
  }

  async with<T>(use: (tester: Tester) => Promise<T>): Promise<T> {
    const tester = this.#free.pop() ?? (await new Promise<Tester>((resolve) => this.#waiting.push(resolve)));
    try {
      return await use(tester);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(tester);
      else this.#free.push(tester);
    }
  }
}

export interface Options {
  readonly jobs: number;
  readonly depth: Depth;
  /** What needs no more than the usual tests, whatever the depth: why it survives is known. */
  readonly isExplained: (mutant: Mutant) => boolean;
  /** Called when what the tests run is known of one more test file. */
  readonly onRecorded: (known: number, all: number) => void;
  readonly onResult: (mutant: Mutant, result: Result, done: number) => void;
}

export async function run(
  project: Project,
  mutants: readonly Mutant[],
  results: Results,
  { jobs, depth, isExplained, onRecorded, onResult }: Options,
): Promise<void> {
  let done = 0;
  const settled = (mutant: Mutant, result: Result) => onResult(mutant, result, ++done);
  const open = mutants.filter((mutant) => {
    const known = results.get(mutant.id);
    if (!known || (known.outcome === "spared" && depth !== "quickest")) return true;
    settled(mutant, known);
    return false;
  });
  if (open.length === 0) return;
  const original = compile(ALL, {});
  if (!original) throw new Error("The contracts do not compile.");

  const reach = await Reach.record(MUTATED, jobs, onRecorded);
  const order = new Order(reach, mutants, results);
  const usual = (step: Step) => reach.usual(step);
  const testers = Array.from(
    { length: jobs },
    () => new Tester((step) => (usual(step) === undefined ? 600_000 : 60_000 + 10 * (usual(step) ?? 0))),
  );
  const pool = new Pool(testers);
  const judge = new Judge(project, results, original, depth);

  async function tested(mutant: Mutant, bytecode: Bytecode): Promise<Verdict> {
    const steps = order.of(mutant, depth === "all" && isExplained(mutant) ? "usual" : depth);
    const verdict = await pool.with((tester) => tester.test(bytecode, steps));
    if (verdict) order.killed(mutant, verdict);
    return verdict;
  }
  async function test({ mutants, bytecode, together }: Build): Promise<void> {
    if (!together) {
      for (const mutant of mutants) settled(mutant, judge.result(mutant, await tested(mutant, bytecode)));
      return;
    }
    const verdicts = await Promise.all(
      mutants.map(async (mutant, i) => ({ mutant, verdict: await tested(mutant, on(bytecode, i)) })),
    );
    // With all of them off the tests that failed have to pass, or it was the switches that they noticed.
    const steps = stepsOf(verdicts.flatMap(({ verdict }) => verdict ?? []));
    const noticed = await pool.with((tester) => tester.test(bytecode, steps));
    if (noticed) throw new Error(`With no mutant on, a test fails: ${noticed.test} (${noticed.file}).`);
    for (const { mutant, verdict } of verdicts) settled(mutant, judge.result(mutant, verdict));
  }

  try {
    const running = new Set<Promise<void>>();
    for (const file of new Set(open.map((mutant) => mutant.file))) {
      const invalid = (mutant: Mutant) => settled(mutant, results.put({ id: mutant.id, outcome: "invalid" }));
      const ofFile = open.filter((mutant) => mutant.file === file);
      for (const build of builds(project, file, ofFile, invalid)) {
        const task: Promise<void> = test(build).finally(() => running.delete(task));
        running.add(task);
        if (running.size >= AHEAD) await Promise.race(running);
      }
    }
    await Promise.all(running);
  } finally {
    for (const tester of testers) tester.close();
  }
}

const on = (bytecode: Bytecode, i: number): Bytecode =>
  Object.fromEntries(Object.entries(bytecode).map(([target, code]) => [target, switchedOn(code, i)]));

/** The tests that failed, each once, file by file. */
function stepsOf(failures: readonly { readonly file: string; readonly test: string }[]): Step[] {
  const tests = new Map<string, Set<string>>();
  for (const { file, test } of failures)
    if (test !== "timeout" && test !== "crash") tests.set(file, (tests.get(file) ?? new Set()).add(test));
  return [...tests].map(([file, titles]) => ({ file, tests: [...titles] }));
}

/** Says what became of a mutant, and keeps it. */
class Judge {
  readonly #project: Project;
  readonly #results: Results;
  readonly #original: Bytecode;
  readonly #depth: Depth;
  /** Of mutants that were not noticed. */
  readonly #codes = new Set<string>();

  constructor(project: Project, results: Results, original: Bytecode, depth: Depth) {
    this.#project = project;
    this.#results = results;
    this.#original = original;
    this.#depth = depth;
  }

  result(mutant: Mutant, verdict: Verdict): Result {
    const { id, file } = mutant;
    if (verdict) return this.#results.put({ id, outcome: "killed", killer: verdict.file, test: verdict.test });
    // Of no others does it matter whether they are mutants at all: what compiles to the same code is not noticed.
    const targets = this.#project.targetsOf(file);
    const bytecode = compile(targets, { [file]: mutated(mutant) });
    if (!bytecode) return this.#results.put({ id, outcome: "invalid" });
    const code = fingerprint(bytecode);
    const same = code === fingerprint(Object.fromEntries(targets.map((target) => [target, this.#original[target]])));
    if (same || this.#codes.has(code)) return this.#results.put({ id, outcome: "same" });
    this.#codes.add(code);
    return this.#results.put({ id, outcome: this.#depth === "all" ? "survived" : "spared" });
  }
}
