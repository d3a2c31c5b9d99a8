import { packLine } from "@partner-programs/protocol/line";
import {
  attestationTypedData,
  claimOrderTypedData,
  digestOf,
  payoutOrderTypedData,
  reversalTypedData,
} from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { AbiCoder, concat, getBytes, hexlify, id, Signature, type TypedDataDomain, toBeHex, ZeroAddress } from "ethers";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import { beside, claimOrder, honestStillPays, lowering, payoutOrder, releasing } from "../../support/hostile.ts";
import {
  at,
  attest,
  attestation,
  attestationDigest,
  attested,
  attesters,
  type Batch,
  BUDGET,
  body,
  DAY,
  given,
  HOLD,
  HOUR,
  live,
  loadFixture,
  NO_LIMIT,
  NOTICE,
  NOW,
  newCampaign,
  reversal,
  reversalDigest,
  sale,
  sign,
  stateOf,
  time,
} from "../../support/programs.ts";

const [first, second, third] = attesters;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const word = (value: bigint) => toBeHex(value, 32).slice(2);

/** What can be made of a good signature that is none. */
const FORGERIES: readonly (readonly [string, (good: string) => string])[] = [
  [
    "malleable, with the other s of the same r",
    (good) => {
      const { r, s, v } = Signature.from(good);
      return `${r}${word(ORDER - BigInt(s))}${v === 27 ? "1c" : "1b"}`;
    },
  ],
  ["with the other v", (good) => `${good.slice(0, -2)}${good.endsWith("1b") ? "1c" : "1b"}`],
  ["with a v of 0 or 1", (good) => `${good.slice(0, -2)}${good.endsWith("1b") ? "00" : "01"}`],
  ["with a v of 29", (good) => `${good.slice(0, -2)}1d`],
  ["with a v of 255", (good) => `${good.slice(0, -2)}ff`],
  ["with r and s exchanged", (good) => `0x${good.slice(66, 130)}${good.slice(2, 66)}${good.slice(130)}`],
  ["with an r of 0", (good) => `0x${word(0n)}${good.slice(66)}`],
  ["with an s of 0", (good) => `${good.slice(0, 66)}${word(0n)}${good.slice(130)}`],
  ["with an r of the curve's order", (good) => `0x${word(ORDER)}${good.slice(66)}`],
  ["with an s of the curve's order", (good) => `${good.slice(0, 66)}${word(ORDER)}${good.slice(130)}`],
  ["all zero, with a good v", () => `0x${"00".repeat(64)}1b`],
  ["compact, of 64 bytes (EIP-2098)", (good) => Signature.from(good).compactSerialized],
  ["of 64 bytes, cut", (good) => good.slice(0, -2)],
  ["of 66 bytes", (good) => `${good}00`],
  ["given twice in a row", (good) => concat([good, good])],
  ["empty", () => "0x"],
];

