import { expect } from "chai";
import { id, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { BlockingToken__factory } from "#typechain/factories/mocks/BlockingToken__factory.ts";
import { BombToken__factory } from "#typechain/factories/mocks/BombToken__factory.ts";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { FalseToken__factory } from "#typechain/factories/mocks/FalseToken__factory.ts";
import { LateFeeToken__factory } from "#typechain/factories/mocks/LateFeeToken__factory.ts";
import { LyingToken__factory } from "#typechain/factories/mocks/LyingToken__factory.ts";
import { SilentToken__factory } from "#typechain/factories/mocks/SilentToken__factory.ts";
import { TwinToken__factory } from "#typechain/factories/mocks/TwinToken__factory.ts";
import {
  attestedIn,
  beside,
  claimOrder,
  creditCarol,
  creditNow,
  delegate,
  GAS,
  honestStillPays,
  owed,
  pulling,
  releasing,
  reversing,
} from "../../support/hostile.ts";
import {
  type Attested,
  at,
  BUDGET,
  createCampaign,
  DAY,
  ethers,
  gasBelow,
  HOLD,
  liveWith,
  loadFixture,
  NOTICE,
  NOW,
  reversal,
  sale,
  terms,
  time,
} from "../../support/programs.ts";

const RELEASE = NOW + HOLD;
const ALICE = 2_125_000n;
const BOB = 1_006_251n;
const FEES = 156_562n;
const TOTAL = ALICE + BOB + FEES;

/** Releases the world's batch when its hold is over. */
async function release(w: Attested) {
  await at(RELEASE);
  await w.programs.release(...releasing(w));
}
const pull = (w: Attested, index: number) => w.programs.pull(...pulling(w, index), { gasLimit: GAS });
/** Announces a withdrawal of everything and waits for it. */
async function matured(w: Attested) {
  await w.asBrand.announceWithdrawal(w.campaignId, BUDGET - TOTAL);
  await at((await time.latest()) + NOTICE);
}

describe("a token whose transfers return nothing", () => {
  const silent = () => attestedIn((d) => new SilentToken__factory(d.brand).deploy());
  let w: Awaited<ReturnType<typeof silent>>;
  beforeEach(async () => {
    w = await loadFixture(silent);
  });
  afterEach(() => honestStillPays(w));

  it("when it is funded, pulled, claimed, pushed and withdrawn, every sum should be exact", async () => {
    await at(RELEASE);
    await pull(w, 0);
    await w.programs.release(...releasing(w));
    await w.programs.connect(w.bob).claim([w.hostileAddress], w.stranger.address);
    await w.programs.payOut(w.operator.address, [w.hostileAddress]);
    await matured(w);
    await w.asBrand.withdraw(w.campaignId, w.relayer.address);
    const balances = [w.alice, w.stranger, w.operator, w.relayer].map(({ address }) => w.hostile.balanceOf(address));
    expect(await Promise.all(balances)).to.deep.equal([ALICE, BOB, FEES, BUDGET - TOTAL]);
    expect(await w.hostile.balanceOf(w.programsAddress)).to.equal(0);
  });

  it("when it does nothing on the way in, fund should revert with WrongAmountArrived", async () => {
    await w.hostile.setIdle(true);
    await expect(w.asBrand.fund(w.campaignId, 70))
      .to.be.revertedWithCustomError(w.programs, "WrongAmountArrived")
      .withArgs(w.hostileAddress, 70, 0);
  });

  it("when it does nothing on the way out, what it owes stays with it, and nobody else pays for it", async () => {
    await release(w);
    await w.hostile.setIdle(true);
    await w.programs.connect(w.alice).claim([w.hostileAddress], w.alice.address);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(0);
    expect(await w.lens.creditOf(w.alice.address, w.hostileAddress)).to.equal(0);
    expect(await w.hostile.balanceOf(w.programsAddress)).to.equal(BUDGET);
  });
});

describe("a token that says false", () => {
  const saysFalse = () => attestedIn((d) => new FalseToken__factory(d.brand).deploy());
  let w: Awaited<ReturnType<typeof saysFalse>>;
  beforeEach(async () => {
    w = await loadFixture(saysFalse);
  });
  afterEach(() => honestStillPays(w));
  const fails = (sent: Promise<unknown>) =>
    expect(sent).to.be.revertedWithCustomError(w.programs, "SafeERC20FailedOperation").withArgs(w.hostileAddress);

  it("when a line is pulled, it should revert and leave the line to be released", async () => {
    await w.hostile.setFailing(true);
    await at(RELEASE);
    await fails(pull(w, 0));
    expect(await w.lens.settledLines(w.attestation, 0)).to.equal(0n);
    await w.programs.release(...releasing(w));
    expect(await w.lens.creditOf(w.alice.address, w.hostileAddress)).to.equal(ALICE);
  });

  it("when an owner is pushed to or its order carried, it should keep credit and nonce until the token pays", async () => {
    await release(w);
    await w.hostile.setFailing(true);
    await fails(w.programs.payOut(w.alice.address, [w.hostileAddress]));
    const { order, signature } = await claimOrder(w, w.alice, [w.hostileAddress]);
    await fails(w.programs.claimFor(order, signature));
    expect(await w.lens.creditOf(w.alice.address, w.hostileAddress)).to.equal(ALICE);
    expect(await w.programs.nonces(w.alice.address)).to.equal(0);
    await w.hostile.setFailing(false);
    await w.programs.claimFor(order, signature);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE);
  });
});

