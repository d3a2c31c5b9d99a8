import { expect } from "chai";
import { type Interface, id, ZeroHash } from "ethers";
import { BurningReceiver__factory } from "#typechain/factories/mocks/BurningReceiver__factory.ts";
import { CallingReceiver__factory } from "#typechain/factories/mocks/CallingReceiver__factory.ts";
import { HookToken__factory } from "#typechain/factories/mocks/HookToken__factory.ts";
import { RefusingReceiver__factory } from "#typechain/factories/mocks/RefusingReceiver__factory.ts";
import {
  attestedIn,
  type Beside,
  beside,
  calls,
  claimOrder,
  creditNow,
  GAS,
  honestStillPays,
  owed,
  pulling,
  releasing,
} from "../../support/hostile.ts";
import {
  type Attested,
  at,
  attestation,
  attestationDigest,
  attestedWith,
  BUDGET,
  createCampaign,
  DAY,
  type Deployed,
  ethers,
  HOLD,
  HOUR,
  loadFixture,
  NATIVE,
  NOTICE,
  NOW,
  networkHelpers,
  newCampaign,
  reversal,
  sale,
  signup,
  terms,
  time,
} from "../../support/programs.ts";

/** When the batch was released long ago, and a withdrawal of 600 has matured. */
const LATER = NOW + 60 + NOTICE;
const SALES = 3_000_000n;
const SIGNUPS = 1_500_000n;

type Hostile = Attested & Beside & { paidIn: string; partner: ReturnType<typeof CallingReceiver__factory.connect> };

/** The partner is a contract: its three sales are its credit, its three sign-ups a line that is still to be pulled. */
async function due(w: Attested & Beside, paidIn: string): Promise<Hostile> {
  const partner = CallingReceiver__factory.connect(w.lines[0]?.partner ?? "", w.relayer);
  await at(NOW + 60);
  await w.asBrand.announceWithdrawal(w.campaignId, 600);
  await networkHelpers.setBalance(await partner.getAddress(), 5n);
  await at(LATER);
  await w.programs.release(...releasing(w, w.lines, 0, 0));
  return { ...w, paidIn, partner };
}
const deployPartner = async (d: Deployed) => (await new CallingReceiver__factory(d.relayer).deploy()).getAddress();
const linesOf = (address: string) => ({ lines: [sale({ address }, 3, 0n), signup({ address }, 3)] });

const inCoins = async () => {
  let address = "";
  const w = await attestedWith(
    async (d) => {
      address = await deployPartner(d);
      return { terms: terms(d, { token: NATIVE }) };
    },
    () => linesOf(address),
  );
  return due(await beside(w), NATIVE);
};
const inHookToken = async () => {
  let address = "";
  const w = await attestedIn(
    async (d) => {
      address = await deployPartner(d);
      return new HookToken__factory(d.brand).deploy();
    },
    {},
    () => linesOf(address),
  );
  const hostile = await due(w, w.hostileAddress);
  const hooked = w.hostile.interface.encodeFunctionData("setHook", [true]);
  await hostile.partner.execute(w.hostileAddress, hooked);
  return hostile;
};

/** Every function that moves money, as a call that works: who calls it, and what it pays the partner. */
async function payments(w: Hostile) {
  const { data } = calls(w);
  const self = await w.partner.getAddress();
  const [tokens, bob] = [[w.paidIn], await claimOrder(w, w.bob, [w.paidIn])];
  const permit = [LATER + NOTICE, 27, ZeroHash, ZeroHash] as const;
  return {
    fund: data("fund", [w.campaignId, 5]),
    fundWithPermit: data("fundWithPermit", [w.campaignId, 5, ...permit]),
    withdraw: data("withdraw", [w.campaignId, self]),
    pull: data("pull", pulling(w, 1)),
    claim: data("claim", [tokens, self]),
    claimFor: data("claimFor", [bob.order, bob.signature]),
    payOut: data("payOut", [self, tokens]),
  };
}
const paying = [
  ["claim", SALES],
  ["payOut", SALES],
  ["pull", SIGNUPS],
  ["withdraw", 600n],
] as const;
const guarded = ["fund", "fundWithPermit", "withdraw", "pull", "claim", "claimFor", "payOut"] as const;

