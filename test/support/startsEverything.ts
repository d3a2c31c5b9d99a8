/** A run of tests that has started one of everything when somebody kills it: says the processes that it has, and waits. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAnvil } from "#harness/anvil.ts";
import { startChromium } from "#harness/chromium.ts";
import { startPostgres } from "#harness/postgres.ts";
import { start } from "#harness/processes.ts";
import { descendantsOf } from "#test/support/processes.ts";

const FILE = process.env.STARTED ?? "";

describe("a run", function () {
  this.timeout(0);
  it("starts a chain, a database, a browser and a process of ours, and is killed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "partner-programs-killed-"));
    const ours = start("process", ["-e", "setInterval(() => {}, 1000)"], {
      env: {},
      log: join(folder, "process.log"),
      ready: async () => true,
      cwd: folder,
    });
    await Promise.all([startAnvil(), startPostgres(), startChromium(), ours]);
    writeFileSync(
      FILE,
      descendantsOf(process.pid)
        .map(({ pid, command }) => `${pid} ${command}`)
        .join("\n"),
    );
    await new Promise(() => setInterval(() => {}, 60_000));
  });
});