describe("a token whose fee begins after it was funded", () => {
  const late = () => attestedIn((d) => new LateFeeToken__factory(d.brand).deploy());
  let w: Awaited<ReturnType<typeof late>>;
  beforeEach(async () => {
    w = await loadFixture(late);
  });
  afterEach(() => honestStillPays(w));
  const held = () => w.hostile.balanceOf(w.programsAddress);
  const owners = () => [w.alice, w.bob, w.operator].map(({ address }) => address);

  it("when it is funded again, it should revert with WrongAmountArrived", async () => {
    await w.hostile.setFee(100, false);
    await expect(w.asBrand.fund(w.campaignId, 1_000))
      .to.be.revertedWithCustomError(w.programs, "WrongAmountArrived")
      .withArgs(w.hostileAddress, 1_000, 990);
    expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET - TOTAL);
  });

  it("when the fee is of what arrives, each receiver should bear its own, and the rest stay covered", async () => {
    await w.hostile.setFee(1_000, false);
    await at(RELEASE);
    await pull(w, 0);
    await w.programs.release(...releasing(w));
    await w.programs.connect(w.bob).claim([w.hostileAddress], w.bob.address);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE - ALICE / 10n);
    expect(await w.hostile.balanceOf(w.bob.address)).to.equal(BOB - BOB / 10n);
    expect(await held()).to.equal(await owed(w, w.hostileAddress, [w.campaignId], owners()));
  });

  it("when the fee is all of it, the receiver should get nothing, and the rest stay covered", async () => {
    await release(w);
    await w.hostile.setFee(10_000, false);
    await w.programs.connect(w.alice).claim([w.hostileAddress], w.alice.address);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(0);
    expect(await held()).to.equal(await owed(w, w.hostileAddress, [w.campaignId], owners()));
  });

  it("when the fee comes on top, the last of this token cannot be paid, keep their credit, and no other token pays", async () => {
    await release(w);
    await w.asBrand.closeCampaign(w.campaignId);
    await w.hostile.setFee(1_000, true);
    await w.programs.connect(w.alice).claim([w.hostileAddress], w.alice.address);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE);
    expect(await held()).to.equal(BUDGET - ALICE - ALICE / 10n);
    await at((await time.latest()) + 2 * NOTICE);
    const rest = (await w.lens.campaign(w.campaignId)).available;
    const before = await held();
    await expect(w.asBrand.withdraw(w.campaignId, w.brand.address))
      .to.be.revertedWithCustomError(w.hostile, "ERC20InsufficientBalance")
      .withArgs(w.programsAddress, before - rest, rest / 10n);
    await w.programs.connect(w.bob).claim([w.hostileAddress], w.bob.address);
    expect(await w.hostile.balanceOf(w.bob.address)).to.equal(BOB);
  });
});

