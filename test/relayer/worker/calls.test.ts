import type { Deployment } from "@partner-programs/protocol/deployments";
import { packLine } from "@partner-programs/protocol/line";
import { attestationTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, type JsonRpcSigner, Wallet } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { deployContracts } from "#harness/deployment.ts";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import type { Attesters } from "#relayer/attesters/client.ts";
import { createSender, type Sender } from "#relayer/chain/sender.ts";
import { createMetrics, type Metrics } from "#relayer/metrics.ts";
import { createTrees } from "#relayer/trees.ts";
import { chainJobs } from "#relayer/worker/chainJobs.ts";
import { createCompare } from "#relayer/worker/compare.ts";
import { expire } from "#relayer/worker/expire.ts";
import { number } from "#relayer/worker/number.ts";
import { createPace, type Pace } from "#relayer/worker/pace.ts";
import { release } from "#relayer/worker/release.ts";
import type { Job } from "#relayer/worker/rounds.ts";
import { sign } from "#relayer/worker/sign.ts";
import { submit } from "#relayer/worker/submit.ts";
import { connectPrograms, type ProgramsChain } from "#service/chain/programs.ts";
import { askedFor } from "#service/chain/rpc.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { PartnerPrograms } from "#typechain/index.ts";
import { saleCampaign } from "../../support/campaign.ts";
import { type LyingNode, startLyingNode } from "../../support/lyingNode.ts";

const HOUR = 3_600;
const BLOCK_SECONDS = 2;
const CONFIRMATIONS = 64;
const HOLD_SECONDS = 60;
const IDLE_SECONDS = 15;
const BOUNDS = { BATCH_SECONDS: 60, BATCH_CONVERSIONS: 1_000, DEADLINE_SECONDS: 20 * HOUR };