describe("signatures over a batch", () => {
  const world = async () => beside(await live());
  let w: Awaited<ReturnType<typeof world>>;
  beforeEach(async () => {
    w = await loadFixture(world);
    await time.increaseTo(NOW);
  });
  afterEach(() => honestStillPays(w));
  const signed = (a: Batch, by?: readonly number[]) => sign(w, attestationTypedData(a), by);

  for (const place of [0, 1] as const) {
    for (const [what, forge] of FORGERIES) {
      it(`when signature ${place} is ${what}, it should revert with InvalidSignature and change nothing`, async () => {
        const before = await stateOf(w);
        const signatures = await signed(attestation(w));
        const forged = signatures.map((s, i) => (i === place ? { ...s, signature: forge(s.signature) } : s));
        await expect(w.programs.attest(...given(attestation(w)), forged))
          .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
          .withArgs(attesters[place].address, attestationDigest(w, attestation(w)));
        expect(await stateOf(w)).to.deep.equal(before);
      });
    }
  }

  for (const [what, by, position, attester] of [
    ["one more than there are attesters", [0, 1, 2, 2], 3, 2],
    ["the same three times", [1, 1, 1], 1, 1],
    ["in falling order", [2, 1, 0], 1, 1],
    ["two good ones, and the first again", [0, 1, 0], 2, 0],
  ] as const) {
    it(`when there are ${what}, it should revert with AttestersOutOfOrder`, async () => {
      await expect(w.programs.attest(...given(attestation(w)), await signed(attestation(w), by)))
        .to.be.revertedWithCustomError(w.programs, "AttestersOutOfOrder")
        .withArgs(position, attester, 3);
    });
  }

  for (const attester of [3, 255]) {
    it(`when a signature more names attester ${attester}, it should revert with AttestersOutOfOrder`, async () => {
      const signatures = await signed(attestation(w), [0, 1, 2]);
      await expect(w.programs.attest(...given(attestation(w)), [...signatures, { attester, signature: "0x" }]))
        .to.be.revertedWithCustomError(w.programs, "AttestersOutOfOrder")
        .withArgs(3, attester, 3);
    });
  }

  it("when there are a thousand good ones of one attester, it should revert at the second", async () => {
    const [good] = await signed(attestation(w), [0]);
    if (!good) throw new Error("unsigned");
    await expect(w.programs.attest(...given(attestation(w)), Array(1_000).fill(good)))
      .to.be.revertedWithCustomError(w.programs, "AttestersOutOfOrder")
      .withArgs(1, 0, 3);
  });

  it("when an attester's signature is given in another's place, it should revert with InvalidSignature", async () => {
    const [a, b] = await signed(attestation(w), [0, 1]);
    if (!a || !b) throw new Error("unsigned");
    const swapped = [
      { attester: 0, signature: b.signature },
      { attester: 1, signature: a.signature },
    ];
    await expect(w.programs.attest(...given(attestation(w)), swapped))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(first.address, attestationDigest(w, attestation(w)));
  });

  it("when calldata is laid out in another way, it should be the same batch, and the event as ever", async () => {
    const a = attestation(w);
    const coder = AbiCoder.defaultAbiCoder();
    const usual = w.programs.interface.encodeFunctionData("attest", [...given(a), await signed(a)]);
    // The same words with a gap before the lines: the offsets of the lines and of the signatures are a word more.
    const words = getBytes(`0x${usual.slice(10)}`);
    const [head, rest] = [words.slice(0, 12 * 32), words.slice(12 * 32)];
    const shifted = (at: number) => {
      const value = BigInt(hexlify(head.slice(at, at + 32))) + 32n;
      head.set(getBytes(coder.encode(["uint256"], [value])), at);
    };
    shifted(10 * 32); // the lines
    shifted(11 * 32); // the signatures
    const data = concat([usual.slice(0, 10), head, id("anything"), rest]);
    const sent = w.relayer.sendTransaction({ to: w.programsAddress, data });
    await expect(sent)
      .to.emit(w.programs, "Attested")
      .withArgs(w.campaignId, attestationDigest(w, a), 0, Object.values(body(a)), a.lines.map(packLine));
    expect((await w.lens.batch(attestationDigest(w, a))).releaseAt).to.be.above(0);
  });

  describe("given the attesters were replaced, the second and third staying", () => {
    const stay = [second, third].map(({ address }) => address);
    const late = () => attestation(w, { periodFrom: NOW, periodTo: NOW + DAY, deadline: NOW + 2 * NOTICE });
    beforeEach(async () => {
      await w.asBrand.announceAttesters(w.campaignId, 2, stay);
      await time.increase(NOTICE + 1);
    });

    it("when they sign under their old places, it should revert with InvalidSignature for who is there now", async () => {
      await expect(w.programs.attest(...given(late()), await signed(late(), [0, 1])))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(second.address, attestationDigest(w, late()));
    });

    it("when a place of the old set is named that is no more, it should revert with AttestersOutOfOrder", async () => {
      const [, , last] = await signed(late(), [0, 1, 2]);
      const [good] = await signed(late(), [1]);
      if (!last || !good) throw new Error("unsigned");
      await expect(w.programs.attest(...given(late()), [{ ...good, attester: 0 }, last]))
        .to.be.revertedWithCustomError(w.programs, "AttestersOutOfOrder")
        .withArgs(1, 2, 2);
    });

    it("when the same signatures name the new places, it should attest: a digest does not name a set", async () => {
      const signatures = (await signed(late(), [1, 2])).map((s) => ({ ...s, attester: s.attester - 1 }));
      await w.programs.attest(...given(late()), signatures);
      expect((await w.lens.batch(attestationDigest(w, late()))).attesterSet).to.equal(1);
    });
  });

  it("when a campaign's twin by another brand has the same terms, its batch should not be the other's", async () => {
    const campaign = newCampaign(w);
    const asStranger = w.programs.connect(w.stranger);
    const twin = await asStranger.createCampaign.staticCall(campaign);
    await asStranger.createCampaign(campaign);
    await w.asBrand.fund(twin, BUDGET);
    await time.increase(DAY);
    const from = NOW + HOUR;
    const meant = attestation(w, { periodFrom: from, periodTo: from + HOUR, deadline: NOW + 2 * DAY });
    const carried = { ...meant, campaignId: twin };
    await expect(w.programs.attest(...given(carried), await signed(meant)))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(first.address, attestationDigest(w, carried));
    await w.programs.attest(...given(meant), await signed(meant));
    await w.programs.attest(...given(carried), await signed(carried));
    expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(0);
    expect((await w.lens.campaign(twin)).reserved).to.equal((await w.lens.campaign(w.campaignId)).reserved);
  });
});