describe("a token whose issuer blocks addresses", () => {
  const blocking = () => attestedIn((d) => new BlockingToken__factory(d.brand).deploy());
  let w: Awaited<ReturnType<typeof blocking>>;
  beforeEach(async () => {
    w = await loadFixture(blocking);
  });
  afterEach(() => honestStillPays(w));
  const blocked = (sent: Promise<unknown>, account: string) =>
    expect(sent).to.be.revertedWithCustomError(w.hostile, "Blocked").withArgs(account);

  it("given a blocked partner, when it signs for another receiver, it should be paid there", async () => {
    await release(w);
    await w.hostile.setBlocked(w.alice.address, true);
    await blocked(w.programs.payOut(w.alice.address, [w.hostileAddress]), w.alice.address);
    const { order, signature } = await claimOrder(w, w.alice, [w.hostileAddress], { receiver: w.stranger.address });
    await w.programs.claimFor(order, signature);
    expect(await w.hostile.balanceOf(w.stranger.address)).to.equal(ALICE);
  });

  it("given a blocked partner, its line should fail alone when it is pulled, and wait as its credit", async () => {
    await w.hostile.setBlocked(w.alice.address, true);
    await at(RELEASE);
    await blocked(pull(w, 0), w.alice.address);
    await pull(w, 1);
    await w.programs.release(...releasing(w));
    await blocked(w.programs.payOut(w.alice.address, [w.hostileAddress]), w.alice.address);
    await w.programs.payOut(w.operator.address, [w.hostileAddress]);
    const balances = [w.alice, w.bob, w.operator].map(({ address }) => w.hostile.balanceOf(address));
    expect(await Promise.all(balances)).to.deep.equal([0n, BOB, FEES]);
    expect(await w.lens.creditOf(w.alice.address, w.hostileAddress)).to.equal(ALICE);
  });

  it("given a blocked operator, every line should be payable, and its fees wait", async () => {
    await w.hostile.setBlocked(w.operator.address, true);
    await at(RELEASE);
    await pull(w, 0);
    await w.programs.release(...releasing(w));
    await w.programs.payOut(w.bob.address, [w.hostileAddress]);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE);
    expect(await w.hostile.balanceOf(w.bob.address)).to.equal(BOB);
    await blocked(w.programs.payOut(w.operator.address, [w.hostileAddress]), w.operator.address);
    await w.programs.connect(w.operator).claim([w.hostileAddress], w.stranger.address);
    expect(await w.hostile.balanceOf(w.stranger.address)).to.equal(FEES);
  });

  it("given a blocked brand, it should withdraw to another receiver", async () => {
    await w.hostile.setBlocked(w.brand.address, true);
    await matured(w);
    await blocked(w.asBrand.withdraw(w.campaignId, w.brand.address), w.brand.address);
    await w.asBrand.withdraw(w.campaignId, w.stranger.address);
    expect(await w.hostile.balanceOf(w.stranger.address)).to.equal(BUDGET - TOTAL);
  });

  describe("given the contract is blocked", () => {
    let second: string;
    beforeEach(async () => {
      second = await createCampaign(w, { salt: id("second"), terms: terms(w, { token: w.hostileAddress }) });
      await w.asBrand.fund(second, BUDGET);
      await creditCarol(w);
      await matured(w);
      await w.programs.release(...releasing(w, w.lines, 1, 0));
      await w.hostile.setBlocked(w.programsAddress, true);
    });

    it("no campaign in the token should move it, and each should keep what it has", async () => {
      for (const send of [
        () => w.asBrand.fund(w.campaignId, 1),
        () => w.asBrand.fund(second, 1),
        () => w.asBrand.withdraw(w.campaignId, w.brand.address),
        () => pull(w, 0),
        () => w.programs.connect(w.bob).claim([w.hostileAddress], w.bob.address),
        () => w.programs.payOut(w.bob.address, [w.hostileAddress]),
      ]) {
        await blocked(send(), w.programsAddress);
      }
      expect(await w.lens.creditOf(w.bob.address, w.hostileAddress)).to.equal(BOB);
      const owners = [w.alice, w.bob, w.operator].map(({ address }) => address);
      const all = await owed(w, w.hostileAddress, [w.campaignId, second], owners);
      expect(await w.hostile.balanceOf(w.programsAddress)).to.equal(all);
    });

    it("what moves no tokens should go on: attest, reverse and release", async () => {
      const stranger = sale(w.stranger, 1, 0n);
      const batch = await creditNow(w, second, [stranger]);
      const r = reversal(w, [{ ...stranger, count: 0 }], { campaignId: second, attestation: batch.digest });
      await w.programs.reverse(...(await reversing(w, batch, r, [0])));
      await w.programs.release(...releasing(w, w.lines, 0, 0));
      expect(await w.lens.creditOf(w.alice.address, w.hostileAddress)).to.equal(ALICE);
      expect((await w.lens.campaign(second)).reserved).to.equal(0);
    });

    it("every other token should be claimed", async () => {
      await expect(
        w.programs.connect(w.honest.carol).claim([w.honest.tokenAddress], w.honest.carol.address),
      ).to.changeTokenBalance(ethers, w.honest.token, w.honest.carol, 1_000_000n);
    });

    it("once it is not blocked any more, everything should go on", async () => {
      await w.hostile.setBlocked(w.programsAddress, false);
      await pull(w, 0);
      await w.programs.payOut(w.bob.address, [w.hostileAddress]);
      await w.asBrand.withdraw(w.campaignId, w.brand.address);
      expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE);
      expect(await w.hostile.balanceOf(w.programsAddress)).to.equal(BUDGET + FEES);
    });
  });
});

