import { packLine } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { AbiCoder, keccak256, ZeroAddress } from "ethers";
import {
  at,
  attesters,
  createCampaign,
  DAY,
  type Deployed,
  deployed,
  ethers,
  eventsOf,
  FOREVER,
  loadFixture,
  NATIVE,
  NO_LIMIT,
  NOTICE,
  networkHelpers,
  newCampaign,
  offer,
  plain,
  START,
  sale,
  terms,
} from "#test/support/programs.ts";

describe("createCampaign", () => {
  let w: Deployed;
  beforeEach(async () => {
    w = await loadFixture(deployed);
    await at(START);
  });

  const expectRevert = (overrides: Parameters<typeof newCampaign>[1]) =>
    expect(w.asBrand.createCampaign(newCampaign(w, overrides))).to.be;

  it("given the brand has a campaign of the same salt and terms, it should revert with CampaignExists", async () => {
    const campaignId = await createCampaign(w);
    await expect(w.asBrand.createCampaign(newCampaign(w)))
      .to.be.revertedWithCustomError(w.programs, "CampaignExists")
      .withArgs(campaignId);
  });

  it("given the brand has such a campaign and its token has lost its code, it should revert with CampaignExists", async () => {
    const campaignId = await createCampaign(w);
    await networkHelpers.setCode(w.tokenAddress, "0x");
    await expect(w.asBrand.createCampaign(newCampaign(w)))
      .to.be.revertedWithCustomError(w.programs, "CampaignExists")
      .withArgs(campaignId);
  });

  describe("when the terms are out of bounds", () => {
    it("when the token has no code, it should revert with InvalidToken", async () => {
      await expectRevert({ terms: terms(w, { token: w.stranger.address }) })
        .revertedWithCustomError(w.programs, "InvalidToken")
        .withArgs(w.stranger.address);
    });

    it("when the token is zero, it should revert with InvalidToken", async () => {
      await expectRevert({ terms: terms(w, { token: ZeroAddress }) })
        .revertedWithCustomError(w.programs, "InvalidToken")
        .withArgs(ZeroAddress);
    });

    for (const [when, holdSeconds, noticeSeconds, shortest] of [
      ["shorter than a day", 0, DAY - 1, DAY],
      ["shorter than the hold", 2 * DAY, 2 * DAY - 1, 2 * DAY],
      ["longer than 365 days", 0, 365 * DAY + 1, DAY],
    ] as const) {
      it(`when the notice is ${when}, it should revert with InvalidNotice`, async () => {
        await expectRevert({ terms: terms(w, { holdSeconds, noticeSeconds }) })
          .revertedWithCustomError(w.programs, "InvalidNotice")
          .withArgs(noticeSeconds, shortest, 365 * DAY);
      });
    }

    it("when the fee is above 2,000 basis points, it should revert with FeeTooHigh", async () => {
      await expectRevert({ terms: terms(w, { feeBps: 2_001 }) })
        .revertedWithCustomError(w.programs, "FeeTooHigh")
        .withArgs(2_001, 2_000);
    });

    it("when there is a fee without an operator, it should revert with FeeWithoutOperator", async () => {
      await expectRevert({ terms: terms(w, { operator: ZeroAddress }) })
        .revertedWithCustomError(w.programs, "FeeWithoutOperator")
        .withArgs(500, ZeroAddress);
    });

    it("when there is an operator without a fee, it should revert with FeeWithoutOperator", async () => {
      await expectRevert({ terms: terms(w, { feeBps: 0 }) })
        .revertedWithCustomError(w.programs, "FeeWithoutOperator")
        .withArgs(0, w.operator.address);
    });

    it("when the unit is above 10^21, it should revert with UnitTooLarge", async () => {
      await expectRevert({ terms: terms(w, { unitExponent: 22 }) })
        .revertedWithCustomError(w.programs, "UnitTooLarge")
        .withArgs(22, 21);
    });

    for (const [which, overrides, error] of [
      ["notice and fee", { noticeSeconds: DAY - 1, feeBps: 2_001 }, "InvalidNotice"],
      ["fee and operator", { feeBps: 2_001, operator: ZeroAddress }, "FeeTooHigh"],
      ["operator and unit", { feeBps: 0, unitExponent: 22 }, "FeeWithoutOperator"],
    ] as const) {
      it(`when ${which} are, it should revert with ${error}`, async () => {
        await expectRevert({ terms: terms(w, overrides) }).revertedWithCustomError(w.programs, error);
      });
    }
  });

  describe("when the terms are at their bounds", () => {
    for (const [which, overrides] of [
      ["shortest notice", { holdSeconds: 0, noticeSeconds: DAY }],
      ["hold as long as the notice", { holdSeconds: NOTICE }],
      ["longest notice, highest fee and largest unit", { noticeSeconds: 365 * DAY, feeBps: 2_000, unitExponent: 21 }],
      ["no fee and no operator", { feeBps: 0, operator: ZeroAddress }],
      ["all kinds open and lines kept off the chain", { openKinds: 2n ** 64n - 1n, linesOnChain: false }],
      ["native coin", { token: NATIVE }],
    ] as const) {
      it(`with ${which}, it should store them`, async () => {
        const given = terms(w, overrides);
        const campaignId = await createCampaign(w, { terms: given });
        expect(await w.lens.termsOf(campaignId)).to.deep.equal(
          Object.values(given).map((value) => (typeof value === "number" ? BigInt(value) : value)),
        );
      });
    }
  });

  it("when an attester set is invalid, it should revert with InvalidThreshold", async () => {
    await expectRevert({ attesters: [] }).revertedWithCustomError(w.programs, "InvalidThreshold").withArgs(2, 0);
  });

  it("when an offer is invalid, it should revert with that offer's error", async () => {
    await expectRevert({ offers: [offer(), offer({ kind: 64 })] })
      .revertedWithCustomError(w.programs, "InvalidKind")
      .withArgs(64, ZeroAddress);
  });

  it("when two offers are for the same event and kind at once, it should revert with OfferOverlaps", async () => {
    await expectRevert({ offers: [offer(), offer()] })
      .revertedWithCustomError(w.programs, "OfferOverlaps")
      .withArgs(1, FOREVER, START);
  });

  describe("when all is valid", () => {
    it("it should bind chain, contract, brand, salt and terms into the id", async () => {
      const given = newCampaign(w);
      const id = await createCampaign(w);
      const expected = keccak256(
        AbiCoder.defaultAbiCoder().encode(
          ["uint256", "address", "address", "bytes32", "tuple(address,uint32,uint32,uint16,uint8,bool,address,uint64)"],
          [
            (await ethers.provider.getNetwork()).chainId,
            w.programsAddress,
            w.brand.address,
            given.salt,
            Object.values(given.terms),
          ],
        ),
      );
      expect(id).to.equal(expected);
    });

    it("it should let two brands have a campaign of the same salt and terms", async () => {
      const ofBrand = await createCampaign(w);
      const ofStranger = await w.programs.connect(w.stranger).createCampaign.staticCall(newCampaign(w));
      await w.programs.connect(w.stranger).createCampaign(newCampaign(w));
      expect(ofStranger).to.not.equal(ofBrand);
      expect((await w.lens.campaign(ofStranger)).brand).to.equal(w.stranger.address);
      expect((await w.lens.campaign(ofBrand)).brand).to.equal(w.brand.address);
    });

    it("it should store the caller as brand, conversions from 1, no budget and no limit", async () => {
      const campaignId = await createCampaign(w);
      const state = plain(await w.lens.campaign(campaignId));
      expect(state).to.deep.equal({
        available: 0n,
        reserved: 0n,
        nextConversion: 1n,
        suspendedUntil: 0n,
        closesAt: 0n,
        finalAt: 0n,
        attesterSet: 0n,
        offerCount: 2n,
        attestersAnnounced: false,
        kindsListed: false,
        limited: false,
        withdrawalAnnounced: false,
        brand: w.brand.address,
        lockedUntil: 0n,
        pendingBrand: ZeroAddress,
        transferableAt: 0n,
        withdrawalAmount: 0n,
        withdrawableAt: 0n,
        dailyLimit: 0n,
        nextDailyLimit: 0n,
        spent: 0n,
        spentOnDay: 0n,
        nextDailyLimitAt: 0n,
      });
    });

    it("given a daily limit, it should put it in force at once", async () => {
      const campaignId = await createCampaign(w, { dailyLimit: 5n });
      const state = await w.lens.campaign(campaignId);
      expect([state.limited, state.dailyLimit, state.nextDailyLimitAt]).to.deep.equal([true, 5n, 0n]);
    });

    it("it should put attesters and offers in force at once", async () => {
      const campaignId = await createCampaign(w);
      expect(await w.lens.attesterSet(campaignId, 0)).to.deep.equal([
        attesters.map((attester) => attester.address),
        2n,
        BigInt(START),
      ]);
      const { validFrom, validTo } = await w.lens.offer(campaignId, 2);
      expect([validFrom, validTo]).to.deep.equal([BigInt(START), FOREVER]);
    });

    it("it should emit all that the campaign begins with", async () => {
      const given = newCampaign(w, { dailyLimit: 7n });
      const campaignId = await w.asBrand.createCampaign.staticCall(given);
      const [first, second] = given.offers;
      const members = attesters.map((attester) => attester.address);
      await expect(w.asBrand.createCampaign(given))
        .to.emit(w.programs, "CampaignCreated")
        .withArgs(campaignId, w.brand.address, w.tokenAddress, given.salt, Object.values(given.terms))
        .and.to.emit(w.programs, "DailyLimitAnnounced")
        .withArgs(campaignId, 7n, START)
        .and.to.emit(w.programs, "DescriptionAnnounced")
        .withArgs(campaignId, given.descriptionHash, given.descriptionUri, START)
        .and.to.emit(w.programs, "AttestersAnnounced")
        .withArgs(campaignId, 0, 2, members, START)
        .and.to.emit(w.programs, "OfferAppended")
        .withArgs(campaignId, 1, Object.values({ ...first, validFrom: START, validTo: FOREVER }))
        .and.to.emit(w.programs, "OfferAppended")
        .withArgs(campaignId, 2, Object.values({ ...second, validFrom: START, validTo: FOREVER }));
    });

    it("it should emit them in the order in which they depend on each other", async () => {
      expect(await eventsOf(w, w.asBrand.createCampaign(newCampaign(w)))).to.deep.equal([
        "CampaignCreated",
        "DailyLimitAnnounced",
        "DescriptionAnnounced",
        "AttestersAnnounced",
        "OfferAppended",
        "OfferAppended",
      ]);
    });

    it("given no daily limit, it should announce the largest number", async () => {
      await expect(w.asBrand.createCampaign(newCampaign(w)))
        .to.emit(w.programs, "DailyLimitAnnounced")
        .withArgs(await w.asBrand.createCampaign.staticCall(newCampaign(w)), NO_LIMIT, START);
    });
  });

  it("given there is no such campaign, every view of it should revert with UnknownCampaign", async () => {
    const none = `0x${"11".repeat(32)}`;
    const line = packLine(sale(w.alice, 1, 0n));
    for (const view of [
      w.lens.termsOf(none),
      w.lens.campaign(none),
      w.lens.overview(none),
      w.lens.offer(none, 1),
      w.lens.attesterSet(none, 0),
      w.lens.kindsOf(none, w.alice.address, START),
      w.lens.commissionOf(none, line),
      w.lens.runway(none, 0, START),
    ]) {
      await expect(view).to.be.revertedWithCustomError(w.programs, "UnknownCampaign").withArgs(none);
    }
  });
});
