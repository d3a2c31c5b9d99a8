/**
 * Many mutants in one source, each behind a switch that its bytecode is given later: so one compilation serves dozens. What
 * stands behind a switch is the mutated text of a whole statement, so it means what it would mean alone.
 */
import { child, list, type Node, range, statementRange, text, walk } from "./ast.ts";
import type { Mutant } from "./operators.ts";

/** The constant that says which mutant is on. It is found again in bytecode, as the operand of PUSH8. */
const NAME = "SWITCHED_ON";
const NONE = "6d7574616e747321";

type Range = { readonly start: number; readonly end: number };
/** A statement, or two neighbours, that is written once for each mutant in it, and once as it was. */
interface Host extends Range {
  readonly yul: boolean;
  /** Of a declaration: what declares, and what assigns, so that the switch can stand between. */
  readonly declaration?: {
    readonly declared: string;
    readonly assigned: string;
    readonly value: Range;
    readonly pointer: boolean;
  };
}

const STATEMENTS = new Set([
  "EmitStatement",
  "ExpressionStatement",
  "ForStatement",
  "IfStatement",
  "InlineAssembly",
  "RevertStatement",
  "Return",
  "TryStatement",
  "WhileStatement",
  "YulAssignment",
  "YulExpressionStatement",
  "YulForLoop",
  "YulIf",
  "YulSwitch",
]);
const DECLARATIONS = new Set(["VariableDeclarationStatement", "YulVariableDeclaration"]);
const BLOCKS = new Set(["Block", "UncheckedBlock", "YulBlock"]);
/** Characters that a group may add: the contract has to stay deployable within a transaction's gas. */
const MOST = 9_000;
/** Mutants of a group, whose results are kept together. */
const MANY = 30;

const includes = (outer: Range, inner: Range) => outer.start <= inner.start && inner.end <= outer.end;
const apart = (a: Range, b: Range) => a.end <= b.start || b.end <= a.start;
const length = ({ start, end }: Range) => end - start;

export class Switches {
  /** One character a byte, so that the compiler's offsets are those of the string. */
  readonly #source: string;
  /** The smallest first. */
  readonly #hosts: readonly Host[];

  constructor(source: Buffer, tree: Node) {
    this.#source = source.toString("latin1");
    const hosts: Host[] = [];
    walk(tree, (node, above) => {
      const parent = above.at(-1);
      const body = node.nodeType === "FunctionDefinition" ? child(node, "body") : undefined;
      if (body) hosts.push({ ...range(body), yul: false });
      if (!parent || parent.initializationExpression === node || parent.loopExpression === node) return true;
      const yul = node.nodeType.startsWith("Yul");
      if (STATEMENTS.has(node.nodeType)) hosts.push({ ...statementRange(node, source), yul });
      if (DECLARATIONS.has(node.nodeType)) hosts.push(...this.#declaration(node, source));
      if (BLOCKS.has(node.nodeType)) {
        const statements = list(node, "statements");
        statements.slice(1).forEach((second, i) => {
          const first = statements[i] as Node;
          if (!STATEMENTS.has(first.nodeType) || !STATEMENTS.has(second.nodeType)) return;
          hosts.push({ start: range(first).start, end: statementRange(second, source).end, yul });
        });
      }
      return true;
    });
    this.#hosts = hosts.sort((a, b) => length(a) - length(b));
  }

  #declaration(node: Node, source: Buffer): Host[] {
    const yul = node.nodeType === "YulVariableDeclaration";
    const value = child(node, yul ? "value" : "initialValue");
    if (!value) return [];
    const { start, end } = statementRange(node, source);
    const names = list(node, yul ? "variables" : "declarations");
    let assigned = this.#at({ start, end: range(value).start });
    if (yul) assigned = assigned.replace("let ", "");
    else for (const name of names) assigned = assigned.replace(this.#at(range(name)), text(name, "name"));
    const declared = names.map((name) => (yul ? `let ${text(name, "name")}` : `${this.#at(range(name))};`)).join(" ");
    // Without a value one of these does not compile, nor does anything that uses it.
    const pointer = names.some((name) => ["calldata", "storage"].includes(text(name, "storageLocation")));
    return [{ start, end, yul, declaration: { declared, assigned, value: range(value), pointer } }];
  }

  #at({ start, end }: Range): string {
    return this.#source.slice(start, end);
  }

