import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { newDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { noteUndo } from "#relayer/store/cursor.ts";
import { findWrongSums, type WrongSum } from "#scripts/backup/sums.ts";
import type { Database, Sql } from "#service/database.ts";
import { SEED } from "#test/support/fuzz.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 12);
const CAMPAIGNS = ["0xc1", "0xc2", "0xc3"] as const;
const TOKENS = ["0xt1", "0xt2", "0xt1"] as const;
const PARTNERS = ["0xa", "0xb", "0xc"] as const;
const STATES = ["accepted", "review", "batched", "attested", "released", "rejected", "reversed"] as const;
/** What the chain writes, and a reorganisation takes back. */
const NOTED = ["campaigns", "batches", "batch_lines", "conversions", "last_claims", "payouts"] as const;

/** One move of rows, as the relayer's statements move them: `a` and `b` choose which, `n` how many and how much. */
interface Move {
  readonly what: keyof typeof MOVES;
  readonly a: number;
  readonly b: number;
  readonly n: number;
}

/** All that changes what is summed. Numbers choose among what is there, so that any move can follow any other. */
const MOVES = {
  report: (sql: Sql, { a, b, n }: Move) =>
    sql.query(
      `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, partnership_id, link_id, volume, received_at, state,
         entries, commission, partner_commission, fee, salt)
       SELECT p.campaign_id, CASE WHEN i % 2 = 0 THEN 'sale' ELSE 'lead' END, gen_random_uuid()::text, '', gen_random_uuid()::text,
         CASE WHEN i % 5 <> 4 THEN p.id END, CASE WHEN i % 3 = 0 THEN l.id END, 100 + i,
         timestamptz '2026-03-28 23:59:59Z' + i * interval '1 second', $3,
         CASE WHEN $3 = 'rejected' THEN '[]' ELSE jsonb_build_array('0x000' || (i % 3) || repeat('0', 60)) END,
         10 + i, 7 + i, i, ''
       FROM generate_series(1, $1::int) AS i
       JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM partnerships) p ON p.place = 1 + ($2::int + i) % 6
       JOIN links l ON l.partnership_id = p.id`,
      [1 + (n % 12), a, STATES[b % 2 === 0 ? 0 : 5]],
    ),
  move: (sql: Sql, { a, b, n }: Move) =>
    sql.query("UPDATE conversions SET state = $1, commission = commission - $4 % 2 WHERE id % $2 = $3", [
      STATES[a % STATES.length],
      2 + (n % 4),
      b % 2,
      n,
    ]),
  refund: (sql: Sql, { a, n }: Move) =>
    sql.query("UPDATE conversions SET refunded = least(volume, refunded + $1) WHERE id % 3 = $2", [n, a % 3]),
  judge: (sql: Sql, { a, b }: Move) =>
    sql.query(
      `UPDATE conversions SET state = 'accepted', received_at = received_at + interval '1 day', link_id = NULL,
         partnership_id = (SELECT min(id) FROM partnerships WHERE campaign_id = conversions.campaign_id) WHERE id % 4 = $1 AND $2 = 0`,
      [a % 4, b % 2],
    ),
  batch: async (sql: Sql, { a, b, n }: Move) => {
    const digest = `0x${crypto.randomUUID()}`;
    await sql.query(
      `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root, state,
         lines_root, line_count, total, current_root, current_total, release_at, settled_commission)
       VALUES ($1, $2, 1, 1, 0, 1, 1, '', $3, '', 4, 0, '', 0, 0, $4)`,
      [digest, CAMPAIGNS[a % 3], b % 3 === 0 ? "dead" : "attested", n],
    );
    await sql.query(
      `INSERT INTO batch_lines (digest, index, attested, partner, commission, fee)
       SELECT $1, i, '0x', $2::text[], $3 + i, 1 FROM generate_series(0, 3) AS i`.replace(
        "$2::text[]",
        "($2::text[])[1 + i % 3]",
      ),
      [digest, [...PARTNERS], n],
    );
  },
  known: (sql: Sql, { a, b }: Move) =>
    sql.query(
      "UPDATE batches SET lines_known = $1, state = $2 WHERE digest IN (SELECT digest FROM batches ORDER BY md5(digest || $3) LIMIT 3)",
      [b % 4 !== 0, a % 5 === 0 ? "dead" : a % 2 === 0 ? "attested" : "released", String(a)],
    ),
  settle: (sql: Sql, { a, b, n }: Move) =>
    sql.query(
      `UPDATE batch_lines SET state = $1, settled_block = $2, settled_index = $3
       WHERE state = 'open' AND (digest, index) IN (SELECT digest, index FROM batch_lines ORDER BY md5(digest || index || $4) LIMIT 4)`,
      [a % 4 === 0 ? "pulled" : a % 4 === 1 ? "refused" : "released", n % 6, b % 3, String(a)],
    ),
  lower: (sql: Sql, { a, n }: Move) =>
    sql.query(
      "UPDATE batch_lines SET lowered = '0x', commission = commission / 2 WHERE index = $1 AND commission > $2",
      [a % 4, n],
    ),
  drop: (sql: Sql, { a }: Move) =>
    sql.query(
      "DELETE FROM batch_lines WHERE digest = (SELECT digest FROM batches ORDER BY md5(digest || $1) LIMIT 1)",
      [String(a)],
    ),
  pay: (sql: Sql, { a, n }: Move) =>
    sql.query(
      "UPDATE batches SET settled_commission = settled_commission + $1 WHERE NOT lines_known AND campaign_id = $2",
      [n, CAMPAIGNS[a % 3]],
    ),
  claim: (sql: Sql, { a, b, n }: Move) =>
    sql.query(
      `INSERT INTO last_claims (owner, token, block, log_index) VALUES ($1, $2, $3, $4)
       ON CONFLICT (owner, token) DO UPDATE SET block = $3, log_index = $4`,
      [PARTNERS[a % 3], TOKENS[b % 2], n % 6, b % 3],
    ),
  unclaim: (sql: Sql, { a }: Move) => sql.query("DELETE FROM last_claims WHERE owner = $1", [PARTNERS[a % 3]]),
  click: (sql: Sql, { a, n }: Move) =>
    sql.query(
      `INSERT INTO link_clicks (link_id, day, clicks, bots)
       SELECT id, date '2026-03-28' + $1::int, $2 % 3, $2 % 2 FROM links WHERE id % 2 = $1::int % 2
       ON CONFLICT (link_id, day) DO UPDATE SET clicks = link_clicks.clicks + excluded.clicks, bots = link_clicks.bots + excluded.bots`,
      [a % 3, n],
    ),
};
const UNDOABLE = ["move", "batch", "known", "settle", "lower", "pay", "claim"] as const;

const moveOf = (names: readonly Move["what"][]) =>
  fc.record({
    what: fc.constantFrom(...names),
    a: fc.nat({ max: 40 }),
    b: fc.nat({ max: 40 }),
    n: fc.nat({ max: 60 }),
  });
const anyMove = moveOf(Object.keys(MOVES) as Move["what"][]);

describe(`the sums that are kept (FUZZ_SEED=${SEED})`, function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-sums-"));
  let database: Database;

  before(async () => {
    database = await newDatabase({ folder }, RELAYER_MIGRATIONS);
    for (const [i, campaignId] of CAMPAIGNS.entries()) {
      await database.query(
        `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps,
           unit_exponent, operator) VALUES ($1, '', $2, '', 0, 0, 0, 0, 0, 0, '')`,
        [campaignId, TOKENS[i]],
      );
      await database.query(
        `WITH made AS (INSERT INTO partnerships (campaign_id, partner) SELECT $1, unnest($2::text[]) RETURNING id)
         INSERT INTO links (partnership_id, code) SELECT id, 'code' || id FROM made`,
        [campaignId, [...PARTNERS]],
      );
    }
  });
  after(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are what the rows add up to, however rows move", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMove, { minLength: 1, maxLength: 12 }), async (moves) => {
        for (const move of moves) await MOVES[move.what](database, move);
        expect(await findWrongSums(database)).to.deep.equal([]);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it("are again what they were when blocks are taken back, and so is every row", async () => {
    const stateOf = async () => ({
      rows: await Promise.all(
        NOTED.map((table) =>
          database.query(`SELECT to_jsonb(t) - 'lines_known' AS row FROM ${table} t ORDER BY to_jsonb(t)::text`),
        ),
      ),
      days: await database.query("SELECT to_jsonb(t) AS row FROM partner_days_again t ORDER BY 1"),
      lines: await database.query("SELECT to_jsonb(t) AS row FROM line_sums_again t ORDER BY 1"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyMove, { maxLength: 5 }),
        fc.array(moveOf(UNDOABLE), { minLength: 1, maxLength: 10 }),
        fc.nat({ max: 10 }),
        async (before, after, kept) => {
          for (const move of before) await MOVES[move.what](database, move);
          await database.query("DELETE FROM undo");
          let at = await stateOf();
          for (const [i, move] of after.entries()) {
            await database.transaction(async (sql) => {
              await noteUndo(sql, { block: 100 + i, campaignId: undefined });
              await MOVES[move.what](sql, move);
            });
            if (i + 1 === kept) at = await stateOf();
          }
          await database.query("SELECT undo_to($1, NULL)", [99 + (kept > after.length ? 0 : kept)]);
          if (kept <= after.length) expect(await stateOf()).to.deep.equal(at);
          expect(await findWrongSums(database)).to.deep.equal([]);
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it("take lines back that were fetched of a batch that goes", async () => {
    await database.query("DELETE FROM undo");
    await database.transaction(async (sql) => {
      await noteUndo(sql, { block: 100, campaignId: CAMPAIGNS[0] });
      await MOVES.batch(sql, { what: "batch", a: 0, b: 1, n: 5 });
      await noteUndo(sql, undefined);
      await sql.query(
        `INSERT INTO batch_lines (digest, index, attested, partner, commission)
         SELECT digest, 9, '0x', $1, 5 FROM batches ORDER BY created_at DESC LIMIT 1`,
        [PARTNERS[0]],
      );
    });
    await database.query("SELECT undo_to(99, $1)", [CAMPAIGNS[0]]);
    expect(await database.query("SELECT 1 FROM batch_lines WHERE index = 9")).to.deep.equal([]);
    expect(await findWrongSums(database)).to.deep.equal([]);
  });

  it("would be found wrong", async () => {
    await MOVES.report(database, { what: "report", a: 0, b: 0, n: 3 });
    const wrongly = database.transaction(async (sql) => {
      await sql.query(
        "UPDATE partner_days SET volume = volume + 1 WHERE ctid = (SELECT min(ctid) FROM partner_days WHERE conversions > 0)",
      );
      throw await findWrongSums(sql);
    });
    const wrong = await wrongly.catch((found) => found);
    expect(wrong.map(({ table, from }: WrongSum) => `${table} ${from}`)).to.deep.equal([
      "partner_days kept",
      "partner_days again",
    ]);
  });
});