describe("a token that lies about balances", () => {
  const lying = () => attestedIn((d) => new LyingToken__factory(d.brand).deploy());
  let w: Awaited<ReturnType<typeof lying>>;
  beforeEach(async () => {
    w = await loadFixture(lying);
  });
  afterEach(() => honestStillPays(w));
  const available = async () => (await w.lens.campaign(w.campaignId)).available;

  for (const [which, plus] of [
    ["more", 1_000_000_000_000n],
    ["less", -5_000_000_000n],
  ] as const) {
    it(`when it always says as much ${which}, fund should count what arrives`, async () => {
      await w.hostile.lie(1, plus, 0);
      await w.asBrand.fund(w.campaignId, 70);
      expect(await available()).to.equal(BUDGET - TOTAL + 70n);
    });
  }

  for (const [which, times, plus, perTransfer, arrived] of [
    ["says the same of everybody", 0, 5, 0, 0],
    ["doubles every balance", 2, 0, 0, 140],
    ["says one more with every transfer", 1, 0, 1, 71],
    ["says one less with every transfer", 1, 0, -1, 69],
  ] as const) {
    it(`when it ${which}, fund should revert with WrongAmountArrived`, async () => {
      await w.hostile.lie(times, plus, perTransfer);
      await expect(w.asBrand.fund(w.campaignId, 70))
        .to.be.revertedWithCustomError(w.programs, "WrongAmountArrived")
        .withArgs(w.hostileAddress, 70, arrived);
      expect(await available()).to.equal(BUDGET - TOTAL);
    });
  }

  it("when a balance falls by a deposit, fund should panic with an underflow", async () => {
    await w.hostile.lie(1, 0, -71);
    await expect(w.asBrand.fund(w.campaignId, 70)).to.be.revertedWithPanic(0x11);
    expect(await available()).to.equal(BUDGET - TOTAL);
  });

  it("when it moves nothing, fund should revert with WrongAmountArrived", async () => {
    await w.hostile.setStill(true);
    await expect(w.asBrand.fund(w.campaignId, 70))
      .to.be.revertedWithCustomError(w.programs, "WrongAmountArrived")
      .withArgs(w.hostileAddress, 70, 0);
  });

  it("when it moves nothing and says that it arrived, its campaign has a budget of nothing, and no other pays for it", async () => {
    await w.hostile.setStill(true);
    await w.hostile.lie(1, 0, 1_000_000_000);
    await w.asBrand.fund(w.campaignId, 1_000_000_000);
    expect(await available()).to.equal(BUDGET - TOTAL + 1_000_000_000n);
    await w.hostile.setStill(false);
    await w.hostile.lie(1, 0, 0);
    expect(await w.hostile.balanceOf(w.programsAddress)).to.equal(BUDGET);
  });

  it("whatever it says of balances, claims and withdrawals should not ask", async () => {
    await release(w);
    await w.asBrand.announceWithdrawal(w.campaignId, BUDGET - TOTAL);
    await w.hostile.lie(0, 0, 0);
    await w.programs.connect(w.alice).claim([w.hostileAddress], w.alice.address);
    await at((await time.latest()) + NOTICE);
    await w.asBrand.withdraw(w.campaignId, w.stranger.address);
    await w.hostile.lie(1, 0, 0);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE);
    expect(await w.hostile.balanceOf(w.stranger.address)).to.equal(BUDGET - TOTAL);
  });

  it("when it says true and moves nothing on the way out, its owners lose theirs alone", async () => {
    await release(w);
    await w.hostile.setStill(true);
    await w.programs.connect(w.alice).claim([w.hostileAddress], w.alice.address);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(0);
    expect(await w.hostile.balanceOf(w.programsAddress)).to.equal(BUDGET);
    expect(await w.lens.creditOf(w.bob.address, w.hostileAddress)).to.equal(BOB);
  });
});