describe("signatures over a reversal", () => {
  const world = async () => beside(await attested());
  let w: Awaited<ReturnType<typeof world>>;
  beforeEach(async () => {
    w = await loadFixture(world);
  });
  afterEach(() => honestStillPays(w));
  const refund = () => reversal(w, [sale(w.alice, 1, 60_000n)]);

  for (const [what, forge] of FORGERIES) {
    it(`when one is ${what}, it should revert with InvalidSignature and change nothing`, async () => {
      const before = await stateOf(w);
      const [good, other] = await sign(w, reversalTypedData(refund()));
      if (!good || !other) throw new Error("unsigned");
      const forged = [good, { ...other, signature: forge(other.signature) }];
      await expect(w.programs.reverse(...lowering(w, refund(), [0]), forged))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(second.address, reversalDigest(w, refund()));
      expect(await stateOf(w)).to.deep.equal(before);
    });
  }

  it("when there are more than attesters, it should revert with AttestersOutOfOrder", async () => {
    const signatures = await sign(w, reversalTypedData(refund()), [0, 1, 2, 2]);
    await expect(w.programs.reverse(...lowering(w, refund(), [0]), signatures))
      .to.be.revertedWithCustomError(w.programs, "AttestersOutOfOrder")
      .withArgs(3, 2, 3);
  });

  it("when the signatures are those over the batch, it should revert with InvalidSignature", async () => {
    expect(attestationDigest(w, w.batch)).to.equal(w.attestation);
    const signatures = await sign(w, attestationTypedData(w.batch));
    await expect(w.programs.reverse(...lowering(w, refund(), [0]), signatures))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(first.address, reversalDigest(w, refund()));
  });

  it("when it is of another batch with the same lines, it should revert with InvalidSignature", async () => {
    const next = attestation(w, { firstConversion: 4n });
    await attest(w, next);
    const carried = { ...refund(), attestation: attestationDigest(w, next) };
    const signatures = await sign(w, reversalTypedData(refund()));
    await expect(w.programs.reverse(...lowering(next, carried, [0]), signatures))
      .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
      .withArgs(first.address, reversalDigest(w, carried));
  });
});

