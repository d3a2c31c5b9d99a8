/** The small faults that are put into TypeScript, found in its syntax tree. */
import { createHash } from "node:crypto";
import { parseSync } from "vite";
import { isSql, sqlFaults } from "./sql.ts";

/** A node of the tree (ESTree with TypeScript's own nodes). */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a node has depends on its type
  readonly [field: string]: any;
}

export const OPERATORS = [
  "arithmetic",
  "comparison",
  "boolean",
  "condition",
  "constant",
  "text",
  "removed step",
  "method",
  "SQL",
] as const;
export type Operator = (typeof OPERATORS)[number];

/** One fault: in place of source[start, end) stands `mutant`. */
export interface Mutant {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly operator: Operator;
  readonly original: string;
  readonly mutant: string;
  readonly start: number;
  readonly end: number;
  /** A statement is left out; otherwise an expression becomes another. */
  readonly statement: boolean;
}

export const squeezed = (text: string) => text.replace(/\s+/g, " ").trim();

const NEIGHBOUR: Record<string, string> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
const NEGATION: Record<string, string> = {
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
  "===": "!==",
  "!==": "===",
};
const ARITHMETIC: Record<string, string> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "**": "*",
  "&": "|",
  "|": "&",
  "^": "&",
  "<<": ">>",
  ">>": "<<",
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "|=": "&=",
  "&=": "|=",
  "++": "--",
  "--": "++",
};
/** Methods and what stands in their place; "": what they are called on. */
const METHODS: Record<string, string> = {
  some: "every",
  every: "some",
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  startsWith: "endsWith",
  endsWith: "startsWith",
  filter: "",
  sort: "",
  toSorted: "",
  reverse: "",
  toReversed: "",
  slice: "",
  trim: "",
  toLowerCase: "",
  toUpperCase: "",
};
const TESTS_SOMETHING = new Set(["some", "every", "has", "includes", "test", "startsWith", "endsWith"]);
/** Where text is said to people: what it says is theirs to judge. */
const SAYS = /^(?:\w*Error|Problem|\w+Problem|describe|openapi|warn|info|debug|error|fatal|say|log)$/;

