import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { fileOf, missingTests, namedTests } from "#test/support/namedTests.ts";

const ROOT = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/security.md", ROOT), "utf8");

describe("docs/security.md", () => {
  it("names tests that there are", () => {
    expect(namedTests(page).length).to.be.greaterThan(30);
    expect(missingTests(page)).to.deep.equal([]);
    const files = [...page.matchAll(/`((?:test\/)?(?:[\w-]+\/)+[\w-]+\.(?:test\.ts|t\.sol))`/g)].map(
      ([, file = ""]) => file,
    );
    expect(files.filter((file) => !existsSync(fileOf(file)))).to.deep.equal([]);
  });

  it("would notice one that there is not", () => {
    const row = '`contracts/trust.test.ts`: "fewer than m of them attest nothing", "the deployer may do what it likes"';
    expect(missingTests(row).map(({ title }) => title)).to.deep.equal(["the deployer may do what it likes"]);
  });

  it("has a test in every cell of the trust table", () => {
    const [, table = ""] = /### Cell by cell([\s\S]*?)\n### /.exec(page) ?? [];
    const rows = table.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| who"));
    expect(rows.length).to.be.greaterThan(15);
    expect(rows.filter((row) => namedTests(row).length === 0)).to.deep.equal([]);
  });

  it("says of each party what the README says", () => {
    const readme = readFileSync(new URL("README.md", ROOT), "utf8");
    const table = (text: string) => /\| party \| can \| can never \|\n(?:\|.*\n)+/.exec(text)?.[0];
    expect(table(readme)).to.equal(table(page));
  });
});
