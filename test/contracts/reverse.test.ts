import { type Line, lowerLine, packLine } from "@partner-programs/protocol/line";
import { reversalTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, id, keccak256, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import {
  type Attested,
  at,
  attest,
  attestation,
  attestationDigest,
  attested,
  attestedWith,
  attesters,
  body,
  HOLD,
  HOUR,
  lineReversal,
  liveWith,
  loadFixture,
  NOTICE,
  NOW,
  offer,
  reversal,
  reversalDigest,
  reverse,
  START,
  sale,
  sign,
  signup,
  stateOf,
  terms,
  treeOf,
  worth,
} from "#test/support/programs.ts";

const [first, , third] = attesters;
/** Alice: two sales and a sign-up. Bob: one sale. */
const withThreeLines = () =>
  attestedWith(
    () => ({}),
    (w) => ({ lines: [sale(w.alice, 2, 100_000n), sale(w.bob, 1, 5_001n), signup(w.alice, 1)] }),
  );
/** One line of as many conversions as it can count, which pay a base unit each. */
const withVeryMany = () =>
  attestedWith(
    (w) => ({
      terms: terms(w, { feeBps: 0, operator: ZeroAddress }),
      offers: [offer({ flatAmount: 1n, rateBps: 0, capUnits: 0n })],
    }),
    (w) => {
      const line = sale(w.alice, 2 ** 24 - 1, 0n);
      return { conversions: line.count, lines: [line], total: BigInt(line.count) };
    },
  );
const commitment = ({ root, total }: { root: string; total: bigint }) => keccak256(concat([root, toBeHex(total, 32)]));

describe("reverse", () => {
  let w: Attested;
  let alice: Line;
  let bob: Line;
  beforeEach(async () => {
    w = await loadFixture(attested);
    [alice, bob] = w.lines as [Line, Line];
    await at(NOW + HOUR);
  });
  const half = () => ({ ...alice, count: 1, volumeUnits: 50_000n });

  it("given there is no such batch, it should revert with UnknownBatch", async () => {
    const body = { ...w.body, firstConversion: 9n };
    await expect(reverse({ ...w, body }, reversal(w, [half()]), w.lines, [0]))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, attestationDigest(w, body));
  });

  it("when the hold is over, it should revert with HoldOver; a second before, it should reverse", async () => {
    await at(NOW + HOLD);
    await expect(reverse(w, reversal(w, [half()]), w.lines, [0]))
      .to.be.revertedWithCustomError(w.programs, "HoldOver")
      .withArgs(NOW + HOLD, NOW + HOLD);
    await at(NOW + HOLD + 1);
    await expect(reverse(w, reversal(w, [half()]), w.lines, [0]))
      .to.be.revertedWithCustomError(w.programs, "HoldOver")
      .withArgs(NOW + HOLD + 1, NOW + HOLD);
    w = await loadFixture(attested);
    await at(NOW + HOLD - 1);
    await expect(reverse(w, reversal(w, [half()]), w.lines, [0])).to.emit(w.programs, "Reversed");
  });

  it("when there is no line, it should revert with InvalidLineCount", async () => {
    await expect(reverse(w, reversal(w, []), w.lines, []))
      .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
      .withArgs(0, 1);
  });

  it("it should return the difference with its fee, and keep the new tree beside the digest", async () => {
    const before = await stateOf(w);
    const lines = [lowerLine(alice, half()), bob];
    const tree = treeOf(lines);
    const returned = worth(alice).total - worth(half()).total;
    await expect(reverse(w, reversal(w, [half()]), w.lines, [0]))
      .to.emit(w.programs, "LineLowered")
      .withArgs(w.campaignId, w.attestation, 0, packLine(half()))
      .to.emit(w.programs, "Reversed")
      .withArgs(w.campaignId, w.attestation, id("refunded"), returned, tree.root, tree.total);
    expect(await stateOf(w)).to.deep.equal({
      ...before,
      available: (before.available as bigint) + returned,
      reserved: (before.reserved as bigint) - returned,
    });
    const stored = await w.lens.batch(w.attestation);
    expect([stored.releaseAt, stored.attesterSet, stored.loweredTo]).to.deep.equal([
      BigInt(NOW + HOLD),
      0n,
      commitment(tree),
    ]);
  });

  it("given a day's limit was spent, it should not give it back", async () => {
    w = await loadFixture(limited);
    await at(NOW + HOUR);
    const { remainingToday } = await w.lens.overview(w.campaignId);
    await reverse(w, reversal(w, [{ ...alice, count: 0, volumeUnits: 0n }]), w.lines, [0]);
    expect((await w.lens.overview(w.campaignId)).remainingToday).to.equal(remainingToday);
  });

  it("when it is carried twice, it should return nothing more; and never up", async () => {
    await reverse(w, reversal(w, [half()]), w.lines, [0]);
    const before = await stateOf(w);
    const lowered = [lowerLine(alice, half()), bob];
    await reverse(w, reversal(w, [half()]), lowered, [0]);
    await reverse(w, reversal(w, [{ ...alice, count: 9, volumeUnits: 900_000n }]), lowered, [0]);
    expect(await stateOf(w)).to.deep.equal(before);
  });

  it("given a reversal, proofs of before should revert with LinesDifferFromBatch", async () => {
    await reverse(w, reversal(w, [half()]), w.lines, [0]);
    const now = treeOf([lowerLine(alice, half()), bob]);
    await expect(reverse(w, reversal(w, [{ ...bob, count: 0, volumeUnits: 0n }]), w.lines, [1]))
      .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
      .withArgs(commitment(now), commitment(treeOf(w.lines)));
  });

  it("with several lines, each should stand in the tree that the ones before leave", async () => {
    w = await loadFixture(withThreeLines);
    await at(NOW + HOUR);
    const targets = [
      { ...signup(w.alice, 0) },
      { ...(w.lines[0] as Line), count: 1 },
      { ...(w.lines[1] as Line), count: 0, volumeUnits: 0n },
    ];
    await reverse(w, reversal(w, targets), w.lines, [2, 0, 1]);
    const left = [targets[1], targets[2], targets[0]] as Line[];
    expect((await w.lens.batch(w.attestation)).loweredTo).to.equal(commitment(treeOf(left)));
    expect((await stateOf(w)).reserved).to.equal(worth(...left).total);
    // Two of the same tree at once do not stand in each other's.
    w = await loadFixture(withThreeLines);
    await at(NOW + HOUR);
    const tree = treeOf(w.lines);
    const both = reversal(w, targets.slice(1));
    await expect(
      w.programs.reverse(
        w.body,
        [lineReversal(tree, 0, targets[1] as Line), lineReversal(tree, 1, targets[2] as Line)],
        both.reasonHash,
        await sign(w, reversalTypedData(both)),
      ),
    ).to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch");
  });

  it("when a target is of another line, it should revert with TargetForOtherLine", async () => {
    // Of another partner, of one whose address differs in its last bit, and of another offer.
    const neighbour = toBeHex(BigInt(alice.partner) ^ 1n, 20);
    for (const other of [bob, { ...half(), partner: neighbour }, { ...half(), offerId: 2 }]) {
      const r = reversal(w, [other]);
      await expect(
        w.programs.reverse(
          w.body,
          [lineReversal(treeOf(w.lines), 0, other)],
          r.reasonHash,
          await sign(w, reversalTypedData(r)),
        ),
      )
        .to.be.revertedWithCustomError(w.programs, "TargetForOtherLine")
        .withArgs(0, packLine(other), packLine(alice));
    }
  });

  it("given a line of as many conversions as 24 bits hold, it should lower it to one", async () => {
    const v = await loadFixture(withVeryMany);
    const [line] = v.lines as [Line];
    await at(NOW + HOUR);
    await expect(reverse(v, reversal(v, [{ ...line, count: 1 }]), v.lines, [0]))
      .to.emit(v.programs, "LineLowered")
      .withArgs(v.campaignId, v.attestation, 0, packLine({ ...line, count: 1 }));
  });

  it("when the place is beyond the lines, or the path is of another tree, it should revert", async () => {
    const r = reversal(w, [half()]);
    const signatures = await sign(w, reversalTypedData(r));
    const line = lineReversal(treeOf(w.lines), 0, half());
    await expect(w.programs.reverse(w.body, [{ ...line, index: 2 }], r.reasonHash, signatures))
      .to.be.revertedWithCustomError(w.programs, "UnknownLine")
      .withArgs(2, 2);
    await expect(w.programs.reverse(w.body, [{ ...line, path: "0x" }], r.reasonHash, signatures))
      .to.be.revertedWithCustomError(w.programs, "InvalidPath")
      .withArgs(0, 1);
  });

  it("when another reason, other targets or another batch was signed, it should revert with InvalidSignature", async () => {
    const r = reversal(w, [half()]);
    for (const signed of [
      reversal(w, [half()], { reasonHash: ZeroHash }),
      reversal(w, [{ ...half(), count: 0 }]),
      reversal(w, [half()], { attestation: ZeroHash }),
      reversal(w, [half()], { campaignId: ZeroHash }),
    ]) {
      await expect(
        w.programs.reverse(
          w.body,
          [lineReversal(treeOf(w.lines), 0, half())],
          r.reasonHash,
          await sign(w, reversalTypedData(signed)),
        ),
      )
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(first.address, reversalDigest(w, r));
    }
  });

  it("given the attesters changed, the set that attested should reverse, and it alone", async () => {
    w = await loadFixture(longHeld);
    [alice, bob] = w.lines as [Line, Line];
    const { releaseAt } = await w.lens.batch(w.attestation);
    await at(Number(releaseAt) - 2);
    await reverse(w, reversal(w, [half()]), w.lines, [0]);
    expect((await w.lens.overview(w.campaignId)).attesterSet).to.equal(1);
    const r = reversal(w, [{ ...alice, count: 0, volumeUnits: 0n }]);
    await at(Number(releaseAt) - 1);
    const [, , only] = await sign(w, reversalTypedData(r), [0, 1, 2]);
    if (only === undefined) throw new Error("no signature");
    await expect(
      w.programs.reverse(w.body, [lineReversal(treeOf([half(), bob]), 0, r.targets[0] as Line)], r.reasonHash, [
        { ...only, attester: 0 },
      ]),
    )
      .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
      .withArgs(2, 1);
  });
});

const limited = () => attestedWith(() => ({ dailyLimit: 1_000_000_000n }));
/** The attesters in force when the hold ends are others than those who attested. */
async function longHeld() {
  const v = await liveWith((d) => ({ terms: terms(d, { holdSeconds: NOTICE }) }));
  await at(START + HOUR);
  await v.asBrand.announceAttesters(v.campaignId, 1, [third.address]);
  const batch = attestation(v);
  await at(NOW);
  await attest(v, batch);
  return { ...v, ...batch, batch, body: body(batch), attestation: attestationDigest(v, batch) };
}
