import { attestationTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { toBeHex, ZeroAddress, ZeroHash } from "ethers";
import {
  at,
  attest,
  attestation,
  attestationDigest,
  attesters,
  DAY,
  given,
  live,
  loadFixture,
  NOTICE,
  NOW,
  sign,
  stateOf,
  type World,
} from "#test/support/programs.ts";

const [first, second, third] = attesters;
const EFFECTIVE = NOW + NOTICE;
/** The addresses 0x…01, 0x…02 and so on, which are ascending. */
const members = (count: number) => Array.from({ length: count }, (_, i) => toBeHex(i + 1, 20));

describe("announceAttesters", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.announceAttesters(ZeroHash, 1, [first.address]))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).announceAttesters(w.campaignId, 1, [first.address]))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  for (const [threshold, count] of [
    [0, 0],
    [0, 1],
    [2, 1],
    [1, 2],
    [2, 4],
    [8, 16],
    [9, 17],
    [17, 17],
    [255, 16],
  ] as const) {
    it(`when ${threshold} of ${count} should sign, it should revert with InvalidThreshold`, async () => {
      await expect(w.asBrand.announceAttesters(w.campaignId, threshold, members(count)))
        .to.be.revertedWithCustomError(w.programs, "InvalidThreshold")
        .withArgs(threshold, count);
    });
  }

  for (const [threshold, count] of [
    [1, 1],
    [2, 2],
    [2, 3],
    [3, 4],
    [9, 16],
    [16, 16],
  ] as const) {
    it(`when ${threshold} of ${count} should sign, it should store the set`, async () => {
      await w.asBrand.announceAttesters(w.campaignId, threshold, members(count));
      expect(await w.lens.attesterSet(w.campaignId, 1)).to.deep.equal([
        members(count),
        BigInt(threshold),
        BigInt(EFFECTIVE),
      ]);
    });
  }

  for (const [which, given, index, previous, member] of [
    ["zero", [ZeroAddress], 0, ZeroAddress, ZeroAddress],
    ["given twice", [first, first, third].map((a) => a.address), 1, first.address, first.address],
    ["out of order", [first, third, second].map((a) => a.address), 2, third.address, second.address],
  ] as const) {
    it(`when a member is ${which}, it should revert with AttestersNotAscending`, async () => {
      await expect(w.asBrand.announceAttesters(w.campaignId, given.length, [...given]))
        .to.be.revertedWithCustomError(w.programs, "AttestersNotAscending")
        .withArgs(index, previous, member);
    });
  }

  it("when all is valid, it should announce the next set and leave the present one in force", async () => {
    const before = await stateOf(w);
    await expect(w.asBrand.announceAttesters(w.campaignId, 1, [third.address]))
      .to.emit(w.programs, "AttestersAnnounced")
      .withArgs(w.campaignId, 1, 1, [third.address], EFFECTIVE);
    expect(await stateOf(w)).to.deep.equal({ ...before, attestersAnnounced: true });
    expect((await w.lens.attesterSet(w.campaignId, 0)).members).to.deep.equal(attesters.map((a) => a.address));
  });

  describe("given an announced set", () => {
    beforeEach(async () => {
      await w.asBrand.announceAttesters(w.campaignId, 1, [third.address]);
    });
    const late = () => attestation(w, { periodTo: NOW + DAY, periodFrom: NOW, deadline: EFFECTIVE + DAY });
    const byThird = async () => [
      { attester: 0, signature: (await sign(w, attestationTypedData(late()), [2]))[0]?.signature ?? "0x" },
    ];

    it("until the last second of the notice, it should take what the present set signed", async () => {
      await at(EFFECTIVE - 1);
      await expect(attest(w, late()))
        .to.emit(w.programs, "Attested")
        .withArgs(w.campaignId, attestationDigest(w, late()), 0, ...Array(2).fill(() => true));
    });

    it("until the last second of the notice, it should not take what the announced set signed", async () => {
      await at(EFFECTIVE - 1);
      await expect(w.programs.attest(...given(late()), await byThird()))
        .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
        .withArgs(2, 1);
    });

    it("from then on, it should take what the announced set signed, without a transaction", async () => {
      await at(EFFECTIVE);
      await expect(w.programs.attest(...given(late()), await byThird()))
        .to.emit(w.programs, "Attested")
        .withArgs(w.campaignId, attestationDigest(w, late()), 1, ...Array(2).fill(() => true));
      expect((await w.lens.batch(attestationDigest(w, late()))).attesterSet).to.equal(1);
    });

    it("from then on, what the former set signed should be void", async () => {
      await at(EFFECTIVE);
      await expect(attest(w, late()))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(third.address, attestationDigest(w, late()));
    });

    it("when another is announced before it is in force, it should replace it and start the notice anew", async () => {
      await at(EFFECTIVE - 1);
      await expect(w.asBrand.announceAttesters(w.campaignId, 2, [first.address, second.address]))
        .to.emit(w.programs, "AttestersAnnounced")
        .withArgs(w.campaignId, 1, 2, [first.address, second.address], EFFECTIVE - 1 + NOTICE);
      await at(EFFECTIVE);
      await expect(attest(w, late())).to.emit(w.programs, "Attested");
      expect((await w.lens.batch(attestationDigest(w, late()))).attesterSet).to.equal(0);
    });

    it("when another is announced once it is in force, it should become the set after it", async () => {
      const before = await stateOf(w);
      await at(EFFECTIVE);
      await expect(w.asBrand.announceAttesters(w.campaignId, 2, [first.address, second.address]))
        .to.emit(w.programs, "AttestersAnnounced")
        .withArgs(w.campaignId, 2, 2, [first.address, second.address], EFFECTIVE + NOTICE);
      expect(await stateOf(w)).to.deep.equal({ ...before, attesterSet: 1n });
      await at(EFFECTIVE + 1);
      await w.programs.attest(...given(late()), await byThird());
      expect((await w.lens.batch(attestationDigest(w, late()))).attesterSet).to.equal(1);
    });

    it("when others are announced one after the other, each in its time, each should become the set after the last", async () => {
      for (const index of [2, 3]) {
        await at(NOW + index * NOTICE);
        await expect(w.asBrand.announceAttesters(w.campaignId, 1, [first.address]))
          .to.emit(w.programs, "AttestersAnnounced")
          .withArgs(w.campaignId, index, 1, [first.address], NOW + (index + 1) * NOTICE);
      }
    });

    it("when a smaller set replaces a larger one, it should leave nothing of the larger one", async () => {
      await w.asBrand.announceAttesters(w.campaignId, 16, members(16));
      await w.asBrand.announceAttesters(w.campaignId, 2, [first.address, second.address]);
      const { members: stored, threshold } = await w.lens.attesterSet(w.campaignId, 1);
      expect([stored, threshold]).to.deep.equal([[first.address, second.address], 2n]);
    });
  });

  it("given there is no set of an index, the view should be empty", async () => {
    expect(await w.lens.attesterSet(w.campaignId, 9)).to.deep.equal([[], 0n, 0n]);
  });
});
