import { expect } from "chai";
import { Wallet } from "ethers";
import { type LocalRelayer, newWallet, openRelayer, SECRET } from "#harness/relayer.ts";
import { openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";
import { besideANeighbour } from "../../support/neighbour.ts";

describe("reviews of flagged conversions", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());
  besideANeighbour(() => market);

  /** A campaign that expects one conversion an hour of each partner, with three of one: two of them are flagged. */
  async function flagged() {
    const campaign = await market.openCampaign({ fraud: { velocityPerHour: 1 } });
    const [ada, ben] = [await campaign.join(), await campaign.join()];
    await campaign.report({ orderId: "ben's", volume: "5", referralToken: ben.click() });
    const ids: string[] = [];
    for (const orderId of ["1", "2", "3"]) {
      const { body } = await campaign.report({ orderId, volume: "5", referralToken: ada.click() });
      expect(body.state).to.equal("accepted");
      ids.push(body.id);
    }
    const path = `/v1/campaigns/${campaign.campaignId}/reviews`;
    const list = async () =>
      (await market.call("GET", path, { token: campaign.brandToken })).body.items.map(({ id }: { id: string }) => id);
    const review = (id: string, decision: string, token = campaign.brandToken) =>
      market.call("POST", `/v1/conversions/${id}/reviews`, { token, json: { decision } });
    return { campaign, ada, ids, path, list, review };
  }

  it("lists what is flagged to the brand, with the reason in words, and to nobody else", async () => {
    const { campaign, ada, ids, path, list } = await flagged();
    expect(await list()).to.deep.equal([ids[2], ids[1]]);
    const { body } = await market.call("GET", path, { token: campaign.brandToken });
    expect(body.items[0].flags).to.deep.equal([
      {
        flag: "velocity",
        text: "Its partner had more conversions within an hour than the campaign's description expects.",
      },
    ]);
    expect((await market.call("GET", path, { token: ada.token })).status).to.equal(403);
    expect((await market.call("GET", path)).status).to.equal(401);
    const page = await market.call("GET", `${path}?limit=1`, { token: campaign.brandToken });
    expect(page.body.next).to.equal(ids[2]);
    const rest = await market.call("GET", `${path}?limit=1&cursor=${page.body.next}`, { token: campaign.brandToken });
    expect([rest.body.items[0].id, rest.body.next]).to.deep.equal([ids[1], null]);
    const oldest = await market.call("GET", `${path}?limit=1&sort=oldest`, { token: campaign.brandToken });
    expect([oldest.body.items[0].id, oldest.body.next]).to.deep.equal([ids[1], ids[1]]);
    const newer = `${path}?sort=oldest&cursor=${ids[1]}`;
    const { items } = (await market.call("GET", newer, { token: campaign.brandToken })).body;
    expect(items.map(({ id }: { id: string }) => id)).to.deep.equal([ids[2]]);
    const seen = await market.call("GET", `/v1/conversions/${ids[1]}`, { token: ada.token });
    expect(seen.body).to.not.have.property("flags");
  });

  it("releases: the flags go, with a note, and the conversion is paid as any other", async () => {
    const { campaign, ids, list, review } = await flagged();
    const [, id = ""] = ids;
    const promised = await campaign.promised();
    for (const _ of [1, 2]) {
      const { status, body } = await review(id, "release");
      expect(status).to.equal(202);
      expect(body).to.deep.include({ state: "accepted", flags: [] });
      expect(body.moves.map(({ reason }: { reason: string }) => reason)).to.deep.equal([null, "review_released"]);
    }
    expect(await list()).to.deep.equal([ids[2]]);
    expect(await campaign.promised()).to.equal(promised);
    expect((await review(id, "confirm")).status).to.equal(409);
  });

  it("confirms before attestation: it is taken back, and its partner reads why", async () => {
    const { campaign, ada, ids, list, review } = await flagged();
    const [, id = ""] = ids;
    const promised = (await campaign.promised()) as bigint;
    for (const _ of [1, 2])
      expect((await review(id, "confirm")).body).to.include({ state: "reversed", reason: "fraud_confirmed" });
    expect(promised - ((await campaign.promised()) as bigint)).to.equal(1_575_000n);
    expect(await list()).to.deep.equal([ids[2]]);
    const seen = await market.call("GET", `/v1/conversions/${id}`, { token: ada.token });
    expect(seen.body.reasonText).to.contain("not genuine");
    const taken = await review(id, "release");
    expect(taken.status).to.equal(409);
    expect(taken.body.detail).to.contain("confirmed as fraud");
  });

  it("confirms within the hold by a reversal, and not after it", async () => {
    const { campaign, ids, list, review } = await flagged();
    const [, first = "", second = ""] = ids;
    const digest = await campaign.attest();
    const { body } = await review(first, "confirm");
    expect(body.refunds[0]).to.include({ state: "requested", reason: "fraud_confirmed", whole: true });
    expect(await list()).to.deep.equal([second]);
    await market.database.query("UPDATE batches SET release_at = 1 WHERE digest = $1", [digest]);
    // Silence pays: what nobody reviewed in time is the partner's.
    expect(await list()).to.deep.equal([]);
    const late = await review(second, "confirm");
    expect(late.status).to.equal(409);
    expect(late.body.detail).to.contain("released");
  });

  it("is the brand's alone, and only of what is flagged", async () => {
    const { ada, ids, review, campaign } = await flagged();
    const [plain = "", id = ""] = ids;
    expect((await review(id, "confirm", ada.token)).status).to.equal(404);
    expect((await review(id, "confirm", campaign.key)).status).to.equal(401);
    expect((await review(id, "forget")).status).to.equal(400);
    const unflagged = await review(plain, "confirm");
    expect(unflagged.status).to.equal(409);
    expect(unflagged.body.detail).to.contain("no flags");
    expect((await campaign.conversion(id)).state).to.equal("accepted");
  });

  it("reviews many by one request, each by itself, and tells what became of each", async () => {
    const { campaign, ada, ids, path, list } = await flagged();
    const [plain = "", second = "", third = ""] = ids;
    const many = (json: unknown, token = campaign.brandToken) => market.call("POST", path, { token, json });
    const next = await flagged();
    const [, foreign = ""] = next.ids;
    const conversionIds = [second, plain, foreign, third];
    for (const _ of [1, 2]) {
      const { status, body } = await many({ decision: "confirm", conversionIds });
      expect(status).to.equal(200);
      expect(body.outcomes).to.deep.equal([
        { conversionId: second, done: true, detail: null },
        {
          conversionId: plain,
          done: false,
          detail: `Conversion ${plain} is not up for review: it has no flags. Take it back with a refund.`,
        },
        { conversionId: foreign, done: false, detail: `Campaign ${campaign.campaignId} has no conversion ${foreign}.` },
        { conversionId: third, done: true, detail: null },
      ]);
    }
    expect(await list()).to.deep.equal([]);
    expect((await campaign.conversion(third)).state).to.equal("reversed");
    expect((await campaign.conversion(plain)).state).to.equal("accepted");
    expect(await next.list()).to.include(foreign);
    const released = await many({ decision: "release", conversionIds: [third] });
    expect(released.body.outcomes[0].detail).to.contain("confirmed as fraud");

    for (const [json, said] of [
      [{ decision: "confirm", conversionIds: [] }, "conversionIds"],
      [{ decision: "confirm", conversionIds: [second, second] }, "has an id twice"],
      [{ decision: "confirm", conversionIds: Array.from({ length: 51 }, (_, i) => String(i)) }, "at most 50 ids"],
      [{ decision: "forget", conversionIds: [second] }, "decision"],
    ] as const) {
      const { status, body } = await many(json);
      expect([status, body.detail.includes(said)], body.detail).to.deep.equal([400, true]);
    }
    const one = { decision: "release", conversionIds: [second] };
    expect((await many(one, ada.token)).status).to.equal(403);
    expect((await many(one, campaign.key)).status).to.equal(401);
  });

  it("is also asked about what the attesters refused: shown to them again, or taken back", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const ids = [];
    for (const orderId of ["1", "2"])
      ids.push((await campaign.report({ orderId, volume: "5", referralToken: ada.click() })).body.id);
    const [again = "", gone = ""] = ids;
    await market.database.query(
      "UPDATE conversions SET state = 'review', reason = 'attesters_refused', note = 'unknown' WHERE campaign_id = $1",
      [campaign.campaignId],
    );
    const path = `/v1/campaigns/${campaign.campaignId}/reviews`;
    const { items } = (await market.call("GET", path, { token: campaign.brandToken })).body;
    expect(items.map(({ id, note }: { id: string; note: string }) => [id, note])).to.deep.equal([
      [gone, "unknown"],
      [again, "unknown"],
    ]);
    expect((await market.call("GET", `/v1/conversions/${gone}`, { token: ada.token })).body).to.not.have.property(
      "note",
    );
    const review = async (id: string, decision: string) =>
      (await market.call("POST", `/v1/conversions/${id}/reviews`, { token: campaign.brandToken, json: { decision } }))
        .body;
    expect(await review(again, "release")).to.include({ state: "accepted", reason: null });
    expect(await review(gone, "confirm")).to.include({ state: "reversed", reason: "fraud_confirmed" });
    expect(await review(gone, "confirm")).to.include({ state: "reversed" });
    expect(await campaign.promised()).to.equal(1_575_000n);
  });

  it("rejects at once what cannot be genuine, with a reason that the partner sees", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const payout = newWallet();
    await market.database.query("INSERT INTO payouts (owner, receiver) VALUES ($1, $2)", [ada.wallet, payout]);
    const wallet = newWallet();
    await campaign.report({ volume: "5", customerId: "owner", customerWallet: wallet, referralToken: ada.click() });
    const reason = async (report: Record<string, unknown>) => {
      const { body } = await campaign.report({ volume: "5", referralToken: ada.click(), ...report });
      const seen = await market.call("GET", `/v1/conversions/${body.id}`, { token: ada.token });
      expect(seen.body.reasonText).to.be.a("string");
      return seen.body.reason;
    };
    expect(await reason({ customerWallet: ada.wallet })).to.equal("self_referral");
    expect(await reason({ customerWallet: payout })).to.equal("self_referral");
    expect(await reason({ customerId: `user-${ada.wallet.toLowerCase()}` })).to.equal("self_referral");
    expect(await reason({ customerId: "thief", customerWallet: wallet })).to.equal("duplicate_customer");
    expect(await reason({ customerId: "d", customerEmailDomain: "x.yopmail.com" })).to.equal("disposable_domain");
    expect((await campaign.report({ volume: "5", customerId: "owner", customerWallet: wallet })).body.state).to.equal(
      "accepted",
    );
  });
});