for (const [what, fixture] of [
  ["coins", inCoins],
  ["a token with hooks", inHookToken],
] as const) {
  describe(`a receiver of ${what} that calls back`, () => {
    let w: Hostile;
    beforeEach(async () => {
      w = await loadFixture(fixture);
    });
    afterEach(() => honestStillPays(w));
    const balance = async (of: { getAddress(): Promise<string> } = w.partner) =>
      w.paidIn === NATIVE
        ? ethers.provider.getBalance(await of.getAddress())
        : HookToken__factory.connect(w.paidIn, w.brand).balanceOf(await of.getAddress());
    /** Pays the partner by one of the functions; claims are the partner's own calls. */
    const pay = async (name: (typeof paying)[number][0]) => {
      const data = (await payments(w))[name];
      if (name === "claim") return w.partner.execute(w.programsAddress, data);
      return (name === "withdraw" ? w.brand : w.relayer).sendTransaction({ to: w.programsAddress, data });
    };
    const solvent = async () => {
      const owners = [await w.partner.getAddress(), ...[w.alice, w.bob, w.operator].map(({ address }) => address)];
      expect(await balance(w.programs)).to.equal(await owed(w, w.paidIn, [w.campaignId], owners));
    };

    for (const [outer, amount] of paying) {
      for (const inner of guarded) {
        it(`when it calls ${inner} while ${outer} pays it, that should fail by the guard, and it be paid once`, async () => {
          const value = inner === "fund" && w.paidIn === NATIVE ? 5 : 0;
          await w.partner.callWhenPaid(w.programsAddress, value, (await payments(w))[inner]);
          const before = await balance();
          await pay(outer);
          expect(await w.partner.succeeded()).to.equal(false);
          expect(w.programs.interface.parseError(await w.partner.answer())?.name).to.equal(
            "ReentrancyGuardReentrantCall",
          );
          expect((await balance()) - before).to.equal(amount);
          expect(await w.partner.timesPaid()).to.equal(1);
          await solvent();
        });
      }

      it(`when it looks while ${outer} pays it, the views should show what is booked already`, async () => {
        const self = await w.partner.getAddress();
        const abi: Interface = w.lens.interface;
        const [name, args] = {
          withdraw: ["campaign", [w.campaignId]] as const,
          pull: ["settledLines", [w.attestation, 0]] as const,
          claim: ["creditOf", [self, w.paidIn]] as const,
          payOut: ["creditOf", [self, w.paidIn]] as const,
        }[outer];
        const view = abi.encodeFunctionData(name, args);
        await w.partner.callWhenPaid(await w.lens.getAddress(), 0, view);
        await pay(outer);
        const [seen] = abi.decodeFunctionResult(name, await w.partner.answer());
        const { available } = await w.lens.campaign(w.campaignId);
        if (outer === "withdraw") expect(seen.available).to.equal(available);
        else expect(seen).to.equal(outer === "pull" ? 3n : 0n);
      });
    }

    describe("by a function without the guard, which moves no money", () => {
      it("when it releases its other line while it is paid, it should be credited as if it came right after", async () => {
        const release = calls(w).release(w);
        await w.partner.callWhenPaid(w.programsAddress, 0, release);
        await pay("claim");
        expect(await w.partner.succeeded()).to.equal(true);
        expect(await w.lens.creditOf(await w.partner.getAddress(), w.paidIn)).to.equal(SIGNUPS);
        expect(await balance()).to.equal((w.paidIn === NATIVE ? 5n : 0n) + SALES);
        expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
        await solvent();
      });

      it("when it releases its line while it is pulled, it should not be credited for it again", async () => {
        const release = calls(w).release(w);
        await w.partner.callWhenPaid(w.programsAddress, 0, release);
        await pay("pull");
        expect(await w.partner.succeeded()).to.equal(true);
        expect(await w.lens.creditOf(await w.partner.getAddress(), w.paidIn)).to.equal(SALES);
        expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
        await solvent();
      });

      it("when it attests while the brand withdraws to it, it should reserve from what is left", async () => {
        const a = attestation(w, {
          firstConversion: 4n,
          periodFrom: LATER - HOUR,
          periodTo: LATER,
          deadline: LATER + DAY,
          lines: [sale(w.alice, 3, 0n)],
        });
        await w.partner.callWhenPaid(w.programsAddress, 0, await calls(w).attest(a));
        const before = await w.lens.campaign(w.campaignId);
        await pay("withdraw");
        expect(await w.partner.succeeded()).to.equal(true);
        const after = await w.lens.campaign(w.campaignId);
        const total = 3_150_000n;
        expect([after.available, after.reserved, after.nextConversion]).to.deep.equal([
          before.available - 600n - total,
          before.reserved + total,
          7n,
        ]);
        expect((await w.lens.batch(attestationDigest(w, a))).releaseAt).to.equal((await time.latest()) + HOLD);
        await solvent();
      });

      it("when it reverses while it is paid, it should return that much to the budget", async () => {
        const line = sale(w.alice, 1, 0n);
        const batch = await creditNow(w, w.campaignId, [line]);
        const r = reversal(w, [{ ...line, count: 0 }], { attestation: batch.digest });
        const data = await calls(w).reverse(batch, r, [0]);
        await w.partner.callWhenPaid(w.programsAddress, 0, data);
        const before = await w.lens.campaign(w.campaignId);
        await pay("claim");
        expect(await w.partner.succeeded()).to.equal(true);
        const after = await w.lens.campaign(w.campaignId);
        expect([after.available, after.reserved]).to.deep.equal([
          before.available + 1_050_000n,
          before.reserved - 1_050_000n,
        ]);
        await solvent();
      });

      it("when it opts out while it is pushed to, it should be paid, and not pushed to again", async () => {
        await w.partner.callWhenPaid(w.programsAddress, 0, calls(w).data("setPayOutOptOut", [true]));
        await pay("payOut");
        await expect(pay("pull"))
          .to.be.revertedWithCustomError(w.programs, "OptedOut")
          .withArgs(await w.partner.getAddress());
        await solvent();
      });

      it("when it names another receiver while it is pushed to, it should have this push, and that one the next", async () => {
        const data = calls(w).data("setPayout", [w.stranger.address, 0]);
        await w.partner.callWhenPaid(w.programsAddress, 0, data);
        const before = await balance();
        await pay("payOut");
        expect([await w.partner.succeeded(), (await balance()) - before]).to.deep.equal([true, SALES]);
        const of = { getAddress: async () => w.stranger.address };
        const has = await balance(of);
        await pay("pull");
        expect((await balance(of)) - has).to.equal(SIGNUPS);
        await solvent();
      });

      it("when it creates a campaign while it is paid, it should be that campaign's brand and nothing more", async () => {
        const given = newCampaign(w, { salt: id("inside") });
        await w.partner.callWhenPaid(w.programsAddress, 0, calls(w).data("createCampaign", [given]));
        await pay("claim");
        const [inside] = w.programs.interface.decodeFunctionResult("createCampaign", await w.partner.answer());
        const { brand, available } = await w.lens.campaign(inside);
        expect([brand, available]).to.deep.equal([await w.partner.getAddress(), 0n]);
        await solvent();
      });
    });
  });
}
describe("a sender of a token with hooks that calls back", () => {
  let w: Hostile;
  beforeEach(async () => {
    w = await loadFixture(inHookToken);
    const token = HookToken__factory.connect(w.paidIn, w.brand);
    const self = await w.partner.getAddress();
    await token.mint(self, 1_000n);
    const approve = token.interface.encodeFunctionData("approve", [w.programsAddress, 1_000n]);
    await w.partner.execute(w.paidIn, approve);
  });
  afterEach(() => honestStillPays(w));

  for (const outer of ["fund", "fundWithPermit"] as const) {
    for (const inner of guarded) {
      it(`when it calls ${inner} while it pays by ${outer}, that should fail by the guard, and it fund once`, async () => {
        const { available } = await w.lens.campaign(w.campaignId);
        const data = await payments(w);
        await w.partner.callWhenPaid(w.programsAddress, 0, data[inner]);
        await w.partner.execute(w.programsAddress, data[outer]);
        expect(await w.partner.succeeded()).to.equal(false);
        expect(w.programs.interface.parseError(await w.partner.answer())?.name).to.equal(
          "ReentrancyGuardReentrantCall",
        );
        expect((await w.lens.campaign(w.campaignId)).available).to.equal(available + 5n);
      });
    }
  }

  it("when it attests against money that is still on its way, and the money arrives, both should stand", async () => {
    const campaignId = await createCampaign(w, { salt: id("empty"), terms: terms(w, { token: w.paidIn }) });
    const token = HookToken__factory.connect(w.paidIn, w.brand);
    const now = await time.latest();
    const a = attestation(w, {
      campaignId,
      conversions: 1,
      periodFrom: now,
      periodTo: now + 1,
      deadline: now + DAY,
      lines: [sale(w.alice, 1, 0n)],
    });
    const self = await w.partner.getAddress();
    await token.mint(self, 1_050_000n);
    await w.partner.execute(w.paidIn, token.interface.encodeFunctionData("approve", [w.programsAddress, 1_050_000n]));
    await w.partner.callWhenPaid(w.programsAddress, 0, await calls(w).attest(a));
    await w.partner.execute(w.programsAddress, calls(w).data("fund", [campaignId, 1_050_000n]));
    const { available, reserved } = await w.lens.campaign(campaignId);
    expect([available, reserved]).to.deep.equal([0n, 1_050_000n]);
  });

  it("when it attests against money that is still on its way, and the money does not arrive, neither should stand", async () => {
    const campaignId = await createCampaign(w, { salt: id("empty"), terms: terms(w, { token: w.paidIn }) });
    const now = await time.latest();
    const a = attestation(w, {
      campaignId,
      conversions: 1,
      periodFrom: now,
      periodTo: now + 1,
      deadline: now + DAY,
      lines: [sale(w.alice, 1, 0n)],
    });
    await w.partner.callWhenPaid(w.programsAddress, 0, await calls(w).attest(a));
    const fund = calls(w).data("fund", [campaignId, 1_050_000n]);
    await expect(w.partner.execute(w.programsAddress, fund)).to.be.revertedWithCustomError(
      HookToken__factory.connect(w.paidIn, w.brand),
      "ERC20InsufficientAllowance",
    );
    const { reserved, nextConversion } = await w.lens.campaign(campaignId);
    expect([reserved, nextConversion]).to.deep.equal([0n, 1n]);
  });
});

