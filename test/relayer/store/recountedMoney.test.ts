/** What is earned, due and priced, each beside a count of its own over the tables' rows. */
import { expect } from "chai";
import type { History } from "#harness/history.ts";
import { readEarnings } from "#relayer/store/earnings.ts";
import { readKinds, readOffers } from "#relayer/store/ledger.ts";
import { LINE_STATES, readPrices } from "#relayer/store/lines.ts";
import { readKindsEnd, readValidity } from "#relayer/store/numbering.ts";
import { MAX_ID } from "#relayer/store/page.ts";
import { readPartnerLines, readPullable } from "#relayer/store/partnerLines.ts";
import { readDuePushes, readPushes, readWaitingPushes } from "#relayer/store/pushes.ts";
import { readRates } from "#relayer/store/refunds.ts";
import { REPORT_GROUPS, readHealth, readReport } from "#relayer/store/reports.ts";
import type { Database } from "#service/database.ts";
import {
  DAY,
  NOW,
  newest,
  openVariedHistory,
  type Row,
  sorted,
  sum,
  type VariedHistory,
} from "../../support/variedHistory.ts";

describe("what the store counts as money", function () {
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
  const partnershipOf = (campaignId: string, partner: string) =>
    rows("partnerships").find((row) => row.campaign_id === campaignId && row.partner === partner);
  const dayOf = (date: Date) => date.toISOString().slice(0, 10);
  const dayAgo = (days: number) => dayOf(new Date(Date.now() - days * DAY * 1000));

  it("a partner's earnings are its conversions and those of whom it recruited, by page, campaign and day in UTC", async () => {
    const ids = rows("conversions").map(({ id }) => id as bigint);
    const middle = sorted(
      ids.map((id) => ({ id })),
      ({ id }) => id,
    )[Math.floor(ids.length / 2)].id as bigint;
    for (const partner of [history.partner, `0x${"3".padStart(40, "0")}`])
      for (const query of [
        { limit: 1_000 },
        { limit: 7 },
        { limit: 1_000, campaignId: campaigns()[1] },
        { limit: 5, before: middle },
        { limit: 7, after: middle },
        { limit: 1_000, days: { from: dayAgo(3), to: dayAgo(1) } },
        { limit: 1_000, campaignId: campaigns()[0], days: { from: dayAgo(4), to: dayAgo(2) } },
      ] as {
        limit: number;
        campaignId?: string;
        before?: bigint;
        after?: bigint;
        days?: { from: string; to: string };
      }[]) {
        const own = new Set(rows("partnerships").flatMap((row) => (row.partner === partner ? [row.id] : [])));
        const sources = rows("partnerships").filter(({ id, recruiter_id }) => own.has(id) || own.has(recruiter_id));
        const { before, after, ...rest } = query;
        const inOrder = newest(
          rows("conversions").filter(
            (row) =>
              sources.some(({ id }) => id === row.partnership_id) &&
              (query.campaignId === undefined || row.campaign_id === query.campaignId) &&
              (query.before === undefined || row.id < query.before) &&
              (query.after === undefined || row.id > query.after) &&
              (query.days === undefined ||
                (dayOf(row.received_at) >= query.days.from && dayOf(row.received_at) < query.days.to)),
          ),
        );
        const expected = (after === undefined ? inOrder : inOrder.toReversed()).slice(0, query.limit);
        const place = { sort: after === undefined ? "newest" : "oldest", from: after ?? before ?? MAX_ID } as const;
        const found = await readEarnings(database, partner, { ...rest, ...place });
        expect(found.map(({ id }) => id)).to.deep.equal(expected.map(({ id }) => id));
        expect(found.length, "something").to.be.greaterThan(0);
        for (const [i, row] of found.entries()) {
          const lines = rows("batch_lines").filter(
            (one) => one.digest === expected[i].batch && one.partner === partner,
          );
          const settled = lines.every(({ now }) => ["claimed", "pulled", "refused"].includes(now));
          expect(row.claimed).to.equal(lines.length === 0 ? null : settled);
          expect(row.mine).to.equal(own.has(expected[i].partnership_id));
          expect(row.release_at).to.equal(by("batches", "digest", expected[i].batch)?.release_at ?? null);
          const { flat_amount, rate_bps } = rows("offers").find(
            (offer) => offer.campaign_id === row.campaign_id && offer.offer_id === 1,
          );
          expect(row.offers).to.deep.equal({ 1: { flat: String(flat_amount), rate: rate_bps } });
        }
      }
  });

  it("a partner's lines are found by state, campaign and place, and what can be pulled is worth something and known", async () => {
    const { partner } = history;
    const lines = sorted(
      rows("batch_lines").filter((line) => line.partner === partner),
      ({ digest }) => digest,
      ({ index }) => index,
    );
    expect(new Set(lines.map(({ now }) => now)), "each state").to.have.length(LINE_STATES.length);
    const placed = (list: Row[]) => list.map(({ digest, index }) => `${digest} ${index}`);
    const campaignOf = ({ digest }: Row) => by("batches", "digest", digest).campaign_id;
    for (const state of [undefined, ...LINE_STATES])
      for (const campaignId of [undefined, campaigns()[0]])
        for (const after of [undefined, lines[9], lines[10]])
          for (const limit of [3, 1_000]) {
            const expected = lines.filter(
              (line) =>
                (state === undefined || line.now === state) &&
                (campaignId === undefined || campaignOf(line) === campaignId) &&
                (after === undefined || lines.indexOf(line) > lines.indexOf(after)),
            );
            const found = await readPartnerLines(database, partner, { state, campaignId, after, limit });
            expect(placed(found)).to.deep.equal(placed(expected.slice(0, limit)));
            for (const [i, line] of found.entries())
              expect(line).to.deep.include({
                state: expected[i].now,
                commission: expected[i].commission,
                line: expected[i].lowered ?? expected[i].attested,
                lowered: expected[i].lowered !== null,
              });
          }
    for (const campaignId of campaigns()) {
      const pullable = sorted(
        lines.filter(
          (line) =>
            line.now === "pullable" &&
            campaignOf(line) === campaignId &&
            line.commission > 0n &&
            by("batches", "digest", line.digest).lines_known,
        ),
        ({ digest }) => by("batches", "digest", digest).release_at,
        ({ digest }) => digest,
        ({ index }) => index,
      );
      for (const limit of [2, 1_000])
        expect(placed(await readPullable(database, campaignId, partner, limit))).to.deep.equal(
          placed(pullable.slice(0, limit)),
        );
    }
  });

  it("a report is the sum of its days by group, and a partner's has neither fees nor what others get", async () => {
    const campaignId = history.campaignId;
    const [from, to] = [dayAgo(3), dayAgo(0)];
    const inside = (row: Row) => row.campaign_id === campaignId && dayText(row.day) >= from && dayText(row.day) < to;
    const clicks = rows("clicks").filter(inside);
    for (const by of REPORT_GROUPS)
      for (const partner of [null, history.partner])
        for (const perDay of [true, false]) {
          const days = rows("partner_days").filter(
            (row) =>
              inside(row) &&
              (partner === null || row.partnership_id === partnershipOf(campaignId, partner).id) &&
              row.conversions + row.rejected + row.reversed > 0n,
          );
          const nameOf = (row: Row): string => {
            const offer = rows("offers").find((one) => one.campaign_id === campaignId && one.offer_id === row.offer);
            if (by === "campaign") return "campaign";
            if (by === "partner")
              return rows("partnerships").find(({ id }) => id === row.partnership_id)?.partner ?? "";
            if (by === "event") return row.event;
            if (by === "offer") return row.offer === -1 ? "" : String(row.offer);
            return offer === undefined ? "" : String(offer.kind);
          };
          const groups = new Map<string, Row>();
          const groupOf = (day: string, name: string) => {
            const key = `${perDay ? day : ""} ${name}`;
            const none = {
              clicks: 0n,
              conversions: 0n,
              rejected: 0n,
              reversed: 0n,
              volume: 0n,
              commission: 0n,
              fees: 0n,
            };
            const group = groups.get(key) ?? { day: perDay ? day : "", name, ...none, reversed_commission: 0n };
            groups.set(key, group);
            return group;
          };
          for (const row of days) {
            const group = groupOf(dayText(row.day), nameOf(row));
            for (const column of ["conversions", "rejected", "reversed", "volume"]) group[column] += row[column];
            group.commission += partner === null ? row.commission : row.partner_commission;
            group.fees += partner === null ? row.fees : 0n;
            group.reversed_commission += partner === null ? row.reversed_commission : row.reversed_partner_commission;
          }
          if (by === "campaign" || by === "partner")
            for (const row of clicks)
              if (partner === null || row.partner === partner)
                groupOf(dayText(row.day), by === "campaign" ? "campaign" : row.partner).clicks += row.clicks;
          const expected = sorted(
            [...groups.values()],
            ({ day }) => day,
            ({ name }) => name,
          );
          const query = { campaignId, from, to, partner, by, perDay };
          expect(await readReport(database, { ...query, limit: 1_000 })).to.deep.equal(expected);
          expect(await readReport(database, { ...query, limit: 1 })).to.deep.equal(expected.slice(0, 1));
        }
  });

  it("lines are priced by the offers that cover the whole period, and offers are found by event and end", async () => {
    for (const campaignId of campaigns()) {
      const { fee_bps, unit_exponent } = by("campaigns", "id", campaignId);
      const offers = rows("offers").filter((offer) => offer.campaign_id === campaignId);
      for (const [periodFrom, periodTo] of [
        [5_000, NOW - 1_000],
        [4_999, NOW - 1_000],
        [5_000, NOW - 999],
        [6_000, NOW],
      ] as const) {
        const priceOf = await readPrices(database, campaignId, { periodFrom, periodTo });
        for (const offerId of [1, 2, 3, 4, 5, 6, 7]) {
          const offer = offers.find(({ offer_id }) => offer_id === offerId);
          const covers = offer !== undefined && offer.valid_from <= periodFrom && offer.valid_to >= periodTo;
          const unit = 10n ** BigInt(unit_exponent);
          const commission = covers ? 3n * offer.flat_amount + (777n * unit * BigInt(offer.rate_bps)) / 10_000n : 0n;
          const fee = (commission * BigInt(fee_bps)) / 10_000n;
          expect(priceOf({ offerId, count: 3, volumeUnits: 777n }), `offer ${offerId}`).to.deep.equal({
            commission,
            fee,
          });
        }
      }
      for (const events of [undefined, ["lead"], ["sale", "lead"], ["nothing"]])
        for (const second of [NOW - 1_001, NOW - 1_000, NOW + 1_000]) {
          const expected = sorted(
            offers.filter((one) => (events?.includes(one.event) ?? true) && one.valid_to > second),
            ({ offer_id }) => offer_id,
          );
          const found = await readOffers(database, campaignId, events, second);
          expect(found.map(({ offerId }) => offerId)).to.deep.equal(expected.map(({ offer_id }) => offer_id));
          for (const [i, one] of found.entries())
            expect([one.event, one.kind, one.partner ?? null, one.flatAmount, one.rateBps, one.capUnits]).to.deep.equal(
              ["event", "kind", "partner", "flat_amount", "rate_bps", "cap_units"].map((column) => expected[i][column]),
            );
        }
      expect(await readRates(database, campaignId)).to.deep.equal(
        new Map(offers.map((o) => [o.offer_id, { kind: o.kind, flatAmount: o.flat_amount, rateBps: o.rate_bps }])),
      );
      expect(await readValidity(database, campaignId)).to.deep.equal(
        new Map(offers.map((o) => [o.offer_id, { from: Number(o.valid_from), to: Number(o.valid_to) }])),
      );
      const endOf = await readKindsEnd(database, campaignId);
      for (const kinds of rows("kinds").filter((row) => row.campaign_id === campaignId)) {
        for (const offer of offers) {
          const bit = 1n << BigInt(offer.kind);
          const ends = (kinds.mask_before & bit) !== 0n && (kinds.mask & bit) === 0n;
          expect(endOf(offer.offer_id, kinds.partner)).to.equal(
            ends ? Number(kinds.effective_at) : Number.POSITIVE_INFINITY,
          );
        }
        expect(endOf(99, kinds.partner), "no such offer").to.equal(Number.POSITIVE_INFINITY);
        expect(await readKinds(database, campaignId, [kinds.partner, "0x"])).to.deep.equal(
          new Map([
            [kinds.partner, { mask: kinds.mask, before: kinds.mask_before, effectiveAt: Number(kinds.effective_at) }],
          ]),
        );
      }
    }
  });

  it("credits are pushed that are wanted and enough, once a day; and pushes stand with what became of them", async () => {
    const tokenOf = (id: string) => by("campaigns", "id", id).token;
    const now = Date.now();
    const isRecent = ({ created_at }: Row) => created_at.getTime() > now - DAY * 1000;
    const credits = new Map<string, bigint>();
    for (const { campaign_id, partner, credited } of rows("line_sums")) {
      const key = `${partner} ${tokenOf(campaign_id)}`;
      credits.set(key, (credits.get(key) ?? 0n) + credited);
    }
    const median = sorted(
      [...credits.values()].map((credit) => ({ credit })),
      ({ credit }) => credit,
    )[credits.size >> 1].credit;
    const token = tokenOf(history.campaignId);
    for (const rules of [undefined, [{ token, minimum: median }], [{ token: "0xother", minimum: 1n }]]) {
      const expected = [...credits].flatMap(([key, credit]) => {
        const [owner] = key.split(" ");
        const least = rules === undefined ? 1n : (rules.find((rule) => rule.token === token)?.minimum ?? undefined);
        const isWanted = rows("push_settings").every((row) => row.wallet !== owner || row.wanted);
        const hadOne = rows("pushes").some((row) => row.owner === owner && isRecent(row));
        return least !== undefined && credit > 0n && credit >= least && isWanted && !hadOne
          ? [{ owner, tokens: [token], minimums: [least] }]
          : [];
      });
      expect(await readDuePushes(database, rules, 100)).to.have.deep.members(expected);
    }
    const carried = ({ id }: Row) =>
      rows("transactions").find((row) => row.purpose === `push:${id}` && row.state !== "lost");
    expect((await readWaitingPushes(database)).map(({ id }) => id)).to.deep.equal(
      sorted(
        rows("pushes").filter((row) => row.problem === null && isRecent(row) && carried(row) === undefined),
        ({ id }) => id,
      ).map(({ id }) => id),
    );
    for (const limit of [2, 100]) {
      const its = newest(rows("pushes").filter(({ owner }) => owner === history.partner)).slice(0, limit);
      expect(
        (await readPushes(database, history.partner, limit)).map(({ id, state, hash }) => [id, state, hash]),
      ).to.deep.equal(its.map((row) => [row.id, carried(row)?.state ?? null, carried(row)?.hash ?? null]));
    }
  });

  it("a campaign's health is that of its latest conversions", async () => {
    for (const latest of [10, 10_000]) {
      const its = newest(rows("conversions").filter((row) => row.campaign_id === history.campaignId)).slice(0, latest);
      const waiting = its.filter(({ state }) => ["accepted", "batched"].includes(state));
      const median = (state: string) => {
        const seconds = its.flatMap((row) => {
          const moves = rows("conversion_moves").filter(
            (move) => move.conversion_id === row.id && move.state === state,
          );
          return moves.length === 0
            ? []
            : [(Math.min(...moves.map((move) => move.moved_at)) - row.received_at.getTime()) / 1000];
        });
        const ordered = seconds.toSorted((a, b) => a - b);
        const middle = (ordered.length - 1) / 2;
        return ordered.length === 0
          ? null
          : ((ordered[Math.floor(middle)] ?? 0) + (ordered[Math.ceil(middle)] ?? 0)) / 2;
      };
      const found = await readHealth(database, history.campaignId, latest);
      expect(found).to.deep.include({
        conversions: BigInt(its.filter(({ state }) => state !== "rejected").length),
        attested: sum(
          its.filter(({ state }) => state !== "rejected"),
          "commission",
        ),
        reversed: sum(
          its.filter(({ state }) => state === "reversed"),
          "commission",
        ),
        waiting: BigInt(waiting.length),
        oldest: waiting.length === 0 ? null : new Date(Math.min(...waiting.map(({ received_at }) => received_at))),
      });
      for (const [seconds, state] of [
        [found.to_attest, "attested"],
        [found.to_release, "released"],
      ] as const) {
        const expected = median(state);
        if (expected === null) expect(seconds).to.equal(null);
        else expect(Math.abs(Number(seconds) - expected)).to.be.below(0.01);
      }
    }
  });
});

const dayText = (day: Date | string) =>
  typeof day === "string" ? day : new Date(day.getTime() - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
