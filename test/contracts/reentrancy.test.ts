import { claimOrderTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { ZeroHash } from "ethers";
import { pulling, releasing } from "#test/support/hostile.ts";
import { at, attestedWith, BUDGET, loadFixture, NOTICE, NOW, terms } from "#test/support/programs.ts";
import { ReentrantToken__factory } from "#typechain/factories/mocks/ReentrantToken__factory.ts";

const LATER = NOW + 60 + NOTICE;

/** In a token that calls back: Alice's line to pull, Bob's credit to claim, and the brand's withdrawal, all due. */
async function reentrant() {
  const w = await attestedWith(async (d) => {
    const token = await new ReentrantToken__factory(d.brand).deploy();
    await token.mint(d.brand.address, 2n * BUDGET);
    await token.approve(d.programsAddress, 2n * BUDGET);
    return { terms: terms(d, { token: await token.getAddress() }) };
  });
  await at(NOW + 60);
  await w.asBrand.announceWithdrawal(w.campaignId, 600);
  await at(LATER);
  await w.programs.release(...releasing(w, w.lines, 1, 0));
  const { token: address } = await w.lens.termsOf(w.campaignId);
  return { ...w, address, callingToken: ReentrantToken__factory.connect(address, w.brand) };
}

describe("functions that move tokens", () => {
  let w: Awaited<ReturnType<typeof reentrant>>;
  beforeEach(async () => {
    w = await loadFixture(reentrant);
  });

  /** Each of them, as a call that works. */
  async function calls() {
    const order = {
      owner: w.bob.address,
      receiver: w.bob.address,
      tokens: [w.address],
      nonce: 0n,
      deadline: BigInt(LATER + NOTICE),
    };
    const { types, message } = claimOrderTypedData(order);
    const signature = await w.bob.signTypedData(w.domain, types, message);
    const permit = [LATER + NOTICE, 27, ZeroHash, ZeroHash] as const;
    const data = w.programs.interface;
    return {
      fund: [w.brand, data.encodeFunctionData("fund", [w.campaignId, 5])],
      fundWithPermit: [w.brand, data.encodeFunctionData("fundWithPermit", [w.campaignId, 5, ...permit])],
      withdraw: [w.brand, data.encodeFunctionData("withdraw", [w.campaignId, w.brand.address])],
      pull: [w.relayer, data.encodeFunctionData("pull", pulling(w, 0))],
      claim: [w.bob, data.encodeFunctionData("claim", [[w.address], w.bob.address])],
      claimFor: [w.relayer, data.encodeFunctionData("claimFor", [order, signature])],
      payOut: [w.relayer, data.encodeFunctionData("payOut", [w.bob.address, [w.address]])],
    } as const;
  }
  const names = ["fund", "fundWithPermit", "withdraw", "pull", "claim", "claimFor", "payOut"] as const;

  for (const name of names) {
    it(`when the token does not call back, ${name} should work`, async () => {
      const [from, data] = (await calls())[name];
      await expect(from.sendTransaction({ to: w.programsAddress, data })).to.emit(w.callingToken, "Transfer");
    });

    it(`when the token calls payOut during ${name}, it should revert with ReentrancyGuardReentrantCall`, async () => {
      const [from, data] = (await calls())[name];
      await w.callingToken.callDuringTransfer(w.programsAddress, (await calls()).payOut[1]);
      await expect(from.sendTransaction({ to: w.programsAddress, data })).to.be.revertedWithCustomError(
        w.programs,
        "ReentrancyGuardReentrantCall",
      );
    });

    it(`when the token calls ${name} during fund, it should revert with ReentrancyGuardReentrantCall`, async () => {
      const [from, data] = (await calls()).fund;
      await w.callingToken.callDuringTransfer(w.programsAddress, (await calls())[name][1]);
      await expect(from.sendTransaction({ to: w.programsAddress, data })).to.be.revertedWithCustomError(
        w.programs,
        "ReentrancyGuardReentrantCall",
      );
    });
  }
});
