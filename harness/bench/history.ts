/**
 * How long each read of the store takes on a database with years behind it: `node harness/bench/history.ts [--check] [--batches N]`.
 * A real PostgreSQL, so the figures are this machine's; what may not grow is held by rows read (test/relayer/store/reads.test.ts).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openDatabase } from "#service/database.ts";
import { RELAYER_MIGRATIONS } from "../database.ts";
import { writeHistory } from "../history.ts";
import { startPostgres } from "../postgres.ts";
import { READS } from "../reads.ts";

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, batches: { type: "string", default: "112000" } },
});
/** What a person, or a round of the worker, waits for. */
const MAX_MILLISECONDS = 100;
const TIMES = 7;

const size = { partners: 1_000, campaigns: 51, batches: Number(values.batches), waiting: 1_000, days: 366 };
const folder = mkdtempSync(join(tmpdir(), "partner-programs-history-"));
const postgres = await startPostgres();
let slow = 0;
try {
  const database = await openDatabase({ url: postgres.url, dataDir: folder }, RELAYER_MIGRATIONS);
  const history = await writeHistory(database, size, (part) => process.stderr.write(`  ${part}\n`));
  console.log(
    `${history.conversions} conversions of ${size.partners} partners in ${size.campaigns} campaigns, ${size.batches} batches`,
  );
  console.log("      ms  the slowest of seven, after the first");
  const figures: [name: string, milliseconds: number][] = [];
  for (const [name, read] of Object.entries(READS)) {
    const took: number[] = [];
    for (let i = 0; i <= TIMES; i++) {
      const from = performance.now();
      await database.transaction(async (sql) => {
        await read(sql, history);
      });
      if (i > 0) took.push(performance.now() - from);
    }
    figures.push([name, Math.max(...took)]);
  }
  for (const [name, milliseconds] of figures.sort((a, b) => b[1] - a[1])) {
    if (milliseconds > MAX_MILLISECONDS) slow++;
    console.log(`${milliseconds.toFixed(1).padStart(8)}  ${name}`);
  }
  await database.close();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (values.check && slow > 0) {
  console.error(`${slow} reads take longer than ${MAX_MILLISECONDS} ms.`);
  process.exitCode = 1;
}
