import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { at, live, loadFixture, NOTICE, NOW, stateOf, type World } from "#test/support/programs.ts";

describe("transferCampaign", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.transferCampaign(ZeroHash, w.stranger.address))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).transferCampaign(w.campaignId, w.stranger.address))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("when the brand offers it, it should only name the pending brand, and from when on it may accept", async () => {
    const before = await stateOf(w);
    await expect(w.asBrand.transferCampaign(w.campaignId, w.stranger.address))
      .to.emit(w.programs, "BrandTransferAnnounced")
      .withArgs(w.campaignId, w.brand.address, w.stranger.address, NOW + NOTICE);
    expect(await stateOf(w)).to.deep.equal({
      ...before,
      pendingBrand: w.stranger.address,
      transferableAt: BigInt(NOW + NOTICE),
    });
  });

  it("when the pending brand acts before it accepts, it should revert with NotBrand", async () => {
    await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
    await expect(w.programs.connect(w.stranger).transferCampaign(w.campaignId, w.stranger.address))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("when the brand offers it to zero, it should take the offer back", async () => {
    await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
    await expect(w.asBrand.transferCampaign(w.campaignId, ZeroAddress))
      .to.emit(w.programs, "BrandTransferAnnounced")
      .withArgs(w.campaignId, w.brand.address, ZeroAddress, NOW + 1);
    const { pendingBrand, transferableAt } = await w.lens.campaign(w.campaignId);
    expect([pendingBrand, transferableAt]).to.deep.equal([ZeroAddress, 0n]);
  });
});

describe("acceptCampaign", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.programs.acceptCampaign(ZeroHash))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("given it is offered to nobody, it should revert with NotPendingBrand", async () => {
    await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotPendingBrand")
      .withArgs(w.stranger.address, ZeroAddress);
  });

  it("when the caller is not the pending brand, it should revert with NotPendingBrand", async () => {
    await w.asBrand.transferCampaign(w.campaignId, w.alice.address);
    await expect(w.asBrand.acceptCampaign(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotPendingBrand")
      .withArgs(w.brand.address, w.alice.address);
  });

  it("given the offer went to another, it should revert with NotPendingBrand for the one before", async () => {
    await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
    await w.asBrand.transferCampaign(w.campaignId, w.alice.address);
    await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotPendingBrand")
      .withArgs(w.stranger.address, w.alice.address);
  });

  it("in the last second of the notice, it should revert with TransferNotMature", async () => {
    await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
    const before = await stateOf(w);
    await at(NOW + NOTICE - 1);
    await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "TransferNotMature")
      .withArgs(NOW + NOTICE - 1, NOW + NOTICE);
    expect(await stateOf(w)).to.deep.equal(before);
  });

  it("when the pending brand accepts, it should be the brand and the former brand nothing", async () => {
    await w.asBrand.transferCampaign(w.campaignId, w.stranger.address);
    const before = await stateOf(w);
    await at(NOW + NOTICE);
    await expect(w.programs.connect(w.stranger).acceptCampaign(w.campaignId))
      .to.emit(w.programs, "BrandTransferred")
      .withArgs(w.campaignId, w.brand.address, w.stranger.address);
    expect(await stateOf(w)).to.deep.equal({
      ...before,
      brand: w.stranger.address,
      pendingBrand: ZeroAddress,
      transferableAt: 0n,
    });
    await expect(w.asBrand.suspend(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.brand.address, w.stranger.address);
    await expect(w.programs.connect(w.stranger).suspend(w.campaignId)).to.emit(w.programs, "Suspended");
  });
});
