/** The mutation operators: which small faults can be put into a source. */
import { createHash } from "node:crypto";
import { calleeOf, child, list, type Node, range, statementRange, text, typeOf, walk } from "./ast.ts";
import type { EffectsOf } from "./effects.ts";

export const OPERATORS = [
  "arithmetic",
  "comparison",
  "boolean",
  "condition",
  "bits",
  "constant",
  "removed check",
  "removed access control",
  "removed assignment",
  "removed event",
  "removed call",
  "returned default",
  "swapped arguments",
  "swapped statements",
  "assembly",
] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Mutant {
  /** The same as long as the function has this snippet: hash of file, function, snippet, mutant and occurrence. */
  readonly id: string;
  readonly file: string;
  readonly function: string;
  readonly line: number;
  readonly operator: Operator;
  /** Byte offsets in the source of what is replaced. */
  readonly start: number;
  readonly end: number;
  readonly original: string;
  readonly mutant: string;
}

const BINARY: Record<string, [Operator, string[]]> = {
  "+": ["arithmetic", ["-"]],
  "-": ["arithmetic", ["+"]],
  "*": ["arithmetic", ["/"]],
  "/": ["arithmetic", ["*"]],
  "%": ["arithmetic", ["*"]],
  "**": ["arithmetic", ["*"]],
  "<": ["comparison", ["<=", ">="]],
  "<=": ["comparison", ["<", ">"]],
  ">": ["comparison", [">=", "<="]],
  ">=": ["comparison", [">", "<"]],
  "==": ["comparison", ["!="]],
  "!=": ["comparison", ["=="]],
  "&&": ["boolean", ["||"]],
  "||": ["boolean", ["&&"]],
  "&": ["bits", ["|"]],
  "|": ["bits", ["&"]],
  "^": ["bits", ["&"]],
  "<<": ["bits", [">>"]],
  ">>": ["bits", ["<<"]],
};
const COMPOUND: Record<string, [Operator, string]> = {
  "+=": ["arithmetic", "-="],
  "-=": ["arithmetic", "+="],
  "*=": ["arithmetic", "/="],
  "/=": ["arithmetic", "*="],
  "|=": ["bits", "&="],
  "&=": ["bits", "|="],
  "<<=": ["bits", ">>="],
  ">>=": ["bits", "<<="],
};
const YUL: Record<string, string> = {
  add: "sub",
  sub: "add",
  mul: "div",
  div: "mul",
  shl: "shr",
  shr: "shl",
  lt: "gt",
  gt: "lt",
  and: "or",
  or: "and",
};
/** Their arguments can change places without a difference. */
const SYMMETRIC = new Set(["later"]);
const CHECKS = new Set(["require", "assert"]);
/** A removed statement: empty statements do not exist, empty blocks do. */
export const REMOVED = "{}";

const SIMPLE = new Set([
  "ExpressionStatement",
  "EmitStatement",
  "IfStatement",
  "ForStatement",
  "VariableDeclarationStatement",
  "TryStatement",
  "InlineAssembly",
]);

