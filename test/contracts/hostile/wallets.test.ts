import {
  attestationTypedData,
  claimOrderTypedData,
  digestOf,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { AbiCoder, id, Wallet, ZeroAddress, zeroPadBytes } from "ethers";
import { HostileWallet__factory } from "#typechain/factories/mocks/HostileWallet__factory.ts";
import {
  beside,
  calls,
  claimOrder,
  creditNow,
  GAS,
  honestStillPays,
  releasing,
  reversing,
} from "../../support/hostile.ts";
import {
  ascending,
  at,
  attestation,
  attestationDigest,
  attesters,
  type Batch,
  BUDGET,
  createCampaign,
  DAY,
  ethers,
  given,
  HOLD,
  liveWith,
  loadFixture,
  NATIVE,
  NOW,
  newCampaign,
  reversalDigest,
  sale,
  stateOf,
  terms,
  time,
  worth,
} from "../../support/programs.ts";

const [first, second] = attesters;
/** The answer that says valid, in a word of its own. */
const YES = zeroPadBytes("0x1626ba7e", 32);
const NO = `0x${"00".repeat(32)}`;
const [ANSWER, FAIL, BURN, CALL, CALL_AND_SAY_YES] = [0, 1, 2, 3, 4] as const;

/** Two of three sign: two keys and a contract. */
const withWallet = async () => {
  let wallet: ReturnType<typeof HostileWallet__factory.connect> | undefined;
  const w = await liveWith(async (d) => {
    wallet = await new HostileWallet__factory(d.relayer).deploy();
    return { attesters: ascending([first, second, { address: await wallet.getAddress() }]).map((a) => a.address) };
  });
  if (!wallet) throw new Error("no wallet");
  const walletAddress = await wallet.getAddress();
  const members = ascending([first, second, { address: walletAddress }]).map((a) => a.address);
  return { ...(await beside(w)), wallet, walletAddress, members };
};

describe("an attester that is a hostile contract", () => {
  let w: Awaited<ReturnType<typeof withWallet>>;
  beforeEach(async () => {
    w = await loadFixture(withWallet);
    await time.increaseTo(NOW);
  });
  afterEach(() => honestStillPays(w));

  /** Signatures of these members in the order of the set; the contract's is any bytes. */
  const signed = (
    typed: Pick<ReturnType<typeof attestationTypedData | typeof reversalTypedData>, "types" | "message">,
    by: readonly string[],
  ) =>
    Promise.all(
      w.members
        .map((address, attester) => ({ address, attester }))
        .filter(({ address }) => by.includes(address))
        .map(async ({ address, attester }) => {
          const key = [first, second].find((candidate) => candidate.address === address);
          const signature = key ? await key.signTypedData(w.domain, typed.types, typed.message) : "0x1234";
          return { attester, signature };
        }),
    );
  const submit = async (a: Batch, by: readonly string[]) =>
    w.programs.attest(...given(a), await signed(attestationTypedData(a), by), { gasLimit: GAS });
  const keys = [first.address, second.address];
  const withIt = () => [first.address, w.walletAddress];
  const behave = (act: number, data = "0x", size = (data.length - 2) / 2, target = ZeroAddress) =>
    w.wallet.behave(act, size, target, data);
  const refused = async (a: Batch) => {
    const before = await stateOf(w);
    await expect(submit(a, withIt()))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(w.walletAddress, attestationDigest(w, a));
    expect(await stateOf(w)).to.deep.equal(before);
  };
  const taken = async (a: Batch, by: readonly string[]) => {
    await submit(a, by);
    expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(a.firstConversion + 3n);
  };

  const WORD = (hex: string) => `0x${hex.padStart(64, "0")}`;
  for (const [what, data, size] of [
    ["nothing", "0x", 0],
    ["the four bytes alone", "0x1626ba7e", 4],
    ["one byte less than a word", YES, 31],
    ["the four bytes at the other end of the word", WORD("1626ba7e"), 32],
    ["the four bytes and something after them", `0x1626ba7e${"00".repeat(27)}01`, 32],
    ["one", WORD("1"), 32],
    ["zero", NO, 32],
    ["all ones", `0x${"ff".repeat(32)}`, 32],
    ["the word for no (0xffffffff)", zeroPadBytes("0xffffffff", 32), 32],
    ["a word of something before the right one", `${NO}${YES.slice(2)}`, 64],
    ["half a megabyte of something else", NO, 500_000],
  ] as const) {
    it(`when it answers with ${what}, it should revert with InvalidSignature, and the others sign without it`, async () => {
      await behave(ANSWER, data, size);
      await refused(attestation(w));
      await taken(attestation(w), keys);
    });
  }

  for (const [what, data, size] of [
    ["the right word", YES, 32],
    ["the right word and more", `${YES}${"ff".repeat(40)}`, 72],
    ["the right word and half a megabyte", YES, 500_000],
  ] as const) {
    it(`when it answers with ${what}, it should be its signature, and no more be read`, async () => {
      await behave(ANSWER, data, size);
      const sent = await submit(attestation(w), withIt());
      expect((await sent.wait())?.gasUsed).to.be.lessThan(1_000_000n);
      expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(4);
    });
  }

  for (const [what, data, size] of [
    ["without a reason", "0x", 0],
    ["with the right word", YES, 32],
    ["with half a megabyte", YES, 500_000],
  ] as const) {
    it(`when it reverts ${what}, it should revert with InvalidSignature, and the others sign without it`, async () => {
      await behave(FAIL, data, size);
      await refused(attestation(w));
      await taken(attestation(w), keys);
    });
  }

  it("when it burns all gas, it should burn no more than the carrier gave, and the others sign without it", async () => {
    await behave(BURN);
    await refused(attestation(w));
    await taken(attestation(w), keys);
  });

  it("when it burns all gas and a carrier adds it to signatures that suffice, that carrier alone should lose", async () => {
    await behave(BURN);
    await expect(submit(attestation(w), w.members))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(w.walletAddress, attestationDigest(w, attestation(w)));
    await taken(attestation(w), keys);
  });

  describe("when it changes its answer", () => {
    const later = (firstConversion: bigint) => attestation(w, { firstConversion, deadline: NOW + 2 * DAY });

    it("from yes to no, it should sign no more, and what it signed be released", async () => {
      await behave(ANSWER, YES);
      await taken(attestation(w), withIt());
      await behave(ANSWER, NO);
      await refused(later(4n));
      await taken(later(4n), keys);
      await at((await time.latest()) + HOLD);
      await w.programs.release(...releasing(attestation(w)));
      expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(2_125_000n);
    });

    it("from no to yes, it should make good for the same bytes what was not", async () => {
      await behave(ANSWER, NO);
      await refused(attestation(w));
      await behave(ANSWER, YES);
      await taken(attestation(w), withIt());
    });

    it("after it attested, it should reverse no more, and the others reverse without it", async () => {
      await behave(ANSWER, YES);
      await taken(attestation(w), withIt());
      const { lines } = attestation(w);
      const r = {
        campaignId: w.campaignId,
        attestation: attestationDigest(w, attestation(w)),
        targets: [sale(w.alice, 1, 60_000n)],
        reasonHash: id("refunded"),
      };
      await behave(BURN);
      const reverse = async (by: readonly string[]) => {
        const signatures = await signed(reversalTypedData(r), by);
        const [body, given, reason] = await reversing(w, attestation(w), r, [0]);
        return w.programs.reverse(body, given, reason, signatures, { gasLimit: GAS });
      };
      await expect(reverse(withIt()))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(w.walletAddress, reversalDigest(w, r));
      await reverse(keys);
      const kept = worth(sale(w.alice, 1, 60_000n), ...lines.slice(1)).total;
      expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(kept);
    });
  });

  describe("when it calls back while it is asked", () => {
    /** What it would like to do: every one works outside of a static call. */
    const wishes = async () => {
      const { data, attest } = calls(w);
      return {
        setPayOutOptOut: data("setPayOutOptOut", [true]),
        createCampaign: data("createCampaign", [newCampaign(w, { salt: id("inside") })]),
        attest: await attest(attestation(w)),
      };
    };
    for (const name of ["setPayOutOptOut", "createCampaign", "attest"] as const) {
      it(`to ${name}, that should fail, as nothing can be written`, async () => {
        await behave(CALL, (await wishes())[name], 0, w.programsAddress);
        await refused(attestation(w));
        await behave(CALL_AND_SAY_YES, (await wishes())[name], 0, w.programsAddress);
        await taken(attestation(w), withIt());
        expect((await w.lens.payoutOf(w.walletAddress)).optedOut).to.equal(false);
        const { available, reserved } = await w.lens.campaign(w.campaignId);
        expect(available + reserved).to.equal(BUDGET);
      });
    }

    it("to look, it should be its signature", async () => {
      const look = w.lens.interface.encodeFunctionData("campaign", [w.campaignId]);
      await behave(CALL, look, 0, await w.lens.getAddress());
      await taken(attestation(w), withIt());
    });
  });

  it("given no code at its address, it should revert with InvalidSignature until there is some", async () => {
    const account = new Wallet(id("no code yet"));
    const members = ascending([first, account]).map((a) => a.address);
    const campaignId = await createCampaign(w, { salt: id("no code"), attesters: members });
    await w.asBrand.fund(campaignId, BUDGET);
    const from = await time.latest();
    const a = attestation(w, { campaignId, periodFrom: from, periodTo: from + 1, deadline: from + DAY });
    const { types, message } = attestationTypedData(a);
    const good = await first.signTypedData(w.domain, types, message);
    const signatures = members.map((address, attester) => ({
      attester,
      signature: address === first.address ? good : "0x1234",
    }));
    await expect(w.programs.attest(...given(a), signatures))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(account.address, attestationDigest(w, a));
    await ethers.provider.send("hardhat_setCode", [account.address, await ethers.provider.getCode(w.walletAddress)]);
    await HostileWallet__factory.connect(account.address, w.relayer).behave(ANSWER, 32, ZeroAddress, YES);
    await w.programs.attest(...given(a), signatures);
    expect((await w.lens.campaign(campaignId)).nextConversion).to.equal(4);
  });
});

describe("an owner of credits that is a hostile contract", () => {
  /** Three sales in tokens, and three in coins. */
  const credited = async () => {
    const w = await beside(await liveWith((d) => ({ terms: terms(d, { holdSeconds: 0 }) })));
    const wallet = await new HostileWallet__factory(w.relayer).deploy();
    const walletAddress = await wallet.getAddress();
    const coins = await createCampaign(w, { salt: id("coins"), terms: terms(w, { holdSeconds: 0, token: NATIVE }) });
    await w.asBrand.fund(coins, BUDGET, { value: BUDGET });
    for (const campaignId of [w.campaignId, coins]) {
      await creditNow(w, campaignId, [sale({ address: walletAddress }, 3, 0n)]);
    }
    const owner = { address: walletAddress, signTypedData: async () => "0x" } as unknown as Wallet;
    const { order } = await claimOrder(w, owner, [NATIVE, w.tokenAddress], { receiver: w.stranger.address });
    return { ...w, wallet, walletAddress, order };
  };
  let w: Awaited<ReturnType<typeof credited>>;
  beforeEach(async () => {
    w = await loadFixture(credited);
  });
  afterEach(() => honestStillPays(w));
  const carry = (signature = "0x") => w.programs.claimFor(w.order, signature, { gasLimit: GAS });
  const refused = async () => {
    await expect(carry())
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(w.walletAddress, digestOf(w.domain, claimOrderTypedData(w.order)));
    expect(await w.programs.nonces(w.walletAddress)).to.equal(0);
    expect(await w.lens.creditOf(w.walletAddress, NATIVE)).to.equal(3_000_000n);
  };

  for (const [what, act, data, size] of [
    ["burns all gas", BURN, "0x", 0],
    ["reverts with half a megabyte", FAIL, "0x", 500_000],
    ["answers with the four bytes alone", ANSWER, "0x1626ba7e", 4],
    ["answers with one", ANSWER, AbiCoder.defaultAbiCoder().encode(["uint256"], [1]), 32],
    ["answers with half a megabyte of nothing", ANSWER, "0x", 500_000],
  ] as const) {
    it(`when it ${what}, claimFor should revert with InvalidSignature and use no nonce`, async () => {
      await w.wallet.behave(act, size, ZeroAddress, data);
      await refused();
    });
  }

  it("when it says yes to everything, anyone should be able to write its orders, each nonce once", async () => {
    await w.wallet.behave(ANSWER, 32, ZeroAddress, YES);
    await expect(carry()).to.changeEtherBalances(ethers, [w.stranger, w.programs], [3_000_000n, -3_000_000n]);
    expect(await w.token.balanceOf(w.stranger.address)).to.equal(3_000_000n);
    await expect(carry()).to.be.revertedWithCustomError(w.programs, "WrongNonce").withArgs(w.walletAddress, 1, 0);
  });

  it("when it changes from yes to no, an order that was good should be void", async () => {
    await w.wallet.behave(ANSWER, 32, ZeroAddress, YES);
    await w.programs.claimFor.staticCall(w.order, "0x");
    await w.wallet.behave(ANSWER, 32, ZeroAddress, NO);
    await refused();
  });

  for (const name of ["payOut", "claim", "setPayout", "revokeOrders"] as const) {
    it(`when it calls ${name} while it is asked, that should fail, and it be paid once`, async () => {
      const { data: encode } = calls(w);
      const data = {
        payOut: () => encode("payOut", [w.walletAddress, [NATIVE]]),
        claim: () => encode("claim", [[NATIVE], w.walletAddress]),
        setPayout: () => encode("setPayout", [w.walletAddress, DAY]),
        revokeOrders: () => encode("revokeOrders"),
      }[name]();
      await w.wallet.behave(CALL, 0, w.programsAddress, data);
      await refused();
      await w.wallet.behave(CALL_AND_SAY_YES, 0, w.programsAddress, data);
      await expect(carry()).to.changeEtherBalances(ethers, [w.stranger, w.wallet], [3_000_000n, 0]);
      expect(await w.lens.receiverOf(w.walletAddress)).to.deep.equal([w.walletAddress, 0n]);
      expect(await w.programs.nonces(w.walletAddress)).to.equal(1);
    });
  }
});
