import { encodeEventName } from "@partner-programs/protocol/eventName";
import { unpackLine } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { id, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import {
  type Deployed,
  deployed,
  ethers,
  HOLD,
  loadFixture,
  NATIVE,
  NO_LIMIT,
  newCampaign,
  offer,
  plain,
  terms,
  time,
} from "#test/support/programs.ts";
import { ReferredMint__factory } from "#typechain/factories/examples/ReferredMint__factory.ts";
import { ReportingShop__factory } from "#typechain/factories/mocks/ReportingShop__factory.ts";
import type { IPartnerPrograms } from "#typechain/PartnerPrograms.ts";

const PRICE = 10n ** 16n;
const REWARD = 1_000_000n;

describe("ReportsConversions, the base of a brand's own contract", () => {
  /** Offer 1 pays a tenth of the volume, offer 2 a flat amount; a volume unit is one base unit. */
  const opened = () => openedWith({ holdSeconds: 0 });
  /** Its lines are not given to the chain, which so cannot refuse what they are worth before they are settled. */
  const openedUnseen = () => openedWith({ linesOnChain: false });
  const openedAtOnceUnseen = () => openedWith({ holdSeconds: 0, linesOnChain: false });
  async function openedWith(given: Partial<IPartnerPrograms.TermsStruct>) {
    const w: Deployed = await deployed();
    const [, , , partner] = await ethers.getSigners();
    if (!partner) throw new Error("no accounts");
    const shop = await new ReportingShop__factory(w.brand).deploy(w.programs);
    const campaign = newCampaign(w, {
      salt: id("shop"),
      terms: terms(w, { unitExponent: 0, ...given }),
      offers: [
        offer({ flatAmount: 0, rateBps: 1_000, capUnits: 100 }),
        offer({ flatAmount: REWARD, rateBps: 0, capUnits: 0, eventName: encodeEventName("signup") }),
        ...(given.linesOnChain === false ? [offer({ kind: 2 })] : []),
      ],
      attesters: [await shop.getAddress()],
      threshold: 1,
      dailyLimit: NO_LIMIT,
    });
    const campaignId = await w.asBrand.createCampaign.staticCall(campaign);
    await w.asBrand.createCampaign(campaign);
    await w.asBrand.fund(campaignId, 10n * REWARD);
    await time.increase(2);
    await shop.setCampaign(campaignId);
    return { ...w, shop, campaignId, partner };
  }
  async function linesOf({ programs, campaignId }: Awaited<ReturnType<typeof opened>>) {
    const events = await programs.queryFilter(programs.filters.Attested(campaignId));
    return events.flatMap(({ args }) => args.lines.map(unpackLine));
  }

  it("when a conversion is taken, it should say so", async () => {
    const w = await loadFixture(opened);
    await w.shop.sell(1, w.partner, 50, id("order"));
    expect(await w.shop.reported()).to.equal(true);
  });

  it("when a conversion is not taken, it should say so", async () => {
    const w = await loadFixture(opened);
    await w.shop.sell(1, w.partner, 50, id("order"));
    await w.shop.sell(3, w.partner, 50, id("another"));
    expect(await w.shop.reported()).to.equal(false);
  });

  it("given the offer has ended, or the kind is not the partner's, it should say so, and reserve nothing", async () => {
    const w = await loadFixture(openedUnseen);
    await w.shop.sell(1, w.partner, 50, id("in time"));
    const { reserved } = await w.lens.campaign(w.campaignId);
    expect([await w.shop.reported(), reserved]).to.deep.equal([true, 5n]);
    await w.shop.sell(3, w.partner, 50, id("of another kind"));
    expect(await w.shop.reported()).to.equal(false);
    const ends = await w.asBrand.retireOffer.staticCall(w.campaignId, 1);
    await w.asBrand.retireOffer(w.campaignId, 1);
    await time.increaseTo(ends + 2n);
    await w.shop.sell(1, w.partner, 50, id("late"));
    expect(await w.shop.reported()).to.equal(false);
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(reserved);
  });

  it("given an offer that begins or ends, it should report what is in the seconds after its first up to its last", async () => {
    const w = await loadFixture(openedUnseen);
    const validFrom = (await time.latest()) + 100;
    const validTo = validFrom + 100;
    await w.asBrand.appendOffer(w.campaignId, offer({ eventName: encodeEventName("later"), validFrom, validTo }));
    const taken = [];
    for (const second of [validFrom - 1, validFrom, validFrom + 1, validTo, validTo + 1]) {
      await time.setNextBlockTimestamp(second);
      await w.shop.sell(4, w.partner, 0, id(`at ${second}`));
      taken.push(await w.shop.reported());
    }
    expect(taken).to.deep.equal([false, false, true, true, false]);
  });

  it("given an offer for one partner, it should report that partner's alone", async () => {
    const w = await loadFixture(openedUnseen);
    const own = offer({ eventName: encodeEventName("own"), kind: 255, partner: w.partner.address });
    await w.asBrand.appendOffer(w.campaignId, own);
    await time.increase(2);
    const taken = [];
    for (const partner of [w.partner, w.alice]) {
      await w.shop.sell(4, partner, 0, id(partner.address));
      taken.push(await w.shop.reported());
    }
    expect(taken).to.deep.equal([true, false]);
  });

  it("given no hold, it should give its line, though the campaign has lines off the chain", async () => {
    const w = await loadFixture(openedAtOnceUnseen);
    await w.shop.sell(2, w.partner, 0, id("order"));
    expect(await w.lens.creditOf(w.partner, w.token)).to.equal(REWARD);
  });

  it("given another offer than the first, it should report one conversion under that", async () => {
    const w = await loadFixture(opened);
    await w.shop.sell(2, w.partner, 0, id("order"));
    expect(await linesOf(w)).to.deep.equal([{ offerId: 2, partner: w.partner.address, count: 1, volumeUnits: 0n }]);
    expect(await w.lens.creditOf(w.partner, w.token)).to.equal(REWARD);
  });

  it("given a volume of one unit, of the offer's cap or above it, it should report what counts", async () => {
    const w = await loadFixture(opened);
    for (const volume of [1, 99, 100, 101]) await w.shop.sell(1, w.partner, volume, id(`order of ${volume}`));
    expect((await linesOf(w)).map(({ volumeUnits }) => volumeUnits)).to.deep.equal([1n, 99n, 100n, 100n]);
  });
});

describe("ReferredMint, a brand's own contract as its attester", () => {
  async function opened(
    given: Partial<IPartnerPrograms.TermsStruct>,
    paid: ReturnType<typeof offer>,
    budget: bigint,
    price = PRICE,
  ) {
    const w: Deployed = await deployed();
    const [, , , referrer, minter] = await ethers.getSigners();
    if (!referrer || !minter) throw new Error("no accounts");
    const mint = await new ReferredMint__factory(w.brand).deploy(w.programs, price);
    const campaign = newCampaign(w, {
      salt: id("mint"),
      terms: terms(w, given),
      offers: [paid],
      attesters: [await mint.getAddress()],
      threshold: 1,
      dailyLimit: NO_LIMIT,
    });
    const campaignId = await w.asBrand.createCampaign.staticCall(campaign);
    await w.asBrand.createCampaign(campaign);
    await w.asBrand.fund(campaignId, budget, given.token === NATIVE ? { value: budget } : {});
    await time.increase(2);
    await mint.setCampaign(campaignId, 1);
    return { ...w, mint: mint.connect(minter), campaignId, referrer, minter };
  }
  /** 1.00 for a mint, at once. */
  const flat = () => opened({ holdSeconds: 0 }, offer({ flatAmount: REWARD, rateBps: 0, capUnits: 0 }), 10n * REWARD);
  const free = () => opened({ holdSeconds: 0 }, offer({ flatAmount: REWARD }), 10n * REWARD, 0n);
  /** 10 % of the price in the coin that it is paid in, after a hold. A volume unit is 10^12 wei; what is above the cap counts not. */
  const rated = (capUnits: bigint) => () =>
    opened({ token: NATIVE, unitExponent: 12 }, offer({ flatAmount: 0, rateBps: 1_000, capUnits }), 10n ** 18n);
  const uncapped = rated(10n ** 9n);
  const capped = rated(4_000n);
  const credit = (w: Awaited<ReturnType<typeof flat>>, token: string) => w.lens.creditOf(w.referrer.address, token);
  async function attested(w: Awaited<ReturnType<typeof flat>>) {
    const [event] = await w.programs.queryFilter(w.programs.filters.Attested(w.campaignId));
    if (event === undefined) throw new Error("nothing is attested");
    const { attestation, lines } = event.args;
    const body = plain(event.args.body) as unknown as IPartnerPrograms.AttestationStruct;
    return { attestation, body, total: event.args.body.total, lines: [...lines] };
  }

  it("when somebody mints with a referrer, it should credit the referrer at once, without a relayer or a signature", async () => {
    const w = await loadFixture(flat);
    await expect(w.mint.mint(w.referrer, { value: PRICE })).to.emit(w.programs, "Attested");
    expect(await w.mint.ownerOf(1)).to.equal(w.minter.address);
    expect(await credit(w, w.tokenAddress)).to.equal(REWARD);
    expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(2);
  });

  it("it should have the name and the symbol of its tokens", async () => {
    const { mint } = await loadFixture(flat);
    expect([await mint.name(), await mint.symbol()]).to.deep.equal(["Referred Mint", "RMINT"]);
  });

  it("when the referrer claims, it should be paid", async () => {
    const w = await loadFixture(flat);
    await w.mint.mint(w.referrer, { value: PRICE });
    await w.programs.connect(w.referrer).claim([w.token], w.referrer);
    expect(await w.token.balanceOf(w.referrer)).to.equal(REWARD);
  });

  it("when there are several mints, it should report each as a conversion of its own", async () => {
    const w = await loadFixture(flat);
    for (let i = 0; i < 3; i++) await w.mint.mint(w.referrer, { value: PRICE });
    expect(await credit(w, w.tokenAddress)).to.equal(3n * REWARD);
    expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(4);
  });

  it("given a rate and a hold, it should pay its share of the price from mint to claim", async () => {
    const w = await loadFixture(uncapped);
    await w.mint.mint(w.referrer, { value: PRICE });
    const { body, lines, total } = await attested(w);
    expect(total).to.equal((PRICE / 10n / 100n) * 105n);
    expect(lines.map(unpackLine)).to.deep.equal([
      { offerId: 1, partner: w.referrer.address, count: 1, volumeUnits: PRICE / 10n ** 12n },
    ]);
    const release = () => w.programs.release(body, 0, "0x", lines);
    await expect(release()).to.be.revertedWithCustomError(w.programs, "HoldNotOver");
    await time.increase(HOLD);
    await release();
    const claim = w.programs.connect(w.referrer).claim([NATIVE], w.minter);
    await expect(claim).to.changeEtherBalance(ethers, w.minter, PRICE / 10n);
  });

  it("given the price is above the offer's cap, it should report what is below it", async () => {
    const w = await loadFixture(capped);
    await w.mint.mint(w.referrer, { value: PRICE });
    const { lines, total } = await attested(w);
    expect(lines.map((line) => unpackLine(line).volumeUnits)).to.deep.equal([4_000n]);
    expect(total).to.equal(4_200n * 10n ** 11n);
  });

  it("given a mint is free, it should report it without a volume", async () => {
    const w = await loadFixture(free);
    await w.mint.mint(w.referrer);
    const { lines, total } = await attested(w);
    expect(lines.map((line) => unpackLine(line).volumeUnits)).to.deep.equal([0n]);
    expect(total).to.equal((REWARD / 100n) * 105n);
  });

  it("when the minter names itself or nobody, it should mint, and try to credit nobody", async () => {
    const w = await loadFixture(flat);
    for (const nobody of [w.minter.address, ZeroAddress])
      await expect(w.mint.mint(nobody, { value: PRICE })).to.not.emit(w.mint, "ConversionNotReported");
    expect(await w.mint.minted()).to.equal(2);
    expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(1);
  });

  it("given the campaign does not pay, it should sell all the same, and say why nobody is paid", async () => {
    const w = await loadFixture(flat);
    await w.asBrand.suspend(w.campaignId);
    const { suspendedUntil } = await w.lens.campaign(w.campaignId);
    await expect(w.mint.mint(w.referrer, { value: PRICE }))
      .to.emit(w.mint, "ConversionNotReported")
      .withArgs(
        toBeHex(1, 32),
        w.referrer.address,
        w.programs.interface.encodeErrorResult("CampaignSuspended", [w.campaignId, suspendedUntil]),
      );
    expect(await w.mint.minted()).to.equal(1);
    expect(await credit(w, w.tokenAddress)).to.equal(0);
  });

  it("given no campaign is named yet, it should sell all the same", async () => {
    const w = await loadFixture(flat);
    const early = await new ReferredMint__factory(w.brand).deploy(w.programs, PRICE);
    await expect(early.mint(w.referrer, { value: PRICE })).to.emit(early, "ConversionNotReported");
    expect(await early.minted()).to.equal(1);
  });

  it("when too little gas is given to report the conversion, it should revert with TooLittleGas", async () => {
    const w = await loadFixture(flat);
    await w.asBrand.fund(w.campaignId, 100n * REWARD);
    const refusals = new Set<string | undefined>();
    // From too little for anything to more than enough: nowhere is there a mint that its referrer is not paid for.
    for (let gasLimit = 60_000; gasLimit < 600_000; gasLimit += 10_000) {
      const failure = await w.mint.mint.staticCall(w.referrer, { value: PRICE, gasLimit }).then(
        () => undefined,
        (error) => error,
      );
      if (failure === undefined) await w.mint.mint(w.referrer, { value: PRICE, gasLimit });
      else if (typeof failure.data === "string") refusals.add(w.mint.interface.parseError(failure.data)?.name);
    }
    expect(refusals).to.include("TooLittleGas");
    const minted = await w.mint.minted();
    expect(minted).to.be.above(0);
    expect(await credit(w, w.tokenAddress)).to.equal(minted * REWARD);
  });

  it("when it attests, it should give a root that the conversion's leaf is in, and the second that it is in", async () => {
    const w = await loadFixture(flat);
    await w.mint.mint(w.referrer, { value: PRICE });
    const { body, lines } = await attested(w);
    const now = await time.latest();
    expect([body.periodFrom, body.periodTo, body.deadline].map(Number)).to.deep.equal([now - 1, now, now]);
    const key = toBeHex(1, 32);
    expect(await w.lens.isConversionIn(body.conversionsRoot, 1, key, ZeroHash, lines, [])).to.equal(true);
  });

  it("when somebody else reports a conversion, it should revert with NotSelf", async () => {
    const w = await loadFixture(flat);
    for (const offerId of [1, 99])
      await expect(w.mint.reportConversion(offerId, w.minter, 0, id("invented")))
        .to.be.revertedWithCustomError(w.mint, "NotSelf")
        .withArgs(w.minter.address);
  });

  it("when another price is sent, it should revert with WrongPrice", async () => {
    const w = await loadFixture(flat);
    await expect(w.mint.mint(w.referrer, { value: PRICE - 1n }))
      .to.be.revertedWithCustomError(w.mint, "WrongPrice")
      .withArgs(PRICE, PRICE - 1n);
  });

  it("when a stranger names the campaign or withdraws, it should revert with NotBrand", async () => {
    const w = await loadFixture(flat);
    for (const call of [() => w.mint.setCampaign(id("another"), 1), () => w.mint.withdraw()]) {
      await expect(call())
        .to.be.revertedWithCustomError(w.mint, "NotBrand")
        .withArgs(w.minter.address, w.brand.address);
    }
  });

  it("when the brand names another campaign, it should revert with CampaignSetAlready", async () => {
    const w = await loadFixture(flat);
    await expect(w.mint.connect(w.brand).setCampaign(id("another"), 1))
      .to.be.revertedWithCustomError(w.mint, "CampaignSetAlready")
      .withArgs(w.campaignId);
    expect(await w.mint.campaignId()).to.equal(w.campaignId);
  });

  it("when the brand withdraws, it should pay what was taken for mints", async () => {
    const w = await loadFixture(flat);
    await w.mint.mint(w.referrer, { value: PRICE });
    await expect(w.mint.connect(w.brand).withdraw()).to.changeEtherBalance(ethers, w.brand, PRICE);
  });
});
