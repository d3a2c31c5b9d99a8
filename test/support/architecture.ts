/** The rules of docs/architecture.md, each a function from source files to what breaks it: `file:line what`. */
import type { Source } from "./sources.ts";

const isOurs = (imported: string) => /^[\w-]+\/.*\.(tsx?|mjs|json)$/.test(imported) && !imported.startsWith("@");
export const roomOf = (path: string) => path.split("/")[0] ?? "";
const SERVER = /^(relayer|attester|service)\//;
/** Whether it runs on a server, and has no leave to do what others may not. */
const onServer = (path: string, leave: RegExp) => SERVER.test(path) && !leave.test(path);

/** `from --> to` for each room that imports another. */
export function arrowsOf(sources: readonly Source[]): string[] {
  const arrows = new Set<string>();
  for (const { path, imports } of sources)
    for (const imported of imports)
      if (isOurs(imported) && roomOf(imported) !== roomOf(path)) arrows.add(`${roomOf(path)} --> ${roomOf(imported)}`);
  return [...arrows].sort();
}

/** A way round from node to node, if there is one: `a → b → a`. */
export function cycleOf(edges: ReadonlyMap<string, readonly string[]>): string | undefined {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): string | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node].join(" → ");
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const cycle = walk(next, [...path, node]);
      if (cycle !== undefined) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const cycle = walk(node, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

export const importCycle = (sources: readonly Source[]) =>
  cycleOf(new Map(sources.map(({ path, imports }) => [path, imports.filter(isOurs)])));

/** `domain/` has values and returns values. */
export function impureDomain(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => /(^|\/)domain\//.test(path))
    .flatMap(({ path, imports, names, text }) => [
      ...imports
        .filter(
          (imported) =>
            (isOurs(imported) && !/^(protocol|relayer\/domain)\//.test(imported)) ||
            /^(ethers|pg|pino|siwe|hono|@hono\/|@electric-sql\/)/.test(imported) ||
            // Of these two, hashes and the reading of addresses: neither reaches anything.
            (imported.startsWith("node:") && !["node:crypto", "node:net"].includes(imported)),
        )
        .map((imported) => `${path} imports ${imported}`),
      ...["createConnection", "connect", "createServer", "Socket"]
        .filter((name) => imports.includes("node:net") && names.has(name))
        .map((name) => `${path} has ${name}`),
      ...[...text.matchAll(/Date\.now\(|new Date\(\)|performance\.now\(/g)].map(([clock]) => `${path} reads ${clock}`),
    ]);
}

/** `sources/` is one reading for both sides: values in, values out, but for what asks the processor or the shop. */
export function impureSources(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith("sources/"))
    .flatMap(({ path, imports, text }) => [
      ...imports
        .filter((imported) => {
          if (isOurs(imported)) return !/^(protocol|sources)\//.test(imported);
          if (imported === "stripe") return !/\/(api|events)\.ts$/.test(path);
          if (imported === "node:crypto") return !path.endsWith("/events.ts");
          if (imported === "node:timers/promises") return !path.endsWith("/api.ts");
          return imported !== "zod";
        })
        .map((imported) => `${path} imports ${imported}`),
      ...[...text.matchAll(/Date\.now\(|new Date\(\)|performance\.now\(|\bfetch\(/g)]
        .filter(([what]) => what !== "fetch(" || !path.endsWith("/api.ts"))
        .map(([what]) => `${path} has ${what}`),
    ]);
}

const STATEMENT =
  /^\s*(SELECT|INSERT INTO|UPDATE \w+|DELETE FROM|WITH (RECURSIVE )?\w+( \([^)]*\))? AS|LOCK TABLE|TRUNCATE|CREATE|ALTER|DROP|COPY)\b/;
const CLAUSE = /\b(SELECT\b[\s\S]+\bFROM|INSERT INTO \w+|DELETE FROM \w+|UPDATE \w+ SET|FOR UPDATE|RETURNING \w+)\b/;

/** SQL stands in a store. What opens the database runs its migrations and takes its locks. */
export function sqlOutsideStores(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => onServer(path, /\/store\/|^service\/database/))
    .flatMap(({ path, strings, calls }) => [
      ...strings
        .filter(({ text }) => STATEMENT.test(text) || CLAUSE.test(text))
        .map(({ line, text }) => `${path}:${line} ${text.trim().slice(0, 60)}`),
      ...calls.filter(({ name }) => name === "query").map(({ line }) => `${path}:${line} .query(…)`),
    ]);
}

/** Ethers is a driver: it stands where a chain is talked to. */
export function ethersOutsideChain(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path, imports }) => onServer(path, /\/chain\//) && imports.some((name) => /^ethers(\/|$)/.test(name)))
    .map(({ path }) => `${path} imports ethers`);
}

/** A key's bytes are in the signer, and in the thread that signs for it. */
export function keysOutsideSigner(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => onServer(path, /^service\/chain\/signer/))
    .flatMap(({ path, names }) =>
      ["privateKey", "PrivateKey", "SigningKey", "Wallet", "HDNodeWallet"]
        .filter((name) => names.has(name))
        .map((name) => `${path} has ${name}`),
    );
}

const ONE_DOOR = "relayer/store/conversions.ts";

/** One file moves a conversion's state, and writes the move and the campaign's promise with it. */
export function secondWriters(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => SERVER.test(path) && path !== ONE_DOOR)
    .flatMap(({ path, strings }) =>
      strings
        .filter(({ text }) => {
          if (/\bINSERT\s+INTO\s+(conversions|conversion_moves)\b/.test(text)) return true;
          if (/\b(UPDATE|DELETE\s+FROM)\s+conversion_moves\b/.test(text)) return true;
          const settings = [
            ...text.matchAll(
              /\bUPDATE\s+(conversions|campaigns)\b[\s\S]*?\bSET\b([\s\S]*?)(\bFROM\b|\bWHERE\b|\bRETURNING\b|$)/g,
            ),
          ];
          return settings.some(([, table, set = ""]) =>
            (table === "conversions" ? /\bstate\s*=/ : /\bpromised\s*=/).test(set),
          );
        })
        .map(({ line, text }) => `${path}:${line} ${text.trim().slice(0, 60)}`),
    );
}

/** SQL is read beside other things: a statement of one line is short, and so is each line of a longer one where it stands. */
export function wideSql(sources: readonly Source[], columns = 110): string[] {
  return sources
    .filter(({ path }) => /\/store\//.test(path))
    .flatMap(({ path, text, strings }) => {
      const lines = text.split("\n");
      return strings
        .filter((one) => STATEMENT.test(one.text) || CLAUSE.test(one.text))
        .flatMap(({ line, text: sql }) => {
          const height = sql.split("\n").length;
          const widths =
            height === 1 ? [sql.length] : lines.slice(line - 1, line - 1 + height).map((one) => one.length);
          return widths.flatMap((width, i) => (width > columns ? [`${path}:${line + i} ${width} columns`] : []));
        });
    });
}

export const withoutHeader = (sources: readonly Source[]): string[] =>
  sources.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path);

export function longFunctions(sources: readonly Source[], most: number): string[] {
  return sources.flatMap(({ path, functions }) =>
    functions
      .filter(({ lines }) => lines > most)
      .map(({ name, line, lines }) => `${path}:${line} ${name}: ${lines} lines`),
  );
}

export const longFiles = (sources: readonly Source[], most: number): string[] =>
  sources.filter(({ lines }) => lines > most).map(({ path, lines }) => `${path}: ${lines} lines`);

export function medianLines(sources: readonly Source[]): number {
  const lengths = sources.map(({ lines }) => lines).sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length / 2)] ?? 0;
}

/** What recounts, and the audit that it stands on. */
const RECOUNTS = /^(harness\/recount\.ts|scripts\/audit(\.ts|\/.*))$/;
/**
 * Of others they take names, paths of an API, how a chain is asked, and how a published description is read, conditions on offers among
 * it, which means one thing to everybody: nothing that says what money is where.
 */
const MAY_BE_SHARED =
  /^(typechain-types\/.*|service\/(deployments|get|chain\/(logs|nodeSettings|programs))\.ts|protocol\/(attesterApi|bytes32|conditions|deployments|description|native|reasons|reverts|token)\.ts)$/;

/** What checks is not made of what it checks: worth, trees, kinds and periods it has of its own, written from docs/attestation.md. */
export const sharedWithTheChecked = (sources: readonly Source[]): string[] =>
  sources
    .filter(({ path }) => RECOUNTS.test(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter((imported) => isOurs(imported) && !RECOUNTS.test(imported) && !MAY_BE_SHARED.test(imported))
        .map((imported) => `${path} imports ${imported}`),
    );

/** Bounds are MAX_…, as everywhere else. */
export const oddNames = (sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, names }) =>
    [...names].filter((name) => /^(MOST|LEAST)_/.test(name)).map((name) => `${path} ${name}`),
  );
