import { type Line, packLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { REASONS } from "@partner-programs/protocol/reasons";
import {
  type Attestation,
  attestationTypedData,
  digestOf,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { getAddress, id, type JsonRpcSigner, toBeHex, Wallet } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { deployContracts } from "#harness/deployment.ts";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import type { Attesters } from "#relayer/attesters/client.ts";
import { createSender, type Sender } from "#relayer/chain/sender.ts";
import { toEarning } from "#relayer/http/earning.ts";
import { Sums } from "#relayer/http/exports/csv.ts";
import { statementLine } from "#relayer/http/exports/statement.ts";
import { type EarningRow, readEarnings } from "#relayer/store/earnings.ts";
import { MAX_ID } from "#relayer/store/page.ts";
import { createTrees, type Trees } from "#relayer/trees.ts";
import { fetchLines } from "#relayer/worker/fetchLines.ts";
import { index } from "#relayer/worker/index.ts";
import { number } from "#relayer/worker/number.ts";
import { createPush } from "#relayer/worker/push.ts";
import { release } from "#relayer/worker/release.ts";
import { reverse } from "#relayer/worker/reverse.ts";
import { sign } from "#relayer/worker/sign.ts";
import { submit } from "#relayer/worker/submit.ts";
import { connectPrograms, type ProgramsChain } from "#service/chain/programs.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import { saleCampaign } from "../../support/campaign.ts";
import { minedSender } from "../../support/minedSender.ts";

const DAY = 86_400;
const PRICE = 2_000_000n;
const WORTH = 2_100_000n;
const KIND_NOT_PAYABLE = "kind_not_payable";
const { failures } = openFailures();

/** The n-th of many partners, in the order of their addresses. */
const partner = (n: number) => getAddress(toBeHex(0xa11ce_0000n + BigInt(n), 20));
const sale = (of: string, count = 1): Line => ({ offerId: 1, partner: of, count, volumeUnits: 0n });

describe("settling batches", function () {
  this.timeout(600_000);
  const attester = new Wallet(id("the attester"));
  const carrier = new Wallet(id("the relayer"));
  let anvil: Anvil;
  let chain: ProgramsChain;
  let brand: JsonRpcSigner;
  let programs: PartnerPrograms;
  let token: string;
  let relayer: LocalRelayer;
  let sender: Sender;
  let trees: Trees;

  before(async () => {
    anvil = await startAnvil();
    brand = await anvil.provider.getSigner(0);
    const deployed = await deployContracts(brand);
    programs = deployed.programs;
    const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
    token = await dollar.getAddress();
    await (await dollar.mint(brand.address, 10n ** 18n)).wait();
    await (await dollar.approve(programs, 2n ** 256n - 1n)).wait();
    await (await brand.sendTransaction({ to: carrier.address, value: 10n ** 18n })).wait();
    chain = await connectPrograms(anvil.url, deployed.deployment);
    relayer = await openRelayer({ chain });
    sender = minedSender(
      anvil,
      createSender(relayer.database, chain, carrier, { bumpAfterSeconds: 600, maxFeePerGas: 10n ** 12n }, failures),
    );
    trees = createTrees(relayer.database);
  });
  after(async () => {
    await relayer?.close();
    chain?.close();
    anvil?.stop();
  });

  const rows = (text: string, ...parameters: unknown[]) =>
    relayer.database.query<Record<string, unknown>>(text, parameters);
  const attesters: Attesters = {
    check: async (members) => members.map(() => undefined),
    attest: async (members, { attestation }) => Promise.all(members.map(() => signed(attestation))),
    async reverse(members, reversal) {
      const { types, message } = reversalTypedData(reversal);
      return Promise.all(
        members.map(async () => ({ signature: await attester.signTypedData(chain.domain, types, message) })),
      );
    },
    states: () => new Map(),
  };
  async function signed(attestation: Attestation) {
    const { types, message } = attestationTypedData(attestation);
    return { signature: await attester.signTypedData(chain.domain, types, message) };
  }
  const work = () => ({
    database: relayer.database,
    chain,
    attesters,
    sender,
    failures,
    trees,
    isReconciled: () => true,
  });
  const now = async () => (await anvil.provider.getBlock("latest"))?.timestamp ?? 0;
  const pass = async (seconds: number) => {
    await anvil.rpc("evm_increaseTime", seconds);
    await anvil.rpc("anvil_mine", 1);
  };
  /** What was sent is mined at once; now the relayer hears of it. */
  async function hear(): Promise<void> {
    await sender.follow();
    while ((await index(relayer.database, chain, 2)) > 0);
  }
  async function createCampaign(salt: string, terms: { linesOnChain?: boolean; holdSeconds?: number } = {}) {
    const given = saleCampaign({
      salt,
      token,
      attester: attester.address,
      price: PRICE,
      terms: { feeBps: 500, operator: brand.address, ...terms },
    });
    const campaignId = await programs.createCampaign.staticCall(given);
    await (await programs.createCampaign(given)).wait();
    await (await programs.fund(campaignId, 10n ** 12n)).wait();
    await pass(100);
    return campaignId;
  }

  /** A batch that somebody else has attested. */
  async function attestElsewhere(campaignId: string, lines: readonly Line[], given: readonly string[]) {
    const tree = LineTree.of(lines.map((line) => ({ line, worth: WORTH * BigInt(line.count) })));
    const time = await now();
    const attestation: Attestation = {
      campaignId,
      firstConversion: (await chain.lens.campaign(campaignId)).nextConversion,
      conversions: lines.reduce((sum, { count }) => sum + count, 0),
      periodFrom: time - 50,
      periodTo: time - 10,
      deadline: time + DAY,
      conversionsRoot: id("conversions"),
      linesRoot: tree.root,
      lineCount: tree.count,
      total: tree.total,
    };
    const { signature } = await signed(attestation);
    await (await programs.attest(attestation, [...given], [{ attester: 0, signature }])).wait();
    return { attestation, tree, digest: digestOf(chain.domain, attestationTypedData(attestation)) };
  }
  const money = async (campaignId: string) => {
    const { body } = await relayer.call("GET", `/v1/campaigns/${campaignId}`);
    const { available, reserved } = await chain.lens.campaign(campaignId);
    expect([body.available, body.reserved], "what the chain says").to.deep.equal([String(available), String(reserved)]);
    const { released, fees, credits, paid, unexplained } = body;
    return { released, fees, credits, paid, unexplained };
  };
  const linesOf = async (of: string, campaignId: string) =>
    (await relayer.call("GET", `/v1/partners/${of}/lines?campaignId=${campaignId}`)).body.items as {
      state: string;
      commission: string;
      fault: string | null;
      faultText: string | null;
    }[];

  it("of somebody else, whose lines the chain has not: unknown until an attester gives them, and wrong ones are not taken", async () => {
    const campaignId = await createCampaign("elsewhere", { linesOnChain: false });
    const lines = Array.from({ length: 300 }, (_, n) => sale(partner(n)));
    const { attestation, tree, digest } = await attestElsewhere(campaignId, lines, []);
    await pass(DAY);
    // The second chunk is released, and a line of the first is pulled, before anybody here knows a line.
    const { first, path, lines: packed } = tree.chunk(256);
    await (await programs.release(attestation, first, path, [...packed])).wait();
    await (await programs.pull([attestation], [tree.proof(7)])).wait();
    await hear();
    const batch = (await relayer.call("GET", `/v1/batches/${digest}`)).body;
    expect(batch).to.deep.include({ linesKnown: false, lines: [], lineCount: 300, state: "attested" });
    expect((await relayer.call("GET", `/v1/batches/${digest}/lines`)).status).to.equal(404);
    const unknown = String(45n * PRICE);
    expect(await money(campaignId)).to.include({ released: unknown, unexplained: unknown, credits: "0", paid: "0" });

    const bytes = Buffer.from(lines.map((line) => packLine(line).slice(2)).join(""), "hex");
    const wrong = Buffer.from(bytes);
    wrong[31] = 1;
    await fetchLines({ ...work(), fetchLines: async () => wrong });
    const [refused] = await rows("SELECT lines_known, problem FROM batches WHERE digest = $1", digest);
    expect(refused?.lines_known).to.equal(false);
    expect(refused?.problem).to.contain("are not those that were signed");
    await rows("UPDATE batches SET retry_at = now() WHERE digest = $1", digest);
    await fetchLines({ ...work(), fetchLines: async () => bytes });

    expect(await money(campaignId)).to.include({ unexplained: "0", credits: String(44n * PRICE), paid: String(PRICE) });
    const served = await relayer.app.request(`/v1/batches/${digest}/lines`);
    expect(served.headers.get("content-type")).to.equal("application/octet-stream");
    expect(Buffer.from(await served.arrayBuffer())).to.deep.equal(bytes);
    expect((await linesOf(partner(7), campaignId)).map(({ state }) => state)).to.deep.equal(["pulled"]);
    expect((await linesOf(partner(299), campaignId)).map(({ state }) => state)).to.deep.equal(["credited"]);
    expect((await linesOf(partner(8), campaignId)).map(({ state }) => state)).to.deep.equal(["pullable"]);

    // What a partner is given pays it, and nothing is due to it after that.
    const due = (await relayer.call("GET", `/v1/partners/${partner(8)}/pull?campaignId=${campaignId}`)).body;
    expect(due).to.deep.include({ commission: String(PRICE), more: false, lines: [tree.proof(8)] });
    await (await brand.sendTransaction({ to: due.to, data: due.data })).wait();
    await hear();
    expect((await relayer.call("GET", `/v1/partners/${partner(8)}/pull?campaignId=${campaignId}`)).status).to.equal(
      404,
    );

    // A claim takes what was credited before it.
    const credited = await anvil.provider.getSigner(1);
    const owner = partner(299);
    await anvil.rpc("anvil_impersonateAccount", owner);
    await anvil.rpc("anvil_setBalance", owner, "0xde0b6b3a7640000");
    const call = programs.interface.encodeFunctionData("claim", [[token], credited.address]);
    await anvil.rpc("eth_sendTransaction", { from: owner, to: await programs.getAddress(), data: call });
    await hear();
    expect((await linesOf(owner, campaignId)).map(({ state }) => state)).to.deep.equal(["claimed"]);
    expect(await money(campaignId)).to.include({ credits: String(43n * PRICE), paid: String(3n * PRICE) });

    // The rest is released by this relayer; the line that was pulled is passed over.
    expect(await release(work(), (await now()) * 1000)).to.equal(1);
    await hear();
    expect(await rows("SELECT state, settled_lines FROM batches WHERE digest = $1", digest)).to.deep.equal([
      { state: "released", settled_lines: 300n },
    ]);
    expect(await money(campaignId)).to.include({ released: String(300n * PRICE), paid: String(3n * PRICE) });
    expect(await release(work(), (await now()) * 1000)).to.equal(0);

    // And pushed to its owners, as many a day as the operator wants, each once.
    const push = createPush(work(), {
      PUSH_PAYOUTS: new Map([[token, { minimum: "2", worth: "1" }]]),
      PUSH_MAX_GAS_BPS: 100,
      PUSH_MAX_FEE_GWEI: "100",
      PUSH_A_DAY: 3,
      PUSH_SECONDS: 0,
    });
    for (const _ of [1, 2]) {
      await push();
      await hear();
    }
    const pushed = await rows("SELECT owner, state FROM pushes JOIN transactions ON purpose = 'push:' || pushes.id");
    expect(pushed.map(({ state }) => state)).to.deep.equal(["mined", "mined", "mined"]);
    for (const { owner: paid } of pushed as unknown as { owner: string }[]) {
      expect(await DemoToken__factory.connect(token, brand).balanceOf(paid)).to.equal(PRICE);
      expect((await linesOf(paid, campaignId)).map(({ state }) => state)).to.deep.equal(["claimed"]);
    }
    expect(await money(campaignId)).to.include({ credits: String(294n * PRICE), paid: String(6n * PRICE) });
  });

  /** A conversion that line `n` of a batch pays, as it stands here once it is attested, of a partner that has joined. @returns its id */
  async function attestedHere(campaignId: string, digest: string, n: number): Promise<string> {
    const [joined] = await rows(
      "INSERT INTO partnerships (campaign_id, partner) VALUES ($1, $2) RETURNING id",
      campaignId,
      partner(n),
    );
    const [written] = await rows(
      `INSERT INTO conversions (campaign_id, partnership_id, event, order_id, body_hash, key, volume, received_at, state,
         entries, commission, partner_commission, fee, salt, batch, number, line)
       VALUES ($1, $2, 'sale', $3, '', $3, 0, now(), 'attested', $4, 2000000, 2000000, 100000, $3, $5, $6, $7)
       RETURNING id`,
      campaignId,
      joined?.id,
      id(`order ${n}`),
      JSON.stringify([packLine(sale(partner(n)))]),
      digest,
      n + 1,
      n,
    );
    return String(written?.id);
  }

  /** Its partner reads why, in its earnings and in its statement; the brand's webhooks are told by the move. */
  async function expectRefused(conversion: string, of: string, campaignId: string): Promise<void> {
    const earned = await readEarnings(relayer.database, of, { campaignId, sort: "newest", from: MAX_ID, limit: 10 });
    expect(earned.map((row) => toEarning(of, row))).to.have.length(1);
    expect(toEarning(of, earned[0] as EarningRow)).to.deep.include({
      conversionId: conversion,
      state: "rejected",
      earned: "0",
      reasonText: REASONS[KIND_NOT_PAYABLE],
    });
    expect(statementLine(of, earned[0] as EarningRow, "", new Sums("volume", "earned"))).to.contain(
      `rejected,no,${REASONS[KIND_NOT_PAYABLE]},`,
    );
    const moves = await rows("SELECT state, reason FROM conversion_moves WHERE conversion_id = $1", conversion);
    expect(moves.at(-1)).to.deep.equal({ state: "rejected", reason: KIND_NOT_PAYABLE });
  }

  it("refuses a line that does not hold, with the reason, and what it was worth is available again", async () => {
    for (const holdSeconds of [DAY, 0]) {
      const campaignId = await createCampaign(`refused ${holdSeconds}`, { holdSeconds });
      await (await programs.announceWithdrawal(campaignId, 10n ** 12n)).wait();
      await (await programs.setKinds(campaignId, [partner(1)], 2)).wait();
      await pass(8 * DAY);
      const lines = [0, 1, 2].map((n) => sale(partner(n)));
      const { tree, attestation, digest } = await attestElsewhere(campaignId, lines, lines.map(packLine));
      let conversion = "";
      if (holdSeconds > 0) {
        await hear();
        conversion = await attestedHere(campaignId, digest, 1);
        await pass(DAY);
        const { path, lines: packed } = tree.chunk(0);
        await (await programs.release(attestation, 0, path, [...packed])).wait();
      }
      await hear();
      const [refused] = await linesOf(partner(1), campaignId);
      expect(refused).to.include({ state: "refused", fault: KIND_NOT_PAYABLE });
      expect(refused?.faultText).to.contain("not of the offer's kind");
      if (holdSeconds > 0) await expectRefused(conversion, partner(1), campaignId);
      expect((await linesOf(partner(0), campaignId))[0]?.state).to.equal("credited");
      expect(await money(campaignId)).to.include({ released: String(2n * PRICE), fees: String(2n * (WORTH - PRICE)) });
      const { withdrawalAmount } = await chain.lens.campaign(campaignId);
      expect(await rows("SELECT withdrawal_amount FROM campaigns WHERE id = $1", campaignId)).to.deep.equal([
        { withdrawal_amount: withdrawalAmount },
      ]);
      expect(await rows("SELECT state FROM batches WHERE digest = $1", digest)).to.deep.equal([{ state: "released" }]);
    }
  });

  it("of this relayer: rehearsed, signed, attested, lowered by a refund, and released with its conversions", async () => {
    for (const linesOnChain of [true, false]) {
      const campaignId = await createCampaign(`own ${linesOnChain}`, { linesOnChain });
      await (await programs.setKinds(campaignId, [partner(1)], 2)).wait();
      await pass(8 * DAY);
      await hear();
      // As the intake writes them; the second partner's kinds were taken away meanwhile.
      const received = (await now()) - 60;
      for (const [i, of] of [0, 1, 2, 2, 3].entries())
        await rows(
          `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, volume, received_at, state, entries,
             commission, partner_commission, fee, salt)
           VALUES ($1, 'sale', $2, '', $3, 0, to_timestamp($4), 'accepted', $5, 2000000, 2000000, 100000, $3)`,
          campaignId,
          `order ${i}`,
          id(`${campaignId} ${i}`),
          received + i,
          JSON.stringify([packLine(sale(partner(of)))]),
        );
      await rows("UPDATE campaigns SET promised = 10500000 WHERE id = $1", campaignId);
      const bounds = { BATCH_SECONDS: 0, BATCH_CONVERSIONS: 100, DEADLINE_SECONDS: 20 * DAY };
      const states = async () =>
        (await rows("SELECT state, reason FROM conversions WHERE campaign_id = $1 ORDER BY id", campaignId)).map(
          ({ state, reason }) => (reason === null ? state : `${state}: ${reason}`),
        );

      const chainNow = async () => (await now()) * 1000;
      await number(work(), bounds, await chainNow());
      await sign(work(), await chainNow());
      expect(await states(), "nobody signs a line that does not hold").to.deep.equal([
        "accepted",
        `rejected: ${KIND_NOT_PAYABLE}`,
        "accepted",
        "accepted",
        "accepted",
      ]);
      const [{ promised } = {}] = await rows("SELECT promised FROM campaigns WHERE id = $1", campaignId);
      expect(promised).to.equal(4n * WORTH);
      await number(work(), bounds, await chainNow());
      await sign(work(), await chainNow());
      await submit(work(), await chainNow());
      await hear();
      expect((await states()).filter((state) => state === "attested")).to.have.length(4);
      expect((await linesOf(partner(2), campaignId))[0]).to.include({ state: "held", commission: String(2n * PRICE) });

      // One of two sales of the third partner, and all of the last one's.
      const sold = await rows("SELECT id, batch FROM conversions WHERE campaign_id = $1 ORDER BY id", campaignId);
      for (const i of [3, 4])
        await rows(
          `INSERT INTO reversals (conversion_id, batch, reason, state, whole, taken_back)
           VALUES ($1, $2, 'refunded', 'requested', true, $3)`,
          sold[i]?.id,
          sold[i]?.batch,
          JSON.stringify([packLine(sale(partner(i - 1)))]),
        );
      await reverse(work());
      await hear();
      expect((await states()).filter((state) => state === "reversed: refunded")).to.have.length(2);
      expect((await linesOf(partner(2), campaignId))[0]).to.include({ state: "held", commission: String(PRICE) });
      expect(await money(campaignId)).to.include({ released: "0" });

      await pass(DAY);
      await release(work(), await chainNow());
      await hear();
      expect((await states()).filter((state) => state === "released")).to.have.length(2);
      expect(await money(campaignId)).to.include({ released: String(2n * PRICE), credits: String(2n * PRICE) });
      const credit = await chain.lens.creditOf(partner(2), token);
      expect(credit >= PRICE).to.equal(true);
    }
  });

  it("shows where a partner is paid, and that its orders are void", async () => {
    const wallet = await anvil.provider.getSigner(2);
    const [cold, next] = [partner(5_000), partner(5_001)];
    const own = programs.connect(wallet);
    const shown = async () => (await relayer.call("GET", `/v1/partners/${wallet.address}`)).body;
    expect(await shown()).to.deep.equal({
      partner: wallet.address,
      payout: { receiver: null, lockSeconds: 0, next: null, optedOut: false },
      ordersFrom: null,
    });
    await (await own.setPayout(cold, 30 * DAY)).wait();
    await (await own.setPayout(next, 0)).wait();
    await (await own.revokeOrders()).wait();
    await hear();
    const effectiveAt = Number((await chain.lens.payoutOf(wallet.address)).nextAt);
    expect(await shown()).to.deep.equal({
      partner: wallet.address,
      payout: {
        receiver: cold,
        lockSeconds: 30 * DAY,
        next: { receiver: next, lockSeconds: 0, effectiveAt },
        optedOut: false,
      },
      ordersFrom: String(await programs.nonces(wallet.address)),
    });
  });

  it("shows what is announced of a campaign: its limit, its next brand, its withdrawal", async () => {
    const campaignId = await createCampaign("announced");
    const heir = partner(6_000);
    await (await programs.announceDailyLimit(campaignId, 5n)).wait();
    await (await programs.transferCampaign(campaignId, heir)).wait();
    await (await programs.announceWithdrawal(campaignId, 9n)).wait();
    await hear();
    const state = await chain.lens.campaign(campaignId);
    const { body } = await relayer.call("GET", `/v1/campaigns/${campaignId}`);
    expect(body).to.deep.include({
      dailyLimit: null,
      nextDailyLimit: { amount: "5", effectiveAt: Number(state.nextDailyLimitAt) },
      pendingBrand: { brand: heir, effectiveAt: Number(state.transferableAt) },
      pendingWithdrawal: { amount: "9", effectiveAt: Number(state.withdrawableAt) },
      linesOnChain: true,
    });
  });
});