describe("a token that answers with megabytes, or reverts", () => {
  const bomb = () => attestedIn((d) => new BombToken__factory(d.brand).deploy());
  let w: Awaited<ReturnType<typeof bomb>>;
  beforeEach(async () => {
    w = await loadFixture(bomb);
  });
  afterEach(() => honestStillPays(w));
  const HUGE = 500_000;
  const selector = (name: "balanceOf" | "transfer" | "transferFrom" | "permit") =>
    w.hostile.interface.getFunction(name as "transfer").selector;
  const fund = () => w.asBrand.fund(w.campaignId, 70, { gasLimit: GAS });
  const claim = (tokens = [w.hostileAddress]) =>
    w.programs.connect(w.alice).claim(tokens, w.alice.address, { gasLimit: GAS });

  for (const name of ["balanceOf", "transferFrom"] as const) {
    it(`when ${name} returns half a megabyte, fund should read one word of it`, async () => {
      await w.hostile.answer(selector(name), HUGE, false);
      const receipt = await (await fund()).wait();
      await w.hostile.answer("0x00000000", 0, false);
      expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET - TOTAL + 70n);
      // 620,000 for the token itself to make the answer, each of the two times for a balance.
      expect(receipt?.gasUsed).to.be.lessThan(gasBelow(name === "balanceOf" ? 2_000_000n : 800_000n));
    });
  }

  it("when transfer returns half a megabyte, claim and pull should pay and read one word of it", async () => {
    await w.hostile.answer(selector("transfer"), HUGE, false);
    await at(RELEASE);
    const pulled = await (await pull(w, 1)).wait();
    await w.programs.release(...releasing(w));
    const claimed = await (await claim()).wait();
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE);
    expect(await w.hostile.balanceOf(w.bob.address)).to.equal(BOB);
    for (const receipt of [pulled, claimed]) expect(receipt?.gasUsed).to.be.lessThan(800_000n);
  });

  for (const [what, size] of [
    ["without a reason", 0],
    ["with half a megabyte", HUGE],
  ] as const) {
    it(`when transfer reverts ${what}, it should keep every credit in it, and stop no claim of another token`, async () => {
      const { carol, token, tokenAddress } = w.honest;
      await creditCarol(w);
      const line = sale(carol, 1, 0n);
      const batch = await creditNow(w, w.campaignId, [line]);
      await at((await time.latest()) + HOLD);
      await w.programs.release(...releasing(batch));
      await w.hostile.answer(selector("transfer"), size, true);
      const asCarol = w.programs.connect(carol);
      const both = [tokenAddress, w.hostileAddress];
      await expect(asCarol.claim(both, carol.address, { gasLimit: GAS })).to.be.revert(ethers);
      await expect(w.programs.payOut(carol.address, both, { gasLimit: GAS })).to.be.revert(ethers);
      await expect(asCarol.claim([tokenAddress], carol.address)).to.changeTokenBalance(
        ethers,
        token,
        carol,
        1_000_000n,
      );
      expect(await w.lens.creditOf(carol.address, w.hostileAddress)).to.equal(1_000_000n);
    });
  }

  for (const [what, size, failing] of [
    ["reverts", 0, true],
    ["reverts with half a megabyte", HUGE, true],
    ["returns nothing", 0, false],
    ["returns half a word", 16, false],
  ] as const) {
    it(`when balanceOf ${what}, fund should revert, and what was credited still be paid`, async () => {
      await w.hostile.answer(selector("balanceOf"), size, failing);
      await expect(fund()).to.be.revert(ethers);
      await release(w);
      await claim();
      await w.hostile.answer("0x00000000", 0, false);
      expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE);
      expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET - TOTAL);
    });
  }

  for (const [what, size, failing] of [
    ["reverts with half a megabyte", HUGE, true],
    ["returns half a megabyte", HUGE, false],
  ] as const) {
    it(`when permit ${what}, fundWithPermit should fund by the allowance and not read it`, async () => {
      await w.hostile.answer(selector("permit"), size, failing);
      const funded = w.asBrand.fundWithPermit(w.campaignId, 70, NOW + DAY, 27, ZeroHash, ZeroHash, { gasLimit: GAS });
      expect((await (await funded).wait())?.gasUsed).to.be.lessThan(800_000n);
      expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET - TOTAL + 70n);
    });
  }
});

