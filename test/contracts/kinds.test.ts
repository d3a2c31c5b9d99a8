import { expect } from "chai";
import { ZeroHash } from "ethers";
import {
  at,
  attest,
  attestation,
  attested,
  DAY,
  live,
  loadFixture,
  NOTICE,
  NOW,
  plain,
  sale,
  stateOf,
  type World,
} from "#test/support/programs.ts";

const AFFILIATE = 1n;
const REFERRAL = 2n;
const EFFECTIVE = NOW + NOTICE;
const kindsOf = async (w: World, partner = w.alice) => plain(await w.programs.kindsOf(w.campaignId, partner.address));

describe("setKinds", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });
  const setKinds = (mask: bigint, ...partners: { address: string }[]) =>
    w.asBrand.setKinds(
      w.campaignId,
      partners.map((partner) => partner.address),
      mask,
    );
  /** A sale by Alice, an affiliate, in a period that ends at `periodTo`. */
  const attestSale = (periodTo: number) =>
    attest(
      w,
      attestation(w, {
        conversions: 1,
        periodFrom: periodTo - DAY,
        periodTo,
        deadline: periodTo + 2 * NOTICE,
        lines: [sale(w.alice, 1, 0n)],
      }),
    );

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.setKinds(ZeroHash, [], 1))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).setKinds(w.campaignId, [w.stranger.address], 1))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("when kinds are only given, it should make them payable at once", async () => {
    const before = await stateOf(w);
    await expect(setKinds(AFFILIATE | REFERRAL, w.alice))
      .to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.alice.address, 3, 0, 0);
    expect(await kindsOf(w)).to.deep.equal({ mask: 3n, previousMask: 0n, effectiveAt: 0n, listed: true });
    expect(await stateOf(w)).to.deep.equal({ ...before, kindsListed: true });
  });

  it("when a partner is listed, it should leave the open kinds to partners that are not", async () => {
    await setKinds(REFERRAL, w.bob);
    await at(NOW + 1);
    await attestSale(NOW);
    expect(await kindsOf(w)).to.deep.equal({ mask: 0n, previousMask: 0n, effectiveAt: 0n, listed: false });
  });

  it("when an open kind is taken away, it should announce that for after the notice", async () => {
    await expect(setKinds(REFERRAL, w.alice))
      .to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.alice.address, REFERRAL, AFFILIATE, EFFECTIVE);
    expect(await kindsOf(w)).to.deep.equal({
      mask: REFERRAL,
      previousMask: AFFILIATE,
      effectiveAt: BigInt(EFFECTIVE),
      listed: true,
    });
  });

  it("when kinds are only given, it should return the present time", async () => {
    const { staticCall } = w.asBrand.setKinds;
    const returned = await staticCall(w.campaignId, [w.alice.address], AFFILIATE | REFERRAL, { blockTag: "pending" });
    expect(returned).to.equal(NOW);
  });

  it("given a suspension, when a kind is taken away for the first time, it should announce that for after the notice", async () => {
    await w.asBrand.suspend(w.campaignId);
    await at(NOW + 1);
    await expect(setKinds(REFERRAL, w.alice))
      .to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.alice.address, REFERRAL, AFFILIATE, NOW + 1 + NOTICE);
  });

  it("when several partners are listed, it should list each and return the latest time", async () => {
    await setKinds(REFERRAL, w.bob);
    await at(NOW + 1);
    expect(
      await w.asBrand.setKinds.staticCall(w.campaignId, [w.alice.address, w.bob.address], REFERRAL, {
        blockTag: "pending",
      }),
    ).to.equal(NOW + 1 + NOTICE);
    await expect(setKinds(REFERRAL, w.alice, w.bob))
      .to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.alice.address, REFERRAL, AFFILIATE, NOW + 1 + NOTICE)
      .and.to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.bob.address, REFERRAL, AFFILIATE, EFFECTIVE);
    expect((await kindsOf(w, w.bob)).effectiveAt).to.equal(EFFECTIVE);
  });

  it("when nobody is given, it should list nobody", async () => {
    await expect(setKinds(REFERRAL)).to.not.emit(w.programs, "KindsSet");
    expect((await kindsOf(w)).listed).to.equal(false);
  });

  describe("given kinds taken away", () => {
    beforeEach(async () => {
      await setKinds(REFERRAL, w.alice);
    });

    it("for a period that ends within the notice, it should leave them payable", async () => {
      await at(EFFECTIVE + DAY);
      await expect(attestSale(EFFECTIVE)).to.emit(w.programs, "Attested");
    });

    it("for a period that ends later, attest should revert with KindNotPayable", async () => {
      await at(EFFECTIVE + DAY);
      await expect(attestSale(EFFECTIVE + 1))
        .to.be.revertedWithCustomError(w.programs, "KindNotPayable")
        .withArgs(w.alice.address, REFERRAL, 0);
    });

    it("when they are given back, it should make them payable at once and for ever", async () => {
      await setKinds(AFFILIATE | REFERRAL, w.alice);
      await at(EFFECTIVE + DAY);
      await expect(attestSale(EFFECTIVE + 1)).to.emit(w.programs, "Attested");
    });

    it("when other kinds are given meanwhile, it should keep the former kinds and their end", async () => {
      await setKinds(REFERRAL | 4n, w.alice);
      expect(await kindsOf(w)).to.deep.equal({
        mask: REFERRAL | 4n,
        previousMask: AFFILIATE,
        effectiveAt: BigInt(EFFECTIVE),
        listed: true,
      });
    });

    it("when more is taken before periods of that notice are too old, it should revert with KindsChangePending", async () => {
      await at(EFFECTIVE + NOTICE - 1);
      await expect(setKinds(0n, w.alice))
        .to.be.revertedWithCustomError(w.programs, "KindsChangePending")
        .withArgs(w.alice.address, EFFECTIVE + NOTICE);
    });

    it("given a suspension that keeps those periods young, it should revert with KindsChangePending for a notice after it", async () => {
      await at(EFFECTIVE);
      await w.asBrand.suspend(w.campaignId);
      await at(EFFECTIVE + 2 * NOTICE - 1);
      await expect(setKinds(0n, w.alice))
        .to.be.revertedWithCustomError(w.programs, "KindsChangePending")
        .withArgs(w.alice.address, EFFECTIVE + 2 * NOTICE);
      await at(EFFECTIVE + 2 * NOTICE - 1);
      await expect(attestSale(EFFECTIVE)).to.emit(w.programs, "Attested");
    });

    it("when more is taken from then on, it should announce it", async () => {
      await at(EFFECTIVE + NOTICE);
      await expect(setKinds(0n, w.alice))
        .to.emit(w.programs, "KindsSet")
        .withArgs(w.campaignId, w.alice.address, 0, REFERRAL, EFFECTIVE + 2 * NOTICE);
      expect(await kindsOf(w)).to.deep.equal({
        mask: 0n,
        previousMask: REFERRAL,
        effectiveAt: BigInt(EFFECTIVE + 2 * NOTICE),
        listed: true,
      });
    });

    it("when kinds are taken from another partner, it should not matter", async () => {
      await setKinds(0n, w.bob);
      expect((await kindsOf(w, w.bob)).previousMask).to.equal(AFFILIATE);
    });
  });

  it("given a batch was attested, it should not touch it", async () => {
    const a = await loadFixture(attested);
    const before = await a.programs.batch(a.campaignId, a.attestation);
    await a.asBrand.setKinds(a.campaignId, [a.alice.address], 0);
    expect(await a.programs.batch(a.campaignId, a.attestation)).to.deep.equal(before);
  });
});
