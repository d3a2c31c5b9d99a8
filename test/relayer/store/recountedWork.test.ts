/** What counts, waits and is taken back, each beside a count of its own over the tables' rows. */
import { expect } from "chai";
import type { History } from "#harness/history.ts";
import { readKnownReports } from "#relayer/store/knownReports.ts";
import { readCustomerCounts, readPartnerCounts } from "#relayer/store/ledger.ts";
import { findDueChunks, readLine, readLineRows, readLinesOf } from "#relayer/store/lines.ts";
import { readWaiting } from "#relayer/store/numbering.ts";
import {
  findOfOrder,
  findOrdersBeginning,
  isConfirmedFraud,
  isUpForReview,
  readRefundable,
} from "#relayer/store/refunds.ts";
import { findBatchesToReverse, readOpenReversals, readRefundTrouble, readTakenBack } from "#relayer/store/reversals.ts";
import {
  countWaitingRefunds,
  findWaitingRefund,
  readDueRefunds,
  readWaitingRefund,
  readWaitingRefunds,
} from "#relayer/store/waitingRefunds.ts";
import type { Database } from "#service/database.ts";
import {
  aside,
  DAY,
  newest,
  openVariedHistory,
  type Row,
  sorted,
  sum,
  type VariedHistory,
} from "../../support/variedHistory.ts";