describe("signatures over a claim order", () => {
  const world = async () => {
    const w = await attested();
    await at(NOW + HOLD);
    await w.programs.release(...releasing(w));
    return beside(w);
  };
  let w: Awaited<ReturnType<typeof world>>;
  beforeEach(async () => {
    w = await loadFixture(world);
  });
  afterEach(() => honestStillPays(w));

  for (const [what, forge] of FORGERIES) {
    it(`when it is ${what}, claimFor should revert with InvalidSignature and use no nonce`, async () => {
      const { order, signature } = await claimOrder(w, w.alice, [w.tokenAddress]);
      await expect(w.programs.claimFor(order, forge(signature)))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(w.alice.address, digestOf(w.domain, claimOrderTypedData(order)));
      expect(await w.programs.nonces(w.alice.address)).to.equal(0);
    });
  }

  for (const [what, forge] of FORGERIES) {
    it(`given the zero address as the owner, when it is ${what}, it should revert with InvalidSignature`, async () => {
      const { order, signature } = await claimOrder(w, w.alice, [w.tokenAddress], { owner: ZeroAddress });
      await expect(w.programs.claimFor(order, forge(signature)))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(ZeroAddress, digestOf(w.domain, claimOrderTypedData(order)));
    });
  }

  it("when it is used, the same order with the other spelling of its signature should not be used again", async () => {
    const { order, signature } = await claimOrder(w, w.alice, [w.tokenAddress]);
    await w.programs.claimFor(order, signature);
    for (const [, forge] of FORGERIES) {
      await expect(w.programs.claimFor(order, forge(signature)))
        .to.be.revertedWithCustomError(w.programs, "WrongNonce")
        .withArgs(w.alice.address, 1, 0);
    }
  });

  it("when the owner revokes, orders of either kind for this nonce and the next should be void", async () => {
    const signed = [
      await claimOrder(w, w.alice, [w.tokenAddress]),
      await claimOrder(w, w.alice, [w.tokenAddress], { nonce: 1n }),
    ];
    const payouts = [await payoutOrder(w, w.alice), await payoutOrder(w, w.alice, { nonce: 1n })];
    await w.programs.connect(w.alice).revokeOrders();
    const nonce = await w.programs.nonces(w.alice.address);
    for (const { order, signature } of signed) {
      await expect(w.programs.claimFor(order, signature))
        .to.be.revertedWithCustomError(w.programs, "WrongNonce")
        .withArgs(w.alice.address, nonce, order.nonce);
    }
    for (const { order, signature } of payouts) {
      await expect(w.programs.setPayoutFor(order, signature))
        .to.be.revertedWithCustomError(w.programs, "WrongNonce")
        .withArgs(w.alice.address, nonce, order.nonce);
    }
    const fresh = await claimOrder(w, w.alice, [w.tokenAddress], { nonce });
    await w.programs.claimFor(fresh.order, fresh.signature);
    expect(await w.programs.nonces(w.alice.address)).to.equal(nonce + 1n);
  });

  it("when a payout order is used, the claim order of the same nonce should be void, and the other way round", async () => {
    const claim = await claimOrder(w, w.alice, [w.tokenAddress]);
    const payout = await payoutOrder(w, w.alice, { receiver: w.stranger.address });
    await w.programs.setPayoutFor(payout.order, payout.signature);
    await expect(w.programs.claimFor(claim.order, claim.signature))
      .to.be.revertedWithCustomError(w.programs, "WrongNonce")
      .withArgs(w.alice.address, 1, 0);
    const next = await claimOrder(w, w.alice, [w.tokenAddress], { nonce: 1n });
    await w.programs.claimFor(next.order, next.signature);
    const late = await payoutOrder(w, w.alice, { nonce: 1n });
    await expect(w.programs.setPayoutFor(late.order, late.signature))
      .to.be.revertedWithCustomError(w.programs, "WrongNonce")
      .withArgs(w.alice.address, 2, 1);
  });

  for (const [what, forge] of FORGERIES) {
    it(`when a payout order is ${what}, it should revert with InvalidSignature and change nothing`, async () => {
      const { order, signature } = await payoutOrder(w, w.alice, { receiver: w.stranger.address });
      await expect(w.programs.setPayoutFor(order, forge(signature)))
        .to.be.revertedWithCustomError(w.programs, "InvalidSignature")
        .withArgs(w.alice.address, digestOf(w.domain, payoutOrderTypedData(order)));
      expect(await w.lens.receiverOf(w.alice.address)).to.deep.equal([w.alice.address, 0n]);
    });
  }

  it("when the largest nonce is given, it should revert with WrongNonce", async () => {
    const { order, signature } = await claimOrder(w, w.alice, [w.tokenAddress], { nonce: 2n ** 256n - 1n });
    await expect(w.programs.claimFor(order, signature))
      .to.be.revertedWithCustomError(w.programs, "WrongNonce")
      .withArgs(w.alice.address, 0, 2n ** 256n - 1n);
  });
});

