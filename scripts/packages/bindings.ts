/**
 * Puts the index files of typechain-types/ in order, without the mocks, which are generated but not committed. TypeChain writes
 * them in the order in which the compiler happened to finish: without this two builds of the same contracts would differ.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";

const OF_MOCKS = /\bmocks\b/;

for (const file of globSync("typechain-types/**/index.ts")) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").filter((line) => !OF_MOCKS.test(line));
  const header = lines.filter((line) => !line.startsWith("export") && !line.startsWith("import") && line !== "");
  const imports = lines.filter((line) => line.startsWith("import")).sort();
  const exports = lines.filter((line) => line.startsWith("export")).sort();
  const sorted = [...header, ...imports, ...exports, ""].join("\n");
  if (sorted !== text) writeFileSync(file, sorted);
}