describe("coins claimed together with tokens", () => {
  /** Bob is credited with 3.00 in coins and in two tokens. */
  const mixed = async () => {
    const w = await beside(await attestedWith((d) => ({ terms: terms(d, { holdSeconds: 0 }) })));
    const second = await new HookToken__factory(w.brand).deploy();
    await second.mint(w.brand.address, BUDGET);
    await second.approve(w.programsAddress, BUDGET);
    const tokens = [w.tokenAddress, await second.getAddress(), NATIVE] as const;
    for (const token of tokens) {
      const campaignId = await createCampaign(w, { salt: id(token), terms: terms(w, { holdSeconds: 0, token }) });
      await w.asBrand.fund(campaignId, BUDGET, { value: token === NATIVE ? BUDGET : 0n });
      await creditNow(w, campaignId, [sale(w.stranger, 3, 0n)]);
    }
    const receiver = await new CallingReceiver__factory(w.relayer).deploy();
    return { ...w, second, tokens, receiver };
  };
  let w: Awaited<ReturnType<typeof mixed>>;
  let receiver: string;
  beforeEach(async () => {
    w = await loadFixture(mixed);
    receiver = await w.receiver.getAddress();
  });
  afterEach(() => honestStillPays(w));

  for (const [which, order] of [
    ["first", [2, 0, 1]],
    ["between", [0, 2, 1]],
    ["last", [0, 1, 2]],
    ["twice", [2, 0, 1, 2]],
  ] as const) {
    const list = () => order.map((i) => w.tokens[i] ?? "");
    for (const token of [0, 1] as const) {
      it(`when coins are named ${which}, token ${token} should have arrived when they do`, async () => {
        const view = w.token.interface.encodeFunctionData("balanceOf", [receiver]);
        await w.receiver.callWhenPaid(w.tokens[token], 0, view);
        await w.programs.connect(w.stranger).claim(list(), receiver);
        expect(BigInt(await w.receiver.answer())).to.equal(3_000_000n);
        expect(await ethers.provider.getBalance(receiver)).to.equal(3_000_000n);
      });
    }

    it(`when coins are named ${which} in an order that is carried, each should arrive once, coins last`, async () => {
      const { order: given, signature } = await claimOrder(w, w.stranger, list(), { receiver });
      const view = w.second.interface.encodeFunctionData("balanceOf", [receiver]);
      await w.receiver.callWhenPaid(w.tokens[1], 0, view);
      await w.programs.claimFor(given, signature);
      expect(BigInt(await w.receiver.answer())).to.equal(3_000_000n);
      expect(await w.token.balanceOf(receiver)).to.equal(3_000_000n);
      expect(await ethers.provider.getBalance(receiver)).to.equal(3_000_000n);
      expect(await w.receiver.timesPaid()).to.equal(1);
    });
  }

  for (const [what, deploy] of [
    ["refuses coins", () => new RefusingReceiver__factory(w.relayer).deploy()],
    ["burns all gas", () => new BurningReceiver__factory(w.relayer).deploy()],
  ] as const) {
    it(`when the receiver ${what}, claimFor should revert with NativeTransferFailed and keep credits and nonce`, async () => {
      const refusing = await (await deploy()).getAddress();
      const { order, signature } = await claimOrder(w, w.stranger, w.tokens, { receiver: refusing });
      await expect(w.programs.claimFor(order, signature, { gasLimit: GAS }))
        .to.be.revertedWithCustomError(w.programs, "NativeTransferFailed")
        .withArgs(refusing, 3_000_000n);
      for (const token of w.tokens) expect(await w.lens.creditOf(w.stranger.address, token)).to.equal(3_000_000n);
      expect(await w.programs.nonces(w.stranger.address)).to.equal(0);
      await w.programs.connect(w.stranger).claim([...w.tokens], receiver);
      expect(await ethers.provider.getBalance(receiver)).to.equal(3_000_000n);
    });
  }

  it("when the receiver is the contract itself, the coins should be refused, and the credits stay", async () => {
    await expect(w.programs.connect(w.stranger).claim([NATIVE, w.tokenAddress], w.programsAddress))
      .to.be.revertedWithCustomError(w.programs, "NativeTransferFailed")
      .withArgs(w.programsAddress, 3_000_000n);
    expect(await w.lens.creditOf(w.stranger.address, w.tokenAddress)).to.equal(3_000_000n);
  });

  it("when coins are forced upon the contract, they should be in no campaign, and every claim be paid", async () => {
    const held = await ethers.provider.getBalance(w.programsAddress);
    await networkHelpers.setBalance(w.programsAddress, held + 777n);
    await w.programs.payOut(w.stranger.address, [NATIVE]);
    expect(await ethers.provider.getBalance(w.programsAddress)).to.equal(held + 777n - 3_000_000n);
    expect(await w.lens.creditOf(w.stranger.address, NATIVE)).to.equal(0);
  });
});