describe("one token with two addresses", () => {
  const twins = async () => {
    let first: string | undefined;
    const w = await attestedIn(async (d) => {
      const token = await new TwinToken__factory(d.brand).deploy(ZeroAddress);
      first = await token.getAddress();
      return token;
    });
    const second = await new TwinToken__factory(w.brand).deploy(first ?? ZeroAddress);
    const secondAddress = await second.getAddress();
    const secondId = await createCampaign(w, { salt: id("second"), terms: terms(w, { token: secondAddress }) });
    await w.asBrand.fund(secondId, BUDGET);
    return { ...w, second, secondAddress, secondId };
  };
  let w: Awaited<ReturnType<typeof twins>>;
  beforeEach(async () => {
    w = await loadFixture(twins);
  });
  afterEach(() => honestStillPays(w));

  it("when both are funded and paid out, each campaign should have its own, and together all that is held", async () => {
    const batch = await creditNow(w, w.secondId, [sale(w.stranger, 1, 0n)]);
    await at((await time.latest()) + HOLD);
    await w.programs.release(...releasing(batch));
    await w.programs.release(...releasing(w));
    await w.programs.connect(w.stranger).claim([w.hostileAddress, w.secondAddress], w.stranger.address);
    await w.programs.connect(w.alice).claim([w.secondAddress, w.hostileAddress], w.alice.address);
    expect(await w.second.balanceOf(w.stranger.address)).to.equal(1_000_000n);
    expect(await w.second.balanceOf(w.alice.address)).to.equal(ALICE);
    const owners = [w.alice, w.bob, w.operator, w.stranger].map(({ address }) => address);
    const sum =
      (await owed(w, w.hostileAddress, [w.campaignId], owners)) +
      (await owed(w, w.secondAddress, [w.secondId], owners));
    expect(await w.hostile.balanceOf(w.programsAddress)).to.equal(sum);
  });
});

