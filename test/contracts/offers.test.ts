import { expect } from "chai";
import { toBeHex, ZeroAddress, ZeroHash } from "ethers";
import {
  at,
  DAY,
  eventName,
  FOREVER,
  live,
  loadFixture,
  NOTICE,
  NOW,
  offer,
  plain,
  stateOf,
  type World,
} from "#test/support/programs.ts";

describe("appendOffer", () => {
  let w: World;
  /** Nothing is offered for it yet. */
  const renewal = (overrides: Parameters<typeof offer>[0] = {}) =>
    offer({ eventName: eventName("renewal"), ...overrides });
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.appendOffer(ZeroHash, renewal()))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).appendOffer(w.campaignId, renewal()))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("when the kind is above 63, it should revert with InvalidKind", async () => {
    await expect(w.asBrand.appendOffer(w.campaignId, renewal({ kind: 64 })))
      .to.be.revertedWithCustomError(w.programs, "InvalidKind")
      .withArgs(64, ZeroAddress);
  });

  it("when the rate is above 10,000 basis points, it should revert with RateTooHigh", async () => {
    await expect(w.asBrand.appendOffer(w.campaignId, renewal({ rateBps: 10_001 })))
      .to.be.revertedWithCustomError(w.programs, "RateTooHigh")
      .withArgs(10_001, 10_000);
  });

  for (const [what, overrides] of [
    ["neither a flat amount nor a rate", { flatAmount: 0, rateBps: 0 }],
    ["a rate but takes no volume", { flatAmount: 0, capUnits: 0 }],
  ] as const) {
    it(`when it has ${what}, it should revert with OfferPaysNothing`, async () => {
      await expect(w.asBrand.appendOffer(w.campaignId, renewal({ kind: 3, ...overrides })))
        .to.be.revertedWithCustomError(w.programs, "OfferPaysNothing")
        .withArgs(eventName("renewal"), 3);
    });
  }

  it("when it starts in the past, it should revert with OfferStartsInPast", async () => {
    await expect(w.asBrand.appendOffer(w.campaignId, renewal({ validFrom: NOW - 1 })))
      .to.be.revertedWithCustomError(w.programs, "OfferStartsInPast")
      .withArgs(NOW - 1, NOW);
  });

  it("when it ends where it starts, it should revert with OfferEndsTooEarly", async () => {
    await expect(w.asBrand.appendOffer(w.campaignId, renewal({ validFrom: NOW + 5, validTo: NOW + 5 })))
      .to.be.revertedWithCustomError(w.programs, "OfferEndsTooEarly")
      .withArgs(NOW + 5, NOW + 6);
  });

  it("when it begins at the end of time, it should revert with OfferEndsTooEarly", async () => {
    await expect(w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("renewal"), validFrom: FOREVER })))
      .to.be.revertedWithCustomError(w.programs, "OfferEndsTooEarly")
      .withArgs(FOREVER, FOREVER + 1n);
  });

  it("when it is guaranteed for more than a hundred years, it should revert with GuaranteeTooLong", async () => {
    const latest = NOW + 36_500 * DAY;
    const guaranteed = offer({ eventName: eventName("renewal"), lockedUntil: latest + 1 });
    await expect(w.asBrand.appendOffer(w.campaignId, guaranteed))
      .to.be.revertedWithCustomError(w.programs, "GuaranteeTooLong")
      .withArgs(latest + 1, latest);
  });

  it("given it is guaranteed for a hundred years, closing and suspension should come after it, and give nothing free before", async () => {
    const latest = BigInt(NOW + 36_500 * DAY);
    await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("renewal"), lockedUntil: latest }));
    await w.asBrand.closeCampaign(w.campaignId);
    expect(await stateOf(w)).to.include({ closesAt: latest, finalAt: latest + BigInt(NOTICE) });
    await w.asBrand.suspend(w.campaignId);
    expect(await stateOf(w)).to.include({ closesAt: latest + BigInt(NOTICE), finalAt: latest + 2n * BigInt(NOTICE) });
    await expect(w.asBrand.withdraw(w.campaignId, w.brand.address))
      .to.be.revertedWithCustomError(w.programs, "NoWithdrawal")
      .withArgs(w.campaignId);
  });

  it("given the campaign is closing, when it is guaranteed for longer, it should revert with CampaignClosed", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    const { closesAt } = await w.lens.campaign(w.campaignId);
    const late = offer({ eventName: eventName("renewal"), lockedUntil: closesAt + 1n });
    await expect(w.asBrand.appendOffer(w.campaignId, late))
      .to.be.revertedWithCustomError(w.programs, "CampaignClosed")
      .withArgs(w.campaignId, closesAt);
    await expect(w.asBrand.appendOffer(w.campaignId, { ...late, lockedUntil: closesAt })).to.emit(
      w.programs,
      "OfferAppended",
    );
  });

  it("when it ends before its guarantee, it should revert with OfferEndsTooEarly", async () => {
    await expect(w.asBrand.appendOffer(w.campaignId, renewal({ validTo: NOW + DAY - 1, lockedUntil: NOW + DAY })))
      .to.be.revertedWithCustomError(w.programs, "OfferEndsTooEarly")
      .withArgs(NOW + DAY - 1, NOW + DAY);
  });

  for (const [what, overrides, error] of [
    ["kind and event are", { kind: 64, eventName: eventName("") }, "InvalidKind"],
    ["event and rate are", { eventName: eventName(""), rateBps: 10_001 }, "InvalidEventName"],
    ["rate and cap are", { rateBps: 10_001, flatAmount: 0, capUnits: 0 }, "RateTooHigh"],
    ["cap and start are", { flatAmount: 0, capUnits: 0, validFrom: NOW - 1 }, "OfferPaysNothing"],
    ["start and end are", { validFrom: NOW - 1, validTo: NOW - 1 }, "OfferStartsInPast"],
    ["end and guarantee are", { validTo: NOW + DAY, lockedUntil: NOW + 36_500 * DAY + 1 }, "OfferEndsTooEarly"],
  ] as const) {
    it(`when ${what} wrong, it should revert with ${error}`, async () => {
      await expect(w.asBrand.appendOffer(w.campaignId, renewal(overrides))).to.be.revertedWithCustomError(
        w.programs,
        error,
      );
    });
  }

  it("given the campaign is closing, when the guarantee is too long as well, it should revert with GuaranteeTooLong", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    const late = renewal({ lockedUntil: NOW + 36_501 * DAY });
    await expect(w.asBrand.appendOffer(w.campaignId, late)).to.be.revertedWithCustomError(
      w.programs,
      "GuaranteeTooLong",
    );
  });

  it("given the campaign is closing, when it overlaps another as well, it should revert with CampaignClosed", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    const late = offer({ lockedUntil: NOW + NOTICE + DAY });
    await expect(w.asBrand.appendOffer(w.campaignId, late)).to.be.revertedWithCustomError(w.programs, "CampaignClosed");
  });

  describe("given an offer for the same event and kind", () => {
    const END = NOW + DAY;
    beforeEach(async () => {
      await w.asBrand.appendOffer(w.campaignId, renewal({ validTo: END }));
    });

    it("when it starts before that one ends, it should revert with OfferOverlaps", async () => {
      await expect(w.asBrand.appendOffer(w.campaignId, renewal({ validFrom: END - 1 })))
        .to.be.revertedWithCustomError(w.programs, "OfferOverlaps")
        .withArgs(3, END, END - 1);
    });

    it("when it starts where that one ends, it should append it", async () => {
      await w.asBrand.appendOffer(w.campaignId, renewal({ validFrom: END }));
      const { validFrom, validTo } = await w.lens.offer(w.campaignId, 4);
      expect([validFrom, validTo]).to.deep.equal([BigInt(END), FOREVER]);
    });

    it("when it is for another kind at the same time, it should append it", async () => {
      await w.asBrand.appendOffer(w.campaignId, renewal({ kind: 1 }));
      expect((await w.lens.offer(w.campaignId, 4)).kind).to.equal(1);
    });

    it("when it is for another event at the same time, it should append it", async () => {
      await w.asBrand.appendOffer(w.campaignId, renewal({ eventName: eventName("upgrade") }));
      expect((await w.lens.offer(w.campaignId, 4)).eventName).to.equal(eventName("upgrade"));
    });

    it("given a successor, when it starts before the successor ends, it should revert with OfferOverlaps", async () => {
      await w.asBrand.appendOffer(w.campaignId, renewal({ validFrom: END, validTo: END + DAY }));
      await expect(w.asBrand.appendOffer(w.campaignId, renewal({ validFrom: END })))
        .to.be.revertedWithCustomError(w.programs, "OfferOverlaps")
        .withArgs(4, END + DAY, END);
    });
  });

  describe("when all is valid", () => {
    it("it should return the next id, store the offer as given and count it", async () => {
      const before = await stateOf(w);
      const given = renewal({ kind: 63, rateBps: 10_000, validFrom: NOW, validTo: NOW + 1, lockedUntil: NOW + 1 });
      expect(await w.asBrand.appendOffer.staticCall(w.campaignId, given)).to.equal(3);
      await at(NOW);
      await w.asBrand.appendOffer(w.campaignId, given);
      expect(await w.lens.offer(w.campaignId, 3)).to.deep.equal([
        1_000_000n,
        10_000n,
        1_000_000n,
        BigInt(NOW),
        BigInt(NOW + 1),
        63n,
        eventName("renewal"),
        BigInt(NOW + 1),
        ZeroAddress,
      ]);
      expect(await stateOf(w)).to.deep.equal({ ...before, offerCount: 3n, lockedUntil: BigInt(NOW + 1) });
    });

    it("given no start and no end, it should begin now and never end, and emit OfferAppended", async () => {
      const given = renewal();
      await expect(w.asBrand.appendOffer(w.campaignId, given))
        .to.emit(w.programs, "OfferAppended")
        .withArgs(w.campaignId, 3, Object.values({ ...given, validFrom: NOW, validTo: FOREVER }));
    });

    it("given a rate and no flat amount, it should append it", async () => {
      await w.asBrand.appendOffer(w.campaignId, renewal({ flatAmount: 0, rateBps: 1, capUnits: 1 }));
      expect((await w.lens.offer(w.campaignId, 3)).capUnits).to.equal(1);
    });

    it("given an offer with a later guarantee, it should keep the campaign's guarantee", async () => {
      await w.asBrand.appendOffer(w.campaignId, renewal({ lockedUntil: NOW + 2 * DAY }));
      await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("upgrade"), lockedUntil: NOW + DAY }));
      expect((await w.lens.campaign(w.campaignId)).lockedUntil).to.equal(NOW + 2 * DAY);
    });
  });
});

