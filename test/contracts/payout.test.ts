import {
  claimOrderTypedData,
  digestOf,
  type PayoutOrder,
  payoutOrderTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { AbiCoder, keccak256, ZeroAddress } from "ethers";
import {
  type Attested,
  at,
  attestedWith,
  DAY,
  ethers,
  HOUR,
  loadFixture,
  NOW,
  plain,
  terms,
  worth,
} from "#test/support/programs.ts";

const later = NOW + DAY;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;
const credited = () => attestedWith((w) => ({ terms: terms(w, { holdSeconds: 0 }) }));

describe("payout", () => {
  let w: Attested;
  let ofAlice: bigint;
  beforeEach(async () => {
    w = await loadFixture(credited);
    ofAlice = worth(...w.lines.slice(0, 1)).commission;
    await at(later);
  });
  const asAlice = () => w.programs.connect(w.alice);
  const balanceOf = (owner: { address: string }) => w.token.balanceOf(owner.address);

  it("given none was set, pushes should go to the owner, and claims wherever it says", async () => {
    expect(await w.lens.receiverOf(w.alice.address)).to.deep.equal([w.alice.address, 0n]);
    await w.programs.payOut(w.alice.address, [w.tokenAddress]);
    expect(await balanceOf(w.alice)).to.equal(ofAlice);
  });

  it("without a lock, it should take effect at once for pushes, and leave claims free", async () => {
    await expect(asAlice().setPayout(w.stranger.address, 0))
      .to.emit(w.programs, "PayoutAnnounced")
      .withArgs(w.alice.address, w.stranger.address, 0, later);
    await asAlice().claim([w.tokenAddress], w.operator.address);
    expect(await balanceOf(w.operator)).to.equal(ofAlice);
    await asAlice().setPayout(ZeroAddress, 0);
    expect(await w.lens.receiverOf(w.alice.address)).to.deep.equal([w.alice.address, 0n]);
  });

  it("when the lock is longer than a year, it should revert with LockTooLong", async () => {
    await expect(asAlice().setPayout(w.stranger.address, YEAR + 1))
      .to.be.revertedWithCustomError(w.programs, "LockTooLong")
      .withArgs(YEAR + 1, YEAR);
    await expect(asAlice().setPayout(w.stranger.address, YEAR))
      .to.emit(w.programs, "PayoutAnnounced")
      .withArgs(w.alice.address, w.stranger.address, YEAR, later);
  });

  it("given a lock on the owner's own address, claims should pay the owner, and nobody else", async () => {
    await asAlice().setPayout(ZeroAddress, MONTH);
    await expect(asAlice().claim([w.tokenAddress], w.stranger.address))
      .to.be.revertedWithCustomError(w.programs, "PayoutLocked")
      .withArgs(w.alice.address, w.alice.address, w.stranger.address);
    await asAlice().claim([w.tokenAddress], w.alice.address);
    expect(await balanceOf(w.alice)).to.equal(ofAlice);
  });

  describe("given a lock", () => {
    beforeEach(async () => {
      await asAlice().setPayout(w.stranger.address, MONTH);
    });

    it("claims should pay there, and nowhere else", async () => {
      await expect(asAlice().claim([w.tokenAddress], w.alice.address))
        .to.be.revertedWithCustomError(w.programs, "PayoutLocked")
        .withArgs(w.alice.address, w.stranger.address, w.alice.address);
      await asAlice().claim([w.tokenAddress], w.stranger.address);
      expect(await balanceOf(w.stranger)).to.equal(ofAlice);
    });

    it("an order of before to pay elsewhere should revert with PayoutLocked", async () => {
      const order = {
        owner: w.alice.address,
        receiver: w.operator.address,
        tokens: [w.tokenAddress],
        nonce: 0n,
        deadline: BigInt(later + MONTH),
      };
      const typed = claimOrderTypedData(order);
      const signature = await w.alice.signTypedData(w.domain, typed.types, typed.message);
      await expect(w.programs.claimFor(order, signature))
        .to.be.revertedWithCustomError(w.programs, "PayoutLocked")
        .withArgs(w.alice.address, w.stranger.address, w.operator.address);
      expect(await w.programs.nonces(w.alice.address)).to.equal(0);
    });

    it("a change should take effect after the lock that is in force, and not a second before", async () => {
      await at(later + HOUR);
      await expect(asAlice().setPayout(w.operator.address, 0))
        .to.emit(w.programs, "PayoutAnnounced")
        .withArgs(w.alice.address, w.operator.address, 0, later + HOUR + MONTH);
      await at(later + HOUR + MONTH - 1);
      await expect(asAlice().claim([w.tokenAddress], w.operator.address)).to.be.revertedWithCustomError(
        w.programs,
        "PayoutLocked",
      );
      await at(later + HOUR + MONTH);
      await asAlice().claim([w.tokenAddress], w.brand.address);
      expect(await w.lens.receiverOf(w.alice.address)).to.deep.equal([w.operator.address, 0n]);
    });

    it("given the key is stolen, what is pushed until the lock is over should go to the owner's address", async () => {
      // The thief announces itself, closes pushes, and signs orders; anybody pushes meanwhile.
      await asAlice().setPayout(w.operator.address, YEAR);
      await asAlice().setPayOutOptOut(true);
      await at(later + MONTH - 1);
      await w.programs.payOut(w.alice.address, [w.tokenAddress]);
      expect(await balanceOf(w.stranger)).to.equal(ofAlice);
      expect(await balanceOf(w.operator)).to.equal(0);
    });

    it("given the owner announces its own address again, the thief's time should begin anew", async () => {
      await at(later + HOUR);
      await asAlice().setPayout(w.operator.address, YEAR);
      expect(await w.lens.receiverOf(w.alice.address)).to.deep.equal([w.stranger.address, BigInt(MONTH)]);
      expect(plain(await w.lens.payoutOf(w.alice.address))).to.deep.equal({
        receiver: w.stranger.address,
        lockSeconds: BigInt(MONTH),
        nextAt: BigInt(later + HOUR + MONTH),
        optedOut: false,
        nextReceiver: w.operator.address,
        nextLockSeconds: BigInt(YEAR),
      });
      await at(later + MONTH - 1);
      await asAlice().setPayout(w.stranger.address, MONTH);
      await at(later + MONTH + DAY);
      await expect(asAlice().claim([w.tokenAddress], w.operator.address)).to.be.revertedWithCustomError(
        w.programs,
        "PayoutLocked",
      );
      await at(later + 3 * MONTH);
      expect(await w.lens.receiverOf(w.alice.address)).to.deep.equal([w.stranger.address, BigInt(MONTH)]);
    });

    it("given the key is lost, it should be paid all the same", async () => {
      await w.programs.payOut(w.alice.address, [w.tokenAddress]);
      expect(await balanceOf(w.stranger)).to.equal(ofAlice);
    });
  });

  describe("by an order", () => {
    const order = (overrides: Partial<PayoutOrder> = {}): PayoutOrder => ({
      owner: w.alice.address,
      receiver: w.stranger.address,
      lockSeconds: MONTH,
      nonce: 0n,
      deadline: BigInt(later + DAY),
      ...overrides,
    });
    const signed = (it: PayoutOrder, by = w.alice) => {
      const typed = payoutOrderTypedData(it);
      return by.signTypedData(w.domain, typed.types, typed.message);
    };

    it("it should do what the owner signed, once", async () => {
      await w.programs.setPayoutFor(order(), await signed(order()));
      expect(await w.lens.receiverOf(w.alice.address)).to.deep.equal([w.stranger.address, BigInt(MONTH)]);
      await expect(w.programs.setPayoutFor(order(), await signed(order())))
        .to.be.revertedWithCustomError(w.programs, "WrongNonce")
        .withArgs(w.alice.address, 1, 0);
    });

    it("when another signed, or something was changed, it should revert with InvalidSignature", async () => {
      for (const [it, signature] of [
        [order(), await signed(order(), w.bob)],
        [order({ receiver: w.bob.address }), await signed(order())],
        [order({ lockSeconds: 0 }), await signed(order())],
      ] as const) {
        await expect(w.programs.setPayoutFor(it, signature))
          .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
          .withArgs(w.alice.address, digestOf(w.domain, payoutOrderTypedData(it)));
      }
    });

    it("when its deadline has passed, it should revert with DeadlinePassed", async () => {
      const late = order({ deadline: BigInt(later - 1) });
      await expect(w.programs.setPayoutFor(late, await signed(late)))
        .to.be.revertedWithCustomError(w.programs, "DeadlinePassed")
        .withArgs(later - 1, later);
    });

    it("given orders were revoked, all of them should be void, also those with the next numbers", async () => {
      const orders = [order(), order({ nonce: 1n }), order({ nonce: 2n ** 128n })];
      const signatures = await Promise.all(orders.map((it) => signed(it)));
      const foreseen = await w.programs.connect(w.alice).revokeOrders.staticCall();
      await expect(asAlice().revokeOrders()).to.emit(w.programs, "OrdersRevoked");
      const nonce = await w.programs.nonces(w.alice.address);
      expect(nonce > 2n ** 200n).to.equal(true);
      expect(foreseen > 2n ** 200n).to.equal(true);
      for (const [i, it] of orders.entries()) {
        await expect(w.programs.setPayoutFor(it, signatures[i] ?? "0x"))
          .to.be.revertedWithCustomError(w.programs, "WrongNonce")
          .withArgs(w.alice.address, nonce, it.nonce);
      }
      await at(later + HOUR);
      await w.programs.setPayoutFor(order({ nonce }), await signed(order({ nonce })));
    });

    it("given orders were revoked, the next number should follow from the block before, which nobody could foresee", async () => {
      const parent = await ethers.provider.getBlock("latest");
      const seed = AbiCoder.defaultAbiCoder().encode(
        ["bytes32", "address", "uint256"],
        [parent?.hash, w.alice.address, 0n],
      );
      await expect(asAlice().revokeOrders())
        .to.emit(w.programs, "OrdersRevoked")
        .withArgs(w.alice.address, keccak256(seed));
      expect(await w.programs.nonces(w.alice.address)).to.equal(keccak256(seed));
    });
  });
});