describe("a token whose code can vanish", () => {
  const account = new Wallet(id("token"));
  /** An account that is a token by delegation (EIP-7702). */
  const vanishing = () =>
    attestedIn(async (d) => {
      const code = await new DemoToken__factory(d.brand).deploy("Vanishing", "GONE", 6);
      await delegate(account, await code.getAddress());
      return DemoToken__factory.connect(account.address, d.brand);
    });
  let w: Awaited<ReturnType<typeof vanishing>>;
  beforeEach(async () => {
    w = await loadFixture(vanishing);
    await release(w);
    await delegate(account, ZeroAddress);
  });
  afterEach(() => honestStillPays(w));

  it("given it is gone, fund and claim should revert, and the credit wait", async () => {
    expect(await ethers.provider.getCode(account.address)).to.equal("0x");
    await expect(w.asBrand.fund(w.campaignId, 70)).to.be.revertedWithoutReason(ethers);
    await expect(w.programs.connect(w.alice).claim([w.hostileAddress], w.alice.address))
      .to.be.revertedWithCustomError(w.programs, "SafeERC20FailedOperation")
      .withArgs(account.address);
    expect(await w.lens.creditOf(w.alice.address, w.hostileAddress)).to.equal(ALICE);
  });

  it("when it is back, the credit should be paid", async () => {
    await delegate(account, await (await new DemoToken__factory(w.brand).deploy("Vanishing", "GONE", 6)).getAddress());
    await w.programs.connect(w.alice).claim([w.hostileAddress], w.alice.address);
    expect(await w.hostile.balanceOf(w.alice.address)).to.equal(ALICE);
  });
});

describe("a token that is no token", () => {
  const plainWorld = async () => beside(await liveWith(() => ({})));
  let w: Awaited<ReturnType<typeof plainWorld>>;
  beforeEach(async () => {
    w = await loadFixture(plainWorld);
  });
  afterEach(() => honestStillPays(w));

  it("given the contract itself is named as the token, fund should revert, and nothing be spent", async () => {
    const campaignId = await createCampaign(w, { terms: terms(w, { token: w.programsAddress }) });
    await expect(w.asBrand.fund(campaignId, 1)).to.be.revertedWithoutReason(ethers);
    expect((await w.lens.campaign(campaignId)).available).to.equal(0);
  });

  it("given an account without code is named as the token, createCampaign should revert with InvalidToken", async () => {
    const precompile = "0x0000000000000000000000000000000000000002";
    for (const token of [w.stranger.address, precompile, ZeroAddress]) {
      await expect(createCampaign(w, { terms: terms(w, { token }) }))
        .to.be.revertedWithCustomError(w.programs, "InvalidToken")
        .withArgs(token);
    }
  });

  it("when tokens are sent by a plain transfer, they should be in no campaign", async () => {
    await w.token.mint(w.programsAddress, 1_000_000n);
    expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET);
    await w.asBrand.fund(w.campaignId, 70);
    expect((await w.lens.campaign(w.campaignId)).available).to.equal(BUDGET + 70n);
  });
});
