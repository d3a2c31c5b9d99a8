import { expect } from "chai";
import { id, Signature, ZeroHash } from "ethers";
import {
  at,
  attested,
  BUDGET,
  createCampaign,
  ethers,
  eventsOf,
  live,
  liveWith,
  loadFixture,
  NATIVE,
  NO_LIMIT,
  NOTICE,
  NOW,
  stateOf,
  terms,
  type World,
} from "#test/support/programs.ts";
import { BlockingToken__factory } from "#typechain/factories/mocks/BlockingToken__factory.ts";
import { FalseToken__factory } from "#typechain/factories/mocks/FalseToken__factory.ts";
import { FeeToken__factory } from "#typechain/factories/mocks/FeeToken__factory.ts";

const native = () => liveWith((w) => ({ terms: terms(w, { token: NATIVE }) }));

describe("fund", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.fund(ZeroHash, 1))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the amount is zero, it should revert with ZeroAmount", async () => {
    await expect(w.asBrand.fund(w.campaignId, 0)).to.be.revertedWithCustomError(w.programs, "ZeroAmount").withArgs();
  });

  it("given there is no such campaign, when the amount is zero, it should revert with UnknownCampaign", async () => {
    await expect(w.asBrand.fund(ZeroHash, 0))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("given the campaign has closed, when the amount is zero, it should revert with ZeroAmount", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    await at(NOW + NOTICE);
    await expect(w.asBrand.fund(w.campaignId, 0)).to.be.revertedWithCustomError(w.programs, "ZeroAmount").withArgs();
  });

  it("given the campaign is closing, it should take money until it closes", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    await at(NOW + NOTICE - 1);
    await expect(w.asBrand.fund(w.campaignId, 1)).to.emit(w.programs, "Funded");
  });

  it("given the campaign has closed, it should revert with CampaignClosed", async () => {
    await w.asBrand.closeCampaign(w.campaignId);
    await at(NOW + NOTICE);
    await expect(w.asBrand.fund(w.campaignId, 1))
      .to.be.revertedWithCustomError(w.programs, "CampaignClosed")
      .withArgs(w.campaignId, NOW + NOTICE);
  });

  it("when available and reserved together would not fit 128 bits, it should revert with BudgetTooLarge", async () => {
    const a = await loadFixture(attested);
    const { available, reserved } = await a.lens.campaign(a.campaignId);
    const most = NO_LIMIT - reserved - available;
    for (const amount of [most + 1n, 2n ** 256n - 1n]) {
      await expect(a.asBrand.fund(a.campaignId, amount))
        .to.be.revertedWithCustomError(a.programs, "BudgetTooLarge")
        .withArgs(amount, most);
    }
  });

  it("when available and reserved together just fit 128 bits, it should take the money", async () => {
    const a = await loadFixture(attested);
    const { available, reserved } = await a.lens.campaign(a.campaignId);
    const amount = NO_LIMIT - reserved - available;
    await a.token.mint(a.brand.address, amount);
    await a.asBrand.fund(a.campaignId, amount);
    expect((await a.lens.campaign(a.campaignId)).available).to.equal(NO_LIMIT - reserved);
  });

  describe("given an ERC-20 campaign", () => {
    it("when anyone funds it, it should add to what is available, and move just that much", async () => {
      const before = await stateOf(w);
      await w.token.mint(w.stranger.address, 70);
      await w.token.connect(w.stranger).approve(w.programsAddress, 70);
      const funded = w.programs.connect(w.stranger).fund(w.campaignId, 70);
      await expect(funded).to.emit(w.programs, "Funded").withArgs(w.campaignId, w.stranger.address, 70);
      await expect(funded).to.changeTokenBalances(ethers, w.token, [w.stranger, w.programs], [-70, 70]);
      expect(await stateOf(w)).to.deep.equal({ ...before, available: BUDGET + 70n });
    });

    it("it should emit Funded before the tokens move", async () => {
      expect(await eventsOf(w, w.asBrand.fund(w.campaignId, 70))).to.deep.equal(["Funded", "Transfer"]);
    });

    it("when coins are sent along, it should revert with WrongNativeAmount", async () => {
      await expect(w.asBrand.fund(w.campaignId, 1, { value: 1 }))
        .to.be.revertedWithCustomError(w.programs, "WrongNativeAmount")
        .withArgs(0, 1);
    });

    it("given no allowance, it should revert with the token's error", async () => {
      await w.token.mint(w.stranger.address, 70);
      await expect(w.programs.connect(w.stranger).fund(w.campaignId, 70))
        .to.be.revertedWithCustomError(w.token, "ERC20InsufficientAllowance")
        .withArgs(w.programsAddress, 0, 70);
    });
  });

  it("given a token that takes a fee, it should revert with WrongAmountArrived", async () => {
    const token = await new FeeToken__factory(w.brand).deploy();
    await token.mint(w.brand.address, 1_000);
    await token.approve(w.programsAddress, 1_000);
    const campaignId = await createCampaign(w, { terms: terms(w, { token: await token.getAddress() }) });
    await expect(w.asBrand.fund(campaignId, 1_000))
      .to.be.revertedWithCustomError(w.programs, "WrongAmountArrived")
      .withArgs(await token.getAddress(), 1_000, 990);
    expect((await w.lens.campaign(campaignId)).available).to.equal(0);
  });

  it("given a token that says false, it should revert with SafeERC20FailedOperation", async () => {
    const token = await new FalseToken__factory(w.brand).deploy();
    await token.mint(w.brand.address, 1_000);
    await token.approve(w.programsAddress, 1_000);
    await token.setFailing(true);
    const campaignId = await createCampaign(w, { terms: terms(w, { token: await token.getAddress() }) });
    await expect(w.asBrand.fund(campaignId, 1_000))
      .to.be.revertedWithCustomError(w.programs, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
    expect((await w.lens.campaign(campaignId)).available).to.equal(0);
  });

  describe("given a campaign in the native coin", () => {
    beforeEach(async () => {
      w = await loadFixture(native);
      await at(NOW);
    });

    for (const sent of [0, 69, 71]) {
      it(`when ${sent} are sent for an amount of 70, it should revert with WrongNativeAmount`, async () => {
        await expect(w.programs.fund(w.campaignId, 70, { value: sent }))
          .to.be.revertedWithCustomError(w.programs, "WrongNativeAmount")
          .withArgs(70, sent);
      });
    }

    it("when the amount is sent, it should add to what is available", async () => {
      const funded = w.programs.fund(w.campaignId, 70, { value: 70 });
      await expect(funded).to.emit(w.programs, "Funded").withArgs(w.campaignId, w.relayer.address, 70);
      await expect(funded).to.changeEtherBalances(ethers, [w.relayer, w.programs], [-70, 70]);
      expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET + 70n);
    });
  });
});

