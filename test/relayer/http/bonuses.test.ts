import { expect } from "chai";
import { id } from "ethers";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { releaseConversions } from "#relayer/store/conversions.ts";
import { addReached } from "#relayer/store/targets.ts";

describe("targets and bonuses over HTTP", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  const EVENTS = ["sale", "bonus"].map((name) => ({ name, title: "", perCustomer: null }));
  const OFFERS = [
    { kind: 0, rateBps: 1_000 },
    { event: "bonus", kind: 0, rateBps: 10_000 },
  ];
  const open = (rest: Parameters<LocalRelayer["openCampaign"]>[0]) =>
    market.openCampaign({ events: EVENTS, offers: OFFERS, ...rest });

  it("a partner sees how far it is, and the brand how far the partner is that it names", async () => {
    const steps = [
      { conversions: 2, bonus: "10" },
      { conversions: 4, volume: "100", bonus: "25" },
    ];
    const campaign = await open({
      targets: [{ name: "two", title: "Two", period: "once", counts: ["sale"], pays: "highest", steps }],
    });
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    const sell = () => campaign.report({ volume: "10", referralToken: ada.click() });
    await Promise.all([sell(), sell()]);
    const digest = await campaign.attest(-60);
    await releaseConversions(market.database, { batch: digest }, id("release"));
    await addReached(market.database, digest);
    await addReached(market.database, digest);
    await sell();

    const path = `/v1/campaigns/${campaign.campaignId}/targets`;
    const { body } = await market.call("GET", path, { token: ada.token });
    expect(body).to.have.lengthOf(1);
    expect(body[0]).to.deep.include({ name: "two", conversions: 2, volumeBaseUnits: "20000000", waiting: 1 });
    expect(body[0].period).to.include({ kind: "once", name: "once" });
    expect(body[0].steps).to.deep.equal([
      { conversions: 2, volume: null, bonus: "10000000", reached: true },
      { conversions: 4, volume: "100", bonus: "15000000", reached: false },
    ]);
    const named = await market.call("GET", `${path}?partner=${ada.wallet}`, { token: campaign.brandToken });
    expect(named.body).to.deep.equal(body);
    const [other] = (await market.call("GET", `${path}?partner=${ada.wallet}`, { token: bob.token })).body;
    expect(other, "another's is nobody's business").to.include({ conversions: 0, waiting: 0 });
    expect((await market.call("GET", path)).status).to.equal(401);
  });

  it("a brand gives within what the description says, once for each id, and its partner reads why", async () => {
    const campaign = await open({ bonuses: { most: "20", mostPerMonth: "30" } });
    const [ada, bob] = [await campaign.join(), await campaign.join()];
    const path = `/v1/campaigns/${campaign.campaignId}/bonuses`;
    const gift = { bonusId: "talk-1", partner: ada.wallet, amount: "20", reason: "For the talk in Berlin." };
    const give = (changes: object, token = campaign.brandToken) =>
      market.call("POST", path, { token, json: { ...gift, ...changes } });
    const first = await give({});
    expect(first.status, JSON.stringify(first.body)).to.equal(201);
    expect(first.body).to.include({ ...gift, amount: "20000000", state: "accepted", stateReason: null });
    expect(await campaign.promised(), "with the fee").to.equal(21_000_000n);
    const again = await give({});
    expect(again.status).to.equal(200);
    expect(again.body).to.deep.equal(first.body);

    const refused = async (status: number, changes: object, token?: string) => {
      const answer = await give(changes, token);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(status);
      return answer.body.detail;
    };
    expect(await refused(409, { amount: "19" })).to.match(/^Bonus "talk-1" is 20 for 0x.*Call another one otherwise/);
    expect(await refused(409, { bonusId: "2", amount: "20.000001" })).to.match(/more than the 20 that the description/);
    expect(await refused(409, { bonusId: "2", amount: "10.5" })).to.match(
      /Of the 30 .* 20 are given\. 10\.5 more do not fit/,
    );
    expect(await refused(409, { bonusId: "2", partner: newWallet() })).to.match(/is no partner of campaign/);
    expect(await refused(400, { bonusId: "2", amount: "0.0000001" })).to.match(/has 7 decimals/);
    expect(await refused(403, { bonusId: "2" }, ada.token)).to.be.a("string");
    expect(await campaign.promised()).to.equal(21_000_000n);

    const seen = (token: string) => market.call("GET", path, { token }).then(({ body }) => body.items);
    expect(await seen(ada.token)).to.deep.equal([first.body]);
    expect(await seen(bob.token)).to.deep.equal([]);
    expect(await seen(campaign.brandToken)).to.deep.equal([first.body]);
    const { body } = await market.call("GET", `/v1/conversions/${first.body.conversionId}`, { token: ada.token });
    expect(body).to.include({ event: "bonus", commission: "20000000", state: "accepted" });
  });

  it("without a word of it in the description there are none; what the budget did not cover is given when it does", async () => {
    const none = await open({});
    const ada = await none.join();
    const gift = { bonusId: "1", partner: ada.wallet, amount: "5", reason: "Thanks." };
    const refused = await market.call("POST", `/v1/campaigns/${none.campaignId}/bonuses`, {
      token: none.brandToken,
      json: gift,
    });
    expect(refused.status).to.equal(409);
    expect(refused.body.detail).to.match(/its description names none/);

    const poor = await open({ bonuses: { most: "20", mostPerMonth: "30" }, budget: 1n });
    const { wallet: partner } = await poor.join();
    const give = () =>
      market.call("POST", `/v1/campaigns/${poor.campaignId}/bonuses`, {
        token: poor.brandToken,
        json: { ...gift, partner },
      });
    const [one, other] = await Promise.all([give(), give()]);
    expect([one?.status, other?.status].sort(), "at once").to.deep.equal([200, 201]);
    expect(one?.body.state).to.equal("rejected");
    await market.database.query("UPDATE campaigns SET available = 100000000 WHERE id = $1", [poor.campaignId]);
    expect((await give()).body).to.include({ state: "accepted", stateReason: null });
  });
});
