import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import {
  at,
  attest,
  attestation,
  BUDGET,
  body,
  createCampaign,
  DAY,
  ethers,
  eventName,
  eventsOf,
  live,
  liveWith,
  loadFixture,
  NATIVE,
  NOTICE,
  NOW,
  offer,
  stateOf,
  terms,
  treeOf,
  type World,
} from "#test/support/programs.ts";
import { FalseToken__factory } from "#typechain/factories/mocks/FalseToken__factory.ts";
import { LoudReceiver__factory } from "#typechain/factories/mocks/LoudReceiver__factory.ts";
import { RefusingReceiver__factory } from "#typechain/factories/mocks/RefusingReceiver__factory.ts";

const MATURE = NOW + NOTICE;
const LAPSES = MATURE + 7 * DAY;
const native = () => liveWith((w) => ({ terms: terms(w, { token: NATIVE }) }));

describe("announceWithdrawal", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.announceWithdrawal(ZeroHash, 1))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).announceWithdrawal(w.campaignId, 1))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("when the amount is zero, it should revert with ZeroAmount", async () => {
    await expect(w.asBrand.announceWithdrawal(w.campaignId, 0))
      .to.be.revertedWithCustomError(w.programs, "ZeroAmount")
      .withArgs();
  });

  it("when the caller is not the brand and the amount is zero, it should revert with NotBrand", async () => {
    await expect(w.programs.connect(w.stranger).announceWithdrawal(w.campaignId, 0))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("when the brand announces one, it should mature after the notice and take nothing", async () => {
    const before = await stateOf(w);
    await expect(w.asBrand.announceWithdrawal(w.campaignId, BUDGET))
      .to.emit(w.programs, "WithdrawalAnnounced")
      .withArgs(w.campaignId, BUDGET, MATURE);
    expect(await stateOf(w)).to.deep.equal({
      ...before,
      withdrawalAnnounced: true,
      withdrawalAmount: BUDGET,
      withdrawableAt: BigInt(MATURE),
    });
  });

  it("given one that has not lapsed, it should revert with WithdrawalPending", async () => {
    await w.asBrand.announceWithdrawal(w.campaignId, 5);
    await at(LAPSES - 1);
    await expect(w.asBrand.announceWithdrawal(w.campaignId, 6))
      .to.be.revertedWithCustomError(w.programs, "WithdrawalPending")
      .withArgs(w.campaignId, MATURE);
  });

  it("given one that has lapsed, it should replace it", async () => {
    await w.asBrand.announceWithdrawal(w.campaignId, 5);
    await at(LAPSES);
    await expect(w.asBrand.announceWithdrawal(w.campaignId, 6))
      .to.emit(w.programs, "WithdrawalAnnounced")
      .withArgs(w.campaignId, 6, LAPSES + NOTICE);
    const { withdrawalAmount, withdrawableAt } = await w.lens.campaign(w.campaignId);
    expect([withdrawalAmount, withdrawableAt]).to.deep.equal([6n, BigInt(LAPSES + NOTICE)]);
  });

  it("given a suspension, it should count from its end", async () => {
    await w.asBrand.suspend(w.campaignId);
    await at(NOW + DAY);
    await expect(w.asBrand.announceWithdrawal(w.campaignId, 5))
      .to.emit(w.programs, "WithdrawalAnnounced")
      .withArgs(w.campaignId, 5, NOW + 2 * NOTICE);
  });
});

describe("cancelWithdrawal", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.cancelWithdrawal(ZeroHash))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the caller is not the brand, it should revert with NotBrand", async () => {
    await w.asBrand.announceWithdrawal(w.campaignId, 5);
    await expect(w.programs.connect(w.stranger).cancelWithdrawal(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NotBrand")
      .withArgs(w.stranger.address, w.brand.address);
  });

  it("given none is announced, it should revert with NoWithdrawal", async () => {
    await expect(w.asBrand.cancelWithdrawal(w.campaignId))
      .to.be.revertedWithCustomError(w.programs, "NoWithdrawal")
      .withArgs(w.campaignId);
  });

  it("given one is announced, it should take it back and leave everything as before it", async () => {
    const before = await stateOf(w);
    await w.asBrand.announceWithdrawal(w.campaignId, 5);
    await expect(w.asBrand.cancelWithdrawal(w.campaignId))
      .to.emit(w.programs, "WithdrawalCancelled")
      .withArgs(w.campaignId);
    expect(await stateOf(w)).to.deep.equal(before);
    await expect(w.asBrand.announceWithdrawal(w.campaignId, 5)).to.emit(w.programs, "WithdrawalAnnounced");
  });
});

