/** What the store says of campaigns, batches and who may act for a brand, each beside a count of its own over the tables' rows. */
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { type Line, packLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { expect } from "chai";
import type { History } from "#harness/history.ts";
import { readActs } from "#relayer/store/acts.ts";
import { readAdmission } from "#relayer/store/admission.ts";
import { countAnnounced, readAlarms } from "#relayer/store/alarms.ts";
import { findCampaignsWithDeadBatches } from "#relayer/store/deadBatches.ts";
import { readDescriptionText } from "#relayer/store/descriptions.ts";
import { readLeads } from "#relayer/store/leads.ts";
import { readLineTree, readSignedLines } from "#relayer/store/lines.ts";
import { NOTICES_OF_MOVES } from "#relayer/store/notices.ts";
import { readPartnerKeys } from "#relayer/store/partnerKeys.ts";
import { readNames } from "#relayer/store/profiles.ts";
import { readRejected } from "#relayer/store/rejected.ts";
import { readSource } from "#relayer/store/sources.ts";
import { readWaitingWork } from "#relayer/store/status.ts";
import { readStanding } from "#relayer/store/team.ts";
import type { Database, Sql } from "#service/database.ts";
import {
  aside,
  NOW,
  openVariedHistory,
  type Row,
  readAll,
  sorted,
  type VariedHistory,
} from "../../support/variedHistory.ts";

describe("what the store says of campaigns", function () {
  this.timeout(120_000);
  let varied: VariedHistory;
  let database: Database;
  let history: History;
  let foreign: string;
  before(async () => {
    varied = await openVariedHistory();
    ({ database, history } = varied);
    foreign = varied.campaigns().find((id) => id !== history.campaignId) ?? "";
  });
  after(() => varied?.close());

  it("is what alarms go by: of campaigns with a key that is good, what is left beside what is promised and held", async () => {
    const [first = "", second = "", third = ""] = varied.campaigns();
    const set = (sql: Sql, id: string, [available, promised, reserved, closes]: number[]) =>
      sql.query("UPDATE campaigns SET available = $2, promised = $3, reserved = $4, closes_at = $5 WHERE id = $1", [
        id,
        available,
        promised,
        reserved,
        closes,
      ]);
    await aside(database, async (sql) => {
      const alarms = async () => {
        const { low, exhausted } = await readAlarms(sql);
        return [low, exhausted];
      };
      for (const id of varied.campaigns()) await set(sql, id, [1_000, 0, 0, 0]);
      expect(await alarms()).to.deep.equal([0n, 0n]);
      // What is left after what is promised, beside what is promised and held: as much, and one less.
      for (const [available, promised, reserved, low] of [
        [200, 70, 60, 0n],
        [199, 70, 60, 1n],
        [130, 0, 130, 0n],
        [129, 0, 130, 1n],
      ] as const) {
        await set(sql, first, [available, promised, reserved, 0]);
        expect(await alarms(), `${available} ${promised} ${reserved}`).to.deep.equal([low, 0n]);
      }
      await set(sql, first, [5, 5, 0, 0]);
      expect(await alarms(), "nothing left").to.deep.equal([1n, 1n]);
      await set(sql, second, [0, 1, 0, NOW + 1_000]);
      expect(await alarms(), "it closes later").to.deep.equal([2n, 2n]);
      await set(sql, second, [0, 1, 0, NOW - 1]);
      expect(await alarms(), "it is closed").to.deep.equal([1n, 1n]);
      await sql.query("UPDATE api_keys SET revoked_at = now() WHERE campaign_id = $1", [first]);
      expect(await alarms(), "nobody reports there any more").to.deep.equal([0n, 0n]);

      await sql.query("UPDATE campaigns SET closes_at = 0, withdrawable_at = 0, pending_brand = NULL");
      await sql.query("UPDATE campaigns SET withdrawable_at = 5, pending_brand = '0xnext' WHERE id = $1", [second]);
      await sql.query("UPDATE campaigns SET closes_at = 5, withdrawable_at = 6, pending_brand = '0x' WHERE id = $1", [
        first,
      ]);
      const counted = new Map((await countAnnounced(sql)).map(({ what, count }) => [what, count]));
      const served = (table: string) =>
        readAll(sql, table).then((rows) =>
          BigInt(rows.filter((row) => [second, third].includes(row.campaign_id)).length),
        );
      expect(counted).to.deep.equal(
        new Map([
          ["offer", await served("offers")],
          ["kind", await served("kinds")],
          ["description", await served("announced_descriptions")],
          ["hand-over", 1n],
          ["withdrawal", 1n],
          ["closing", 0n],
        ]),
      );
    });
  });

  it("is when the first receipt is due and how long a transaction waits, of what is not attested and not mined", async () => {
    await aside(database, async (sql) => {
      await sql.query("UPDATE conversions SET attest_by = $1", [NOW - 1_000_000]);
      await sql.query("UPDATE conversions SET state = 'rejected' WHERE state IN ('accepted', 'batched')");
      await sql.query("UPDATE transactions SET state = 'mined'");
      expect(await readAlarms(sql)).to.deep.include({ receipts: null, stuck: null });
      const open = varied.rows("batches").filter(({ state }) => ["built", "asked", "signed"].includes(state));
      expect(new Set(open.map(({ state }) => state)).size).to.equal(3);
      const within = async (seconds: number) => {
        const { receipts } = await readAlarms(sql);
        expect(Math.abs((receipts ?? Number.NaN) - seconds)).to.be.below(120);
      };
      for (const [i, { digest }] of open.entries()) {
        await sql.query(
          "UPDATE conversions SET state = 'batched', attest_by = $2 WHERE id = (SELECT min(id) FROM conversions WHERE batch = $1)",
          [digest, NOW + 10_000 - i * 300],
        );
        await within(10_000 - i * 300);
      }
      await sql.query(
        "UPDATE conversions SET state = 'accepted', attest_by = $1 WHERE id = (SELECT max(id) FROM conversions)",
        [NOW - 5_000],
      );
      await within(-5_000);
      for (const [nonce, age] of [
        [901, 60],
        [902, 600],
        [903, 30],
      ])
        await sql.query(
          `INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state, created_at)
           VALUES ('0xwaits', $1::bigint, 'other:' || $1::bigint, '0x', 1, 'sent', now() - $2 * interval '1 second')`,
          [nonce, age],
        );
      expect(Math.abs(((await readAlarms(sql)).stuck ?? Number.NaN) - 600)).to.be.below(1);
    });
    const count = (table: "conversions" | "batches" | "reversals", states: string[]) =>
      BigInt(varied.rows(table).filter(({ state }) => states.includes(state)).length);
    expect(await readWaitingWork(database)).to.deep.include({
      conversions: count("conversions", ["accepted", "batched", "review"]),
      batches: count("batches", ["attested"]),
      refunds: count("reversals", ["requested", "sent"]),
    });
  });

  it("is which of them has a batch that can never be attested any more, as far as events tell", async () => {
    const [first = "", second = ""] = varied.campaigns();
    await aside(database, async (sql) => {
      await sql.query("DELETE FROM set_aside");
      await sql.query("UPDATE batches SET state = 'dead'");
      await sql.query("UPDATE chain_cursor SET block = 40, final_block = 40, final_time = 1000");
      await sql.query("UPDATE campaigns SET next_conversion = 5, agreed_time = 0");
      const batch = (state: string, first_: number, deadline: number, attested: number | null = null, id = first) =>
        sql.query(
          `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root,
             state, lines_root, line_count, total, current_root, current_total, release_at, attested_block)
           VALUES ('0x' || $1 || $5, $5, $2, 3, 0, 0, $3, '', $1, '', 0, 0, '', 0, 0, $4)`,
          [state, first_, deadline, attested, id],
        );
      const dead = async () => (await findCampaignsWithDeadBatches(sql)).toSorted();
      const move = (first_: number, deadline: number) =>
        sql.query(
          "UPDATE batches SET first_conversion = $1, deadline = $2 WHERE state IN ('built', 'asked', 'signed')",
          [first_, deadline],
        );
      for (const state of ["built", "asked", "signed"]) {
        await sql.query("DELETE FROM batches WHERE state <> 'dead'");
        await batch(state, 5, 999);
        expect(await dead(), state).to.deep.equal([first]);
        await move(5, 1_000);
        expect(await dead(), "until a final block is past its deadline").to.deep.equal([]);
        await move(4, 999);
        expect(await dead(), "its number was reached").to.deep.equal([]);
      }
      // Another has its numbers: the first of them, the last, and the one behind; in a final block.
      await batch("attested", 10, 0, 40);
      for (const [number, is] of [
        [9, false],
        [10, true],
        [12, true],
        [13, false],
      ] as const) {
        await move(number, 5_000);
        expect(await dead(), `number ${number}`).to.deep.equal(is ? [first] : []);
      }
      await move(11, 5_000);
      await sql.query("UPDATE batches SET attested_block = 41 WHERE state = 'attested'");
      expect(await dead(), "not finally").to.deep.equal([]);
      await sql.query("UPDATE batches SET attested_block = 40, campaign_id = $1 WHERE state = 'attested'", [second]);
      expect(await dead(), "another campaign's").to.deep.equal([]);
      await move(11, 999);
      expect(await dead()).to.deep.equal([first]);
      await sql.query("UPDATE chain_cursor SET block = 39");
      expect(await dead(), "before what is final was read").to.deep.equal([]);
      await sql.query("UPDATE chain_cursor SET block = 41");
      expect(await dead()).to.deep.equal([first]);
      await sql.query(
        "INSERT INTO set_aside (campaign_id, block, log_index, event, reason) VALUES ($1, 5, 0, NULL, 'differs')",
        [first],
      );
      expect(await dead(), "of one that is set aside nobody knows").to.deep.equal([]);
    });
  });

  it("is a batch's tree, as reversals left it; or it says that its lines are not those under the root", async () => {
    const lines: Line[] = [1, 2, 3].map((n) => ({
      offerId: 1,
      partner: `0x${String(n).padStart(40, "0")}`,
      count: n,
      volumeUnits: BigInt(100 * n),
    }));
    const rate = { flatAmount: 17n, rateBps: 33 };
    const campaign = { unitExponent: 4, feeBps: 500 };
    const worthOf = (line: Line) => commissionOfLineDown(line, rate, campaign);
    const lowered: Line = { ...(lines[1] as Line), count: 1, volumeUnits: 1n };
    const treeOf = (list: Line[]) =>
      LineTree.of(list.map((line) => ({ line, worth: worthOf(line).commission + worthOf(line).fee })));
    await aside(database, async (sql) => {
      const { digest } = varied.rows("batches")[0];
      const [signed, now] = [treeOf(lines), treeOf([lines[0] as Line, lowered, lines[2] as Line])];
      await sql.query("DELETE FROM batch_lines WHERE digest = $1", [digest]);
      for (const [i, line] of lines.entries()) {
        const worth = worthOf(line);
        await sql.query(
          "INSERT INTO batch_lines (digest, index, attested, partner, commission, fee) VALUES ($1, $2, $3, $4, $5, $6)",
          [digest, i, packLine(line), line.partner, worth.commission, worth.fee],
        );
      }
      const root = (tree: LineTree, known = true, count = lines.length) =>
        sql.query(
          "UPDATE batches SET current_root = $2, current_total = $3, lines_known = $4, line_count = $5 WHERE digest = $1",
          [digest, tree.root, tree.total, known, count],
        );
      await root(signed);
      const found = await readLineTree(sql, digest);
      expect([found.root, found.total]).to.deep.equal([signed.root, signed.total]);
      expect(found.proof(1)).to.deep.equal(signed.proof(1));
      const said = () => readLineTree(sql, digest).catch((error: Error) => error.message);
      await root(now);
      expect(await said()).to.match(/give the root .*, not /);
      await sql.query(
        "UPDATE batch_lines SET lowered = $3, commission = $4, fee = $5 WHERE digest = $1 AND index = $2",
        [digest, 1, packLine(lowered), worthOf(lowered).commission, worthOf(lowered).fee],
      );
      expect((await readLineTree(sql, digest)).root).to.equal(now.root);
      const signedLines: string[] = [];
      for await (const page of readSignedLines(sql, digest)) signedLines.push(...page);
      expect(signedLines, "as they were signed").to.deep.equal(lines.map(packLine));
      await sql.query("UPDATE batches SET current_total = current_total + 1 WHERE digest = $1", [digest]);
      expect(await said(), "another sum").to.match(/give the root /);
      await root(now, false);
      expect(await said()).to.equal(`The lines of batch ${digest} are not known here.`);
      expect(await readLineTree(sql, "0xnone").catch((error: Error) => error.message)).to.equal(
        "The lines of batch 0xnone are not known here.",
      );
    });
  });

  it("is what moves tell a partner: its first sale once, what was taken back, what was released, if it wants to hear it", async () => {
    await aside(database, async (sql) => {
      await sql.query("DELETE FROM notices");
      const [reader] = await readAll(sql, "mail_readers");
      const own = sorted(
        (await readAll(sql, "conversions")).filter(
          (row) =>
            row.partnership_id !== null &&
            varied.by("partnerships", "id", row.partnership_id).partner === reader.wallet &&
            row.campaign_id === history.campaignId,
        ),
        ({ id }) => id,
      );
      const [first, second, third] = own as [Row, Row, Row];
      const tell = async (row: Row, state: string, transaction: string | null = null, moved = "now()") => {
        await sql.query("DELETE FROM notices");
        await sql.query(
          `WITH fresh AS (SELECT $1::bigint AS conversion_id, $2::text AS state, $3::text AS transaction, ${moved} AS moved_at)
           ${NOTICES_OF_MOVES}`,
          [row.id, state, transaction],
        );
        return (await readAll(sql, "notices")).map((one) => [one.kind, one.conversion_id, one.block]);
      };
      const [cursor] = await readAll(sql, "chain_cursor");
      const state = (row: Row, to: string) =>
        sql.query("UPDATE conversions SET state = $2 WHERE id = $1", [row.id, to]);
      for (const row of own) await state(row, "accepted");
      expect(await tell(first, "accepted")).to.deep.equal([["partner.first_sale", first.id, null]]);
      expect(await tell(second, "accepted"), "not the first").to.deep.equal([]);
      await state(first, "rejected");
      expect(await tell(second, "accepted"), "the one before was rejected").to.deep.equal([
        ["partner.first_sale", second.id, null],
      ]);
      expect(await tell(third, "accepted")).to.deep.equal([]);
      for (const moved of ["rejected", "reversed"])
        expect(await tell(third, moved, "0xin")).to.deep.equal([["partner.rejected", third.id, cursor.block]]);
      expect(await tell(third, "released", "0xin")).to.deep.equal([["partner.released", third.id, cursor.block]]);
      for (const moved of ["batched", "attested", "review"]) expect(await tell(third, moved)).to.deep.equal([]);
      expect(
        await tell(third, "released", null, "now() - interval '1 year'"),
        "before it gave its address",
      ).to.deep.equal([]);
      const another = varied.rows("partnerships").find(({ partner }) => partner !== reader.wallet);
      const others = varied.rows("conversions").find((row) => row.partnership_id === another.id);
      expect(await tell(others, "released"), "who reads no mail").to.deep.equal([]);
    });
  });

  it("is each by its own name: a text, a source, a key, a role, an act, a rejection, and a partner's admission", async () => {
    const { campaignId, partner } = history;
    await aside(database, async (sql) => {
      await sql.query("INSERT INTO descriptions (hash, body) VALUES ('0xone', 'one'), ('0xtwo', 'two')");
      expect(await readDescriptionText(sql, "0xone")).to.equal("one");
      expect(await readDescriptionText(sql, "0xtwo")).to.equal("two");
      expect(await readDescriptionText(sql, "0xnone")).to.equal(undefined);

      await sql.query(
        `INSERT INTO sources (campaign_id, source, api_key_id, secrets, test_mode, changed_by)
         SELECT campaign_id, given, id, given || ' of ' || campaign_id, false, brand
         FROM api_keys CROSS JOIN unnest(ARRAY['stripe', 'webhook']) AS given`,
      );
      for (const id of [campaignId, foreign])
        for (const source of ["stripe", "webhook"] as const)
          expect((await readSource(sql, id, source))?.secrets).to.equal(`${source} of ${id}`);
      await sql.query("UPDATE api_keys SET revoked_at = now() WHERE campaign_id = $1", [foreign]);
      expect(await readSource(sql, foreign, "stripe"), "its key is revoked").to.equal(undefined);

      for (const [wallet, label] of [
        ["0xa", "second"],
        ["0xb", "other"],
        ["0xa", "first"],
      ])
        await sql.query("INSERT INTO partner_keys (wallet, label, secret_hash, last4) VALUES ($1, $2, $1 || $2, '')", [
          wallet,
          label,
        ]);
      expect((await readPartnerKeys(sql, "0xa")).map(({ label }) => label)).to.deep.equal(["second", "first"]);

      // Each campaign has a brand of its own.
      await sql.query("UPDATE campaigns SET brand = 'brand of ' || id");
      for (const id of varied.campaigns())
        await sql.query(
          "INSERT INTO partner_labels (campaign_id, partner, brand, label) VALUES ($1, $2, 'brand of ' || $1, $3)",
          [id, partner, `label in ${id}`],
        );
      const places = varied.campaigns().map((id) => ({ campaignId: id, partner }));
      const nameOf = await readNames(sql, places.slice(0, 2));
      expect(places.map(nameOf)).to.deep.equal([
        ...places.slice(0, 2).map((place) => `label in ${place.campaignId}`),
        null,
      ]);
    });
    await aside(database, async (sql) => {
      await sql.query("UPDATE campaigns SET brand = 'brand of ' || id");
      for (const id of varied.campaigns())
        expect(await readStanding(sql, id, partner)).to.deep.equal({
          brand: `brand of ${id}`,
          role: null,
          earns: true,
        });
      expect((await readStanding(sql, campaignId, "0xnobody"))?.earns).to.equal(false);
      expect(await readStanding(sql, "0xnone", partner)).to.equal(undefined);

      const own = (await readAll(sql, "conversions")).filter((row) => row.campaign_id === campaignId);
      const [plain, late] = own as [Row, Row];
      await sql.query("UPDATE conversions SET state = 'rejected', receipt = NULL WHERE id = $1", [plain.id]);
      await sql.query("UPDATE conversions SET state = 'rejected', receipt = '0x' WHERE id = $1", [late.id]);
      expect((await readRejected(sql, campaignId, plain.id))?.mendable).to.equal(true);
      expect((await readRejected(sql, campaignId, late.id))?.mendable, "accepted first").to.equal(false);
      expect(await readRejected(sql, foreign, plain.id), "another campaign's").to.equal(undefined);

      await sql.query("UPDATE campaigns SET open_kinds = 1");
      const admission = async (id: string, who: string | undefined) => {
        const row = await readAdmission(sql, id, who);
        return [row?.kinds, row?.open, row?.payable];
      };
      await sql.query("DELETE FROM kinds");
      await sql.query("UPDATE offers SET kind = 5, valid_to = $1, partner = NULL", [NOW + 10_000]);
      expect(await admission(campaignId, partner), "nobody listed it").to.deep.equal([1n, false, false]);
      await sql.query(
        "INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at) VALUES ($1, $2, 32, 1, 5)",
        [campaignId, partner],
      );
      expect(await admission(campaignId, partner)).to.deep.equal([32n, false, true]);
      expect(await admission(campaignId, undefined)).to.deep.equal([1n, false, false]);
      expect(await admission(campaignId, "0xother")).to.deep.equal([1n, false, false]);
      expect(await admission(foreign, partner)).to.deep.equal([1n, false, false]);
      await sql.query("UPDATE offers SET valid_to = $1", [NOW - 10_000]);
      expect(await admission(campaignId, partner), "its offer is over").to.deep.equal([32n, false, false]);
      await sql.query("UPDATE offers SET valid_to = $1, kind = 7, partner = $2 WHERE campaign_id = $3", [
        NOW + 10_000,
        partner,
        foreign,
      ]);
      expect(await admission(foreign, partner), "an offer of its own").to.deep.equal([1n, false, true]);
      expect(await admission(foreign, "0xother")).to.deep.equal([1n, false, false]);
      await sql.query("UPDATE offers SET partner = NULL, kind = 3");
      await sql.query("UPDATE campaigns SET open_kinds = 31");
      expect(await admission(foreign, partner), "who signs up customers is no partner").to.deep.equal([
        31n,
        false,
        false,
      ]);
      await sql.query("UPDATE offers SET kind = 2");
      expect(await admission(foreign, partner)).to.deep.equal([31n, true, true]);

      const brand = `brand of ${campaignId}`;
      for (const [id, actor] of [
        [campaignId, "0xa"],
        [foreign, "0xa"],
        [campaignId, "0xb"],
        [null, "0xa"],
      ])
        await sql.query(
          "INSERT INTO acts (brand, campaign_id, actor, role, act, facts) VALUES ($1, $2, $3, 'brand', 'did', '{}')",
          [brand, id, actor],
        );
      await sql.query(
        "INSERT INTO acts (brand, actor, role, act, facts) VALUES ('another', '0xa', 'brand', 'did', '{}')",
      );
      const acts = async (filter: { campaignId?: string; actor?: string }, sort: "newest" | "oldest" = "newest") => {
        const from = sort === "newest" ? 10n ** 15n : 0n;
        return (await readActs(sql, { brand, ...filter }, { sort, from, limit: 10 })).map((row) => [
          row.campaign_id,
          row.actor,
        ]);
      };
      const every = [
        [null, "0xa"],
        [campaignId, "0xb"],
        [foreign, "0xa"],
        [campaignId, "0xa"],
      ];
      expect(await acts({})).to.deep.equal(every);
      expect(await acts({}, "oldest")).to.deep.equal(every.toReversed());
      expect(await acts({ campaignId })).to.deep.equal([every[1], every[3]]);
      expect(await acts({ campaignId, actor: "0xa" })).to.deep.equal([every[3]]);

      // Leads that were registered, or moved, since.
      await sql.query("UPDATE leads SET registered_at = now() - interval '10 days'");
      await sql.query("DELETE FROM lead_moves");
      const leads = (await readAll(sql, "leads")).filter((row) => row.campaign_id === campaignId);
      await sql.query("UPDATE leads SET registered_at = now() - interval '1 hour' WHERE id = $1", [leads[0].id]);
      for (const [lead, hours] of [
        [leads[1], 1],
        [leads[2], 30],
      ])
        await sql.query(
          `INSERT INTO lead_moves (lead_id, state, moved_at, made_at) VALUES ($1, 'qualified', now(), now() - $2 * interval '1 hour')`,
          [lead.id, hours],
        );
      const since = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
      const listed = async (hours: number) =>
        (await readLeads(sql, campaignId, { since: since(hours) }, { sort: "oldest", from: 0n, limit: 1_000 })).map(
          ({ id }) => id,
        );
      expect(await listed(2)).to.deep.equal([leads[0].id, leads[1].id]);
      expect(await listed(31)).to.deep.equal([leads[0].id, leads[1].id, leads[2].id]);
      expect((await listed(24 * 11)).length).to.equal(leads.length);
    });
  });
});
