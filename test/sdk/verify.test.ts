import { packLine, unpackLine } from "@partner-programs/protocol/line";
import { conversionTree } from "@partner-programs/protocol/trees";
import { programsDomain, receiptTypedData } from "@partner-programs/protocol/typedData";
import {
  isAttestedAsPromised,
  isProven,
  type PromisedConversion,
  type PublicBatch,
  proveConversion,
  receiptSigner,
} from "@partner-programs/sdk/verify";
import { expect } from "chai";
import { id, Wallet } from "ethers";

const CHAIN_ID = 31337;
const PROGRAMS = "0x3333333333333333333333333333333333333333";
const packed = (count: number) =>
  packLine({ offerId: 1, partner: "0x1111111111111111111111111111111111111111", count, volumeUnits: 5n });
const relayer = new Wallet(id("the relayer"));
const leaves = ["41", "42", "43"].map((number) => ({
  number,
  key: id(`order ${number}`),
  salt: id(`salt ${number}`),
  entries: number === "43" ? [] : [packed(Number(number))],
}));
const rootOf = (some: PublicBatch["leaves"]) =>
  conversionTree(some.map((leaf) => ({ ...leaf, number: BigInt(leaf.number), entries: leaf.entries.map(unpackLine) })))
    .root;
const root = rootOf(leaves);
const batch: PublicBatch = { conversionsRoot: root, leaves };

/** Conversion 42, with the receipt that the relayer signed for it. */
async function promised(): Promise<PromisedConversion> {
  const [, leaf] = leaves;
  if (leaf === undefined) throw new Error("There is no leaf.");
  const receipt = {
    conversionKey: leaf.key,
    salt: leaf.salt,
    receivedAt: 1_790_000_000,
    attestBy: 1_790_086_400,
    entries: leaf.entries,
  };
  const campaignId = id("campaign");
  const { types, message } = receiptTypedData({ ...receipt, campaignId, entries: receipt.entries.map(unpackLine) });
  const signature = await relayer.signTypedData(programsDomain(CHAIN_ID, PROGRAMS), types, message);
  return { id: "7", campaignId, state: "attested", number: "42", receipt: { ...receipt, signature } };
}

const receiptOf = (conversion: PromisedConversion) => conversion.receipt as NonNullable<PromisedConversion["receipt"]>;
const withReceipt = (
  conversion: PromisedConversion,
  change: Partial<NonNullable<PromisedConversion["receipt"]>>,
): PromisedConversion => ({
  ...conversion,
  receipt: { ...receiptOf(conversion), ...change },
});
const changed = (change: Partial<PublicBatch["leaves"][number]>) =>
  leaves.map((leaf) => (leaf.number === "42" ? { ...leaf, ...change } : leaf));

describe("what a partner verifies", () => {
  let conversion: PromisedConversion;
  before(async () => {
    conversion = await promised();
  });

  it("names who signed a receipt, and somebody else once a field of it is changed", async () => {
    expect(receiptSigner(conversion, CHAIN_ID, PROGRAMS)).to.equal(relayer.address);
    for (const other of [
      withReceipt(conversion, { salt: id("another salt") }),
      withReceipt(conversion, { conversionKey: id("another order") }),
      withReceipt(conversion, { attestBy: 1_790_086_401 }),
      withReceipt(conversion, { receivedAt: 1_790_000_001 }),
      withReceipt(conversion, { entries: [packed(43)] }),
      { ...conversion, campaignId: id("another campaign") },
    ])
      expect(receiptSigner(other, CHAIN_ID, PROGRAMS)).to.not.equal(relayer.address);
    expect(receiptSigner(conversion, 1, PROGRAMS)).to.not.equal(relayer.address);
  });

  it("says of a conversion without a receipt that it has none", () => {
    const rejected = { ...conversion, state: "rejected", receipt: null } as const;
    expect(() => receiptSigner(rejected, CHAIN_ID, PROGRAMS)).to.throw("Conversion 7 has no receipt: it is rejected.");
  });

  it("finds a conversion attested as promised, in whatever case hashes are written", () => {
    expect(isAttestedAsPromised(conversion, batch, root)).to.equal(true);
    expect(isAttestedAsPromised(conversion, batch, root.toUpperCase().replace("0X", "0x"))).to.equal(true);
  });

  it("finds it broken when the root on the chain is another, although the leaf is as promised", () => {
    expect(isAttestedAsPromised(conversion, batch, id("another root"))).to.equal(false);
    expect(isAttestedAsPromised(conversion, { ...batch, leaves: leaves.slice(1) }, root)).to.equal(false);
    const others = leaves.map((leaf) => (leaf.number === "41" ? { ...leaf, salt: id("another salt") } : leaf));
    expect(isAttestedAsPromised(conversion, { ...batch, leaves: others }, root)).to.equal(false);
  });

  it("finds it broken when the leaf has another key, salt or entries, although the root on the chain is theirs", () => {
    for (const change of [
      { key: id("another order") },
      { salt: id("another salt") },
      { entries: [packed(43)] },
      { entries: [] },
    ]) {
      const other = changed(change);
      const holds = isAttestedAsPromised(conversion, { ...batch, leaves: other }, rootOf(other));
      expect(holds, Object.keys(change).join()).to.equal(false);
    }
  });

  it("finds nothing attested that has no number, no receipt or no leaf", () => {
    expect(isAttestedAsPromised({ ...conversion, number: null }, batch, root)).to.equal(false);
    expect(isAttestedAsPromised({ ...conversion, receipt: null }, batch, root)).to.equal(false);
    expect(isAttestedAsPromised({ ...conversion, number: "44" }, batch, root)).to.equal(false);
  });

  it("proves one conversion to somebody who has not the others", () => {
    for (const { number } of leaves) {
      const proof = proveConversion(batch, number);
      expect(isProven(proof, root), number).to.equal(true);
      expect(isProven(proof, id("another root")), number).to.equal(false);
      expect(isProven({ ...proof, leaf: { ...proof.leaf, salt: id("another salt") } }, root), number).to.equal(false);
      expect(isProven({ ...proof, leaf: { ...proof.leaf, number: "44" } }, root), number).to.equal(false);
      expect(isProven({ ...proof, proof: proof.proof.slice(1) }, root), number).to.equal(false);
    }
    expect(() => proveConversion(batch, "44")).to.throw(RangeError, "The batch has no conversion 44.");
  });
});