describe("a partner's network", function () {
  this.timeout(240_000);
  let desk: RelayerWithCampaign;
  before(async () => {
    desk = await openRelayerWithCampaign();
  });
  after(() => desk?.close());

  it("is where it joined or last signed in, and flags customers who come from there", async () => {
    const [home, cafe] = ["203.0.113.7", "2001:db8:7::1"];
    const brand = await desk.signIn(desk.brand);
    const { secret } = await desk.addKey(desk.campaignId, brand, ["report", "read"]);
    const ada = Wallet.createRandom();
    const joining = { token: await desk.signIn(ada), from: home };
    const { code } = (await desk.call("POST", `/v1/campaigns/${desk.campaignId}/partnerships`, joining)).body;
    let orders = 0;
    const flags = async (customerIp: string) => {
      const now = Date.now();
      const referralToken = signReferral(SECRET, {
        code,
        clickedAt: now,
        expiresAt: now + 1e6,
        clickId: newClickId(),
      });
      const json = { event: "signup", orderId: `n${++orders}`, customerIp, referralToken };
      const { id } = (await desk.call("POST", "/v1/conversions", { token: secret, json })).body;
      const reviews = (await desk.call("GET", `/v1/campaigns/${desk.campaignId}/reviews`, { token: brand })).body.items;
      const found = reviews.find((one: { id: string }) => one.id === id);
      return (found?.flags ?? []).map(({ flag }: { flag: string }) => flag);
    };
    expect(await flags(home)).to.deep.equal(["same_network"]);
    expect(await flags("203.0.113.8")).to.deep.equal([]);
    await desk.signIn(ada, cafe);
    expect(await flags("2001:db8:7:0:ffff::9")).to.deep.equal(["same_network"]);
    expect(await flags(home)).to.deep.equal([]);
    // The address itself is nowhere.
    const stored = JSON.stringify(await desk.database.query("SELECT to_jsonb(p) AS row FROM partnerships p"));
    expect(stored).to.not.contain(home).and.not.contain("2001:db8");
  });
});
