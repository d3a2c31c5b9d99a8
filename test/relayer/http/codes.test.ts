import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";

describe("codes that customers say", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  type Campaign = Awaited<ReturnType<LocalRelayer["openCampaign"]>>;
  const make = (campaign: Campaign, token: string, code?: string) =>
    market.call("POST", `/v1/campaigns/${campaign.campaignId}/codes`, {
      token,
      json: code === undefined ? {} : { code },
    });
  const give = (campaign: Campaign, codes: Record<string, unknown>[], token = campaign.brandToken) =>
    market.call("POST", `/v1/campaigns/${campaign.campaignId}/code-grants`, { token, json: { codes } });
  const list = async (campaign: Campaign, token: string, query = "") =>
    (await market.call("GET", `/v1/campaigns/${campaign.campaignId}/codes${query}`, { token })).body.items;
  const change = (campaign: Campaign, token: string, code: string, json: Record<string, unknown>) =>
    market.call("PATCH", `/v1/campaigns/${campaign.campaignId}/codes/${encodeURIComponent(code)}`, { token, json });

  it("are made by a partner, and pay it what a guest buys who types one, however it is spelt", async () => {
    const campaign = await market.openCampaign({});
    const partner = await campaign.join();
    const made = await make(campaign, partner.token, "spring-24");
    expect(made.status).to.equal(201);
    expect(made.body).to.include({ code: "SPRING-24", partner: partner.wallet, givenBy: "partner", conversions: 0 });
    for (const [i, typed] of ["SPRING-24", "spr1ng 24", " Spring24 "].entries()) {
      const { status, body } = await campaign.report({ orderId: `guest-${i}`, volume: "10", code: typed });
      expect(status).to.equal(201);
      expect(body).to.include({ state: "accepted", partner: partner.wallet, code: "SPRING-24", commission: "2000000" });
    }
    const again = await campaign.report({ orderId: "guest-0", volume: "10.00", code: "Spring 24" });
    expect(again.status, "another spelling is the same report").to.equal(200);
    expect(await list(campaign, partner.token)).to.deep.include.members([
      { ...made.body, conversions: 3, commission: "6000000" },
    ]);
    const found = await market.call("GET", "/v1/conversions?code=spr1ng-24", { token: campaign.key });
    expect(found.body.items).to.have.length(3);
  });

  it("have one spelling: what sounds like another's code or link is taken, in both directions", async () => {
    const campaign = await market.openCampaign({});
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    expect((await make(campaign, ada.token, "LOVE")).status).to.equal(201);
    const same = await make(campaign, bob.token, "l-0-v-e");
    expect(same.status).to.equal(409);
    expect(same.body.detail).to.match(/^The code L-0-V-E is taken, or reads and sounds like one that is/);
    // Her own link may be called like her own code, and nobody else's.
    const link = (token: string) =>
      market.call("POST", `/v1/campaigns/${campaign.campaignId}/links`, { token, json: { alias: "lo-ve" } });
    expect((await link(bob.token)).body.detail).to.equal(
      'The alias "lo-ve" sounds like another partner\'s code. Choose another one.',
    );
    expect((await link(ada.token)).status).to.equal(201);
    expect((await make(campaign, bob.token, ada.code)).status, "the code of her link").to.equal(409);
    expect((await make(campaign, ada.token, ada.code)).status).to.equal(201);
    // In another campaign it is anybody's.
    const other = await market.openCampaign({});
    expect((await make(other, (await other.join()).token, "LOVE")).status).to.equal(201);
  });

  it("count beside links: a link's code or alias is said as well, a code comes before it", async () => {
    const campaign = await market.openCampaign({});
    const partner = await campaign.join();
    await market.call("POST", `/v1/campaigns/${campaign.campaignId}/links`, {
      token: partner.token,
      json: { alias: "olive-oil" },
    });
    for (const typed of [partner.code.toUpperCase(), "Olive Oil", "0LIVE 0IL"]) {
      const { body } = await campaign.report({ volume: "10", code: typed });
      expect(body, typed).to.include({ state: "accepted", partner: partner.wallet, code: null });
      expect(body.link, typed).to.match(/^[a-z0-9]{8}$/);
    }
    expect((await campaign.bind({ customerId: "c", code: "olive oil" })).body.partner).to.equal(partner.wallet);
  });

  it("say by the description who counts where a click names another", async () => {
    for (const [codeOrClick, winner] of [
      [undefined, "code"],
      ["code", "code"],
      ["click", "click"],
    ] as const) {
      const campaign = await market.openCampaign({
        attribution: { touch: "last", ...(codeOrClick === undefined ? {} : { codeOrClick }) },
      });
      const [clicked, said] = [await campaign.join(), await campaign.join()];
      await make(campaign, said.token, "SAID");
      const { body } = await campaign.report({ volume: "10", referralToken: clicked.click(), code: "said" });
      expect(body.partner, String(codeOrClick)).to.equal(winner === "code" ? said.wallet : clicked.wallet);
      expect(body.code).to.equal(winner === "code" ? "SAID" : null);
      // One that leads nowhere gives way to the other.
      const nowhere = await campaign.report({ volume: "10", referralToken: clicked.click(), code: "nobody" });
      expect(nowhere.body.partner).to.equal(clicked.wallet);
      const late = await campaign.report({ volume: "10", referralToken: clicked.click(7_200), code: "said" });
      expect(late.body.partner).to.equal(said.wallet);
      const forged = await campaign.report({ volume: "10", referralToken: "2.x.1.zz", code: "said" });
      expect(forged.body.partner).to.equal(said.wallet);
    }
  });

  it("are retired for good, and given to nobody else", async () => {
    const campaign = await market.openCampaign({});
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    await make(campaign, ada.token, "OLDONE");
    expect((await change(campaign, bob.token, "OLDONE", { retired: true })).status, "another partner").to.equal(403);
    const retired = await change(campaign, ada.token, "old-one", { retired: true });
    expect(retired.body.retiredAt).to.be.a("string");
    const { body } = await campaign.report({ orderId: "late", volume: "10", code: "OLDONE" });
    expect(body).to.include({ state: "rejected", reason: "retired_code", partner: null });
    expect((await make(campaign, bob.token, "OLDONE")).status).to.equal(409);
    expect((await give(campaign, [{ partner: bob.wallet, code: "OLDONE" }])).status).to.equal(409);
    // Reported again with what is right, it is judged again.
    expect((await campaign.report({ orderId: "late", volume: "10", referralToken: ada.click() })).body.state).to.equal(
      "accepted",
    );
  });

  it("are given by the brand in bulk, each or none, with what the customer gets", async () => {
    const campaign = await market.openCampaign({});
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    const stranger = "0x000000000000000000000000000000000000dEaD";
    const wrong = await give(campaign, [{ partner: ada.wallet, code: "ONE" }, { partner: stranger }]);
    expect(wrong.status).to.equal(400);
    expect(wrong.body.detail).to.equal(`codes.1.partner: ${stranger} has not joined this campaign.`);
    expect(
      (
        await give(campaign, [
          { partner: ada.wallet, code: "ONE" },
          { partner: bob.wallet, code: "0NE" },
        ])
      ).body.detail,
    ).to.equal("codes.1.code: 0NE reads like another code of this request.");
    expect((await give(campaign, [{ partner: ada.wallet, offerId: 9 }])).body.detail).to.equal(
      "codes.0.offerId: the campaign has no offer 9 that goes on.",
    );
    expect((await give(campaign, [{ partner: ada.wallet }], ada.token)).status, "a partner").to.equal(403);
    expect(await list(campaign, campaign.brandToken), "none was given").to.deep.equal([]);

    const given = await give(campaign, [
      { partner: ada.wallet, code: "TEN", customerGets: "10 % off" },
      { partner: bob.wallet },
    ]);
    expect(given.status).to.equal(201);
    expect(given.body.codes.map((one: { partner: string }) => one.partner)).to.deep.equal([ada.wallet, bob.wallet]);
    const lookUp = await market.call("GET", `/v1/campaigns/${campaign.campaignId}/codes/t-e-n`);
    expect(lookUp.body).to.deep.equal({ code: "TEN", customerGets: "10 % off", retired: false });
    expect((await market.call("GET", `/v1/campaigns/${campaign.campaignId}/codes/nothing`)).status).to.equal(404);
    expect(await list(campaign, ada.token)).to.have.length(1);
    expect(await list(campaign, campaign.brandToken, `?partner=${bob.wallet}`)).to.have.length(1);
    expect((await change(campaign, ada.token, "TEN", { customerGets: "free" })).status).to.equal(403);
    expect(
      (await change(campaign, campaign.brandToken, "TEN", { customerGets: "5 % off" })).body.customerGets,
    ).to.equal("5 % off");
  });

  it("may have a rate of their own, as long as its offer is in force for the event", async () => {
    const campaign = await market.openCampaign({
      offers: [
        { kind: 0, rateBps: 1_000 },
        { kind: 0, rateBps: 500 },
        { event: "lead", kind: 0, flatAmount: 3_000_000n },
      ],
      events: ["sale", "lead"].map((name) => ({ name, title: "", perCustomer: null })),
    });
    const partner = await campaign.join();
    await give(campaign, [{ partner: partner.wallet, code: "FIVE", offerId: 2 }]);
    const paid = async (report: Record<string, unknown>) =>
      (await campaign.report({ volume: "100", ...report })).body.commission;
    expect(await paid({ code: "FIVE" }), "the code's").to.equal("5000000");
    expect(await paid({ referralToken: partner.click() }), "the best").to.equal("10000000");
    expect(await paid({ code: "FIVE", event: "lead" }), "of another event").to.equal("3000000");
    await market.database.query("UPDATE offers SET valid_to = 1 WHERE campaign_id = $1 AND offer_id = 2", [
      campaign.campaignId,
    ]);
    expect(await paid({ code: "FIVE" }), "ended").to.equal("10000000");
  });

  it("are refused when they are none, and are twenty of a partner's own at most", async () => {
    const campaign = await market.openCampaign({});
    const partner = await campaign.join();
    for (const code of ["ab", "naïve", "A_B_C", "-AB", "x".repeat(25)])
      expect((await make(campaign, partner.token, code)).status, code).to.equal(400);
    const outsider = await market.openSession("0x00000000000000000000000000000000000000A1");
    expect((await make(campaign, outsider, "MINE")).status).to.equal(403);
    for (let i = 0; i < 20; i++) expect((await make(campaign, partner.token)).status).to.equal(201);
    expect((await make(campaign, partner.token)).status).to.equal(409);
    expect((await give(campaign, [{ partner: partner.wallet, code: "MORE" }])).status, "the brand gives more").to.equal(
      201,
    );
  });
});
