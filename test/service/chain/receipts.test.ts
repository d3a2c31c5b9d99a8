import type { PackedReceipt } from "@partner-programs/protocol/typedData";
import { programsDomain, receiptTypes } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";
import { receiptsByTypedData } from "#service/chain/receipts.ts";
import { LocalSigner } from "#service/chain/signer.ts";

const newReceipt = (): PackedReceipt => {
  const word = () => hexlify(randomBytes(32));
  return {
    campaignId: word(),
    conversionKey: word(),
    salt: word(),
    receivedAt: 1_700_000_000,
    attestBy: 1_700_086_400,
    entries: [word(), word()],
  };
};

describe("signing receipts", function () {
  this.timeout(240_000);
  const wallet = new Wallet(hexlify(randomBytes(32)));
  const domain = programsDomain(31337, wallet.address);
  const byWallet = (receipts: readonly PackedReceipt[]) =>
    Promise.all(receipts.map((receipt) => wallet.signTypedData(domain, receiptTypes, { ...receipt })));

  it("gives the signatures that the wallet would give, in their order, of few and of many at once", async () => {
    const sign = new LocalSigner(wallet.privateKey).receiptSigner(domain);
    const groups = [0, 1, 40, 5, 256, 3].map((size) => Array.from({ length: size }, newReceipt));
    const signed = await Promise.all(groups.map(sign));
    for (const [i, group] of groups.entries()) expect(signed[i]).to.deep.equal(await byWallet(group));
  });

  it("fails with the reason when a receipt cannot be signed, and signs the next ones", async () => {
    const sign = new LocalSigner(wallet.privateKey).receiptSigner(domain);
    const receipts = Array.from({ length: 20 }, newReceipt);
    const failed = await sign(receipts.with(7, { ...newReceipt(), salt: "0x12" })).catch((error: Error) => error);
    expect(failed).to.be.instanceOf(Error).with.property("message").that.contains("0x12 is not 0x and 64");
    expect(await sign(receipts)).to.deep.equal(await byWallet(receipts));
  });

  it("asks a key elsewhere for each of them at once", async () => {
    let asked = 0;
    const elsewhere = {
      async signTypedData(...given: Parameters<Wallet["signTypedData"]>) {
        asked++;
        while (asked < 20) await new Promise((resolve) => setImmediate(resolve));
        return wallet.signTypedData(...given);
      },
    };
    const receipts = Array.from({ length: 20 }, newReceipt);
    expect(await receiptsByTypedData(elsewhere, domain)(receipts)).to.deep.equal(await byWallet(receipts));
  });
});
