import { packLine, sumToLines, unpackLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { conversionTree } from "@partner-programs/protocol/trees";
import { programsDomain, receiptTypedData } from "@partner-programs/protocol/typedData";
import {
  type Attestation,
  areLinesOf,
  attestationDigest,
  isAttestedAsPromised,
  isLineOf,
  isPaidBy,
  isProven,
  isReceiptOf,
  type Pricing,
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

  it("takes a receipt of a key that was replaced for what was received while it was in use, and no other's", () => {
    const { receivedAt } = receiptOf(conversion);
    const at = (seconds: number) => new Date((receivedAt + seconds) * 1000).toISOString();
    const another = { address: Wallet.createRandom().address, until: null };
    const is = (...signers: { address: string; until: string | null }[]) =>
      isReceiptOf(signers, conversion, CHAIN_ID, PROGRAMS);
    expect(is({ address: relayer.address, until: null })).to.equal(true);
    expect(is({ address: relayer.address, until: at(0) }, another)).to.equal(true);
    // To the minute, and two processes do not end at once.
    expect(is({ address: relayer.address, until: at(-120) }, another)).to.equal(true);
    expect(is({ address: relayer.address, until: at(-121) }, another)).to.equal(false);
    expect(is(another)).to.equal(false);
    expect(
      isReceiptOf([{ address: relayer.address, until: null }], { ...conversion, receipt: null }, CHAIN_ID, PROGRAMS),
    ).to.equal(false);
  });

  it("says of a conversion without a receipt that it has none", () => {
    const rejected = { ...conversion, state: "rejected", receipt: null } as const;
    expect(() => receiptSigner(rejected, CHAIN_ID, PROGRAMS)).to.throw("Conversion 7 has no receipt: it is rejected.");
  });

  it("finds a conversion attested as promised, in whatever case hashes are written", () => {
    expect(isAttestedAsPromised(conversion, batch, root)).to.equal(true);
    const capitals = (hash: string) => hash.toUpperCase().replace("0X", "0x");
    expect(isAttestedAsPromised(conversion, batch, capitals(root))).to.equal(true);
    const [{ key = "", salt = "" } = {}] = leaves.slice(1);
    for (const change of [{ key: capitals(key) }, { salt: capitals(salt) }])
      expect(isAttestedAsPromised(conversion, { ...batch, leaves: changed(change) }, root)).to.equal(true);
    for (const change of [{ conversionKey: capitals(key) }, { salt: capitals(salt) }])
      expect(isAttestedAsPromised(withReceipt(conversion, change), batch, root)).to.equal(true);
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

describe("what a partner verifies of the lines", () => {
  const pricing: Pricing = {
    terms: { unitExponent: 2n, feeBps: 500 },
    offers: [{ flatAmount: 1_000n, rateBps: 250n, validFrom: 100, validTo: 1_000_000 }],
  };
  /** What the contract computes: 1,000 each and 2.5 % of the volume, in units of 100, and 5 % on top. */
  const worthOf = (packed: string) => {
    const { count, volumeUnits } = unpackLine(packed);
    const commission = BigInt(count) * 1_000n + (volumeUnits * 100n * 250n) / 10_000n;
    return commission + (commission * 500n) / 10_000n;
  };
  const line = (partner: number, count: number, volumeUnits = 7_000n) =>
    packLine({ offerId: 1, partner: `0x${partner.toString(16).padStart(40, "0")}`, count, volumeUnits });
  const lines = [1, 2, 3, 4, 5].map((partner) => line(partner, partner));
  const treeOf = (some: readonly string[]) =>
    LineTree.of(some.map((packed) => ({ line: unpackLine(packed), worth: worthOf(packed) })));
  const attestationOf = (some: readonly string[]): Attestation => ({
    campaignId: id("campaign"),
    firstConversion: 41n,
    conversions: 15,
    periodFrom: 200,
    periodTo: 300,
    deadline: 400,
    conversionsRoot: root,
    linesRoot: treeOf(some).root,
    lineCount: some.length,
    total: some.reduce((sum, packed) => sum + worthOf(packed), 0n),
  });
  const attestation = attestationOf(lines);

  it("finds the lines that were signed, wherever they came from, and no others", () => {
    expect(areLinesOf(attestation, lines, pricing)).to.equal(true);
    expect(areLinesOf(attestationOf(lines.slice(0, 1)), lines.slice(0, 1), pricing)).to.equal(true);
    for (const [what, others] of [
      ["one less", lines.slice(1)],
      ["one more", [...lines, line(6, 1)]],
      ["another order", [...lines].reverse()],
      ["another partner, worth the same", lines.with(2, line(9, 3))],
      ["another count", lines.with(2, line(3, 4))],
      ["none", []],
      ["more than any budget", lines.with(0, line(1, 2 ** 24 - 1, 2n ** 56n - 1n))],
    ] as const)
      expect(areLinesOf(attestation, others, pricing), what).to.equal(false);
  });

  it("finds them broken where root or sum is another, or the offers price them otherwise", () => {
    for (const change of [
      { linesRoot: id("another root") },
      { total: attestation.total + 1n },
      { lineCount: 6 },
      // The offer does not cover all of it: then its lines are worth nothing.
      { periodFrom: 99 },
      { periodTo: 1_000_001 },
    ])
      expect(areLinesOf({ ...attestation, ...change }, lines, pricing), Object.keys(change).join()).to.equal(false);
    const [offer] = pricing.offers;
    for (const offers of [[], [{ ...offer, flatAmount: 1_001n }], [{ ...offer, rateBps: 0 }]] as Pricing["offers"][])
      expect(areLinesOf(attestation, lines, { ...pricing, offers })).to.equal(false);
    expect(areLinesOf(attestation, lines, { ...pricing, terms: { unitExponent: 2, feeBps: 0 } })).to.equal(false);
  });

  it("finds one line among a batch by its way to the root alone", () => {
    const tree = treeOf(lines);
    for (const index of lines.keys()) {
      const proof = tree.proof(index);
      expect(isLineOf(attestation, proof, pricing), String(index)).to.equal(true);
      for (const [what, other] of [
        ["another place", { ...proof, index: index ^ 1 }],
        ["a place that there is not", { ...proof, index: 5 }],
        ["another line", { ...proof, line: line(index + 1, index + 2) }],
        ["a shorter way", { ...proof, path: proof.path.slice(0, -96) }],
        ["a longer way", { ...proof, path: `${proof.path}${"00".repeat(48)}` }],
        ["no way", { ...proof, path: "0x" }],
        ["no bytes", { ...proof, path: `0x${"zz".repeat(144)}` }],
        [
          "another sum beside it",
          { ...proof, path: `${proof.path.slice(0, -1)}${proof.path.endsWith("1") ? "2" : "1"}` },
        ],
      ] as const)
        expect(isLineOf(attestation, other, pricing), `${what} for ${index}`).to.equal(false);
      expect(isLineOf({ ...attestation, total: attestation.total + 1n }, proof, pricing)).to.equal(false);
      expect(isLineOf({ ...attestation, linesRoot: id("another") }, proof, pricing)).to.equal(false);
    }
    const alone = treeOf(lines.slice(0, 1));
    expect(isLineOf(attestationOf(lines.slice(0, 1)), alone.proof(0), pricing)).to.equal(true);
  });

  it("names an attestation as the contract does, and another by another name", () => {
    const digest = attestationDigest(attestation, CHAIN_ID, PROGRAMS);
    expect(digest).to.match(/^0x[0-9a-f]{64}$/);
    for (const change of [
      { linesRoot: id("another") },
      { conversionsRoot: id("another") },
      { total: 1n },
      { firstConversion: 42n },
      { lineCount: 4 },
    ])
      expect(attestationDigest({ ...attestation, ...change }, CHAIN_ID, PROGRAMS)).to.not.equal(digest);
    expect(attestationDigest(attestation, 1, PROGRAMS)).to.not.equal(digest);
  });

  it("finds whether the lines pay what all conversions of the batch come to", async () => {
    const conversion = await promised();
    const whole = sumToLines(leaves.flatMap((leaf) => leaf.entries.map(unpackLine))).map(packLine);
    expect(isPaidBy(conversion, batch, whole)).to.equal(true);
    // Grouped otherwise it is the same.
    expect(
      isPaidBy(
        conversion,
        batch,
        leaves.flatMap((leaf) => leaf.entries),
      ),
    ).to.equal(true);
    const [only = ""] = whole;
    const { count, volumeUnits, ...rest } = unpackLine(only);
    for (const [what, others] of [
      ["a conversion less", [packLine({ ...rest, count: count - 1, volumeUnits })]],
      ["a unit less", [packLine({ ...rest, count, volumeUnits: volumeUnits - 1n })]],
      ["another offer", [packLine({ ...rest, offerId: 2, count, volumeUnits })]],
      ["another partner", [packLine({ ...rest, partner: relayer.address, count, volumeUnits })]],
      ["none", []],
    ] as const)
      expect(isPaidBy(conversion, batch, others), what).to.equal(false);
    expect(isPaidBy({ ...conversion, receipt: null }, batch, whole)).to.equal(false);
    expect(isPaidBy(conversion, { ...batch, leaves: [] }, whole), "a batch that does not have it").to.equal(false);
    expect(isPaidBy(withReceipt(conversion, { entries: [] }), batch, whole)).to.equal(false);
  });
});
