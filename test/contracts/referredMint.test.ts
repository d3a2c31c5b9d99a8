import { expect } from "chai";
import { id, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import { ReferredMint__factory } from "../../typechain-types/factories/examples/ReferredMint__factory.ts";
import {
  type Deployed,
  deployed,
  ethers,
  eventName,
  eventsOf,
  loadFixture,
  NO_LIMIT,
  newCampaign,
  offer,
  terms,
  time,
} from "../support/programs.ts";

const PRICE = 10n ** 16n;
const REWARD = 1_000_000n;

describe("ReferredMint, a brand's own contract as its attester", () => {
  async function minting() {
    const w: Deployed = await deployed();
    const [, , , referrer, minter] = await ethers.getSigners();
    if (!referrer || !minter) throw new Error("no accounts");
    const mint = await new ReferredMint__factory(w.brand).deploy(w.programs, PRICE);
    const given = newCampaign(w, {
      salt: id("mint"),
      terms: terms(w, { holdSeconds: 0 }),
      offers: [offer(), offer({ eventName: eventName("mint"), flatAmount: REWARD, rateBps: 0, capUnits: 0 })],
      attesters: [await mint.getAddress()],
      threshold: 1,
      dailyLimit: NO_LIMIT,
    });
    const campaignId = await w.programs.connect(w.brand).createCampaign.staticCall(given);
    await w.programs.connect(w.brand).createCampaign(given);
    await w.programs.connect(w.brand).fund(campaignId, 10n * REWARD);
    await time.increase(2);
    await mint.setCampaign(campaignId, 2);
    return { ...w, mint: mint.connect(minter), campaignId, referrer, minter };
  }
  const credit = (w: Awaited<ReturnType<typeof minting>>) => w.programs.creditOf(w.referrer.address, w.tokenAddress);

  it("when somebody mints with a referrer, it should credit the referrer at once, without a relayer or a signature", async () => {
    const w = await loadFixture(minting);
    await expect(w.mint.mint(w.referrer, { value: PRICE })).to.emit(w.programs, "Attested");
    expect(await w.mint.ownerOf(1)).to.equal(w.minter.address);
    expect(await credit(w)).to.equal(REWARD);
    expect((await w.programs.campaign(w.campaignId)).nextConversion).to.equal(2);
  });

  it("when somebody mints with a referrer, it should mint before it attests", async () => {
    const w = await loadFixture(minting);
    expect(await eventsOf(w, w.mint.mint(w.referrer, { value: PRICE }))).to.deep.equal(["Transfer", "Attested"]);
  });

  it("when the referrer is the lowest of addresses, it should credit it all the same", async () => {
    const w = await loadFixture(minting);
    const lowest = toBeHex(1, 20);
    await w.mint.mint(lowest, { value: PRICE });
    expect(await w.programs.creditOf(lowest, w.tokenAddress)).to.equal(REWARD);
  });

  it("it should have its name and its symbol", async () => {
    const { mint } = await loadFixture(minting);
    expect([await mint.name(), await mint.symbol()]).to.deep.equal(["Referred Mint", "RMINT"]);
  });

  it("when the minter names itself or nobody, it should mint and credit nobody", async () => {
    const w = await loadFixture(minting);
    await w.mint.mint(w.minter, { value: PRICE });
    await w.mint.mint(ZeroAddress, { value: PRICE });
    expect(await w.mint.minted()).to.equal(2);
    expect((await w.programs.campaign(w.campaignId)).nextConversion).to.equal(1);
  });

  it("given the campaign does not pay, it should sell all the same", async () => {
    const w = await loadFixture(minting);
    await w.programs.connect(w.brand).suspend(w.campaignId);
    await w.mint.mint(w.referrer, { value: PRICE });
    expect(await w.mint.minted()).to.equal(1);
    expect(await credit(w)).to.equal(0);
  });

  it("given no campaign is named yet, it should sell all the same", async () => {
    const w = await loadFixture(minting);
    const fresh = await new ReferredMint__factory(w.brand).deploy(w.programs, PRICE);
    await fresh.mint(w.referrer, { value: PRICE });
    expect(await fresh.minted()).to.equal(1);
  });

  it("when it attests, it should give a root that the conversion's leaf is in", async () => {
    const w = await loadFixture(minting);
    await w.mint.mint(w.referrer, { value: PRICE });
    const [event] = await w.programs.queryFilter(w.programs.filters.Attested(w.campaignId));
    const body = event?.args.body;
    if (body === undefined) throw new Error("no event");
    const key = toBeHex(1, 32);
    expect(await w.lens.isConversionIn(body.conversionsRoot, 1, key, ZeroHash, [...body.lines], [])).to.equal(true);
  });

  it("when it attests, the period should be the second before", async () => {
    const w = await loadFixture(minting);
    await w.mint.mint(w.referrer, { value: PRICE });
    const [event] = await w.programs.queryFilter(w.programs.filters.Attested(w.campaignId));
    const now = BigInt(await time.latest());
    expect([event?.args.body.periodFrom, event?.args.body.periodTo]).to.deep.equal([now - 1n, now]);
  });

  it("when another price is sent, it should revert with WrongPrice", async () => {
    const w = await loadFixture(minting);
    await expect(w.mint.mint(w.referrer, { value: PRICE - 1n }))
      .to.be.revertedWithCustomError(w.mint, "WrongPrice")
      .withArgs(PRICE, PRICE - 1n);
  });

  it("when a stranger names the campaign or withdraws, it should revert with NotBrand", async () => {
    const w = await loadFixture(minting);
    for (const call of [() => w.mint.setCampaign(id("another"), 1), () => w.mint.withdraw()]) {
      await expect(call())
        .to.be.revertedWithCustomError(w.mint, "NotBrand")
        .withArgs(w.minter.address, w.brand.address);
    }
    await expect(w.mint.connect(w.brand).setCampaign(id("another"), 1))
      .to.be.revertedWithCustomError(w.mint, "CampaignSetAlready")
      .withArgs(w.campaignId);
  });

  it("when the brand withdraws, it should pay what was taken for mints", async () => {
    const w = await loadFixture(minting);
    await w.mint.mint(w.referrer, { value: PRICE });
    await expect(w.mint.connect(w.brand).withdraw()).to.changeEtherBalance(ethers, w.brand, PRICE);
  });
});
