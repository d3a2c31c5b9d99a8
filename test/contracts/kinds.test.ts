import { packLine } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { ZeroHash } from "ethers";
import {
  at,
  attest,
  attestation,
  attestationDigest,
  attested,
  DAY,
  liveWith,
  loadFixture,
  NOTICE,
  NOW,
  plain,
  sale,
  stateOf,
  terms,
  type World,
  worth,
} from "#test/support/programs.ts";

const AFFILIATE = 1n;
const REFERRAL = 2n;
const EFFECTIVE = NOW + NOTICE;
const KIND_NOT_PAYABLE = 6n;

/** A campaign that credits at once, so that whether a kind is payable is seen where a batch is attested. */
const instant = () => liveWith((w) => ({ terms: terms(w, { holdSeconds: 0 }) }));

describe("setKinds", () => {
  let w: World;
  let next: bigint;
  beforeEach(async () => {
    w = await loadFixture(instant);
    next = 1n;
    await at(NOW);
  });
  const setKinds = (mask: bigint, ...partners: { address: string }[]) =>
    w.asBrand.setKinds(
      w.campaignId,
      partners.map((partner) => partner.address),
      mask,
    );
  const kindsOf = (periodTo: number, partner = w.alice) => w.lens.kindsOf(w.campaignId, partner.address, periodTo);

  /** Attests a sale by Alice as an affiliate, in a period of a second that ends at `periodTo`; says whether it paid. */
  async function isPaid(periodTo: number) {
    const line = sale(w.alice, 1, 0n);
    const batch = attestation(w, {
      firstConversion: next++,
      conversions: 1,
      periodFrom: periodTo - 1,
      periodTo,
      deadline: NOW + 100 * NOTICE,
      lines: [line],
    });
    const before = await w.lens.creditOf(w.alice.address, w.tokenAddress);
    const sent = attest(w, batch);
    await expect(sent).to.emit(w.programs, "Attested");
    const paid = (await w.lens.creditOf(w.alice.address, w.tokenAddress)) - before;
    if (paid === worth(line).commission) return true;
    expect(paid).to.equal(0);
    await expect(sent)
      .to.emit(w.programs, "LineRefused")
      .withArgs(w.campaignId, attestationDigest(w, batch), 0, packLine(line), KIND_NOT_PAYABLE, worth(line).total);
    return false;
  }

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

  it("when kinds are only given, it should make them payable from that second on, and not before", async () => {
    const before = await stateOf(w);
    await expect(setKinds(AFFILIATE | REFERRAL, w.alice))
      .to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.alice.address, 3, 3, 0);
    expect([await kindsOf(NOW), await kindsOf(NOW + 1)]).to.deep.equal([AFFILIATE, 3n]);
    expect(await stateOf(w)).to.deep.equal({ ...before, kindsListed: true });
  });

  it("when kinds are only given, it should return the present time", async () => {
    const { staticCall } = w.asBrand.setKinds;
    const returned = await staticCall(w.campaignId, [w.alice.address], AFFILIATE | REFERRAL, { blockTag: "pending" });
    expect(returned).to.equal(NOW);
  });

  it("when a partner is listed, it should leave the open kinds to partners that are not", async () => {
    await setKinds(0n, w.bob);
    expect(await kindsOf(EFFECTIVE + 1)).to.equal(AFFILIATE);
    await at(EFFECTIVE + 1);
    expect(await isPaid(EFFECTIVE + 1)).to.equal(true);
    expect(await kindsOf(EFFECTIVE + 1, w.bob)).to.equal(0);
  });

  it("when an open kind is taken away, it should announce that for after the notice", async () => {
    await expect(setKinds(REFERRAL, w.alice))
      .to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.alice.address, REFERRAL, AFFILIATE | REFERRAL, EFFECTIVE);
    expect([await kindsOf(EFFECTIVE), await kindsOf(EFFECTIVE + 1)]).to.deep.equal([AFFILIATE | REFERRAL, REFERRAL]);
  });

  it("given a suspension, when a kind is taken away, it should announce that for after the notice", async () => {
    await w.asBrand.suspend(w.campaignId);
    await at(NOW + 1);
    await expect(setKinds(REFERRAL, w.alice))
      .to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.alice.address, REFERRAL, AFFILIATE | REFERRAL, NOW + 1 + NOTICE);
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
      .withArgs(w.campaignId, w.alice.address, REFERRAL, AFFILIATE | REFERRAL, NOW + 1 + NOTICE)
      .and.to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.bob.address, REFERRAL, AFFILIATE | REFERRAL, EFFECTIVE);
    expect([await kindsOf(EFFECTIVE, w.bob), await kindsOf(EFFECTIVE + 1, w.bob)]).to.deep.equal([3n, REFERRAL]);
  });

  it("when nobody is given, it should list nobody", async () => {
    await expect(setKinds(REFERRAL)).to.not.emit(w.programs, "KindsSet");
    expect(await kindsOf(EFFECTIVE + 1)).to.equal(AFFILIATE);
  });

  it("when all 64 kinds are given, it should store every one", async () => {
    await setKinds(2n ** 64n - 1n, w.alice);
    expect(await kindsOf(NOW + 1)).to.equal(2n ** 64n - 1n);
  });

  describe("given kinds taken away", () => {
    beforeEach(async () => {
      await setKinds(REFERRAL, w.alice);
    });

    it("for a period that ends within the notice, it should leave them payable, however late it is attested", async () => {
      await at(EFFECTIVE + 50 * NOTICE);
      expect(await isPaid(EFFECTIVE)).to.equal(true);
    });

    it("for a period that ends later, its lines should be refused with KindNotPayable", async () => {
      await at(EFFECTIVE + DAY);
      expect(await isPaid(EFFECTIVE + 1)).to.equal(false);
    });

    it("when they are given back, it should make them payable at once and for ever", async () => {
      await setKinds(AFFILIATE | REFERRAL, w.alice);
      await at(EFFECTIVE + DAY);
      expect(await isPaid(EFFECTIVE + 1)).to.equal(true);
    });

    it("when they are given back after their end, the time between should stay without them", async () => {
      await at(EFFECTIVE + DAY);
      await setKinds(AFFILIATE | REFERRAL, w.alice);
      await at(EFFECTIVE + 2 * DAY);
      expect([
        await isPaid(EFFECTIVE),
        await isPaid(EFFECTIVE + 1),
        await isPaid(EFFECTIVE + DAY),
        await isPaid(EFFECTIVE + DAY + 1),
      ]).to.deep.equal([true, false, false, true]);
    });

    it("when other kinds are given meanwhile, it should keep the former kinds and their end", async () => {
      await expect(setKinds(REFERRAL | 4n, w.alice))
        .to.emit(w.programs, "KindsSet")
        .withArgs(w.campaignId, w.alice.address, 6, 7, EFFECTIVE);
      expect([await kindsOf(NOW + 1), await kindsOf(NOW + 2), await kindsOf(EFFECTIVE)]).to.deep.equal([3n, 7n, 7n]);
      expect(await kindsOf(EFFECTIVE + 1)).to.equal(6);
    });

    it("when more is taken away before their end, it should revert with KindsChangePending", async () => {
      await at(EFFECTIVE - 1);
      await expect(setKinds(0n, w.alice))
        .to.be.revertedWithCustomError(w.programs, "KindsChangePending")
        .withArgs(w.alice.address, EFFECTIVE);
    });

    it("when more is taken away from then on, it should announce it", async () => {
      await at(EFFECTIVE);
      await expect(setKinds(0n, w.alice))
        .to.emit(w.programs, "KindsSet")
        .withArgs(w.campaignId, w.alice.address, 0, REFERRAL, EFFECTIVE + NOTICE);
      expect([await kindsOf(EFFECTIVE + NOTICE), await kindsOf(EFFECTIVE + NOTICE + 1)]).to.deep.equal([REFERRAL, 0n]);
    });

    it("when kinds are taken from another partner, it should not matter", async () => {
      await setKinds(0n, w.bob);
      expect(await kindsOf(EFFECTIVE, w.bob)).to.equal(AFFILIATE);
    });
  });

  it("given many changes, it should pay each period by the kinds of its last second, and the Lens say the same", async () => {
    const changes = [3n, 2n, 3n, 2n, 7n, 6n, 5n];
    const times = changes.map((_, i) => NOW + i * (NOTICE + DAY));
    for (const [i, mask] of changes.entries()) {
      await at(times[i] ?? 0);
      await setKinds(mask, w.alice);
    }
    await at(NOW + 20 * NOTICE);
    const ends = times.flatMap((time) => [time, time + 1, time + NOTICE, time + NOTICE + 1]);
    for (const end of ends) {
      expect(await isPaid(end), `a period that ends ${end - NOW} seconds after`).to.equal(
        ((await kindsOf(end)) & AFFILIATE) !== 0n,
      );
    }
    // Given at 0, 2, 4 and 6; taken away by 1, 3 and 5, each a notice later.
    expect(await Promise.all(ends.map(async (end) => Number((await kindsOf(end)) & AFFILIATE)))).to.deep.equal([
      1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1,
    ]);
  });

  it("when kinds change again in one second, the last should hold", async () => {
    await setKinds(4n, w.alice, w.alice);
    expect([await kindsOf(NOW), await kindsOf(NOW + 1), await kindsOf(EFFECTIVE + 1)]).to.deep.equal([1n, 5n, 4n]);
  });

  it("given a batch was attested, it should not touch it", async () => {
    const a = await loadFixture(attested);
    const before = plain(await a.lens.batch(a.attestation));
    await a.asBrand.setKinds(a.campaignId, [a.alice.address], 0);
    expect(plain(await a.lens.batch(a.attestation))).to.deep.equal(before);
  });
});
