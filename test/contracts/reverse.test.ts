import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { type Line, lowerLine, packLine } from "@partner-programs/protocol/line";
import { lineLeaf, lineProof, lineTree } from "@partner-programs/protocol/trees";
import { reversalTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, ZeroHash } from "ethers";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";
import {
  type Attested,
  at,
  attest,
  attestation,
  attestationDigest,
  attested,
  attestedWith,
  attesters,
  BUDGET,
  createCampaign,
  DAY,
  ethers,
  HOLD,
  HOUR,
  liveWith,
  loadFixture,
  NOTICE,
  NOW,
  packed,
  packedReversal,
  reversal,
  reversalDigest,
  reverse,
  START,
  sale,
  sign,
  signup,
  stateOf,
  terms,
  time,
  worth,
} from "../support/programs.ts";

const [first, , third] = attesters;

/** Alice: two sales and a sign-up. Bob: one sale. */
const withThreeLines = () =>
  attestedWith(
    () => ({}),
    (w) => ({ lines: [sale(w.alice, 2, 100_000n), sale(w.bob, 1, 5_001n), signup(w.alice, 1)] }),
  );

const rootOfPair = (...leaves: [string, string]) => SimpleMerkleTree.of(leaves, { sortLeaves: false }).root;

describe("reverse", () => {
  let w: Attested;
  let alice: Line;
  let bob: Line;
  beforeEach(async () => {
    w = await loadFixture(attested);
    [alice, bob] = w.lines as [Line, Line];
    await at(NOW + HOUR);
  });
  /** Refunds one of Alice's two sales. */
  const refunded = () => sale(w.alice, 1, 60_000n);
  const nothing = (line: Line) => ({ ...line, count: 0, volumeUnits: 0n });
  const rootNow = async () => (await w.programs.batch(w.campaignId, w.attestation)).linesRoot;

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(reverse(w, reversal(w, [refunded()], { campaignId: ZeroHash }), w.lines, [0]))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("given there is no such batch, it should revert with UnknownBatch", async () => {
    await expect(reverse(w, reversal(w, [refunded()], { attestation: ZeroHash }), w.lines, [0]))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, ZeroHash);
  });

  it("given a batch of another campaign, it should revert with UnknownBatch", async () => {
    const campaignId = await createCampaign(w, { salt: ZeroHash });
    await expect(reverse(w, reversal(w, [refunded()], { campaignId }), w.lines, [0]))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(campaignId, w.attestation);
  });

  it("given a hold of 0, it should revert with UnknownBatch, as there is nothing to reverse", async () => {
    const instant = () => attestedWith((d) => ({ terms: terms(d, { holdSeconds: 0 }) }));
    w = await loadFixture(instant);
    await expect(reverse(w, reversal(w, [refunded()]), w.lines, [0]))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, w.attestation);
  });

  it("in the last second of the hold, it should reverse", async () => {
    await at(NOW + HOLD - 1);
    await expect(reverse(w, reversal(w, [refunded()]), w.lines, [0])).to.emit(w.programs, "Reversed");
  });

  it("once the hold is over, it should revert with HoldOver", async () => {
    await at(NOW + HOLD);
    await expect(reverse(w, reversal(w, [refunded()]), w.lines, [0]))
      .to.be.revertedWithCustomError(w.programs, "HoldOver")
      .withArgs(NOW + HOLD, NOW + HOLD);
  });

  it("once the hold is over, when nobody signs, it should revert with HoldOver", async () => {
    await at(NOW + HOLD + DAY);
    const r = packedReversal(reversal(w, [refunded()]));
    await expect(w.programs.reverse(r, [lineProof(w.lines, 0)], []))
      .to.be.revertedWithCustomError(w.programs, "HoldOver")
      .withArgs(NOW + HOLD + DAY, NOW + HOLD);
  });

  it("when nobody signs and there are no targets, it should revert with TooFewSignatures", async () => {
    await expect(w.programs.reverse(packedReversal(reversal(w, [])), [], []))
      .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
      .withArgs(2, 0);
  });

  describe("when the signatures are wrong", () => {
    const submit = async (by: readonly number[], signed = reversal(w, [refunded()])) =>
      w.programs.reverse(
        packedReversal(reversal(w, [refunded()])),
        [lineProof(w.lines, 0)],
        await sign(w, reversalTypedData(signed), by),
      );

    it("when one of two signs, it should revert with TooFewSignatures", async () => {
      await expect(submit([2]))
        .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
        .withArgs(2, 1);
    });

    it("when one signs twice, it should revert with AttestersOutOfOrder", async () => {
      await expect(submit([2, 2]))
        .to.be.revertedWithCustomError(w.programs, "AttestersOutOfOrder")
        .withArgs(1, 2, 3);
    });

    it("when the brand calls without them, it should revert with TooFewSignatures", async () => {
      const proofs = [lineProof(w.lines, 0)];
      await expect(w.asBrand.reverse(packedReversal(reversal(w, [refunded()])), proofs, []))
        .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
        .withArgs(2, 0);
    });

    for (const [what, change] of [
      ["the target", () => ({ targets: [sale(w.alice, 1, 60_001n)] })],
      ["the reason", () => ({ reasonHash: id("fraud") })],
      ["the batch", () => ({ attestation: id("another") })],
      ["the campaign", () => ({ campaignId: id("another") })],
    ] as const) {
      it(`when ${what} is not what was signed, it should revert with InvalidSignature`, async () => {
        await expect(submit([0, 1], { ...reversal(w, [refunded()]), ...change() }))
          .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
          .withArgs(first.address, reversalDigest(w, reversal(w, [refunded()])));
      });
    }
  });

  describe("given the attesters changed since", () => {
    /** A batch by the first set of attesters, an hour before the second set, the third attester alone, takes over. */
    const justBefore = async (): Promise<Attested> => {
      const d = await liveWith(() => ({}));
      await at(START + HOUR);
      await d.asBrand.announceAttesters(d.campaignId, 1, [third.address]);
      const batch = attestation(d, { periodTo: START + NOTICE, deadline: START + 2 * NOTICE });
      await at(START + NOTICE);
      await attest(d, batch);
      return { ...d, ...batch, attestation: attestationDigest(d, batch) };
    };
    beforeEach(async () => {
      w = await loadFixture(justBefore);
      await at(START + NOTICE + DAY);
    });

    it("when the set that attested signs, it should reverse", async () => {
      await expect(reverse(w, reversal(w, [refunded()]), w.lines, [0])).to.emit(w.programs, "Reversed");
    });

    it("when the present set signs, it should revert with TooFewSignatures", async () => {
      const r = reversal(w, [refunded()]);
      const [signature] = await sign(w, reversalTypedData(r), [2]);
      if (!signature) throw new Error("unsigned");
      await expect(w.programs.reverse(packedReversal(r), [lineProof(w.lines, 0)], [{ ...signature, attester: 0 }]))
        .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
        .withArgs(2, 1);
    });
  });

  it("given a contract is the whole set that attested, when it calls, it should reverse without a signature", async () => {
    const wallet = await new Wallet1271__factory(w.relayer).deploy(w.stranger.address);
    const asWallet = wallet.connect(w.stranger);
    const campaignId = await createCampaign(w, {
      attesters: [await wallet.getAddress()],
      threshold: 1,
      salt: ZeroHash,
    });
    await w.asBrand.fund(campaignId, BUDGET);
    const a = attestation(w, { campaignId, periodFrom: NOW + 2 * HOUR, periodTo: NOW + 3 * HOUR });
    await at(NOW + 3 * HOUR);
    const { interface: programs } = w.programs;
    await asWallet.execute(w.programsAddress, programs.encodeFunctionData("attest", [packed(a), []]));
    const r = reversal(w, [refunded()], { campaignId, attestation: attestationDigest(w, a) });
    const call = programs.encodeFunctionData("reverse", [packedReversal(r), [lineProof(a.lines, 0)], []]);
    await asWallet.execute(w.programsAddress, call);
    expect((await w.programs.campaign(campaignId)).reserved).to.equal(worth(refunded(), bob).total);
  });

  describe("when targets and lines do not match", () => {
    it("when there are no targets, it should revert with InvalidLineCount", async () => {
      await expect(reverse(w, reversal(w, []), w.lines, []))
        .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
        .withArgs(0, 0);
    });

    it("when a line is missing, it should revert with InvalidLineCount", async () => {
      await expect(reverse(w, reversal(w, [refunded(), nothing(bob)]), w.lines, [0]))
        .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
        .withArgs(1, 2);
    });

    it("when a line is too many, it should revert with InvalidLineCount", async () => {
      await expect(reverse(w, reversal(w, [refunded()]), w.lines, [0, 1]))
        .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
        .withArgs(2, 1);
    });

    it("when a target is for another partner, it should revert with TargetForOtherLine", async () => {
      await expect(reverse(w, reversal(w, [refunded(), nothing(alice)]), w.lines, [0, 1]))
        .to.be.revertedWithCustomError(w.programs, "TargetForOtherLine")
        .withArgs(1, packLine(nothing(alice)), packLine(bob));
    });

    it("when a target is for another offer, it should revert with TargetForOtherLine", async () => {
      await expect(reverse(w, reversal(w, [signup(w.alice, 1)]), w.lines, [0]))
        .to.be.revertedWithCustomError(w.programs, "TargetForOtherLine")
        .withArgs(0, packLine(signup(w.alice, 1)), packLine(alice));
    });

    const submit = async (proof: ReturnType<typeof lineProof>, target: Line) => {
      const r = reversal(w, [target]);
      return w.programs.reverse(packedReversal(r), [proof], await sign(w, reversalTypedData(r)));
    };

    it("when an index is beyond the lines, it should revert with UnknownLine", async () => {
      await expect(submit({ ...lineProof(w.lines, 0), index: 2 }, refunded()))
        .to.be.revertedWithCustomError(w.programs, "UnknownLine")
        .withArgs(2, 2);
    });

    it("when a line is not in the batch, it should revert with LinesDifferFromBatch", async () => {
      const larger = [{ ...alice, count: 3 }, bob];
      await expect(submit(lineProof(larger, 0), refunded()))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(lineTree(w.lines).root, lineTree(larger).root);
    });

    it("when a line is given at another's index, it should revert with LinesDifferFromBatch", async () => {
      const given = { ...lineProof(w.lines, 0), index: 1 };
      await expect(submit(given, refunded()))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(lineTree(w.lines).root, rootOfPair(lineLeaf(1, alice), lineLeaf(1, bob)));
    });

    it("when a proof is cut short, it should revert with LinesDifferFromBatch", async () => {
      await expect(submit({ ...lineProof(w.lines, 0), proof: [] }, refunded()))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(lineTree(w.lines).root, lineLeaf(0, alice));
    });
  });

  describe("when a line is lowered", () => {
    it("it should return the difference with its fee to what is available", async () => {
      const before = await stateOf(w);
      // A sale at 1.00 and 4.00 of volume at 1.25 %, and 5 % of that.
      const commission = 1_000_000n + 50_000n;
      const fee = 52_500n;
      const r = reversal(w, [refunded()]);
      await expect(reverse(w, r, w.lines, [0]))
        .to.emit(w.programs, "Reversed")
        .withArgs(w.campaignId, w.attestation, id("refunded"), commission, fee, [packLine(refunded())]);
      expect(await stateOf(w)).to.deep.equal({
        ...before,
        available: BUDGET - worth(refunded(), bob).total,
        reserved: worth(refunded(), bob).total,
      });
    });

    it("it should return by how much the budget rose", async () => {
      const r = reversal(w, [nothing(bob)]);
      const signatures = await sign(w, reversalTypedData(r));
      await time.increaseTo(NOW + HOUR);
      const proofs = [lineProof(w.lines, 1)];
      expect(await w.programs.reverse.staticCall(packedReversal(r), proofs, signatures)).to.equal(worth(bob).total);
    });

    it("it should change the batch's root, and not its release time or anything else", async () => {
      const { releaseAt, lineCount, attesterSet, released } = await w.programs.batch(w.campaignId, w.attestation);
      await reverse(w, reversal(w, [refunded()]), w.lines, [0]);
      expect(await w.programs.batch(w.campaignId, w.attestation)).to.deep.equal([
        lineTree([refunded(), bob]).root,
        releaseAt,
        lineCount,
        attesterSet,
        released,
      ]);
      expect(releaseAt).to.equal(NOW + HOLD);
    });

    it("it should move no tokens", async () => {
      const reversed = reverse(w, reversal(w, [refunded()]), w.lines, [0]);
      await expect(reversed).to.changeTokenBalances(ethers, w.token, [w.programs, w.brand], [0, 0]);
    });

    it("when the target is higher, it should leave the line as it is", async () => {
      const r = reversal(w, [sale(w.alice, 5, 900_000n)]);
      await expect(reverse(w, r, w.lines, [0]))
        .to.emit(w.programs, "Reversed")
        .withArgs(w.campaignId, w.attestation, id("refunded"), 0, 0, [packLine(alice)]);
      expect(await rootNow()).to.equal(lineTree(w.lines).root);
    });

    for (const [which, count, volumeUnits, result] of [
      ["higher count and lower volume", 7, 10n, { count: 2, volumeUnits: 10n }],
      ["lower count and higher volume", 1, 900_000n, { count: 1, volumeUnits: 100_000n }],
    ] as const) {
      it(`when the target has a ${which}, it should take the smaller of each`, async () => {
        const lowered = { ...alice, ...result };
        await reverse(w, reversal(w, [sale(w.alice, count, volumeUnits)]), w.lines, [0]);
        expect(await rootNow()).to.equal(lineTree([lowered, bob]).root);
        expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(worth(lowered, bob).total);
      });
    }

    it("given a batch of one line, it should need no proof", async () => {
      const next = attestation(w, { firstConversion: 4n, conversions: 2, lines: [alice] });
      await attest(w, next);
      const r = reversal(w, [refunded()], { attestation: attestationDigest(w, next) });
      await reverse(w, r, next.lines, [0]);
      const { linesRoot } = await w.programs.batch(w.campaignId, r.attestation);
      expect(linesRoot).to.equal(lineLeaf(0, refunded()));
    });

    it("given a suspension, it should reverse all the same", async () => {
      await w.asBrand.suspend(w.campaignId);
      await expect(reverse(w, reversal(w, [refunded()]), w.lines, [0])).to.emit(w.programs, "Reversed");
    });
  });

  describe("when everything is reversed", () => {
    it("it should leave nothing reserved, and nothing to release", async () => {
      await reverse(w, reversal(w, [nothing(alice)]), w.lines, [0]);
      await reverse(w, reversal(w, [nothing(bob)]), [nothing(alice), bob], [1]);
      const { available, reserved } = await w.programs.campaign(w.campaignId);
      expect([available, reserved]).to.deep.equal([BUDGET, 0n]);
      await at(NOW + HOLD);
      await w.programs.release(w.campaignId, w.attestation, [nothing(alice), nothing(bob)].map(packLine), []);
      expect(await w.programs.creditOf(w.alice.address, w.tokenAddress)).to.equal(0);
    });
  });

  describe("when several lines are lowered at once", () => {
    beforeEach(async () => {
      w = await loadFixture(withThreeLines);
      await at(NOW + HOUR);
    });
    const submit = async (targets: Line[], proofs: ReturnType<typeof lineProof>[]) => {
      const r = reversal(w, targets);
      return w.programs.reverse(packedReversal(r), proofs, await sign(w, reversalTypedData(r)));
    };
    /** Proofs one after another, each against the lines as the ones before it leave them. */
    const sequential = (targets: Line[], indices: number[]) => {
      const lines = [...w.lines];
      return targets.map((target, i) => {
        const index = indices[i] as number;
        const proof = lineProof(lines, index);
        lines[index] = lowerLine(lines[index] as Line, target);
        return proof;
      });
    };

    it("with proofs one after another, it should lower each and return the sum", async () => {
      const targets = [refunded(), nothing(signup(w.alice, 1))];
      const { total } = worth(...w.lines);
      await expect(submit(targets, sequential(targets, [0, 2])))
        .to.emit(w.programs, "Reversed")
        .withArgs(
          w.campaignId,
          w.attestation,
          id("refunded"),
          worth(...w.lines).commission - worth(refunded(), bob).commission,
          worth(...w.lines).fee - worth(refunded(), bob).fee,
          targets.map(packLine),
        );
      expect(await rootNow()).to.equal(lineTree([refunded(), bob, nothing(signup(w.alice, 1))]).root);
      const { available, reserved } = await w.programs.campaign(w.campaignId);
      expect([available, reserved]).to.deep.equal([
        BUDGET - worth(refunded(), bob).total,
        worth(refunded(), bob).total,
      ]);
      expect(total).to.be.greaterThan(reserved);
    });

    it("in another order of the lines, it should come to the same", async () => {
      const targets = [nothing(signup(w.alice, 1)), refunded()];
      await submit(targets, sequential(targets, [2, 0]));
      expect(await rootNow()).to.equal(lineTree([refunded(), bob, nothing(signup(w.alice, 1))]).root);
      expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(worth(refunded(), bob).total);
    });

    it("with proofs that are all against the first root, it should revert with LinesDifferFromBatch", async () => {
      const targets = [refunded(), nothing(bob)];
      const after = lineTree([refunded(), bob, signup(w.alice, 1)]).root;
      await expect(submit(targets, [lineProof(w.lines, 0), lineProof(w.lines, 1)]))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(after, lineTree(w.lines).root);
    });

    it("with one line twice, it should lower it to the smaller target and return the difference once", async () => {
      const targets = [refunded(), sale(w.alice, 2, 20_000n)];
      await submit(targets, sequential(targets, [0, 0]));
      const lowered = sale(w.alice, 1, 20_000n);
      expect(await rootNow()).to.equal(lineTree([lowered, bob, signup(w.alice, 1)]).root);
      const { reserved } = await w.programs.campaign(w.campaignId);
      expect(reserved).to.equal(worth(lowered, bob, signup(w.alice, 1)).total);
    });
  });

  describe("when reversals are carried twice or in another order", () => {
    const one = () => reversal(w, [sale(w.alice, 1, 90_000n)]);
    const other = () => reversal(w, [sale(w.alice, 2, 30_000n)], { reasonHash: id("chargeback") });
    const both = () => sale(w.alice, 1, 30_000n);

    it("given one was carried, when it is carried again, it should change nothing", async () => {
      await reverse(w, one(), w.lines, [0]);
      const before = await stateOf(w);
      const lines = [sale(w.alice, 1, 90_000n), bob];
      await expect(reverse(w, one(), lines, [0]))
        .to.emit(w.programs, "Reversed")
        .withArgs(w.campaignId, w.attestation, id("refunded"), 0, 0, [packLine(lines[0] as Line)]);
      expect(await stateOf(w)).to.deep.equal(before);
      expect(await rootNow()).to.equal(lineTree(lines).root);
    });

    it("given one was carried, when it is carried with the lines of before, it should revert with LinesDifferFromBatch", async () => {
      await reverse(w, one(), w.lines, [0]);
      await expect(reverse(w, one(), w.lines, [0]))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(lineTree([sale(w.alice, 1, 90_000n), bob]).root, lineTree(w.lines).root);
    });

    for (const [which, order] of [
      ["in the order they were signed", [one, other]],
      ["in the other order", [other, one]],
      ["with the first once more at the end", [one, other, one]],
    ] as const) {
      it(`when two are carried ${which}, it should come to the same`, async () => {
        let lines = w.lines;
        for (const next of order) {
          const r = next();
          await reverse(w, r, lines, [0]);
          lines = [lowerLine(lines[0] as Line, r.targets[0] as Line), bob];
        }
        expect(await rootNow()).to.equal(lineTree([both(), bob]).root);
        const { available, reserved } = await w.programs.campaign(w.campaignId);
        const { total } = worth(both(), bob);
        expect([available, reserved]).to.deep.equal([BUDGET - total, total]);
        expect((await w.programs.batch(w.campaignId, w.attestation)).releaseAt).to.equal(NOW + HOLD);
      });
    }
  });
});
