import { type ClaimOrder, claimOrderTypedData, digestOf } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { getCreateAddress, ZeroAddress } from "ethers";
import {
  type Attested,
  at,
  attest,
  attestation,
  attestedWith,
  BUDGET,
  createCampaign,
  DAY,
  ethers,
  eventsOf,
  HOUR,
  loadFixture,
  NATIVE,
  NOTICE,
  NOW,
  sale,
  terms,
  time,
  worth,
} from "#test/support/programs.ts";
import { BlockingToken__factory } from "#typechain/factories/mocks/BlockingToken__factory.ts";
import { FalseToken__factory } from "#typechain/factories/mocks/FalseToken__factory.ts";
import { LoudReceiver__factory } from "#typechain/factories/mocks/LoudReceiver__factory.ts";
import { RefusingReceiver__factory } from "#typechain/factories/mocks/RefusingReceiver__factory.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";
import { WatchfulWallet__factory } from "#typechain/factories/mocks/WatchfulWallet__factory.ts";
import { Witness__factory } from "#typechain/factories/mocks/Witness__factory.ts";

/** What Alice, the operator and Bob are credited with in each token. */
const OF_ALICE = 2_125_000n;
const OF_OPERATOR = 156_562n;
const OF_BOB = 1_006_251n;

/** A campaign of hold 0 whose batch is credited at NOW. */
const credited = () => attestedWith((w) => ({ terms: terms(w, { holdSeconds: 0 }) }));

/** The same batch once more, in a campaign of another token. */
async function creditIn(w: Attested, token: string, lines = w.lines) {
  const campaignId = await createCampaign(w, { terms: terms(w, { holdSeconds: 0, token }) });
  await w.asBrand.fund(campaignId, BUDGET, { value: token === NATIVE ? BUDGET : 0n });
  const from = (await time.latest()) + 1;
  await at(from + HOUR);
  await attest(w, attestation(w, { campaignId, periodFrom: from, periodTo: from + HOUR, deadline: from + DAY, lines }));
}
const creditedInCoinsToo = async () => {
  const w = await credited();
  await creditIn(w, NATIVE);
  return w;
};
/** Three sales by a contract that Bob commands through its key, credited in coins. */
const creditedWallet = async () => {
  const w = await credited();
  const wallet = await new Wallet1271__factory(w.relayer).deploy(w.bob.address);
  await creditIn(w, NATIVE, [sale({ address: await wallet.getAddress() }, 3, 0n)]);
  return { ...w, wallet };
};

const later = NOW + DAY;