describe("withdraw", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });
  const withdraw = (receiver = w.stranger.address) => w.asBrand.withdraw(w.campaignId, receiver);

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.withdraw(ZeroHash, w.brand.address))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("given none is announced, it should revert with NoWithdrawal", async () => {
    await expect(withdraw()).to.be.revertedWithCustomError(w.programs, "NoWithdrawal").withArgs(w.campaignId);
  });

  describe("given one is announced", () => {
    beforeEach(async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, 600);
    });

    it("when the caller is not the brand, it should revert with NotBrand", async () => {
      await at(MATURE);
      await expect(w.programs.connect(w.stranger).withdraw(w.campaignId, w.stranger.address))
        .to.be.revertedWithCustomError(w.programs, "NotBrand")
        .withArgs(w.stranger.address, w.brand.address);
    });

    it("when the receiver is zero, it should revert with ZeroAddress", async () => {
      await at(MATURE);
      await expect(withdraw(ZeroAddress)).to.be.revertedWithCustomError(w.programs, "ZeroAddress").withArgs();
    });

    it("before it matures, it should revert with WithdrawalNotMature", async () => {
      await at(MATURE - 1);
      await expect(withdraw())
        .to.be.revertedWithCustomError(w.programs, "WithdrawalNotMature")
        .withArgs(MATURE - 1, MATURE);
    });

    it("once it has lapsed, it should revert with WithdrawalLapsed", async () => {
      await at(LAPSES);
      await expect(withdraw()).to.be.revertedWithCustomError(w.programs, "WithdrawalLapsed").withArgs(LAPSES, LAPSES);
    });

    it("long after it has lapsed, it should revert with WithdrawalLapsed", async () => {
      await at(LAPSES + DAY);
      await expect(withdraw())
        .to.be.revertedWithCustomError(w.programs, "WithdrawalLapsed")
        .withArgs(LAPSES + DAY, LAPSES);
    });

    it("when the caller is not the brand and the receiver is zero, it should revert with NotBrand", async () => {
      await at(MATURE);
      await expect(w.programs.connect(w.stranger).withdraw(w.campaignId, ZeroAddress))
        .to.be.revertedWithCustomError(w.programs, "NotBrand")
        .withArgs(w.stranger.address, w.brand.address);
    });

    it("when it matures, it should emit Withdrawn before the tokens move", async () => {
      await at(MATURE);
      expect(await eventsOf(w, withdraw())).to.deep.equal(["Withdrawn", "Transfer"]);
    });

    for (const [when, time] of [
      ["as soon as it matures", MATURE],
      ["in the last second before it lapses", LAPSES - 1],
    ] as const) {
      it(`${when}, it should pay the announced amount to the receiver, once`, async () => {
        const before = await stateOf(w);
        await at(time);
        const withdrawn = withdraw();
        await expect(withdrawn).to.emit(w.programs, "Withdrawn").withArgs(w.campaignId, w.stranger.address, 600);
        await expect(withdrawn).to.changeTokenBalances(ethers, w.token, [w.programs, w.stranger], [-600, 600]);
        expect(await stateOf(w)).to.deep.equal({
          ...before,
          available: BUDGET - 600n,
          withdrawalAnnounced: false,
          withdrawalAmount: 0n,
          withdrawableAt: 0n,
        });
        await expect(withdraw()).to.be.revertedWithCustomError(w.programs, "NoWithdrawal").withArgs(w.campaignId);
      });
    }

    it("given a suspension deferred it, it should revert with WithdrawalNotMature at its former time", async () => {
      await w.asBrand.suspend(w.campaignId);
      await at(MATURE);
      await expect(withdraw())
        .to.be.revertedWithCustomError(w.programs, "WithdrawalNotMature")
        .withArgs(MATURE, MATURE + NOTICE);
    });
  });

  it("given an attestation since, it should pay what that left, and nothing that is reserved", async () => {
    await w.asBrand.announceWithdrawal(w.campaignId, BUDGET);
    const batch = attestation(w);
    const { total } = batch;
    await at(NOW + 1);
    await attest(w, batch);
    await at(MATURE);
    await expect(withdraw(w.brand.address))
      .to.emit(w.programs, "Withdrawn")
      .withArgs(w.campaignId, w.brand.address, BUDGET - total);
    const after = await w.lens.campaign(w.campaignId);
    expect([after.available, after.reserved]).to.deep.equal([0n, total]);
    expect(await w.token.balanceOf(w.programsAddress)).to.equal(total);
    const { first, path, lines } = treeOf(batch.lines).chunk(0);
    await w.programs.release(body(batch), first, path, lines);
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
  });

  it("given attestations left nothing of it, it should revert with ZeroAmount", async () => {
    const campaignId = await createCampaign(w, { salt: ZeroHash });
    const batch = attestation(w, { campaignId, periodFrom: NOW + 10, periodTo: NOW + 50 });
    await w.asBrand.fund(campaignId, batch.total);
    await at(NOW + 100);
    await w.asBrand.announceWithdrawal(campaignId, 5);
    await attest(w, batch);
    expect((await w.lens.campaign(campaignId)).withdrawalAmount).to.equal(0);
    await at(NOW + 100 + NOTICE);
    await expect(w.asBrand.withdraw(campaignId, w.brand.address))
      .to.be.revertedWithCustomError(w.programs, "ZeroAmount")
      .withArgs();
  });

  describe("given it has lapsed, when a guarantee is given", () => {
    const guarantee = (lockedUntil: number) =>
      w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("renewal"), lockedUntil }));

    it("it should stay lapsed, also when the guarantee ends", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, 600);
      await at(LAPSES);
      await guarantee(LAPSES + 1);
      await at(LAPSES + 1);
      await expect(withdraw())
        .to.be.revertedWithCustomError(w.programs, "WithdrawalLapsed")
        .withArgs(LAPSES + 1, LAPSES);
    });

    it("in the last second before that, it should wait for the guarantee", async () => {
      await w.asBrand.announceWithdrawal(w.campaignId, 600);
      await at(LAPSES - 1);
      await guarantee(LAPSES + DAY);
      await at(LAPSES + DAY - 1);
      await expect(withdraw())
        .to.be.revertedWithCustomError(w.programs, "WithdrawalNotMature")
        .withArgs(LAPSES + DAY - 1, LAPSES + DAY);
      await at(LAPSES + DAY);
      await expect(withdraw()).to.emit(w.programs, "Withdrawn").withArgs(w.campaignId, w.stranger.address, 600);
    });
  });

  describe("given the campaign is closing", () => {
    const FINAL = NOW + 2 * NOTICE;
    beforeEach(async () => {
      await w.asBrand.closeCampaign(w.campaignId);
    });

    it("until the last second before it is final, it should revert with NoWithdrawal", async () => {
      await at(FINAL - 1);
      await expect(withdraw()).to.be.revertedWithCustomError(w.programs, "NoWithdrawal").withArgs(w.campaignId);
    });

    it("once it is final, it should pay all that is available without an announcement", async () => {
      await at(FINAL);
      await expect(withdraw()).to.emit(w.programs, "Withdrawn").withArgs(w.campaignId, w.stranger.address, BUDGET);
      expect((await w.lens.campaign(w.campaignId)).available).to.equal(0);
      expect(await w.token.balanceOf(w.stranger.address)).to.equal(BUDGET);
    });

    it("once it is final, given a withdrawal of less is announced, it should pay all and clear it", async () => {
      await at(FINAL - 1);
      await w.asBrand.announceWithdrawal(w.campaignId, 5);
      await at(FINAL);
      await expect(withdraw()).to.emit(w.programs, "Withdrawn").withArgs(w.campaignId, w.stranger.address, BUDGET);
      const { withdrawalAmount, withdrawableAt } = await w.lens.campaign(w.campaignId);
      expect([withdrawalAmount, withdrawableAt]).to.deep.equal([0n, 0n]);
    });

    it("once it is final and empty, it should revert with ZeroAmount", async () => {
      await at(FINAL);
      await withdraw();
      await expect(withdraw()).to.be.revertedWithCustomError(w.programs, "ZeroAmount").withArgs();
    });
  });

  describe("given a campaign in the native coin", () => {
    beforeEach(async () => {
      w = await loadFixture(native);
      await at(NOW);
      await w.asBrand.announceWithdrawal(w.campaignId, 600);
    });

    it("when it matures, it should pay the receiver in coins", async () => {
      await at(MATURE);
      await expect(withdraw()).to.changeEtherBalances(ethers, [w.programs, w.stranger], [-600, 600]);
    });

    it("when the receiver refuses coins, it should revert with NativeTransferFailed", async () => {
      const receiver = await new RefusingReceiver__factory(w.relayer).deploy();
      await at(MATURE);
      await expect(withdraw(await receiver.getAddress()))
        .to.be.revertedWithCustomError(w.programs, "NativeTransferFailed")
        .withArgs(await receiver.getAddress(), 600);
    });

    it("when the receiver answers with megabytes, it should not read them", async () => {
      const receiver = await new LoudReceiver__factory(w.relayer).deploy();
      await at(MATURE);
      await expect(
        w.asBrand.withdraw(w.campaignId, await receiver.getAddress(), { gasLimit: 13_000_000 }),
      ).to.changeEtherBalances(ethers, [w.programs, receiver], [-600, 600]);
    });
  });

  it("given a token that says false, it should revert with SafeERC20FailedOperation and keep the budget", async () => {
    const token = await new FalseToken__factory(w.brand).deploy();
    await token.mint(w.brand.address, 600);
    await token.approve(w.programsAddress, 600);
    const campaignId = await createCampaign(w, { terms: terms(w, { token: await token.getAddress() }) });
    await w.asBrand.fund(campaignId, 600);
    await at(NOW + 1_000);
    await w.asBrand.announceWithdrawal(campaignId, 600);
    await token.setFailing(true);
    await at(NOW + 1_000 + NOTICE);
    await expect(w.asBrand.withdraw(campaignId, w.brand.address))
      .to.be.revertedWithCustomError(w.programs, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
    expect((await w.lens.campaign(campaignId)).available).to.equal(600);
  });
});