export function mutantsOf(file: string, source: Buffer, tree: Node, effects: EffectsOf): Mutant[] {
  const found: Omit<Mutant, "id">[] = [];
  const at = (start: number, end: number) => source.subarray(start, end).toString();
  const of = (node: Node) => at(range(node).start, range(node).end);
  const lineAt = (offset: number) => source.subarray(0, offset).toString().split("\n").length;

  const nameOf = (above: readonly Node[]) =>
    above
      .filter((node) => node.nodeType === "FunctionDefinition" || node.nodeType === "ContractDefinition")
      .map((node) => text(node, "name") || text(node, "kind"))
      .at(-1) ?? "";

  function put(
    above: readonly Node[],
    operator: Operator,
    where: { start: number; end: number },
    ...mutants: string[]
  ): void {
    const original = at(where.start, where.end);
    for (const mutant of new Set(mutants)) {
      if (mutant === original) continue;
      const { start, end } = where;
      found.push({ file, function: nameOf(above), line: lineAt(start), operator, start, end, original, mutant });
    }
  }

  const statement = (node: Node) => statementRange(node, source);

  /** The operator between two operands, replaced. */
  function between(left: Node, right: Node, operator: string, by: string): string {
    const gap = at(range(left).end, range(right).start);
    const comments = gap.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => " ".repeat(comment.length));
    const place = comments.indexOf(operator);
    return of(left) + gap.slice(0, place) + by + gap.slice(place + operator.length) + of(right);
  }

  function removed(above: readonly Node[], node: Node): void {
    const parent = above.at(-1);
    // The header of a loop is no statement of its own.
    if (
      parent?.nodeType === "ForStatement" &&
      (parent.initializationExpression === node || parent.loopExpression === node)
    )
      return;
    const expression = child(node, "expression");
    let operator: Operator | undefined;
    if (node.nodeType === "EmitStatement") operator = "removed event";
    else if (expression?.nodeType === "Assignment" || expression?.nodeType === "UnaryOperation")
      operator = "removed assignment";
    else if (expression?.nodeType === "FunctionCall") {
      const condition = list(expression, "arguments")[0];
      if (!CHECKS.has(calleeOf(expression))) operator = "removed call";
      else operator = condition && of(condition).includes("msg.sender") ? "removed access control" : "removed check";
    }
    if (operator) put(above, operator, statement(node), REMOVED);
  }

  function defaultOf(type: string): string | undefined {
    if (/^u?int\d*$/.test(type)) return "0";
    if (type === "bool") return "false";
    if (/^address/.test(type)) return "address(0)";
    if (/^bytes\d+$/.test(type)) return `${type}(0)`;
    if (/^[A-Z]\w*$/.test(type)) return `${type}.wrap(0)`;
    return undefined;
  }

  function returned(above: readonly Node[], node: Node): void {
    const expression = child(node, "expression");
    const definition = above.findLast((outer) => outer.nodeType === "FunctionDefinition");
    if (!expression || !definition) return;
    const types = list(child(definition, "returnParameters") as Node, "parameters").map(typeOf);
    const defaults = types.map(defaultOf);
    if (defaults.every((value) => value !== undefined)) {
      const value = defaults.length === 1 ? String(defaults[0]) : `(${defaults.join(", ")})`;
      put(above, "returned default", range(expression), value, ...(value === "false" ? ["true"] : []));
    } else if (list(child(definition, "body") as Node, "statements").at(-1) === node) {
      put(above, "returned default", statement(node), REMOVED);
    }
  }

  function numbers(value: string): string[] {
    const n = BigInt(value.replaceAll("_", ""));
    const write = (m: bigint) => (value.startsWith("0x") ? `0x${m.toString(16).padStart(2, "0")}` : String(m));
    return [n + 1n, ...(n > 0n ? [n - 1n, 0n] : [])].map(write);
  }

  function swapped(above: readonly Node[], statements: readonly Node[], matters: (a: Node, b: Node) => boolean): void {
    statements.forEach((first, i) => {
      const second = statements[i + 1];
      if (!second || !matters(first, second)) return;
      const [a, b] = [statement(first), statement(second)];
      const exchanged = at(b.start, b.end) + at(a.end, b.start) + at(a.start, a.end);
      const operator: Operator = first.nodeType.startsWith("Yul") ? "assembly" : "swapped statements";
      put(above, operator, { start: a.start, end: b.end }, exchanged);
    });
  }

  walk(tree, (node, above) => {
    switch (node.nodeType) {
      case "ArrayTypeName":
        return false; // the length of an array
      case "BinaryOperation": {
        const [left, right] = [child(node, "leftExpression") as Node, child(node, "rightExpression") as Node];
        const [operator, others] = BINARY[text(node, "operator")] ?? ["arithmetic", []];
        for (const other of others)
          put(above, operator, range(node), between(left, right, text(node, "operator"), other));
        if (operator === "boolean") put(above, operator, range(node), of(left), of(right));
        break;
      }
      case "UnaryOperation": {
        const inner = child(node, "subExpression") as Node;
        const [sign, prefix] = [text(node, "operator"), node.prefix === true];
        if (sign === "!") put(above, "boolean", range(node), of(inner));
        if (sign === "~") put(above, "bits", range(node), of(inner));
        const other = { "++": "--", "--": "++" }[sign];
        if (other) put(above, "arithmetic", range(node), prefix ? other + of(inner) : of(inner) + other);
        break;
      }
      case "Assignment": {
        const [operator, other] = COMPOUND[text(node, "operator")] ?? [];
        const [left, right] = [child(node, "leftHandSide") as Node, child(node, "rightHandSide") as Node];
        if (operator && other) put(above, operator, range(node), between(left, right, text(node, "operator"), other));
        break;
      }
      case "Conditional":
        put(
          above,
          "condition",
          range(node),
          of(child(node, "trueExpression") as Node),
          of(child(node, "falseExpression") as Node),
        );
        break;
      case "IfStatement": {
        const condition = child(node, "condition") as Node;
        put(above, "condition", range(condition), "true");
        if (child(node, "falseBody")) put(above, "condition", range(condition), "false");
        else {
          const leaves = /^\{?\s*(return|continue)\b/.test(of(child(node, "trueBody") as Node));
          put(above, leaves ? "removed check" : "condition", statement(node), REMOVED);
        }
        break;
      }
      case "Literal": {
        const unit = typeof node.subdenomination === "string" ? ` ${node.subdenomination}` : "";
        if (typeOf(node) === "address") put(above, "constant", range(node), "address(0)");
        else if (node.kind === "number")
          put(above, "constant", range(node), ...numbers(text(node, "value")).map((n) => n + unit));
        else if (node.kind === "bool") put(above, "constant", range(node), node.value === "true" ? "false" : "true");
        else if (node.kind === "string") put(above, "constant", range(node), '""');
        break;
      }
      case "FunctionDefinition":
        for (const modifier of list(node, "modifiers"))
          if (modifier.kind === "modifierInvocation")
            put([...above, node], "removed access control", range(modifier), "");
        break;
      case "ExpressionStatement":
      case "EmitStatement":
        removed(above, node);
        break;
      case "VariableDeclarationStatement": {
        const declarations = list(node, "declarations");
        const value = child(node, "initialValue");
        if (value && declarations.length === 1 && (node.declarations as unknown[]).length === 1)
          put(above, "removed assignment", range(node), of(declarations[0] as Node));
        break;
      }
      case "Return":
        returned(above, node);
        break;
      case "FunctionCall": {
        const given = list(node, "arguments");
        if (node.kind === "typeConversion" || SYMMETRIC.has(calleeOf(node)) || CHECKS.has(calleeOf(node))) break;
        given.forEach((a, i) => {
          given.slice(i + 1).forEach((b) => {
            const [first, second] = [range(a), range(b)];
            const integers = /^u?int/.test(typeOf(a)) && /^u?int/.test(typeOf(b));
            if (of(a) === of(b) || (typeOf(a) !== typeOf(b) && !integers)) return;
            const call = range(node);
            const exchanged =
              at(call.start, first.start) + of(b) + at(first.end, second.start) + of(a) + at(second.end, call.end);
            put(above, "swapped arguments", call, exchanged);
          });
        });
        break;
      }
      case "Block":
      case "UncheckedBlock":
        swapped(
          above,
          list(node, "statements"),
          (a, b) => SIMPLE.has(a.nodeType) && SIMPLE.has(b.nodeType) && effects.orderMatters(a, b),
        );
        break;
      case "InlineAssembly":
        // The tree of the assembly is a field of its own, and is walked with the others.
        break;
      case "YulFunctionCall": {
        const name = text(child(node, "functionName") as Node, "name");
        const other = YUL[name];
        if (other) put(above, "assembly", range(node), other + of(node).slice(name.length));
        if (name === "iszero") put(above, "assembly", range(node), of(list(node, "arguments")[0] as Node));
        if (name === "eq") put(above, "assembly", range(node), `iszero(${of(node)})`);
        break;
      }
      case "YulLiteral":
        if (node.kind === "number") put(above, "assembly", range(node), ...numbers(text(node, "value")));
        break;
      case "YulIf":
        put(above, "assembly", range(node), REMOVED);
        put(above, "assembly", range(child(node, "condition") as Node), "1");
        break;
      case "YulExpressionStatement":
      case "YulAssignment":
        put(above, "assembly", range(node), REMOVED);
        break;
      case "YulBlock":
        swapped(above, list(node, "statements"), yulOrderMatters);
        break;
    }
    return true;
  });

  found.sort((a, b) => a.start - b.start || a.end - b.end);
  const seen = new Set<string>();
  const occurrences = new Map<string, number>();
  return found.flatMap((mutant) => {
    const place = `${mutant.start}:${mutant.end}:${mutant.mutant}`;
    if (seen.has(place)) return [];
    seen.add(place);
    const what = [mutant.file, mutant.function, squeezed(mutant.original), squeezed(mutant.mutant)].join("\0");
    const occurrence = occurrences.get(what) ?? 0;
    occurrences.set(what, occurrence + 1);
    const id = createHash("sha256").update(`${what}\0${occurrence}`).digest("hex").slice(0, 12);
    return [{ id, ...mutant }];
  });
}