describe("fundWithPermit", () => {
  const AMOUNT = 1_000n;
  const DEADLINE = NOW + 100;
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await w.token.mint(w.stranger.address, AMOUNT);
    await at(NOW);
  });

  /** The stranger's permit, for the contract to take an amount. */
  async function permit(value = AMOUNT) {
    const { chainId } = await ethers.provider.getNetwork();
    const signature = await w.stranger.signTypedData(
      { name: "Demo Dollar", version: "1", chainId, verifyingContract: w.tokenAddress },
      {
        Permit: [
          { name: "owner", type: "address" },
          { name: "spender", type: "address" },
          { name: "value", type: "uint256" },
          { name: "nonce", type: "uint256" },
          { name: "deadline", type: "uint256" },
        ],
      },
      { owner: w.stranger.address, spender: w.programsAddress, value, nonce: 0, deadline: DEADLINE },
    );
    return Signature.from(signature);
  }
  const fund = ({ v, r, s }: Signature, campaignId = w.campaignId, amount = AMOUNT) =>
    w.programs.connect(w.stranger).fundWithPermit(campaignId, amount, DEADLINE, v, r, s);

  it("given a campaign in the native coin, it should revert with InvalidToken", async () => {
    const native = await createCampaign(w, { salt: id("native"), terms: terms(w, { token: NATIVE }) });
    await expect(w.asBrand.fundWithPermit(native, AMOUNT, DEADLINE, 27, ZeroHash, ZeroHash))
      .to.be.revertedWithCustomError(w.programs, "InvalidToken")
      .withArgs(NATIVE);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(fund(await permit(), ZeroHash))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("when the amount is zero, it should revert with ZeroAmount", async () => {
    await expect(fund(await permit(), w.campaignId, 0n))
      .to.be.revertedWithCustomError(w.programs, "ZeroAmount")
      .withArgs();
  });

  it("when the permit is good, it should fund without an allowance before", async () => {
    const funded = fund(await permit());
    await expect(funded).to.emit(w.programs, "Funded").withArgs(w.campaignId, w.stranger.address, AMOUNT);
    await expect(funded).to.changeTokenBalances(ethers, w.token, [w.stranger, w.programs], [-AMOUNT, AMOUNT]);
    expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET + AMOUNT);
    expect(await w.token.nonces(w.stranger.address)).to.equal(1);
  });

  it("given somebody else used the permit before, it should fund all the same", async () => {
    const signature = await permit();
    const { v, r, s } = signature;
    await w.token.connect(w.relayer).permit(w.stranger.address, w.programsAddress, AMOUNT, DEADLINE, v, r, s);
    await fund(signature);
    expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET + AMOUNT);
  });

  it("when the permit is for less and there is no allowance, it should revert with the token's error", async () => {
    await expect(fund(await permit(AMOUNT - 1n)))
      .to.be.revertedWithCustomError(w.token, "ERC20InsufficientAllowance")
      .withArgs(w.programsAddress, 0, AMOUNT);
  });

  it("when the permit is another's, it should not take the other's money", async () => {
    const { v, r, s } = await permit();
    await expect(w.programs.connect(w.alice).fundWithPermit(w.campaignId, AMOUNT, DEADLINE, v, r, s))
      .to.be.revertedWithCustomError(w.token, "ERC20InsufficientAllowance")
      .withArgs(w.programsAddress, 0, AMOUNT);
  });

  it("given a token without permits and an allowance, it should fund", async () => {
    const token = await new BlockingToken__factory(w.stranger).deploy();
    await token.mint(w.stranger.address, AMOUNT);
    await token.approve(w.programsAddress, AMOUNT);
    const campaignId = await createCampaign(w, { terms: terms(w, { token: await token.getAddress() }) });
    await fund(await permit(), campaignId);
    expect((await w.lens.campaign(campaignId)).available).to.equal(AMOUNT);
  });
});
