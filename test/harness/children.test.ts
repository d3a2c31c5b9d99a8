/** Whoever is killed hard leaves nothing behind: no chain, no database, no browser, no process of ours. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { processes } from "#test/support/processes.ts";

const MOCHA = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
const RUN = fileURLToPath(new URL("../support/startsEverything.ts", import.meta.url));
const CHILDREN = new URL("../../harness/children.ts", import.meta.url).href;

describe("a run that is killed", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-killing-"));
  const started: ChildProcess[] = [];
  /** What a run said that it had: should it be left behind, it is ended here. */
  const left = new Set<number>();
  after(() => {
    for (const child of started) child.kill("SIGKILL");
    for (const { pid } of processes()) if (left.has(pid)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true });
  });

  for (const parallel of [[], ["--parallel", "--jobs", "2"]])
    it(`leaves no child behind: mocha ${parallel.join(" ")}`, async () => {
      const file = join(folder, `started${parallel.length}`);
      // Two files, since mocha runs a single one itself.
      const args = [MOCHA, ...parallel, RUN, ...(parallel.length > 0 ? [fileURLToPath(import.meta.url)] : [])];
      const run = spawn(process.execPath, [...args, "--fgrep", "and is killed"], {
        env: { ...process.env, STARTED: file },
        stdio: ["ignore", "pipe", "pipe"],
      });
      started.push(run);
      let said = "";
      for (const output of [run.stdout, run.stderr]) output.on("data", (piece) => (said += piece));
      const ended = once(run, "exit");
      await until(
        () => existsSync(file) && readFileSync(file, "utf8") !== "",
        () => run.exitCode === null || said,
      );
      const children = readFileSync(file, "utf8").split("\n");
      const names = children.map((line) => line.replace(/^\d+ /, ""));
      for (const name of [/^anvil/, /^postgres/, /^chrom/, /^(node|MainThread)/])
        expect(names.join("\n")).to.match(new RegExp(name, "m"));
      run.kill("SIGKILL");
      await ended;
      const pids = new Set(children.map((line) => Number.parseInt(line, 10)));
      for (const pid of pids) left.add(pid);
      await until(() => !processes().some(({ pid }) => pids.has(pid)));
    });

  it("is told to a process that npm started, when npm is killed", async () => {
    const file = join(folder, "orphan");
    const inner = `import { onceOrphaned } from ${JSON.stringify(CHILDREN)};
      import { writeFileSync } from "node:fs";
      setInterval(() => {}, 60_000);
      onceOrphaned(() => process.exit());
      writeFileSync(${JSON.stringify(file)}, String(process.pid));`;
    const outer = `require("node:child_process").spawn(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(inner)}], { detached: true, stdio: "ignore" });
      setInterval(() => {}, 60_000);`;
    const npm = spawn(process.execPath, ["-e", outer], { stdio: "ignore" });
    started.push(npm);
    await until(() => existsSync(file) && readFileSync(file, "utf8") !== "");
    const orphan = Number(readFileSync(file, "utf8"));
    left.add(orphan);
    expect(processes().map(({ pid }) => pid)).to.include(orphan);
    npm.kill("SIGKILL");
    await until(() => !processes().some(({ pid }) => pid === orphan));
  });
});

/** Waits for as long as the test may last; `going` says why it cannot come any more. */
async function until(happened: () => boolean, going: () => true | string = () => true): Promise<void> {
  while (!happened()) {
    const why = going();
    if (why !== true) throw new Error(why);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