/** The node counts what it is asked; no second is waited for: the chain's clock, and the relayer's, are set forward. */
describe("what a relayer asks its node, on a chain with a block every two seconds", function () {
  this.timeout(600_000);
  const attester = new Wallet(id("the attester"));
  const carrier = new Wallet(id("the relayer"));
  let anvil: Anvil;
  let node: LyingNode;
  let chain: ProgramsChain;
  let brand: JsonRpcSigner;
  let programs: PartnerPrograms;
  let relayer: LocalRelayer;
  let sender: Sender;
  let campaignId: string;
  let metrics: Metrics;
  let deployment: Deployment;
  let pace: Pace;
  let jobs: Job[];
  /** What of them has something to do. */
  let due: Job[];
  /** Seconds since the beginning, and what the chain's clock said then. */
  let passed = 0;
  let began = 0;
  const failed: string[] = [];

  before(async () => {
    anvil = await startAnvil("--no-mining");
    brand = await anvil.provider.getSigner(0);
    await anvil.rpc("evm_setAutomine", true);
    const deployed = await deployContracts(brand);
    ({ programs, deployment } = deployed);
    const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
    await (await dollar.mint(brand.address, 10n ** 18n)).wait();
    await (await dollar.approve(programs, 2n ** 256n - 1n)).wait();
    await (await brand.sendTransaction({ to: carrier.address, value: 10n ** 18n })).wait();
    const given = saleCampaign({
      salt: "calls",
      token: await dollar.getAddress(),
      attester: attester.address,
      price: 2_000_000n,
      terms: { feeBps: 500, holdSeconds: HOLD_SECONDS, operator: brand.address },
    });
    campaignId = await programs.createCampaign.staticCall(given);
    await (await programs.createCampaign(given)).wait();
    await (await programs.fund(campaignId, 10n ** 12n)).wait();
    await anvil.rpc("anvil_mine", CONFIRMATIONS, BLOCK_SECONDS);
    await anvil.rpc("evm_setAutomine", false);

    node = await startLyingNode(anvil.url);
    metrics = createMetrics();
    chain = await connectPrograms(node.url, deployed.deployment, { countCall: metrics.countRpcCall });
    // A bloom that is as full as on a busy chain says of everybody that he may be there.
    node.lies.set("eth_getBlockByNumber", async (_, truth) => {
      const block = await truth();
      return block && { ...block, logsBloom: `0x${"ff".repeat(256)}` };
    });
    relayer = await openRelayer({ chain });
    began = (await anvil.provider.getBlock("latest"))?.timestamp ?? 0;
    pace = createPace(IDLE_SECONDS * 1000, () => passed * 1000);
    const { failures } = openFailures();
    sender = createSender(
      relayer.database,
      chain,
      carrier,
      { bumpAfterSeconds: 600, maxFeePerGas: 10n ** 12n, againAfterSeconds: 15, onSent: pace.hurry },
      failures,
    );
    const work = {
      database: relayer.database,
      chain,
      attesters,
      sender,
      failures,
      trees: createTrees(relayer.database),
      isReconciled: () => true,
    };
    jobs = [
      ...chainJobs(pace, relayer.database, chain, sender, CONFIRMATIONS, () => passed * 1000),
      { name: "compare", run: createCompare(work, 30_000, () => passed * 1000) },
      { name: "expire", run: () => expire(work) },
      { name: "number", run: () => number(work, BOUNDS, now() * 1000) },
      { name: "sign", run: () => sign(work, now() * 1000) },
      { name: "submit", run: () => submit(work, now() * 1000) },
      { name: "release", run: () => release(work, now() * 1000) },
    ];
    due = jobs.slice(0, 3);
  });
  after(async () => {
    await relayer?.close();
    chain?.close();
    await node?.stop();
    anvil?.stop();
  });

  const attesters: Attesters = {
    check: async (members) => members.map(() => undefined),
    async attest(members, { attestation }) {
      const { types, message } = attestationTypedData(attestation);
      const signature = await attester.signTypedData(chain.domain, types, message);
      return members.map(() => ({ signature }));
    },
    reverse: async () => [],
    states: () => new Map(),
  };
  const now = () => began + passed;
  const rows = (text: string, ...parameters: unknown[]) =>
    relayer.database.query<Record<string, unknown>>(text, parameters);
  const asked = () => [...node.asked.values()].reduce((sum, times) => sum + times, 0);

  /** Lets so many seconds pass, with a round of the worker in each of them. */
  async function pass(seconds: number): Promise<void> {
    for (const until = passed + seconds; passed < until; passed++) {
      if (passed % BLOCK_SECONDS === 0) {
        await anvil.rpc("evm_setNextBlockTimestamp", now());
        await anvil.rpc("evm_mine");
      }
      for (const { name, run } of due)
        await askedFor(name, run).catch((error: Error) => failed.push(`${name}: ${error.message}`));
    }
  }

  async function accept(orders: number): Promise<void> {
    for (let i = 0; i < orders; i++)
      await rows(
        `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, volume, received_at, state, entries,
           commission, partner_commission, fee, salt)
         VALUES ($1, 'sale', $2, '', $3, 0, to_timestamp($4), 'accepted', $5, 2000000, 2000000, 100000, $3)`,
        campaignId,
        `order ${passed} ${i}`,
        id(`${passed} ${i}`),
        now() - 120,
        JSON.stringify([packLine({ offerId: 1, partner: newWallet(), count: 1, volumeUnits: 0n })]),
      );
    await rows("UPDATE campaigns SET promised = promised + $1", 2_100_000 * orders);
  }

  it("is fewer than 1,000 questions in an hour in which nothing happens, and the index is never behind for long", async () => {
    await pass(10 * BLOCK_SECONDS + IDLE_SECONDS);
    const before = asked();
    let furthest = 0;
    // Each minute is as the other: ten stand for sixty.
    for (let minute = 0; minute < 10; minute++) {
      await pass(60);
      const [{ block } = {}] = await rows("SELECT block FROM chain_cursor");
      furthest = Math.max(furthest, (await anvil.provider.getBlockNumber()) - Number(block));
    }
    expect(failed).to.deep.equal([]);
    expect(6 * (asked() - before)).to.be.within(100, 999);
    expect(furthest * BLOCK_SECONDS).to.be.at.most(IDLE_SECONDS + BLOCK_SECONDS);
  });

  it("is fewer than 100 questions for a batch, from accepted conversions to commissions that are final", async () => {
    // Hold, and twice as long as until a block is final.
    const seconds = HOLD_SECONDS + 2 * CONFIRMATIONS * BLOCK_SECONDS;
    const beforeIdle = asked();
    await pass(seconds);
    const idle = asked() - beforeIdle;
    await accept(20);
    due = jobs;
    const before = asked();
    await pass(seconds);
    expect(failed).to.deep.equal([]);
    expect(await rows("SELECT state, conversions FROM batches")).to.deep.equal([
      { state: "released", conversions: 20n },
    ]);
    expect((await rows("SELECT state FROM transactions")).map(({ state }) => state)).to.deep.equal(["mined", "mined"]);
    expect(asked() - before - idle).to.be.within(10, 99);
    due = jobs.slice(0, 3);
  });

  it("finds a contract's events in blocks that it passes over, and takes the headers then", async () => {
    await pass(2 * IDLE_SECONDS);
    const [{ funded } = {}] = await rows("SELECT funded FROM campaigns");
    await programs.fund(campaignId, 5n);
    await pass(IDLE_SECONDS + BLOCK_SECONDS);
    expect((await rows("SELECT funded FROM campaigns"))[0]?.funded).to.equal((funded as bigint) + 5n);
    expect(failed).to.deep.equal([]);
  });

  it("reads again where a node left out what was in blocks that it passed over", async () => {
    // The comparison with the contract would find out, too.
    due = jobs.slice(0, 2);
    await pass(2 * IDLE_SECONDS);
    const [{ funded } = {}] = await rows("SELECT funded FROM campaigns");
    await programs.fund(campaignId, 7n);
    node.lies.set("eth_getLogs", async () => []);
    await pass(IDLE_SECONDS + BLOCK_SECONDS);
    node.lies.delete("eth_getLogs");
    await pass(2 * (IDLE_SECONDS + BLOCK_SECONDS));
    expect(failed.map((one) => one.replace(/\d+/g, "n"))).to.deep.equal([
      "index: The chain's node tells n events of block n now, and told n when it was read: it is read again from there.",
    ]);
    expect((await rows("SELECT funded FROM campaigns"))[0]?.funded).to.equal((funded as bigint) + 7n);
  });

  it("takes back what a reorganisation took back under blocks that it passed over", async () => {
    failed.length = 0;
    const [{ funded } = {}] = await rows("SELECT funded FROM campaigns");
    const fork = await anvil.provider.getBlockNumber();
    await programs.fund(campaignId, 11n);
    await pass(3 * IDLE_SECONDS);
    expect((await rows("SELECT funded FROM campaigns"))[0]?.funded).to.equal((funded as bigint) + 11n);
    await anvil.rpc("anvil_reorg", (await anvil.provider.getBlockNumber()) - fork, []);
    await pass(3 * IDLE_SECONDS);
    expect((await rows("SELECT funded FROM campaigns"))[0]?.funded).to.equal(funded);
    expect(failed).to.deep.equal([]);
  });

  it("is counted by what it was asked for", async () => {
    const text = await metrics.text();
    const count = (purpose: string, method: string) =>
      Number(
        new RegExp(`relayer_rpc_calls_total\\{purpose="${purpose}",method="${method}",node="[^"]*"\\} (\\d+)`).exec(
          text,
        )?.[1] ?? 0,
      );
    expect(count("index", "eth_getLogs")).to.be.greaterThan(100);
    expect(count("release", "eth_sendRawTransaction")).to.equal(1);
    expect(count("submit", "eth_sendRawTransaction")).to.equal(1);
    const all = [...text.matchAll(/relayer_rpc_calls_total\{[^}]*\} (\d+)/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
    expect(all).to.equal(asked());
  });

  it("is fewer than 1,000 questions an hour to the first of two nodes, and fewer than 300 to the other", async () => {
    const [first, second] = [await startLyingNode(anvil.url), await startLyingNode(anvil.url)];
    const both = await connectPrograms([first.url, second.url], deployment, { now: () => passed * 1000 });
    const again = createPace(IDLE_SECONDS * 1000, () => passed * 1000);
    const given = { database: relayer.database, chain: both };
    const sum = ({ asked: methods }: LyingNode) => [...methods.values()].reduce((all, times) => all + times, 0);
    failed.length = 0;
    try {
      due = [
        ...chainJobs(again, relayer.database, both, sender, CONFIRMATIONS, () => passed * 1000),
        { name: "compare", run: createCompare(given, 30_000, () => passed * 1000) },
      ];
      await pass(10 * BLOCK_SECONDS + IDLE_SECONDS);
      const before = [sum(first), sum(second)];
      await pass(600);
      const [toFirst, toSecond] = [6 * (sum(first) - Number(before[0])), 6 * (sum(second) - Number(before[1]))];
      expect(failed).to.deep.equal([]);
      expect(toFirst).to.be.within(100, 999);
      expect(toSecond).to.be.within(60, 299);

      // By the word of one of them no campaign is set aside, and what is final is not another chain's.
      second.lies.set("eth_call", async () => `0x${"00".repeat(32)}`);
      await pass(60);
      second.lies.clear();
      second.lies.set("eth_getBlockByNumber", async (_, truth) => ({ ...(await truth()), hash: id("another fork") }));
      await pass(150);
      expect(new Set(failed.map((one) => one.replace(/: 127.*/, "")))).to.deep.equal(
        new Set([
          "compare: The chain's nodes tell different things (eth_call)",
          "compare: The chain's nodes tell different things (eth_getBlockByNumber)",
        ]),
      );
      expect(await rows("SELECT campaign_id FROM set_aside")).to.deep.equal([]);
    } finally {
      both.close();
      await first.stop();
      await second.stop();
    }
  });
});
