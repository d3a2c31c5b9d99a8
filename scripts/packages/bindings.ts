/**
 * Puts typechain-types/ in order after a build. TypeChain leaves the bindings of a contract that is gone or has moved where they are,
 * and writes the index files in the order in which the compiler happened to finish: without this two builds of the same contracts
 * would differ. The mocks are generated but not committed, so the index files leave them out.
 */
import { existsSync, globSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

const BINDINGS = "typechain-types";
const OF_MOCKS = /\bmocks\b/;
/** What TypeChain writes of no contract in particular. */
const OF_ALL = new Set(["index.ts", "common.ts", "hardhat.d.ts"]);

for (const file of globSync(`${BINDINGS}/**/*.ts`)) if (!OF_ALL.has(basename(file)) && !isBuilt(file)) remove(file);

for (const file of globSync(`${BINDINGS}/**/index.ts`)) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").filter((line) => !OF_MOCKS.test(line));
  const header = lines.filter((line) => !line.startsWith("export") && !line.startsWith("import") && line !== "");
  const imports = lines.filter((line) => line.startsWith("import")).sort();
  const exports = lines.filter((line) => line.startsWith("export")).sort();
  const sorted = [...header, ...imports, ...exports, ""].join("\n");
  if (sorted !== text) writeFileSync(file, sorted);
}

/** Whether the compiler wrote the contract that these bindings are of: alone in a file of its name, or in a folder called as its file. */
function isBuilt(file: string): boolean {
  const path = relative(BINDINGS, file).replace(/^factories\//, "");
  const contract = basename(path).replace(/(__factory)?\.ts$/, "");
  const folder = join("artifacts/contracts", dirname(path));
  return [join(folder, `${contract}.sol`), folder].some((source) => existsSync(join(source, `${contract}.json`)));
}

/** With the folders that are empty then, but for their index. */
function remove(file: string): void {
  rmSync(file);
  const folder = dirname(file);
  const left = readdirSync(folder);
  if (folder === BINDINGS || left.some((name) => name !== "index.ts")) return;
  for (const name of left) rmSync(join(folder, name));
  rmdirSync(folder);
}
