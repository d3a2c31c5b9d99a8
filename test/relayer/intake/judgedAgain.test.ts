import { receiptTypes } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { verifyTypedData } from "ethers";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { expireConversions } from "#relayer/store/conversions.ts";
import { run } from "#scripts/judge-again.ts";
import { besideANeighbour } from "../../support/neighbour.ts";

type Campaign = Awaited<ReturnType<LocalRelayer["openCampaign"]>>;

describe("a conversion that was rejected", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());
  besideANeighbour(() => market);

  const fund = ({ campaignId }: Campaign, available: bigint) =>
    market.database.query("UPDATE campaigns SET available = $2 WHERE id = $1", [campaignId, available]);
  const judge = (id: string, token: string) => market.call("POST", `/v1/conversions/${id}/judgements`, { token });
  const outcomes = ({ moves }: { moves: { state: string; reason: string | null }[] }) =>
    moves.map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`));

  it("for want of a budget is accepted once it is funded and reported again, once, with both outcomes on record", async () => {
    const campaign = await market.openCampaign({ budget: 6_299_999n });
    const ada = await campaign.join();
    const report = { orderId: "a", customerId: "c", volume: "50", referralToken: ada.click() };
    const before = await campaign.report(report);
    expect(before.body).to.include({ state: "rejected", reason: "budget_exhausted", receipt: null });
    // As long as nothing is mended nothing is noted.
    const still = await campaign.report(report);
    expect([still.status, still.body]).to.deep.equal([200, before.body]);

    await fund(campaign, 20_000_000n);
    const { status, body } = await campaign.report(report);
    expect(status).to.equal(200);
    expect(body).to.include({
      id: before.body.id,
      state: "accepted",
      reason: null,
      commission: "6000000",
      partner: ada.wallet,
      receivedAt: before.body.receivedAt,
    });
    expect(outcomes(body)).to.deep.equal(["rejected: budget_exhausted", "accepted"]);
    const { signature, ...receipt } = body.receipt;
    const message = { campaignId: campaign.campaignId, ...receipt };
    expect(verifyTypedData(market.domain, receiptTypes, message, signature)).to.equal(market.relayer);
    expect(receipt.attestBy).to.be.at.least(Math.floor(Date.now() / 1000) + 86_300);
    for (const again of [await campaign.report(report), await judge(body.id, campaign.key)])
      expect([again.status, again.body]).to.deep.equal([200, body]);
    expect(await campaign.promised()).to.equal(6_300_000n);
    // It binds as any accepted one.
    expect((await campaign.report({ customerId: "c", volume: "5" })).body).to.include({ partner: ada.wallet });
  });

  it("of which two reports come at once with a budget for one is accepted once", async () => {
    const campaign = await market.openCampaign({ budget: 0n });
    const ada = await campaign.join();
    const report = { orderId: "a", volume: "50", referralToken: ada.click() };
    await campaign.report(report);
    await fund(campaign, 10n ** 9n);
    const { body } = await campaign.report({ orderId: "b", volume: "50" });
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, () => campaign.report(report)),
      judge(body.id, campaign.key),
      campaign.report({ orderId: "c", volume: "50", referralToken: ada.click() }),
    ]);
    expect(answers.map(({ body: { state } }) => state)).to.deep.equal([
      ...Array.from({ length: 6 }, () => "accepted"),
      "rejected",
      "accepted",
    ]);
    expect(await campaign.promised()).to.equal(12_600_000n);
  });

  it("because its lead came later is accepted when it is reported again, or by the brand's word", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const reports = ["1", "2", "3"].map((orderId) => ({ orderId, customerId: "c", volume: "50" }));
    const ids: string[] = [];
    for (const report of reports) {
      const { body } = await campaign.report(report);
      expect(body).to.include({ state: "rejected", reason: "no_referral", partner: null });
      ids.push(body.id);
    }
    expect((await judge(ids[1] as string, campaign.key)).body).to.include({ state: "rejected" });
    await campaign.bind({ referralToken: ada.click(), customerId: "c" });
    const byReport = (await campaign.report({ ...reports[0] })).body;
    const byKey = (await judge(ids[1] as string, campaign.key)).body;
    const byWallet = (await judge(ids[2] as string, campaign.brandToken)).body;
    for (const body of [byReport, byKey, byWallet]) {
      expect(body).to.include({ state: "accepted", partner: ada.wallet, commission: "6000000" });
      expect(outcomes(body)).to.deep.equal(["rejected: no_referral", "accepted"]);
    }
    expect(await campaign.promised()).to.equal(18_900_000n);
  });

  it("as a trial at 0 is accepted when it is paid, and what was said last is what counts", async () => {
    const campaign = await market.openCampaign({ offers: [{ kind: 0, rateBps: 1_000 }] });
    const ada = await campaign.join();
    const trial = { orderId: "sub-1", volume: "0", referralToken: ada.click() };
    const { body: before } = await campaign.report(trial, { "idempotency-key": "k1" });
    expect(before).to.include({ state: "rejected", reason: "below_minimum", volumeBaseUnits: "0" });
    const paid = { ...trial, volume: "49.90" };
    const { status, body } = await campaign.report(paid, { "idempotency-key": "k2" });
    expect(status).to.equal(200);
    expect(body).to.include({ id: before.id, state: "accepted", volumeBaseUnits: "49900000", commission: "4990000" });
    expect(outcomes(body)).to.deep.equal(["rejected: below_minimum", "accepted"]);
    expect((await campaign.report(paid, { "idempotency-key": "k2" })).body).to.deep.equal(body);
    // The trial's report is late now: it is another body of an order that is accepted.
    expect((await campaign.report(trial, { "idempotency-key": "k1" })).status).to.equal(409);
    expect((await campaign.report({ ...paid, volume: "60" })).status).to.equal(409);
    expect(await campaign.promised()).to.equal(5_239_500n);
  });

  it("by a slip in its event is reported with the right one, also under the same Idempotency-Key", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const report = { orderId: "a", volume: "50", referralToken: ada.click() };
    const slip = await campaign.report({ ...report, event: "sael" }, { "idempotency-key": "a" });
    expect(slip.body).to.include({ state: "rejected", reason: "unknown_event" });
    const right = await campaign.report(report, { "idempotency-key": "a" });
    expect([right.status, right.body.state]).to.deep.equal([201, "accepted"]);
    expect((await campaign.report(report, { "idempotency-key": "a" })).body).to.deep.equal(right.body);
    // The key is that order's now.
    const back = await campaign.report({ ...report, event: "sael" }, { "idempotency-key": "a" });
    expect(back.status).to.equal(409);
    expect(back.body.detail).to.contain(`Idempotency-Key "a"`);
    expect(await campaign.promised()).to.equal(6_300_000n);
  });

  it("by a slip in the description is accepted by the brand's word once that is mended", async () => {
    const campaign = await market.openCampaign({ events: [{ name: "sael", title: "", perCustomer: null }] });
    const ada = await campaign.join();
    const report = { orderId: "a", customerId: "c", volume: "50", referralToken: ada.click() };
    const { body } = await campaign.report(report);
    expect(body).to.include({ state: "rejected", reason: "unknown_event" });
    await market.describe(campaign.campaignId, { events: [{ name: "sale", title: "", perCustomer: 1 }] });
    expect((await judge(body.id, campaign.key)).body).to.include({ state: "accepted", partner: ada.wallet });
    // The customer counts as in any report.
    expect((await campaign.report({ ...report, orderId: "b" })).body).to.include({ reason: "customer_limit" });
  });

  it("is judged as of when it came: what has ended since was good then; and else as of now", async () => {
    const campaign = await market.openCampaign({ budget: 0n, attribution: { windowSeconds: 3_600 } });
    const ada = await campaign.join();
    const late = { orderId: "late", volume: "50", referralToken: ada.click(3_000) };
    const { body: first } = await campaign.report(late);
    expect(first.reason).to.equal("budget_exhausted");
    // Two hours later the click's window is over, and the offer has ended.
    const ago = "received_at = received_at - interval '2 hours'";
    await market.database.query(`UPDATE conversions SET ${ago} WHERE id = $1`, [first.id]);
    await market.database.query(
      "UPDATE conversions SET introduced = jsonb_set(introduced, '{referral,expiresAt}', $2::jsonb) WHERE id = $1",
      [first.id, String(Date.now() - 3_600_000)],
    );
    await market.database.query("UPDATE offers SET valid_to = $2 WHERE campaign_id = $1", [
      campaign.campaignId,
      Math.floor(Date.now() / 1000) - 3_600,
    ]);
    await fund(campaign, 10n ** 9n);
    const { body } = await judge(first.id, campaign.key);
    expect(body).to.include({ state: "accepted", partner: ada.wallet, commission: "6000000" });
    expect(Date.parse(body.receivedAt)).to.be.below(Date.now() - 7_000_000);

    // Nothing was offered then; now there is.
    const { body: early } = await campaign.report({ orderId: "early", volume: "50", referralToken: ada.click() });
    expect(early.reason).to.equal("no_offer");
    await market.database.query(`UPDATE conversions SET ${ago} WHERE id = $1`, [early.id]);
    await market.database.query("UPDATE offers SET valid_from = $2, valid_to = $3 WHERE campaign_id = $1", [
      campaign.campaignId,
      Math.floor(Date.now() / 1000) - 60,
      Math.floor(Date.now() / 1000) + 3_600,
    ]);
    const { body: now } = await judge(early.id, campaign.key);
    expect(now).to.include({ state: "accepted", commission: "6000000" });
    expect(Date.parse(now.receivedAt)).to.be.above(Date.now() - 600_000);
  });

  it("and refunded meanwhile is taken back as soon as it is accepted", async () => {
    const campaign = await market.openCampaign({ budget: 0n });
    const ada = await campaign.join();
    const report = (orderId: string) => ({ orderId, volume: "50", referralToken: ada.click() });
    const [whole, part] = [report("whole"), report("part")];
    const [a, b] = [(await campaign.report(whole)).body.id, (await campaign.report(part)).body.id];
    await campaign.refund(a);
    await campaign.refund(b, { volume: "20", refundId: "r" });
    await fund(campaign, 10n ** 9n);
    expect((await campaign.report(whole)).body).to.include({ state: "reversed", refunded: "50000000" });
    expect((await judge(b, campaign.key)).body).to.include({ state: "accepted", commission: "4000000" });
    expect((await campaign.refund(b, { volume: "20", refundId: "r" })).body).to.include({ refunded: "20000000" });
    expect(await campaign.promised()).to.equal(4_200_000n);
  });

  it("as fraud is not waved through by a word, and the report that is right counts", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const self = { orderId: "a", volume: "50", referralToken: ada.click(), customerWallet: ada.wallet };
    const { body } = await campaign.report(self);
    expect(body.reason).to.equal("self_referral");
    const word = await judge(body.id, campaign.key);
    expect(word.status).to.equal(409);
    expect(word.body.detail).to.contain("rejected as self_referral").and.to.contain("Report its order again");
    // What a report without a partner said of its customer is not forgotten.
    const hidden = await Promise.all(
      [
        { customerId: `user-${ada.wallet}` },
        { customerId: "d", customerEmailDomain: "mailinator.com" },
        { customerId: "e", customerWallet: ada.wallet },
      ].map(async (who, i) => (await campaign.report({ orderId: `h-${i}`, volume: "5", ...who })).body.id),
    );
    await market.database.query(
      `INSERT INTO bindings (campaign_id, customer, partnership_id, bound_at, touched_at)
       SELECT $1, customer, partnerships.id, now(), now() FROM conversions, partnerships
       WHERE conversions.id = ANY($2::bigint[]) AND partnerships.campaign_id = $1`,
      [campaign.campaignId, hidden],
    );
    const reasons = await Promise.all(hidden.map(async (id) => (await judge(id, campaign.key)).body.reason));
    expect(reasons).to.deep.equal(["self_referral", "disposable_domain", "self_referral"]);
    expect((await campaign.report({ ...self, customerWallet: newWallet() })).body).to.include({ state: "accepted" });
  });

  it("after it was accepted stays so, and another's is not there", async () => {
    const campaign = await market.openCampaign({});
    const ada = await campaign.join();
    const report = { orderId: "a", volume: "50", referralToken: ada.click() };
    const { id } = (await campaign.report(report)).body;
    await expireConversions(market.database, [BigInt(id)], "attested_too_late");
    const word = await judge(id, campaign.key);
    expect(word.status).to.equal(409);
    expect(word.body.detail).to.contain("was accepted first and rejected later (attested_too_late)");
    expect((await campaign.report(report)).body).to.include({ state: "rejected", reason: "attested_too_late" });
    expect((await campaign.report({ ...report, volume: "51" })).status).to.equal(409);
    const stranger = await market.openCampaign({});
    for (const token of [stranger.key, stranger.brandToken, ada.token])
      expect((await judge(id, token)).status).to.equal(404);
  });

  it("is taken up by a file that is sent again, and counted as what it is now", async () => {
    const campaign = await market.openCampaign({ budget: 0n });
    const ada = await campaign.join();
    const lines = [ada.click(), undefined].map((referralToken, i) =>
      JSON.stringify({ event: "sale", orderId: `o-${i}`, volume: "50", referralToken }),
    );
    const send = async () =>
      (
        await market.call("POST", "/v1/imports", {
          token: campaign.key,
          body: lines.join("\n"),
          headers: { "content-type": "application/x-ndjson" },
        })
      ).body;
    expect(await send()).to.include({ accepted: 0, rejected: 2, known: 0 });
    await fund(campaign, 10n ** 9n);
    expect(await send()).to.include({ accepted: 1, rejected: 0, known: 1 });
    expect(await send()).to.include({ accepted: 0, rejected: 0, known: 2 });
  });

  it("is judged by a command, the oldest first, as far as the budget goes", async () => {
    const campaign = await market.openCampaign({ budget: 0n });
    const ada = await campaign.join();
    for (const orderId of ["1", "2", "3"]) await campaign.report({ orderId, volume: "50", referralToken: ada.click() });
    await campaign.report({ orderId: "4", volume: "50" });
    const self = { orderId: "5", volume: "50", referralToken: ada.click(), customerWallet: ada.wallet };
    await campaign.report(self);
    await fund(campaign, 12_600_000n);
    const said: string[] = [];
    const command = (...args: string[]) =>
      run(["--relayer", "http://relayer.example", ...args], {
        say: (line) => void said.push(line.replace(/ \(conversion \d+\)/, "")),
        key: campaign.key,
        fetch: ((input: string | URL, init: RequestInit) =>
          market.app.request(String(input), init)) as unknown as typeof fetch,
      });
    await command("--reason", "budget_exhausted", "--dry-run");
    expect(said.splice(0)).to.deep.equal([
      "sale 1: rejected as budget_exhausted",
      "sale 2: rejected as budget_exhausted",
      "sale 3: rejected as budget_exhausted",
      "3 are rejected. Nothing was judged.",
    ]);
    await command("--reason", "budget_exhausted");
    expect(said.splice(0)).to.deep.equal([
      "sale 1: accepted, was budget_exhausted",
      "sale 2: accepted, was budget_exhausted",
      "sale 3: still rejected (budget_exhausted)",
      "3 judged again, 2 of them accepted.",
    ]);
    await command("--from", new Date(0).toISOString());
    expect(said[0]).to.equal("sale 3: still rejected (budget_exhausted)");
    expect(said[1]).to.equal("sale 4: still rejected (no_referral)");
    expect(said[2]).to.contain("sale 5: Conversion").and.to.contain("self_referral");
    expect(said.at(-1)).to.equal("3 judged again, 0 of them accepted.");
    expect(await campaign.promised()).to.equal(12_600_000n);
  });
});
