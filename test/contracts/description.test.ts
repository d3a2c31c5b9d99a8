import { expect } from "chai";
import { id, ZeroHash } from "ethers";
import { at, live, loadFixture, NOTICE, NOW, stateOf, type World } from "#test/support/programs.ts";

describe("announceDescription", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.announceDescription(ZeroHash, id("text"), "ipfs://text"))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).announceDescription(w.campaignId, id("text"), "ipfs://text"))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("when the brand announces one, it should emit it for after the notice and store nothing", async () => {
    const before = await stateOf(w);
    await expect(w.asBrand.announceDescription(w.campaignId, id("text"), "ipfs://text"))
      .to.emit(w.programs, "DescriptionAnnounced")
      .withArgs(w.campaignId, id("text"), "ipfs://text", NOW + NOTICE);
    expect(await stateOf(w)).to.deep.equal(before);
  });
});