  /** The smallest that has the mutant in it; none if the mutant is in no function's body. */
  #hostOf(mutant: Mutant): Host | undefined {
    return this.#hosts.find((host) => {
      if (!includes(host, mutant)) return false;
      if (!host.declaration || includes(host.declaration.value, mutant)) return true;
      return mutant.operator === "removed assignment" && !host.declaration.pointer;
    });
  }

  /** Mutants that can be compiled together, and those that have to be alone. */
  groups(mutants: readonly Mutant[]): { groups: Mutant[][]; alone: Mutant[] } {
    const groups: { mutants: Mutant[]; hosts: Set<Host>; size: number }[] = [];
    const alone: Mutant[] = [];
    for (const mutant of mutants) {
      const host = this.#hostOf(mutant);
      if (!host || length(host) > MOST) {
        alone.push(mutant);
        continue;
      }
      const fitting = groups.find(
        ({ mutants, hosts, size }) =>
          mutants.length < MANY &&
          size + length(host) <= MOST &&
          [...hosts].every((other) => apart(host, other) || includes(host, other) || includes(other, host)),
      );
      const group = fitting ?? { mutants: [], hosts: new Set<Host>(), size: 0 };
      if (!fitting) groups.push(group);
      group.mutants.push(mutant);
      group.hosts.add(host);
      group.size += length(host);
    }
    return { groups: groups.map((group) => group.mutants), alone };
  }

  /** The source with all mutants of a group in it, the i-th on if the switch is i + 1. */
  source(mutants: readonly Mutant[]): string {
    const branches = new Map<Host, { number: number; text: string }[]>();
    mutants.forEach((mutant, i) => {
      const host = this.#hostOf(mutant) as Host;
      branches.set(host, [...(branches.get(host) ?? []), { number: i + 1, text: this.#branch(host, mutant) }]);
    });
    const hosts = [...branches.keys()].sort((a, b) => a.start - b.start || b.end - a.end);

    /** What is in a range, with the switches of the hosts below `above` in it. */
    const render = (whole: Range, above = -1): string => {
      let out = "";
      let at = whole.start;
      hosts.forEach((host, i) => {
        if (i <= above || host.start < at || !includes(whole, host)) return;
        out += this.#source.slice(at, host.start) + switched(host, i);
        at = host.end;
      });
      return out + this.#source.slice(at, whole.end);
    };
    const switched = (host: Host, i: number): string => {
      const { declared, assigned, value } = host.declaration ?? {};
      const usual = value ? `${assigned}${this.#at(value)}${host.yul ? "" : ";"}` : render(host, i);
      const cases = branches.get(host) ?? [];
      const marked = cases.map(({ number, text }) => ({ number, block: `/*<${number}>*/ { ${text} } /*</>*/` }));
      if (host.yul) {
        const all = marked.map(({ number, block }) => `case ${number} ${block}`).join(" ");
        return `${declared ?? ""} switch ${NAME} ${all} default { ${usual} }`;
      }
      const all = marked.map(({ number, block }) => `if (${NAME} == ${number}) ${block} else `).join("");
      return `${declared ?? ""} { ${all}{ ${usual} } }`;
    };
    const all = render({ start: 0, end: this.#source.length });
    return Buffer.from(`${all}\nuint256 constant ${NAME} = 0x${NONE};\n`, "latin1").toString();
  }

  /** What stands instead of the host. */
  #branch(host: Host, { start, end, mutant }: Mutant): string {
    const bytes = Buffer.from(mutant).toString("latin1");
    if (!host.declaration) return this.#source.slice(host.start, start) + bytes + this.#source.slice(end, host.end);
    const { assigned, value } = host.declaration;
    if (!includes(value, { start, end })) return "";
    const changed = this.#source.slice(value.start, start) + bytes + this.#source.slice(end, value.end);
    return `${assigned}${changed}${host.yul ? "" : ";"}`;
  }
}

/** Which of a group's mutants an offset of its source is in. */
export function mutantAt(source: string, offset: number): number | undefined {
  const before = Buffer.from(source).subarray(0, offset).toString("latin1");
  const open = [...before.matchAll(/\/\*<(\d+|\/)>\*\//g)].at(-1)?.[1];
  return open === undefined || open === "/" ? undefined : Number(open) - 1;
}

/** The code with the i-th mutant on. */
export const switchedOn = (code: string, i: number) =>
  code.replaceAll(`67${NONE}`, `67${(i + 1).toString(16).padStart(16, "0")}`);
