/**
 * Puts the exports of the generated index files of typechain-types/ in order. TypeChain writes them in the order in which the
 * compiler happened to finish, so that without this two builds of the same contracts would differ.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";

for (const file of globSync("typechain-types/**/index.ts")) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n");
  const header = lines.filter((line) => !line.startsWith("export") && !line.startsWith("import") && line !== "");
  const imports = lines.filter((line) => line.startsWith("import")).sort();
  const exports = lines.filter((line) => line.startsWith("export")).sort();
  const sorted = [...header, ...imports, ...exports, ""].join("\n");
  if (sorted !== text) writeFileSync(file, sorted);
}
