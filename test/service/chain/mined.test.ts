import { expect } from "chai";
import { readMined } from "#service/chain/mined.ts";

/** As a node of the OP Stack gives it. */
const RECEIPT = {
  transactionHash: `0x${"1".repeat(64)}`,
  blockHash: `0x${"2".repeat(64)}`,
  blockNumber: "0x10",
  status: "0x1",
  gasUsed: "0x186a0",
  effectiveGasPrice: "0xf4240",
  l1Fee: "0x64",
  l1GasPrice: "0x1",
  logs: [],
};
const { l1Fee: _, ...ethereum } = RECEIPT;

describe("what became of a transaction", () => {
  it("is what it cost, with what a rollup asks for its data", () => {
    expect(readMined(RECEIPT)).to.deep.equal({
      hash: RECEIPT.transactionHash,
      blockHash: RECEIPT.blockHash,
      block: 16,
      succeeded: true,
      gasUsed: 100_000n,
      paid: 100_000_000_100n,
    });
    expect(readMined(ethereum)?.paid).to.equal(100_000_000_000n);
    expect(readMined({ ...RECEIPT, status: "0x0" })?.succeeded).to.equal(false);
    expect(readMined({ ...RECEIPT, effectiveGasPrice: undefined })?.paid).to.equal(undefined);
  });

  it("is nothing while it is in no block", () => {
    for (const none of [null, undefined, { ...RECEIPT, blockHash: null }]) expect(readMined(none)).to.equal(undefined);
  });

  it("is not read of what is no receipt", () => {
    for (const odd of [
      { ...RECEIPT, gasUsed: "many" },
      { ...RECEIPT, status: undefined },
      { ...RECEIPT, blockNumber: -1 },
      { ...RECEIPT, l1Fee: `0x${"f".repeat(65)}` },
    ])
      expect(() => readMined(odd)).to.throw("The node gave a receipt that is none.");
  });
});
