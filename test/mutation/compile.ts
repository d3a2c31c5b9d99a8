/** The compiler, kept loaded: the sources are read once, and a mutant differs from them in one file. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import solc from "solc";
import type { Node } from "./ast.ts";

/** What the tests deploy. */
export const TARGETS = {
  PartnerPrograms: "contracts/PartnerPrograms.sol",
  PartnerProgramsLens: "contracts/PartnerProgramsLens.sol",
  Funding: "contracts/periphery/Funding.sol",
  ReferredMint: "contracts/examples/ReferredMint.sol",
  // Not changed itself: it is how the tests reach the base that it is made of.
  ReportingShop: "contracts/mocks/ReportingShop.sol",
} as const;
export type Target = keyof typeof TARGETS;
/** Creation code by contract, without `0x`. */
export type Bytecode = Partial<Record<Target, string>>;

/** For tests: no optimizer, because it takes three quarters of the time. */
const FAST = { optimizer: { enabled: false } };

/** What keeps sources from being compiled. */
export interface Problem {
  readonly severity: string;
  readonly type: string;
  readonly formattedMessage: string;
  readonly sourceLocation?: { readonly file: string; readonly start: number };
}
interface Output {
  errors?: Problem[];
  contracts?: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>;
  sources: Record<string, { ast: Node }>;
}

const root = new URL("../../", import.meta.url);
const read = new Map<string, string>();
/** A source by the name that an import gives it: a package's is under node_modules. */
export function sourceOf(name: string): string {
  const known = read.get(name);
  if (known !== undefined) return known;
  const source = readFileSync(new URL(name.startsWith("@") ? `node_modules/${name}` : name, root), "utf8");
  read.set(name, source);
  return source;
}

function run(sources: Record<string, string>, settings: object, outputSelection: object): Output {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])),
    settings: { evmVersion: "osaka", metadata: { bytecodeHash: "none" }, ...settings, outputSelection },
  };
  const find = (name: string) => {
    try {
      return { contents: sourceOf(name) };
    } catch (error) {
      return { error: String(error) };
    }
  };
  return JSON.parse(solc.compile(JSON.stringify(input), { import: find })) as Output;
}

const problems = (output: Output) => (output.errors ?? []).filter((error) => error.severity === "error");

/** The syntax trees of sources and all that they import. */
export function parse(sources: Record<string, string>): Record<string, Node> {
  const output = run(sources, {}, { "*": { "": ["ast"] } });
  const wrong = problems(output);
  if (wrong.length > 0) throw new Error(wrong.map((problem) => problem.formattedMessage).join("\n"));
  return Object.fromEntries(Object.entries(output.sources).map(([name, { ast }]) => [name, ast]));
}

/** The creation code of contracts, some of whose sources are replaced; or why they do not compile. */
export function attempt(
  targets: readonly Target[],
  changed: Record<string, string>,
): { readonly bytecode: Bytecode } | { readonly problems: readonly Problem[] } {
  const sources = Object.fromEntries(targets.map((target) => [TARGETS[target], sourceOf(TARGETS[target])]));
  const selection = Object.fromEntries(
    targets.map((target) => [TARGETS[target], { [target]: ["evm.bytecode.object"] }]),
  );
  const output = run({ ...sources, ...changed }, FAST, selection);
  const wrong = problems(output);
  if (wrong.length > 0) return { problems: wrong };
  const codeOf = (target: Target) => output.contracts?.[TARGETS[target]]?.[target]?.evm.bytecode.object;
  return { bytecode: Object.fromEntries(targets.map((target) => [target, codeOf(target)])) };
}

/** The creation code; undefined if the sources do not compile. */
export function compile(targets: readonly Target[], changed: Record<string, string>): Bytecode | undefined {
  const outcome = attempt(targets, changed);
  return "bytecode" in outcome ? outcome.bytecode : undefined;
}

export const fingerprint = (bytecode: Bytecode) =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(bytecode).sort()))
    .digest("hex")
    .slice(0, 16);
