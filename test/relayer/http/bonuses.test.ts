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

  it("one that is accepted in a later month than it was said in counts for that month, and no more are given in it", async () => {
    const campaign = await open({ bonuses: { most: "20", mostPerMonth: "30" }, offers: OFFERS.slice(0, 1) });
    const { wallet: partner } = await campaign.join();
    const path = `/v1/campaigns/${campaign.campaignId}/bonuses`;
    const give = (bonusId: string, amount = "20") =>
      market.call("POST", path, {
        token: campaign.brandToken,
        json: { bonusId, partner, amount, reason: "Thanks." },
      });
    for (const bonusId of ["a", "b"]) expect((await give(bonusId, "15")).body.stateReason).to.match(/^No valid offer/);
    // Said two months ago, and there was no offer then.
    await market.database.query(
      "UPDATE manual_bonuses SET month = '2020-01', order_id = 'manual:2020-01:' || bonus_id WHERE campaign_id = $1",
      [campaign.campaignId],
    );
    await market.database.query(
      `UPDATE conversions SET order_id = replace(order_id, $2, '2020-01'), received_at = '2020-01-15'
       WHERE campaign_id = $1`,
      [campaign.campaignId, new Date().toISOString().slice(0, 7)],
    );
    await market.database.query(
      `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to)
       VALUES ($1, 2, 'bonus', 0, 0, 10000, 1000000, extract(epoch FROM now())::bigint - 1, 1099511627775)`,
      [campaign.campaignId],
    );
    expect((await give("c")).body.state).to.equal("accepted");
    // 20 of this month's 30 are given: 15 of January's do not fit, whichever way they are judged again.
    const full = /It was said in 2020-01, .* Of the 30 .* in 20\d\d-\d\d, 20 are given\. 15 more do not fit/;
    const refused = await give("a", "15");
    expect(refused.status).to.equal(409);
    expect(refused.body.detail).to.match(full);
    const listed = (await market.call("GET", path, { token: campaign.brandToken })).body.items;
    const a = listed.find(({ bonusId }: { bonusId: string }) => bonusId === "a");
    const judged = await market.call("POST", `/v1/conversions/${a.conversionId}/judgements`, {
      token: campaign.brandToken,
    });
    expect(judged.status).to.equal(409);
    expect(judged.body.detail).to.match(full);
    expect((await campaign.conversion(a.conversionId)).reason, "nothing is changed").to.equal("no_offer");
    await market.database.query("DELETE FROM manual_bonuses WHERE bonus_id = 'c' AND campaign_id = $1", [
      campaign.campaignId,
    ]);
    expect((await give("a", "15")).body).to.include({ state: "accepted", stateReason: null });
    expect((await give("b", "15")).body).to.include({ state: "accepted", stateReason: null });
    expect((await give("d", "1")).body.detail).to.match(/30 are given\. 1 more do not fit/);
    // What is accepted stays so, and is said again in peace.
    await market.describe(campaign.campaignId, { events: EVENTS });
    expect((await give("a", "15")).body).to.include({ state: "accepted", stateReason: null });
  });

  it("the bonus of a target is not taken back, but by the brand where the attesters would not have it; one of its own word is", async () => {
    const steps = [{ conversions: 1, bonus: "10" }];
    const campaign = await open({
      targets: [{ name: "one", title: "One", period: "once", counts: ["sale"], steps }],
      bonuses: { most: "20", mostPerMonth: "30" },
    });
    const ada = await campaign.join();
    const [{ id: partnershipId } = { id: 0n }] = await market.database.query<{ id: bigint }>(
      "SELECT id FROM partnerships WHERE campaign_id = $1",
      [campaign.campaignId],
    );
    const orderId = `target:one:once:1:${ada.wallet.toLowerCase()}`;
    const bonus = { partnershipId, event: "bonus", orderId, amount: 10_000_000n, kinds: undefined };
    const [taken] = await market.intake.reward(campaign.campaignId, [bonus], Date.now());
    if (taken === undefined || taken instanceof Error) throw taken ?? new Error("nothing was taken in");
    const id = String(taken.conversion.id);
    const refuses = async (answer: ReturnType<typeof campaign.refund>) => {
      const { status, body } = await answer;
      expect(status, JSON.stringify(body)).to.equal(409);
      expect(body.detail).to.match(new RegExp(`is the bonus of a target \\(order "${orderId}"\\): what was reached`));
    };
    const byOrder = () =>
      market.call("POST", "/v1/refunds", { token: campaign.key, json: { orderId, event: "bonus", all: true } });
    const promised = await campaign.promised();
    for (const state of ["accepted", "batched", "attested"]) {
      if (state === "batched") await campaign.number();
      if (state === "attested")
        await market.database.query("UPDATE conversions SET state = 'attested' WHERE id = $1", [id]);
      expect((await campaign.conversion(id)).state).to.equal(state);
      await refuses(campaign.refund(id));
      await refuses(campaign.refund(id, { volume: "1", refundId: "part" }));
      await refuses(byOrder());
    }
    expect(await market.database.query("SELECT 1 FROM reversals WHERE conversion_id = $1", [id])).to.deep.equal([]);
    expect(await campaign.promised()).to.equal(promised);

    await market.database.query("UPDATE conversions SET state = 'review', batch = NULL, number = NULL WHERE id = $1", [
      id,
    ]);
    expect((await campaign.refund(id)).body).to.include({ state: "reversed" });

    const given = await market.call("POST", `/v1/campaigns/${campaign.campaignId}/bonuses`, {
      token: campaign.brandToken,
      json: { bonusId: "1", partner: ada.wallet, amount: "5", reason: "Thanks." },
    });
    expect(given.body.state).to.equal("accepted");
    expect((await campaign.refund(given.body.conversionId)).body).to.include({ state: "reversed" });
  });

  it("a leaderboard shows who reached most, by name where a partner says so, to partners alone or to everybody", async () => {
    const BEST = { title: "Best of the month", period: "month" as const, event: "sale", by: "conversions" as const };
    const campaign = await open({ leaderboard: { ...BEST, places: 2 } });
    const [ada, bob, kai, eve] = await Promise.all([0, 1, 2, 3].map(() => campaign.join()));
    if (ada === undefined || bob === undefined || kai === undefined || eve === undefined)
      throw new Error("nobody joined");
    const path = `/v1/campaigns/${campaign.campaignId}/leaderboard`;
    const ask = async (token?: string, query = "") =>
      market.call("GET", path + query, token === undefined ? {} : { token });
    const own = (name: string, onLeaderboards: boolean) => ({ json: { name, onLeaderboards } });
    await market.call("PUT", "/v1/me/profile", { token: ada.token, ...own("Ada", true) });
    await market.call("PUT", "/v1/me/profile", { token: bob.token, ...own("Bob", false) });
    await market.call("PUT", "/v1/me/profile", { token: kai.token, ...own("Kai", true) });
    const sell = (partner: typeof ada, times: number) =>
      Promise.all(
        Array.from({ length: times }, () => campaign.report({ volume: "10", referralToken: partner.click() })),
      );
    const settle = async () => {
      const digest = await campaign.attest(-60);
      await releaseConversions(market.database, { batch: digest }, id(`release of ${digest}`));
      await addReached(market.database, digest);
      await addReached(market.database, digest);
    };
    await sell(ada, 1);
    await sell(kai, 2);
    await sell(eve, 1);
    await settle();
    // In another batch of the same day.
    await sell(bob, 2);
    await sell(ada, 1);
    await settle();
    await sell(eve, 5);
    const seen = await ask(ada.token);
    expect(seen.status, JSON.stringify(seen.body)).to.equal(200);
    expect(seen.body).to.include({ title: "Best of the month", event: "sale", by: "conversions" });
    const places = [
      { rank: 1, name: "Ada", conversions: 2, volumeBaseUnits: null, own: true },
      { rank: 1, name: null, conversions: 2, volumeBaseUnits: null, own: false },
      { rank: 1, name: "Kai", conversions: 2, volumeBaseUnits: null, own: false },
    ];
    expect(seen.body.places, "who reached the same has the same place").to.deep.equal(places);
    expect(seen.body.own).to.deep.equal({ rank: 1, conversions: 2, volumeBaseUnits: null });
    expect((await ask(eve.token)).body.own, "what is not paid for good does not count").to.include({
      rank: 4,
      conversions: 1,
    });
    expect(JSON.stringify(seen.body), "no address").to.not.match(/0x/i);
    const brand = await ask(campaign.brandToken);
    expect([brand.status, brand.body.places.length, brand.body.own]).to.deep.equal([200, 3, null]);

    expect((await ask()).status).to.equal(401);
    const stranger = await ask(await market.openSession(newWallet()));
    expect(stranger.status).to.equal(403);
    expect(stranger.body.detail).to.match(/is for its partners/);
    expect((await ask(ada.token, "?period=2019-01")).body.places).to.deep.equal([]);
    expect((await ask(ada.token, "?period=2019")).body.detail).to.equal(
      'The leaderboard is by month, and "2019" is none.',
    );
    expect((await ask(ada.token, "?period=now")).status).to.equal(400);
    expect(
      (await market.call("GET", `/v1/campaigns/${(await open({})).campaignId}/leaderboard`, { token: ada.token }))
        .status,
    ).to.equal(404);

    const everybodys = await open({ leaderboard: { ...BEST, by: "volume", shownTo: "everybody" } });
    const lee = await everybodys.join();
    await everybodys.report({ volume: "12.5", referralToken: lee.click() });
    const digest = await everybodys.attest(-60);
    await releaseConversions(market.database, { batch: digest }, id("release of it"));
    await addReached(market.database, digest);
    const { body } = await market.call("GET", `/v1/campaigns/${everybodys.campaignId}/leaderboard`);
    expect(body.places).to.deep.equal([
      { rank: 1, name: null, conversions: null, volumeBaseUnits: "12500000", own: false },
    ]);
    const again = "SELECT * FROM standings EXCEPT SELECT * FROM standings_again";
    const missing = "SELECT * FROM standings_again EXCEPT SELECT * FROM standings";
    expect(await market.database.query(`${again} UNION ALL (${missing})`), "as summed up again").to.deep.equal([]);
  });
});
