import { expect } from "chai";
import { instrument } from "./instrument.ts";
import { mutantsOf, type Operator, squeezed } from "./operators.ts";
import { sqlFaults } from "./sql.ts";
import { mutation } from "./switch.ts";

const of = (operator: Operator, source: string) =>
  mutantsOf("a.ts", source)
    .filter((mutant) => mutant.operator === operator)
    .map(({ original, mutant }) => `${squeezed(original)} → ${squeezed(mutant)}`);

/** What an expression over `a` and `b` is worth with each of its faults, and at last without one. */
function values(expression: string, a: unknown, b: unknown): unknown[] {
  const faults = mutantsOf("a.ts", `export const value = (a: never, b: never) => ${expression};`);
  const numbered = faults.map((mutant, i) => ({ number: i + 1, mutant }));
  const body = instrument(`export const value = (a: never, b: never) => ${expression};`, numbered);
  const value = new Function("a", "b", body.replace(/^.*?=> /, "return ")) as (a: unknown, b: unknown) => unknown;
  const found = [...numbered.map(({ number }) => number), 0].map((number) => {
    mutation.on = number;
    return value(a, b);
  });
  return found;
}

describe("faults in TypeScript", () => {
  it("change what is computed, compared and asked", () => {
    expect(of("arithmetic", "const x = a + b * 2n; i++; n -= 3;")).to.deep.equal([
      "a + b * 2n → a - b * 2n",
      "b * 2n → b / 2n",
      "i++ → i--",
      "n -= 3 → n += 3",
    ]);
    expect(of("comparison", "const x = a < b; const y = a === b;")).to.deep.equal([
      "a < b → a <= b",
      "a < b → a >= b",
      "a === b → a !== b",
    ]);
    expect(of("boolean", "const x = a && !b; const y = a ?? b;")).to.deep.equal([
      "a && !b → a || !b",
      "a && !b → a",
      "a && !b → !b",
      "!b → b",
      "a ?? b → a",
      "a ?? b → b",
    ]);
    expect(of("condition", "if (a < b) f(); const x = c ? 1 : 2; while (d) g();")).to.deep.equal([
      "a < b → true",
      "a < b → false",
      "c → true",
      "c → false",
      "d → false",
    ]);
    expect(of("constant", "const x = [0, 7, 2n, true];")).to.deep.equal([
      "0 → 1",
      "7 → 8",
      "7 → 6",
      "2n → 3n",
      "2n → 1n",
      "true → false",
    ]);
    expect(of("removed step", "await save(a); x = 1; const y = f();")).to.deep.equal([
      "await save(a); → ",
      "x = 1; → ",
    ]);
    expect(of("method", "const x = a.filter(f).some(g); const y = Math.min(a, b);")).to.deep.equal([
      "a.filter(f).some(g) → a.filter(f).every(g)",
      "a.filter(f) → a",
      "Math.min(a, b) → Math.max(a, b)",
    ]);
  });

  it("leave types, names, imports, links of optional chains and what people are told alone", () => {
    for (const source of [
      'import { a } from "b";',
      'export { a } from "b";',
      'export type { A } from "b";',
      'type A = "b" | 1;',
      'const a = b as "c";',
      'throw new RangeError("no number");',
      'class A extends B { override name; constructor() { super("said"); } }',
      "const x = `$" + "{a} and $" + "{b}`;",
      "const x = a?.b.filter(f).c;",
    ])
      expect(
        mutantsOf("a.ts", source).map(({ mutant, original }) => `${original} → ${mutant}`),
        source,
      ).to.deep.equal([]);
  });

  it("are switched on one at a time, also inside of one another", () => {
    // a + b * 2: minus; divided; 3 and 1 in the place of 2; and without a fault.
    expect(values("a + b * 2", 10, 4)).to.deep.equal([2, 12, 22, 14, 18]);
    mutation.passed = new Set();
    values("a > 1 && b", 5, 7);
    expect(mutation.passed.size).to.equal(mutantsOf("a.ts", "export const v = (a, b) => a > 1 && b;").length);
    mutation.passed = undefined;
  });

  it("have ids that stay when lines are added above, and tell two like faults apart", () => {
    const source = "export const f = () => a < b;\nexport const g = () => a < b;\n";
    const ids = (text: string) => mutantsOf("a.ts", text).map(({ id }) => id);
    expect(ids(`// above\n\n${source}`)).to.deep.equal(ids(source));
    expect(new Set(ids("x = [a < b, a < b];")).size).to.equal(ids("x = [a < b, a < b];").length);
  });
});

describe("faults in SQL", () => {
  const WHERE =
    "SELECT id FROM batches WHERE state IN ('built', 'asked') AND (a >= $1 OR b IS NULL) ORDER BY id DESC LIMIT 5";
  it("let a part of a condition hold always or never, and keep its parameters", () => {
    const faults = sqlFaults(`\`${WHERE}\``);
    expect(faults).to.include(
      `\`${WHERE.replace("state IN ('built', 'asked')", "(state IN ('built', 'asked') OR true)")}\``,
    );
    expect(faults).to.include(`\`${WHERE.replace("(a >= $1 OR b IS NULL)", "((a >= $1 OR b IS NULL) OR true)")}\``);
    expect(faults).to.include(`\`${WHERE.replace("b IS NULL", "(b IS NULL AND false)")}\``);
  });

  it("change comparisons, states, orders, sums and zones", () => {
    const faults = sqlFaults(`\`${WHERE}\``);
    for (const [from, to] of [
      [">=", ">"],
      ["b IS NULL", "b IS NOT NULL"],
      ["'built'", "''"],
      [" DESC", ""],
    ] as const)
      expect(faults, from).to.include(`\`${WHERE.replace(from, to)}\``);
    expect(sqlFaults("`SELECT sum(a - b) FROM c LEFT JOIN d ON e = f`")).to.have.members([
      "`SELECT max(a - b) FROM c LEFT JOIN d ON e = f`",
      "`SELECT sum(a + b) FROM c LEFT JOIN d ON e = f`",
      "`SELECT sum(a - b) FROM c JOIN d ON e = f`",
      "`SELECT sum(a - b) FROM c LEFT JOIN d ON (e = f OR true)`",
    ]);
  });
});
