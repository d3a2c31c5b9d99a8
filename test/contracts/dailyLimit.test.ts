import { expect } from "chai";
import { ZeroHash } from "ethers";
import {
  at,
  attest,
  attestation,
  BUDGET,
  DAY,
  HOUR,
  live,
  liveWith,
  loadFixture,
  NO_LIMIT,
  NOTICE,
  NOW,
  sale,
  stateOf,
  type World,
  worth,
} from "#test/support/programs.ts";

const EFFECTIVE = NOW + NOTICE;
const TODAY = BigInt(NOW / DAY);
const LIMIT = 3_000_000n;

/** A campaign that may attest 3.00 a day. */
const limited = () => liveWith(() => ({ dailyLimit: LIMIT }));

describe("announceDailyLimit", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(limited);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.announceDailyLimit(ZeroHash, 1))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).announceDailyLimit(w.campaignId, 1))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  for (const [how, limit] of [
    ["raised", LIMIT + 1n],
    ["set to what it is", LIMIT],
    ["taken off", NO_LIMIT],
    ["lowered", LIMIT - 1n],
    ["set to nothing", 0n],
  ] as const) {
    it(`when the limit is ${how}, it should be in force after the notice`, async () => {
      const before = await stateOf(w);
      await expect(w.asBrand.announceDailyLimit(w.campaignId, limit))
        .to.emit(w.programs, "DailyLimitAnnounced")
        .withArgs(w.campaignId, limit, EFFECTIVE);
      expect(await stateOf(w)).to.deep.equal({
        ...before,
        nextDailyLimit: limit,
        nextDailyLimitAt: BigInt(EFFECTIVE),
      });
    });
  }

  describe("given no limit", () => {
    beforeEach(async () => {
      w = await loadFixture(live);
      await at(NOW);
    });

    it("when any limit is set, it should be in force after the notice", async () => {
      const before = await stateOf(w);
      await expect(w.asBrand.announceDailyLimit(w.campaignId, 10n ** 30n))
        .to.emit(w.programs, "DailyLimitAnnounced")
        .withArgs(w.campaignId, 10n ** 30n, EFFECTIVE);
      expect(await stateOf(w)).to.deep.equal({
        ...before,
        limited: true,
        dailyLimit: NO_LIMIT,
        nextDailyLimit: 10n ** 30n,
        nextDailyLimitAt: BigInt(EFFECTIVE),
      });
    });

    it("when something is attested, it should not be counted", async () => {
      await attest(w, attestation(w));
      const { spent, spentOnDay } = await w.lens.campaign(w.campaignId);
      expect([spent, spentOnDay]).to.deep.equal([0n, 0n]);
    });
  });

  describe("given a change was announced", () => {
    beforeEach(async () => {
      await w.asBrand.announceDailyLimit(w.campaignId, 1_000n);
    });
    const limits = async () => {
      const { dailyLimit, nextDailyLimit, nextDailyLimitAt } = await w.lens.campaign(w.campaignId);
      return [dailyLimit, nextDailyLimit, Number(nextDailyLimitAt)];
    };

    for (const [how, limit] of [
      ["another lowering", 2_000n],
      ["a raise", LIMIT + 5n],
      ["the present limit", LIMIT],
    ] as const) {
      it(`when ${how} is announced, it should replace it and start the notice anew`, async () => {
        await at(EFFECTIVE - 1);
        await w.asBrand.announceDailyLimit(w.campaignId, limit);
        expect(await limits()).to.deep.equal([LIMIT, limit, EFFECTIVE - 1 + NOTICE]);
      });
    }

    for (const [how, limit] of [
      ["raised", 1_001n],
      ["lowered", 999n],
    ] as const) {
      it(`given it is in force, when it is ${how} from there, it should stay in force during that notice`, async () => {
        await at(EFFECTIVE);
        await expect(w.asBrand.announceDailyLimit(w.campaignId, limit))
          .to.emit(w.programs, "DailyLimitAnnounced")
          .withArgs(w.campaignId, limit, EFFECTIVE + NOTICE);
        expect(await limits()).to.deep.equal([1_000n, limit, EFFECTIVE + NOTICE]);
      });
    }
  });
});

