/** Which conversions a list has, and what stands beside each, next to a count of its own over the tables' rows. */
import { expect } from "chai";
import type { History } from "#harness/history.ts";
import { type ConversionFilter, readConversion, readConversions } from "#relayer/store/conversionList.ts";
import type { Database, Sql } from "#service/database.ts";
import {
  aside,
  DAY,
  NOW,
  newest,
  openVariedHistory,
  type Row,
  readAll,
  type VariedHistory,
} from "../../support/variedHistory.ts";

describe("the store's lists of conversions", function () {
  this.timeout(120_000);
  let varied: VariedHistory;
  let database: Database;
  let history: History;
  before(async () => {
    varied = await openVariedHistory();
    ({ database, history } = varied);
  });
  after(() => varied?.close());

  /** Flags, whole refunds, reversals that are on their way, links with an alias, and holds that end now. */
  async function vary(sql: Sql): Promise<void> {
    for (const statement of [
      "UPDATE conversions SET flags = '{self_referral}' WHERE id % 5 = 2",
      "UPDATE conversions SET code_id = NULL, link_id = CASE WHEN id % 4 = 0 THEN NULL ELSE link_id END WHERE id % 3 = 0",
      "UPDATE conversions SET reason = 'refunded' WHERE state = 'reversed' AND id % 2 = 0",
      "UPDATE links SET alias = 'Alias-' || id WHERE id % 3 = 1",
      `INSERT INTO refunds (conversion_id, key, body_hash, volume, whole, reason, created_at)
       SELECT id, 'whole', '', 7, true, 'refunded', now() - interval '1 hour' FROM conversions WHERE id % 11 = 3`,
      `INSERT INTO refunds (conversion_id, key, body_hash, volume, whole, reason, sale_volume)
       SELECT id, 'part', '', id, false, 'refunded', 1.50 FROM conversions WHERE id % 7 = 1`,
      `INSERT INTO reversals (conversion_id, refund_id, batch, reason, state, whole, taken_back)
       SELECT conversion_id, refunds.id, batch, 'refunded', (ARRAY['requested', 'sent', 'done', 'late'])[1 + refunds.id % 4], whole, '[]'
       FROM refunds JOIN conversions ON conversions.id = conversion_id WHERE refunds.key = 'part' AND batch IS NOT NULL`,
      "UPDATE partnerships SET partner = '0xelsewhere' WHERE partner = '0x' || lpad('9', 40, '0') AND id % 2 = 0",
    ])
      await sql.query(statement);
  }

  interface Tables {
    readonly [table: string]: Row[];
  }
  async function read(sql: Sql): Promise<Tables> {
    const tables: Record<string, Row[]> = {
      refunds: await sql.query("SELECT id, conversion_id, key, volume, whole, reason FROM refunds ORDER BY id"),
    };
    const names = ["campaigns", "partnerships", "links", "codes", "batches", "reversals", "conversion_moves"];
    for (const name of [...names, "conversions"]) tables[name] = await readAll(sql, name);
    return tables;
  }
  const one = (list: Row[] | undefined, column: string, value: unknown): Row =>
    (list ?? []).find((row) => row[column] === value);

  /** Whether a filter holds for a conversion, said once more. */
  function holds(tables: Tables, row: Row, [name, value]: [string, unknown]): boolean {
    const partnership = one(tables.partnerships, "id", row.partnership_id);
    const { brand } = one(tables.campaigns, "id", row.campaign_id);
    const link = one(tables.links, "id", row.link_id);
    switch (name) {
      case "ids":
        return (value as bigint[]).includes(row.id);
      case "campaignId":
        return row.campaign_id === value;
      case "brand":
        return brand === value;
      case "partner":
        return partnership?.partner === value;
      case "brandOrPartner":
        return brand === value || partnership?.partner === value;
      case "orderId":
        return row.order_id === value;
      case "link":
        return link !== undefined && (link.code === value || link.alias === value);
      case "code":
        return one(tables.codes, "id", row.code_id)?.name === value;
      case "customer":
        return (value as string[]).includes(row.customer);
      case "from":
        return row.received_at >= new Date(value as string);
      case "to":
        return row.received_at < new Date(value as string);
      case "before":
        return row.id < (value as bigint);
      case "after":
        return row.id > (value as bigint);
      case "reviewable": {
        const isOpen = ["accepted", "review", "batched", "attested"].includes(row.state);
        const batch = one(tables.batches, "digest", row.batch);
        const isHeld = batch === undefined || batch.release_at === null || batch.release_at > BigInt(NOW);
        const isWhole = (tables.refunds ?? []).some((refund) => refund.conversion_id === row.id && refund.whole);
        return isOpen && isHeld && !isWhole && (row.state === "review" || row.flags.length > 0);
      }
      default:
        return row[name] === value;
    }
  }

  it("have what each filter, alone and beside another, holds for: the newest first or the oldest, so many at most", async () => {
    await aside(database, async (sql) => {
      await vary(sql);
      const tables = await read(sql);
      const all = newest(tables.conversions ?? []);
      const some = all[40];
      const brought = all.find((row) => row.partnership_id !== null && row.code_id !== null && row.link_id !== null);
      const link = (which: (row: Row) => boolean) => (tables.links ?? []).find(which);
      const filters: [keyof ConversionFilter, unknown][] = [
        ["ids", [all[3].id, all[50].id, all[200].id, 999_999n]],
        ["campaignId", history.campaignId],
        ["campaignId", varied.campaigns().find((id) => id !== history.campaignId)],
        ["brand", history.brand],
        ["brand", "0xnobody"],
        ["partner", history.partner],
        ["partner", "0xelsewhere"],
        ["brandOrPartner", history.partner],
        ["brandOrPartner", history.brand],
        ["state", "review"],
        ["state", "attested"],
        ["reason", "no_partner"],
        ["reason", "refunded"],
        ["event", "lead"],
        ["orderId", some.order_id],
        ["orderId", "order-5-1"],
        ["link", link(({ id }) => id === brought.link_id).code],
        ["link", link(({ alias }) => alias !== null).alias],
        ["code", one(tables.codes, "id", brought.code_id).name],
        ["customer", ["customer-1", "customer-2"]],
        ["customer", [some.customer]],
        ["from", some.received_at.toISOString()],
        ["to", some.received_at.toISOString()],
        ["before", some.id],
        ["after", some.id],
        ["reviewable", true],
      ];
      const others = (i: number) =>
        [i + 1, i + 5, i + 9].map((k) => filters[k % filters.length] as (typeof filters)[0]);
      const lists = filters.flatMap((first, i) => [[first], ...others(i).map((second) => [first, second])]);
      let found = 0;
      for (const [n, given] of lists.filter(([a, b]) => a?.[0] !== b?.[0]).entries()) {
        const sort = n % 2 === 0 ? "newest" : "oldest";
        const limit = [undefined, 3, 1_000][n % 3];
        const its = all.filter((row) => given.every((filter) => holds(tables, row, filter as [string, unknown])));
        const expected = (sort === "newest" ? its : its.toReversed()).slice(0, limit ?? its.length);
        const listed = await readConversions(sql, Object.fromEntries(given), limit, sort);
        expect(
          listed.map(({ id }) => id),
          JSON.stringify(given, (_, value) => (typeof value === "bigint" ? String(value) : value)),
        ).to.deep.equal(expected.map(({ id }) => id));
        found += Math.sign(listed.length);
      }
      expect(found, "lists that have something").to.be.greaterThan(50);
      expect(
        (await readConversions(sql, {})).map(({ id }) => id),
        "without a filter",
      ).to.deep.equal(all.map(({ id }) => id));
      expect((await readConversions(sql, { campaignId: undefined, state: "review" }, 2)).length).to.equal(2);
    });
  });

  it("show each with its partner, link, code, moves and refunds, and what is wrong with a refund that is on its way", async () => {
    await aside(database, async (sql) => {
      await vary(sql);
      const tables = await read(sql);
      const listed = await readConversions(sql, { campaignId: history.campaignId });
      const problems = new Set<string | null>();
      for (const row of listed) {
        const own = one(tables.conversions, "id", row.id);
        const batch = one(tables.batches, "digest", own.batch);
        const { id, campaign_id, event, order_id, key, customer, volume, refunded, sale, attributes, state, reason } =
          own;
        const columns = {
          id,
          campaign_id,
          event,
          order_id,
          key,
          customer,
          volume,
          refunded,
          sale,
          attributes,
          state,
          reason,
        };
        const { note, flags, entries, commission, partner_commission, salt, attest_by, receipt, number } = own;
        expect(row).to.deep.include({
          ...columns,
          ...{ note, flags, entries, commission, partner_commission, salt, attest_by, receipt, number },
          history: own.history,
          occurred_at: own.occurred_at,
          received_at: own.received_at,
          batch: own.batch,
          brand: history.brand,
          partner: one(tables.partnerships, "id", own.partnership_id)?.partner ?? null,
          link: one(tables.links, "id", own.link_id)?.code ?? null,
          code: one(tables.codes, "id", own.code_id)?.shown ?? null,
          release_at: batch?.release_at ?? null,
        });
        const moves = (tables.conversion_moves ?? []).filter((move) => move.conversion_id === row.id);
        expect(
          (row.moves ?? []).map(({ state, reason, transaction, at }) => [state, reason, transaction, Date.parse(at)]),
        ).to.deep.equal(moves.map((move) => [move.state, move.reason, move.transaction, move.moved_at.getTime()]));
        const refunds = (tables.refunds ?? []).filter((refund) => refund.conversion_id === row.id);
        expect(row.refunds.map(({ at, ...refund }) => refund)).to.deep.equal(
          refunds.map((refund) => {
            const reversal = one(tables.reversals, "refund_id", refund.id);
            const isOnItsWay = ["requested", "sent"].includes(reversal?.state) && batch?.state === "attested";
            const problem = isOnItsWay ? batch.problem : null;
            problems.add(problem);
            return {
              id: String(refund.id),
              volumeBaseUnits: String(refund.volume),
              saleVolume: refund.key === "part" ? "1.5" : null,
              whole: refund.whole,
              reason: refund.reason,
              state: reversal?.state ?? "done",
              problem,
            };
          }),
        );
      }
      expect(problems.size, "of some refunds what is wrong").to.be.greaterThan(2);
      expect((await readConversion(sql, listed[5]?.id ?? 0n))?.order_id).to.equal(listed[5]?.order_id);
      expect(await readConversion(sql, 999_999n)).to.equal(undefined);
    });
  });

  it("have days as their asker says them: from a time on, and before another", async () => {
    const all = newest(varied.rows("conversions")).filter((row) => row.campaign_id === history.campaignId);
    const at = (days: number) => new Date((NOW - days * DAY) * 1000);
    const found = await readConversions(database, {
      campaignId: history.campaignId,
      from: at(3).toISOString(),
      to: at(1).toISOString(),
    });
    const inside = all.filter(({ received_at }) => received_at >= at(3) && received_at < at(1));
    expect(found.map(({ id }) => id)).to.deep.equal(inside.map(({ id }) => id));
  });
});
