import { type Line, packLine } from "@partner-programs/protocol/line";
import { lineProof, lineTree } from "@partner-programs/protocol/trees";
import { expect } from "chai";
import { toBeHex, ZeroHash } from "ethers";
import {
  type Attested,
  at,
  attest,
  attestation,
  attestationDigest,
  attested,
  attestedWith,
  ethers,
  gasBelow,
  HOLD,
  HOUR,
  loadFixture,
  NOTICE,
  NOW,
  offer,
  reversal,
  reverse,
  sale,
  signup,
  stateOf,
  time,
  worth,
} from "../support/programs.ts";

const RELEASE = NOW + HOLD;
/** Marks of lines by index, as `batch` and `Released` have them. */
const marks = (...indices: number[]) =>
  indices.reduce((words, i) => words.with(i >> 8, (words[i >> 8] ?? 0n) | (1n << BigInt(i & 255))), [0n, 0n]);

describe("release", () => {
  let w: Attested;
  let alice: Line;
  let bob: Line;
  beforeEach(async () => {
    w = await loadFixture(attested);
    [alice, bob] = w.lines as [Line, Line];
    await at(RELEASE);
  });
  const release = (indices: number[] = [], lines: readonly Line[] = w.lines) =>
    w.programs.release(w.campaignId, w.attestation, lines.map(packLine), indices);
  const creditOf = (owner: { address: string }) => w.programs.creditOf(owner.address, w.tokenAddress);
  const released = async () => (await w.programs.batch(w.campaignId, w.attestation)).released;

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.programs.release(ZeroHash, w.attestation, w.lines.map(packLine), []))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("given there is no such batch, it should revert with UnknownBatch", async () => {
    await expect(w.programs.release(w.campaignId, ZeroHash, w.lines.map(packLine), []))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, ZeroHash);
  });

  it("in the last second of the hold, it should revert with HoldNotOver", async () => {
    await at(RELEASE - 1);
    await expect(release())
      .to.be.revertedWithCustomError(w.programs, "HoldNotOver")
      .withArgs(RELEASE - 1, RELEASE);
  });

  describe("when the lines are not those of the batch", () => {
    it("when one is missing, it should revert with InvalidLineCount", async () => {
      await expect(release([], [alice]))
        .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
        .withArgs(1, 2);
    });

    it("when there are none, it should revert with InvalidLineCount", async () => {
      await expect(release([], [])).to.be.revertedWithCustomError(w.programs, "InvalidLineCount").withArgs(0, 2);
    });

    it("when one differs, it should revert with LinesDifferFromBatch", async () => {
      const lines = [{ ...alice, count: 3 }, bob];
      await expect(release([], lines))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(lineTree(w.lines).root, lineTree(lines).root);
    });

    it("when their order differs, it should revert with LinesDifferFromBatch", async () => {
      await expect(release([], [bob, alice]))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(lineTree(w.lines).root, lineTree([bob, alice]).root);
    });

    for (const index of [2, 65_535]) {
      it(`when index ${index} is beyond them, it should revert with UnknownLine`, async () => {
        await expect(release([0, index]))
          .to.be.revertedWithCustomError(w.programs, "UnknownLine")
          .withArgs(index, 2);
      });
    }
  });

  describe("when all lines are released", () => {
    it("it should credit each partner and the operator, and move no tokens", async () => {
      const sent = release();
      await expect(sent).to.changeTokenBalances(ethers, w.token, [w.programs, w.alice, w.operator], [0, 0, 0]);
      expect(await Promise.all([w.alice, w.bob, w.operator].map(creditOf))).to.deep.equal([
        worth(alice).commission,
        worth(bob).commission,
        worth(alice, bob).fee,
      ]);
    });

    it("it should take them from what is reserved, and from nothing else", async () => {
      const before = await stateOf(w);
      await release();
      expect(await stateOf(w)).to.deep.equal({ ...before, reserved: 0n });
    });

    it("it should mark and emit them", async () => {
      await expect(release())
        .to.emit(w.programs, "Released")
        .withArgs(w.campaignId, w.attestation, worth(alice, bob).commission, worth(alice, bob).fee, marks(0, 1));
      expect(await released()).to.deep.equal(marks(0, 1));
    });

    it("it should return what partners were credited", async () => {
      await time.increaseTo(RELEASE);
      const commission = await w.programs.release.staticCall(w.campaignId, w.attestation, w.lines.map(packLine), []);
      expect(commission).to.equal(worth(alice, bob).commission);
    });

    it("when they are released again, it should credit nothing more", async () => {
      await release();
      await expect(release()).to.emit(w.programs, "Released").withArgs(w.campaignId, w.attestation, 0, 0, marks());
      expect(await creditOf(w.alice)).to.equal(worth(alice).commission);
      expect(await creditOf(w.operator)).to.equal(worth(alice, bob).fee);
    });
  });

  describe("when lines are released in parts", () => {
    it("it should credit the given line only, with its fee", async () => {
      await expect(release([1]))
        .to.emit(w.programs, "Released")
        .withArgs(w.campaignId, w.attestation, worth(bob).commission, worth(bob).fee, marks(1));
      expect(await Promise.all([w.alice, w.bob, w.operator].map(creditOf))).to.deep.equal([
        0n,
        worth(bob).commission,
        worth(bob).fee,
      ]);
      expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(worth(alice).total);
      expect(await released()).to.deep.equal(marks(1));
    });

    it("when the rest follows, it should pass over what was released and come to the same as at once", async () => {
      await release([1]);
      await expect(release())
        .to.emit(w.programs, "Released")
        .withArgs(w.campaignId, w.attestation, worth(alice).commission, worth(alice).fee, marks(0));
      expect(await Promise.all([w.alice, w.bob, w.operator].map(creditOf))).to.deep.equal([
        worth(alice).commission,
        worth(bob).commission,
        worth(alice, bob).fee,
      ]);
      expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
      expect(await released()).to.deep.equal(marks(0, 1));
    });

    it("when an index is given twice, it should credit its line once", async () => {
      await expect(release([1, 1]))
        .to.emit(w.programs, "Released")
        .withArgs(w.campaignId, w.attestation, worth(bob).commission, worth(bob).fee, marks(1));
      expect(await creditOf(w.bob)).to.equal(worth(bob).commission);
    });

    it("when indices are given out of order, it should credit each", async () => {
      await release([1, 0]);
      expect(await Promise.all([w.alice, w.bob].map(creditOf))).to.deep.equal([
        worth(alice).commission,
        worth(bob).commission,
      ]);
    });

    it("given a line was pulled, it should pass over it", async () => {
      await w.programs.pull(w.campaignId, w.attestation, lineProof(w.lines, 0));
      await expect(release())
        .to.emit(w.programs, "Released")
        .withArgs(w.campaignId, w.attestation, worth(bob).commission, worth(bob).fee, marks(1));
      expect(await creditOf(w.alice)).to.equal(0);
      expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
    });
  });

  describe("given a line was reversed", () => {
    const lowered = () => sale(w.alice, 1, 60_000n);
    beforeEach(async () => {
      await at(NOW + HOUR);
      await reverse(w, reversal(w, [lowered()]), w.lines, [0]);
      await at(RELEASE);
    });

    it("with the lines of before, it should revert with LinesDifferFromBatch", async () => {
      await expect(release())
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(lineTree([lowered(), bob]).root, lineTree(w.lines).root);
    });

    it("with the lines as they stand, it should credit what is left", async () => {
      await release([], [lowered(), bob]);
      expect(await creditOf(w.alice)).to.equal(worth(lowered()).commission);
      expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
    });
  });

  it("given a suspension and a closing, it should release all the same", async () => {
    await at(NOW + HOUR);
    await w.asBrand.closeCampaign(w.campaignId);
    await w.asBrand.suspend(w.campaignId);
    await at(NOW + 3 * NOTICE);
    await release();
    expect(await creditOf(w.alice)).to.equal(worth(alice).commission);
  });

  it("given a partner was credited and paid before, it should add to its credit", async () => {
    const next = attestation(w, { firstConversion: 4n, periodTo: NOW, deadline: RELEASE });
    await at(NOW + HOUR);
    await attest(w, next);
    await at(RELEASE);
    await release();
    await w.programs.connect(w.alice).claim([w.tokenAddress], w.alice.address);
    expect(await creditOf(w.alice)).to.equal(0);
    await at(RELEASE + HOUR);
    await w.programs.release(w.campaignId, attestationDigest(w, next), next.lines.map(packLine), []);
    expect(await Promise.all([w.alice, w.bob, w.operator].map(creditOf))).to.deep.equal([
      worth(alice).commission,
      2n * worth(bob).commission,
      2n * worth(alice, bob).fee,
    ]);
  });

  it("given lines under several offers, it should price each by its own", async () => {
    const several = () =>
      attestedWith(
        () => ({}),
        (d) => ({ lines: [sale(d.alice, 1, 5_001n), signup(d.alice, 2), signup(d.bob, 1)] }),
      );
    w = await loadFixture(several);
    await at(RELEASE);
    await release([1, 0, 2]);
    expect(await Promise.all([w.alice, w.bob].map(creditOf))).to.deep.equal([1_006_251n + 1_000_000n, 500_000n]);
    expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
  });

  for (const count of [184, 185, 256, 257]) {
    it(`given ${count} lines, it should release the last once`, async () => {
      const lines = Array.from({ length: count }, (_, i) => sale({ address: toBeHex(1_000 + i, 20) }, 1, 0n));
      const many = () =>
        attestedWith(
          () => ({}),
          () => ({ lines, conversions: count }),
        );
      w = await loadFixture(many);
      await at(RELEASE);
      await release([count - 1]);
      await expect(release([count - 1]))
        .to.emit(w.programs, "Released")
        .withArgs(w.campaignId, w.attestation, 0, 0, marks());
      expect(await released()).to.deep.equal(marks(count - 1));
    });
  }

  it("given a line worth one base unit, it should credit it", async () => {
    const smallest = () =>
      attestedWith(
        () => ({ offers: [offer({ flatAmount: 1, rateBps: 0 })] }),
        (d) => ({ lines: [sale(d.alice, 1, 0n)], conversions: 1 }),
      );
    w = await loadFixture(smallest);
    await at(RELEASE);
    await release();
    expect(await creditOf(w.alice)).to.equal(1);
  });

  for (const count of [185, 257]) {
    it(`given ${count} lines, the first beyond a word of marks, it should release and mark just them`, async () => {
      const lines = Array.from({ length: count }, (_, i) => sale({ address: toBeHex(1_000 + i, 20) }, 1, 0n));
      const many = () =>
        attestedWith(
          () => ({}),
          () => ({ lines, conversions: count }),
        );
      w = await loadFixture(many);
      await at(RELEASE);
      const all = marks(...lines.keys());
      await expect(release())
        .to.emit(w.programs, "Released")
        .withArgs(w.campaignId, w.attestation, worth(...lines).commission, worth(...lines).fee, all);
      expect(await released()).to.deep.equal(all);
      expect(await creditOf({ address: toBeHex(999 + count, 20) })).to.equal(1_000_000n);
    });
  }

  describe("given 512 lines", () => {
    const partner = (i: number) => ({ address: toBeHex(1_000 + i, 20) });
    /** Each line is worth something else, so that one cannot be taken for another. */
    const lines = Array.from({ length: 512 }, (_, i) => sale(partner(i), 1, BigInt(1_000 + i)));
    const largest = () =>
      attestedWith(
        () => ({}),
        () => ({ lines, conversions: 512 }),
      );
    const line = (i: number) => w.lines[i] as Line;
    beforeEach(async () => {
      w = await loadFixture(largest);
      await at(RELEASE);
    });

    it("it should release them all in one transaction of less than 13 million gas", async () => {
      const receipt = await (await release()).wait();
      expect(receipt?.gasUsed).to.be.lessThan(gasBelow(13_000_000n));
      for (const i of [0, 183, 184, 255, 256, 511]) {
        expect(await creditOf(partner(i)), `line ${i}`).to.equal(worth(line(i)).commission);
      }
      expect(await released()).to.deep.equal([2n ** 256n - 1n, 2n ** 256n - 1n]);
      expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
      expect(await creditOf(w.operator)).to.equal(worth(...w.lines).fee);
    });

    it("it should release and mark each index for itself, whichever word its mark stands in", async () => {
      const indices = [511, 256, 255, 184, 183, 0];
      for (const [n, i] of indices.entries()) {
        await expect(release([i]), `line ${i}`)
          .to.emit(w.programs, "Released")
          .withArgs(w.campaignId, w.attestation, worth(line(i)).commission, worth(line(i)).fee, marks(i));
        expect(await creditOf(partner(i))).to.equal(worth(line(i)).commission);
        expect(await released()).to.deep.equal(marks(...indices.slice(0, n + 1)));
      }
      for (const i of indices) {
        await expect(release([i]), `line ${i} again`)
          .to.emit(w.programs, "Released")
          .withArgs(w.campaignId, w.attestation, 0, 0, marks());
      }
    });

    it("it should release the rest after single ones and pulls, each line once", async () => {
      for (const i of [200, 300, 511]) await w.programs.pull(w.campaignId, w.attestation, lineProof(w.lines, i));
      await release([0, 184, 256, 300]);
      const rest = w.lines.filter((_, i) => ![200, 300, 511, 0, 184, 256].includes(i));
      const { commission, fee } = worth(...rest);
      await expect(release())
        .to.emit(w.programs, "Released")
        .withArgs(w.campaignId, w.attestation, commission, fee, () => true);
      expect(await released()).to.deep.equal([2n ** 256n - 1n, 2n ** 256n - 1n]);
      expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
    });
  });
});
