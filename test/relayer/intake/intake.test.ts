import { descriptionJsonSchema } from "@partner-programs/protocol/description";
import { kindMask } from "@partner-programs/protocol/kinds";
import { unpackLine } from "@partner-programs/protocol/line";
import { receiptTypes } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { verifyTypedData } from "ethers";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { besideANeighbour } from "../../support/neighbour.ts";

describe("taking conversions in", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());
  besideANeighbour(() => market);

  it("accepts once, with a receipt that the relayer signed, and answers a repetition with the same conversion", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const report = { orderId: "a", customerId: "c", volume: "50", referralToken: ada.click() };
    const first = await campaign.report(report, { "idempotency-key": "k1" });
    expect(first.status).to.equal(201);
    expect(first.body).to.include({
      state: "accepted",
      partner: ada.wallet,
      commission: "6000000",
      volumeBaseUnits: "50000000",
    });
    const { signature, ...receipt } = first.body.receipt;
    const message = { campaignId: campaign.campaignId, ...receipt };
    expect(verifyTypedData(market.domain, receiptTypes, message, signature)).to.equal(market.relayer);
    expect(await campaign.promised()).to.equal(6_300_000n);

    for (const headers of [{}, { "idempotency-key": "k1" }, { "idempotency-key": "k2" }]) {
      const again = await campaign.report(report, headers);
      expect(again.status).to.equal(200);
      expect(again.body).to.deep.equal(first.body);
    }
    expect(await campaign.promised()).to.equal(6_300_000n);
  });

  it("answers at once what is read later, of what it accepted and of what it rejected", async () => {
    const campaign = await market.openCampaign({
      events: [{ name: "sale", title: "", perCustomer: 1 }],
      offers: [
        { kind: 0, flatAmount: 1_000_000n, rateBps: 1_000 },
        { kind: 3, flatAmount: 500_000n },
      ],
      openKinds: 9n,
    });
    const ada = await campaign.join();
    const reports = ["unknown", "", "", ""].map((token) => ({
      customerId: "c",
      customerWallet: newWallet(),
      customerEmailDomain: "brand.example",
      volume: "49.90",
      occurredAt: "2026-01-01T10:00:00.123456+02:00",
      referralToken: token || ada.click(),
    }));
    const answers = await Promise.all(reports.map((report) => campaign.report(report)));
    expect(answers.map(({ body }) => body.reason)).to.have.members([
      "unknown_token",
      null,
      "customer_limit",
      "customer_limit",
    ]);
    for (const { status, body } of answers) {
      expect(status).to.equal(201);
      expect(await campaign.conversion(body.id)).to.deep.equal(body);
    }
  });

  it("shows the brand when it happened, by which link it came and whose it is, and the partner the link alone", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const report = { volume: "5", customerId: "c", occurredAt: "2026-01-31T13:00:00+01:00" };
    const { body } = await campaign.report({ ...report, referralToken: ada.click() });
    expect(body).to.include({ link: ada.code, occurredAt: "2026-01-31T12:00:00.000Z" });
    expect(body.customer).to.match(/^0x[0-9a-f]{64}$/);
    const bound = (await campaign.report({ volume: "5", customerId: "c" })).body;
    expect(bound).to.include({ link: null, occurredAt: null, customer: body.customer, partner: ada.wallet });
    const { body: seen } = await market.call("GET", `/v1/conversions/${body.id}`, { token: ada.token });
    expect(seen.link).to.equal(ada.code);
    expect(seen).to.not.have.any.keys("occurredAt", "customer");
  });

  it("refuses an order or an Idempotency-Key that was used with another body, and names the conversion", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const report = { orderId: "a", customerId: "c", volume: "50", referralToken: ada.click() };
    const { body: taken } = await campaign.report(report, { "idempotency-key": "k" });
    const other = await campaign.report({ ...report, volume: "51" });
    expect(other.status).to.equal(409);
    expect(other.body.detail).to.contain(`Order "a" of event "sale"`).and.to.contain(`conversion ${taken.id}`);
    const reused = await campaign.report({ ...report, orderId: "b" }, { "idempotency-key": "k" });
    expect(reused.status).to.equal(409);
    expect(reused.body.detail).to.contain(`Idempotency-Key "k"`);
    // A key that came with a repetition is used as well.
    await campaign.report(report, { "idempotency-key": "k3" });
    expect((await campaign.report({ ...report, orderId: "c" }, { "idempotency-key": "k3" })).status).to.equal(409);
  });

  it("knows a report again in another spelling of its values, and takes null and an empty text as not said", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    await campaign.bind({ code: ada.code, customerId: "caf\u00e9", referralToken: "", customerWallet: null });
    const first = await campaign.report({
      orderId: "caf\u00e9 1",
      customerId: "caf\u00e9",
      volume: "49.90",
      referralToken: "",
      customerIp: "2001:db8::1",
      customerEmailDomain: "münchen.de",
      occurredAt: "2026-01-01T10:00:00+0100",
    });
    expect([first.status, first.body.state, first.body.orderId]).to.deep.equal([201, "accepted", "caf\u00e9 1"]);
    const again = await campaign.report({
      orderId: " cafe\u0301 1\n",
      customerId: "cafe\u0301 ",
      volume: "049.9",
      referralToken: null,
      customerWallet: "",
      customerIp: "[2001:0DB8:0::1]:443",
      customerEmailDomain: "XN--MNCHEN-3YA.DE.",
      occurredAt: "2026-01-01T09:00:00Z",
    });
    expect([again.status, again.body.id]).to.deep.equal([200, first.body.id]);
    expect(again.body).to.deep.equal(first.body);
    // Decimals of which nothing is left are none.
    expect((await campaign.report({ customerId: "caf\u00e9", volume: "5.000000000" })).body.state).to.equal("accepted");
  });

  it("says of an address with a wrong checksum that it has one, and nothing in the marks of a tool", async () => {
    const campaign = await market.openCampaign({});
    const wrong = "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    const { status, body } = await campaign.report({ customerWallet: wrong, orderId: "x" });
    expect([status, body.detail]).to.deep.equal([
      400,
      `json: customerWallet: ${wrong} has a wrong checksum (its capitals, ERC-55): a character may be mistyped. Copy it again.`,
    ]);
    const many = await campaign.report({ orderId: "", volume: "x", colour: "red" });
    expect(many.status).to.equal(400);
    expect(many.body.detail).to.contain("volume: must be a decimal number such as 49.90.");
    expect(many.body.detail).not.to.match(/[✖→\n]|\.\./);
  });

  it("judges reports that come at once one after the other: no budget, no limit and no order is used twice", async () => {
    const campaign = await market.openCampaign({
      events: [{ name: "sale", title: "", perCustomer: 2, perPartner: [{ conversions: 9, days: 30 }] }],
      offers: [{ kind: 0, flatAmount: 1_000_000n }],
      budget: 5n * 1_050_000n + 1_049_999n,
    });
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    const reports = Array.from({ length: 40 }, (_, i) => ({
      orderId: `order ${i % 20}`,
      customerId: `customer ${i % 5}`,
      referralToken: (i % 2 === 0 ? ada : ben).code,
    }));
    const tokens = { [ada.code]: ada.click(), [ben.code]: ben.click() };
    const answers = await Promise.all(
      reports.map((report) => campaign.report({ ...report, referralToken: tokens[report.referralToken] })),
    );
    const created = answers.filter(({ status }) => status === 201);
    expect(created).to.have.length(20);
    expect(answers.filter(({ status }) => status === 200)).to.have.length(20);
    const reasons = created.map(({ body }) => body.reason ?? body.state);
    expect(reasons.filter((reason) => reason === "accepted")).to.have.length(5);
    expect(new Set(reasons)).to.deep.equal(new Set(["accepted", "budget_exhausted"]));
    expect(await campaign.promised()).to.equal(5n * 1_050_000n);
    const rows = await market.database.query("SELECT 1 FROM conversions WHERE campaign_id = $1", [campaign.campaignId]);
    expect(rows).to.have.length(20);
  });

  it("takes one of two reports that come at once with the same Idempotency-Key", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const referralToken = ada.click();
    // Something under way, so that the two wait for their turn together.
    const answers = await Promise.all(
      ["first", "a", "b"].map((orderId) =>
        campaign.report({ orderId, volume: "5", referralToken }, orderId === "first" ? {} : { "idempotency-key": "k" }),
      ),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 409]);
    expect(answers[2]?.body.detail).to.contain(`conversion ${answers[1]?.body.id}`);
  });

  it("lets no report spoil its neighbours", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const referralToken = ada.click();
    expect((await campaign.report({ orderId: "x", referralToken })).status).to.equal(201);
    const answers = await Promise.all([
      campaign.report({ orderId: "y", referralToken, volume: "1" }),
      campaign.report({ orderId: "x", referralToken, volume: "7" }),
      campaign.report({ orderId: "z", referralToken, volume: "1.0000001" }),
      campaign.report({ orderId: "nul\u0000", referralToken }),
      campaign.report({ orderId: "w", referralToken, volume: "2" }),
    ]);
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 409, 400, 400, 201]);
    expect(answers[2]?.body.detail).to.equal("volume 1.0000001 has 7 decimals, the campaign's token has 6. Round it.");
  });

  it("takes a report that the database cannot hold alone", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const good = { event: "sale", volume: "1", referralToken: ada.click(), customerId: undefined };
    const bad = { ...good, occurredAt: "not a time", customerWallet: undefined };
    const report = (orderId: string, which: object) =>
      market.intake.accept(
        campaign.campaignId,
        { ...good, customerWallet: undefined, occurredAt: undefined, ...which, orderId },
        { apiKeyId: 1n, idempotencyKey: undefined },
        Date.now(),
      );
    const settled = await Promise.allSettled([report("1", good), report("2", bad), report("3", good)]);
    expect(settled.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
  });

  it("pays the partner, the customer and the partner's recruiter, each once, and the budget covers all", async () => {
    const offers = [
      { kind: 0, flatAmount: 10_000_000n },
      { kind: 3, flatAmount: 5_000_000n },
      { kind: 4, rateBps: 100 },
    ];
    const openKinds = kindMask("affiliate", "customer", "recruiter");
    const campaign = await market.openCampaign({ offers, openKinds, budget: 17n * 1_050_000n });
    const rita = await campaign.join();
    const ada = await campaign.join(newWallet(), rita.code);
    const wallet = newWallet();
    const taken = await campaign.report({
      customerId: "c",
      customerWallet: wallet.toLowerCase(),
      volume: "100",
      referralToken: ada.click(),
    });
    expect(taken.body.state).to.equal("accepted");
    expect(taken.body.receipt.entries.map(unpackLine)).to.deep.equal([
      { offerId: 1, partner: ada.wallet, count: 1, volumeUnits: 10_000n },
      { offerId: 2, partner: wallet, count: 1, volumeUnits: 10_000n },
      { offerId: 3, partner: rita.wallet, count: 1, volumeUnits: 10_000n },
    ]);
    expect(taken.body).to.include({ commission: "10000000", totalCommission: "16000000" });
    expect(await campaign.promised()).to.equal(16_800_000n);
    // Only what all of them get together fits the budget, or nothing does.
    const second = await campaign.report({ customerId: "d", volume: "1", referralToken: ada.click() });
    expect(second.body.reason).to.equal("budget_exhausted");
  });

  it("pays a customer whose wallet an earlier binding named", async () => {
    const offers = [
      { kind: 0, flatAmount: 10_000_000n },
      { kind: 3, flatAmount: 5_000_000n },
    ];
    const campaign = await market.openCampaign({ offers, openKinds: kindMask("affiliate", "customer") });
    const ada = await campaign.join();
    const wallet = newWallet();
    await campaign.bind({ referralToken: ada.click(), customerId: "c", customerWallet: wallet });
    const { body } = await campaign.report({ customerId: "c" });
    expect(body.receipt.entries.map((entry: string) => unpackLine(entry).partner)).to.deep.equal([ada.wallet, wallet]);
    const unknown = await campaign.report({ customerId: "d", referralToken: ada.click() });
    expect(unknown.body.receipt.entries).to.have.length(1);
  });

  it("refuses a recruiter that the campaign does not know", async () => {
    const campaign = await market.openCampaign({});
    const token = await market.openSession(newWallet());
    const path = `/v1/campaigns/${campaign.campaignId}/partnerships`;
    const refused = await market.call("POST", path, { token, json: { recruiter: "nobody" } });
    expect(refused.status).to.equal(404);
    expect(refused.body.detail).to.contain("invite code nobody");
  });

  it("counts a customer without an id by its wallet, and asks for one that it cannot count", async () => {
    const campaign = await market.openCampaign({ events: [{ name: "sale", title: "", perCustomer: 1 }] });
    const ada = await campaign.join();
    const wallet = newWallet();
    const reasons = [];
    for (const customer of [
      { customerWallet: wallet },
      { customerWallet: wallet },
      { customerWallet: newWallet() },
      {},
    ]) {
      const { body } = await campaign.report({ volume: "5", referralToken: ada.click(), ...customer });
      reasons.push(body.detail ?? body.reason ?? body.state);
    }
    expect(reasons).to.deep.equal([
      "accepted",
      "customer_limit",
      "accepted",
      "The campaign counts this event by customer, and the report names none. Send customerId, customerEmail or customerWallet.",
    ]);
    // The order is not used up: it can be reported as it should be.
    const complete = await campaign.report({ orderId: "order-4", customerId: "c", referralToken: ada.click() });
    expect(complete.body.state).to.equal("accepted");
  });

  it("lets one partner have no more than the description allows in so many days", async () => {
    const campaign = await market.openCampaign({
      events: [{ name: "sale", title: "", perCustomer: null, perPartner: [{ volume: "10", days: 7 }] }],
    });
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    const sell = async (partner: typeof ada, volume: string) => {
      const { body } = await campaign.report({ volume, referralToken: partner.click() });
      return body.reason ?? body.state;
    };
    expect(await sell(ada, "6")).to.equal("accepted");
    expect(await sell(ada, "4.01")).to.equal("partner_limit");
    expect(await sell(ben, "4.01")).to.equal("accepted");
    expect(await sell(ada, "4")).to.equal("accepted");
    expect(await sell(ada, "0.01")).to.equal("partner_limit");
    await market.database.query(
      "UPDATE conversions SET received_at = received_at - interval '8 days' WHERE campaign_id = $1",
      [campaign.campaignId],
    );
    expect(await sell(ada, "10")).to.equal("accepted");
  });

  it("lists conversions page by page, to those whom they concern", async () => {
    const campaign = await market.openCampaign({});
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    for (const partner of [ada, ben, ada, ada]) await campaign.report({ volume: "5", referralToken: partner.click() });
    await campaign.report({});
    const list = async (token: string, query = "") => {
      const { status, body } = await market.call("GET", `/v1/conversions?${query}`, { token });
      expect(status).to.equal(200);
      return body as { items: { id: string; orderId: string; flags?: unknown }[]; next: string | null };
    };
    const orders = async (token: string, query = "") => (await list(token, query)).items.map(({ orderId }) => orderId);
    const all = ["order-5", "order-4", "order-3", "order-2", "order-1"];
    expect(await orders(campaign.key)).to.deep.equal(all);
    expect(await orders(campaign.brandToken)).to.deep.equal(all);
    expect(await orders(ada.token)).to.deep.equal(["order-4", "order-3", "order-1"]);
    expect(await orders(await market.openSession(newWallet()))).to.deep.equal([]);
    expect(await orders(campaign.key, "state=rejected")).to.deep.equal(["order-5"]);
    expect(await orders(campaign.key, `partner=${ben.wallet.toLowerCase()}`)).to.deep.equal(["order-2"]);
    expect(await orders(campaign.key, `from=${encodeURIComponent(new Date(Date.now() + 1e6).toISOString())}`)).to.be
      .empty;
    expect(await orders(ada.token, `campaignId=${campaign.campaignId}`)).to.have.length(3);
    expect(await orders(campaign.key, `campaignId=0x${"0".repeat(64)}`)).to.deep.equal([]);

    const pages: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = await list(campaign.key, `limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      pages.push(page.items.map(({ orderId }) => orderId).join());
      cursor = page.next;
    }
    expect(pages).to.deep.equal(["order-5,order-4", "order-3,order-2", "order-1"]);

    const [shown] = (await list(ada.token)).items;
    expect(shown).to.not.have.property("flags");
    expect((await list(campaign.brandToken)).items[0]).to.have.property("flags");
    expect((await market.call("GET", `/v1/conversions/${shown?.id}`, { token: ben.token })).status).to.equal(404);
    expect((await market.call("GET", "/v1/conversions?limit=201", { token: ada.token })).status).to.equal(400);
  });

  it("publishes the JSON Schema of descriptions", async () => {
    const { status, body } = await market.call("GET", "/v1/schemas/description");
    expect(status).to.equal(200);
    expect(body).to.deep.equal(descriptionJsonSchema());
  });
});
