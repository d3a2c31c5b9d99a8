/** Writes gas figures into docs/gas.md and docs/operations/ from snapshots/; with `--check` compares, and fails on a difference. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Figures, pageWith } from "#scripts/gas/page.ts";

const ROOT = new URL("../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

/** The pages whose figures are not those of snapshots/. With `write` they are after it. */
export function stalePages(write: boolean): string[] {
  const figures: Figures = {
    gas: JSON.parse(read("snapshots/gas.json")),
    calldata: JSON.parse(read("snapshots/calldata.json")),
  };
  const pages = ["docs/gas.md", ...globSync("docs/operations/*.md", { cwd: fileURLToPath(ROOT) }).sort()];
  return pages.filter((path) => {
    const text = read(path);
    const fresh = pageWith(text, figures);
    if (write && fresh !== text) writeFileSync(new URL(path, ROOT), fresh);
    return fresh !== text;
  });
}

if (import.meta.main) {
  const check = process.argv.includes("--check");
  const stale = stalePages(!check);
  console.log(
    stale.length === 0 ? "All figures are those of snapshots/." : `${check ? "stale" : "wrote"}: ${stale.join(", ")}`,
  );
  if (check && stale.length > 0) {
    console.error("Run: npm run gas-pages");
    process.exitCode = 1;
  }
}
