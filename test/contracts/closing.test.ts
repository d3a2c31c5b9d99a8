import { expect } from "chai";
import { ZeroHash } from "ethers";
import {
  at,
  attest,
  attestation,
  attested,
  DAY,
  eventName,
  HOUR,
  live,
  loadFixture,
  NOTICE,
  NOW,
  offer,
  release,
  stateOf,
  type World,
  worth,
} from "#test/support/programs.ts";

const CLOSES = NOW + NOTICE;
const FINAL = CLOSES + NOTICE;

describe("closeCampaign", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.closeCampaign(ZeroHash))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).closeCampaign(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("given it is closing already, it should revert with ClosingAlready", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    await expect(w.asBrand.closeCampaign(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "ClosingAlready")
      .withArgs(w.campaignId, CLOSES);
  });

  it("given it is final, it should revert with ClosingAlready", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    await at(FINAL);
    await expect(w.asBrand.closeCampaign(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "ClosingAlready")
      .withArgs(w.campaignId, CLOSES);
  });

  it("when the brand closes it, it should close after the notice and be final one notice later", async () => {
    const before = await stateOf(w);
    await expect(w.asBrand.closeCampaign(w.campaignId))
      .to.emit(w.programs, "ClosingAnnounced")
      .withArgs(w.campaignId, FINAL, CLOSES);
    expect(await stateOf(w)).to.deep.equal({ ...before, closesAt: BigInt(CLOSES), finalAt: BigInt(FINAL) });
  });

  for (const [which, lockedUntil, closesAt] of [
    ["later than the notice, it should close at the guarantee", NOW + 3 * NOTICE, NOW + 3 * NOTICE],
    ["earlier than the notice, it should close after the notice", NOW + DAY, NOW + 1 + NOTICE],
  ] as const) {
    it(`given an offer's guarantee ${which}`, async () => {
      await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("renewal"), lockedUntil }));
      await at(NOW + 1);
      await expect(w.asBrand.closeCampaign(w.campaignId))
        .to.emit(w.programs, "ClosingAnnounced")
        .withArgs(w.campaignId, closesAt + NOTICE, closesAt);
    });
  }

  it("given a suspension, it should count from its end", async () => {
    await w.asBrand.suspend(w.campaignId);
    await at(NOW + DAY);
    await expect(w.asBrand.closeCampaign(w.campaignId))
      .to.emit(w.programs, "ClosingAnnounced")
      .withArgs(w.campaignId, NOW + 3 * NOTICE, NOW + 2 * NOTICE);
  });

  it("given it waits for a guarantee, when a suspension ends early, it should not close before the guarantee", async () => {
    const lockedUntil = NOW + 3 * NOTICE;
    await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("renewal"), lockedUntil }));
    await w.asBrand.suspend(w.campaignId);
    await w.asBrand.closeCampaign(w.campaignId);
    await w.asBrand.resume(w.campaignId);
    expect(await stateOf(w)).to.include({ closesAt: BigInt(lockedUntil), finalAt: BigInt(lockedUntil + NOTICE) });
  });

  describe("given it is closing", () => {
    beforeEach(async () => {
      await w.asBrand.closeCampaign(w.campaignId);
    });
    const attestPeriodTo = (periodTo: number) =>
      attest(w, attestation(w, { periodFrom: periodTo - HOUR, periodTo, deadline: FINAL + 2 * NOTICE }));

    it("for a period that ended when it closed, attest should work until the last second", async () => {
      await at(FINAL - 1);
      await expect(attestPeriodTo(CLOSES)).to.emit(w.programs, "Attested");
    });

    it("for a period that ended later, attest should revert with CampaignClosed", async () => {
      await at(CLOSES + 1);
      await expect(attestPeriodTo(CLOSES + 1))
        .to.be.revertedWithCustomError(w.programs, "CampaignClosed")
        .withArgs(w.campaignId, CLOSES);
    });

    it("given a suspension deferred its end, attest should work until the last second of that", async () => {
      await at(CLOSES);
      await w.asBrand.suspend(w.campaignId);
      await at(FINAL + NOTICE - 1);
      await expect(attestPeriodTo(CLOSES)).to.emit(w.programs, "Attested");
    });

    it("given a suspension deferred its end, attest should revert with CampaignClosed from then on", async () => {
      await at(CLOSES);
      await w.asBrand.suspend(w.campaignId);
      await at(FINAL + NOTICE);
      await expect(attestPeriodTo(CLOSES))
        .to.be.revertedWithCustomError(w.programs, "CampaignClosed")
        .withArgs(w.campaignId, CLOSES);
    });

    it("once it is final, attest should revert with CampaignClosed", async () => {
      await at(FINAL);
      await expect(attestPeriodTo(CLOSES))
        .to.be.revertedWithCustomError(w.programs, "CampaignClosed")
        .withArgs(w.campaignId, CLOSES);
    });
  });

  it("given it is final and the rest is withdrawn, it should still release what was reserved", async () => {
    const a = await loadFixture(attested);
    await a.asBrand.closeCampaign(a.campaignId);
    await at(FINAL + DAY);
    await a.asBrand.withdraw(a.campaignId, a.brand.address);
    await release(a);
    const [ofAlice, ofBob] = a.lines.map((line) => worth(line).commission);
    expect(await a.lens.creditOf(a.alice.address, a.tokenAddress)).to.equal(ofAlice);
    expect(await a.lens.creditOf(a.bob.address, a.tokenAddress)).to.equal(ofBob);
    const { available, reserved } = await a.lens.campaign(a.campaignId);
    expect([available, reserved]).to.deep.equal([0n, 0n]);
  });
});