describe("attest under a daily limit", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(limited);
    await at(NOW);
  });
  /** One sale: 1.05 with the fee, and 0.013125 for each 1.00 of volume. */
  const attestSale = (firstConversion: bigint, volumeUnits = 0n, time = NOW) =>
    attest(
      w,
      attestation(w, {
        conversions: 1,
        firstConversion,
        periodTo: time,
        periodFrom: time - HOUR,
        deadline: time + NOTICE,
        lines: [sale(w.alice, 1, volumeUnits)],
      }),
    );
  const ONE = 1_050_000n;
  const spent = async () => {
    const state = await w.lens.campaign(w.campaignId);
    return [state.spent, state.spentOnDay];
  };

  it("when the day's commissions and fees stay within it, it should count them", async () => {
    await attestSale(1n);
    await attestSale(2n);
    expect(await spent()).to.deep.equal([2n * ONE, TODAY]);
  });

  it("when they are just the limit, it should attest", async () => {
    w = await loadFixture(() => liveWith(() => ({ dailyLimit: 3n * ONE })));
    await at(NOW);
    for (const number of [1n, 2n, 3n]) await attestSale(number);
    expect(await spent()).to.deep.equal([3n * ONE, TODAY]);
  });

  it("when they exceed it, it should revert with DailyLimitExceeded", async () => {
    await attestSale(1n);
    await attestSale(2n);
    await expect(attestSale(3n))
      .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
      .withArgs(w.campaignId, ONE, LIMIT - 2n * ONE);
  });

  it("when one batch alone exceeds it, it should revert with DailyLimitExceeded", async () => {
    const line = sale(w.alice, 1, 1_000_000n);
    await expect(attest(w, attestation(w, { conversions: 3, lines: [{ ...line, count: 3 }] })))
      .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
      .withArgs(w.campaignId, worth({ ...line, count: 3 }).total, LIMIT);
  });

  it("when a batch exceeds what is available as well, it should revert with InsufficientBudget", async () => {
    const total = BUDGET + 1n;
    await expect(attest(w, attestation(w, { total })))
      .to.be.revertedWithCustomError(w.programs, "InsufficientBudget")
      .withArgs(w.campaignId, total, BUDGET);
  });

  it("given some of it is spent, when a raise is announced, it should stay spent", async () => {
    await attestSale(1n);
    await attestSale(2n);
    await w.asBrand.announceDailyLimit(w.campaignId, NO_LIMIT);
    expect(await spent()).to.deep.equal([2n * ONE, TODAY]);
    await expect(attestSale(3n))
      .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
      .withArgs(w.campaignId, ONE, LIMIT - 2n * ONE);
  });

  it("when the next UTC day begins, it should count from zero", async () => {
    await at(NOW + DAY - 1);
    await attestSale(1n, 0n, NOW + DAY - 1);
    expect(await spent()).to.deep.equal([ONE, TODAY]);
    await at(NOW + DAY);
    await attestSale(2n, 0n, NOW + DAY - 1);
    expect(await spent()).to.deep.equal([ONE, TODAY + 1n]);
  });

  it("given a lowering, it should hold the former limit until the last second of the notice", async () => {
    await w.asBrand.announceDailyLimit(w.campaignId, ONE - 1n);
    await at(EFFECTIVE - 1);
    await expect(attestSale(1n, 0n, EFFECTIVE - 1)).to.emit(w.programs, "Attested");
  });

  it("given a lowering, it should hold the lower limit from then on", async () => {
    await w.asBrand.announceDailyLimit(w.campaignId, ONE - 1n);
    await at(EFFECTIVE);
    await expect(attestSale(1n, 0n, EFFECTIVE))
      .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
      .withArgs(w.campaignId, ONE, ONE - 1n);
  });

  it("given a raise, it should hold the former limit until the last second of the notice", async () => {
    await w.asBrand.announceDailyLimit(w.campaignId, NO_LIMIT);
    await at(EFFECTIVE - 3);
    await attestSale(1n, 0n, EFFECTIVE - 3);
    await attestSale(2n, 0n, EFFECTIVE - 3);
    await at(EFFECTIVE - 1);
    await expect(attestSale(3n, 0n, EFFECTIVE - 1))
      .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
      .withArgs(w.campaignId, ONE, LIMIT - 2n * ONE);
    await at(EFFECTIVE);
    await expect(attestSale(3n, 0n, EFFECTIVE)).to.emit(w.programs, "Attested");
  });

  it("given a limit that was lowered below what the day spent, it should have nothing remaining", async () => {
    await at(NOW + HOUR);
    await w.asBrand.announceDailyLimit(w.campaignId, ONE - 1n);
    await at(EFFECTIVE + HOUR - 2);
    await attestSale(1n, 0n, EFFECTIVE + HOUR - 2);
    await at(EFFECTIVE + HOUR);
    await expect(attestSale(2n, 0n, EFFECTIVE + HOUR))
      .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
      .withArgs(w.campaignId, ONE, 0);
  });
});
