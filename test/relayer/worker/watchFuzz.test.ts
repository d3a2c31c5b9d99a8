/** Brands' own contracts, whose events are conversions: a stranger's contract says whatever it likes, and holds nobody up. */
import { expect } from "chai";
import { AbiCoder, EventFragment, getAddress, hexlify, id, Log, toBeHex, ZeroHash, zeroPadValue } from "ethers";
import { openFailures } from "#harness/failures.ts";
import { type Chance, chance } from "#harness/random.ts";
import { type LocalRelayer, newWallet, openRelayer } from "#harness/relayer.ts";
import { watch } from "#relayer/worker/watch.ts";
import { inOrder, type LogsOf } from "#service/chain/blocks.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { SEED, sayInputs, secondsOf } from "#test/support/fuzz.ts";

const SECONDS = secondsOf(1, 2);
const PAID = "event Paid(address indexed customer, uint256 volume)";
/** What a stranger's description may call conversions. */
const ODD = [
  PAID,
  "event Paid(address customer, uint256 volume)",
  "event Paid(address customer, uint256 volume, string note)",
  "event Paid(string indexed note, uint256 indexed volume, address indexed customer)",
  "event Paid(bytes note, uint256[] list, address customer, uint256 volume)",
  "event Paid(address customer, uint256 volume, (bytes32, string)[] notes)",
];

describe("a contract whose events are conversions", function () {
  this.timeout(600_000 + SECONDS * 4_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  it(`of any bytes in any order holds up no other, and each sale counts once (FUZZ_SEED=${SEED})`, async () => {
    const random = chance(SEED);
    const open = async (abi: string) => {
      const address = newWallet();
      const contract = { address, abi, customer: "customer", volume: "volume" };
      const campaign = await market.openCampaign({
        events: [{ name: "sale", title: "A sale", perCustomer: null, contract }],
      });
      return { address, campaign, topic: EventFragment.from(abi).topicHash };
    };
    const honest = await open(PAID);
    const strangers = await Promise.all(ODD.map(open));
    const partner = await honest.campaign.join();
    const customer = newWallet();
    await honest.campaign.bind({ code: partner.code, customerId: "c", customerWallet: customer });

    const logs: Log[] = [];
    let head = 0;
    const write = (address: string, topics: string[], data: string) => {
      const place = { blockNumber: head, blockHash: id(`block ${head}`), index: logs.length, removed: false };
      const transaction = { transactionHash: id(`transaction ${logs.length}`), transactionIndex: 0 };
      logs.push(new Log({ ...place, ...transaction, address, topics, data }, null as never));
    };
    /** In pieces, as they are proven. */
    async function* provenLogs(of: LogsOf, from: number, to: number) {
      for (let first = from; first <= to; first += 3) {
        const last = Math.min(to, first + 2);
        yield {
          to: last,
          logs: inOrder(logs, of).filter((log) => log.blockNumber >= first && log.blockNumber <= last),
        };
      }
    }
    const read = async () => {
      await market.database.query(
        `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time)
         VALUES (31337, '', $1, $2, 0, $1, 0) ON CONFLICT (only_row) DO UPDATE SET block = $1, final_block = $1`,
        [head, ZeroHash],
      );
      const { failures, logged } = openFailures();
      const { database, intake } = market;
      await watch({ database, chain: { provenLogs } as unknown as ProgramsChain, intake, failures });
      expect(logged, `block ${head}`).to.deep.equal([]);
    };

    await read();
    const sold: bigint[] = [];
    let events = 0;
    const until = Date.now() + SECONDS * 1_000;
    for (let round = 0; round < 8 || Date.now() < until; round++) {
      for (let blocks = random.below(3); blocks >= 0; blocks--) {
        head++;
        for (let some = random.below(6); some > 0; some--, events++) {
          const stranger = random.pick(strangers);
          const [topics, data] = anyLog(random, stranger.topic, customer);
          // Also out of the honest contract, of another event than that which is a sale.
          if (random.hit(0.2)) write(honest.address, [id(`event ${random.below(3)}`), ...topics.slice(1)], data);
          else write(stranger.address, topics, data);
        }
        const volume = BigInt(1 + random.below(1_000_000));
        write(honest.address, [honest.topic, zeroPadValue(customer, 32)], toBeHex(volume, 32));
        sold.push(volume);
        events++;
      }
      await read();
      // What was read before a crash is read again.
      if (random.hit(0.3))
        await market.database.query("UPDATE watched_contracts SET block = greatest(block - $1, 0)", [random.below(4)]);
      if (round % 8 === 7) await expectSold(`round ${round}`);
    }
    await read();
    await expectSold("at the end");
    sayInputs("contracts", events);

    async function expectSold(when: string): Promise<void> {
      const taken = await market.database.query<{ volume: bigint; order_id: string }>(
        "SELECT volume, order_id FROM conversions WHERE campaign_id = $1 ORDER BY id",
        [honest.campaign.campaignId],
      );
      expect(
        taken.map(({ volume }) => volume),
        when,
      ).to.deep.equal(sold);
    }
  });
});

/** Topics and data: of the event, nearly, or of nothing at all. */
function anyLog(random: Chance, topic: string, customer: string): [string[], string] {
  const bytes = (length: number) =>
    hexlify(Uint8Array.from({ length }, () => random.pick([0, 1, 0x61, 0x80, 0xed, 0xff, random.below(256)])));
  const word = () =>
    random.pick([ZeroHash, `0x${"ff".repeat(32)}`, zeroPadValue(customer, 32), zeroPadValue(bytes(20), 32), bytes(32)]);
  const topics = [topic, ...Array.from({ length: random.below(4) }, word)];
  if (random.hit(0.3)) return [topics, bytes(random.below(200))];
  if (random.hit(0.3)) return [topics, `0x${Array.from({ length: random.below(9) }, () => word().slice(2)).join("")}`];
  const most = 2n ** 256n - 1n;
  const volume = random.pick([0n, 1n, most, most >> BigInt(random.below(256))]);
  return [topics, AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [getAddress(bytes(20)), volume])];
}
