import { expect } from "chai";
import { JsonRpcProvider, type JsonRpcSigner, ZeroHash } from "ethers";
import { type Anvil, startAnvil } from "#harness/anvil.ts";
import { openFailures } from "#harness/failures.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { watch as watchContracts } from "#relayer/worker/watch.ts";
import type { LogsOf } from "#service/chain/blocks.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { readProvenLogs } from "#service/chain/provenLogs.ts";
import { type LyingNode, startLyingNode } from "#test/support/lyingNode.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { DemoToken } from "#typechain/mocks/DemoToken.ts";

/** A brand's own contract: here a token, whose transfers are its sales. */
describe("a contract whose events are conversions", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  let anvil: Anvil;
  let shop: DemoToken;
  let brand: JsonRpcSigner;
  let liar: LyingNode;
  let node: JsonRpcProvider;
  /** What the last reading failed with. */
  let failed: string[];
  let campaign: Awaited<ReturnType<LocalRelayer["openCampaign"]>>;

  before(async () => {
    market = await openRelayer();
    anvil = await startAnvil();
    brand = await anvil.provider.getSigner(0);
    liar = await startLyingNode(anvil.url);
    node = new JsonRpcProvider(liar.url, 31337, { staticNetwork: true, cacheTimeout: -1 });
  });
  after(async () => {
    node.destroy();
    await liar.stop();
    anvil.stop();
    await market.close();
  });

  beforeEach(async () => {
    liar.lies.clear();
    await market.database.query("TRUNCATE watched_contracts, chain_cursor");
    await market.database.query("DELETE FROM announced_descriptions");
    shop = await new DemoToken__factory(brand).deploy("Shop", "SHOP", 6);
    await (await shop.mint(brand.address, 10n ** 12n)).wait();
    campaign = await market.openCampaign({
      events: [
        {
          name: "sale",
          title: "A sale",
          perCustomer: null,
          contract: {
            address: await shop.getAddress(),
            abi: "event Transfer(address indexed from, address indexed to, uint256 value)",
            customer: "to",
            volume: "value",
          },
        },
      ],
    });
    await watch();
  });

  /** Reads up to the head as if it were final, or as far as is said; the index has read up to the head, or as far as is said. */
  async function watch(final?: number, indexed?: number): Promise<number> {
    const head = await anvil.provider.getBlockNumber();
    await market.database.query(
      `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time) VALUES (31337, '', $1, $2, 0, $3, 0)
       ON CONFLICT (only_row) DO UPDATE SET block = $1, final_block = $3`,
      [indexed ?? head, ZeroHash, final ?? head],
    );
    const chain = {
      provenLogs: (of: LogsOf, from: number, to: number) => readProvenLogs(node, of, from, to),
    } as unknown as ProgramsChain;
    // What fails is told to who runs the relayer, and tried again: a test looks at it.
    const { failures, logged } = openFailures();
    const read = await watchContracts({ database: market.database, chain, intake: market.intake, failures });
    failed = logged.map((line) => JSON.stringify(line));
    return read;
  }
  const conversions = () =>
    market.database.query<{ order_id: string; state: string; reason: string | null; volume: bigint }>(
      "SELECT order_id, state, reason, volume FROM conversions WHERE campaign_id = $1 ORDER BY id",
      [campaign.campaignId],
    );
  const sell = async (customer: string, volume: bigint) => {
    const receipt = await (await shop.transfer(customer, volume)).wait();
    return receipt as NonNullable<typeof receipt>;
  };

  it("is taken in for the partner that the customer's wallet is bound to, once", async () => {
    const partner = await campaign.join();
    const customer = newWallet();
    expect(
      (await campaign.bind({ referralToken: partner.click(), customerId: "one", customerWallet: customer })).status,
    ).to.be.below(300);
    const { hash, logs } = await sell(customer, 49_900_000n);
    expect(await watch()).to.equal(1);
    const taken = { order_id: `${hash}:${logs[0]?.index}`, state: "accepted", reason: null, volume: 49_900_000n };
    expect(await conversions()).to.deep.equal([taken]);
    // Nothing new, and what is read once more, as after a crash, is known.
    expect(await watch()).to.equal(0);
    await market.database.query("UPDATE watched_contracts SET block = block - 1");
    expect(await watch()).to.equal(1);
    expect(await conversions()).to.deep.equal([taken]);
  });

  it("is taken in though the node leaves it out of a range, and waits where the node hides it altogether", async () => {
    await sell(newWallet(), 7n);
    await anvil.rpc("anvil_mine", 3);
    liar.lies.set("eth_getLogs", async ([filter], truth) => (filter.blockHash === undefined ? [] : truth()));
    expect(await watch()).to.equal(1);
    expect((await conversions()).map(({ volume }) => volume)).to.deep.equal([7n]);

    await sell(newWallet(), 8n);
    // Its block's receipts are there, and not all of them.
    liar.lies.set("eth_getLogs", async () => []);
    liar.lies.set("eth_getBlockReceipts", async () => []);
    expect(await watch()).to.equal(0);
    expect(failed.join()).to.contain("receipts of block").and.to.contain("that are not all");
    liar.lies.set("eth_getBlockByNumber", async ([number], truth) => {
      const block = await truth();
      return Number(number) % 2 === 0 ? { ...block, parentHash: ZeroHash } : block;
    });
    await anvil.rpc("anvil_mine", 2);
    expect(await watch()).to.equal(0);
    expect(failed.join()).to.contain("does not follow the block that the node gave before it");
    liar.lies.set("eth_getBlockByNumber", async () => null);
    expect(await watch()).to.equal(0);
    expect(failed.join()).to.match(/does not have block \d+, which is final/);

    liar.lies.clear();
    expect(await watch()).to.equal(1);
    expect((await conversions()).map(({ volume }) => volume)).to.deep.equal([7n, 8n]);
  });

  it("is read on from where it was read, over more blocks than are asked for at once", async () => {
    await sell(newWallet(), 1n);
    await anvil.rpc("anvil_mine", 256);
    await sell(newWallet(), 2n);
    liar.lies.set("eth_getLogs", async ([filter], truth) => (filter.blockHash === undefined ? [] : truth()));
    const taken = await watch();
    expect(taken, failed.join()).to.equal(2);
    expect((await conversions()).map(({ volume }) => volume)).to.deep.equal([1n, 2n]);
    const read = await market.database.query<{ block: bigint }>("SELECT block FROM watched_contracts");
    expect(read.map(({ block }) => Number(block))).to.deep.equal([await anvil.provider.getBlockNumber()]);
  });

  it("is rejected, with the reason, where nobody invited the wallet", async () => {
    await sell(newWallet(), 1n);
    await watch();
    expect((await conversions()).map(({ state, reason }) => [state, reason])).to.deep.equal([
      ["rejected", "no_referral"],
    ]);
  });

  it("is not read before it is final", async () => {
    const { blockNumber } = await sell(newWallet(), 1n);
    // The index is at the head already, which a reorganisation may take back.
    expect(await watch(blockNumber - 1, blockNumber)).to.equal(0);
    expect(await conversions()).to.deep.equal([]);
    expect(await watch(blockNumber, blockNumber)).to.equal(1);
    expect(await conversions()).to.have.length(1);
  });

  it("is not read while the index is behind what is final: whom a wallet belongs to is not known yet", async () => {
    const { blockNumber } = await sell(newWallet(), 1n);
    expect(await watch(blockNumber, blockNumber - 1)).to.equal(0);
    expect(await watch(blockNumber, blockNumber)).to.equal(1);
  });

  it("is read from when the description was first seen, and goes on where it stopped", async () => {
    for (let i = 0; i < 5; i++) await sell(newWallet(), BigInt(i + 1));
    const head = await anvil.provider.getBlockNumber();
    await watch(head - 3);
    expect(await conversions()).to.have.length(2);
    await watch();
    expect((await conversions()).map(({ volume }) => volume)).to.deep.equal([1n, 2n, 3n, 4n, 5n]);
  });
});
