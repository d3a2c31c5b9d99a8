import { NATIVE } from "@partner-programs/protocol/native";
import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import { TooMuchGas, WouldRevert } from "#relayer/chain/sender.ts";
import { readPushing } from "#relayer/config.ts";
import { createPush, minimumsOf, type PushConfig, type PushWork } from "#relayer/worker/push.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";

const GWEI = 10n ** 9n;

describe("pushing credits", function () {
  this.timeout(OPENING);
  let relayer: LocalRelayer;
  let token: string;
  let campaignId: string;
  /** What the contract has of an owner. */
  const credits = new Map<string, bigint>();
  let fee = GWEI;
  let refusal: Error | undefined;
  const sent: { purpose: string; owner: string; tokens: string[]; maxGas: bigint | undefined }[] = [];
  const { failures, logged } = openFailures();

  before(async () => {
    relayer = await openRelayer({ config: { PUSH_PAYOUTS: new Map() }, chain: fakeChain() });
    ({ campaignId } = await relayer.openCampaign({}));
    const [row] = await relayer.database.query<{ token: string }>("SELECT token FROM campaigns WHERE id = $1", [
      campaignId,
    ]);
    token = row?.token as string;
  });
  after(() => relayer.close());
  beforeEach(async () => {
    credits.clear();
    sent.length = 0;
    [fee, refusal] = [GWEI, undefined];
    for (const table of [
      "pushes",
      "push_settings",
      "payout_addresses",
      "last_claims",
      "batch_lines",
      "batches",
      "transactions",
    ])
      await relayer.database.query(`DELETE FROM ${table}`);
  });
  afterEach(() => expect(logged).to.deep.equal([]));

  function fakeChain(): ProgramsChain {
    const data = {
      encodeFunctionData: (_: string, [owner, tokens]: [string, string[]]) => JSON.stringify({ owner, tokens }),
    };
    return {
      chainId: 31337,
      domain: { name: "", version: "", chainId: 31337, verifyingContract: newWallet() },
      provider: { getFeeData: async () => ({ maxFeePerGas: fee, maxPriorityFeePerGas: 1n }) },
      programs: { interface: data },
      lens: { creditOf: async (owner: string) => credits.get(owner) ?? 0n },
      token: async () => ({ symbol: "DUSD", decimals: 6 }),
    } as unknown as ProgramsChain;
  }

  const sender: PushWork["sender"] = {
    address: newWallet(),
    async send(purpose, data, maxGas) {
      if (refusal !== undefined) throw refusal;
      sent.push({ purpose, ...JSON.parse(data), maxGas });
      await relayer.database.query(
        "INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state) VALUES ($1, $2, $3, '', 1, 'mined')",
        [newWallet(), sent.length, purpose],
      );
    },
    follow: async () => {},
  };
  const rules = (config: Partial<PushConfig> = {}): PushConfig => ({
    // A token is worth 0.0005 coins.
    PUSH_PAYOUTS: new Map([[token, { minimum: "20", worth: "0.0005" }]]),
    PUSH_MAX_GAS_BPS: 200,
    PUSH_MAX_FEE_GWEI: "20",
    PUSH_A_DAY: 100,
    PUSH_SECONDS: 0,
    ...config,
  });
  const push = (config: Partial<PushConfig> = {}, noted = failures) =>
    createPush({ database: relayer.database, chain: fakeChain(), sender, failures: noted }, rules(config))();

  /** An owner with so many whole tokens of credit, by an event and on the chain. */
  async function owed(whole: number, owner = newWallet()): Promise<string> {
    const [digest, amount] = [hexlify(randomBytes(32)), BigInt(whole) * 1_000_000n];
    await relayer.database.query(
      `INSERT INTO batches (digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root, lines_root,
         line_count, total, current_root, current_total, state, lines_known) VALUES ($1, $2, 1, 1, 0, 1, 1, $1, $1, 1, 0, $1, 0, 'released', true)`,
      [digest, campaignId],
    );
    await relayer.database.query(
      `INSERT INTO batch_lines (digest, index, partner, commission, state, settled_block, settled_index)
       VALUES ($1, 0, $2, $3, 'released', 10, 0)`,
      [digest, owner, String(amount)],
    );
    credits.set(owner, (credits.get(owner) ?? 0n) + amount);
    return owner;
  }

  it("pays what is worth it, once a day, and leaves what is less", async () => {
    const [rich, poor] = [await owed(30), await owed(19)];
    await push();
    expect(sent.map(({ owner, tokens }) => ({ owner, tokens }))).to.deep.equal([{ owner: rich, tokens: [token] }]);
    await owed(30, rich);
    await push();
    expect(sent).to.have.length(1);
    await relayer.database.query("UPDATE pushes SET created_at = created_at - interval '25 hours'");
    await push();
    expect(sent.map(({ owner }) => owner)).to.deep.equal([rich, rich]);
    expect(sent.map(({ owner }) => owner)).not.to.include(poor);
  });

  it("asks the contract first: what was claimed meanwhile is not pushed", async () => {
    const owner = await owed(30);
    credits.set(owner, 0n);
    await push();
    await relayer.database.query("INSERT INTO last_claims (owner, token, block, log_index) VALUES ($1, $2, 11, 0)", [
      await owed(30),
      token,
    ]);
    await push();
    expect(sent).to.deep.equal([]);
  });

  it("pushes no token of which the contract has less than the least, whatever the events say", async () => {
    const [less, enough] = [await owed(1_000), await owed(1_000)];
    credits.set(less, 19_999_999n);
    credits.set(enough, 20_000_000n);
    // What a gas costs is no matter here.
    await push({ PUSH_MAX_GAS_BPS: 10_000 });
    expect(sent.map(({ owner }) => owner)).to.deep.equal([enough]);
    expect(await relayer.database.query("SELECT owner FROM pushes")).to.deep.equal([{ owner: enough }]);
  });

  it("does nothing while it is off, also with what was written down before", async () => {
    const owner = await owed(30);
    await relayer.database.query("INSERT INTO pushes (owner, tokens) VALUES ($1, $2)", [await owed(30), [token]]);
    await push({ PUSH_PAYOUTS: "off" });
    expect(sent).to.deep.equal([]);
    expect(await relayer.database.query("SELECT 1 FROM pushes WHERE owner = $1", [owner])).to.deep.equal([]);
    for (const pushing of [undefined, "off"] as const)
      expect(await minimumsOf({ chain: fakeChain() }, pushing)).to.deep.equal([]);
    expect(await minimumsOf({ chain: fakeChain() }, "any")).to.equal(undefined);
    expect(await minimumsOf({ chain: fakeChain() }, rules().PUSH_PAYOUTS)).to.deep.equal([
      { token, minimum: 20_000_000n },
    ]);
  });

  it("sends what a crash left written down, and not what is in the outbox", async () => {
    const owner = await owed(30);
    refusal = new Error("killed");
    const killed = openFailures();
    await push({}, killed.failures);
    expect(killed.logged.map(({ error }) => error)).to.deep.equal(["Error: killed"]);
    refusal = undefined;
    await push();
    await push();
    expect(sent.map(({ owner: to }) => to)).to.deep.equal([owner]);
    const pushes = await relayer.database.query<{ id: bigint }>("SELECT id FROM pushes");
    expect(sent.map(({ purpose }) => purpose)).to.deep.equal(pushes.map(({ id }) => `push:${id}`));
  });

  it("pays no more for gas than the share of what it pays, and begins nothing while gas is dear", async () => {
    // 30 tokens are worth 0.015 coins; of that 2 % are 0.0003, which is 300,000 gas at 1 gwei, and 60,000 at 5.
    await owed(30);
    fee = 5n * GWEI;
    await push();
    expect(sent).to.deep.equal([]);
    fee = 2n * GWEI;
    await push();
    expect(sent.map(({ maxGas }) => maxGas)).to.deep.equal([150_000n]);
    fee = 21n * GWEI;
    await owed(30_000);
    await push();
    expect(sent).to.have.length(1);
  });

  it("gives up what would burn more than that, or would revert, and says why to its owner", async () => {
    for (const why of [
      new TooMuchGas("The call would cost 900000 gas; at most 200000 are paid for it."),
      new WouldRevert({ name: "", message: "The call would revert: it pays nobody." } as never),
    ]) {
      const owner = await owed(30);
      refusal = why;
      await push();
      const shown = await relayer.call("GET", "/v1/me/payouts", { token: await relayer.openSession(owner) });
      expect(shown.body.pushes).to.have.length(1);
      expect(shown.body.pushes[0]).to.include({ state: "failed", problem: why.message, transaction: null });
    }
  });

  it("begins no more within a day than the operator wants", async () => {
    for (const _ of [1, 2, 3]) await owed(30);
    await push({ PUSH_A_DAY: 2 });
    expect(sent).to.have.length(2);
  });

  it("is the owner's to turn off, here and on the chain; a lock keeps it open", async () => {
    const [here, chain, locked] = [await owed(30), await owed(30), await owed(30)];
    const token_ = await relayer.openSession(here);
    expect(
      (await relayer.call("PUT", "/v1/me/payouts", { token: token_, json: { wanted: false } })).body.wanted,
    ).to.equal(false);
    await relayer.database.query(
      "INSERT INTO payout_addresses (owner, receiver, lock_seconds, opted_out) VALUES ($1, $1, 0, true), ($2, $2, 60, true)",
      [chain, locked],
    );
    await push();
    expect(sent.map(({ owner }) => owner)).to.deep.equal([locked]);
  });

  it("waits for as much as the owner wants, which is never less than the operator's least", async () => {
    const relayerOf = await openRelayer({ config: { PUSH_PAYOUTS: rules().PUSH_PAYOUTS }, chain: fakeChain() });
    try {
      const wallet = newWallet();
      const session = await relayerOf.openSession(wallet);
      const put = (minimum: string, of = token) =>
        relayerOf.call("PUT", "/v1/me/payouts", { token: session, json: { minimums: [{ token: of, minimum }] } });
      expect((await put("50.5")).body).to.deep.include({
        carried: { tokens: [{ token, minimum: "20" }] },
        minimums: [{ token, minimum: "50.5" }],
      });
      expect((await put("50", NATIVE)).body.detail).to.contain(`pushes no ${NATIVE}`);
      expect((await put("-1")).status).to.equal(400);
    } finally {
      await relayerOf.close();
    }
    const [eager, patient] = [await owed(19), await owed(30)];
    await relayer.database.query("INSERT INTO push_settings (wallet) VALUES ($1), ($2)", [eager, patient]);
    await relayer.database.query("INSERT INTO push_minimums VALUES ($1, $3, 1), ($2, $3, 50500000)", [
      eager,
      patient,
      token,
    ]);
    await push();
    expect(sent).to.deep.equal([]);
    await owed(30, patient);
    await push();
    expect(sent.map(({ owner }) => owner)).to.deep.equal([patient]);
  });

  it("is configured token by token, with what each is worth", () => {
    const usd = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
    expect(readPushing(`${usd}:20:0.0004, ${NATIVE}:0.01`)).to.deep.equal(
      new Map([
        [usd, { minimum: "20", worth: "0.0004" }],
        [NATIVE, { minimum: "0.01", worth: "1" }],
      ]),
    );
    expect(() => readPushing(`${usd}:20`)).to.throw("what one token is worth in coins");
  });
});
