/** What is mutated, and which test files reach it. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { parseSync } from "vite";
import { instrument, type Numbered } from "./instrument.ts";
import { mutantsOf } from "./operators.ts";

/** The rooms, in the order of the report. Of the portal: what it says of money, and what it has signed. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  protocol: ["protocol/!(abi).ts"],
  "relayer/domain": ["relayer/domain/*.ts"],
  "relayer/intake": ["relayer/intake/*.ts"],
  "relayer/store": ["relayer/store/*.ts"],
  "relayer/worker": ["relayer/worker/*.ts"],
  attester: ["attester/*.ts", "attester/{chain,checks,source,store}/*.ts"],
  sdk: ["sdk/!(*.script|*.config).ts"],
  "scripts/audit": ["scripts/audit/*.ts"],
  portal: ["portal/app/text/money.ts", "portal/app/campaign/*.ts", "portal/app/transactions/{encode,plan}.ts"],
};
const TESTS = "test/{protocol,service,relayer,attester,sdk,portal,scripts}/**/*.test.ts";
/** Of this process alone, so that several runs can go on beside each other. */
const INSTRUMENTED = `cache/mutation-typescript/${process.pid}`;

export interface TestFile {
  readonly file: string;
  readonly reaches: ReadonlySet<string>;
  /** What it imports by itself. */
  readonly imports: ReadonlySet<string>;
  /** 0: it computes; 1: it opens databases; 2: it starts a chain. */
  readonly cost: number;
  readonly digest: string;
}

export interface Project {
  readonly mutants: readonly Numbered[];
  readonly tests: readonly TestFile[];
  readonly instrumented: string;
  readonly roomOf: (file: string) => string;
  /** The mutated files that import one by themselves: what is computed while they are loaded has its constants in it. */
  readonly importersOf: (file: string) => readonly string[];
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** With `prepare` the instrumented copies are written, too; they go when the process ends. */
export function openProject(prepare: boolean): Project {
  const room = new Map(
    Object.entries(ROOMS).flatMap(([name, globs]) => globSync([...globs]).map((file) => [file, name] as const)),
  );
  const mutants: Numbered[] = [];
  if (prepare) process.once("exit", () => rmSync(INSTRUMENTED, { recursive: true, force: true }));
  for (const file of [...room.keys()].sort()) {
    const source = readFileSync(file, "utf8");
    const own = mutantsOf(file, source).map((mutant, i) => ({ number: mutants.length + i + 1, mutant }));
    mutants.push(...own);
    if (!prepare) continue;
    const copy = join(INSTRUMENTED, file);
    mkdirSync(dirname(copy), { recursive: true });
    // Without its types once, and not in each process.
    writeFileSync(copy, stripTypeScriptTypes(instrument(source, own)));
  }
  const imports = new Map<string, readonly string[]>();
  const tests = globSync(TESTS)
    .map((file) => {
      const reached = reach(file, imports);
      const cost = reached.has("harness/anvil.ts") ? 2 : reached.has("harness/database.ts") ? 1 : 0;
      const reaches = new Set([...reached].filter((one) => room.has(one)));
      const own = new Set(imports.get(file));
      return { file, reaches, imports: own, cost, digest: digest(readFileSync(file, "utf8")) };
    })
    .filter(({ reaches }) => reaches.size > 0)
    .sort((a, b) => a.cost - b.cost || a.reaches.size - b.reaches.size || (a.file < b.file ? -1 : 1));
  return {
    mutants,
    tests,
    instrumented: join(process.cwd(), INSTRUMENTED),
    roomOf: (file) => room.get(file) ?? "",
    importersOf: (file) => [...imports].flatMap(([by, own]) => (room.has(by) && own.includes(file) ? [by] : [])),
  };
}

/** All files of the project that a file imports, and what they import. */
function reach(file: string, imports: Map<string, readonly string[]>): Set<string> {
  const reached = new Set([file]);
  for (const one of reached) {
    const known = imports.get(one) ?? importsOf(one);
    imports.set(one, known);
    for (const next of known) reached.add(next);
  }
  return reached;
}

function importsOf(file: string): string[] {
  const { module } = parseSync(file, readFileSync(file, "utf8"));
  const named = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value ?? "")),
  ];
  return named.map((name) => pathOf(name, file)).filter((path) => path.endsWith(".ts") && existsSync(path));
}

function pathOf(name: string, from: string): string {
  if (name.startsWith(".")) return join(dirname(from), name);
  if (name.startsWith("#typechain/")) return "";
  if (name.startsWith("#")) return name.slice(1);
  return name.startsWith("@partner-programs/") ? `${name.slice("@partner-programs/".length)}.ts` : "";
}
