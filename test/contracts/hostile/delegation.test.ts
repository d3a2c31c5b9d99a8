import { attestationTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, Wallet, ZeroAddress, zeroPadBytes } from "ethers";
import { BurningReceiver__factory } from "#typechain/factories/mocks/BurningReceiver__factory.ts";
import { CallingReceiver__factory } from "#typechain/factories/mocks/CallingReceiver__factory.ts";
import { HostileWallet__factory } from "#typechain/factories/mocks/HostileWallet__factory.ts";
import { RefusingReceiver__factory } from "#typechain/factories/mocks/RefusingReceiver__factory.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";
import {
  beside,
  calls,
  claimOrder,
  delegate,
  GAS,
  honestStillPays,
  pulling,
  releasing,
} from "../../support/hostile.ts";
import {
  at,
  attest,
  attestation,
  attestationDigest,
  attestedWith,
  attesters,
  BUDGET,
  createCampaign,
  DAY,
  ethers,
  given,
  HOLD,
  live,
  loadFixture,
  NATIVE,
  NOW,
  networkHelpers,
  sale,
  sign,
  terms,
  time,
  worth,
} from "../../support/programs.ts";

const [first] = attesters;
const YES = zeroPadBytes("0x1626ba7e", 32);
const [ANSWER, FAIL, BURN] = [0, 1, 2] as const;

describe("an attester whose account has code by delegation (EIP-7702)", () => {
  const delegated = async () => {
    const w = await beside(await live());
    const code = await new HostileWallet__factory(w.relayer).deploy();
    await delegate(first, await code.getAddress());
    return { ...w, account: HostileWallet__factory.connect(first.address, w.relayer) };
  };
  let w: Awaited<ReturnType<typeof delegated>>;
  beforeEach(async () => {
    w = await loadFixture(delegated);
    await time.increaseTo(NOW);
  });
  afterEach(() => honestStillPays(w));
  const number = async () => (await w.lens.campaign(w.campaignId)).nextConversion;
  const withBytes = async () => {
    const [, good] = await sign(w, attestationTypedData(attestation(w)));
    if (!good) throw new Error("unsigned");
    return w.programs.attest(...given(attestation(w)), [{ attester: 0, signature: "0x1234" }, good], { gasLimit: GAS });
  };

  for (const [what, act] of [
    ["says no", ANSWER],
    ["reverts", FAIL],
    ["burns all gas", BURN],
  ] as const) {
    it(`when its code ${what}, its key should sign all the same, and the code not be asked`, async () => {
      await w.account.behave(act, 32, ZeroAddress, "0x");
      const receipt = await (await attest(w, attestation(w))).wait();
      expect(await number()).to.equal(4);
      expect(receipt?.gasUsed).to.be.lessThan(500_000n);
    });

    it(`when its code ${what}, other bytes than its key's should revert with InvalidSignature`, async () => {
      await w.account.behave(act, 32, ZeroAddress, "0x");
      await expect(withBytes())
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(first.address, attestationDigest(w, attestation(w)));
    });
  }

  it("when its code says yes, its code should sign beside its key, until it delegates away", async () => {
    await w.account.behave(ANSWER, 32, ZeroAddress, YES);
    const before = await networkHelpers.takeSnapshot();
    await withBytes();
    expect(await number()).to.equal(4);
    await before.restore();
    await delegate(first, ZeroAddress);
    await expect(withBytes())
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(first.address, attestationDigest(w, attestation(w)));
    await attest(w, attestation(w));
    expect(await number()).to.equal(4);
  });

  it("given it is the whole set and its code calls for anybody, whoever commands the code should attest", async () => {
    const campaignId = await createCampaign(w, { salt: id("one"), attesters: [first.address], threshold: 1 });
    await w.asBrand.fund(campaignId, BUDGET);
    const from = await time.latest();
    const a = attestation(w, { campaignId, periodFrom: from, periodTo: from + 1, deadline: from + DAY });
    const data = calls(w).data("attest", [...given(a), []]);
    await delegate(first, await (await new Wallet1271__factory(w.relayer).deploy(w.alice.address)).getAddress());
    const account = Wallet1271__factory.connect(first.address, w.stranger);
    await expect(account.execute(w.programsAddress, data))
      .to.be.revertedWithCustomError(account, "NotKey")
      .withArgs(w.stranger.address);
    await account.connect(w.alice).execute(w.programsAddress, data);
    expect((await w.lens.campaign(campaignId)).nextConversion).to.equal(4);
  });
});

