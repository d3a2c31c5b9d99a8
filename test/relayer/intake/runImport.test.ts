import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { newDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { CampaignSetAside, ConflictingReport, InvalidReport, MissingDescription } from "#relayer/intake/errors.ts";
import { runImport } from "#relayer/intake/imports.ts";
import type { Acceptance, Report } from "#relayer/intake/report.ts";
import { type Row, UnreadableFile } from "#relayer/intake/rows.ts";
import { insertImport, readImportedRows, readImports } from "#relayer/store/imports.ts";
import type { Database } from "#service/database.ts";

/** A row's value says what is to become of it. */
type Fate =
  | "accepted"
  | "rejected"
  | "known"
  | "again"
  | "again, in vain"
  | "conflict"
  | "invalid"
  | "no report"
  | "fails";

describe("a file of reports", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-import-"));
  let database: Database;
  before(async () => {
    database = await newDatabase({ folder }, RELAYER_MIGRATIONS);
    await database.query(
      `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps,
         unit_exponent, operator) VALUES ('0xc', '', '', '', 0, 0, 0, 0, 0, 0, '')`,
    );
    // Kept by their ids alone here.
    await database.query("ALTER TABLE import_rows DROP CONSTRAINT IF EXISTS import_rows_conversion_id_fkey");
  });
  after(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const parse = (fate: unknown) => (fate === "no report" ? { problem: "it is none" } : ({ fate } as unknown as Report));
  let under = 0;
  let most = 0;
  async function accept(report: Report): Promise<Acceptance> {
    most = Math.max(most, ++under);
    await new Promise(setImmediate);
    under--;
    const { fate } = report as unknown as { readonly fate: Fate };
    if (fate === "fails") throw new Error("a database that is away");
    if (fate === "invalid") throw new InvalidReport("its volume is no number");
    if (fate === "conflict") throw new ConflictingReport(7n, "Order");
    const state = fate === "rejected" || fate === "again, in vain" ? "rejected" : "accepted";
    return {
      conversion: { id: 5n, state } as never,
      created: fate === "accepted" || fate === "rejected",
      judgedAgain: fate.startsWith("again"),
    };
  }
  /** @returns how the import stands, what became of its rows, and what was thrown */
  async function run(fates: readonly Fate[], broken?: { readonly before: number; readonly error: Error }) {
    async function* rows(): AsyncGenerator<Row> {
      for (const [i, value] of fates.entries()) {
        if (i === broken?.before) throw broken.error;
        yield { row: i + 2, value };
      }
      if (broken !== undefined && broken.before >= fates.length) throw broken.error;
    }
    const id = await insertImport(database, "0xc");
    const thrown = await runImport(database, id, rows(), parse, accept).catch((error: Error) => error);
    const [found] = await readImports(database, "0xc", String(id));
    const judged = await readImportedRows(database, id, 0n, 1_000);
    return {
      state: found?.state,
      problem: found?.problem,
      rows: judged.map(({ outcome }) => outcome),
      judged,
      thrown,
      found,
    };
  }

  it("has each of its rows judged: new, known before, judged again with another end, in conflict, or no report at all", async () => {
    const { state, rows, judged, found } = await run([
      "accepted",
      "rejected",
      "known",
      "again",
      "again, in vain",
      "conflict",
      "invalid",
      "no report",
    ]);
    expect(rows).to.deep.equal([
      "accepted",
      "rejected",
      "known",
      "accepted",
      "known",
      "conflicting",
      "invalid",
      "invalid",
    ]);
    expect(state).to.equal("done");
    expect(found).to.deep.include({
      accepted: 2n,
      rejected: 1n,
      known: 2n,
      conflicting: 1n,
      invalid: 2n,
      problem: null,
    });
    const said = judged.map((row) => [Number(row.row), row.conversion_id ?? null, row.problem ?? null]);
    expect(said.slice(0, 5).map(([row, id]) => [row, id])).to.deep.equal([2, 3, 4, 5, 6].map((row) => [row, 5n]));
    expect(said[5]?.slice(0, 2)).to.deep.equal([7, 7n]);
    expect(said[5]?.[2]).to.contain("Order");
    expect(said.slice(6)).to.deep.equal([
      [8, null, "its volume is no number"],
      [9, null, "it is none"],
    ]);
  });

  it("is done if any row of it is a report, or if it has none; and has failed if every row is invalid", async () => {
    expect(await run([])).to.deep.include({ state: "done", problem: null });
    expect(await run(["invalid", "known"])).to.deep.include({ state: "done", problem: null });
    expect(await run(["conflict", "invalid"])).to.deep.include({ state: "done", problem: null });
    expect(await run(["no report", "invalid"])).to.deep.include({
      state: "failed",
      problem: "No row of it is a report. Row 2: it is none",
    });
  });

  it("is taken in by 256 rows at a time, the last of them as well", async () => {
    for (const length of [256, 257, 513]) {
      most = 0;
      const fates = Array.from({ length }, (_, i): Fate => (i === length - 1 ? "rejected" : "accepted"));
      const { rows, state } = await run(fates);
      expect([rows.length, rows.at(-1), state, most]).to.deep.equal([length, "rejected", "done", 256]);
    }
    // Invalid but for one in the first 256, and the other way round.
    const invalid = Array.from({ length: 256 }, (): Fate => "invalid");
    expect((await run([...invalid, "known"])).state).to.equal("done");
    expect((await run(["known", ...invalid])).state).to.equal("done");
    expect(await run([...invalid, "no report"])).to.deep.include({
      state: "failed",
      problem: "No row of it is a report. Row 2: its volume is no number",
    });
  });

  it("that breaks off keeps what came before, and says why, as far as that is known", async () => {
    for (const error of [
      new UnreadableFile("Line 3 ends in a quote."),
      new MissingDescription("Its description is not known."),
      new CampaignSetAside({ campaignId: "0xc", block: 5, index: 0, event: null, reason: "it differs" }),
    ]) {
      const { state, problem, rows, thrown } = await run(
        Array.from({ length: 300 }, (): Fate => "accepted"),
        {
          before: 290,
          error,
        },
      );
      expect([state, problem, rows.length]).to.deep.equal(["failed", error.message, 256]);
      expect(thrown).to.equal(error);
    }
    const { state, problem, rows, thrown } = await run(["accepted", "fails"]);
    expect([state, problem, rows]).to.deep.equal(["failed", "It was broken off. Send the file again.", []]);
    expect(String(thrown)).to.contain("a database that is away");
  });
});
