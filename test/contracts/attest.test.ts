import { type Line, packLine } from "@partner-programs/protocol/line";
import { attestationTypedData, programsDomain } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, getBytes, hexlify, id, keccak256, Signature, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import {
  ascending,
  at,
  attest,
  attestation,
  attestationDigest,
  attesters,
  type Batch,
  BUDGET,
  body,
  createCampaign,
  DAY,
  ethers,
  eventsOf,
  given,
  HOLD,
  HOUR,
  live,
  liveWith,
  loadFixture,
  NATIVE,
  NOTICE,
  NOW,
  offer,
  plain,
  START,
  sale,
  sign,
  signup,
  stateOf,
  terms,
  time,
  treeOf,
  type World,
  worth,
} from "#test/support/programs.ts";
import { Wallet1271__factory } from "#typechain/factories/mocks/Wallet1271__factory.ts";
import { WatchfulWallet__factory } from "#typechain/factories/mocks/WatchfulWallet__factory.ts";

const [first, second, third] = attesters;

describe("attest", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(live);
    await at(NOW);
  });

  describe("when its number or its time is wrong", () => {
    it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
      await expect(attest(w, attestation(w, { campaignId: ZeroHash })))
        .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
        .withArgs(ZeroHash);
    });

    it("when it has no conversions, it should revert with NoConversions", async () => {
      await expect(attest(w, attestation(w, { conversions: 0 })))
        .to.be.revertedWithCustomError(w.programs, "NoConversions")
        .withArgs(w.campaignId);
    });

    for (const number of [0n, 2n]) {
      it(`when it begins with number ${number} instead of 1, it should revert with ConversionOutOfOrder`, async () => {
        await expect(attest(w, attestation(w, { firstConversion: number })))
          .to.be.revertedWithCustomError(w.programs, "ConversionOutOfOrder")
          .withArgs(w.campaignId, 1, number);
      });
    }

    it("when it is submitted again, it should revert with ConversionOutOfOrder", async () => {
      await attest(w, attestation(w));
      await expect(attest(w, attestation(w)))
        .to.be.revertedWithCustomError(w.programs, "ConversionOutOfOrder")
        .withArgs(w.campaignId, 4, 1);
    });

    it("when the deadline has passed, it should revert with DeadlinePassed", async () => {
      await at(NOW + HOUR + 1);
      await expect(attest(w, attestation(w, { deadline: NOW + HOUR })))
        .to.be.revertedWithCustomError(w.programs, "DeadlinePassed")
        .withArgs(NOW + HOUR, NOW + HOUR + 1);
    });

    it("when the deadline is now, it should attest", async () => {
      await expect(attest(w, attestation(w, { deadline: NOW }))).to.emit(w.programs, "Attested");
    });

    for (const [which, periodFrom, periodTo] of [
      ["is empty", NOW - 1, NOW - 1],
      ["ends before it begins", NOW, NOW - 1],
      ["ends in the future", START, NOW + 1],
    ] as const) {
      it(`when the period ${which}, it should revert with InvalidPeriod`, async () => {
        await expect(attest(w, attestation(w, { periodFrom, periodTo })))
          .to.be.revertedWithCustomError(w.programs, "InvalidPeriod")
          .withArgs(periodFrom, periodTo, NOW);
      });
    }

    it("when the period ended just a notice ago, it should attest", async () => {
      await at(NOW + NOTICE);
      await expect(attest(w, attestation(w, { deadline: NOW + NOTICE }))).to.emit(w.programs, "Attested");
    });

    it("given a suspension meanwhile, when the period ended two notices ago, it should still attest", async () => {
      await at(NOW);
      await w.asBrand.suspend(w.campaignId);
      await at(NOW + 2 * NOTICE - 1);
      const before = attestation(w, { periodTo: NOW - 1, deadline: NOW + 3 * NOTICE });
      await expect(attest(w, before)).to.emit(w.programs, "Attested");
    });

    it("given a suspension, it should revert with CampaignSuspended", async () => {
      await w.asBrand.suspend(w.campaignId);
      await expect(attest(w, attestation(w)))
        .to.be.revertedWithCustomError(w.programs, "CampaignSuspended")
        .withArgs(w.campaignId, NOW + NOTICE);
    });

    for (const [what, overrides, error] of [
      ["number and conversions are wrong", { firstConversion: 2n, conversions: 0 }, "ConversionOutOfOrder"],
      ["conversions and deadline are wrong", { conversions: 0, deadline: NOW - 1 }, "NoConversions"],
      ["deadline and lines are wrong", { deadline: NOW - 1, lines: [] }, "DeadlinePassed"],
    ] as const) {
      it(`when ${what}, it should revert with ${error}`, async () => {
        await expect(attest(w, attestation(w, overrides))).to.be.revertedWithCustomError(w.programs, error);
      });
    }

    it("given the campaign has closed, it should revert with CampaignClosed", async () => {
      await w.asBrand.closeCampaign(w.campaignId);
      await at(NOW + NOTICE + 1);
      const late = { periodFrom: NOW + NOTICE, periodTo: NOW + NOTICE + 1, deadline: NOW + 2 * NOTICE };
      await expect(attest(w, attestation(w, late)))
        .to.be.revertedWithCustomError(w.programs, "CampaignClosed")
        .withArgs(w.campaignId, NOW + NOTICE);
    });
  });

  describe("when a line is wrong", () => {
    it("when there is none, it should revert with InvalidLineCount", async () => {
      await expect(attest(w, attestation(w, { lines: [] })))
        .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
        .withArgs(0, 1);
    });

    it("when there are not as many as were signed, it should revert with InvalidLineCount", async () => {
      const signed = attestation(w);
      for (const lines of [[], signed.lines.slice(1), [...signed.lines, ...signed.lines]]) {
        await expect(attest(w, { ...signed, lines }))
          .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
          .withArgs(lines.length, 2);
      }
    });

    it("when one differs from what was signed, it should revert with LinesDifferFromBatch", async () => {
      const signed = attestation(w);
      const [first, second] = signed.lines as [Line, Line];
      for (const lines of [
        [second, first],
        [first, { ...second, count: 2 }],
        [first, first],
      ]) {
        await expect(attest(w, { ...signed, lines }))
          .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
          .withArgs(signed.linesRoot, treeOf(lines).root);
      }
    });

    it("when they are not worth what was signed, it should revert with TotalDiffersFromBatch", async () => {
      const line = sale(w.alice, 3, 0n);
      const signed = attestation(w, { lines: [line], total: worth(line).total - 1n });
      await expect(attest(w, signed))
        .to.be.revertedWithCustomError(w.programs, "TotalDiffersFromBatch")
        .withArgs(worth(line).total - 1n, worth(line).total);
    });

    it("given they are kept off the chain, when there are some, it should revert with InvalidLineCount", async () => {
      const v = await loadFixture(silent);
      await at(NOW);
      await expect(attest(v, attestation(v)))
        .to.be.revertedWithCustomError(v.programs, "InvalidLineCount")
        .withArgs(2, 0);
      await expect(attest(v, attestation(v, { given: false }))).to.emit(v.programs, "Attested");
    });

    it("given they are kept off the chain, it should attest a million lines as it attests one, in one slot", async () => {
      const v = await loadFixture(silent);
      await at(NOW);
      const body = { linesRoot: ZeroHash, total: 5_000_000_000n, given: false, deadline: NOW + DAY };
      const gas = [];
      for (const [i, lineCount] of [1, 1_000_000, 2 ** 32 - 1].entries()) {
        const batch = attestation(v, { ...body, firstConversion: BigInt(1 + 3 * i), lineCount, total: 1_000_000_000n });
        const receipt = await (await attest(v, batch)).wait();
        gas.push(Number(receipt?.gasUsed ?? 0n));
      }
      expect(Math.max(...gas) - Math.min(...gas)).to.be.lessThan(500);
    });
  });

  describe("when the budget does not suffice", () => {
    /** Leaves just `amount` available. */
    const leave = async (amount: bigint) => {
      await w.asBrand.announceWithdrawal(w.campaignId, BUDGET - amount);
      await at(NOW + NOTICE);
      await w.asBrand.withdraw(w.campaignId, w.brand.address);
      await at(NOW + NOTICE + 1);
    };
    const late = () => attestation(w, { periodFrom: NOW, periodTo: NOW + NOTICE, deadline: NOW + 2 * NOTICE });

    it("by one base unit, it should revert with InsufficientBudget", async () => {
      const { total } = worth(...late().lines);
      await leave(total - 1n);
      await expect(attest(w, late()))
        .to.be.revertedWithCustomError(w.programs, "InsufficientBudget")
        .withArgs(w.campaignId, total, total - 1n);
    });

    it("when it just suffices, it should reserve all of it", async () => {
      const { total } = worth(...late().lines);
      await leave(total);
      await attest(w, late());
      const { available, reserved } = await w.lens.campaign(w.campaignId);
      expect([available, reserved]).to.deep.equal([0n, total]);
    });

    it("for the largest line under the largest terms, it should name the required amount without an overflow", async () => {
      const campaignId = await createCampaign(w, {
        terms: terms(w, { unitExponent: 21, feeBps: 2_000 }),
        offers: [offer({ flatAmount: 2n ** 96n - 1n, rateBps: 10_000, capUnits: 2n ** 56n - 1n })],
      });
      await at(NOW + HOUR);
      const largest = {
        campaignId,
        periodFrom: NOW + 60,
        periodTo: NOW + HOUR,
        conversions: 2 ** 24 - 1,
        lines: [sale(w.alice, 2 ** 24 - 1, 2n ** 56n - 1n)],
      };
      const commission = (2n ** 24n - 1n) * (2n ** 96n - 1n) + (2n ** 56n - 1n) * 10n ** 21n;
      const total = commission + (commission * 2_000n) / 10_000n;
      await expect(attest(w, attestation(w, { ...largest, total })))
        .to.be.revertedWithCustomError(w.programs, "InsufficientBudget")
        .withArgs(campaignId, total, 0);
    });
  });

  describe("when the signatures are wrong", () => {
    const submit = async (a: Batch, by: readonly number[]) =>
      w.programs.attest(...given(a), await sign(w, attestationTypedData(a), by));

    for (const by of [[], [1]]) {
      it(`when ${by.length} of two sign, it should revert with TooFewSignatures`, async () => {
        await expect(submit(attestation(w), by))
          .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
          .withArgs(2, by.length);
      });
    }

    for (const [which, by] of [
      ["are not in the order of the attesters", [1, 0]],
      ["are of one attester twice", [0, 0]],
    ] as const) {
      it(`when they ${which}, it should revert with AttestersOutOfOrder`, async () => {
        await expect(submit(attestation(w), by))
          .to.be.revertedWithCustomError(w.programs, "AttestersOutOfOrder")
          .withArgs(1, 0, 3);
      });
    }

    it("when an index is outside the set, it should revert with AttestersOutOfOrder", async () => {
      const [good, other] = await sign(w, attestationTypedData(attestation(w)));
      if (!good || !other) throw new Error("unsigned");
      await expect(w.programs.attest(...given(attestation(w)), [good, { ...other, attester: 3 }]))
        .to.be.revertedWithCustomError(w.programs, "AttestersOutOfOrder")
        .withArgs(1, 3, 3);
    });

    /** The second signature is replaced by what `forge` makes of it. */
    const forged = (which: string, forge: (good: string) => string | Promise<string>) => {
      it(`when one ${which}, it should revert with InvalidSignature`, async () => {
        const [good, other] = await sign(w, attestationTypedData(attestation(w)));
        if (!good || !other) throw new Error("unsigned");
        const bad = { attester: 1, signature: await forge(other.signature) };
        await expect(w.programs.attest(...given(attestation(w)), [good, bad]))
          .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
          .withArgs(second.address, attestationDigest(w, attestation(w)));
      });
    };
    const typed = () => attestationTypedData(attestation(w));
    forged("is by somebody else", () => w.stranger.signTypedData(w.domain, typed().types, typed().message));
    forged("is by another attester", () => third.signTypedData(w.domain, typed().types, typed().message));
    forged("is for another chain", () =>
      second.signTypedData(programsDomain(1n, w.programsAddress), typed().types, typed().message),
    );
    forged("is for another contract", () =>
      second.signTypedData({ ...w.domain, verifyingContract: w.tokenAddress }, typed().types, typed().message),
    );
    forged("is over the digest as a message", () => second.signMessage(getBytes(attestationDigest(w, attestation(w)))));
    forged("is malleable, with the other s of the same r", (good) => {
      const { r, s, v } = Signature.from(good);
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      return r + toBeHex(order - BigInt(s), 32).slice(2) + (v === 27 ? "1c" : "1b");
    });
    forged("lacks its last byte", (good) => good.slice(0, -2));
    forged("has a byte more", (good) => `${good}00`);
    forged("is in the compact form of 64 bytes", (good) => Signature.from(good).compactSerialized);
    forged("is empty", () => "0x");
    forged("is all zero", () => `0x${"00".repeat(65)}`);

    it("when three sign and the third is wrong, it should revert with InvalidSignature", async () => {
      const signatures = await sign(w, attestationTypedData(attestation(w)), [0, 1, 1]);
      await expect(
        w.programs.attest(
          ...given(attestation(w)),
          signatures.map((one, attester) => ({ ...one, attester })),
        ),
      )
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(third.address, attestationDigest(w, attestation(w)));
    });
  });

  describe("when the signatures are right", () => {
    for (const by of [
      [0, 1],
      [0, 2],
      [1, 2],
      [0, 1, 2],
    ]) {
      it(`when attesters ${by.join(" and ")} sign, it should attest`, async () => {
        await attest(w, attestation(w), by);
        expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(4);
      });
    }

    it("given an attester is a contract with ERC-1271, it should ask the contract", async () => {
      const key = ethers.Wallet.createRandom();
      const wallet = await new Wallet1271__factory(w.relayer).deploy(key.address);
      const set = ascending([first, { address: await wallet.getAddress() }]);
      const campaignId = await createCampaign(w, { salt: ZeroHash, attesters: set.map((member) => member.address) });
      await w.asBrand.fund(campaignId, BUDGET);
      await at(NOW + HOUR);
      const a = attestation(w, { campaignId, periodFrom: NOW + 60, periodTo: NOW + HOUR });
      const { types, message } = attestationTypedData(a);
      const signed = (byWallet: { signTypedData: typeof key.signTypedData }) =>
        Promise.all(
          set.map(async (member, attester) => ({
            attester,
            signature: await (member === first ? first : byWallet).signTypedData(w.domain, types, message),
          })),
        );
      await expect(w.programs.attest(...given(a), await signed(third)))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(await wallet.getAddress(), attestationDigest(w, a));
      await at(NOW + HOUR);
      await expect(w.programs.attest(...given(a), await signed(key))).to.emit(w.programs, "Attested");
    });

    it("given an attester is a contract, it should ask it before anything changes", async () => {
      const wallet = await new WatchfulWallet__factory(w.relayer).deploy();
      const campaignId = await createCampaign(w, {
        salt: ZeroHash,
        attesters: [await wallet.getAddress()],
        threshold: 1,
      });
      await w.asBrand.fund(campaignId, BUDGET);
      // Its next number, which stands in the fourth slot of the campaign.
      const slot = BigInt(keccak256(concat([campaignId, toBeHex(2, 32)]))) + 3n;
      await wallet.watch(w.programs, w.programs.interface.encodeFunctionData("extsload", [toBeHex(slot, 32)]));
      await at(NOW + HOUR);
      const a = attestation(w, { campaignId, periodFrom: NOW + 60, periodTo: NOW + HOUR });
      await expect(w.programs.attest(...given(a), [{ attester: 0, signature: "0x" }])).to.emit(w.programs, "Attested");
    });

    describe("given one attester is the whole set", () => {
      const one = () => liveWith((d) => ({ attesters: [d.stranger.address], threshold: 1 }));

      it("when it calls for itself, it should attest without a signature", async () => {
        w = await loadFixture(one);
        await at(NOW);
        await expect(w.programs.connect(w.stranger).attest(...given(attestation(w)), [])).to.emit(
          w.programs,
          "Attested",
        );
      });

      it("when another calls without its signature, it should revert with TooFewSignatures", async () => {
        w = await loadFixture(one);
        await at(NOW);
        await expect(w.asBrand.attest(...given(attestation(w)), []))
          .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
          .withArgs(1, 0);
      });

      it("when it calls a contract that calls, it should not count as its word", async () => {
        w = await loadFixture(one);
        await at(NOW);
        const preview = w.lens.connect(w.stranger).previewAttest.staticCall;
        const { failure } = await preview(...given(attestation(w)), [], { blockTag: "pending" });
        expect(w.programs.interface.parseError(failure)?.name).to.equal("TooFewSignatures");
      });

      it("given it is a contract, when the contract calls, it should attest without a signature", async () => {
        const wallet = await new Wallet1271__factory(w.relayer).deploy(w.stranger.address);
        const campaignId = await createCampaign(w, {
          salt: ZeroHash,
          attesters: [await wallet.getAddress()],
          threshold: 1,
        });
        await w.asBrand.fund(campaignId, BUDGET);
        await at(NOW + HOUR);
        const a = attestation(w, { campaignId, periodFrom: NOW + 60, periodTo: NOW + HOUR });
        const call = w.programs.interface.encodeFunctionData("attest", [...given(a), []]);
        await wallet.connect(w.stranger).execute(w.programsAddress, call);
        expect((await w.lens.campaign(campaignId)).nextConversion).to.equal(4);
      });
    });

    it("given the first member of a larger set, when it calls, its call should not count as a signature", async () => {
      const [member, other] = ascending([w.stranger, w.relayer]) as [typeof w.stranger, typeof w.relayer];
      const campaignId = await createCampaign(w, { salt: ZeroHash, attesters: [member.address, other.address] });
      await w.asBrand.fund(campaignId, BUDGET);
      await at(NOW + HOUR);
      const a = attestation(w, { campaignId, periodFrom: NOW + 60, periodTo: NOW + HOUR });
      await expect(w.programs.connect(member).attest(...given(a), []))
        .to.be.revertedWithCustomError(w.programs, "TooFewSignatures")
        .withArgs(2, 0);
    });
  });

  describe("when anything that was signed is changed", () => {
    /** Four counts of at most three under one offer: 3 and 4 conversions are both possible. */
    const signedBatch = () =>
      attestation(w, { lines: [sale(w.alice, 2, 100_000n), sale(w.bob, 1, 5_001n), signup(w.alice, 1)] });
    const submitChanged = async (changed: Batch) =>
      w.programs.attest(...given(changed), await sign(w, attestationTypedData(signedBatch())));

    for (const [what, changed] of [
      ["the number of conversions", { conversions: 4 }],
      ["the begin of the period", { periodFrom: START + 1 }],
      ["the end of the period", { periodTo: NOW - 1 }],
      ["the deadline", { deadline: NOW + DAY + 1 }],
      ["the conversions' root", { conversionsRoot: id("others") }],
      ["the lines' root", { linesRoot: id("others") }],
      ["the number of lines", { lineCount: 4 }],
      ["the total", { total: 1n }],
    ] as const) {
      it(`in ${what}, it should revert with InvalidSignature over the changed digest`, async () => {
        const other = { ...signedBatch(), ...changed };
        await expect(submitChanged(other))
          .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
          .withArgs(first.address, attestationDigest(w, other));
      });
    }

    it("in the campaign, it should revert with InvalidSignature over the changed digest", async () => {
      const campaignId = await createCampaign(w, { salt: ZeroHash });
      await w.asBrand.fund(campaignId, BUDGET);
      await at(NOW + HOUR);
      const meant = { ...signedBatch(), periodFrom: NOW + 60, periodTo: NOW + HOUR };
      const other = { ...meant, campaignId };
      await expect(w.programs.attest(...given(other), await sign(w, attestationTypedData(meant))))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(first.address, attestationDigest(w, other));
    });

    it("in its number, it should revert with ConversionOutOfOrder", async () => {
      await expect(submitChanged({ ...signedBatch(), firstConversion: 2n }))
        .to.be.revertedWithCustomError(w.programs, "ConversionOutOfOrder")
        .withArgs(w.campaignId, 1, 2);
    });

    it("in any single byte of it, it should revert, by a named error or as no attestation at all", async () => {
      await time.increaseTo(NOW);
      const signatures = await sign(w, attestationTypedData(signedBatch()));
      const calldata = w.programs.interface.encodeFunctionData("attest", [...given(signedBatch()), signatures]);
      const call = (data: Uint8Array) =>
        w.relayer.call({ to: w.programsAddress, data: hexlify(data) }).catch((error) => error.data as string);
      // selector; ten words; two offsets; the number of lines; three lines
      const [from, to] = [4, 4 + 32 * (10 + 2 + 1 + 3)];
      expect(await call(getBytes(calldata))).to.equal(attestationDigest(w, signedBatch()));
      for (let i = from; i < to; i++) {
        const changed = getBytes(calldata);
        changed[i] = (changed[i] ?? 0) ^ 1;
        const error = await call(changed);
        if (error !== "0x") expect(w.programs.interface.parseError(error), `byte ${i}: ${error}`).to.not.equal(null);
      }
    });
  });

  describe("when all is right", () => {
    it("it should compute the commissions by the published offers", async () => {
      // Alice: 2 x 1.00 + 1.25 % of 10.00. Bob: 1.00 + 1.25 % of 0.5001, rounded down. The fee: 5 % of each, rounded down.
      const alice = 2_000_000n + 125_000n;
      const bob = 1_000_000n + 6_251n;
      const fee = 106_250n + 50_312n;
      await attest(w, attestation(w, { total: alice + bob + fee }));
      const { reserved } = await w.lens.campaign(w.campaignId);
      expect(reserved).to.equal(alice + bob + fee);
    });

    it("it should emit just what the ABI makes of the event, to the last byte", async () => {
      const a = attestation(w);
      const receipt = await (await attest(w, a)).wait();
      const values = [w.campaignId, attestationDigest(w, a), 0, ...given(a)];
      const { data, topics } = w.programs.interface.encodeEventLog("Attested", values);
      expect(receipt?.logs.map((log) => [log.data, log.topics])).to.deep.equal([[data, topics]]);
    });

    it("it should move their sum from available to reserved, and count the conversions", async () => {
      const before = await stateOf(w);
      await attest(w, attestation(w));
      const { total } = worth(...attestation(w).lines);
      expect(await stateOf(w)).to.deep.equal({
        ...before,
        available: BUDGET - total,
        reserved: total,
        nextConversion: 4n,
      });
    });

    it("it should return the digest and store the batch under it", async () => {
      const a = attestation(w);
      const digest = attestationDigest(w, a);
      const signatures = await sign(w, attestationTypedData(a));
      await time.increaseTo(NOW);
      expect(await w.programs.attest.staticCall(...given(a), signatures)).to.equal(digest);
      await at(NOW + 1);
      await w.programs.attest(...given(a), signatures);
      expect(plain(await w.lens.batch(digest))).to.deep.equal({
        releaseAt: BigInt(NOW + 1 + HOLD),
        attesterSet: 0n,
        loweredTo: ZeroHash,
      });
      expect(await w.lens.settledLines(digest, 0)).to.equal(0);
      expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(0);
    });

    it("it should move no tokens", async () => {
      await expect(attest(w, attestation(w))).to.changeTokenBalances(
        ethers,
        w.token,
        [w.programs, w.alice, w.operator, w.relayer],
        [0, 0, 0, 0],
      );
    });

    it("it should take the next batch at the next number, and keep both", async () => {
      const one = attestation(w);
      const two = attestation(w, { firstConversion: 4n, lines: [signup(w.bob, 2)], conversions: 2 });
      await attest(w, one);
      await attest(w, two);
      const { nextConversion, reserved } = await w.lens.campaign(w.campaignId);
      expect([nextConversion, reserved]).to.deep.equal([6n, worth(...one.lines, ...two.lines).total]);
      for (const a of [one, two]) {
        const { releaseAt } = await w.lens.batch(attestationDigest(w, a));
        expect(releaseAt).to.not.equal(0);
      }
    });

    it("with 512 lines, it should attest them all", async () => {
      const lines = linesOf(512);
      const a = attestation(w, { lines, conversions: 512 });
      await attest(w, a);
      expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(worth(...lines).total);
    });

    it("given a line whose volume is just count x cap, it should attest it", async () => {
      const line = sale(w.alice, 3, 3_000_000n);
      await attest(w, attestation(w, { lines: [line] }));
      expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(worth(line).total);
    });
  });

  describe("given a hold of 0", () => {
    const instant = () => liveWith((d) => ({ terms: terms(d, { holdSeconds: 0 }) }));
    beforeEach(async () => {
      w = await loadFixture(instant);
      await at(NOW);
    });

    it("it should credit partners and operator at once, and reserve nothing", async () => {
      const { lines } = attestation(w);
      const before = await stateOf(w);
      const { fee, total } = worth(...lines);
      await expect(attest(w, attestation(w)))
        .to.emit(w.programs, "Attested")
        .withArgs(w.campaignId, attestationDigest(w, attestation(w)), 0, () => true, lines.map(packLine));
      const credits = [w.alice, w.bob, w.operator].map((owner) => w.lens.creditOf(owner.address, w.tokenAddress));
      expect(await Promise.all(credits)).to.deep.equal([...lines.map((line) => worth(line).commission), fee]);
      expect(await stateOf(w)).to.deep.equal({ ...before, available: BUDGET - total, nextConversion: 4n });
    });

    it("it should want its lines, though the campaign has them off the chain", async () => {
      const campaignId = await createCampaign(w, { terms: terms(w, { holdSeconds: 0, linesOnChain: false }) });
      await w.asBrand.fund(campaignId, BUDGET);
      await at(NOW + HOUR);
      const a = attestation(w, { campaignId, periodFrom: NOW + 60, periodTo: NOW + HOUR, given: false });
      await expect(attest(w, a)).to.be.revertedWithCustomError(w.programs, "InvalidLineCount").withArgs(0, 2);
      await attest(w, { ...a, given: true });
    });

    it("it should store no batch", async () => {
      await attest(w, attestation(w));
      const digest = attestationDigest(w, attestation(w));
      expect((await w.lens.batch(digest)).releaseAt).to.equal(0);
      await expect(w.programs.release(body(attestation(w)), 0, "0x", attestation(w).lines.map(packLine)))
        .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
        .withArgs(w.campaignId, digest);
    });
  });

  it("given a hold of 0, when a line does not hold, it should pay the others, and leave its worth available", async () => {
    const v = await loadFixture(atOnce);
    await at(NOW);
    const honest = sale(v.alice, 1, 10n);
    const capped = sale(v.bob, 1, 1_000_001n);
    const a = attestation(v, { lines: [honest, capped] });
    expect(await eventsOf(v, attest(v, a))).to.deep.equal(["Attested", "LineRefused"]);
    await loadFixture(atOnce);
    await at(NOW);
    await expect(attest(v, a))
      .to.emit(v.programs, "LineRefused")
      .withArgs(v.campaignId, attestationDigest(v, a), 1, packLine(capped), 4, worth(capped).total);
    expect(await v.lens.creditOf(v.alice.address, v.tokenAddress)).to.equal(worth(honest).commission);
    expect(await v.lens.creditOf(v.bob.address, v.tokenAddress)).to.equal(0);
    const { available, reserved } = await v.lens.campaign(v.campaignId);
    expect([available, reserved]).to.deep.equal([BUDGET - worth(honest).total, 0n]);
  });

  it("given a campaign without a fee, it should reserve the commissions alone", async () => {
    const campaignId = await createCampaign(w, {
      terms: terms(w, { feeBps: 0, operator: ZeroAddress, token: NATIVE }),
    });
    await w.asBrand.fund(campaignId, BUDGET, { value: BUDGET });
    await at(NOW + HOUR);
    const lines = [sale(w.alice, 2, 100_000n), sale(w.bob, 1, 5_001n)];
    const { root, total } = treeOf(lines, (line) => worth(line).commission);
    const a = attestation(w, { campaignId, periodFrom: NOW + 60, periodTo: NOW + HOUR, lines, linesRoot: root, total });
    await attest(w, a);
    expect((await w.lens.campaign(campaignId)).reserved).to.equal(worth(...lines).commission);
  });

  /** One sale each by so many partners. */
  function linesOf(count: number): Line[] {
    const partners = Array.from({ length: count }, (_, i) => ({ address: toBeHex(1_000 + i, 20) }));
    return partners.map((partner) => sale(partner, 1, 5_001n));
  }
});

const silent = () => liveWith((w) => ({ terms: terms(w, { linesOnChain: false }) }));
const atOnce = () => liveWith((w) => ({ terms: terms(w, { holdSeconds: 0 }) }));
