import { expect } from "chai";
import { Wallet } from "ethers";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";

describe("applications and invitations", () => {
  let desk: RelayerWithCampaign;
  let campaign: string;
  let brand: string;

  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign();
    campaign = `/v1/campaigns/${desk.campaignId}`;
    brand = await desk.signIn(desk.brand);
    // Open to nobody: its offer is for affiliates, whom the brand chooses.
    await desk.database.query("UPDATE campaigns SET open_kinds = 0 WHERE id = $1", [desk.campaignId]);
  });
  after(() => desk.close());

  const call = (method: string, path: string, token?: string, json?: unknown) =>
    desk.call(method, path, { ...(token === undefined ? {} : { token }), ...(json === undefined ? {} : { json }) });
  async function partner() {
    const wallet = Wallet.createRandom();
    const token = await desk.signIn(wallet);
    return { address: wallet.address, token, own: () => call("GET", `/v1/me/admissions/${desk.campaignId}`, token) };
  }
  /** As the contract's event KindsSet is written down. */
  const setKinds = (address: string, mask: number) =>
    desk.database.query(
      `INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at) VALUES ($1, $2, $3, 0, 0)
       ON CONFLICT (campaign_id, partner) DO UPDATE SET mask = $3`,
      [desk.campaignId, address, mask],
    );

  it("ask what the brand asks, and nobody else says what that is", async () => {
    const questions = ["Where do you reach people?", "How many?"];
    expect((await call("PUT", `${campaign}/admission`, (await partner()).token, { questions })).status).to.equal(403);
    expect((await call("PUT", `${campaign}/admission`, brand, { questions: [" "] })).status).to.equal(400);
    expect((await call("PUT", `${campaign}/admission`, brand, { questions })).status).to.equal(200);
    const shown = await call("GET", `${campaign}/admission`);
    expect(shown.body).to.include({ open: false, funded: true, notice: null, closesAt: null });
    expect(shown.body.questions).to.deep.equal(questions);
  });

  it("wait, are declined with a reason, wait again, and are approved by what the chain says", async () => {
    const ada = await partner();
    const before = await ada.own();
    expect(before.body).to.include({ payable: false, application: null });
    const few = await call("POST", `${campaign}/applications`, ada.token, { answers: ["A podcast"] });
    expect([few.status, few.body.detail]).to.deep.equal([
      400,
      "The brand asks 2 questions now, and 1 answers came. Read the questions again.",
    ]);
    const applied = await call("POST", `${campaign}/applications`, ada.token, { answers: ["A podcast", "9,000"] });
    expect(applied.status, applied.body.detail).to.equal(201);
    expect(applied.body).to.include({ state: "waiting", partner: ada.address, reason: null });
    expect((await call("POST", `${campaign}/applications`, ada.token, { answers: ["A", "B"] })).status).to.equal(409);

    const decisions = `/v1/applications/${applied.body.id}/decisions`;
    const decline = { decision: "decline", reason: "We work with shops only." };
    expect((await call("POST", decisions, ada.token, decline)).status).to.equal(404);
    expect((await call("POST", decisions, brand, { decision: "decline", reason: " " })).status).to.equal(400);
    expect((await call("POST", decisions, brand, decline)).body.state).to.equal("declined");
    expect((await ada.own()).body.application).to.include({ state: "declined", reason: decline.reason });
    expect((await call("POST", decisions, brand, { decision: "reconsider" })).body).to.include({
      state: "waiting",
      reason: null,
    });

    await setKinds(ada.address, 1);
    const own = (await ada.own()).body;
    expect([own.payable, own.kinds, own.application.state]).to.deep.equal([true, [0], "approved"]);
    // What the chain says is not declined beside it.
    expect((await call("POST", decisions, brand, decline)).status).to.equal(409);
    const mine = await call("GET", "/v1/me/applications", ada.token);
    expect(mine.body.items.map(({ state }: { state: string }) => state)).to.deep.equal(["approved"]);
  });

  it("are listed for the brand alone, by state and in pages", async () => {
    const all = await Promise.all([partner(), partner(), partner()]);
    for (const one of all) await call("POST", `${campaign}/applications`, one.token, { answers: ["A", "B"] });
    expect((await call("GET", `${campaign}/applications`, all[0]?.token)).status).to.equal(403);
    const first = await call("GET", `${campaign}/applications?state=waiting&limit=2`, brand);
    expect(first.body.items.map((one: { partner: string }) => one.partner)).to.deep.equal([
      all[2]?.address,
      all[1]?.address,
    ]);
    const rest = await call("GET", `${campaign}/applications?state=waiting&cursor=${first.body.next}`, brand);
    expect(rest.body.items.map((one: { partner: string }) => one.partner)).to.deep.equal([all[0]?.address]);
    expect(rest.body.next).to.equal(null);
    const approved = await call("GET", `${campaign}/applications?state=approved`, brand);
    expect(approved.body.items).to.have.length(1);
  });

  it("are not asked of whom the campaign pays already, nor taken from its brand", async () => {
    const bob = await partner();
    await setKinds(bob.address, 1);
    const needless = await call("POST", `${campaign}/applications`, bob.token, { answers: ["A", "B"] });
    expect([needless.status, /pays 0x\w+ already: join it/.test(needless.body.detail)]).to.deep.equal([409, true]);
    expect((await call("POST", `${campaign}/applications`, brand, { answers: ["A", "B"] })).status).to.equal(403);
    // Kinds without an offer for them pay nothing.
    await setKinds(bob.address, 1 << 12);
    expect((await bob.own()).body).to.include({ payable: false });
  });

  it("come by a personal link with a group, once; what was declined comes in by one", async () => {
    const invite = async (label = "Cleo's newsletter") =>
      (await call("POST", `${campaign}/invitations`, brand, { label, kinds: [0, 12] })).body;
    const [one, other] = [await invite(), await invite("Nobody")];
    expect(one).to.include({ state: "open", partner: null });
    expect(one.code).to.match(/^[0-9a-z]{16}$/);
    const seen = await call("GET", `/v1/invitations/${one.code}`);
    expect(seen.body).to.deep.equal({ campaignId: desk.campaignId, kinds: [0, 12], state: "open" });

    const cleo = await partner();
    const applied = await call("POST", `${campaign}/applications`, cleo.token, { answers: ["A", "B"] });
    const decline = { decision: "decline", reason: "Too small." };
    await call("POST", `/v1/applications/${applied.body.id}/decisions`, brand, decline);
    const accept = (token: string, code: string) =>
      call("POST", `${campaign}/applications`, token, { answers: [], invitation: code });
    const accepted = await accept(cleo.token, one.code);
    expect(accepted.body).to.include({ state: "waiting", reason: null });
    expect(accepted.body.invitation).to.deep.equal({ label: "Cleo's newsletter", kinds: [0, 12] });
    expect((await accept((await partner()).token, one.code)).status).to.equal(409);

    const revoke = (token: string) => call("DELETE", `${campaign}/invitations/${other.id}`, token);
    expect((await revoke(cleo.token)).status).to.equal(403);
    expect((await revoke(brand)).status).to.equal(204);
    expect((await accept((await partner()).token, other.code)).body.detail).to.equal(
      "The brand has taken this invitation back. Ask it.",
    );
    const listed = await call("GET", `${campaign}/invitations`, brand);
    expect(
      listed.body.items.map(({ state, partner: by }: { state: string; partner: string }) => [state, by]),
    ).to.deep.equal([
      ["revoked", null],
      ["used", cleo.address],
    ]);
    expect((await call("GET", "/v1/invitations/2222222222222222")).status).to.equal(404);
  });

  it("say before anybody joins that nothing is paid now, and why", async () => {
    const dan = await partner();
    await desk.database.query("UPDATE campaigns SET suspended_until = 99999999999 WHERE id = $1", [desk.campaignId]);
    expect((await dan.own()).body).to.include({ notice: "campaign_suspended" });
    await desk.database.query("UPDATE campaigns SET suspended_until = 0, closes_at = 99999999999 WHERE id = $1", [
      desk.campaignId,
    ]);
    expect((await call("GET", `${campaign}/admission`)).body).to.include({ notice: null, closesAt: 99999999999 });
    await desk.database.query("UPDATE campaigns SET closes_at = 0 WHERE id = $1", [desk.campaignId]);
  });
});