/** On one line: how a snippet is shown and known, so that a new line break does not make it another. */
export const squeezed = (code: string) =>
  code
    .replace(/\/\/.*$/gm, "")
    .replace(/\s+/g, " ")
    .trim();

/** One assigns what the other mentions, or one writes memory that the other may read. */
function yulOrderMatters(a: Node, b: Node): boolean {
  const [first, second] = [a, b].map((node) => {
    const names = new Set<string>();
    walk(node, (inner) => {
      if (inner.nodeType === "YulIdentifier" || inner.nodeType === "YulTypedName") names.add(text(inner, "name"));
    });
    const assigned = [...list(node, "variableNames"), ...list(node, "variables")].map((name) => text(name, "name"));
    const writes = ["mstore", "calldatacopy", "sstore"].some((name) => names.has(name));
    const reads = ["mload", "keccak256", "log4", "sload"].some((name) => names.has(name));
    return { names, assigned, writes, reads };
  }) as [YulEffects, YulEffects];
  return (
    first.assigned.some((name) => second.names.has(name)) ||
    second.assigned.some((name) => first.names.has(name)) ||
    (first.writes && second.reads) ||
    (first.reads && second.writes)
  );
}
interface YulEffects {
  names: Set<string>;
  assigned: string[];
  writes: boolean;
  reads: boolean;
}
