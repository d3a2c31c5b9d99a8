/** The compiler's syntax tree, as far as the mutation operators look at it. */

export interface Node {
  nodeType: string;
  src: string;
  id?: number;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).nodeType === "string";

/** The node's children, in source order as far as the compiler gives it. */
export function children(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Calls `visit` on a node and all below it, with the nodes above; what `visit` returns false on is not entered. */
export function walk(node: Node, visit: (node: Node, above: readonly Node[]) => unknown, above: Node[] = []): void {
  if (visit(node, above) === false) return;
  const inner = [...above, node];
  for (const child of children(node)) walk(child, visit, inner);
}

/** Byte offsets of a node in its source. */
export function range(node: Node): { start: number; end: number } {
  const [start = 0, length = 0] = node.src.split(":").map(Number);
  return { start, end: start + length };
}

/** Of a statement, with the semicolon, which the compiler does not count in. */
export function statementRange(node: Node, source: Buffer): { start: number; end: number } {
  const { start, end } = range(node);
  const rest = source.subarray(end, end + 200).toString();
  return { start, end: end + (/^\s*;/.exec(rest)?.[0].length ?? 0) };
}

export const typeOf = (node: Node): string =>
  (node.typeDescriptions as { typeString?: string } | undefined)?.typeString ?? "";
export const child = (node: Node, key: string): Node | undefined => (isNode(node[key]) ? node[key] : undefined);
export const list = (node: Node, key: string): Node[] =>
  Array.isArray(node[key]) ? (node[key] as unknown[]).filter(isNode) : [];
export const text = (node: Node, key: string): string => String(node[key] ?? "");

/** A call's name, without what it is called on: `require`, `later`. */
export function calleeOf(call: Node): string {
  const callee = child(call, "expression");
  if (!callee) return "";
  return callee.nodeType === "MemberAccess" ? text(callee, "memberName") : text(callee, "name");
}
