import { expect } from "chai";
import { parse } from "./compile.ts";
import { EffectsOf } from "./effects.ts";
import { type Mutant, mutantsOf, type Operator, squeezed } from "./operators.ts";
import { mutantAt, Switches, switchedOn } from "./switched.ts";

const FILE = "Counter.sol";
/** A contract with these members. */
const contract = (...members: string[]) =>
  `// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\ncontract Counter {\n${members.join("\n")}\n}\n`;

function read(...members: string[]) {
  const source = contract(...members);
  const tree = parse({ [FILE]: source })[FILE];
  if (!tree) throw new Error("no tree");
  const bytes = Buffer.from(source);
  return { mutants: mutantsOf(FILE, bytes, tree, new EffectsOf([tree])), switches: new Switches(bytes, tree) };
}
const mutants = (...members: string[]) => read(...members).mutants;
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

describe("mutants behind switches", () => {
  /** The source of a group, on one line and without the marks. */
  const shown = (switches: Switches, group: readonly Mutant[]) =>
    squeezed(switches.source(group).replaceAll(/\/\*<.*?>\*\//g, ""));
  const grouped = (...members: string[]) => {
    const { mutants, switches } = read(...members);
    return { mutants, switches, ...switches.groups(mutants) };
  };

  it("stand as whole statements, and the statement as it was last", () => {
    const { mutants, switches } = read(view("return a + b;"));
    expect(mutants.map(({ operator }) => operator)).to.deep.equal(["returned default", "arithmetic"]);
    expect(shown(switches, mutants)).to.include(
      "{ if (SWITCHED_ON == 1) { return 0; } else if (SWITCHED_ON == 2) { return a - b; } else { return a + b; } }",
    );
  });

  it("leave declarations visible to what follows", () => {
    const { mutants, switches } = read(view("uint256 c = a + b; return c;"));
    const group = mutants.filter(({ original }) => original.includes("a + b"));
    expect(shown(switches, group)).to.include(
      "uint256 c; { if (SWITCHED_ON == 1) { } else if (SWITCHED_ON == 2) { c = a - b; } else { c = a + b; } } return c;",
    );
  });

  it("are nested: one of a condition leaves those of its branches to the other case", () => {
    const { mutants, switches } = read(view("if (a < b) { return a + b; } return b;"));
    const group = mutants.filter(({ mutant }) => mutant === "a >= b" || mutant === "a - b");
    expect(shown(switches, group)).to.include(
      "{ if (SWITCHED_ON == 1) { if (a >= b) { return a + b; } } else { if (a < b) { { if (SWITCHED_ON == 2) { return a - b; } else { return a + b; } } } } } return b;",
    );
  });

  it("look into assembly", () => {
    const { mutants, switches } = read(view('assembly ("memory-safe") { let x := add(a, 1) mstore(0, x) } return a;'));
    const group = mutants.filter(({ mutant }) => mutant === "sub(a, 1)" || mutant === "1");
    expect(shown(switches, group)).to.include(
      "let x switch SWITCHED_ON case 1 { x := sub(a, 1) } default { x := add(a, 1) } switch SWITCHED_ON case 2 { mstore(1, x) } default { mstore(0, x) }",
    );
  });

  it("are together only if none cuts through another, and alone outside of functions", () => {
    const swaps = "require(a > 1); require(a > 2); require(a > 3); return a;";
    const { groups, alone } = grouped("uint256 constant A = 0;", view(swaps));
    expect(alone.map(({ original }) => original)).to.deep.equal(["0"]);
    const swapped = groups.map((group) => group.filter(({ operator }) => operator === "swapped statements").length);
    expect(swapped).to.deep.equal([1, 1]);
  });

  it("compile, each found again by its place, and by its number in the code", () => {
    const { mutants, switches } = read(
      "uint256 public x;",
      "function f(uint256 a) external { /* ü */ uint256 b = a * 2; if (b > 10 && a < 9) x = b; else { x += 1; } }",
    );
    // A declaration after what uses it is a mutant, but does not compile.
    const group = mutants.filter(({ operator }) => operator !== "swapped statements");
    expect(switches.groups(group)).to.deep.equal({ groups: [group], alone: [] });
    const source = switches.source(group);
    parse({ [FILE]: source });
    const wrong = group.findIndex(({ mutant }) => mutant === "x -= 1");
    const place = Buffer.from(source.slice(0, source.indexOf("x -= 1"))).length;
    expect(mutantAt(source, place)).to.equal(wrong);
    expect(mutantAt(source, Buffer.byteLength(source))).to.equal(undefined);
    expect(switchedOn("60676d7574616e74732114", 4)).to.equal("6067000000000000000514");
  });
});
