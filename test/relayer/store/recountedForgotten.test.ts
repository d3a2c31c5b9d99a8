/** What attesters signed and this database does not know: what may still come of it, beside a count of its own over the tables' rows. */
import { expect } from "chai";
import type { History } from "#harness/history.ts";
import {
  countForgotten,
  findForgottenToCompare,
  findToReconcile,
  isForgottenOpen,
  noteUnreconciled,
  readFate,
  readForgotten,
  readKnownBatches,
  readRememberedUpTo,
  reviewForgotten,
} from "#relayer/store/forgotten.ts";
import type { Database, Sql } from "#service/database.ts";
import { aside, openVariedHistory, type Row, sorted, type VariedHistory } from "../../support/variedHistory.ts";

const FINAL = { block: 40n, time: 10_000n };

/** One batch of each kind in every campaign: by its deadline, by who has its numbers, by what the chain has of it, by its age. */
const FORGOTTEN: readonly {
  readonly name: string;
  /** Of the campaign's next number, 100, or of an attested batch's, 10 to 19. */
  readonly first: bigint;
  readonly deadline: bigint;
  /** The block in which it was attested itself. */
  readonly attested?: bigint;
  readonly days?: number;
  /** Of its three conversions. */
  readonly ours?: boolean;
}[] = [
  { name: "waits", first: 100n, deadline: FINAL.time + 1n },
  { name: "at its deadline", first: 101n, deadline: FINAL.time },
  { name: "past its deadline", first: 102n, deadline: FINAL.time - 1n },
  { name: "long past", first: 103n, deadline: 1n },
  { name: "numbers reached", first: 99n, deadline: FINAL.time - 1n },
  { name: "numbers taken", first: 10n, deadline: FINAL.time + 5n },
  { name: "last number taken", first: 19n, deadline: FINAL.time + 5n },
  { name: "number behind those taken", first: 20n, deadline: FINAL.time + 6n },
  { name: "numbers taken, not finally", first: 31n, deadline: FINAL.time + 7n },
  { name: "attested", first: 50n, deadline: 5n, attested: FINAL.block },
  { name: "attested by another", first: 53n, deadline: 5n, attested: FINAL.block, ours: false },
  { name: "attested, not finally", first: 60n, deadline: 5n, attested: FINAL.block + 1n },
  { name: "attested before 29 days", first: 70n, deadline: 5n, attested: 2n, days: 29 },
  { name: "attested before 31 days", first: 80n, deadline: 5n, attested: 2n, days: 31 },
  { name: "waits since 31 days", first: 104n, deadline: FINAL.time + 9n, days: 31 },
];
const SIZE = 3;

