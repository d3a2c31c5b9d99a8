import { toDataSuffix } from "@partner-programs/protocol/dataSuffix";
import { expect } from "chai";
import { concat, Interface, type Log, Transaction, type TransactionResponse, toBeHex, Wallet } from "ethers";
import { readContractEvents } from "#service/chain/contractEvents.ts";

const CONTRACT = toBeHex(0xc0, 20);
const EVENT = "event Bought(address indexed buyer, uint256 price)";
const shop = new Interface([EVENT]);
const source = { address: CONTRACT, abi: EVENT, customer: "buyer", volume: "price", suffix: "acme_" };

describe("a code behind a transaction's data", () => {
  const buyer = new Wallet(toBeHex(1, 32));
  let signed: Transaction;
  before(async () => {
    const data = concat(["0x12345678", toDataSuffix(["acme_ada"])]);
    const fees = { maxFeePerGas: 9n, maxPriorityFeePerGas: 1n, gasLimit: 90_000n };
    signed = Transaction.from(
      await buyer.signTransaction({ type: 2, chainId: 1, nonce: 0, to: CONTRACT, data, value: 0n, ...fees }),
    );
  });

  /** What is read of one event, where the node tells of its transaction so. */
  async function read(told: object | null) {
    const { data, topics } = shop.encodeEventLog("Bought", [buyer.address, 5n]);
    const log = { address: CONTRACT, data, topics, transactionHash: signed.hash, index: 0, blockNumber: 7 };
    const node = {
      async *provenLogs() {
        yield { to: 7, logs: [log as unknown as Log] };
      },
      provider: { getTransaction: async () => told as TransactionResponse | null },
    };
    const events = [];
    for await (const piece of readContractEvents(node as never, source as never, 1, 7)) events.push(...piece.events);
    return events.map(({ code, volume }) => ({ code, volume }));
  }
  const failure = (told: object | null) => read(told).then(String, (error: Error) => error.message);
  const asTold = (changes: object = {}) => {
    const { maxFeePerGas, maxPriorityFeePerGas, accessList } = signed;
    return {
      ...{ type: 2, to: signed.to, nonce: 0, gasLimit: signed.gasLimit, data: signed.data, value: 0n, chainId: 1n },
      ...{ maxFeePerGas, maxPriorityFeePerGas, accessList, signature: signed.signature },
      ...changes,
    };
  };

  it("is read of what the transaction's hash is of, and of nothing else that a node tells", async () => {
    expect(await read(asTold())).to.deep.equal([{ code: "ada", volume: 5n }]);
    for (const stripped of [{ data: "0x12345678" }, { data: concat(["0x12345678", toDataSuffix(["acme_eve"])]) }])
      expect(await failure(asTold(stripped))).to.equal(
        `The chain's node tells another transaction than ${signed.hash} by that hash.`,
      );
    expect(await failure(null)).to.match(/does not have transaction .*, and has a log of it/);
  });

  it("is none of a deposit of the layer below, which stops nothing", async () => {
    // As an OP node tells it: unsigned, and of a type that nobody else has.
    const deposit = asTold({ type: 126, signature: null, chainId: 0n, maxFeePerGas: null, maxPriorityFeePerGas: null });
    expect(await read(deposit)).to.deep.equal([{ code: undefined, volume: 5n }]);
  });
});