describe("partners that cannot be paid", () => {
  /** In coins: Alice, who opted out, and three contracts: one refuses, one burns all gas, one is the contract itself. */
  const bad = async () => {
    let accounts: { address: string }[] = [];
    const w = await attestedWith(
      async (d) => {
        const refusing = await (await new RefusingReceiver__factory(d.relayer).deploy()).getAddress();
        const burning = await (await new BurningReceiver__factory(d.relayer).deploy()).getAddress();
        accounts = [refusing, burning, d.programsAddress].map((address) => ({ address }));
        return { terms: terms(d, { token: NATIVE }) };
      },
      (w) => ({
        conversions: 5,
        lines: [...accounts, w.alice, w.bob]
          .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
          .map((partner) => sale(partner, 1, 0n)),
      }),
    );
    await w.programs.connect(w.alice).setPayOutOptOut(true);
    const [refusing, burning, itself] = accounts.map(({ address }) => address) as [string, string, string];
    return { ...(await beside(w)), refusing, burning, itself };
  };
  let w: Awaited<ReturnType<typeof bad>>;
  beforeEach(async () => {
    w = await loadFixture(bad);
    await at(NOW + HOLD);
  });
  afterEach(() => honestStillPays(w));
  const indexOf = (address: string) => w.lines.findIndex((line) => line.partner === address);
  const pull = (address: string) => w.programs.pull(...pulling(w, indexOf(address)), { gasLimit: GAS });
  const payOut = (address: string) => w.programs.payOut(address, [NATIVE], { gasLimit: GAS });
  const fails = async (pay: (address: string) => Promise<unknown>) => {
    for (const address of [w.refusing, w.burning, w.itself]) {
      await expect(pay(address))
        .to.be.revertedWithCustomError(w.programs, "NativeTransferFailed")
        .withArgs(address, 1_000_000n);
    }
    await expect(pay(w.alice.address)).to.be.revertedWithCustomError(w.programs, "OptedOut").withArgs(w.alice.address);
  };

  it("when their lines are pulled, those should fail alone, before and after another's", async () => {
    await fails(pull);
    await expect(pull(w.bob.address)).to.changeEtherBalance(ethers, w.bob, 1_000_000n);
    await fails(pull);
  });

  it("when all lines are released, each should be credited, and pushes to them fail alone", async () => {
    await w.programs.release(...releasing(w));
    for (const { partner } of w.lines) expect(await w.lens.creditOf(partner, NATIVE)).to.equal(1_000_000n);
    await fails(payOut);
    await expect(payOut(w.bob.address)).to.changeEtherBalance(ethers, w.bob, 1_000_000n);
    const claimed = w.programs.connect(w.alice).claim([NATIVE], w.stranger.address);
    await expect(claimed).to.changeEtherBalance(ethers, w.stranger, 1_000_000n);
  });

  it("when lines are released alone, any order should credit each", async () => {
    for (const index of [3, 0, 4, 2, 1]) {
      await w.programs.release(...releasing(w, w.lines, index, 0));
    }
    for (const { partner } of w.lines) expect(await w.lens.creditOf(partner, NATIVE)).to.equal(1_000_000n);
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
  });

  it("when a payout address refuses coins, pushes should fail alone, and claims go elsewhere once it is not locked", async () => {
    const asBob = w.programs.connect(w.bob);
    await asBob.setPayout(w.refusing, DAY);
    const refused = (sent: Promise<unknown>) =>
      expect(sent).to.be.revertedWithCustomError(w.programs, "NativeTransferFailed").withArgs(w.refusing, 1_000_000n);
    await refused(pull(w.bob.address));
    await w.programs.release(...releasing(w));
    await refused(payOut(w.bob.address));
    await expect(asBob.claim([NATIVE], w.stranger.address))
      .to.be.revertedWithCustomError(w.programs, "PayoutLocked")
      .withArgs(w.bob.address, w.refusing, w.stranger.address);
    await asBob.setPayout(w.stranger.address, 0);
    await at((await time.latest()) + DAY);
    await expect(payOut(w.bob.address)).to.changeEtherBalance(ethers, w.stranger, 1_000_000n);
  });

  it("when the one that refuses coins names another receiver, it should be paid there", async () => {
    await w.programs.release(...releasing(w, w.lines, indexOf(w.refusing), 0));
    const refusing = RefusingReceiver__factory.connect(w.refusing, w.relayer);
    const claim = calls(w).data("claim", [[NATIVE], w.stranger.address]);
    await expect(refusing.execute(w.programsAddress, claim)).to.changeEtherBalance(ethers, w.stranger, 1_000_000n);
  });
});