describe("what the store knows of batches that were signed and forgotten", function () {
  this.timeout(120_000);
  let varied: VariedHistory;
  let database: Database;
  let history: History;
  before(async () => {
    varied = await openVariedHistory();
    ({ database, history } = varied);
  });
  after(() => varied?.close());

  const digestOf = (campaign: number, name: string) => `0x${campaign} ${name}`;
  /** When the contract was last asked: never, a second before the last final block, and at it. */
  const agreedAt = (campaign: number): bigint => [0n, FINAL.time - 1n, FINAL.time][campaign] ?? 0n;

  /** All of the kinds in each campaign, whose contract agreed at different times; the last campaign is set aside. */
  async function forget(sql: Sql): Promise<string[]> {
    const ids = varied.campaigns();
    await sql.query("DELETE FROM set_aside");
    await sql.query("UPDATE batches SET first_conversion = first_conversion + 1000, state = 'dead'");
    await sql.query("UPDATE chain_cursor SET block = $1, final_block = $2, final_time = $3", [
      FINAL.block + 2n,
      FINAL.block,
      FINAL.time,
    ]);
    for (const [n, id] of ids.entries()) {
      await sql.query("UPDATE campaigns SET next_conversion = 100, agreed_time = $2 WHERE id = $1", [id, agreedAt(n)]);
      const batch = (digest: string, first: bigint, conversions: number, block: bigint) =>
        sql.query(
          `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root,
             state, lines_root, line_count, total, current_root, current_total, release_at, attested_block)
           VALUES ($1, $2, $3, $4, 0, 0, 0, '', 'attested', '', 0, 0, '', 0, 0, $5)`,
          [digest, id, first, conversions, block],
        );
      await batch(`0x${n} has 10 to 19`, 10n, 10, FINAL.block);
      await batch(`0x${n} has 30 to 39`, 30n, 10, FINAL.block + 1n);
      for (const { name, first, deadline, attested, days = 0, ours = true } of FORGOTTEN) {
        const digest = digestOf(n, name);
        if (attested !== undefined) await batch(digest, first, SIZE, attested);
        await sql.query(
          `INSERT INTO forgotten_batches (digest, campaign_id, first_conversion, conversions, deadline, attester, found_at)
           VALUES ($1, $2, $3, $4, $5, 'https://attester.example', now() - $6 * interval '1 day' - $7 * interval '1 minute')`,
          [digest, id, first, SIZE, deadline, days, FORGOTTEN.findIndex((one) => one.name === name)],
        );
        // One is known here under its order, one of an order that another campaign has, and one without its order.
        await sql.query(
          `INSERT INTO forgotten_conversions (digest, campaign_id, number, key, event, order_id, ours)
           VALUES ($1, $2, 1, 'a', 'click', 'order-5-1', $3), ($1, $2, 2, 'b', 'sale', 'nowhere', $3), ($1, $2, 3, 'c', NULL, NULL, $3)`,
          [digest, id, ours],
        );
      }
    }
    await sql.query(
      "INSERT INTO set_aside (campaign_id, block, log_index, event, reason) VALUES ($1, 5, 0, 'Funded', 'unreadable')",
      [ids.at(-1)],
    );
    return ids;
  }

  type Kind = (typeof FORGOTTEN)[number];
  /** By the promise that numbers are given again only where nobody can have attested them. */
  function fateOf(campaign: number, { first, deadline, attested }: Kind): "dead" | "open" | "attested" {
    if (attested !== undefined) return attested > FINAL.block ? "open" : "attested";
    const agreed = agreedAt(campaign);
    const passed = FINAL.time > deadline && first >= 100n && agreed > deadline;
    return passed || (first >= 10n && first < 20n) ? "dead" : "open";
  }

  it("is dead only where the contract itself was asked since the deadline, or somebody else has its numbers finally", async () => {
    await aside(database, async (sql) => {
      const ids = await forget(sql);
      for (const [n, id] of ids.entries())
        for (const kind of FORGOTTEN) {
          const { name, first: firstConversion, deadline } = kind;
          const found = await readFate(sql, id, {
            digest: digestOf(n, name),
            firstConversion,
            deadline: Number(deadline),
            conversions: SIZE,
          } as never);
          const fate = fateOf(n, kind);
          // What is on the chain is on the chain here, final or not: nothing of it is to be numbered.
          const expected = kind.attested === undefined ? fate : "attested";
          expect(found, `${n} ${name}`).to.equal(expected === "dead" ? undefined : expected);
        }
      const elsewhere = { digest: "0x", firstConversion: 100n, deadline: 1, conversions: 1 } as never;
      expect(await readFate(sql, "no campaign", elsewhere), "of a campaign that is not read yet").to.equal("open");
      await sql.query("UPDATE chain_cursor SET block = final_block - 1");
      expect(await readFate(sql, ids[1] ?? "", elsewhere), "before what is final was read").to.equal("open");
    });
  });

  it("stops numbers while it is open, and is compared with the contract once its deadline passed", async () => {
    await aside(database, async (sql) => {
      const ids = await forget(sql);
      for (const [n, id] of ids.entries())
        for (const kind of FORGOTTEN) {
          await sql.query("DELETE FROM forgotten_batches");
          const insert = (campaign: string, { first, deadline }: Kind, digest: string) =>
            sql.query(
              `INSERT INTO forgotten_batches (digest, campaign_id, first_conversion, conversions, deadline, attester)
               VALUES ($1, $2, $3, $4, $5, '')`,
              [digest, campaign, first, SIZE, deadline],
            );
          await insert(id, kind, digestOf(n, kind.name));
          const fate = fateOf(n, kind);
          expect(await isForgottenOpen(sql, id), `${n} ${kind.name}`).to.equal(fate === "open");
          for (const other of ids)
            if (other !== id) expect(await isForgottenOpen(sql, other), "another campaign's").to.equal(false);
          const isDue =
            fate === "open" && FINAL.time > kind.deadline && agreedAt(n) <= kind.deadline && n < ids.length - 1;
          // Twice open is one campaign.
          await insert(id, kind, "0xtwin");
          expect(await findForgottenToCompare(sql), `${n} ${kind.name}`).to.deep.equal(isDue ? [id] : []);
        }
    });
  });

  it("is told to the operator for 30 days, the newest first, while it is open or has orders of this relayer's on the chain", async () => {
    await aside(database, async (sql) => {
      const ids = await forget(sql);
      const listed = ids.flatMap((campaignId, n) =>
        FORGOTTEN.flatMap((kind, place) => {
          const fate = fateOf(n, kind);
          const isTold = (kind.days ?? 0) < 30 && (fate === "open" || (fate === "attested" && (kind.ours ?? true)));
          if (!isTold) return [];
          const missing = (kind.ours ?? true) ? 2n : 0n;
          const { first: firstConversion, deadline } = kind;
          const batch = { digest: digestOf(n, kind.name), campaignId, firstConversion, conversions: BigInt(SIZE) };
          return [{ ...batch, deadline: Number(deadline), fate, missing, age: (kind.days ?? 0) * 10_000 + place }];
        }),
      );
      const inOrder = sorted(
        listed,
        ({ age }) => age,
        ({ digest }) => digest,
      );
      const told = inOrder.map(({ age, ...batch }) => batch);
      expect(await readForgotten(sql, 1_000)).to.deep.equal(told);
      expect(await readForgotten(sql, 3)).to.deep.equal(told.slice(0, 3));
      const [open, attested] = (["open", "attested"] as const).map((fate) => told.filter((one) => one.fate === fate));
      const count = {
        open: BigInt(open?.length ?? 0),
        until: BigInt(Math.max(...(open ?? []).map(({ deadline }) => deadline))),
        attested: BigInt(attested?.length ?? 0),
        missing: (attested ?? []).reduce((all, { missing }) => all + missing, 0n),
      };
      expect(await countForgotten(sql)).to.deep.equal({ unreconciled: 0n, problem: null, ...count });
      await noteUnreconciled(sql, ids[1] ?? "", "nobody answers");
      await noteUnreconciled(sql, ids[0] ?? "", "first");
      await noteUnreconciled(sql, ids[0] ?? "", "silence");
      expect(await countForgotten(sql)).to.deep.equal({ unreconciled: 2n, problem: `${ids[0]}: silence`, ...count });
      await noteUnreconciled(sql, ids[0] ?? "", undefined);
      expect((await countForgotten(sql)).problem).to.equal(`${ids[1]}: nobody answers`);
      await sql.query("DELETE FROM forgotten_batches");
      expect(await countForgotten(sql)).to.deep.include({ open: 0n, until: null, attested: 0n, missing: 0n });
    });
  });

  it("sends what waits here and was attested under its key or its order to the brand, and nothing else", async () => {
    const { campaignId } = history;
    await aside(database, async (sql) => {
      await forget(sql);
      const own = sorted(
        await sql.query<Row>("SELECT * FROM conversions WHERE campaign_id = $1", [campaignId]),
        (row) => row.id,
      );
      const n = varied.campaigns().indexOf(campaignId);
      const [byKey, byOrder, settled, open, elsewhere, eventAlone] = own as [Row, Row, Row, Row, Row, Row];
      await sql.query("UPDATE conversions SET state = 'accepted', reason = NULL WHERE id = ANY($1::bigint[])", [
        [byKey, byOrder, open, elsewhere, eventAlone].map(({ id }) => String(id)),
      ]);
      await sql.query("UPDATE conversions SET state = 'reversed' WHERE id = $1", [settled.id]);
      const remember = (name: string, key: string, { event, order_id }: Row) =>
        sql.query(
          `INSERT INTO forgotten_conversions (digest, campaign_id, number, key, event, order_id, ours)
           VALUES ($1, $2, (SELECT count(*) + 1 FROM forgotten_conversions WHERE digest = $1), $3, $4, $5, true)`,
          [digestOf(n, name), campaignId, key, event, order_id],
        );
      const none = { event: null, order_id: null };
      await remember("attested", byKey.key, none);
      await remember("attested", "another key", byOrder);
      await remember("attested", settled.key, settled);
      await remember("attested, not finally", open.key, open);
      await remember("attested", "another key", { event: "another", order_id: eventAlone.order_id });
      await remember("attested", "another key", { event: eventAlone.event, order_id: "another" });
      const foreign = varied.campaigns().find((id) => id !== campaignId);
      const before = await sql.query<Row>("SELECT id, state FROM conversions ORDER BY id");
      expect(await reviewForgotten(sql, foreign ?? ""), "another campaign's").to.equal(0);
      expect(await reviewForgotten(sql, campaignId)).to.equal(2);
      const moved = [byKey.id, byOrder.id];
      const after = await sql.query<Row>("SELECT id, state, note FROM conversions ORDER BY id");
      expect(after.map(({ id, state }) => ({ id, state }))).to.deep.equal(
        before.map(({ id, state }) => ({ id, state: moved.includes(id) ? "review" : state })),
      );
      for (const { note } of after.filter(({ id }) => moved.includes(id)))
        expect(note).to.contain(`attested before, in ${digestOf(n, "attested")}.`);
      expect(await reviewForgotten(sql, campaignId), "once").to.equal(0);
    });
  });

  it("is what was neither numbered nor found here, behind the last batch that is attested with its conversions", async () => {
    const { campaignId } = history;
    const batches = varied.rows("batches");
    const isHere = (digest: string) => varied.rows("conversions").some(({ batch }) => batch === digest);
    const settled = (row: Row) => ["attested", "released"].includes(row.state);
    for (const id of varied.campaigns()) {
      const last = sorted(
        batches.filter((row) => row.campaign_id === id && settled(row) && isHere(row.digest)),
        (row) => row.first_conversion,
      ).at(-1);
      expect(await readRememberedUpTo(database, id)).to.equal(last.first_conversion + last.conversions);
    }
    expect(await readRememberedUpTo(database, "no campaign")).to.equal(1n);
    await aside(database, async (sql) => {
      const attested = batches.filter((row) => row.state === "attested");
      const foreign = attested[0].digest;
      await sql.query("UPDATE conversions SET batch = NULL WHERE batch = $1", [foreign]);
      await sql.query(
        `INSERT INTO forgotten_batches (digest, campaign_id, first_conversion, conversions, deadline, attester)
         VALUES ('0xfound', $1, 1, 1, 1, '')`,
        [campaignId],
      );
      const digests = batches.map(({ digest }) => digest as string);
      const known = batches.filter(
        (row) =>
          ["asked", "signed"].includes(row.state) || (settled(row) && isHere(row.digest) && row.digest !== foreign),
      );
      expect([...(await readKnownBatches(sql, [...digests, "0xfound", "0xnothing"]))]).to.have.members([
        ...known.map(({ digest }) => digest),
        "0xfound",
      ]);
      expect(await readKnownBatches(sql, ["0xnothing"])).to.deep.equal(new Set());
    });
  });

  it("is looked for in campaigns that have conversions or keys, those first that have most to number", async () => {
    await aside(database, async (sql) => {
      const ids = varied.campaigns();
      const behind = varied.rows("set_aside").map((row) => row.campaign_id);
      const waiting = (id: string) =>
        varied.rows("conversions").filter((row) => row.campaign_id === id && row.state === "accepted").length;
      const expected = sorted(
        ids.filter((id) => !behind.includes(id)).map((id) => ({ id, waiting: -waiting(id) })),
        (row) => row.waiting,
        ({ id }) => id,
      ).map(({ id }) => id);
      expect(new Set(ids.map(waiting)).size, "each has another number").to.be.greaterThan(1);
      expect(await findToReconcile(sql, [], 100)).to.deep.equal(expected);
      expect(await findToReconcile(sql, [], 1)).to.deep.equal(expected.slice(0, 1));
      expect(await findToReconcile(sql, expected.slice(0, 1), 100)).to.deep.equal(expected.slice(1));
      const bare = (id: string) =>
        sql.query(
          `INSERT INTO campaigns (id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, open_kinds, fee_bps,
             unit_exponent, operator) VALUES ($1, '', '', '', 0, 0, 0, 0, 0, 0, '')`,
          [id],
        );
      await bare("0xnobody works for it");
      await bare("0xhas a key");
      await sql.query(
        "INSERT INTO api_keys (campaign_id, brand, secret_hash, label) VALUES ('0xhas a key', '', 'h', '')",
      );
      expect(await findToReconcile(sql, ids, 100)).to.deep.equal(["0xhas a key"]);
    });
  });
});
