import type { target } from "@partner-programs/protocol/targets";
import { expect } from "chai";
import { id } from "ethers";
import { pino } from "pino";
import type { z } from "zod";
import { type LocalRelayer, openRelayer, PROGRAMS } from "#harness/relayer.ts";
import { createFailures } from "#relayer/failures.ts";
import { releaseConversions } from "#relayer/store/conversions.ts";
import { postponeDueRewards, readDueRewards } from "#relayer/store/targets.ts";
import { payUnpaid, reward } from "#relayer/worker/reward.ts";

const EVENTS = [
  { name: "sale", title: "A sale", perCustomer: null },
  { name: "bonus", title: "A bonus", perCustomer: null },
];
const SALE = { kind: 0, rateBps: 1_000 };
/** Pays a bonus as it stands. */
const BONUS = { event: "bonus", kind: 0, rateBps: 10_000 };
const MONTH = new Date().toISOString().slice(0, 7);

describe("rewarding partners for targets", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
    await market.database.query(
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
       VALUES (31337, $1, 100, $2, 0, 90, 0)`,
      [PROGRAMS, id("100")],
    );
  });
  after(() => market?.close());

  /** What was noted as failed, in the words of its log. */
  const failed: Record<string, unknown>[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void failed.push(JSON.parse(line)) });
  let counted = 0;
  const failures = createFailures(log, () => counted++);
  const work = () => ({ database: market.database, intake: market.intake, failures });
  const count = () => reward(work(), Date.now());

  async function open(targets: z.input<typeof target>[], rest: Parameters<LocalRelayer["openCampaign"]>[0] = {}) {
    const campaign = await market.openCampaign({ events: EVENTS, offers: [SALE, BONUS], targets, ...rest });
    return {
      ...campaign,
      /** So many sales, each by itself. */
      async sell(ada: Awaited<ReturnType<typeof campaign.join>>, volumes: readonly string[]): Promise<string[]> {
        const answers = await Promise.all(
          volumes.map((volume) => campaign.report({ volume, referralToken: ada.click() })),
        );
        return answers.map(({ status, body }) => {
          expect(status, JSON.stringify(body)).to.equal(201);
          return body.id as string;
        });
      },
      /** What waits is attested and its hold over, at a final block or at one that may still go. */
      async settle({ final = true } = {}) {
        const digest = await campaign.attest(-60);
        await releaseConversions(market.database, { batch: digest }, id(`release of ${digest}`));
        await market.database.query("UPDATE batches SET state = 'released' WHERE digest = $1", [digest]);
        await market.database.query("UPDATE chain_cursor SET final_time = $1", [
          Math.floor(Date.now() / 1000) - (final ? 0 : 120),
        ]);
      },
      bonuses: async () =>
        market.database.query<{ order_id: string; state: string; reason: string | null; commission: bigint }>(
          "SELECT order_id, state, reason, commission FROM conversions WHERE campaign_id = $1 AND event = 'bonus' ORDER BY order_id",
          [campaign.campaignId],
        ),
    };
  }

  const TEN: z.input<typeof target> = {
    name: "three",
    title: "Three in a month",
    period: "month",
    counts: ["sale"],
    steps: [{ conversions: 3, bonus: "50" }],
  };
  const orderOf = (partner: string, step = 1, name = "three", period = MONTH) =>
    `target:${name}:${period}:${step}:${partner.toLowerCase()}`;

  it("a step that is reached becomes one bonus, once the hold of what counts is over for good", async () => {
    const campaign = await open([TEN]);
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    await campaign.sell(ada, ["10", "10", "10"]);
    await campaign.sell(bob, ["10", "10"]);
    await count();
    expect(await campaign.bonuses(), "nothing is attested").to.deep.equal([]);
    await campaign.settle({ final: false });
    await count();
    expect(await campaign.bonuses(), "the block may still go").to.deep.equal([]);
    await campaign.settle();
    await count();
    const paid = [{ order_id: orderOf(ada.wallet), state: "accepted", reason: null, commission: 50_000_000n }];
    expect(await campaign.bonuses()).to.deep.equal(paid);
    expect(await campaign.promised(), "with the fee").to.equal(52_500_000n);
    const listed = (await market.call("GET", "/v1/conversions?limit=1", { token: ada.token })).body.items[0];
    expect(listed).to.include({ event: "bonus", state: "accepted", commission: "50000000" });

    // Again and at once, as a second relayer and a restart would; and with more of the same month.
    await market.database.query("UPDATE announced_descriptions SET targets_at = NULL");
    await Promise.all([count(), count()]);
    await campaign.settle();
    await campaign.sell(ada, ["10"]);
    await campaign.settle();
    await count();
    expect(await campaign.bonuses()).to.have.lengthOf(1);
  });

  it("what was taken back in its hold does not count, nor does another event or another month", async () => {
    const campaign = await open([TEN]);
    const ada = await campaign.join();
    const [first = "", second = ""] = await campaign.sell(ada, ["10", "10", "10", "10"]);
    await campaign.refund(first, undefined);
    await market.database.query("UPDATE conversions SET received_at = received_at - interval '40 days' WHERE id = $1", [
      second,
    ]);
    await campaign.settle();
    await count();
    expect(await campaign.bonuses()).to.deep.equal([]);
    await campaign.sell(ada, ["10"]);
    await campaign.settle();
    await count();
    expect(await campaign.bonuses()).to.have.lengthOf(1);
  });

  it("volume counts as it pays: up to the offer's cap, without what was given back", async () => {
    const campaign = await open([{ ...TEN, steps: [{ volume: "250", bonus: "5" }] }], {
      offers: [{ ...SALE, capUnits: 10_000n }, BONUS],
    });
    const ada = await campaign.join();
    const [, , third = ""] = await campaign.sell(ada, ["1000", "100", "70"]);
    expect((await campaign.refund(third, { volume: "21", refundId: "r" })).status).to.equal(202);
    await campaign.settle();
    await count();
    expect(await campaign.bonuses(), "100 + 100 + 49").to.deep.equal([]);
    await campaign.sell(ada, ["1"]);
    await campaign.settle();
    await count();
    expect((await campaign.bonuses()).map(({ commission }) => commission)).to.deep.equal([5_000_000n]);
  });

  it("of tiers each is paid, or what the highest is above the one before", async () => {
    const steps = [
      { conversions: 1, bonus: "10" },
      { conversions: 2, bonus: "25" },
      { conversions: 9, bonus: "90" },
    ];
    const targets: z.input<typeof target>[] = [
      { ...TEN, name: "each", steps },
      { ...TEN, name: "highest", period: "once", pays: "highest", steps },
    ];
    const campaign = await open(targets);
    const ada = await campaign.join();
    await campaign.sell(ada, ["10", "10"]);
    await campaign.settle();
    await count();
    const paid = (await campaign.bonuses()).map(({ order_id, commission }) => [order_id, commission]);
    expect(paid).to.deep.equal([
      [orderOf(ada.wallet, 1, "each"), 10_000_000n],
      [orderOf(ada.wallet, 2, "each"), 25_000_000n],
      [orderOf(ada.wallet, 1, "highest", "once"), 10_000_000n],
      [orderOf(ada.wallet, 2, "highest", "once"), 15_000_000n],
    ]);
  });

  it("a target for a group pays no other, whatever other offers there are", async () => {
    const campaign = await open([{ ...TEN, kinds: [5], steps: [{ conversions: 1, bonus: "10" }] }]);
    const ada = await campaign.join();
    await campaign.sell(ada, ["10"]);
    await campaign.settle();
    await count();
    expect((await campaign.bonuses())[0]).to.include({ state: "rejected", reason: "no_offer" });
  });

  it("what the budget does not cover is paid when it does", async () => {
    const campaign = await open([{ ...TEN, steps: [{ conversions: 1, bonus: "10" }] }], { budget: 5_000_000n });
    const ada = await campaign.join();
    await campaign.sell(ada, ["10"]);
    await campaign.settle();
    await count();
    expect((await campaign.bonuses())[0]).to.include({ state: "rejected", reason: "budget_exhausted" });
    await market.database.query("UPDATE campaigns SET available = 100000000 WHERE id = $1", [campaign.campaignId]);
    await payUnpaid(work(), Date.now());
    expect((await campaign.bonuses())[0]).to.include({ state: "accepted", reason: null, commission: 10_000_000n });
  });

  it("what was promised for a period holds until it is over; what appears in it counts from its beginning", async () => {
    const campaign = await open([]);
    const ada = await campaign.join();
    await campaign.sell(ada, ["10", "10", "10"]);
    await campaign.settle();
    await count();
    const announce = async (targets: z.input<typeof target>[], secondsAgo: number) => {
      await market.describe(campaign.campaignId, { events: EVENTS, targets });
      await market.database.query(
        `UPDATE announced_descriptions SET effective_at = extract(epoch FROM now())::bigint - $2
         WHERE id = (SELECT max(id) FROM announced_descriptions WHERE campaign_id = $1)`,
        [campaign.campaignId, secondsAgo],
      );
    };
    await announce([TEN], 2);
    await announce([{ ...TEN, steps: [{ conversions: 3, bonus: "1" }] }], 1);
    await announce([], 0);
    await count();
    expect((await campaign.bonuses()).map(({ commission }) => commission)).to.deep.equal([50_000_000n]);
  });

  it("a bonus is paid though the next description drops its event, whether it is earned after that or was not paid before", async () => {
    const ONE = [{ ...TEN, steps: [{ conversions: 1, bonus: "10" }] }];
    const campaign = await open(ONE);
    const ada = await campaign.join();
    await campaign.sell(ada, ["10"]);
    await campaign.settle();
    // In force now; of the period that began before it, the target holds.
    await market.describe(campaign.campaignId, { events: EVENTS.slice(0, 1) });
    await market.database.query(
      `UPDATE announced_descriptions SET effective_at = extract(epoch FROM now())::bigint
       WHERE id = (SELECT max(id) FROM announced_descriptions WHERE campaign_id = $1)`,
      [campaign.campaignId],
    );
    await count();
    const paid = { state: "accepted", reason: null, commission: 10_000_000n };
    expect((await campaign.bonuses())[0]).to.include(paid);

    const poor = await open(ONE, { budget: 5_000_000n });
    const bob = await poor.join();
    await poor.sell(bob, ["10"]);
    await poor.settle();
    await count();
    expect((await poor.bonuses())[0]).to.include({ state: "rejected", reason: "budget_exhausted" });
    // An event of the same name, for customers: it says nothing of what was promised.
    await market.describe(poor.campaignId, {
      events: [EVENTS[0], { name: "bonus", title: "", perCustomer: 1 }] as typeof EVENTS,
    });
    await market.database.query("UPDATE campaigns SET available = 100000000 WHERE id = $1", [poor.campaignId]);
    await payUnpaid(work(), Date.now());
    expect((await poor.bonuses())[0]).to.include(paid);
  });

  it("what was rejected for an event that the description did not know is judged again", async () => {
    const campaign = await open([{ ...TEN, steps: [{ conversions: 1, bonus: "10" }] }], { budget: 5_000_000n });
    const ada = await campaign.join();
    await campaign.sell(ada, ["10"]);
    await campaign.settle();
    await count();
    for (const reason of ["unknown_event", "conditions_not_met", "below_minimum"]) {
      await market.database.query("UPDATE conversions SET reason = $2 WHERE campaign_id = $1 AND event = 'bonus'", [
        campaign.campaignId,
        reason,
      ]);
      await payUnpaid(work(), Date.now());
      expect((await campaign.bonuses())[0]).to.include({ state: "rejected", reason: "budget_exhausted" });
    }
  });

  it("a bonus that cannot be taken in is logged, counted, and tried again; the others of its campaign are paid", async () => {
    const campaign = await open([{ ...TEN, steps: [{ conversions: 1, bonus: "10" }] }]);
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    await campaign.sell(ada, ["10"]);
    await campaign.sell(bob, ["10"]);
    await campaign.settle();
    const answer = new Error("somebody else's order");
    const broken = { ...work(), intake: { ...market.intake, reward: refuse(orderOf(ada.wallet), answer) } };
    const [before, logged] = [counted, failed.length];
    await reward(broken, Date.now());
    expect((await campaign.bonuses()).map((one) => one.order_id)).to.deep.equal([orderOf(bob.wallet)]);
    expect(counted - before).to.equal(1);
    expect(failed.slice(logged)[0]).to.include({
      job: "reward",
      campaignId: campaign.campaignId,
      orderId: orderOf(ada.wallet),
      error: "Error: somebody else's order",
    });
    await count();
    expect(await campaign.bonuses(), "not in each round").to.have.lengthOf(1);
    await market.database.query("UPDATE rewards_due SET retry_at = now()");
    await count();
    expect(await campaign.bonuses()).to.have.lengthOf(2);
    expect(await market.database.query("SELECT 1 FROM rewards_due")).to.deep.equal([]);

    /** Takes in what it is given, but for one order. */
    function refuse(orderId: string, error: Error): LocalRelayer["intake"]["reward"] {
      return async (campaignId, bonuses, now) => {
        const good = bonuses.filter((one) => one.orderId !== orderId);
        const taken = (await market.intake.reward(campaignId, good, now)).values();
        return bonuses.map((one) => (one.orderId === orderId ? error : (taken.next().value as Error)));
      };
    }
  });

  it("many unpaid bonuses of one campaign hold up those of no other, nor of each other", async () => {
    const one = [{ ...TEN, steps: [{ conversions: 1, bonus: "10" }] }];
    const both = [await open(one, { budget: 6_000_000n }), await open(one, { budget: 6_000_000n })];
    // The first by its id has more than are judged at once.
    const [many, few] = both.sort((a, b) => (a.campaignId < b.campaignId ? -1 : 1)) as [
      (typeof both)[0],
      (typeof both)[0],
    ];
    const partners = [await many.join(), await many.join(), await many.join()];
    for (const partner of partners) await many.sell(partner, ["10"]);
    await few.sell(await few.join(), ["10"]);
    for (const campaign of both) await campaign.settle();
    await count();
    // What the tests before left unpaid has no turn in this one.
    await market.database.query(
      "UPDATE conversions SET reason = 'self_referral' WHERE state = 'rejected' AND campaign_id <> ALL($1::text[])",
      [both.map(({ campaignId }) => campaignId)],
    );
    const states = async (of: typeof few) => (await of.bonuses()).map(({ state }) => state);
    expect(await states(many)).to.deep.equal(["rejected", "rejected", "rejected"]);
    await market.database.query("UPDATE campaigns SET available = 100000000 WHERE id = $1", [few.campaignId]);
    await payUnpaid(work(), Date.now(), 2);
    expect(await states(few)).to.deep.equal(["accepted"]);
    // Of its own, who waited longest is next: each had its turn after two more.
    const judged = async () =>
      (
        await market.database.query(
          "SELECT 1 FROM bonuses_judged JOIN conversions c ON c.id = conversion_id WHERE campaign_id = $1",
          [many.campaignId],
        )
      ).length;
    expect(await judged()).to.equal(1);
    await payUnpaid(work(), Date.now(), 2);
    expect(await judged()).to.equal(3);
  });

  it("partners of whom more is reached are seen to campaign by campaign in turn", async () => {
    const [large, small] = [await open([]), await open([])];
    const due = async (of: typeof large, wallet: string) =>
      market.database.query(
        `INSERT INTO rewards_due (partnership_id, month, campaign_id, retry_at)
         SELECT id, date_trunc('month', now())::date, campaign_id, now() - interval '1 hour' FROM partnerships WHERE campaign_id = $1 AND partner = $2`,
        [of.campaignId, wallet],
      );
    for (let i = 0; i < 3; i++) await due(large, (await large.join()).wallet);
    await due(small, (await small.join()).wallet);
    await market.database.query("UPDATE rewards_due SET retry_at = now() WHERE campaign_id = $1", [small.campaignId]);
    const first = await readDueRewards(market.database, 2);
    expect(first.map(({ campaign_id }) => campaign_id)).to.deep.equal([large.campaignId, small.campaignId]);
    await postponeDueRewards(market.database, first, 600);
    expect((await readDueRewards(market.database, 500)).map(({ campaign_id }) => campaign_id)).to.deep.equal([
      large.campaignId,
      large.campaignId,
    ]);
    await market.database.query("DELETE FROM rewards_due");
  });

  it("nobody reports a bonus", async () => {
    const campaign = await open([TEN]);
    const ada = await campaign.join();
    const { status, body } = await campaign.report({ event: "bonus", volume: "50", referralToken: ada.click() });
    expect(status).to.equal(400);
    expect(body.detail).to.match(/^"bonus" is the event of the campaign's bonuses, which nobody reports/);
  });
});