describe("a partner whose account has code by delegation (EIP-7702)", () => {
  const partner = new Wallet(id("partner"), ethers.provider);
  const AMOUNT = worth(sale(partner, 3, 0n)).commission;
  /** Three sales in coins, and as many by Bob. */
  const owed = async () => {
    const w = await attestedWith(
      (d) => ({ terms: terms(d, { token: NATIVE }) }),
      (w) => ({
        conversions: 6,
        lines: [partner, w.bob]
          .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
          .map((p) => sale(p, 3, 0n)),
      }),
    );
    await networkHelpers.setBalance(partner.address, 10n ** 18n);
    return beside(w);
  };
  let w: Awaited<ReturnType<typeof owed>>;
  beforeEach(async () => {
    w = await loadFixture(owed);
    await at(NOW + HOLD);
  });
  afterEach(() => honestStillPays(w));
  const index = (of: { address: string }) => w.lines.findIndex((line) => line.partner === of.address);
  const pull = (of: { address: string }) => w.programs.pull(...pulling(w, index(of)), { gasLimit: GAS });
  const payOut = (of: { address: string }) => w.programs.payOut(of.address, [NATIVE], { gasLimit: GAS });
  const refused = (sent: Promise<unknown>) =>
    expect(sent).to.be.revertedWithCustomError(w.programs, "NativeTransferFailed").withArgs(partner.address, AMOUNT);

  for (const [what, deploy] of [
    ["refuses coins", () => new RefusingReceiver__factory(w.relayer).deploy()],
    ["burns all gas", () => new BurningReceiver__factory(w.relayer).deploy()],
  ] as const) {
    describe(`given its code ${what}`, () => {
      beforeEach(async () => {
        await delegate(partner, await (await deploy()).getAddress());
      });

      it("it should not be pulled or pushed to, and nobody else wait for it", async () => {
        await refused(pull(partner));
        await expect(pull(w.bob)).to.changeEtherBalance(ethers, w.bob, AMOUNT);
        await w.programs.release(...releasing(w));
        await refused(payOut(partner));
        expect(await w.lens.creditOf(partner.address, NATIVE)).to.equal(AMOUNT);
      });

      it("it should claim by its key to another receiver, itself or by an order", async () => {
        await w.programs.release(...releasing(w));
        const before = await networkHelpers.takeSnapshot();
        await expect(
          w.programs.connect(partner).claim([NATIVE], w.stranger.address, { gasLimit: GAS }),
        ).to.changeEtherBalance(ethers, w.stranger, AMOUNT);
        await before.restore();
        const { order, signature } = await claimOrder(w, partner, [NATIVE], { receiver: w.stranger.address });
        await expect(w.programs.claimFor(order, signature)).to.changeEtherBalance(ethers, w.stranger, AMOUNT);
      });

      it("when it delegates away, it should be pushed to again", async () => {
        await w.programs.release(...releasing(w));
        await delegate(partner, ZeroAddress);
        await expect(payOut(partner)).to.changeEtherBalance(ethers, partner, AMOUNT);
      });
    });
  }

  it("given its code calls back when it is paid, that should fail by the guard, and it be paid once", async () => {
    await w.programs.release(...releasing(w));
    await delegate(partner, await (await new CallingReceiver__factory(w.relayer).deploy()).getAddress());
    const account = CallingReceiver__factory.connect(partner.address, w.relayer);
    await account.callWhenPaid(w.programsAddress, 0, calls(w).data("claim", [[NATIVE], partner.address]));
    await expect(payOut(partner)).to.changeEtherBalance(ethers, partner, AMOUNT);
    expect(await account.succeeded()).to.equal(false);
    expect(w.programs.interface.parseError(await account.answer())?.name).to.equal("ReentrancyGuardReentrantCall");
  });

  describe("given it signed a claim order", () => {
    const signed = () => claimOrder(w, partner, [NATIVE], { receiver: w.stranger.address });
    beforeEach(async () => {
      await w.programs.release(...releasing(w));
    });

    it("when it delegates to code that says no, the order should be good all the same", async () => {
      const { order, signature } = await signed();
      const code = await new HostileWallet__factory(w.relayer).deploy();
      await delegate(partner, await code.getAddress());
      await expect(w.programs.claimFor(order, signature)).to.changeEtherBalance(ethers, w.stranger, AMOUNT);
    });

    it("when its code signed the order and it delegates away, the order should be void, and its key's be good", async () => {
      const code = await new Wallet1271__factory(w.relayer).deploy(w.alice.address);
      await delegate(partner, await code.getAddress());
      const byCode = { address: partner.address, signTypedData: w.alice.signTypedData.bind(w.alice) } as typeof w.alice;
      const { order, signature } = await claimOrder(w, byCode, [NATIVE], { receiver: w.stranger.address });
      await w.programs.claimFor.staticCall(order, signature);
      await delegate(partner, ZeroAddress);
      await expect(w.programs.claimFor(order, signature)).to.be.revertedWithCustomError(w.programs, "InvalidSignature");
      expect(await w.programs.nonces(partner.address)).to.equal(0);
      const own = await signed();
      await expect(w.programs.claimFor(own.order, own.signature)).to.changeEtherBalance(ethers, w.stranger, AMOUNT);
    });

    it("when it delegates to code with a key of its own, both keys should sign, each nonce once", async () => {
      const { order, signature } = await signed();
      const code = await new Wallet1271__factory(w.relayer).deploy(w.alice.address);
      await delegate(partner, await code.getAddress());
      await w.programs.claimFor(order, signature);
      await expect(w.programs.claimFor(order, signature))
        .to.be.revertedWithCustomError(w.programs, "WrongNonce")
        .withArgs(partner.address, 1, 0);
    });
  });
});