describe("what the store finds to count and to carry", function () {
  this.timeout(120_000);
  let varied: VariedHistory;
  let database: Database;
  let history: History;
  before(async () => {
    varied = await openVariedHistory();
    ({ database, history } = varied);
  });
  after(() => varied?.close());

  const rows: VariedHistory["rows"] = (table) => varied.rows(table);
  const by: VariedHistory["by"] = (table, column, value) => varied.by(table, column, value);
  const campaigns = () => varied.campaigns();
  const isBehind = (id: string) => rows("set_aside").some((row) => row.campaign_id === id);

  it("what counts of a customer and of a partner is neither rejected nor reversed, and a customer has what was merged into it", async () => {
    const counts = ({ state }: Row) => state !== "rejected" && state !== "reversed";
    for (const campaignId of campaigns())
      for (const events of [["sale"], ["sale", "lead"]]) {
        const customers = ["customer-0", "customer-1", "customer-2"];
        const found = await readCustomerCounts(database, campaignId, customers, events);
        const expected = customers.flatMap((customer) => {
          const merged = rows("merged_customers").filter(
            (row) => row.campaign_id === campaignId && row.merged_into === customer,
          );
          const keys = [customer, ...merged.map((row) => row.customer)];
          return events.flatMap((event) => {
            const its = rows("conversions").filter(
              (row) =>
                row.campaign_id === campaignId && row.event === event && keys.includes(row.customer) && counts(row),
            );
            const firstAt = Math.min(...its.map(({ received_at }) => received_at.getTime()));
            return its.length === 0 ? [] : [{ event, customer, conversions: its.length, firstAt }];
          });
        });
        expect(found).to.have.deep.members(expected);
      }
    const ids = rows("partnerships")
      .map(({ id }) => id as bigint)
      .filter((id) => id % 2n === 0n);
    const windows = [
      { key: "all", event: null, since: 0 },
      { key: "sales", event: "sale", since: Date.now() - 3 * DAY * 1000 },
      { key: "none", event: "nothing", since: 0 },
    ];
    const expected = ids.flatMap((partnershipId) =>
      windows.flatMap(({ key, event, since }) => {
        const its = rows("conversions").filter(
          (row) =>
            row.partnership_id === partnershipId &&
            counts(row) &&
            (event === null || row.event === event) &&
            row.received_at.getTime() > since,
        );
        const volume = sum(its, "volume") - sum(its, "refunded");
        return its.length === 0 ? [] : [{ partnershipId, key, conversions: its.length, volume }];
      }),
    );
    expect(await readPartnerCounts(database, ids, windows as never)).to.have.deep.members(expected);
  });

  it("refunds that wait are found by what names them, and those that expired are due no more", async () => {
    const isExpired = (row: Row) => row.state === "waiting" && row.created_at.getTime() < Date.now() - 400 * DAY * 1000;
    const shown = (row: Row) => (isExpired(row) ? "expired" : row.state);
    for (const campaignId of campaigns().slice(0, 2)) {
      const own = sorted(
        rows("waiting_refunds").filter((row) => row.campaign_id === campaignId),
        ({ id }) => id,
      );
      const isOpen = (row: Row) => ["waiting", "nothing_due"].includes(row.state);
      for (const event of ["sale", "lead"])
        for (const orderId of ["order 0", "order 1", "no order"]) {
          const ofOrder = own.filter((row) => row.event === event && row.order_id === orderId);
          expect(await countWaitingRefunds(database, campaignId, event, orderId)).to.deep.equal({
            ofCampaign: own.filter((row) => row.state === "waiting" && !isExpired(row)).length,
            ofOrder: ofOrder.filter(isOpen).length,
          });
          const due = await readDueRefunds(database, campaignId, [
            { event, orderId },
            { event: "none", orderId },
          ]);
          expect(due.map(({ id }) => id)).to.deep.equal(
            ofOrder.filter((row) => isOpen(row) && !isExpired(row)).map(({ id }) => id),
          );
          for (const state of [undefined, "waiting", "expired", "done"] as const)
            for (const page of [
              { sort: "newest", from: 10n ** 15n, limit: 4 },
              { sort: "oldest", from: ofOrder[1]?.id ?? 0n, limit: 4 },
            ] as const) {
              const expected = (page.sort === "newest" ? ofOrder.toReversed() : ofOrder).filter(
                (row) =>
                  (state === undefined || shown(row) === state) &&
                  (page.sort === "newest" ? row.id < page.from : row.id > page.from),
              );
              const found = await readWaitingRefunds(database, campaignId, { event, orderId, state }, page);
              expect(found.map(({ id }) => id)).to.deep.equal(expected.slice(0, page.limit).map(({ id }) => id));
            }
        }
      for (const row of own) {
        const names = { campaignId, event: row.event, orderId: row.order_id, key: row.key };
        expect(await findWaitingRefund(database, names)).to.deep.include({ id: row.id, state: shown(row) });
        expect((await findWaitingRefund(database, { ...names, orderId: "order 9" }))?.id).to.equal(undefined);
        expect((await readWaitingRefund(database, campaignId, row.id))?.key).to.equal(row.key);
      }
      const foreign = rows("waiting_refunds").find((row) => row.campaign_id !== campaignId);
      expect(await readWaitingRefund(database, campaignId, foreign.id)).to.equal(undefined);
    }
  });

  it("an order is found by the brand's word, of each event one, and nobody else's", async () => {
    for (const campaignId of campaigns()) {
      const own = rows("conversions").filter((row) => row.campaign_id === campaignId);
      const named = (list: Row[]) => sorted(list, ({ id }) => id).map(({ id, event }) => ({ id, event }));
      for (const orderId of ["order-5-1", own[3].order_id]) {
        const its = own.filter((row) => row.order_id === orderId);
        expect(await findOfOrder(database, campaignId, orderId)).to.deep.equal(named(its));
        expect(await findOfOrder(database, campaignId, orderId, "trial")).to.deep.equal(
          named(its.filter(({ event }) => event === "trial")),
        );
      }
      const beginning = "order-5";
      const begins = own.filter(({ order_id }) => order_id.startsWith(beginning));
      expect(await findOrdersBeginning(database, { campaignId }, beginning, 1_000)).to.have.members(
        begins.map(({ id }) => id),
      );
      const { partnership_id } = begins.find((row) => row.partnership_id !== null);
      const { partner } = by("partnerships", "id", partnership_id);
      expect(await findOrdersBeginning(database, { campaignId, partner }, beginning, 1_000)).to.have.members(
        begins.filter((row) => row.partnership_id === partnership_id).map(({ id }) => id),
      );
      const events = new Set(begins.map(({ event }) => event));
      expect(await findOrdersBeginning(database, { campaignId }, beginning, 1)).to.have.length(events.size);
      for (const one of own.slice(0, 5)) {
        const found = await readRefundable(database, campaignId, one.id);
        expect(found).to.deep.include({
          order_id: one.order_id,
          volume: one.volume,
          refunded: one.refunded,
          fee: one.fee,
        });
        expect(found?.release_at).to.equal(by("batches", "digest", one.batch)?.release_at ?? null);
        expect(await readRefundable(database, `${campaignId}0`, one.id)).to.equal(undefined);
      }
    }
  });

  it("reversals are looked for within the hold, where none is under way, in the order in which they came", async () => {
    const open = (batch: string) =>
      sorted(
        rows("reversals").filter((row) => row.batch === batch && ["requested", "sent"].includes(row.state)),
        ({ id }) => id,
      );
    const isUnderWay = (purpose: string) =>
      rows("transactions").some((row) => row.purpose === purpose && row.state === "sent");
    const expected = rows("batches").filter(
      (batch) =>
        batch.state === "attested" &&
        batch.retry_at.getTime() <= Date.now() &&
        !isBehind(batch.campaign_id) &&
        !isUnderWay(`reverse:${batch.digest}`) &&
        open(batch.digest).length > 0,
    );
    expect(expected.length).to.be.greaterThan(1);
    expect(await findBatchesToReverse(database)).to.have.deep.members(
      expected.map(({ digest, campaign_id }) => ({
        digest,
        campaign_id,
        reasons: [...new Set(open(digest).map(({ reason }) => reason))],
      })),
    );
    const key = (row: Row) => by("conversions", "id", row.conversion_id).key;
    for (const { digest } of rows("batches").slice(0, 20)) {
      for (const reason of ["refunded", "fraud_confirmed"] as const)
        expect(await readOpenReversals(database, digest, reason)).to.deep.equal(
          open(digest)
            .filter((row) => row.reason === reason)
            .map((row) => ({ id: row.id, key: key(row), taken_back: row.taken_back })),
        );
      const taken = sorted(
        rows("reversals").filter((row) => row.batch === digest && ["sent", "done"].includes(row.state)),
        ({ id }) => id,
      );
      expect(await readTakenBack(database, digest)).to.deep.equal(
        taken.map((row) => ({ key: key(row), taken_back: row.taken_back })),
      );
    }
    const batchOf = ({ batch }: Row) => by("batches", "digest", batch);
    const refused = rows("reversals").filter(
      (row) =>
        ["requested", "sent"].includes(row.state) && batchOf(row).state === "attested" && batchOf(row).problem !== null,
    );
    const first = sorted(refused, (row) => batchOf(row).release_at)[0];
    const trouble = await readRefundTrouble(database);
    expect(trouble).to.deep.include({
      refused: BigInt(refused.length),
      ends: batchOf(first).release_at,
      late: BigInt(rows("reversals").filter(({ state }) => state === "late").length),
    });
    expect(
      refused.filter((row) => batchOf(row).release_at === batchOf(first).release_at).map((row) => batchOf(row).problem),
    ).to.include(trouble.problem);
  });

  it("a batch's lines are given as they stand, and chunks are due while something in them is, and nothing is under way", async () => {
    for (const { digest } of rows("batches").slice(0, 12)) {
      const lines = sorted(
        rows("batch_lines").filter((line) => line.digest === digest),
        ({ index }) => index,
      );
      const isUnderWay = rows("transactions").some(
        (row) => row.purpose === `release:${digest}:0` && row.state === "sent",
      );
      const isDue = lines.some(({ state, commission, fee }) => state === "open" && commission + fee > 0n);
      expect(await findDueChunks(database, digest, 4)).to.deep.equal(isDue && !isUnderWay ? [0] : []);
      const pages: Row[] = [];
      for await (const page of readLineRows(database, digest)) pages.push(...page);
      expect(pages).to.deep.equal(
        lines.map(({ index, attested, lowered, now, fault }) => ({
          index,
          attested,
          line: lowered ?? attested,
          state: now,
          fault,
        })),
      );
      for (const line of lines)
        expect(await readLine(database, digest, Number(line.index))).to.deep.equal({
          commission: line.commission,
          state: line.now,
        });
      const { partner } = lines[2];
      expect((await readLinesOf(database, digest, [partner, "0x"])).map(({ index }) => BigInt(index))).to.deep.equal(
        lines.filter((line) => line.partner === partner).map(({ index }) => index),
      );
    }
  });

  it("what waits is read from the oldest on, up to a time and a number", async () => {
    const { campaignId } = history;
    const waiting = sorted(
      rows("conversions").filter((row) => row.campaign_id === campaignId && row.state === "accepted"),
      ({ id }) => id,
    );
    for (const before of [waiting[1].received_at, new Date()])
      for (const most of [2, 1_000]) {
        const found: Row[] = [];
        for await (const page of readWaiting(database, campaignId, before, most)) found.push(...page);
        expect(found.map(({ id }) => id)).to.deep.equal(
          waiting
            .filter(({ received_at }) => received_at < before)
            .slice(0, most)
            .map(({ id }) => id),
        );
      }
  });

  it("reports that are known are found, by their order and by their key, and only those that can be mended as rejected", async () => {
    const { campaignId } = history;
    await aside(database, async (sql) => {
      const own = sorted(await sql.query<Row>("SELECT * FROM conversions"), ({ id }) => id).filter(
        (row) => row.campaign_id === campaignId,
      );
      const [accepted, rejected, final] = own;
      await sql.query(
        "UPDATE conversions SET state = 'accepted', reason = NULL, receipt = NULL, order_id = 'first' WHERE id = $1",
        [accepted.id],
      );
      await sql.query(
        "UPDATE conversions SET state = 'rejected', reason = 'budget_exhausted', number = NULL, batch = NULL, receipt = NULL WHERE id = $1",
        [rejected.id],
      );
      const [key] = await sql.query<{ id: bigint }>("SELECT id FROM api_keys WHERE campaign_id = $1", [campaignId]);
      const apiKeyId = key?.id as bigint;
      await sql.query("DELETE FROM idempotency_keys");
      await sql.query(
        "INSERT INTO idempotency_keys (api_key_id, idempotency_key, request_hash, conversion_id) VALUES ($1, 'a key', 'its hash', $2)",
        [apiKeyId, final.id],
      );
      const found = await readKnownReports(sql, campaignId, [
        { event: "sale", orderId: "nothing", apiKeyId, idempotencyKey: undefined },
        { event: accepted.event, orderId: "first", apiKeyId, idempotencyKey: "a key" },
        { event: "nothing", orderId: "first", apiKeyId: apiKeyId + 1n, idempotencyKey: "a key" },
        { event: rejected.event, orderId: rejected.order_id, apiKeyId, idempotencyKey: "no key" },
      ]);
      expect(
        found.map(({ index, conversionId, byKey, bodyHash }) => [index, conversionId, byKey, bodyHash]),
      ).to.deep.equal([
        [1, accepted.id, false, accepted.body_hash],
        [1, final.id, true, "its hash"],
        [3, rejected.id, false, rejected.body_hash],
      ]);
      expect(found.map(({ rejected }) => rejected?.reason)).to.deep.equal([undefined, undefined, "budget_exhausted"]);
    });
  });

  it("a conversion is up for review, or was fraud, by what its row and its refunds say", async () => {
    const { campaignId } = history;
    await aside(database, async (sql) => {
      const [none, flagged, review, fraud] = newest(await sql.query<Row>("SELECT * FROM conversions")).filter(
        (row) => row.campaign_id === campaignId,
      );
      await sql.query(
        "UPDATE conversions SET flags = '{}', state = 'accepted', reason = NULL WHERE id IN ($1, $2, $3, $4)",
        [none.id, flagged.id, review.id, fraud.id],
      );
      await sql.query("UPDATE conversions SET flags = '{self_referral}' WHERE id = $1", [flagged.id]);
      await sql.query("UPDATE conversions SET state = 'review' WHERE id = $1", [review.id]);
      await sql.query("UPDATE conversions SET state = 'reversed', reason = 'fraud_confirmed' WHERE id = $1", [
        fraud.id,
      ]);
      for (const [one, reason] of [
        [none, "refunded"],
        [fraud, "fraud_confirmed"],
      ] as const)
        await sql.query(
          "INSERT INTO refunds (conversion_id, key, body_hash, volume, whole, reason) VALUES ($1, 'k', '', 1, true, $2)",
          [one.id, reason],
        );
      const all = [none, flagged, review, fraud];
      const review_ = await Promise.all(all.map(({ id }) => isUpForReview(sql, campaignId, id)));
      expect(review_).to.deep.equal([false, true, true, true]);
      expect(await isUpForReview(sql, `${campaignId}0`, flagged.id), "another's").to.equal(false);
      expect(await Promise.all(all.map(({ id }) => isConfirmedFraud(sql, id)))).to.deep.equal([
        false,
        false,
        false,
        true,
      ]);
    });
  });
});
