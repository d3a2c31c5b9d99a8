import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";

const MONTH = 31 * 86_400_000;

describe("offers with conditions", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  const EVENTS = [
    {
      name: "sale",
      title: "A sale",
      perCustomer: null,
      attributes: {
        plan: { type: "text" as const, oneOf: ["annual", "monthly"] },
        quantity: { type: "integer" as const },
        gift: { type: "boolean" as const },
      },
    },
  ];
  const offers = [3_000, 1_000, 5_000].map((rateBps) => ({ kind: 0, rateBps }));

  it("staggered lifetimes: 30 % in the customer's first year, then 10 %", async () => {
    const campaign = await market.openCampaign({
      events: EVENTS,
      offers: offers.slice(0, 2),
      conditions: [
        { offers: [1], customer: { months: { below: 12 } } },
        { offers: [2], customer: { months: { from: 12 } } },
      ],
    });
    const ada = await campaign.join();
    const buy = async (given: Record<string, unknown>) =>
      (await campaign.report({ volume: "100", customerId: "c", ...given })).body;
    const first = await buy({ referralToken: ada.click() });
    expect(first).to.include({ commission: "30000000" });
    expect(first.history).to.deep.include({ customer: {} });
    const age = (months: number) =>
      market.database.query("UPDATE conversions SET received_at = now() - make_interval(months => $2) WHERE id = $1", [
        first.id,
        months,
      ]);
    await age(11);
    expect(await buy({})).to.include({ commission: "30000000" });
    await age(12);
    const later = await buy({});
    expect(later).to.include({ commission: "10000000" });
    expect(later.history.customer.sale.conversions).to.equal(2);
    expect(Date.now() - 1000 * later.history.customer.sale.firstAt).to.be.within(11 * MONTH, 13 * MONTH);
  });

  it("first purchase against renewal is counted for the customer; what was taken back does not count", async () => {
    const campaign = await market.openCampaign({
      events: EVENTS,
      offers: offers.slice(0, 2),
      conditions: [{ offers: [1], customer: { purchase: "first" } }],
    });
    const ada = await campaign.join();
    const [one, two] = await Promise.all(
      ["1", "2"].map((orderId) =>
        campaign.report({ orderId, volume: "10", customerId: "c", referralToken: ada.click() }),
      ),
    );
    expect([one?.body.commission, two?.body.commission].sort(), "also at once").to.deep.equal(["1000000", "3000000"]);
    await campaign.refund(one?.body.id, undefined);
    await campaign.refund(two?.body.id, undefined);
    expect((await campaign.report({ volume: "10", customerId: "c" })).body.commission).to.equal("3000000");
    const guest = await campaign.report({ volume: "10", referralToken: ada.click() });
    expect(guest.body.commission, "a guest's first is not known").to.equal("1000000");
  });

  it("attributes choose the offer, whatever is typed in capitals; the best-paying of those that hold counts", async () => {
    const campaign = await market.openCampaign({
      events: EVENTS,
      offers,
      conditions: [
        { offers: [1, 3], attributes: { plan: { oneOf: ["Annual"] } } },
        { offers: [3], attributes: { quantity: { min: 10 } } },
      ],
    });
    const ada = await campaign.join();
    const paid = async (attributes?: unknown) => {
      const { status, body } = await campaign.report({ volume: "10", attributes, referralToken: ada.click() });
      expect(status, JSON.stringify(body)).to.equal(201);
      return [body.commission, body.attributes];
    };
    expect(await paid()).to.deep.equal(["1000000", {}]);
    expect(await paid({ plan: "monthly", quantity: 12 })).to.deep.equal(["1000000", { plan: "monthly", quantity: 12 }]);
    expect(await paid({ plan: "ANNUAL", gift: null })).to.deep.equal(["3000000", { plan: "annual" }]);
    expect(await paid({ quantity: "10", plan: " annual" })).to.deep.equal([
      "5000000",
      { plan: "annual", quantity: 10 },
    ]);
    const listed = await market.call("GET", "/v1/conversions?limit=1", { token: ada.token });
    expect(listed.body.items[0].attributes, "its partner sees why").to.deep.equal({ plan: "annual", quantity: 10 });
  });

  it("say to the brand which condition failed, and the report can be mended", async () => {
    const campaign = await market.openCampaign({
      events: EVENTS,
      offers: offers.slice(0, 1),
      conditions: [{ offers: [1], attributes: { plan: { oneOf: ["annual"] } } }],
    });
    const ada = await campaign.join();
    const report = { orderId: "1", volume: "10", customerId: "c", referralToken: ada.click() };
    const { body } = await campaign.report(report);
    expect(body).to.include({
      state: "rejected",
      reason: "conditions_not_met",
      note: 'Offer 1: plan is not said, and it pays where plan is "annual".',
      commission: "0",
    });
    const own = await market.call("GET", `/v1/conversions/${body.id}`, { token: ada.token });
    expect(own.body).to.include({ reason: "conditions_not_met" }).and.not.to.have.property("note");
    const mended = await campaign.report({ ...report, attributes: { plan: "annual" } });
    expect(mended.status).to.equal(200);
    expect(mended.body).to.include({ id: body.id, state: "accepted", commission: "3000000" });
    expect(mended.body).not.to.have.property("note");
  });

  it("are judged again by the brand's word with what was reported", async () => {
    const campaign = await market.openCampaign({
      events: EVENTS,
      offers: offers.slice(0, 1),
      conditions: [{ offers: [1], attributes: { quantity: { min: 10 } } }],
    });
    const ada = await campaign.join();
    const { body } = await campaign.report({ volume: "10", attributes: { quantity: 5 }, referralToken: ada.click() });
    expect(body).to.include({ reason: "conditions_not_met" });
    await market.describe(campaign.campaignId, { events: EVENTS });
    const again = await market.call("POST", `/v1/conversions/${body.id}/judgements`, { token: campaign.key });
    expect(again.status, JSON.stringify(again.body)).to.equal(200);
    expect(again.body).to.include({ state: "accepted", commission: "3000000" });
    expect(again.body.attributes).to.deep.equal({ quantity: 5 });
  });

  it("equal attributes in any order and spelling are one report, others under its key conflict", async () => {
    const campaign = await market.openCampaign({ events: EVENTS });
    const ada = await campaign.join();
    const send = (attributes: unknown) =>
      campaign.report({ orderId: "1", volume: "10", attributes, referralToken: token }, { "idempotency-key": "k" });
    const token = ada.click();
    const first = await send({ plan: "annual", quantity: 3, gift: true });
    expect(first.status).to.equal(201);
    const spellings = [
      { quantity: 3, gift: true, plan: "annual" },
      { gift: "TRUE", plan: " ANNUAL ", quantity: "3" },
    ];
    for (const attributes of spellings) {
      const { status, body } = await send(attributes);
      expect([status, body.id]).to.deep.equal([200, first.body.id]);
    }
    for (const attributes of [{ plan: "annual", quantity: 4, gift: true }, { plan: "annual", quantity: 3 }, undefined])
      expect((await send(attributes)).status, JSON.stringify(attributes)).to.equal(409);
  });

  it("a name that is not described, or a value of another type, is refused: no other rate is paid silently", async () => {
    const campaign = await market.openCampaign({ events: EVENTS });
    const ada = await campaign.join();
    const refused = async (attributes: unknown) => {
      const { status, body } = await campaign.report({ volume: "10", attributes, referralToken: ada.click() });
      expect(status).to.equal(400);
      return body.detail;
    };
    expect(await refused({ plann: "annual" })).to.equal(
      "attributes.plann is not described; the campaign describes plan, quantity, gift. Correct it, or leave it out.",
    );
    expect(await refused({ constructor: "annual" })).to.match(/^attributes.constructor is not described/);
    expect(await refused({ plan: "weekly" })).to.equal(
      'attributes.plan is "weekly", which is not one of annual, monthly. Correct it, or leave it out.',
    );
    expect(await refused({ quantity: "ten" })).to.match(/^attributes.quantity is "ten", which is not a whole number/);
    expect(await refused({ quantity: 2.5 })).to.match(/^attributes.quantity is "2.5"/);
    expect(await refused({ gift: "constructor" })).to.match(/which is not true or false/);
    expect(await refused({ plan: ["annual"] })).to.match(/attributes.plan: must be a text/);
    expect(await refused({ "Plan!": "annual" })).to.match(/attributes.Plan!: is no name of an attribute/);
    const { items } = (await market.call("GET", "/v1/conversions", { token: campaign.key })).body;
    expect(items, "nothing was taken in").to.deep.equal([]);
  });

  it("a campaign that describes no attributes is told them without harm, as in the first edition", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const attributes = { anything: "at all", count: 2 };
    const { status, body } = await campaign.report({ volume: "10", attributes, referralToken: ada.click() });
    expect([status, body.state, body.commission, body.history]).to.deep.equal([201, "accepted", "2000000", null]);
  });

  it("a file has a column for each", async () => {
    const campaign = await market.openCampaign({
      events: EVENTS,
      offers: offers.slice(0, 2),
      conditions: [{ offers: [1], attributes: { plan: { oneOf: ["annual"] }, gift: { is: false } } }],
    });
    const ada = await campaign.join();
    const rows = [
      "event,orderId,volume,referralToken,attribute:plan,attribute:gift",
      `sale,1,10,${ada.click()},Annual,FALSE`,
      `sale,2,10,${ada.click()},monthly,`,
      `sale,3,10,${ada.click()},weekly,`,
    ];
    const { status, body } = await market.call("POST", "/v1/imports", {
      token: campaign.key,
      body: rows.join("\n"),
      headers: { "content-type": "text/csv" },
    });
    expect([status, body.accepted, body.invalid]).to.deep.equal([201, 2, 1]);
    const paid = async (orderId: string) =>
      (await market.call("GET", `/v1/conversions?orderId=${orderId}`, { token: campaign.key })).body.items[0]
        .commission;
    expect([await paid("1"), await paid("2")]).to.deep.equal(["3000000", "1000000"]);
  });

  it("a code's own offer pays only where its condition holds; the others step in where it does not", async () => {
    const campaign = await market.openCampaign({
      events: EVENTS,
      offers: offers.slice(0, 2),
      conditions: [{ offers: [2], attributes: { plan: { oneOf: ["annual"] } } }],
    });
    const ada = await campaign.join();
    const given = await market.call("POST", `/v1/campaigns/${campaign.campaignId}/code-grants`, {
      token: campaign.brandToken,
      json: { codes: [{ partner: ada.wallet, code: "OWN", offerId: 2 }] },
    });
    expect(given.status, JSON.stringify(given.body)).to.be.within(200, 201);
    const paid = async (plan: string) =>
      (await campaign.report({ volume: "10", code: "own", attributes: { plan } })).body.commission;
    expect(await paid("annual"), "its own, although another pays more").to.equal("1000000");
    expect(await paid("monthly")).to.equal("3000000");
  });

  it("a partner's first days begin when it joined", async () => {
    const campaign = await market.openCampaign({
      events: EVENTS,
      offers: offers.slice(0, 2),
      conditions: [{ offers: [1], partner: { firstDays: 30 } }],
    });
    const ada = await campaign.join();
    const paid = async () => (await campaign.report({ volume: "10", referralToken: ada.click() })).body.commission;
    expect(await paid()).to.equal("3000000");
    await market.database.query("UPDATE partnerships SET created_at = now() - interval '30 days' WHERE partner = $1", [
      ada.wallet,
    ]);
    expect(await paid()).to.equal("1000000");
  });
});
