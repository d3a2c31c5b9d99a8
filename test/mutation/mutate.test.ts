import { expect } from "chai";
import { parse } from "./compile.ts";
import { EffectsOf } from "./effects.ts";
import { type Mutant, mutantsOf, type Operator, squeezed } from "./operators.ts";

const FILE = "Counter.sol";
/** A contract with these members. */
const contract = (...members: string[]) =>
  `// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\ncontract Counter {\n${members.join("\n")}\n}\n`;

function mutants(...members: string[]): Mutant[] {
  const source = contract(...members);
  const trees = parse({ [FILE]: source });
  const tree = trees[FILE];
  if (!tree) throw new Error("no tree");
  return mutantsOf(FILE, Buffer.from(source), tree, new EffectsOf([tree]));
}
const of = (operator: Operator, ...members: string[]) =>
  mutants(...members)
    .filter((mutant) => mutant.operator === operator)
    .map((mutant) => `${squeezed(mutant.original)} → ${squeezed(mutant.mutant)}`);
const view = (body: string, given = "uint256 a, uint256 b", returned = "uint256") =>
  `function f(${given}) external view returns (${returned}) { ${body} }`;

describe("the mutation operators", () => {
  it("change an operator between its operands, and leave comments and parentheses where they are", () => {
    expect(of("arithmetic", view("return (a + b) * b /* - */ - a;"))).to.deep.equal([
      "(a + b) * b → (a + b) / b",
      "(a + b) * b /* - */ - a → (a + b) * b /* - */ + a",
      "a + b → a - b",
    ]);
  });

  it("change a comparison to its neighbour and to its negation", () => {
    expect(of("comparison", view("return a < b;", "uint256 a, uint256 b", "bool"))).to.deep.equal([
      "a < b → a <= b",
      "a < b → a >= b",
    ]);
    expect(of("comparison", view("return a == b;", "uint256 a, uint256 b", "bool"))).to.deep.equal(["a == b → a != b"]);
  });

  it("exchange and drop the parts of a condition", () => {
    expect(of("boolean", view("return !a && b;", "bool a, bool b", "bool"))).to.deep.equal([
      "!a → a",
      "!a && b → !a || b",
      "!a && b → !a",
      "!a && b → b",
    ]);
  });

  it("give a number its neighbours and zero, and keep its unit", () => {
    expect(of("constant", "uint256 constant A = 2 days;", "uint256 constant B = 0;")).to.deep.equal([
      "2 days → 3 days",
      "2 days → 1 days",
      "2 days → 0 days",
      "0 → 1",
    ]);
    expect(of("constant", "uint256[15] private a;")).to.deep.equal([]);
  });

  it("remove checks, and tell those of the caller apart", () => {
    const body = "require(a != 0); require(msg.sender != address(0)); if (a == b) return 7; return 8;";
    expect(of("removed check", view(body))).to.deep.equal(["require(a != 0); → {}", "if (a == b) return 7; → {}"]);
    expect(of("removed access control", view(body))).to.deep.equal(["require(msg.sender != address(0)); → {}"]);
    const guarded = "function f() external guarded {}";
    expect(of("removed access control", "modifier guarded() { _; }", guarded)).to.deep.equal(["guarded → "]);
  });

  it("remove assignments, events and calls, with their semicolons, and never the header of a loop", () => {
    const members = [
      "uint256 private x;",
      "event E();",
      "function g() private { x = 1; }",
      "function f() external { uint256 y = x; for (uint256 i; i < y; ++i) g(); emit E(); }",
    ];
    expect(of("removed assignment", ...members)).to.deep.equal(["x = 1; → {}", "uint256 y = x → uint256 y"]);
    expect(of("removed call", ...members)).to.deep.equal(["g(); → {}"]);
    expect(of("removed event", ...members)).to.deep.equal(["emit E(); → {}"]);
  });

  it("return a default", () => {
    expect(of("returned default", view("return a;"))).to.deep.equal(["a → 0"]);
    expect(of("returned default", view("return a == b;", "uint256 a, uint256 b", "bool"))).to.deep.equal([
      "a == b → false",
      "a == b → true",
    ]);
    expect(of("returned default", view("return (a, b);", "uint256 a, address b", "uint256, address"))).to.deep.equal([
      "(a, b) → (0, address(0))",
    ]);
  });

  it("exchange arguments of one type", () => {
    const g = "function g(uint256 a, address b, uint256 c) private pure returns (uint256) {}";
    expect(of("swapped arguments", g, view("return g(a, address(0), b);"))).to.deep.equal([
      "g(a, address(0), b) → g(b, address(0), a)",
    ]);
  });

  it("exchange neighbours only where their order can matter", () => {
    const members = ["uint256 private x;", "uint256 private y;", "function set() private { x = 1; }"];
    const f = (body: string) => `function f(uint256 a) external { ${body} }`;
    expect(of("swapped statements", ...members, f("x = a; y = a;"))).to.deep.equal([]);
    expect(of("swapped statements", ...members, f("y = a; set();"))).to.deep.equal([]);
    expect(of("swapped statements", ...members, f("y = x; set();"))).to.deep.equal(["y = x; set(); → set(); y = x;"]);
    expect(of("swapped statements", ...members, f("require(a > 1); require(a > 2);"))).to.have.length(1);
  });

  it("look into assembly", () => {
    const body = 'assembly ("memory-safe") { let x := add(a, 1) if lt(x, b) { x := b } mstore(0, x) }';
    expect(of("assembly", view(`${body} return a;`))).to.deep.equal([
      "let x := add(a, 1) if lt(x, b) { x := b } → if lt(x, b) { x := b } let x := add(a, 1)",
      "add(a, 1) → sub(a, 1)",
      "1 → 2",
      "1 → 0",
      "if lt(x, b) { x := b } → {}",
      "lt(x, b) → 1",
      "lt(x, b) → gt(x, b)",
      "x := b → {}",
      "mstore(0, x) → {}",
      "0 → 1",
    ]);
  });

  it("take offsets as bytes", () => {
    expect(of("arithmetic", "// – €", view("/* ü */ return a + b;"))).to.deep.equal(["a + b → a - b"]);
  });
});

describe("the id of a mutant", () => {
  const f = "function f(uint256 a) external pure returns (uint256) {\nreturn a + a;\n}";
  const ids = (...members: string[]) => mutants(...members).map(({ id }) => id);

  it("is its own", () => {
    const all = ids(f, "function g(uint256 a) external pure returns (uint256) { a = a + a; return a + a; }");
    expect(new Set(all).size).to.equal(all.length);
  });

  it("stays when lines above it come and go, and when its lines are broken anew", () => {
    expect(ids("// One.\n\n", f)).to.deep.equal(ids(f));
    expect(ids(f.replace("a + a", "a +\n        a"))).to.deep.equal(ids(f));
  });

  it("changes with the snippet and with the function", () => {
    expect(ids(f.replace("a + a", "a - a"))).not.to.include.members(ids(f));
    expect(ids(f.replace("function f", "function g"))).not.to.include.members(ids(f));
  });
});
