/**
 * What statements read, write and may do, so that only those are exchanged whose order can matter. It errs towards
 * "matters": what it does not understand conflicts with everything.
 */
import { calleeOf, child, children, list, type Node, text, walk } from "./ast.ts";

/** Variables and struct members by the id of their declaration; EVERYTHING is all that is in storage and memory. */
export interface Effects {
  reads: Set<number>;
  writes: Set<number>;
  /** Raises errors of its own, as `require` does. */
  checks: boolean;
  emits: boolean;
  /** Calls a contract that may do anything, or asks one that may only answer. */
  calls: boolean;
  asks: boolean;
}
const EVERYTHING = -1;
const CHECKS = new Set(["require", "assert", "revert"]);

const nothing = (): Effects => ({
  reads: new Set(),
  writes: new Set(),
  checks: false,
  emits: false,
  calls: false,
  asks: false,
});

function include(into: Effects, from: Effects): void {
  for (const id of from.reads) into.reads.add(id);
  for (const id of from.writes) into.writes.add(id);
  into.checks ||= from.checks;
  into.emits ||= from.emits;
  into.calls ||= from.calls;
  into.asks ||= from.asks;
}

/** The variable at the bottom of `a.b[i].c`. */
function rootOf(expression: Node): number | undefined {
  const base = child(expression, "baseExpression") ?? child(expression, "expression");
  if (expression.nodeType === "Identifier") return expression.referencedDeclaration as number;
  return base ? rootOf(base) : undefined;
}

export class EffectsOf {
  readonly #functions = new Map<number, Node>();
  readonly #known = new Map<number, Effects>();
  /** Declarations of variables that are a value on the stack. */
  readonly #local = new Set<number>();
  readonly #structs = new Map<number, Node>();
  readonly #variables = new Map<number, Node>();

  constructor(sources: readonly Node[]) {
    for (const source of sources)
      walk(source, (node, above) => {
        const id = node.id as number;
        if (node.nodeType === "FunctionDefinition" || node.nodeType === "ModifierDefinition")
          this.#functions.set(id, node);
        if (node.nodeType === "StructDefinition") this.#structs.set(id, node);
        if (node.nodeType === "VariableDeclaration") {
          this.#variables.set(id, node);
          const member = node.stateVariable === true || above.at(-1)?.nodeType === "StructDefinition";
          if (!member && node.storageLocation === "default") this.#local.add(id);
        }
      });
  }

  statement(node: Node): Effects {
    const effects = nothing();
    this.#read(node, effects);
    return effects;
  }

  /** Whether it can make a difference which of the two comes first. */
  orderMatters(first: Node, second: Node): boolean {
    const [a, b] = [this.statement(first), this.statement(second)];
    const shared = (ids: Set<number>) => [...ids].some((id) => !this.#local.has(id));
    const conflict = (writes: Set<number>, others: Set<number>) =>
      [...writes].some((id) => others.has(id)) ||
      (writes.has(EVERYTHING) && shared(others)) ||
      (others.has(EVERYTHING) && shared(writes));
    return (
      conflict(a.writes, b.reads) ||
      conflict(a.writes, b.writes) ||
      conflict(b.writes, a.reads) ||
      (a.checks && b.checks) ||
      (a.emits && b.emits) ||
      (a.calls && (b.calls || b.asks || b.emits || b.writes.size > 0)) ||
      (b.calls && (a.asks || a.emits || a.writes.size > 0))
    );
  }

  #read(node: Node, into: Effects): void {
    switch (node.nodeType) {
      case "Assignment": {
        const target = child(node, "leftHandSide") as Node;
        this.#write(target, into);
        if (node.operator !== "=") this.#read(target, into);
        this.#read(child(node, "rightHandSide") as Node, into);
        return;
      }
      case "UnaryOperation":
        this.#read(child(node, "subExpression") as Node, into);
        if (["++", "--", "delete"].includes(text(node, "operator")))
          this.#write(child(node, "subExpression") as Node, into);
        return;
      case "VariableDeclaration":
        into.writes.add(node.id as number);
        return;
      case "Identifier":
      case "MemberAccess":
        if (typeof node.referencedDeclaration === "number") into.reads.add(node.referencedDeclaration);
        break;
      case "EmitStatement":
        into.emits = true;
        break;
      case "InlineAssembly":
        this.#assembly(node, into);
        return;
      case "FunctionCall":
        this.#call(node, into);
        break;
    }
    for (const inner of children(node)) this.#read(inner, into);
  }

