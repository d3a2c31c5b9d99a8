import { encodeEventName } from "@partner-programs/protocol/eventName";
import { attestationTypedData, reversalTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { type BaseContract, id, type JsonRpcSigner, Wallet, ZeroAddress } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { deployContracts } from "#harness/deployment.ts";
import { openFailures } from "#harness/failures.ts";
import { chance } from "#harness/random.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import type { Attesters } from "#relayer/attesters/client.ts";
import { createSender, type Sender } from "#relayer/chain/sender.ts";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";
import { createMetrics } from "#relayer/metrics.ts";
import { hashSecret, newSecret } from "#relayer/secrets.ts";
import { createTrees } from "#relayer/trees.ts";
import { compare, createCompare } from "#relayer/worker/compare.ts";
import { expire } from "#relayer/worker/expire.ts";
import { BlockGone, index, LogsMissed } from "#relayer/worker/index.ts";
import { number } from "#relayer/worker/number.ts";
import { createReread } from "#relayer/worker/reread.ts";
import { reverse } from "#relayer/worker/reverse.ts";
import { sign } from "#relayer/worker/sign.ts";
import { submit } from "#relayer/worker/submit.ts";
import { Unproven } from "#service/chain/blocks.ts";
import { connectPrograms, type ProgramsChain } from "#service/chain/programs.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import { saleCampaign } from "../../support/campaign.ts";
import { SEED } from "../../support/fuzz.ts";
import { type LyingNode, startLyingNode } from "../../support/lyingNode.ts";

const DAY = 86_400;
const CONFIRMATIONS = 4;
const SECRET = "a secret of the tests that is long enough";
const BOUNDS = { BATCH_SECONDS: 0, BATCH_CONVERSIONS: 100, DEADLINE_SECONDS: 600 };

describe("a relayer and a node that is not to be believed", function () {
  this.timeout(600_000);
  const attester = new Wallet(id("the attester"));
  const carrier = new Wallet(id("the relayer"));
  let anvil: Anvil;
  let node: LyingNode;
  let chain: ProgramsChain;
  let brand: JsonRpcSigner;
  let programs: PartnerPrograms;
  let token: string;
  let relayer: LocalRelayer;
  let sender: Sender;
  let campaignId: string;
  let logged: readonly Record<string, unknown>[];
  let failures: ReturnType<typeof openFailures>["failures"];
  let campaigns = 0;

  async function open(): Promise<void> {
    anvil = await startAnvil();
    brand = await anvil.provider.getSigner(0);
    const deployed = await deployContracts(brand);
    programs = deployed.programs;
    const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
    token = await dollar.getAddress();
    await (await dollar.mint(brand.address, 10n ** 18n)).wait();
    await (await dollar.approve(programs, 2n ** 256n - 1n)).wait();
    await (await brand.sendTransaction({ to: carrier.address, value: 10n ** 18n })).wait();
    node = await startLyingNode(anvil.url);
    chain = await connectPrograms(node.url, deployed.deployment);
    relayer = await openRelayer({ chain });
  }
  async function close(): Promise<void> {
    await relayer?.close();
    chain?.close();
    await node?.stop();
    anvil?.stop();
  }
  async function begin(): Promise<void> {
    node.lies.clear();
    ({ failures, logged } = openFailures());
    const fees = { bumpAfterSeconds: 600, maxFeePerGas: 10n ** 12n };
    sender = createSender(relayer.database, chain, carrier, fees, failures);
    campaignId = await createCampaign();
    await mine(CONFIRMATIONS);
    await indexAll();
    expect(await compare({ database: relayer.database, chain }, [campaignId])).to.deep.equal([]);
  }

  const rows = (text: string, ...parameters: unknown[]) =>
    relayer.database.query<Record<string, unknown>>(text, parameters);
  const mine = (blocks: number) => anvil.rpc("anvil_mine", blocks);
  const fund = async (amount: bigint) => (await programs.fund(campaignId, amount)).wait();
  const once = () => index(relayer.database, chain, CONFIRMATIONS);
  async function indexAll(): Promise<void> {
    while ((await once()) > 0);
  }
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: Error) => error,
    );
  const available = async () => (await rows("SELECT available FROM campaigns WHERE id = $1", campaignId))[0]?.available;
  const indexed = async () => Number((await rows("SELECT block FROM chain_cursor"))[0]?.block);
  const head = async () => (await anvil.provider.getBlockNumber()) as number;
  const asideNow = async () => (await relayer.call("GET", `/v1/campaigns/${campaignId}`)).body.setAside;
  async function createCampaign(): Promise<string> {
    const given = saleCampaign({
      salt: `campaign ${campaigns++}`,
      token,
      attester: attester.address,
      price: 2_000_000n,
      terms: { feeBps: 500, operator: brand.address },
    });
    const created = await programs.createCampaign.staticCall(given);
    await (await programs.createCampaign(given)).wait();
    return created;
  }
  /** An offer of another event, guaranteed until then. */
  const offerOf = (event: string, lockedUntil: number) => ({
    flatAmount: 1n,
    rateBps: 0,
    capUnits: 0n,
    validFrom: 0,
    validTo: 0,
    kind: 0,
    eventName: encodeEventName(event),
    lockedUntil,
    partner: ZeroAddress,
  });
  const attesters: Attesters = {
    check: async (members) => members.map(() => undefined),
    attest: async (members, { attestation }) => {
      const { types, message } = attestationTypedData(attestation);
      const signature = await attester.signTypedData(chain.domain, types, message);
      return members.map(() => ({ signature }));
    },
    reverse: async (members, reversal) => {
      const { types, message } = reversalTypedData(reversal);
      const signature = await attester.signTypedData(chain.domain, types, message);
      return members.map(() => ({ signature }));
    },
    states: () => new Map(),
  };
  const work = () => {
    const { database } = relayer;
    return { database, chain, attesters, sender, failures, trees: createTrees(database), isReconciled: () => true };
  };

  /** What eth_getLogs leaves out: everything, of ranges alone or also of blocks by their hashes. */
  const leaveOut = (also: "also by hash" | "of ranges") =>
    node.lies.set("eth_getLogs", async ([filter], truth) =>
      filter.blockHash !== undefined && also === "of ranges" ? truth() : [],
    );
  const noReceipts = () =>
    node.lies.set("eth_getBlockReceipts", async () => {
      throw { code: -32_601, message: "the method eth_getBlockReceipts does not exist" };
    });

  describe("what it reads is proven:", () => {
    before(open);
    after(close);
    beforeEach(begin);

    it("logs that a range leaves out are asked for by their block's hash", async () => {
      leaveOut("of ranges");
      await fund(5n);
      await indexAll();
      expect(await available()).to.equal(5n);
    });

    it("where they are left out there, too, the receipts have them", async () => {
      leaveOut("also by hash");
      await fund(7n);
      await indexAll();
      expect(await available()).to.equal(7n);
    });

    it("receipts that are not all of the block's prove nothing, and nothing is indexed", async () => {
      leaveOut("also by hash");
      node.lies.set("eth_getBlockReceipts", async () => []);
      const before = await indexed();
      await fund(7n);
      expect(await failureOf(once())).to.be.instanceOf(Unproven);
      expect(await indexed()).to.equal(before);
      node.lies.clear();
      await indexAll();
      expect(await available()).to.equal(7n);
    });

    it("a node that does not know a block by its hash has no answer", async () => {
      node.lies.set("eth_getLogs", async ([filter]) => {
        if (filter.blockHash !== undefined) throw { code: -32_000, message: "unknown block" };
        return [];
      });
      const before = await indexed();
      await fund(7n);
      expect(await failureOf(once())).to.be.instanceOf(Unproven);
      expect(await indexed()).to.equal(before);
    });

    it("what is told later of a block that is not final is read, and all after it again", async () => {
      leaveOut("also by hash");
      noReceipts();
      await fund(7n);
      await indexAll();
      expect(await available()).to.equal(0n);
      node.lies.clear();
      await mine(1);
      const failure = await failureOf(once());
      expect(failure).to.be.instanceOf(LogsMissed);
      expect(failure?.message).to.match(/tells 1 events of block \d+ now, and told 0 when it was read/);
      await indexAll();
      expect(await available()).to.equal(7n);
      expect(await indexed()).to.equal(await head());
    });

    it("logs that are told twice count once, and those of others not at all", async () => {
      const elsewhere = newWallet();
      node.lies.set("eth_getLogs", async (_params, truth) => {
        const logs = await truth();
        return [...logs, ...logs, ...logs.map((log: object) => ({ ...log, address: elsewhere, logIndex: "0xff" }))];
      });
      await fund(7n);
      await mine(1);
      await indexAll();
      expect(await available()).to.equal(7n);
    });

    it("a node that is behind takes nothing back", async () => {
      await fund(7n);
      await mine(1);
      await indexAll();
      const [before, behind] = [await indexed(), (await head()) - 3];
      node.lies.set("eth_getBlockByNumber", async ([tag, full], truth) => {
        const number = tag === "latest" ? behind : Number(tag);
        return number > behind ? null : truth([`0x${number.toString(16)}`, full]);
      });
      for (let i = 0; i < 3; i++) expect(await once()).to.equal(0);
      expect([await indexed(), await available()]).to.deep.equal([before, 7n]);
    });

    it("blocks of two forks make no chain, and nothing is indexed of them", async () => {
      const before = await indexed();
      await fund(7n);
      await mine(2);
      node.lies.set("eth_getBlockByNumber", async ([tag], truth) => {
        const block = await truth();
        return tag === "latest" ? block : { ...block, hash: id(`another ${block.number}`) };
      });
      expect(await failureOf(once())).to.be.instanceOf(BlockGone);
      expect(await indexed()).to.equal(before);
      node.lies.clear();
      await indexAll();
      expect(await available()).to.equal(7n);
    });

    it("costs one question while nothing happens, and two for a new block without events", async () => {
      await indexAll();
      node.asked.clear();
      for (let i = 0; i < 10; i++) await once();
      expect(Object.fromEntries(node.asked)).to.deep.equal({ eth_getBlockByNumber: 10 });
      node.asked.clear();
      for (let i = 0; i < 10; i++) {
        await mine(1);
        await indexAll();
      }
      // Each block is looked at twice here: once when it is new, and once more to see that there is nothing.
      expect(Object.fromEntries(node.asked)).to.deep.equal({ eth_getBlockByNumber: 20, eth_getLogs: 10 });
      node.asked.clear();
      await mine(10);
      await indexAll();
      expect(Object.fromEntries(node.asked)).to.deep.equal({ eth_getBlockByNumber: 2 * 1 + 9 + 1, eth_getLogs: 2 });
    });
  });

  /** A key, a partner, and reports, for the campaign that the chain has. */
  async function openDesk() {
    // Instead of the one that was announced on the chain, whose text nobody has.
    await rows("DELETE FROM announced_descriptions WHERE campaign_id = $1", campaignId);
    await relayer.describe(campaignId, {});
    // A chain that mines at once runs ahead of the wall clock: the offer has to be valid by ours.
    const validFrom = Number((await chain.lens.offer(campaignId, 1)).validFrom);
    while (Date.now() / 1000 < validFrom + 1) await new Promise((done) => setTimeout(done, 200));
    const key = newSecret("sk");
    await rows(
      "INSERT INTO api_keys (campaign_id, brand, secret_hash, label) VALUES ($1, $2, $3, 'shop')",
      campaignId,
      brand.address,
      hashSecret(key),
    );
    const session = await relayer.openSession(newWallet());
    const { code } = (await relayer.call("POST", `/v1/campaigns/${campaignId}/partnerships`, { token: session })).body;
    const [clickedAt, expiresAt] = [Date.now(), Date.now() + 3_600_000];
    const referralToken = signReferral(SECRET, { code, clickedAt, expiresAt, clickId: newClickId() });
    return {
      key,
      report: (orderId: string) =>
        relayer.call("POST", "/v1/conversions", { token: key, json: { event: "sale", orderId, referralToken } }),
      refund: (conversionId: string) =>
        relayer.call("POST", `/v1/conversions/${conversionId}/refunds`, { token: key, json: {} }),
      conversion: async (conversionId: string) =>
        (await relayer.call("GET", `/v1/conversions/${conversionId}`, { token: key })).body,
    };
  }
  const later = () => Date.now() + 2_000;
  /** The chain's time is the wall clock's; a second has to be over before it is in a period. */
  const tick = async (seconds = 3) => {
    await anvil.rpc("evm_increaseTime", seconds);
    await mine(1);
    await indexAll();
  };
  async function attest(): Promise<void> {
    await number(work(), BOUNDS, later());
    await tick();
    await sign(work(), later());
    await submit(work(), later());
    expect(logged).to.deep.equal([]);
  }

  describe("what it has read is compared with the contract:", () => {
    before(open);
    after(close);
    beforeEach(async () => {
      await begin();
      await fund(100_000_000n);
      await indexAll();
    });

    it("a number that the contract has given already is such a difference", async () => {
      const desk = await openDesk();
      const accepted = (await desk.report("one")).body;
      await rows("UPDATE campaigns SET next_conversion = 5 WHERE id = $1", campaignId);
      await number(work(), BOUNDS, later());
      await tick();
      await sign(work(), later());
      expect((await asideNow()).reason).to.contain("(the next number: 5 here, 1 on the chain)");
      expect((await desk.report("two")).status).to.equal(503);
      await rows("UPDATE campaigns SET next_conversion = 1 WHERE id = $1", campaignId);
      await createReread(work())();
      expect(await asideNow()).to.equal(null);
      // Nothing of it waits for what comes next.
      await desk.refund(accepted.id);
    });

    it("a campaign whose batch a node never told of is set aside, nothing is promised for it, and it is read again", async () => {
      const desk = await openDesk();
      const accepted = (await desk.report("one")).body;
      expect(accepted, JSON.stringify(accepted)).to.include({ state: "accepted" });
      leaveOut("also by hash");
      noReceipts();
      await attest();
      expect((await chain.lens.campaign(campaignId)).nextConversion).to.equal(2n);
      // Past its deadline and final, and no event said that it is attested: so far it looks dead.
      await tick(1_800);
      await mine(CONFIRMATIONS);
      await indexAll();
      expect((await desk.conversion(accepted.id)).state).to.equal("batched");
      expect(await expire(work())).to.equal(0);
      expect((await desk.conversion(accepted.id)).state).to.equal("batched");

      const block = await indexed();
      const differs = `at block ${block} it is not as the contract has it (available: 100000000 here, 97900000 on the chain; reserved: 0 here, 2100000 on the chain; the next number: 1 here, 2 on the chain)`;
      expect(await asideNow()).to.deep.equal({ block, event: null, reason: differs });
      const ready = await relayer.call("GET", "/readyz");
      expect([ready.status, ready.body.campaigns]).to.deep.equal([
        200,
        `1 set aside; the first is ${campaignId}, ${differs}`,
      ]);
      const metrics = createMetrics();
      await metrics.readState(relayer.database, { number: 1, time: 1 });
      expect(await metrics.text()).to.match(/\nrelayer_campaigns_set_aside 1\n[\s\S]*\nrelayer_campaigns_differ 1\n/);
      const refused = await desk.report("two");
      expect([refused.status, refused.body.detail]).to.deep.equal([
        503,
        `Campaign ${campaignId} is set aside: ${differs}. Nothing is lost; send it again when GET /v1/campaigns/${campaignId} says that \`setAside\` is null.`,
      ]);
      expect((await desk.refund(accepted.id)).status).to.equal(503);

      // As long as the node leaves it out nothing is made worse.
      const reread = createReread(work(), 0);
      await reread();
      expect(String(logged.at(-1)?.error)).to.match(
        /^StillDiffers: .*what the node tells since block \d+ does not lead/,
      );
      expect((await asideNow()).event).to.equal(null);
      expect(await available()).to.equal(100_000_000n);

      node.lies.clear();
      await reread();
      expect(await asideNow()).to.equal(null);
      expect(await available()).to.equal(97_900_000n);
      expect((await desk.conversion(accepted.id)).state).to.equal("attested");
      expect((await desk.report("two")).body.state).to.equal("accepted");
      expect(await rows("SELECT state FROM batches WHERE campaign_id = $1", campaignId)).to.deep.equal([
        { state: "attested" },
      ]);

      // And a refund goes to the chain, as it is answered.
      expect((await desk.refund(accepted.id)).status).to.equal(202);
      await reverse(work());
      await mine(1);
      await indexAll();
      expect((await desk.conversion(accepted.id)).state).to.equal("reversed");
      expect((await chain.lens.campaign(campaignId)).reserved).to.equal(0n);
      expect(await compare(work(), [campaignId])).to.deep.equal([]);
    });

    it("what came between is taken back and applied again in its order, for that campaign alone", async () => {
      const other = await createCampaign();
      await indexAll();
      leaveOut("also by hash");
      noReceipts();
      await fund(1n);
      await indexAll();
      node.lies.clear();
      // Told of what comes next, and not any more of what is final by then.
      for (let i = 0; i < CONFIRMATIONS; i++) await mine(1);
      node.lies.set("eth_getLogs", async ([filter], truth) => {
        const logs: { data: string }[] = await truth();
        return filter.blockHash === undefined ? logs.filter(({ data }) => BigInt(data) !== 1n) : logs;
      });
      await (await programs.announceWithdrawal(campaignId, 40n)).wait();
      await (await programs.fund(other, 9n)).wait();
      await mine(CONFIRMATIONS);
      await indexAll();
      expect(await available()).to.equal(100_000_000n);
      const run = createCompare(work());
      await run();
      expect((await asideNow()).reason).to.contain("(available: 100000000 here, 100000001 on the chain)");
      node.lies.clear();
      await createReread(work())();
      expect(await asideNow()).to.equal(null);
      expect(await available()).to.equal(100_000_001n);
      expect(await rows("SELECT available FROM campaigns WHERE id = $1", other)).to.deep.equal([{ available: 9n }]);
      const [{ withdrawal_amount }] = (await rows(
        "SELECT withdrawal_amount FROM campaigns WHERE id = $1",
        campaignId,
      )) as [{ withdrawal_amount: bigint }];
      expect(withdrawal_amount).to.equal(40n);
    });

    it("whatever is left out of a campaign's terms is a difference, and is known again when it is told", async () => {
      const guarantee = (Date.now() + 90 * 86_400_000) / 1000;
      for (const [differs, act] of [
        [
          "the withdrawal: 0 here, 40 on the chain; withdrawable at: 0 here",
          () => programs.announceWithdrawal(campaignId, 40n),
        ],
        [
          "the next brand: 0x0000000000000000000000000000000000000000 here, ",
          () => programs.transferCampaign(campaignId, newWallet()),
        ],
        [
          "the next daily limit: 0 here, 5 on the chain; the next daily limit's time: 0",
          () => programs.announceDailyLimit(campaignId, 5n),
        ],
        ["kinds that were set: false here, true on the chain", () => programs.setKinds(campaignId, [newWallet()], 5n)],
        [
          "guaranteed until: 0 here, ",
          () => programs.appendOffer(campaignId, offerOf("renewal", Math.floor(guarantee))),
        ],
      ] as const) {
        leaveOut("also by hash");
        noReceipts();
        await (await act()).wait();
        await mine(CONFIRMATIONS);
        await indexAll();
        expect(await compare(work(), [campaignId]), differs).to.deep.equal([campaignId]);
        expect((await asideNow()).reason).to.contain(differs);
        node.lies.clear();
        await createReread(work())();
        expect(await asideNow(), differs).to.equal(null);
        expect(await compare(work(), [campaignId]), differs).to.deep.equal([]);
      }
    });

    it("a withdrawal that lapsed does not come back by a guarantee", async () => {
      await (await programs.announceWithdrawal(campaignId, 40n)).wait();
      await tick(15 * DAY);
      const { timestamp } = (await anvil.provider.getBlock("latest")) as { timestamp: number };
      await (await programs.appendOffer(campaignId, offerOf("renewal", timestamp + 30 * DAY))).wait();
      await mine(CONFIRMATIONS);
      await indexAll();
      const { withdrawableAt } = await chain.lens.campaign(campaignId);
      expect(Number(withdrawableAt)).to.be.lessThan(timestamp - 7 * DAY);
      expect(await rows("SELECT withdrawable_at FROM campaigns WHERE id = $1", campaignId)).to.deep.equal([
        { withdrawable_at: withdrawableAt },
      ]);
      expect(await compare(work(), [campaignId])).to.deep.equal([]);
    });

    it("a node that cannot say is no difference", async () => {
      node.lies.set("eth_call", async () => {
        throw { code: -32_005, message: "daily request count exceeded, request rate limited" };
      });
      expect(await failureOf(compare(work(), [campaignId]))).to.not.equal(undefined);
      expect(await asideNow()).to.equal(null);
    });

    it("when a block is final, and not at every one", async () => {
      const run = createCompare(work(), 3_600_000);
      expect(await run()).to.be.greaterThan(0);
      node.asked.clear();
      await mine(2);
      await indexAll();
      expect([await run(), node.asked.get("eth_call")]).to.deep.equal([0, undefined]);
      const eager = createCompare(work(), 0);
      expect(await eager()).to.be.greaterThan(0);
      expect(await eager(), "the same final block").to.equal(0);
    });
  });

  describe("a chain whose clock is ahead", () => {
    beforeEach(async () => {
      await open();
      await begin();
      await fund(100_000_000n);
      await indexAll();
    });
    afterEach(close);
    const ahead = async () => {
      const block = await anvil.provider.getBlock("latest");
      return (block?.timestamp ?? 0) - Math.floor(Date.now() / 1000);
    };

    it("has its own time in deadlines, is said, and makes no dead batch", async () => {
      const desk = await openDesk();
      const accepted = (await desk.report("one")).body;
      await tick(6_000);
      expect(await ahead()).to.be.greaterThan(BOUNDS.DEADLINE_SECONDS);
      await attest();
      await indexAll();
      expect((await desk.conversion(accepted.id)).state).to.equal("attested");
      expect(await rows("SELECT state FROM batches WHERE campaign_id = $1", campaignId)).to.have.length(1);
      const { clock } = (await relayer.call("GET", "/readyz")).body;
      expect(clock).to.match(/^the chain's newest block is \d{4,} seconds ahead of this clock: set it/);
    });

    it("is learnt of from the contract where no new block has said so", async () => {
      const desk = await openDesk();
      await desk.report("one");
      await tick(6_000);
      await rows("UPDATE chain_cursor SET seconds_ahead = 0, block_time = 1");
      await number(work(), BOUNDS, later());
      await sign(work(), later());
      const states = await rows("SELECT state, problem FROM batches WHERE campaign_id = $1", campaignId);
      expect(states.map(({ state }) => state)).to.deep.equal(["dead"]);
      expect(states[0]?.problem).to.match(/^DeadlinePassed/);
      await number(work(), BOUNDS, later());
      await sign(work(), later());
      await submit(work(), later());
      await mine(1);
      await indexAll();
      expect(
        (await rows("SELECT state FROM batches WHERE campaign_id = $1 ORDER BY created_at", campaignId)).map(
          ({ state }) => state,
        ),
      ).to.deep.equal(["dead", "attested"]);
    });
  });

  describe("a campaign", () => {
    before(open);
    after(close);
    beforeEach(begin);

    it(`is kept as the contract has it whatever a brand does (FUZZ_SEED=${SEED})`, async () => {
      const random = chance(SEED);
      const heir = await anvil.provider.getSigner(1);
      let owner: JsonRpcSigner = brand;
      let offers = 0;
      /** Of an event of its own, guaranteed for so long, by the chain's clock. */
      const renewal = (seconds: number) => offerOf(`renewal-${offers++}`, seconds === 0 ? 0 : clock + seconds);
      let clock = 0;
      const as = <T extends BaseContract>(contract: T) => contract.connect(owner) as T;
      const acts: (() => Promise<{ wait(): Promise<unknown> }>)[] = [
        () => programs.fund(campaignId, random.below(1_000) + 1),
        () => as(programs).announceWithdrawal(campaignId, random.below(2_000) + 1),
        () => as(programs).cancelWithdrawal(campaignId),
        () => as(programs).withdraw(campaignId, owner.address),
        () => as(programs).suspend(campaignId),
        () => as(programs).resume(campaignId),
        () => as(programs).retireOffer(campaignId, 1),
        () => as(programs).announceDailyLimit(campaignId, random.below(1_000)),
        () => as(programs).appendOffer(campaignId, renewal(random.pick([0, 2 * DAY, 20 * DAY]))),
        () => as(programs).setKinds(campaignId, [newWallet()], random.below(8)),
        () => as(programs).transferCampaign(campaignId, owner === brand ? heir.address : brand.address),
        async () => {
          const next = owner === brand ? heir : brand;
          const sent = await programs.connect(next).acceptCampaign(campaignId);
          owner = next;
          return sent;
        },
      ];
      const close = () => as(programs).closeCampaign(campaignId);
      let done = 0;
      for (let round = 0; round < 70; round++) {
        // Each once, and then any; much is not possible any more when it closes.
        const act = round === 55 ? close : (acts[round] ?? random.pick(acts));
        clock = (await anvil.provider.getBlock("latest"))?.timestamp ?? 0;
        await act().then(
          async (sent) => {
            await sent.wait();
            done++;
          },
          () => {},
        );
        await anvil.rpc("evm_increaseTime", random.pick([1, 3_600, DAY, 8 * DAY]));
        await mine(1);
        await indexAll();
        expect(await compare(work(), [campaignId]), `round ${round}: ${(await asideNow())?.reason}`).to.deep.equal([]);
      }
      expect(done).to.be.greaterThan(15);
    });
  });
});
