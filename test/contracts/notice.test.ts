import { expect } from "chai";
import { encodeBytes32String, ZeroAddress, ZeroHash } from "ethers";
import {
  at,
  attest,
  attestation,
  BUDGET,
  createCampaign,
  DAY,
  eventName,
  HOUR,
  live,
  liveWith,
  loadFixture,
  NO_LIMIT,
  NOTICE,
  NOW,
  offer,
  START,
  sale,
  stateOf,
  type World,
} from "#test/support/programs.ts";

const WEEK = 7 * DAY;

describe("what a notice is worth", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  describe("announceWithdrawal", () => {
    it("when it is more than is available, it should revert with InsufficientBudget", async () => {
      await expect(w.asBrand.announceWithdrawal(w.campaignId, BUDGET + 1n))
        .to.be.revertedWithCustomError(w.programs, "InsufficientBudget")
        .withArgs(w.campaignId, BUDGET + 1n, BUDGET);
      expect((await stateOf(w)).withdrawableAt).to.equal(0n);
    });

    it("given another funds after it, it should still be of what was there", async () => {
      const campaignId = await createCampaign(w, { salt: ZeroHash });
      await expect(w.asBrand.announceWithdrawal(campaignId, 1n))
        .to.be.revertedWithCustomError(w.programs, "InsufficientBudget")
        .withArgs(campaignId, 1, 0);
      await w.asBrand.announceWithdrawal(w.campaignId, BUDGET);
      const batch = attestation(w, { periodTo: NOW, deadline: NOW + DAY });
      await attest(w, batch);
      const left = BUDGET - batch.total;
      expect((await stateOf(w)).withdrawalAmount).to.equal(left);
      await w.asBrand.fund(w.campaignId, BUDGET);
      await at(NOW + DAY + NOTICE);
      await expect(w.asBrand.withdraw(w.campaignId, w.stranger.address))
        .to.emit(w.programs, "Withdrawn")
        .withArgs(w.campaignId, w.stranger.address, left);
    });

    it("given an attestation leaves more than was announced, it should not be lowered", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, 1_000n);
      await attest(w, attestation(w));
      expect((await stateOf(w)).withdrawalAmount).to.equal(1_000n);
    });

    it("given a guarantee that ends before it, it should keep its time", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, BUDGET);
      const { withdrawableAt } = await stateOf(w);
      await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("kept"), lockedUntil: NOW + DAY }));
      expect((await stateOf(w)).withdrawableAt).to.equal(withdrawableAt);
    });

    it("given a guarantee, it should wait for it, whichever was first", async () => {
      const lockedUntil = NOW + 30 * DAY;
      const guaranteed = offer({ eventName: eventName("kept"), lockedUntil });
      await w.asBrand.announceWithdrawal(w.campaignId, BUDGET);
      expect((await stateOf(w)).withdrawableAt).to.equal(BigInt(NOW + NOTICE));
      await w.asBrand.appendOffer(w.campaignId, guaranteed);
      expect((await stateOf(w)).withdrawableAt).to.equal(BigInt(lockedUntil));
      await at(lockedUntil - 1);
      await expect(w.asBrand.withdraw(w.campaignId, w.brand.address))
        .to.be.revertedWithCustomError(w.programs, "WithdrawalNotMature")
        .withArgs(lockedUntil - 1, lockedUntil);
      await at(lockedUntil);
      await w.asBrand.cancelWithdrawal(w.campaignId);
      await at(lockedUntil + 1);
      await expect(w.asBrand.announceWithdrawal(w.campaignId, BUDGET))
        .to.emit(w.programs, "WithdrawalAnnounced")
        .withArgs(w.campaignId, BUDGET, lockedUntil + 1 + NOTICE);
    });

    it("given a suspension that is resumed, it should not come before the guarantee either", async () => {
      const lockedUntil = NOW + 30 * DAY;
      await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("kept"), lockedUntil }));
      await w.asBrand.suspend(w.campaignId);
      await w.asBrand.announceWithdrawal(w.campaignId, BUDGET);
      await at(NOW + DAY);
      await w.asBrand.resume(w.campaignId);
      expect((await stateOf(w)).withdrawableAt).to.equal(BigInt(lockedUntil));
    });
  });

  describe("announceDailyLimit", () => {
    it("it should take effect after the notice, up or down", async () => {
      w = await loadFixture(limited);
      for (const limit of [NO_LIMIT, 1n]) {
        await at(NOW);
        await expect(w.asBrand.announceDailyLimit(w.campaignId, limit))
          .to.emit(w.programs, "DailyLimitAnnounced")
          .withArgs(w.campaignId, limit, NOW + NOTICE);
        expect((await w.lens.overview(w.campaignId)).dailyLimit).to.equal(2_500_000n);
        w = await loadFixture(limited);
      }
    });

    it("given a raise is in force, what was spent today should count", async () => {
      w = await loadFixture(limited);
      const small = (number: bigint) =>
        attestation(w, {
          firstConversion: number,
          lines: [sale(w.alice, 1, 0n), sale(w.bob, 1, 0n)],
          deadline: NOW + 2 * NOTICE,
        });
      await at(NOW + HOUR);
      await w.asBrand.announceDailyLimit(w.campaignId, 3_000_000n);
      await at(NOW + NOTICE);
      await attest(w, small(1n));
      await at(NOW + NOTICE + HOUR - 1);
      await expect(attest(w, small(4n)))
        .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
        .withArgs(w.campaignId, 2_100_000n, 400_000n);
      await at(NOW + NOTICE + HOUR);
      await expect(attest(w, small(4n)))
        .to.be.revertedWithCustomError(w.programs, "DailyLimitExceeded")
        .withArgs(w.campaignId, 2_100_000n, 900_000n);
    });
  });

  describe("transferCampaign", () => {
    it("it should be accepted after the notice, not a second before, and leave an announced withdrawal", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, 1_000n);
      const before = await stateOf(w);
      await at(NOW + HOUR);
      await expect(w.asBrand.transferCampaign(w.campaignId, w.stranger.address))
        .to.emit(w.programs, "BrandTransferAnnounced")
        .withArgs(w.campaignId, w.brand.address, w.stranger.address, NOW + HOUR + NOTICE);
      await at(NOW + HOUR + NOTICE - 1);
      await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId))
        .to.be.revertedWithCustomError(w.programs, "TransferNotMature")
        .withArgs(NOW + HOUR + NOTICE - 1, NOW + HOUR + NOTICE);
      await at(NOW + HOUR + NOTICE);
      await w.programs.connect(w.stranger).acceptCampaign(w.campaignId);
      expect(await stateOf(w)).to.deep.equal({ ...before, brand: w.stranger.address });
    });

    it("given it was taken back, it should revert with NotPendingBrand", async () => {
      await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
      await w.asBrand.transferCampaign(w.campaignId, ZeroAddress);
      await at(NOW + 2 * NOTICE);
      await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId))
        .to.be.revertedWithCustomError(w.programs, "NotPendingBrand")
        .withArgs(w.stranger.address, ZeroAddress);
    });

    it("given a stolen key, the thief should get a day's limit a day, and the campaign only after the notice", async () => {
      w = await loadFixture(limited);
      await at(NOW);
      await w.asBrand.setKinds(w.campaignId, [w.stranger.address], 2n ** 63n);
      await w.asBrand.appendOffer(
        w.campaignId,
        offer({ eventName: eventName("mine"), kind: 63, flatAmount: 9_000_000_000n }),
      );
      await w.asBrand.announceDailyLimit(w.campaignId, NO_LIMIT);
      await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
      const batch = attestation(w, {
        lines: [{ ...sale(w.stranger, 1, 0n), offerId: 3 }],
        periodFrom: NOW + HOUR,
        periodTo: NOW + 2 * HOUR,
        total: 9_450_000_000n,
        linesRoot: ZeroHash,
      });
      const whole = { ...batch, given: true };
      await at(NOW + NOTICE - 1);
      await expect(attest(w, { ...whole, deadline: NOW + WEEK })).to.be.revertedWithCustomError(
        w.programs,
        "DailyLimitExceeded",
      );
      await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId)).to.be.revertedWithCustomError(
        w.programs,
        "TransferNotMature",
      );
    });
  });

  describe("appendOffer", () => {
    for (const [name, bytes] of [
      ["nothing", ZeroHash.slice(0, 50)],
      ["a letter after a zero", `0x73616c650001${"00".repeat(18)}`],
      ["a space", eventName("a sale")],
      ["a control character", `0x0a${"00".repeat(23)}`],
      ["DEL", `0x617f${"00".repeat(22)}`],
      ["a byte above ASCII", `0x61e4${"00".repeat(22)}`],
      ["a zero in front", `0x0061${"00".repeat(22)}`],
    ] as const) {
      it(`when its event's name has ${name}, it should revert with InvalidEventName`, async () => {
        await expect(w.asBrand.appendOffer(w.campaignId, offer({ eventName: bytes })))
          .to.be.revertedWithCustomError(w.programs, "InvalidEventName")
          .withArgs(bytes);
      });
    }

    it("when its event's name is one character, or twenty-four, it should append it", async () => {
      for (const name of ["a", "!", "~", "abcdefghijklmnopqrstuvwx"]) {
        const bytes = encodeBytes32String(name).slice(0, 50);
        await expect(w.asBrand.appendOffer(w.campaignId, offer({ eventName: bytes }))).to.emit(
          w.programs,
          "OfferAppended",
        );
      }
    });

    it("when its kind is 64 or more, or does not go with its partner, it should revert with InvalidKind", async () => {
      for (const [kind, partner] of [
        [64, ZeroAddress],
        [254, ZeroAddress],
        [255, ZeroAddress],
        [0, w.alice.address],
      ] as const) {
        await expect(w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("new"), kind, partner })))
          .to.be.revertedWithCustomError(w.programs, "InvalidKind")
          .withArgs(kind, partner);
      }
      await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("new"), kind: 63 }));
    });

    it("given one for a partner, it should follow it for that partner, and stand beside others", async () => {
      const mine = (partner: string) => offer({ kind: 255, partner });
      await w.asBrand.appendOffer(w.campaignId, mine(w.alice.address));
      await w.asBrand.appendOffer(w.campaignId, mine(w.bob.address));
      await expect(w.asBrand.appendOffer(w.campaignId, mine(w.alice.address))).to.be.revertedWithCustomError(
        w.programs,
        "OfferOverlaps",
      );
      const stored = await w.lens.offer(w.campaignId, 4);
      expect([stored.partner, stored.kind, stored.lockedUntil]).to.deep.equal([w.bob.address, 255n, 0n]);
      expect((await w.lens.offer(w.campaignId, 1)).partner).to.equal(ZeroAddress);
    });
  });

  it("kinds taken away twice within the notice should revert with KindsChangePending, and may be given back", async () => {
    await w.asBrand.setKinds(w.campaignId, [w.alice.address], 3);
    await at(NOW + 1);
    await expect(w.asBrand.setKinds(w.campaignId, [w.alice.address], 2))
      .to.emit(w.programs, "KindsSet")
      .withArgs(w.campaignId, w.alice.address, 2, 3, NOW + 1 + NOTICE);
    await expect(w.asBrand.setKinds(w.campaignId, [w.alice.address], 0))
      .to.be.revertedWithCustomError(w.programs, "KindsChangePending")
      .withArgs(w.alice.address, NOW + 1 + NOTICE);
    await w.asBrand.setKinds(w.campaignId, [w.alice.address], 7);
    await at(NOW + 2 * NOTICE);
    await w.asBrand.announceDescription(w.campaignId, ZeroHash, "");
    expect(await w.lens.kindsOf(w.campaignId, w.alice.address, NOW + 2 * NOTICE)).to.equal(7);
    expect(await w.lens.kindsOf(w.campaignId, w.alice.address, START + 1)).to.equal(1);
  });

  it("each announcement should return when it takes effect", async () => {
    const { campaignId, asBrand: brand } = w;
    const then = { blockTag: "pending" };
    const returned = [
      await brand.retireOffer.staticCall(campaignId, 1, then),
      await brand.announceAttesters.staticCall(campaignId, 1, [w.stranger.address], then),
      await brand.announceDailyLimit.staticCall(campaignId, 1n, then),
      await brand.announceDescription.staticCall(campaignId, ZeroHash, "", then),
      await brand.setKinds.staticCall(campaignId, [w.alice.address], 0, then),
      await brand.suspend.staticCall(campaignId, then),
      await brand.closeCampaign.staticCall(campaignId, then),
      await brand.transferCampaign.staticCall(campaignId, w.stranger.address, then),
      await brand.announceWithdrawal.staticCall(campaignId, 1n, then),
    ];
    expect(returned).to.deep.equal(returned.map(() => BigInt(NOW + NOTICE)));
    expect(await brand.setKinds.staticCall(campaignId, [w.alice.address], 3, then)).to.equal(NOW);
    expect(await brand.transferCampaign.staticCall(campaignId, ZeroAddress, then)).to.equal(NOW);
  });

  it("a period of any age should be attested until the campaign is final", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    await at(NOW + 2 * NOTICE - 1);
    await expect(attest(w, attestation(w, { deadline: NOW + 9 * NOTICE }))).to.emit(w.programs, "Attested");
    await at(NOW + 2 * NOTICE);
    await expect(attest(w, attestation(w, { firstConversion: 4n, deadline: NOW + 9 * NOTICE })))
      .to.be.revertedWithCustomError(w.programs, "CampaignClosed")
      .withArgs(w.campaignId, NOW + NOTICE);
  });
});

const limited = () => liveWith(() => ({ dailyLimit: 2_500_000n }));