describe("an offer for one partner", () => {
  it("it should keep any address but zero", async () => {
    const w = await loadFixture(live);
    for (const [i, partner] of [toBeHex(1, 20), w.alice.address].entries()) {
      await w.asBrand.appendOffer(w.campaignId, offer({ kind: 255, partner, eventName: eventName("own") }));
      expect((await w.lens.offer(w.campaignId, 3 + i)).partner).to.equal(partner);
    }
  });
});

describe("retireOffer", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.retireOffer(ZeroHash, 1))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).retireOffer(w.campaignId, 1))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  for (const offerId of [0, 3]) {
    it(`given there is no offer ${offerId}, it should revert with UnknownOffer`, async () => {
      await expect(w.asBrand.retireOffer(w.campaignId, offerId))
        .to.be.revertedWithCustomError(w.programs, "UnknownOffer")
        .withArgs(w.campaignId, offerId);
      await expect(w.lens.offer(w.campaignId, offerId))
        .to.be.revertedWithCustomError(w.programs, "UnknownOffer")
        .withArgs(w.campaignId, offerId);
    });
  }

  it("given it is retired already, it should revert with OfferEndsAlready", async () => {
    await w.asBrand.retireOffer(w.campaignId, 1);
    await at(NOW + 1);
    await expect(w.asBrand.retireOffer(w.campaignId, 1))
      .to.be.revertedWithCustomError(w.programs, "OfferEndsAlready")
      .withArgs(1, NOW + NOTICE, NOW + 1 + NOTICE);
  });

  it("given it ends with the notice anyway, it should revert with OfferEndsAlready", async () => {
    await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("renewal"), validTo: NOW + 1 + NOTICE }));
    await at(NOW + 1);
    await expect(w.asBrand.retireOffer(w.campaignId, 3))
      .to.be.revertedWithCustomError(w.programs, "OfferEndsAlready")
      .withArgs(3, NOW + 1 + NOTICE, NOW + 1 + NOTICE);
  });

  it("given no guarantee, it should end the offer after the notice and change nothing else", async () => {
    const before = await stateOf(w);
    const offerBefore = plain(await w.lens.offer(w.campaignId, 1));
    await expect(w.asBrand.retireOffer(w.campaignId, 1))
      .to.emit(w.programs, "OfferRetirementAnnounced")
      .withArgs(w.campaignId, 1, NOW + NOTICE);
    expect(plain(await w.lens.offer(w.campaignId, 1))).to.deep.equal({
      ...offerBefore,
      validTo: BigInt(NOW + NOTICE),
    });
    expect(await stateOf(w)).to.deep.equal(before);
  });

  it("given another offer's guarantee, it should not wait for it", async () => {
    await w.asBrand.appendOffer(
      w.campaignId,
      offer({ eventName: eventName("renewal"), lockedUntil: NOW + 9 * NOTICE }),
    );
    await at(NOW + 1);
    await expect(w.asBrand.retireOffer(w.campaignId, 1))
      .to.emit(w.programs, "OfferRetirementAnnounced")
      .withArgs(w.campaignId, 1, NOW + 1 + NOTICE);
  });

  it("given it has not begun, it should end where it would have begun, so that no other is valid beside its forerunner", async () => {
    const begins = NOW + 30 * DAY;
    const first = offer({ eventName: eventName("renewal"), validTo: begins });
    await w.asBrand.appendOffer(w.campaignId, first);
    await w.asBrand.appendOffer(w.campaignId, { ...first, validFrom: begins, validTo: 0 });
    await w.asBrand.retireOffer(w.campaignId, 4);
    expect((await w.lens.offer(w.campaignId, 4)).validTo).to.equal(begins);
    await expect(w.asBrand.appendOffer(w.campaignId, { ...first, validFrom: begins - 1, validTo: 0 }))
      .to.be.revertedWithCustomError(w.programs, "OfferOverlaps")
      .withArgs(4, begins, begins - 1);
  });

  it("given it was retired before it began, it should revert with OfferEndsAlready", async () => {
    const begins = NOW + 30 * DAY;
    await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("renewal"), validFrom: begins }));
    await w.asBrand.retireOffer(w.campaignId, 3);
    await expect(w.asBrand.retireOffer(w.campaignId, 3))
      .to.be.revertedWithCustomError(w.programs, "OfferEndsAlready")
      .withArgs(3, begins, begins);
  });

  it("given its end is retired, it should let a successor begin there", async () => {
    await w.asBrand.retireOffer(w.campaignId, 1);
    await w.asBrand.appendOffer(w.campaignId, offer({ flatAmount: 2_000_000n, validFrom: NOW + NOTICE }));
    expect((await w.lens.offer(w.campaignId, 3)).validFrom).to.equal(NOW + NOTICE);
  });

  for (const [which, lockedUntil, effectiveAt] of [
    ["later than the notice, it should end the offer at the guarantee", NOW + 2 * NOTICE, NOW + 2 * NOTICE],
    ["earlier than the notice, it should end the offer after the notice", NOW + DAY, NOW + 1 + NOTICE],
  ] as const) {
    it(`given a guarantee ${which}`, async () => {
      await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("renewal"), lockedUntil }));
      await at(NOW + 1);
      await expect(w.asBrand.retireOffer(w.campaignId, 3))
        .to.emit(w.programs, "OfferRetirementAnnounced")
        .withArgs(w.campaignId, 3, effectiveAt);
      expect((await w.lens.offer(w.campaignId, 3)).validTo).to.equal(effectiveAt);
    });
  }
});