describe("claim", () => {
  let w: Attested;
  beforeEach(async () => {
    w = await loadFixture(credited);
    await at(later);
  });
  const creditOf = (owner: { address: string }, token = w.tokenAddress) => w.lens.creditOf(owner.address, token);

  it("when the receiver is zero, it should revert with ZeroAddress", async () => {
    await expect(w.programs.connect(w.alice).claim([w.tokenAddress], ZeroAddress))
      .to.be.revertedWithCustomError(w.programs, "ZeroAddress")
      .withArgs();
  });

  it("given the caller has no credit, it should revert with NothingToPay", async () => {
    await expect(w.programs.connect(w.stranger).claim([w.tokenAddress], w.stranger.address))
      .to.be.revertedWithCustomError(w.programs, "NothingToPay")
      .withArgs(w.stranger.address);
  });

  for (const [which, tokens] of [
    ["no token is given", []],
    ["only a token without credit is given", [NATIVE]],
  ] as const) {
    it(`when ${which}, it should revert with NothingToPay`, async () => {
      await expect(w.programs.connect(w.alice).claim([...tokens], w.alice.address))
        .to.be.revertedWithCustomError(w.programs, "NothingToPay")
        .withArgs(w.alice.address);
    });
  }

  it("it should pay all of the credit to any receiver, and nobody else's", async () => {
    const claimed = w.programs.connect(w.alice).claim([w.tokenAddress], w.stranger.address);
    await expect(claimed)
      .to.emit(w.programs, "Claimed")
      .withArgs(w.alice.address, w.tokenAddress, w.stranger.address, OF_ALICE);
    await expect(claimed).to.changeTokenBalances(
      ethers,
      w.token,
      [w.programs, w.stranger, w.alice],
      [-OF_ALICE, OF_ALICE, 0],
    );
    expect(await Promise.all([w.alice, w.bob, w.operator].map((owner) => creditOf(owner)))).to.deep.equal([
      0n,
      OF_BOB,
      OF_OPERATOR,
    ]);
  });

  it("when it was claimed before, it should revert with NothingToPay", async () => {
    await w.programs.connect(w.alice).claim([w.tokenAddress], w.alice.address);
    await expect(w.programs.connect(w.alice).claim([w.tokenAddress], w.alice.address))
      .to.be.revertedWithCustomError(w.programs, "NothingToPay")
      .withArgs(w.alice.address);
  });

  it("when a token is given twice, it should pay it once", async () => {
    const tokens = [w.tokenAddress, w.tokenAddress];
    await w.programs.connect(w.alice).claim(tokens, w.alice.address);
    expect(await w.token.balanceOf(w.alice.address)).to.equal(OF_ALICE);
    expect(await w.token.balanceOf(w.programsAddress)).to.equal(BUDGET - OF_ALICE);
  });

  it("when the operator claims, it should pay its fees", async () => {
    const asOperator = w.programs.connect(w.operator);
    await expect(asOperator.claim([w.tokenAddress], w.operator.address)).to.changeTokenBalance(
      ethers,
      w.token,
      w.operator,
      OF_OPERATOR,
    );
  });

  it("given credits in two tokens, it should pay both and pass over tokens without", async () => {
    w = await loadFixture(creditedInCoinsToo);
    const tokens = [NATIVE, w.stranger.address, w.tokenAddress];
    const claimed = w.programs.connect(w.alice).claim(tokens, w.stranger.address);
    await expect(claimed)
      .to.emit(w.programs, "Claimed")
      .withArgs(w.alice.address, NATIVE, w.stranger.address, OF_ALICE)
      .and.to.emit(w.programs, "Claimed")
      .withArgs(w.alice.address, w.tokenAddress, w.stranger.address, OF_ALICE);
    await expect(claimed).to.changeEtherBalances(ethers, [w.programs, w.stranger], [-OF_ALICE, OF_ALICE]);
    await expect(claimed).to.changeTokenBalance(ethers, w.token, w.stranger, OF_ALICE);
    expect([await creditOf(w.alice), await creditOf(w.alice, NATIVE)]).to.deep.equal([0n, 0n]);
  });

  it("given credits in two tokens, when one is given, it should leave the other", async () => {
    w = await loadFixture(creditedInCoinsToo);
    await w.programs.connect(w.alice).claim([w.tokenAddress], w.alice.address);
    expect(await creditOf(w.alice, NATIVE)).to.equal(OF_ALICE);
  });

  it("when the receiver refuses coins, it should revert with NativeTransferFailed and keep the credit", async () => {
    w = await loadFixture(creditedInCoinsToo);
    const receiver = await (await new RefusingReceiver__factory(w.relayer).deploy()).getAddress();
    await expect(w.programs.connect(w.alice).claim([NATIVE, w.tokenAddress], receiver))
      .to.be.revertedWithCustomError(w.programs, "NativeTransferFailed")
      .withArgs(receiver, OF_ALICE);
    expect([await creditOf(w.alice), await creditOf(w.alice, NATIVE)]).to.deep.equal([OF_ALICE, OF_ALICE]);
  });

  it("when the receiver refuses coins and only tokens are given, it should pay them", async () => {
    w = await loadFixture(creditedInCoinsToo);
    const receiver = await (await new RefusingReceiver__factory(w.relayer).deploy()).getAddress();
    await w.programs.connect(w.alice).claim([w.tokenAddress], receiver);
    expect(await w.token.balanceOf(receiver)).to.equal(OF_ALICE);
  });

  it("when the receiver answers with megabytes, it should not read them", async () => {
    w = await loadFixture(creditedInCoinsToo);
    const receiver = await new LoudReceiver__factory(w.relayer).deploy();
    const claimed = w.programs.connect(w.alice).claim([NATIVE], await receiver.getAddress(), { gasLimit: 13_000_000 });
    await expect(claimed).to.changeEtherBalances(ethers, [w.programs, receiver], [-OF_ALICE, OF_ALICE]);
  });

  it("when the receiver looks on as it gets coins, the credits should be gone", async () => {
    w = await loadFixture(creditedInCoinsToo);
    const credit = w.lens.interface.encodeFunctionData("creditOf", [w.alice.address, NATIVE]);
    const witness = await new Witness__factory(w.relayer).deploy(w.lens, credit);
    await w.programs.connect(w.alice).claim([NATIVE], witness);
    expect(BigInt(await witness.seen())).to.equal(0);
  });

  it("when the receiver looks on as it gets coins, it should have the tokens already", async () => {
    w = await loadFixture(creditedInCoinsToo);
    const balance = w.token.interface.encodeFunctionData("balanceOf", [
      getCreateAddress({ from: w.relayer.address, nonce: await w.relayer.getNonce() }),
    ]);
    const witness = await new Witness__factory(w.relayer).deploy(w.token, balance);
    await w.programs.connect(w.alice).claim([NATIVE, w.tokenAddress], witness);
    expect(BigInt(await witness.seen())).to.equal(OF_ALICE);
  });

  it("it should emit Claimed for each token before any moves", async () => {
    w = await loadFixture(creditedInCoinsToo);
    const claimed = w.programs.connect(w.alice).claim([w.tokenAddress, NATIVE], w.alice.address);
    expect(await eventsOf(w, claimed)).to.deep.equal(["Claimed", "Claimed", "Transfer"]);
  });

  it("given the token blocks the partner, it should pay to another receiver", async () => {
    const token = await new BlockingToken__factory(w.brand).deploy();
    await token.mint(w.brand.address, BUDGET);
    await token.approve(w.programsAddress, BUDGET);
    await creditIn(w, await token.getAddress());
    await token.setBlocked(w.alice.address, true);
    const asAlice = w.programs.connect(w.alice);
    await expect(asAlice.claim([await token.getAddress()], w.alice.address))
      .to.be.revertedWithCustomError(token, "Blocked")
      .withArgs(w.alice.address);
    await asAlice.claim([await token.getAddress()], w.stranger.address);
    expect(await token.balanceOf(w.stranger.address)).to.equal(OF_ALICE);
  });

  it("given a token that says false, it should revert with SafeERC20FailedOperation and keep the credit", async () => {
    const token = await new FalseToken__factory(w.brand).deploy();
    await token.mint(w.brand.address, BUDGET);
    await token.approve(w.programsAddress, BUDGET);
    await creditIn(w, await token.getAddress());
    await token.setFailing(true);
    await expect(w.programs.connect(w.alice).claim([await token.getAddress()], w.alice.address))
      .to.be.revertedWithCustomError(w.programs, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
    expect(await creditOf(w.alice, await token.getAddress())).to.equal(OF_ALICE);
    expect(await creditOf(w.alice)).to.equal(OF_ALICE);
  });

  describe("whatever the state of the campaign", () => {
    it("given it is suspended, every claim should pay", async () => {
      await w.asBrand.suspend(w.campaignId);
      await w.programs.connect(w.alice).claim([w.tokenAddress], w.alice.address);
      await w.programs.payOut(w.bob.address, [w.tokenAddress]);
      expect(await w.token.balanceOf(w.alice.address)).to.equal(OF_ALICE);
      expect(await w.token.balanceOf(w.bob.address)).to.equal(OF_BOB);
    });

    it("given it is final and withdrawn, and years passed, every claim should pay", async () => {
      await w.asBrand.closeCampaign(w.campaignId);
      await at(later + 2 * NOTICE);
      await w.asBrand.withdraw(w.campaignId, w.brand.address);
      await at(later + 10_000 * DAY);
      await w.programs.connect(w.alice).claim([w.tokenAddress], w.alice.address);
      await w.programs.payOut(w.bob.address, [w.tokenAddress]);
      await w.programs.payOut(w.operator.address, [w.tokenAddress]);
      expect(await w.token.balanceOf(w.programsAddress)).to.equal(0);
    });
  });
});

describe("claimFor", () => {
  let w: Attested;
  beforeEach(async () => {
    w = await loadFixture(creditedInCoinsToo);
    await at(later);
  });
  const order = (overrides: Partial<ClaimOrder> = {}): ClaimOrder => ({
    owner: w.alice.address,
    receiver: w.stranger.address,
    tokens: [w.tokenAddress],
    nonce: 0n,
    deadline: BigInt(later),
    ...overrides,
  });
  const onChain = (given: ClaimOrder) => ({ ...given, tokens: [...given.tokens] });
  const digest = (given: ClaimOrder) => digestOf(w.domain, claimOrderTypedData(given));
  const claimFor = async (given: ClaimOrder, signed = given, signer = w.alice) => {
    const { types, message } = claimOrderTypedData(signed);
    return w.programs.claimFor(onChain(given), await signer.signTypedData(w.domain, types, message));
  };

  it("when the deadline has passed, it should revert with DeadlinePassed", async () => {
    await expect(claimFor(order({ deadline: BigInt(later - 1) })))
      .to.be.revertedWithCustomError(w.programs, "DeadlinePassed")
      .withArgs(later - 1, later);
  });

  it("when the nonce is not the next, it should revert with WrongNonce", async () => {
    await expect(claimFor(order({ nonce: 1n })))
      .to.be.revertedWithCustomError(w.programs, "WrongNonce")
      .withArgs(w.alice.address, 0, 1);
  });

  it("when the order was carried before, it should revert with WrongNonce", async () => {
    const given = order({ deadline: BigInt(later + DAY) });
    await claimFor(given);
    await expect(claimFor(given))
      .to.be.revertedWithCustomError(w.programs, "WrongNonce")
      .withArgs(w.alice.address, 1, 0);
  });

  it("when another signed, it should revert with InvalidSignature", async () => {
    await expect(claimFor(order(), order(), w.stranger))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(w.alice.address, digest(order()));
  });

  it("when the owner is zero and the signature recovers nobody, it should revert with InvalidSignature", async () => {
    const given = order({ owner: ZeroAddress });
    await expect(w.programs.claimFor(onChain(given), "0x"))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(ZeroAddress, digest(given));
  });

  for (const [what, change] of [
    ["the owner", () => ({ owner: w.bob.address })],
    ["the receiver", () => ({ receiver: w.relayer.address })],
    ["the tokens", () => ({ tokens: [w.tokenAddress, NATIVE] })],
    ["the deadline", () => ({ deadline: BigInt(later + 1) })],
  ] as const) {
    it(`when ${what} is not what was signed, it should revert with InvalidSignature`, async () => {
      const changed = order(change());
      await expect(claimFor(changed, order()))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(changed.owner, digest(changed));
    });
  }

  it("when the receiver is zero, it should revert with ZeroAddress", async () => {
    await expect(claimFor(order({ receiver: ZeroAddress })))
      .to.be.revertedWithCustomError(w.programs, "ZeroAddress")
      .withArgs();
  });

  it("given the owner has no credit, it should revert with NothingToPay and not use the nonce", async () => {
    await expect(claimFor(order({ owner: w.stranger.address }), undefined, w.stranger))
      .to.be.revertedWithCustomError(w.programs, "NothingToPay")
      .withArgs(w.stranger.address);
    expect(await w.programs.nonces(w.stranger.address)).to.equal(0);
  });

  it("when the owner signed, anyone should be able to carry it, and it should pay the named receiver", async () => {
    const claimed = claimFor(order());
    await expect(claimed)
      .to.emit(w.programs, "Claimed")
      .withArgs(w.alice.address, w.tokenAddress, w.stranger.address, OF_ALICE);
    await expect(claimed).to.changeTokenBalances(
      ethers,
      w.token,
      [w.programs, w.stranger, w.relayer],
      [-OF_ALICE, OF_ALICE, 0],
    );
    expect(await w.programs.nonces(w.alice.address)).to.equal(1);
    expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(0);
    expect(await w.lens.creditOf(w.alice.address, NATIVE)).to.equal(OF_ALICE);
  });

  it("when the receiver looks on as it gets coins, the nonce should be used already", async () => {
    const data = w.programs.interface.encodeFunctionData("nonces", [w.alice.address]);
    const witness = await new Witness__factory(w.relayer).deploy(w.programs, data);
    const deadline = BigInt(later + DAY);
    await claimFor(order({ receiver: await witness.getAddress(), tokens: [NATIVE], deadline }));
    expect(BigInt(await witness.seen())).to.equal(1);
  });

  it("given the owner opted out of pushes, it should pay, as the owner signed", async () => {
    await w.programs.connect(w.alice).setPayOutOptOut(true);
    await expect(claimFor(order({ deadline: BigInt(later + DAY) }))).to.emit(w.programs, "Claimed");
  });

  it("when the next order has the next nonce, it should pay the next token", async () => {
    await claimFor(order());
    await claimFor(order({ nonce: 1n, tokens: [NATIVE], deadline: BigInt(later + DAY) }));
    expect(await w.programs.nonces(w.alice.address)).to.equal(2);
    expect(await w.lens.creditOf(w.alice.address, NATIVE)).to.equal(0);
  });

  it("given the owner is a contract, it should ask it before anything changes", async () => {
    w = await loadFixture(credited);
    const wallet = await new WatchfulWallet__factory(w.relayer).deploy();
    const owner = await wallet.getAddress();
    await creditIn(w, NATIVE, [sale({ address: owner }, 3, 0n)]);
    await wallet.watch(w.programs, w.programs.interface.encodeFunctionData("nonces", [owner]));
    const given = order({ owner, tokens: [NATIVE], deadline: BigInt(later + 30 * DAY) });
    await expect(w.programs.claimFor(onChain(given), "0x")).to.emit(w.programs, "Claimed");
  });

  describe("given the owner is a contract with ERC-1271", () => {
    let wallet: Awaited<ReturnType<typeof creditedWallet>>["wallet"];
    const ofWallet = async () => order({ owner: await wallet.getAddress(), tokens: [NATIVE] });
    beforeEach(async () => {
      const world = await loadFixture(creditedWallet);
      w = world;
      wallet = world.wallet;
      await at(later);
    });

    it("when its key signed, it should pay", async () => {
      const given = await ofWallet();
      const amount = worth(sale(w.alice, 3, 0n)).commission;
      await expect(claimFor(given, given, w.bob)).to.changeEtherBalance(ethers, w.stranger, amount);
    });

    it("when another key signed, it should revert with InvalidSignature", async () => {
      const given = await ofWallet();
      await expect(claimFor(given, given, w.alice))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(given.owner, digest(given));
    });
  });
});

describe("payOut", () => {
  let w: Attested;
  beforeEach(async () => {
    w = await loadFixture(credited);
    await at(later);
  });

  it("given the owner has no credit, it should revert with NothingToPay", async () => {
    await expect(w.programs.payOut(w.stranger.address, [w.tokenAddress]))
      .to.be.revertedWithCustomError(w.programs, "NothingToPay")
      .withArgs(w.stranger.address);
  });

  it("when the owner is zero, it should revert with NothingToPay", async () => {
    await expect(w.programs.payOut(ZeroAddress, [w.tokenAddress]))
      .to.be.revertedWithCustomError(w.programs, "NothingToPay")
      .withArgs(ZeroAddress);
  });

  it("when anyone pushes, it should pay the owner", async () => {
    const pushed = w.programs.payOut(w.alice.address, [w.tokenAddress]);
    await expect(pushed)
      .to.emit(w.programs, "Claimed")
      .withArgs(w.alice.address, w.tokenAddress, w.alice.address, OF_ALICE);
    await expect(pushed).to.changeTokenBalances(ethers, w.token, [w.programs, w.alice], [-OF_ALICE, OF_ALICE]);
  });

  describe("given the owner opted out", () => {
    beforeEach(async () => {
      await w.programs.connect(w.alice).setPayOutOptOut(true);
    });

    it("when another pushes, it should revert with OptedOut", async () => {
      await expect(w.programs.payOut(w.alice.address, [w.tokenAddress]))
        .to.be.revertedWithCustomError(w.programs, "OptedOut")
        .withArgs(w.alice.address);
    });

    it("given it has no credit, when another pushes, it should revert with OptedOut", async () => {
      await w.programs.connect(w.stranger).setPayOutOptOut(true);
      await expect(w.programs.payOut(w.stranger.address, [w.tokenAddress]))
        .to.be.revertedWithCustomError(w.programs, "OptedOut")
        .withArgs(w.stranger.address);
    });

    it("when the owner pushes, it should pay", async () => {
      await w.programs.connect(w.alice).payOut(w.alice.address, [w.tokenAddress]);
      expect(await w.token.balanceOf(w.alice.address)).to.equal(OF_ALICE);
    });

    it("when it opts in again, anyone should be able to push", async () => {
      await w.programs.connect(w.alice).setPayOutOptOut(false);
      await w.programs.payOut(w.alice.address, [w.tokenAddress]);
      expect(await w.token.balanceOf(w.alice.address)).to.equal(OF_ALICE);
    });
  });
});

describe("setPayOutOptOut", () => {
  it("it should concern the caller alone", async () => {
    const w = await loadFixture(credited);
    const asAlice = w.programs.connect(w.alice);
    await expect(asAlice.setPayOutOptOut(true)).to.emit(w.programs, "PayOutOptedOut").withArgs(w.alice.address, true);
    expect((await w.lens.payoutOf(w.alice.address)).optedOut).to.equal(true);
    expect((await w.lens.payoutOf(w.bob.address)).optedOut).to.equal(false);
    await expect(asAlice.setPayOutOptOut(false)).to.emit(w.programs, "PayOutOptedOut").withArgs(w.alice.address, false);
    expect((await w.lens.payoutOf(w.alice.address)).optedOut).to.equal(false);
  });
});
