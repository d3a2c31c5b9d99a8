/** Which test files to run against a mutant, and in which order: the sooner one fails, the better. */
import { readFileSync } from "node:fs";
import { type Node, text, walk } from "./ast.ts";
import { NAMED } from "./tester.ts";
import type { Failure } from "./worker.ts";

/** The external functions through which each function is reached, by name. */
export function entriesOf(trees: readonly Node[]): Map<string, Set<string>> {
  const calls = new Map<number, { name: string; external: boolean; called: Set<number> }>();
  for (const tree of trees)
    walk(tree, (node) => {
      if (node.nodeType !== "FunctionDefinition") return true;
      const called = new Set<number>();
      walk(node, (inner) => {
        if (typeof inner.referencedDeclaration === "number") called.add(inner.referencedDeclaration);
      });
      const external = node.visibility === "external" || node.visibility === "public";
      calls.set(node.id as number, { name: text(node, "name"), external, called });
      return false;
    });
  const entries = new Map<string, Set<string>>();
  for (const { name, external, called } of calls.values()) {
    if (!external) continue;
    const reached = new Set(called);
    for (const id of reached) for (const next of calls.get(id)?.called ?? []) reached.add(next);
    const names = [name, ...[...reached].flatMap((id) => calls.get(id)?.name ?? [])];
    for (const inner of names) entries.set(inner, (entries.get(inner) ?? new Set()).add(name));
  }
  return entries;
}

export class Order {
  readonly #entries: Map<string, Set<string>>;
  readonly #usual: ReadonlyMap<string, number>;
  readonly #titles = new Map(
    NAMED.map((file) => [
      file,
      [...readFileSync(file, "utf8").matchAll(/^describe\("(\w+)/gm)].map(([, name]) => name),
    ]),
  );
  readonly #texts = new Map(NAMED.map((file) => [file, readFileSync(file, "utf8")]));
  readonly #support = readFileSync("test/support/programs.ts", "utf8");
  /** How many mutants of a function a file has killed. */
  readonly #killers = new Map<string, readonly Failure[]>();
  readonly #kills = new Map<string, Map<string, number>>();

  constructor(trees: readonly Node[], usual: ReadonlyMap<string, number>) {
    this.#entries = entriesOf(trees);
    this.#usual = usual;
  }

  /** A test that calls nothing through which a function is reached cannot notice a mutant in it. */
  #reaches(file: string, entries: ReadonlySet<string> | undefined): boolean {
    if (!entries) return true;
    const mentioned = new RegExp(`\\b(${[...entries].join("|")})\\b`);
    return mentioned.test(this.#support) || mentioned.test(this.#texts.get(file) ?? "");
  }

  /** First the files that killed others in this function, then the operation's own, then the quick ones. */
  of(mutated: string): string[] {
    const entries = this.#entries.get(mutated);
    const kills = this.#kills.get(mutated);
    const rank = (file: string) => [
      -(kills?.get(file) ?? 0),
      this.#titles.get(file)?.some((title) => title !== undefined && entries?.has(title)) ? 0 : 1,
      this.#usual.get(file) ?? 0,
    ];
    return NAMED.filter((file) => this.#reaches(file, entries))
      .map((file) => ({ file, rank: rank(file) }))
      .sort((a, b) => a.rank.map((value, i) => value - (b.rank[i] ?? 0)).find((value) => value !== 0) ?? 0)
      .map(({ file }) => file);
  }

  /** The named tests that killed others in this function, the last first. */
  likely(mutated: string): readonly Failure[] {
    return this.#killers.get(mutated) ?? [];
  }

  killed(mutated: string, by: Failure): void {
    const kills = this.#kills.get(mutated) ?? new Map<string, number>();
    this.#kills.set(mutated, kills.set(by.file, (kills.get(by.file) ?? 0) + 1));
    if (!NAMED.includes(by.file) || /"(before|after) (each|all)" hook|^(timeout|crash)$/.test(by.test)) return;
    const others = this.likely(mutated).filter(({ test }) => test !== by.test);
    this.#killers.set(mutated, [by, ...others].slice(0, 5));
  }
}
