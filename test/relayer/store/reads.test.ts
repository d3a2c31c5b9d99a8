import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { newDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { type History, writeHistory } from "#harness/history.ts";
import { type Explained, explaining } from "#harness/plans.ts";
import { READS } from "#harness/reads.ts";
import type { Database } from "#service/database.ts";

const STORE = fileURLToPath(new URL("../../../relayer/store", import.meta.url));
const SIZE = { partners: 40, campaigns: 8, batches: 2_000, waiting: 100, days: 40 };
/** What a page, or any other answer, may read. The fixture's first campaign has ten thousand conversions and more. */
const MOST_ROWS = 1_500;
const MORE: Readonly<Record<string, number>> = {
  // Each partner's links on each of the days that are asked for.
  "reports.readReport by partner": 3_000,
};

describe("what the store reads", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-reads-"));
  let database: Database;
  let history: History;
  const explained: Explained[] = [];

  before(async () => {
    database = await newDatabase({ folder }, RELAYER_MIGRATIONS);
    history = await writeHistory(database, SIZE);
  });
  after(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is all here", async () => {
    const names = readdirSync(STORE, { withFileTypes: true })
      .filter((file) => file.isFile() && file.name.endsWith(".ts"))
      .map(({ name }) => name.replace(/\.ts$/, ""));
    const asked = new Set(Object.keys(READS).map((name) => name.split(" ")[0]));
    const missing: string[] = [];
    for (const name of names)
      for (const exported of Object.keys(await import(`#relayer/store/${name}.ts`)))
        if (/^(read|find|count|has|is|lease|shown)[A-Z]/.test(exported) && !asked.has(`${name}.${exported}`))
          missing.push(`${name}.${exported}`);
    expect(missing, "reads of the store that nobody measures: add them to READS").to.deep.equal([]);
  });

  for (const [name, read] of Object.entries(READS))
    it(`${name} reads no more the more there was before`, async () => {
      explained.length = 0;
      await database.transaction(async (sql) => {
        // Of a table that is small here going through all of it is the cheapest, and shows nothing.
        await sql.query("SET LOCAL enable_seqscan = off");
        await sql.query("SET LOCAL enable_mergejoin = off");
        await sql.query("SET LOCAL enable_hashjoin = off");
        await read(explaining(sql, explained), history);
      });
      const most = MORE[name] ?? MOST_ROWS;
      const rows = explained.reduce((sum, { rows }) => sum + rows, 0);
      expect(rows, explained.map(({ worst }) => worst).join("\n")).to.be.at.most(most);
    });
});
