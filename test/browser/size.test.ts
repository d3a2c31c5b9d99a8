import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect } from "chai";

const DIST = new URL("../../portal/dist/", import.meta.url);
const MAX_FIRST_PAGE = 200_000;
const MAX_CHART = 5_000;

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly isEntry?: boolean;
}

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8")) as Record<string, Chunk>;

/** A chunk's files, and those that it cannot run without. */
function filesOf(name: string, seen = new Set<string>()): string[] {
  const chunk = manifest[name];
  if (chunk === undefined || seen.has(name)) return [];
  seen.add(name);
  return [chunk.file, ...(chunk.css ?? []), ...(chunk.imports ?? []).flatMap((one) => filesOf(one, seen))];
}

const gzipped = (file: string) => gzipSync(readFileSync(new URL(file, DIST))).length;

describe("what the portal makes a visitor download", () => {
  const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry === true) ?? "";

  it(`is less than ${MAX_FIRST_PAGE / 1000} kB, compressed, for the first page`, () => {
    const files = [...new Set(filesOf(entry)), "index.html"];
    const sizes = files.map((file) => ({ file, bytes: gzipped(file) }));
    const sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
    expect(sum, JSON.stringify(sizes)).to.be.below(MAX_FIRST_PAGE);
  });

  it("has no library of charts at all, and the chain's only where it is needed", () => {
    const code = [...new Set(filesOf(entry))].map((file) => readFileSync(new URL(file, DIST), "utf8")).join("");
    expect(code).to.not.contain("eth_getLogs");
    const chart = Object.keys(manifest).find((name) => name.endsWith("Chart.tsx")) ?? "";
    expect(gzipped(manifest[chart]?.file ?? "")).to.be.below(MAX_CHART);
  });
});
