import { readFileSync } from "node:fs";
import { expect } from "chai";
import { missingTests, namedTests } from "#test/support/namedTests.ts";

describe("README.md", () => {
  it("names for each thing that it can a test that there is, and a page", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [, table = ""] = /\n## What it can\n([\s\S]*?)\n## /.exec(readme) ?? [];
    const rows = table.split("\n").filter((line) => /^\| \[/.test(line));
    expect(rows.length).to.be.greaterThan(12);
    expect(rows.filter((row) => namedTests(row).length === 0)).to.deep.equal([]);
    expect(missingTests(table)).to.deep.equal([]);
  });
});