/** All faults of a file, in the order of the source. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const found = new Map<string, Omit<Mutant, "id" | "line">>();
  const text = ({ start, end }: Node) => source.slice(start, end);

  function add(within: string, operator: Operator, node: Node, mutant: string, statement = false): void {
    if (mutant === text(node)) return;
    const key = `${node.start} ${node.end} ${mutant}`;
    if (!found.has(key))
      found.set(key, {
        file,
        function: within,
        operator,
        original: text(node),
        mutant,
        start: node.start,
        end: node.end,
        statement,
      });
  }
  const between = (node: Node, left: Node, operator: string, right: Node) =>
    text(node).slice(0, left.end - node.start) +
    source.slice(left.end, right.start).replace(node.operator, operator) +
    source.slice(right.start, node.end);

  /** An expression that stands where a program asks whether. */
  function condition(node: Node | null, within: string, values: readonly string[]): void {
    if (node === null || node.type === "Literal") return;
    for (const value of values) add(within, "condition", node, value);
  }
  function isBoolean(node: Node): boolean {
    if (node.type === "BinaryExpression") return node.operator in NEGATION;
    if (node.type === "LogicalExpression") return node.operator !== "??" && isBoolean(node.right);
    if (node.type === "UnaryExpression") return node.operator === "!";
    return node.type === "CallExpression" && TESTS_SOMETHING.has(node.callee.property?.name);
  }
  const isText = (node: Node) => node.type === "TemplateLiteral" || typeof node.value === "string";

  function visit(node: Node, within: string, parent: Node, asked: boolean): void {
    switch (node.type) {
      case "BinaryExpression": {
        const { operator, left, right } = node;
        if (operator in NEIGHBOUR)
          add(within, "comparison", node, between(node, left, NEIGHBOUR[operator] as string, right));
        // Where a condition is always true and always false anyway, its negation shows nothing more.
        if (operator in NEGATION && !asked)
          add(within, "comparison", node, between(node, left, NEGATION[operator] as string, right));
        if (operator in ARITHMETIC && !isText(left) && !isText(right))
          add(within, "arithmetic", node, between(node, left, ARITHMETIC[operator] as string, right));
        break;
      }
      case "LogicalExpression": {
        const { operator, left, right } = node;
        if (operator !== "??")
          add(within, "boolean", node, between(node, left, operator === "&&" ? "||" : "&&", right));
        add(within, "boolean", node, text(left));
        add(within, "boolean", node, text(right));
        break;
      }
      case "UnaryExpression":
        if (node.operator === "!" && !asked) add(within, "boolean", node, text(node.argument));
        if (node.operator === "-") add(within, "arithmetic", node, text(node.argument));
        break;
      case "UpdateExpression":
        add(within, "arithmetic", node, text(node).replace(node.operator, ARITHMETIC[node.operator] as string));
        break;
      case "AssignmentExpression":
        if (node.operator in ARITHMETIC && !isText(node.right))
          add(within, "arithmetic", node, between(node, node.left, ARITHMETIC[node.operator] as string, node.right));
        break;
      case "IfStatement":
        condition(node.test, within, ["true", "false"]);
        break;
      case "ConditionalExpression":
        condition(node.test, within, ["true", "false"]);
        break;
      case "WhileStatement":
      case "DoWhileStatement":
      case "ForStatement":
        condition(node.test, within, ["false"]);
        break;
      case "Literal":
        literal(node, within, parent);
        break;
      case "TemplateLiteral":
        if (isSql(text(node))) sql(node, within);
        break;
      case "ExpressionStatement":
        if (node.expression.callee?.type === "Super") break;
        if (
          ["CallExpression", "AwaitExpression", "AssignmentExpression", "ChainExpression"].includes(
            node.expression.type,
          )
        )
          add(within, "removed step", node, "", true);
        break;
      case "CallExpression":
        method(node, within);
        break;
      case "ReturnStatement":
        if (node.argument !== null) returned(node.argument, within);
        break;
      case "ArrowFunctionExpression":
        if (node.body.type !== "BlockStatement") returned(node.body, within);
        break;
    }
    descend(node, within);
  }

  function literal(node: Node, within: string, parent: Node): void {
    const { value } = node;
    if (typeof value === "boolean") add(within, "constant", node, String(!value));
    else if (typeof value === "number" && !/[.e]/i.test(text(node))) {
      add(within, "constant", node, String(value + 1));
      if (value > 0) add(within, "constant", node, String(value - 1));
    } else if (node.bigint !== undefined) {
      add(within, "constant", node, `${BigInt(node.bigint) + 1n}n`);
      if (BigInt(node.bigint) > 0n) add(within, "constant", node, `${BigInt(node.bigint) - 1n}n`);
    } else if (typeof value === "string" && parent.type !== "ExpressionStatement") {
      if (isSql(value)) sql(node, within);
      else if (value !== "") add(within, "text", node, '""');
    }
  }

  function sql(node: Node, within: string): void {
    for (const mutant of sqlFaults(text(node))) add(within, "SQL", node, mutant);
  }

  function method(node: Node, within: string): void {
    const { callee } = node;
    const name: unknown = callee.property?.name;
    // A link of an optional chain stands for nothing by itself.
    if (callee.type !== "MemberExpression" || callee.optional || typeof name !== "string") return;
    const other = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (other === undefined) return;
    if (other === "") add(within, "method", node, text(callee.object));
    else
      add(within, "method", node, text(callee.object) + source.slice(callee.object.end, node.end).replace(name, other));
  }

  function returned(node: Node, within: string): void {
    if (isBoolean(node)) condition(node, within, ["true", "false"]);
  }

  function descend(node: Node, within: string): void {
    for (const [field, value] of Object.entries(node)) {
      if (isLeftAlone(node, field)) continue;
      const asked =
        field === "test" ||
        (field === "argument" && node.type === "ReturnStatement") ||
        node.type === "ChainExpression";
      for (const child of Array.isArray(value) ? value : [value])
        if (typeof child === "object" && child !== null && typeof child.type === "string")
          visit(child, nameOf(child, node) ?? within, node, asked);
    }
  }

  descend(program as unknown as Node, "");
  const starts = [...source.matchAll(/\n/g)].map(({ index }) => index);
  const seen = new Map<string, number>();
  return [...found.values()]
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .map((mutant) => {
      const key = [file, mutant.function, mutant.operator, squeezed(mutant.original), squeezed(mutant.mutant)].join(
        "\n",
      );
      const occurrence = seen.get(key) ?? 0;
      seen.set(key, occurrence + 1);
      const id = createHash("sha256").update(`${key}\n${occurrence}`).digest("hex").slice(0, 12);
      const before = starts.findIndex((start) => start >= mutant.start);
      return { id, line: (before < 0 ? starts.length : before) + 1, ...mutant };
    });
}

/** What is not an expression of the program, and what people are told. */
function isLeftAlone(node: Node, field: string): boolean {
  if (field === "typeAnnotation" || field === "returnType" || field === "typeArguments" || field === "typeParameters")
    return true;
  if (field === "key" && !node.computed) return true;
  if (field === "id" || field === "params" || field === "label") return true;
  // Where something is exported from, and by which name.
  if (field === "source" || field === "specifiers") return true;
  if (field === "left" && node.type.startsWith("Assignment")) return true;
  if (field === "superClass" || field === "superTypeArguments" || field === "implements" || field === "decorators")
    return true;
  if (/^(Import|TS(?!As|NonNull|Satisfies)|Export(?!Named|Default))/.test(node.type)) return true;
  // Links of an optional chain: replaced alone they would no longer end it.
  if (node.type === "CallExpression" && field === "callee") return hasOptional(node.callee);
  if (node.type === "MemberExpression" && field === "object") return hasOptional(node.object);
  if (node.type === "TaggedTemplateExpression") return field === "quasi";
  if (field === "arguments" && (node.type === "NewExpression" || node.type === "CallExpression"))
    return SAYS.test(node.callee.property?.name ?? node.callee.name ?? (node.callee.type === "Super" ? "Error" : ""));
  return false;
}

function hasOptional(node: Node): boolean {
  if (node.type !== "MemberExpression" && node.type !== "CallExpression") return false;
  return node.optional || hasOptional(node.type === "CallExpression" ? node.callee : node.object);
}

/** The name of a function or class that begins here. */
function nameOf(node: Node, parent: Node): string | undefined {
  if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") return node.id?.name;
  if (node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression")
    return parent.type === "VariableDeclarator" ? parent.id.name : parent.key?.name;
  return undefined;
}
