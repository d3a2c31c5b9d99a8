import { toDataSuffix } from "@partner-programs/protocol/dataSuffix";
import { expect } from "chai";
import { concat, JsonRpcProvider, type JsonRpcSigner, type TransactionReceipt, ZeroHash } from "ethers";
import { checkPartners } from "#attester/checks/partner.ts";
import { checkSource } from "#attester/checks/source.ts";
import { type CampaignRules, parseRules, rulesOf } from "#attester/rules.ts";
import { openSources } from "#attester/source/open.ts";
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
      provider: node,
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

  it("pays whom the event names, or a code behind the transaction's data: the contract's word, with nobody's cookie", async () => {
    const partner = await anvil.provider.getSigner(1);
    const contract = {
      ...{ address: await shop.getAddress(), customer: "to", volume: "value", partner: "from", suffix: "acme_" },
      abi: "event Transfer(address indexed from, address indexed to, uint256 value)",
    };
    const named = await market.openCampaign({ events: [{ name: "sale", title: "", perCustomer: null, contract }] });
    const { partner: _, ...byCode } = contract;
    const coded = await market.openCampaign({
      events: [{ name: "sale", title: "", perCustomer: null, contract: byCode }],
    });
    const ada = await named.join(partner.address);
    const bob = await coded.join();
    await watch();
    await (await shop.transfer(partner.address, 7_000_000n)).wait();
    const bought = await (await shop.connect(partner).transfer(newWallet(), 7_000_000n)).wait();
    const suffix = toDataSuffix(["baseapp", `acme_${bob.code.toUpperCase()}`]);
    const call = shop.interface.encodeFunctionData("transfer", [newWallet(), 9_000_000n]);
    const tagged = await (
      await brand.sendTransaction({ to: await shop.getAddress(), data: concat([call, suffix]) })
    ).wait();
    await watch();
    expect(failed).to.deep.equal([]);
    const taken = async ({ campaignId }: typeof named) =>
      market.database.query<{ order_id: string; reason: string | null; partner: string | null }>(
        `SELECT c.order_id, c.reason, p.partner FROM conversions c LEFT JOIN partnerships p ON p.id = c.partnership_id
         WHERE c.campaign_id = $1 ORDER BY c.id`,
        [campaignId],
      );
    const place = (receipt: Pick<TransactionReceipt, "hash" | "logs"> | null) =>
      `${receipt?.hash}:${receipt?.logs[0]?.index}`;
    const ofNamed = await taken(named);
    expect(ofNamed.find(({ order_id }) => order_id === place(bought))).to.include({
      reason: null,
      partner: ada.wallet,
    });
    // Who is named and has not joined brought nobody, whatever stands behind the data.
    expect(ofNamed.find(({ order_id }) => order_id === place(tagged))).to.include({ reason: "unknown_code" });
    const ofCoded = await taken(coded);
    expect(ofCoded.find(({ order_id }) => order_id === place(tagged))).to.include({
      reason: null,
      partner: bob.wallet,
    });
    expect(ofCoded.find(({ order_id }) => order_id === place(bought))).to.include({ reason: "no_referral" });

    // An attester reads the same from its own node, and knows who is lied about.
    const rules = parseRules(
      JSON.stringify({
        version: 1,
        campaigns: {
          [named.campaignId]: { source: { kind: "chain", event: "sale", contract, decimals: 6 } },
          [coded.campaignId]: {
            source: { kind: "chain", event: "sale", contract: byCode, decimals: 6, codes: { [bob.code]: bob.wallet } },
          },
        },
      }),
      "/",
      {},
    );
    const finality = async () => ({ number: await anvil.provider.getBlockNumber(), time: 0 });
    const chain = {
      provider: node,
      provenLogs: (of: LogsOf, from: number, to: number) => readProvenLogs(node, of, from, to),
    };
    const open = openSources(market.database, {}, { chain: chain as never, finality });
    const offers = new Map([[1, { kind: 0 }]]) as unknown as Parameters<typeof checkPartners>[2];
    async function sayOf({ campaignId }: typeof named, orderId: string, paid: string, units: bigint) {
      const own = rulesOf(rules, campaignId) as CampaignRules;
      const found = (await open(own)?.find([{ event: "sale", orderId }])) ?? [];
      const order = { event: "sale", orderId, volume: "0", receivedAt: 100 };
      const entries = [{ offerId: 1, partner: paid, count: 1, volumeUnits: units }];
      const given = [{ number: 1n, key: ZeroHash, salt: ZeroHash, entries, order }];
      const codes = new Map([[`code ${bob.code}`, new Set([bob.wallet.toLowerCase()])]]);
      return [
        checkSource(given, found, own, { unitExponent: 4, decimals: 6, now: 2 ** 40 })?.reason,
        checkPartners(given, found, offers, codes).refusal?.reason,
      ].filter((reason) => reason !== undefined);
    }
    expect(await sayOf(named, place(bought), ada.wallet, 700n)).to.deep.equal([]);
    expect(await sayOf(coded, place(tagged), bob.wallet, 900n)).to.deep.equal([]);
    expect((await sayOf(named, place(bought), bob.wallet, 700n)).join()).to.match(/brought by partner 0x[0-9a-f]{40}/);
    expect((await sayOf(coded, place(tagged), ada.wallet, 900n)).join()).to.match(/brought by code /);
    expect((await sayOf(named, place(bought), ada.wallet, 701n)).join()).to.match(
      /attests volume 7010000, .* has 7000000/,
    );
    expect((await sayOf(named, `${bought?.hash}:99`, ada.wallet, 1n)).join()).to.match(
      /is not in the attester's source/,
    );

    // A node that says something else of the transaction is not believed.
    liar.lies.set("eth_getTransactionByHash", async (_params, truth) => {
      const told = (await truth()) as { input: string };
      return { ...told, input: concat([call, toDataSuffix([`acme_${ada.code}`])]) };
    });
    await market.database.query("UPDATE watched_contracts SET block = block - 1 WHERE campaign_id = $1", [
      coded.campaignId,
    ]);
    await watch();
    expect(failed.join()).to.match(/tells another transaction than 0x/);
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
