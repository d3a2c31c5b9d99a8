import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["attester", "examples", "portal", "protocol", "relayer", "scripts", "sdk", "service"];
/** What is made by a build, and what is somebody else's. */
const LEFT_OUT = /(^|\/)(dist|node_modules)(\/|$)/;

/** What each file of a folder imports. */
function* importsOf(folder: string): Generator<{ file: string; imported: string }> {
  for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const file = relative(ROOT, path).split(sep).join("/");
    if (!entry.isFile() || !/\.(ts|tsx|mjs)$/.test(file) || LEFT_OUT.test(file)) continue;
    for (const [, from = ""] of readFileSync(path, "utf8").matchAll(/(?:\bfrom|\bimport\(?)\s*"([^"]+)"/g)) {
      yield { file, imported: placeOf(dirname(path), from) };
    }
  }
}

/** A path from the root for what is ours, a name for what is not. */
function placeOf(folder: string, from: string): string {
  if (from.startsWith(".")) return relative(ROOT, resolve(folder, from)).split(sep).join("/");
  if (from.startsWith("@partner-programs/")) return `${from.slice("@partner-programs/".length)}.ts`;
  return from.replace(/^#typechain\//, "typechain-types/").replace(/^#/, "");
}

const isOurs = (imported: string) => [...FOLDERS, "test", "typechain-types"].includes(imported.split("/")[0] ?? "");

describe("docs/architecture.md", () => {
  it("shows who imports whom: each arrow is needed, and none is missing", () => {
    const text = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
    const [, graph = ""] = /## Who may import whom\s+```mermaid\n([^`]+)```/.exec(text) ?? [];
    const drawn = [...graph.matchAll(/^ +(\S+) --> (\S+)$/gm)].map(([, from, to]) => `${from} --> ${to}`);
    const real = new Set<string>();
    for (const folder of FOLDERS)
      for (const { imported } of importsOf(folder)) {
        const [to] = imported.split("/");
        if (isOurs(imported) && to !== folder) real.add(`${folder} --> ${to}`);
      }
    expect(drawn.sort()).to.deep.equal([...real].sort());
  });

  it("keeps relayer/domain pure: nothing in it reaches a network, a disk, a database or a clock", () => {
    const reaches = [...importsOf("relayer/domain")].filter(
      ({ imported }) =>
        (isOurs(imported) && !/^(relayer\/domain|protocol)\//.test(imported)) ||
        /^(ethers|pg|pino|siwe|hono|@hono\/|@electric-sql\/)/.test(imported) ||
        (imported.startsWith("node:") && imported !== "node:crypto"),
    );
    expect(reaches).to.deep.equal([]);
    for (const { file } of importsOf("relayer/domain"))
      expect(readFileSync(join(ROOT, file), "utf8"), file).to.not.match(/Date\.now\(|new Date\(\)|performance\.now\(/);
  });
});
