/** What a build leaves behind is what the contracts are, and stays: the bindings of no other contract, and no other build's code. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import packageJson from "../../package.json" with { type: "json" };

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

describe("a build", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-build-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(...files: string[]): void {
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), "");
    }
  }

  it("removes the bindings of a contract that has moved or is gone, and keeps all others", () => {
    write("artifacts/contracts/Money.sol/Money.json", "artifacts/contracts/base/Moved.sol/Moved.json");
    write("artifacts/contracts/base/Two.sol/First.json", "artifacts/contracts/base/Two.sol/Second.json");
    const kept = ["Money.ts", "common.ts", "index.ts", "base/Moved.ts", "base/index.ts", "base/Two.sol/First.ts"];
    const factories = ["Money__factory.ts", "index.ts", "base/Moved__factory.ts", "base/Two.sol/Second__factory.ts"];
    const gone = ["examples/Moved.ts", "examples/index.ts", "base/Gone.ts"];
    const goneFactories = ["examples/Moved__factory.ts", "examples/index.ts", "Gone__factory.ts"];
    const all = (names: string[], others: string[]) => [
      ...names.map((name) => `typechain-types/${name}`),
      ...others.map((name) => `typechain-types/factories/${name}`),
    ];
    write(...all([...kept, ...gone], [...factories, ...goneFactories]));
    execFileSync(process.execPath, [join(ROOT, "scripts/packages/bindings.ts")], { cwd: folder });
    const left = (files: string[]) => files.filter((file) => existsSync(join(folder, file)));
    expect(left(all(kept, factories))).to.deep.equal(all(kept, factories));
    expect(left(all(gone, goneFactories))).to.deep.equal([]);
  });

  it("puts index files in order, without the mocks", () => {
    mkdirSync(join(folder, "typechain-types"));
    const index = join(folder, "typechain-types/index.ts");
    const mocks = ["import type * as mocks from './mocks/index.js';", "export type { mocks };"];
    const lines = ["/* header */", "import type * as base from './base/index.js';", "export type { B } from './B.js';"];
    writeFileSync(index, [...lines, ...mocks, "export type { A } from './A.js';", ""].join("\n"));
    execFileSync(process.execPath, [join(ROOT, "scripts/packages/bindings.ts")], { cwd: folder });
    const [header, imported, b] = lines;
    expect(readFileSync(index, "utf8")).to.equal(
      [header, imported, "export type { A } from './A.js';", b, ""].join("\n"),
    );
  });
});

describe("the Solidity tests", function () {
  this.timeout(240_000);

  it("are compiled into a folder of their own: what everything else deploys stays as the build wrote it", () => {
    const tell = `const { default: hre } = await import("hardhat");
      const { artifacts, cache } = hre.config.paths;
      console.log(JSON.stringify([artifacts, cache]));`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", tell], {
      cwd: ROOT,
      env: { ...process.env, SOLIDITY_TESTS: "1" },
      encoding: "utf8",
    });
    const kept = join(ROOT, "cache/solidity-tests");
    expect(JSON.parse(said)).to.deep.equal([join(kept, "artifacts"), kept]);
  });

  it("are run so wherever they are run", () => {
    const scripts = Object.entries(packageJson.scripts).filter(([, script]) => /hardhat test solidity/.test(script));
    expect(scripts.map(([name]) => name)).to.deep.equal(["test:solidity"]);
    for (const [, script] of scripts) expect(script).to.match(/^SOLIDITY_TESTS=1 /);
    for (const script of ["deep", "prove"])
      expect(readFileSync(join(ROOT, `scripts/${script}.ts`), "utf8")).to.contain('SOLIDITY_TESTS: "1"');
  });
});
