import { expect } from "chai";
import { pino } from "pino";
import { type LocalRelayer, newWallet, openRelayer, SECRET } from "#harness/relayer.ts";
import { createFailures } from "#relayer/failures.ts";
import { announceMoves, moveConversions } from "#relayer/store/conversions.ts";
import { keepLeads } from "#relayer/store/leads.ts";
import { forgetNews, tellBudgets } from "#relayer/store/news.ts";
import { attempt as attemptOrNote, setAsideForDifference } from "#relayer/store/setAside.ts";
import { createDeliverer, type Deliverer } from "#relayer/webhooks/deliverer.ts";
import { CONVERSION_EVENTS, EVENTS, NEWS_EVENTS } from "#relayer/webhooks/message.ts";
import { openReceiver, verifyMessage } from "../../support/receiver.ts";

const DAY = 86_400_000;

describe("a brand's webhooks", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  let deliverer: Deliverer;
  const log = pino({ level: "silent" });
  const config = { RELAYER_SECRET: SECRET, WEBHOOKS_ALLOW_PRIVATE: true, WEBHOOKS_RETRY_SCALE: 0 };

  before(async () => {
    market = await openRelayer({ config });
    receiver = await openReceiver();
    deliverer = createDeliverer({ database: market.database, config, failures: createFailures(log), log });
  });
  after(async () => {
    await deliverer?.stop();
    await receiver?.close();
    await market?.close();
  });

  type Campaign = Awaited<ReturnType<LocalRelayer["openCampaign"]>>;
  const subscribe = async ({ campaignId, brandToken: token }: Campaign, json: object = {}, path = "hook") => {
    const answer = await market.call("POST", `/v1/campaigns/${campaignId}/webhooks`, {
      token,
      json: { url: `${receiver.url}/${path}`, ...json },
    });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  /** What came since it was asked last, in its order. */
  const told = async () => {
    await announceMoves(market.database);
    await deliverer.deliver();
    await deliverer.idle();
    return receiver.got.splice(0).map((message) => ({ ...message, ...JSON.parse(message.text) }));
  };
  const types = async () => (await told()).map(({ type }) => type);

  it("tell of leads, each move in its order, and of none that a partner has elsewhere", async () => {
    const draft = { leads: { answerDays: 7, protectedDays: 30 } };
    const [campaign, other] = [await market.openCampaign(draft), await market.openCampaign(draft)];
    const { secret } = await subscribe(campaign, { events: NEWS_EVENTS.filter((type) => type.startsWith("lead.")) });
    const ada = await campaign.join();
    await other.join(ada.wallet);
    const register = async (of: Campaign, company: string) =>
      (
        await market.call("POST", `/v1/campaigns/${of.campaignId}/leads`, {
          token: ada.token,
          json: { company, email: "it@acme.com", name: "Eve", note: "Soon." },
        })
      ).body.id as string;
    const decide = (id: string, json: object) =>
      market.call("POST", `/v1/campaigns/${campaign.campaignId}/leads/${id}/decisions`, {
        token: campaign.brandToken,
        json,
      });
    await register(other, "acme.com");
    const one = await register(campaign, "acme.com");
    const qualified = await decide(one, { decision: "qualify", customerId: "c-1" });
    expect(qualified.status, qualified.body.detail).to.equal(200);
    const first = await told();
    expect(first.map(({ type }) => type)).to.deep.equal(["lead.registered", "lead.qualified"]);
    const [message] = first;
    expect(await verifyMessage(message, secret)).to.equal(true);
    expect(message.headers["webhook-id"]).to.equal(`news_${message.data.newsId}`);
    expect(message.data).to.include({
      campaignId: campaign.campaignId,
      id: one,
      partner: ada.wallet,
      state: "registered",
    });
    expect(message.data.answerBy).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(message.text, "who it is stays sealed").to.not.match(/acme|Eve|Soon/);
    await campaign.report({ volume: "10", customerId: "c-1", referralToken: ada.click() });
    await keepLeads(market.database, campaign.campaignId, Date.now());
    const [won, ...more] = await told();
    expect(more).to.deep.equal([]);
    expect(won.type).to.equal("lead.won");
    expect(won.data.conversionId).to.match(/^\d+$/);

    await market.database.query("DELETE FROM lead_names");
    const two = await register(campaign, "beta.com");
    await decide(two, { decision: "reject", reason: "no_fit" });
    await market.database.query("DELETE FROM lead_names");
    await register(campaign, "gamma.com");
    await keepLeads(market.database, campaign.campaignId, Date.now() + 60 * DAY);
    expect((await types()).sort()).to.deep.equal([
      "lead.lapsed",
      "lead.registered",
      "lead.registered",
      "lead.rejected",
    ]);
  });

  it("tell of partners and applications, of their own campaign alone and of what they chose", async () => {
    const campaign = await market.openCampaign({});
    const other = await market.openCampaign({});
    await subscribe(campaign, { events: ["application.received"] }, "applications");
    await subscribe(campaign, { events: ["partner.joined"] }, "partners");
    await subscribe(other, {}, "other");
    const ada = await campaign.join();
    const bob = await campaign.join(newWallet(), ada.code);
    await market.database.query("UPDATE campaigns SET open_kinds = 0 WHERE id = $1", [campaign.campaignId]);
    const eve = newWallet();
    const applied = await market.call("POST", `/v1/campaigns/${campaign.campaignId}/applications`, {
      token: await market.openSession(eve),
      json: { answers: [] },
    });
    expect(applied.status, JSON.stringify(applied.body)).to.equal(201);
    const got = await told();
    expect(got.map(({ path, type, data }) => [path, type, data.partner]).sort()).to.deep.equal(
      [
        ["/applications", "application.received", eve],
        ["/partners", "partner.joined", ada.wallet],
        ["/partners", "partner.joined", bob.wallet],
      ].sort(),
    );
    expect(got.find(({ data }) => data.partner === bob.wallet).data.recruiter).to.equal(ada.wallet);
  });

  it("tell of what is told in a transaction when it is there, and of nothing that was rolled back", async () => {
    const campaign = await market.openCampaign({});
    await subscribe(campaign, { events: ["partner.joined"] });
    const join = (partner: string, fails: boolean) =>
      market.database
        .transaction(async (sql) => {
          await sql.query("INSERT INTO partnerships (campaign_id, partner) VALUES ($1, $2)", [
            campaign.campaignId,
            partner,
          ]);
          if (fails) throw new Error("rolled back");
        })
        .catch((error: Error) => expect(error.message).to.equal("rolled back"));
    await join(newWallet(), true);
    const ada = newWallet();
    await join(ada, false);
    expect((await told()).map(({ data }) => data.partner)).to.deep.equal([ada]);
  });

  it("tell once that a target is reached, that a budget is low and then gone, and each time that a campaign is set aside", async () => {
    const campaign = await market.openCampaign({ budget: 100_000_000n });
    const { id } = await subscribe(campaign, {
      events: ["target.reached", "campaign.budget_low", "campaign.set_aside"],
    });
    const ada = await campaign.join();
    const { id: partnershipId } = (
      await market.database.query<{ id: bigint }>("SELECT id FROM partnerships WHERE campaign_id = $1", [
        campaign.campaignId,
      ])
    )[0] as { id: bigint };
    const orderId = `target:ten:2026-11:1:${ada.wallet.toLowerCase()}`;
    const reached = { partner: ada.wallet, target: "ten", title: "Ten", period: "2026-11", step: 1 };
    const bonus = { partnershipId, event: "bonus", orderId, amount: 5_000_000n, kinds: undefined, reached };
    for (const _ of [1, 2]) await market.intake.reward(campaign.campaignId, [bonus], Date.now());
    const [message, ...more] = await told();
    expect(more).to.deep.equal([]);
    expect(message.data).to.deep.include({ ...reached, campaignId: campaign.campaignId, orderId, bonus: "5000000" });

    const budgets = async (available: bigint, funded = 100_000_000n) => {
      await market.database.query(
        "UPDATE campaigns SET available = $2, funded = $3, promised = 0, reserved = $4 WHERE id = $1",
        [campaign.campaignId, available, funded, 60_000_000n],
      );
      await tellBudgets(market.database);
      await tellBudgets(market.database);
      return (await told()).map(({ type, data }) => [type, data.what, data.left]);
    };
    expect(await budgets(60_000_000n)).to.deep.equal([]);
    expect(await budgets(59_000_000n)).to.deep.equal([["campaign.budget_low", "low", "59000000"]]);
    expect(await budgets(0n)).to.deep.equal([["campaign.budget_low", "exhausted", "0"]]);
    expect(await budgets(0n)).to.deep.equal([]);
    expect(await budgets(10_000_000n, 110_000_000n), "paid in more").to.deep.equal([
      ["campaign.budget_low", "low", "10000000"],
    ]);
    await market.database.query("UPDATE campaigns SET funded = $2, available = $2, reserved = 0 WHERE id = $1", [
      campaign.campaignId,
      10n ** 12n,
    ]);

    for (const _ of [1, 2]) {
      await setAsideForDifference(market.database, campaign.campaignId, 7, "available is 1, and 2 there");
      await market.database.query("DELETE FROM set_aside");
    }
    const aside = await told();
    expect(aside.map(({ type, data }) => [type, data.block, data.reason])).to.deep.equal([
      ["campaign.set_aside", 7, "available is 1, and 2 there"],
      ["campaign.set_aside", 7, "available is 1, and 2 there"],
    ]);
    // A campaign of whose creation nothing is known stands aside without a word, and stops nothing.
    const unknown = await market.database.transaction((sql) =>
      attemptOrNote(sql, () => setAsideForDifference(sql, `0x${"f".repeat(64)}`, 7, "?")),
    );
    expect(unknown).to.equal(undefined);
    await market.database.query("DELETE FROM set_aside");

    // The page of deliveries has them, by type, and one is sent again as it was.
    const path = `/v1/webhooks/${id}/deliveries`;
    const list = async (query = "") =>
      (await market.call("GET", `${path}${query}`, { token: campaign.brandToken })).body.items;
    expect(await list()).to.have.lengthOf(6);
    const [one] = await list("?type=target.reached");
    expect(one).to.include({
      type: "target.reached",
      subject: `partner:${ada.wallet}`,
      moveId: null,
      conversionId: null,
    });
    expect(await list("?type=target.reached")).to.have.lengthOf(1);
    expect(await list("?type=lead.won")).to.deep.equal([]);
    const again = await market.call("POST", `/v1/webhooks/deliveries/${one.id}/redeliveries`, {
      token: campaign.brandToken,
    });
    expect(again.status).to.equal(202);
    const [repeated] = await told();
    expect([repeated.headers["webhook-id"], repeated.text]).to.deep.equal([
      message.headers["webhook-id"],
      message.text,
    ]);
  });

  it("tell what waits to be looked at: flagged once, refused by the attesters each time", async () => {
    const campaign = await market.openCampaign({ fraud: { velocityPerHour: 1 } });
    await subscribe(campaign, { events: ["review.waiting"] });
    const ada = await campaign.join();
    const report = async () => (await campaign.report({ volume: "10", referralToken: ada.click() })).body.id as string;
    await report();
    const flagged = await report();
    const [message, ...more] = await told();
    expect(more).to.deep.equal([]);
    expect(message.data).to.deep.include({
      conversionId: flagged,
      partner: ada.wallet,
      state: "accepted",
      flags: ["velocity"],
    });
    for (const _ of [1, 2]) {
      await moveConversions(market.database, { ids: [BigInt(flagged)], from: ["accepted"], to: "batched" });
      await moveConversions(market.database, { ids: [BigInt(flagged)], from: ["batched"], to: "review" });
      expect((await told()).map(({ data }) => data.state)).to.deep.equal(["review"]);
      await moveConversions(market.database, { ids: [BigInt(flagged)], from: ["review"], to: "accepted" });
      expect(await types()).to.deep.equal([]);
    }
  });

  it("of before go on to be told of what there was, and new ones of all", async () => {
    const campaign = await market.openCampaign({});
    const { id, events, allEvents } = await subscribe(campaign);
    expect([events, allEvents]).to.deep.equal([[...EVENTS], true]);
    // As the migration left one that wanted all that there was.
    await market.database.query("UPDATE webhook_endpoints SET events = $2 WHERE id = $1", [id, [...CONVERSION_EVENTS]]);
    const ada = await campaign.join();
    await campaign.report({ volume: "10", referralToken: ada.click() });
    expect(await types()).to.deep.equal(["conversion.accepted"]);
    const path = `/v1/webhooks/${id}`;
    const changed = await market.call("PATCH", path, { token: campaign.brandToken, json: { events: null } });
    expect(changed.body).to.include({ allEvents: true });
    await campaign.join();
    expect(await types()).to.deep.equal(["partner.joined"]);
    const wrong = await market.call("PATCH", path, { token: campaign.brandToken, json: { events: ["lead.sold"] } });
    expect(wrong.status).to.equal(400);
    // Nothing is kept for one that is off, or for whoever the brand was before.
    await market.call("PATCH", path, { token: campaign.brandToken, json: { enabled: false } });
    await campaign.join();
    await market.call("PATCH", path, { token: campaign.brandToken, json: { enabled: true } });
    await market.database.query("UPDATE campaigns SET brand = $2 WHERE id = $1", [campaign.campaignId, newWallet()]);
    await campaign.join();
    expect(await types()).to.deep.equal([]);
    const kept = await market.database.query("SELECT 1 FROM news WHERE campaign_id = $1", [campaign.campaignId]);
    expect(kept).to.have.lengthOf(1);
    await market.database.query("UPDATE news SET told_at = now() - interval '32 days' WHERE campaign_id = $1", [
      campaign.campaignId,
    ]);
    expect(await forgetNews(market.database)).to.equal(1);
  });
});
