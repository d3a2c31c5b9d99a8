import { expect } from "chai";
import { ZeroHash } from "ethers";
import {
  at,
  attest,
  attestation,
  DAY,
  live,
  loadFixture,
  NOTICE,
  NOW,
  stateOf,
  type World,
} from "#test/support/programs.ts";

const UNTIL = NOW + NOTICE;

describe("suspend", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });
  const late = () => attestation(w, { deadline: NOW + 10 * NOTICE });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.suspend(ZeroHash))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).suspend(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("when the brand suspends, it should suspend for one notice and change nothing else", async () => {
    const before = await stateOf(w);
    await expect(w.asBrand.suspend(w.campaignId)).to.emit(w.programs, "Suspended").withArgs(w.campaignId, UNTIL);
    expect(await stateOf(w)).to.deep.equal({ ...before, suspendedUntil: BigInt(UNTIL) });
  });

  describe("given a suspension", () => {
    beforeEach(async () => {
      await w.asBrand.suspend(w.campaignId);
    });

    it("until its last second, attest should revert with CampaignSuspended", async () => {
      await at(UNTIL - 1);
      await expect(attest(w, late()))
        .to.be.revertedWithCustomError(w.programs, "CampaignSuspended")
        .withArgs(w.campaignId, UNTIL);
    });

    it("when it is over, attest should work", async () => {
      await at(UNTIL);
      await expect(attest(w, late())).to.emit(w.programs, "Attested");
    });

    it("when less than a notice passed since its end, it should revert with SuspensionTooSoon", async () => {
      await at(UNTIL + NOTICE - 1);
      await expect(w.asBrand.suspend(w.campaignId))
        .to.be.revertedWithCustomError(w.programs, "SuspensionTooSoon")
        .withArgs(UNTIL + NOTICE - 1, UNTIL + NOTICE);
    });

    it("when a notice passed since its end, it should suspend again", async () => {
      await at(UNTIL + NOTICE);
      await expect(w.asBrand.suspend(w.campaignId))
        .to.emit(w.programs, "Suspended")
        .withArgs(w.campaignId, UNTIL + 2 * NOTICE);
    });
  });

  it("given a withdrawal is announced, it should defer it by the notice", async () => {
    await w.asBrand.announceWithdrawal(w.campaignId, 5);
    const before = await stateOf(w);
    await at(UNTIL - 1);
    await w.asBrand.suspend(w.campaignId);
    expect(await stateOf(w)).to.deep.equal({
      ...before,
      suspendedUntil: BigInt(UNTIL - 1 + NOTICE),
      withdrawableAt: BigInt(UNTIL + NOTICE),
    });
  });

  it("given a withdrawal has matured, it should leave it", async () => {
    await w.asBrand.announceWithdrawal(w.campaignId, 5);
    await at(UNTIL);
    await w.asBrand.suspend(w.campaignId);
    expect((await w.lens.campaign(w.campaignId)).withdrawableAt).to.equal(UNTIL);
  });

  it("given the campaign is closing, it should defer its close and its end by the notice", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    const before = await stateOf(w);
    await at(UNTIL - 1);
    await w.asBrand.suspend(w.campaignId);
    expect(await stateOf(w)).to.deep.equal({
      ...before,
      suspendedUntil: BigInt(UNTIL - 1 + NOTICE),
      closesAt: BigInt(UNTIL + NOTICE),
      finalAt: BigInt(UNTIL + 2 * NOTICE),
    });
  });

  it("given the campaign has closed, it should defer its end only", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    await at(UNTIL);
    await w.asBrand.suspend(w.campaignId);
    const { closesAt, finalAt } = await w.lens.campaign(w.campaignId);
    expect([closesAt, finalAt]).to.deep.equal([BigInt(UNTIL), BigInt(UNTIL + 2 * NOTICE)]);
  });
});