  /** Memory that it writes is taken to be new; a struct whose slot it stores to is taken to be written as a whole. */
  #assembly(node: Node, into: Effects): void {
    const names = new Set<string>();
    walk(node.AST as Node, (inner) => {
      if (inner.nodeType === "YulIdentifier") names.add(text(inner, "name"));
    });
    if (names.has("mload") || names.has("sload")) into.reads.add(EVERYTHING);
    if ([...names].some((name) => /^log\d$/.test(name))) into.emits = true;
    const references = (node.externalReferences ?? []) as { declaration: number; isSlot: boolean }[];
    for (const { declaration, isSlot } of references) {
      into.reads.add(declaration);
      if (!isSlot) into.writes.add(declaration);
      else if (names.has("sstore")) {
        const type = child(this.#variables.get(declaration) as Node, "typeName");
        const struct = this.#structs.get(type?.referencedDeclaration as number);
        for (const member of struct ? list(struct, "members") : []) into.writes.add(member.id as number);
        if (!struct) into.writes.add(EVERYTHING);
      }
    }
  }

  #write(target: Node, into: Effects): void {
    if (target.nodeType === "TupleExpression") {
      for (const component of list(target, "components")) this.#write(component, into);
      return;
    }
    const base = child(target, "baseExpression");
    if (target.nodeType === "IndexAccess" && base) {
      this.#write(base, into);
      const index = child(target, "indexExpression");
      if (index) this.#read(index, into);
      return;
    }
    if (typeof target.referencedDeclaration === "number") into.writes.add(target.referencedDeclaration);
    const under = child(target, "expression");
    if (under) this.#read(under, into);
  }

  #call(call: Node, into: Effects): void {
    if (call.kind !== "functionCall") return;
    if (CHECKS.has(calleeOf(call))) {
      into.checks = true;
      return;
    }
    const callee = child(call, "expression") as Node;
    const type = (callee.typeDescriptions as { typeIdentifier?: string }).typeIdentifier ?? "";
    if (/function_(external|bare)/.test(type)) {
      if (/_(view|pure)\$/.test(type)) into.asks = true;
      else {
        into.calls = true;
        into.reads.add(EVERYTHING);
      }
      return;
    }
    const definition = this.#functions.get(callee.referencedDeclaration as number);
    if (!definition) return;
    const effects = this.#function(definition);
    include(into, effects);
    // What it writes into its parameters it writes into what was passed.
    const bound = callee.nodeType === "MemberAccess" && /\bbound_to\b|attached_to/.test(type);
    const passed = [...(bound ? [child(callee, "expression") as Node] : []), ...list(call, "arguments")];
    const parameters = list(child(definition, "parameters") as Node, "parameters");
    parameters.forEach((parameter, i) => {
      const root = passed[i] && rootOf(passed[i]);
      if (root !== undefined && effects.writes.has(parameter.id as number)) into.writes.add(root);
    });
  }

  #function(definition: Node): Effects {
    const id = definition.id as number;
    const known = this.#known.get(id);
    if (known) return known;
    const effects = nothing();
    this.#known.set(id, effects);
    const body = child(definition, "body");
    if (body) this.#read(body, effects);
    // Parameters are written by being passed, which the caller does not see.
    return effects;
  }
}
