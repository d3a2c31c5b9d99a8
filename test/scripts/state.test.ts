import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { takeStateFolder } from "#harness/start/state.ts";

describe("the local stack's state folder", () => {
  let folder: string;
  const said: string[] = [];
  const take = () => takeStateFolder(folder, (line) => said.push(line));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "partner-programs-state-"));
    said.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is taken when it is empty, and gone when it is given back", () => {
    const giveBack = take();
    expect(readFileSync(join(folder, "pid"), "utf8")).to.equal(String(process.pid));
    giveBack();
    expect(existsSync(folder)).to.equal(false);
    expect(said).to.deep.equal([]);
  });

  it("is refused to a second start, which hears of the first", () => {
    take();
    expect(take).to.throw(`The local stack runs already (process ${process.pid})`);
  });

  it("is cleared of what a killed run left, and says so", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(join(folder, "pid"), String(pid));
    writeFileSync(join(folder, "relayer.log"), "old");
    take();
    expect(said).to.have.length(1);
    expect(said[0]).to.contain(`An earlier run (process ${pid}) did not end cleanly`);
    expect(existsSync(join(folder, "relayer.log"))).to.equal(false);
  });

  it("is left alone when it is somebody else's", () => {
    writeFileSync(join(folder, "thesis.txt"), "precious");
    expect(take).to.throw("was not made by this program");
    expect(readFileSync(join(folder, "thesis.txt"), "utf8")).to.equal("precious");
  });
});
