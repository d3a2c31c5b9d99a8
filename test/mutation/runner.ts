/** Compiles mutants and has them tested. While one is tested the next is compiled. */
import { globSync } from "node:fs";
import { type Node, walk } from "./ast.ts";
import { type Bytecode, compile, fingerprint, parse, sourceOf, TARGETS, type Target } from "./compile.ts";
import { EffectsOf } from "./effects.ts";
import { type Mutant, mutantsOf } from "./operators.ts";
import { Order } from "./order.ts";
import type { Result, Results } from "./results.ts";
import { LAST, NAMED, TEST_FILES, Tester } from "./tester.ts";
import type { Failure } from "./worker.ts";

export const MUTATED = globSync("contracts/{*,base/*,examples/*,libraries/*,periphery/*,types/*}.sol").sort();
/** Mutants that are compiled or tested at a time. */
const AHEAD = 12;
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

export interface Options {
  readonly jobs: number;
  /** Without the differential test. */
  readonly quick: boolean;
  readonly onResult: (mutant: Mutant, result: Result, done: number) => void;
}

export async function run(
  project: Project,
  mutants: readonly Mutant[],
  results: Results,
  options: Options,
): Promise<void> {
  let done = 0;
  const settled = (mutant: Mutant, result: Result) => options.onResult(mutant, result, ++done);
  const isOpen = (known: Result | undefined) => !known || (known.outcome === "spared" && !options.quick);
  if (!mutants.some(({ id }) => isOpen(results.get(id)))) {
    for (const mutant of mutants) settled(mutant, results.get(mutant.id) as Result);
    return;
  }
  const original = compile(ALL, {});
  if (!original) throw new Error("The contracts do not compile.");
  const pick = (targets: readonly Target[], from: Bytecode) =>
    Object.fromEntries(targets.map((target) => [target, from[target]])) as Bytecode;

  const usual = new Map<string, number>();
  const testers = Array.from({ length: options.jobs }, () => new Tester(usual));
  const free = [...testers];
  const waiting: ((tester: Tester) => void)[] = [];
  const take = () => {
    const tester = free.pop();
    return tester ? Promise.resolve(tester) : new Promise<Tester>((resolve) => waiting.push(resolve));
  };
  const giveBack = (tester: Tester) => {
    const next = waiting.shift();
    if (next) next(tester);
    else free.push(tester);
  };

  try {
    const [first] = testers as [Tester];
    const failed = await first.test(original, options.quick ? NAMED : TEST_FILES);
    if (failed) throw new Error(`Without a mutant a test fails: ${failed.test} (${failed.file}).`);
    const order = new Order(Object.values(project.trees), usual);

    const codes = new Set<string>();
    async function test(tester: Tester, mutant: Mutant, bytecode: Bytecode, code: string, spared: boolean) {
      const verdict = async (files: readonly string[], likely: readonly Failure[] = []) => {
        const killed = await tester.test(bytecode, files, likely);
        if (!killed) return undefined;
        order.killed(mutant.function, killed);
        return results.put({ id: mutant.id, outcome: "killed", code, killer: killed.file, test: killed.test });
      };
      const named = spared ? undefined : await verdict(order.of(mutant.function), order.likely(mutant.function));
      if (named) return named;
      if (options.quick) return results.put({ id: mutant.id, outcome: "spared", code });
      return (await verdict(LAST)) ?? results.put({ id: mutant.id, outcome: "survived", code });
    }

    const running = new Set<Promise<void>>();
    for (const mutant of mutants) {
      const known = results.get(mutant.id);
      if (known && !isOpen(known)) {
        if (known.code) codes.add(known.code);
        settled(mutant, known);
        continue;
      }
      const targets = project.targetsOf(mutant.file);
      const bytecode = compile(targets, { [mutant.file]: mutated(mutant) });
      if (!bytecode) {
        settled(mutant, results.put({ id: mutant.id, outcome: "invalid" }));
        continue;
      }
      const code = fingerprint(bytecode);
      if (code === fingerprint(pick(targets, original)) || codes.has(code)) {
        settled(mutant, results.put({ id: mutant.id, outcome: "same", code }));
        continue;
      }
      codes.add(code);
      const task: Promise<void> = take()
        .then(async (tester) => {
          try {
            settled(mutant, await test(tester, mutant, bytecode, code, known !== undefined));
          } finally {
            giveBack(tester);
          }
        })
        .finally(() => running.delete(task));
      running.add(task);
      if (running.size >= AHEAD) await Promise.race(running);
    }
    await Promise.all(running);
  } finally {
    for (const tester of testers) tester.close();
  }
}