describe("signatures carried to another contract on the same chain", () => {
  /** A second contract with the same brand, terms and batch, to which nothing is signed. */
  const two = async () => {
    const w = await beside(await attested());
    const other = await new PartnerPrograms__factory(w.relayer).deploy();
    const otherAddress = await other.getAddress();
    const otherLens = await new PartnerProgramsLens__factory(w.relayer).deploy(otherAddress);
    const campaign = newCampaign(w);
    const asBrand = other.connect(w.brand);
    const campaignId = await asBrand.createCampaign.staticCall(campaign);
    await asBrand.createCampaign(campaign);
    await w.token.approve(otherAddress, NO_LIMIT);
    await asBrand.fund(campaignId, BUDGET);
    const domain: TypedDataDomain = { ...w.domain, verifyingContract: otherAddress };
    return { ...w, other, otherLens, there: { ...w, programs: other, domain, campaignId }, thereId: campaignId };
  };
  let w: Awaited<ReturnType<typeof two>>;
  beforeEach(async () => {
    w = await loadFixture(two);
  });
  afterEach(() => honestStillPays(w));
  const next = () => {
    const from = NOW + HOUR;
    return attestation(w, { firstConversion: 4n, periodFrom: from, periodTo: from + HOUR, deadline: NOW + 2 * DAY });
  };

  it("the campaign should have another id there", async () => {
    expect(w.thereId).to.not.equal(w.campaignId);
    await expect(w.otherLens.campaign(w.campaignId))
      .to.be.revertedWithCustomError(w.other, "UnknownCampaign")
      .withArgs(w.campaignId);
  });

  it("when a batch is carried as it is, it should revert with UnknownCampaign", async () => {
    await time.increase(DAY);
    await expect(w.other.attest(...given(next()), await sign(w, attestationTypedData(next()))))
      .to.be.revertedWithCustomError(w.other, "UnknownCampaign")
      .withArgs(w.campaignId);
  });

  it("when a batch is signed for the campaign there and the contract here, it should revert with InvalidSignature there", async () => {
    await time.increase(DAY);
    const there = { ...next(), campaignId: w.thereId, firstConversion: 1n };
    await expect(w.other.attest(...given(there), await sign(w, attestationTypedData(there))))
      .to.be.revertedWithCustomError(w.other, "InvalidSignature")
      .withArgs(first.address, attestationDigest(w.there, there));
    expect(attestationDigest(w.there, there)).to.not.equal(attestationDigest(w, there));
    await w.other.attest(...given(there), await sign(w.there, attestationTypedData(there)));
    expect((await w.otherLens.campaign(w.thereId)).nextConversion).to.equal(4);
    expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(4);
  });

  it("when a claim order is carried there, it should revert with InvalidSignature, and still be good here", async () => {
    await at(NOW + HOLD);
    await w.programs.release(...releasing(w));
    const { order, signature } = await claimOrder(w, w.alice, [w.tokenAddress]);
    await expect(w.other.claimFor(order, signature))
      .to.be.revertedWithCustomError(w.other, "InvalidSignature")
      .withArgs(w.alice.address, digestOf(w.there.domain, claimOrderTypedData(order)));
    await w.programs.claimFor(order, signature);
    expect(await w.token.balanceOf(w.alice.address)).to.equal(2_125_000n);
  });

  it("when a reversal is carried there, it should revert with UnknownCampaign, or find no batch", async () => {
    const refund = reversal(w, [sale(w.alice, 1, 60_000n)]);
    const signatures = await sign(w, reversalTypedData(refund));
    await expect(w.other.reverse(...lowering(w, refund, [0]), signatures))
      .to.be.revertedWithCustomError(w.other, "UnknownCampaign")
      .withArgs(w.campaignId);
    const there = { ...refund, campaignId: w.thereId };
    await expect(w.other.reverse(...lowering({ ...w.batch, campaignId: w.thereId }, there, [0]), signatures))
      .to.be.revertedWithCustomError(w.other, "UnknownBatch")
      .withArgs(w.thereId, attestationDigest(w.there, { ...w.batch, campaignId: w.thereId }));
  });
});
