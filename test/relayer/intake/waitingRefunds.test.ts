import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { besideANeighbour } from "../../support/neighbour.ts";

type Campaign = Awaited<ReturnType<LocalRelayer["openCampaign"]>>;

describe("a refund before its sale is known", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());
  besideANeighbour(() => market);

  const refund = (campaign: Campaign, json: Record<string, unknown>, headers = {}) =>
    market.call("POST", "/v1/refunds", { token: campaign.key, json, headers });
  const waiting = async ({ key }: Campaign, path = "") =>
    (await market.call("GET", `/v1/waiting-refunds${path}`, { token: key })).body;

  it("waits, is shown, and is taken back once the sale comes in", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const asked = await refund(campaign, { orderId: " A-1", refundId: "r-1" });
    expect(asked.status).to.equal(201);
    expect(asked.body).to.include({
      event: "sale",
      orderId: "A-1",
      refundId: "r-1",
      volume: null,
      state: "waiting",
      problem: null,
      conversionId: null,
      settledAt: null,
    });
    const again = await refund(campaign, { orderId: "A-1", event: "sale", refundId: "r-1" });
    expect([again.status, again.body]).to.deep.equal([200, asked.body]);
    expect(await waiting(campaign, `/${asked.body.id}`)).to.deep.equal(asked.body);

    const sale = { orderId: "A-1", volume: "50", referralToken: ada.click() };
    const sold = await campaign.report(sale);
    expect(sold.status).to.equal(201);
    expect(sold.body).to.include({ state: "reversed", reason: "refunded", refunded: "50000000", commission: "0" });
    expect(sold.body.moves.map(({ state }: { state: string }) => state)).to.deep.equal(["accepted", "reversed"]);
    expect(await campaign.conversion(sold.body.id)).to.deep.equal(sold.body);
    expect(await campaign.promised()).to.equal(0n);
    expect(await waiting(campaign, `/${asked.body.id}`)).to.include({ state: "done", conversionId: sold.body.id });

    // Said again, by whichever way: nothing more is taken back.
    expect((await campaign.report(sale)).body).to.deep.equal(sold.body);
    const known = await refund(campaign, { orderId: "A-1", refundId: "r-1" });
    expect([known.status, known.body]).to.deep.equal([202, sold.body]);
    expect((await campaign.refund(sold.body.id, { refundId: "r-1" })).body).to.deep.equal(sold.body);
  });

  it("waits in parts, each by its name, and what is left pays", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const part = (volume: string, refundId: string) => refund(campaign, { orderId: "A", volume, refundId });
    for (const [volume, name] of [
      ["20", "r1"],
      ["10.50", "r2"],
      ["20", "r1"],
    ] as const)
      await part(volume, name);
    const other = await part("21", "r1");
    expect([other.status, other.body.detail]).to.deep.equal([
      409,
      "This refund of order A was reported before with another body.",
    ]);
    const { body } = await campaign.report({ orderId: "A", volume: "50", referralToken: ada.click() });
    // 19.50 are left: 10 % of them and 1 flat are 2.95; the fee is 5 %.
    expect(body).to.include({ state: "accepted", refunded: "30500000", commission: "2950000" });
    expect(body.refunds).to.have.length(2);
    expect(await campaign.promised()).to.equal(3_097_500n);
    expect((await part("20", "r1")).body).to.deep.equal(body);
  });

  it("of a sale that is rejected is a success that takes back nothing", async () => {
    const campaign = await market.openCampaign({});
    const { body: asked } = await refund(campaign, { orderId: "A" });
    const { body } = await campaign.report({ orderId: "A", volume: "50" });
    expect(body).to.include({ state: "rejected", reason: "no_referral", refunded: "0" });
    expect(await waiting(campaign, `/${asked.id}`)).to.include({ state: "nothing_due", conversionId: body.id });
    const again = await refund(campaign, { orderId: "A" });
    expect([again.status, again.body]).to.deep.equal([202, body]);
    expect(await campaign.promised()).to.equal(0n);
  });

  it("that cannot be done says why, and the sale and the other refunds stand", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const { body: many } = await refund(campaign, { orderId: "A", volume: "50.01", refundId: "many" });
    const { body: fine } = await refund(campaign, { orderId: "A", volume: "1.0000001", refundId: "fine" });
    await refund(campaign, { orderId: "A", volume: "20", refundId: "good" });
    const { status, body } = await campaign.report({ orderId: "A", volume: "50", referralToken: ada.click() });
    expect(status).to.equal(201);
    expect(body).to.include({ state: "accepted", refunded: "20000000", commission: "4000000" });
    const refused = await waiting(campaign, `/${many.id}`);
    expect(refused).to.include({ state: "refused", conversionId: body.id });
    expect(refused.problem).to.contain("The refund is of 50.01, and 50 of the 50 of");
    expect((await waiting(campaign, `/${fine.id}`)).problem).to.contain("7 decimals");
  });

  it("waits for an event that the campaign has, and asks which where it has several", async () => {
    const campaign = await market.openCampaign({
      events: [
        { name: "lead", title: "", perCustomer: null },
        { name: "sale", title: "", perCustomer: null },
      ],
      offers: [
        { event: "lead", kind: 0, flatAmount: 1_000_000n },
        { event: "sale", kind: 0, rateBps: 1_000 },
      ],
    });
    const ada = await campaign.join();
    const which = await refund(campaign, { orderId: "A" });
    expect([which.status, which.body.detail]).to.deep.equal([
      409,
      "Order A is not known yet. Say with which `event` it will be reported, and the refund waits for it: lead, sale.",
    ]);
    const slip = await refund(campaign, { orderId: "A", event: "sael" });
    expect([slip.status, slip.body.detail]).to.deep.equal([
      409,
      "Order A of event sael is not known, and the campaign has no such event; it has lead, sale. Correct `event`.",
    ]);
    expect((await refund(campaign, { orderId: "A", event: "sale" })).status).to.equal(201);
    // Its lead is another conversion.
    const lead = await campaign.report({ event: "lead", orderId: "A", referralToken: ada.click() });
    expect(lead.body).to.include({ state: "accepted", commission: "1000000" });
    const sale = await campaign.report({ event: "sale", orderId: "A", volume: "50", referralToken: ada.click() });
    expect(sale.body).to.include({ state: "reversed", refunded: "50000000" });
  });

  it("comes with the sale at the same moment, and loses neither", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const orders = Array.from({ length: 12 }, (_, i) => `o-${i}`);
    await Promise.all(
      orders.flatMap((orderId, i) => {
        const sale = () => campaign.report({ orderId, volume: "50", referralToken: ada.click() });
        const back = () => refund(campaign, { orderId });
        return i % 2 === 0 ? [sale(), back()] : [back(), sale()];
      }),
    );
    expect(await campaign.promised()).to.equal(0n);
    const { items } = (await market.call("GET", "/v1/conversions", { token: campaign.key })).body;
    expect(items.map(({ state }: { state: string }) => state)).to.deep.equal(orders.map(() => "reversed"));
  });

  it("comes in a file as well as alone", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    await refund(campaign, { orderId: "b", volume: "5", refundId: "r" });
    const lines = ["a", "b"].map((orderId) =>
      JSON.stringify({ event: "sale", orderId, volume: "50", referralToken: ada.click() }),
    );
    const imported = await market.call("POST", "/v1/imports", {
      token: campaign.key,
      body: lines.join("\n"),
      headers: { "content-type": "application/x-ndjson" },
    });
    expect(imported.body).to.include({ state: "done", accepted: 2 });
    // 6.00 of the one, 5.50 of the other, and 5 % of both.
    expect(await campaign.promised()).to.equal(12_075_000n);
  });

  it("is listed by order and state, to its own campaign alone", async () => {
    const campaign = await market.openCampaign({});
    for (const orderId of ["a", "b", "c"]) await refund(campaign, { orderId });
    await campaign.report({ orderId: "b", volume: "5" });
    const orders = async (query: string) =>
      (await waiting(campaign, query)).items.map(({ orderId }: { orderId: string }) => orderId);
    expect(await orders("")).to.deep.equal(["c", "b", "a"]);
    expect(await orders("?state=waiting")).to.deep.equal(["c", "a"]);
    expect(await orders("?orderId=a&event=sale")).to.deep.equal(["a"]);
    const first = await waiting(campaign, "?limit=2");
    expect(await orders(`?limit=2&cursor=${first.next}`)).to.deep.equal(["a"]);
    expect(await orders("?sort=oldest")).to.deep.equal(["a", "b", "c"]);
    const oldest = await waiting(campaign, "?sort=oldest&limit=2");
    expect(await orders(`?sort=oldest&limit=2&cursor=${oldest.next}`)).to.deep.equal(["c"]);
    // A place in one direction is none in the other.
    for (const query of [`?sort=oldest&cursor=${first.next}`, `?cursor=${oldest.next}`]) {
      const { status, body } = await market.call("GET", `/v1/waiting-refunds${query}`, { token: campaign.key });
      expect([status, body.detail]).to.deep.equal([400, "`cursor` is not one that this list gave out."]);
    }
    const stranger = await market.openCampaign({});
    expect((await waiting(stranger)).items).to.deep.equal([]);
    const { status, body } = await market.call("GET", `/v1/waiting-refunds/${first.items[0].id}`, {
      token: stranger.key,
    });
    expect([status, body.detail]).to.deep.equal([404, `You have no waiting refund ${first.items[0].id}.`]);
  });

  it("is withdrawn while it waits: its sale pays, and what was sent before and comes late does not refund it", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const withdraw = (id: string, token = campaign.key) =>
      market.call("DELETE", `/v1/waiting-refunds/${id}`, { token });
    const { body: asked } = await refund(campaign, { orderId: "A", refundId: "r" });
    const stranger = await market.openCampaign({});
    expect((await withdraw(asked.id, stranger.key)).status).to.equal(404);
    expect((await withdraw(asked.id, campaign.brandToken)).status).to.equal(401);

    const withdrawn = await withdraw(asked.id);
    expect(withdrawn.status).to.equal(200);
    expect(withdrawn.body).to.deep.equal({ ...asked, state: "withdrawn", settledAt: withdrawn.body.settledAt });
    expect(Date.parse(withdrawn.body.settledAt)).to.be.at.least(Date.parse(asked.createdAt));
    const again = await withdraw(asked.id);
    expect([again.status, again.body]).to.deep.equal([200, withdrawn.body]);
    expect((await waiting(campaign, "?state=withdrawn")).items).to.deep.equal([withdrawn.body]);
    expect((await waiting(campaign, "?state=waiting")).items).to.deep.equal([]);

    const late = await refund(campaign, { orderId: "A", refundId: "r" });
    expect([late.status, late.body.detail]).to.deep.equal([
      409,
      `This refund of order A was withdrawn at ${withdrawn.body.settledAt}. To refund the order after all, send another \`refundId\`.`,
    ]);
    const { body: sale } = await campaign.report({ orderId: "A", volume: "50", referralToken: ada.click() });
    expect(sale).to.include({ state: "accepted", commission: "6000000" });
    expect((await refund(campaign, { orderId: "A", refundId: "r" })).body.detail).to.equal(late.body.detail);
    expect(await campaign.conversion(sale.id)).to.include({ state: "accepted", refunded: "0" });
    const after = await refund(campaign, { orderId: "A", refundId: "s" });
    expect([after.status, after.body.state]).to.deep.equal([202, "reversed"]);
  });

  it("is withdrawn where its sale was rejected, and not where it is taken back, was refused or has expired", async () => {
    const campaign = await market.openCampaign({ attribution: { bindingSeconds: null } });
    const ada = await campaign.join();
    const withdraw = (id: string) => market.call("DELETE", `/v1/waiting-refunds/${id}`, { token: campaign.key });
    const { body: nothingDue } = await refund(campaign, { orderId: "A" });
    await campaign.report({ orderId: "A", volume: "50", customerId: "c" });
    expect((await withdraw(nothingDue.id)).body).to.include({ state: "withdrawn" });
    await campaign.bind({ code: ada.code, customerId: "c" });
    const { body: judged } = await campaign.report({ orderId: "A", volume: "50", customerId: "c" });
    expect(judged).to.include({ state: "accepted", refunded: "0" });

    const { body: done } = await refund(campaign, { orderId: "B" });
    const { body: many } = await refund(campaign, { orderId: "C", volume: "51", refundId: "many" });
    const { body: expired } = await refund(campaign, { orderId: "D" });
    const { body: b } = await campaign.report({ orderId: "B", volume: "50", customerId: "c" });
    const { body: c } = await campaign.report({ orderId: "C", volume: "50", customerId: "c" });
    await market.database.query("UPDATE waiting_refunds SET created_at = now() - interval '401 days' WHERE id = $1", [
      expired.id,
    ]);
    for (const [{ id }, why] of [
      [done, `Refund ${done.id} of order B is taken back already: conversion ${b.id} is refunded.`],
      [many, `Refund ${many.id} of order C was refused, and takes back nothing: The refund is of 51, and 50 of`],
      [expired, `Refund ${expired.id} of order D waited 400 days for its order, and takes back nothing any more.`],
    ] as const) {
      const { status, body } = await withdraw(id);
      expect([status, body.detail.slice(0, why.length)]).to.deep.equal([409, why]);
    }
    expect(await campaign.conversion(b.id)).to.include({ state: "reversed" });
    expect(await campaign.conversion(c.id)).to.include({ state: "accepted" });
  });

  it("waits no longer than it is said, and then may be reported anew", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const { body: old } = await refund(campaign, { orderId: "a" });
    const { body: anew } = await refund(campaign, { orderId: "b" });
    await market.database.query(
      "UPDATE waiting_refunds SET created_at = now() - interval '401 days' WHERE campaign_id = $1",
      [campaign.campaignId],
    );
    expect(await waiting(campaign, `/${old.id}`)).to.include({ state: "expired" });
    expect((await refund(campaign, { orderId: "b" })).body).to.include({ id: anew.id, state: "waiting" });
    const states = await Promise.all(
      ["a", "b"].map(
        async (orderId) => (await campaign.report({ orderId, volume: "50", referralToken: ada.click() })).body.state,
      ),
    );
    expect(states).to.deep.equal(["accepted", "reversed"]);
  });

  it("is one of so many at most, of a campaign and of an order", async () => {
    const campaign = await market.openCampaign({});
    const fill = (orders: string, keys: string, count: number) =>
      market.database.query(
        `INSERT INTO waiting_refunds (campaign_id, event, order_id, key, body_hash, state)
         SELECT $1, 'sale', ${orders}, ${keys}, '', 'waiting' FROM generate_series(1, $2::int) AS n`,
        [campaign.campaignId, count],
      );
    await fill("'many'", "'id ' || n", 100);
    const one = await refund(campaign, { orderId: "many", refundId: "another" });
    expect([one.status, one.body.detail]).to.deep.equal([
      409,
      "100 refunds of order many have taken back nothing yet, and more are not kept. Report its sale.",
    ]);
    await fill("'o-' || n", "'whole'", 9_900);
    const more = await refund(campaign, { orderId: "new" });
    expect(more.status).to.equal(409);
    expect(more.body.detail).to.contain("10000 refunds of this campaign wait for sales that are not known");
    expect((await refund(campaign, { orderId: "o-7" })).body.detail).to.contain("another body");
  });
});