describe("resume", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.resume(ZeroHash))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await w.asBrand.suspend(w.campaignId);
    await expect(w.programs.connect(w.stranger).resume(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("given it never was suspended, it should revert with NotSuspended", async () => {
    await expect(w.asBrand.resume(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotSuspended")
      .withArgs(w.campaignId);
  });

  it("given the suspension is over, it should revert with NotSuspended", async () => {
    await w.asBrand.suspend(w.campaignId);
    await at(UNTIL);
    await expect(w.asBrand.resume(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotSuspended")
      .withArgs(w.campaignId);
  });

  describe("given a suspension", () => {
    it("when the brand resumes, it should end it now", async () => {
      await w.asBrand.suspend(w.campaignId);
      const before = await stateOf(w);
      await at(NOW + DAY);
      await expect(w.asBrand.resume(w.campaignId)).to.emit(w.programs, "Resumed").withArgs(w.campaignId);
      expect(await stateOf(w)).to.deep.equal({ ...before, suspendedUntil: BigInt(NOW + DAY) });
      await at(NOW + DAY + 1);
      await expect(attest(w, attestation(w, { deadline: NOW + 2 * DAY }))).to.emit(w.programs, "Attested");
    });

    it("when the brand resumes, it should be able to suspend again only a notice later", async () => {
      await w.asBrand.suspend(w.campaignId);
      await at(NOW + DAY);
      await w.asBrand.resume(w.campaignId);
      await at(NOW + DAY + NOTICE - 1);
      await expect(w.asBrand.suspend(w.campaignId))
        .to.be.revertedWithCustomError(w.programs, "SuspensionTooSoon")
        .withArgs(NOW + DAY + NOTICE - 1, NOW + DAY + NOTICE);
      await at(NOW + DAY + NOTICE);
      await expect(w.asBrand.suspend(w.campaignId)).to.emit(w.programs, "Suspended");
    });

    it("given a withdrawal and a closing that ran, it should defer them by the time suspended only", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, 5);
      await at(NOW + 10);
      await w.asBrand.closeCampaign(w.campaignId);
      const before = await stateOf(w);
      await at(NOW + DAY);
      await w.asBrand.suspend(w.campaignId);
      await at(NOW + 3 * DAY);
      await w.asBrand.resume(w.campaignId);
      expect(await stateOf(w)).to.deep.equal({
        ...before,
        suspendedUntil: BigInt(NOW + 3 * DAY),
        withdrawableAt: BigInt(NOW + NOTICE + 2 * DAY),
        closesAt: BigInt(NOW + 10 + NOTICE + 2 * DAY),
        finalAt: BigInt(NOW + 10 + 2 * NOTICE + 2 * DAY),
      });
    });

    it("given a withdrawal and a closing announced meanwhile, they should count from now", async () => {
      await w.asBrand.suspend(w.campaignId);
      await at(NOW + 1);
      await w.asBrand.announceWithdrawal(w.campaignId, 5);
      await at(NOW + 2);
      await w.asBrand.closeCampaign(w.campaignId);
      await at(NOW + DAY);
      await w.asBrand.resume(w.campaignId);
      const { withdrawableAt, closesAt, finalAt } = await w.lens.campaign(w.campaignId);
      expect([withdrawableAt, closesAt, finalAt]).to.deep.equal([
        BigInt(NOW + DAY + NOTICE),
        BigInt(NOW + DAY + NOTICE),
        BigInt(NOW + DAY + 2 * NOTICE),
      ]);
    });

    it("given a withdrawal that had matured and a campaign that had closed before it, it should leave both", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, 5);
      await at(NOW + 1);
      await w.asBrand.closeCampaign(w.campaignId);
      await at(NOW + 1 + NOTICE);
      await w.asBrand.suspend(w.campaignId);
      await at(NOW + DAY + NOTICE);
      await w.asBrand.resume(w.campaignId);
      const { withdrawableAt, closesAt, finalAt } = await w.lens.campaign(w.campaignId);
      expect([withdrawableAt, closesAt, finalAt]).to.deep.equal([
        BigInt(NOW + NOTICE),
        BigInt(NOW + 1 + NOTICE),
        BigInt(NOW + 1 + 2 * NOTICE + DAY - 1),
      ]);
    });
  });
});
