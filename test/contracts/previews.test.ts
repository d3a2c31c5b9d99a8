import { packLine } from "@partner-programs/protocol/line";
import { lineProof, lineTree } from "@partner-programs/protocol/trees";
import { attestationTypedData, claimOrderTypedData, reversalTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id, ZeroHash } from "ethers";
import {
  type Attested,
  at,
  attestation,
  attestationDigest,
  attested,
  attestedWith,
  BUDGET,
  HOLD,
  HOUR,
  loadFixture,
  NOW,
  networkHelpers,
  packed,
  packedReversal,
  plain,
  reversal,
  sale,
  sign,
  signup,
  terms,
  time,
  worth,
} from "#test/support/programs.ts";
import { BlockingToken__factory } from "#typechain/factories/mocks/BlockingToken__factory.ts";

const RELEASE = NOW + HOLD;

describe("previews", () => {
  let w: Attested;
  beforeEach(async () => {
    w = await loadFixture(attested);
    await time.increaseTo(NOW + HOUR);
  });

  const proven = (index: number) => {
    const { line, ...rest } = lineProof(w.lines, index);
    return { ...rest, line };
  };
  /** What a preview says it would revert with, by name and values. */
  const named = (failure: string) => {
    if (failure === "0x") return undefined;
    const parsed = w.programs.interface.parseError(failure) ?? w.lens.interface.parseError(failure);
    return parsed === null ? failure : [parsed.name, ...parsed.args];
  };

  describe("previewAttest", () => {
    const next = () =>
      attestation(w, {
        firstConversion: 4n,
        periodFrom: NOW,
        periodTo: NOW + HOUR,
        lines: [sale(w.alice, 2, 100n), signup(w.bob, 1)],
      });

    it("given a sound attestation and its signatures, it should be what attest books, and change nothing", async () => {
      const signatures = await sign(w, attestationTypedData(next()));
      const preview = await w.lens.previewAttest.staticCall(packed(next()), signatures);
      const { commission, fee } = worth(...next().lines);
      expect([...preview]).to.deep.equal([attestationDigest(w, next()), commission, fee, "0x"]);
      // Even when it is sent as a transaction.
      await w.lens.previewAttest(packed(next()), signatures);
      expect((await w.programs.campaign(w.campaignId)).nextConversion).to.equal(4);
    });

    it("given no signatures yet, it should fail with nothing but TooFewSignatures, and say what it books", async () => {
      const preview = await w.lens.previewAttest.staticCall(packed(next()), []);
      expect(named(preview.failure)).to.deep.equal(["TooFewSignatures", 2n, 0n]);
      expect(preview.commission).to.equal(worth(...next().lines).commission);
    });

    it("given another number, it should name the error and its values", async () => {
      const preview = await w.lens.previewAttest.staticCall(packed({ ...next(), firstConversion: 5n }), []);
      expect(named(preview.failure)).to.deep.equal(["ConversionOutOfOrder", w.campaignId, 4n, 5n]);
    });

    it("given an offer that does not exist, it should name the error and have no amounts", async () => {
      const lines = [sale(w.alice, 2, 100n), { ...sale(w.alice, 2, 100n), offerId: 3 }];
      const preview = await w.lens.previewAttest.staticCall(packed({ ...next(), lines }), []);
      expect(preview.attestation).to.equal(attestationDigest(w, { ...next(), lines }));
      expect(named(preview.failure)).to.deep.equal(["UnknownOffer", w.campaignId, 3n]);
      expect([preview.commission, preview.fee]).to.deep.equal([0n, 0n]);
    });
  });

  describe("previewReverse", () => {
    it("given a sound reversal, it should be what returns, and change nothing", async () => {
      const r = reversal(w, [sale(w.alice, 1, 50_000n)]);
      const signatures = await sign(w, reversalTypedData(r));
      const args = [packedReversal(r), [proven(0)], signatures] as Parameters<typeof w.lens.previewReverse.staticCall>;
      const preview = await w.lens.previewReverse.staticCall(...args);
      const before = worth(sale(w.alice, 2, 100_000n)).total;
      expect([...preview]).to.deep.equal([before - worth(sale(w.alice, 1, 50_000n)).total, "0x"]);
      expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(worth(...w.lines).total);
    });

    it("given the hold is over, it should fail with HoldOver", async () => {
      await time.increaseTo(RELEASE);
      const r = reversal(w, [sale(w.alice, 1, 0n)]);
      const preview = await w.lens.previewReverse.staticCall(packedReversal(r), [proven(0)], []);
      expect(named(preview.failure)).to.deep.equal(["HoldOver", BigInt(RELEASE), BigInt(RELEASE)]);
      expect(preview.returned).to.equal(0);
    });
  });

  describe("previewRelease", () => {
    const preview = (indices: number[]) =>
      w.lens.previewRelease.staticCall(w.campaignId, w.attestation, w.lines.map(packLine), indices);

    it("given the hold is not over, it should fail with HoldNotOver", async () => {
      const { failure } = await preview([]);
      expect(named(failure)).to.deep.equal(["HoldNotOver", BigInt(NOW + HOUR), BigInt(RELEASE)]);
    });

    it("given the hold is over, it should be the commission of the lines named", async () => {
      await time.increaseTo(RELEASE);
      expect([...(await preview([]))]).to.deep.equal([worth(...w.lines).commission, "0x"]);
      expect([...(await preview([1]))]).to.deep.equal([worth(sale(w.bob, 1, 5_001n)).commission, "0x"]);
    });
  });

  describe("previewPull", () => {
    const preview = (index: number) => w.lens.previewPull.staticCall(w.campaignId, w.attestation, proven(index));

    it("given the hold is over, it should be the commission of the line, and pay nothing", async () => {
      await time.increaseTo(RELEASE);
      expect([...(await preview(1))]).to.deep.equal([worth(sale(w.bob, 1, 5_001n)).commission, "0x"]);
      expect(await w.token.balanceOf(w.bob.address)).to.equal(0);
    });

    it("given the line was released, it should fail with LineReleasedAlready", async () => {
      await at(RELEASE);
      await w.programs.release(w.campaignId, w.attestation, w.lines.map(packLine), [1]);
      expect(named((await preview(1)).failure)).to.deep.equal(["LineReleasedAlready", w.attestation, 1n]);
    });
  });

  describe("payments", () => {
    const order = () => ({
      owner: w.alice.address,
      receiver: w.stranger.address,
      tokens: [w.tokenAddress, w.stranger.address],
      nonce: 0n,
      deadline: BigInt(RELEASE + HOUR),
    });
    const signed = async () => {
      const { types, message } = claimOrderTypedData(order());
      return w.alice.signTypedData(w.domain, types, message);
    };
    beforeEach(async () => {
      await at(RELEASE);
      await w.programs.release(w.campaignId, w.attestation, w.lines.map(packLine), []);
    });

    it("creditsOf should be the owner's credit in each of the tokens", async () => {
      const { commission } = worth(sale(w.alice, 2, 100_000n));
      expect(await w.lens.creditsOf(w.alice.address, order().tokens)).to.deep.equal([commission, 0n]);
    });

    it("previewPayOut should be what would be paid", async () => {
      const { commission } = worth(sale(w.alice, 2, 100_000n));
      const preview = await w.lens.previewPayOut.staticCall(w.alice.address, order().tokens);
      expect([...preview]).to.deep.equal([[commission, 0n], "0x"]);
    });

    it("given there is no credit, previewPayOut should fail with NothingToPay", async () => {
      const preview = await w.lens.previewPayOut.staticCall(w.stranger.address, [w.tokenAddress]);
      expect(named(preview.failure)).to.deep.equal(["NothingToPay", w.stranger.address]);
      expect(preview.amounts).to.deep.equal([]);
    });

    it("previewClaimFor should be what would be paid", async () => {
      const { commission } = worth(sale(w.alice, 2, 100_000n));
      const preview = await w.lens.previewClaimFor.staticCall(order(), await signed());
      expect([...preview]).to.deep.equal([[commission, 0n], "0x"]);
    });

    it("given a wrong nonce, previewClaimFor should fail with WrongNonce", async () => {
      const preview = await w.lens.previewClaimFor.staticCall({ ...order(), nonce: 1n }, await signed());
      expect(named(preview.failure)).to.deep.equal(["WrongNonce", w.alice.address, 0n, 1n]);
      expect(preview.amounts).to.deep.equal([]);
    });
  });

  describe("failures that are not the contract's own", () => {
    const blocking = () =>
      attestedWith(async (d) => {
        const token = await new BlockingToken__factory(d.brand).deploy();
        await token.mint(d.brand.address, BUDGET);
        await token.approve(d.programsAddress, BUDGET);
        return { terms: terms(d, { token: await token.getAddress() }) };
      });
    beforeEach(async () => {
      w = await loadFixture(blocking);
      await time.increaseTo(RELEASE);
    });
    const preview = () => w.lens.previewPull.staticCall(w.campaignId, w.attestation, proven(1));

    it("given the token says why, it should be the token's error", async () => {
      const { token } = await w.programs.termsOf(w.campaignId);
      const blockingToken = BlockingToken__factory.connect(token, w.brand);
      await blockingToken.setBlocked(w.bob.address, true);
      const { failure } = await preview();
      const parsed = blockingToken.interface.parseError(failure);
      expect([parsed?.name, ...(parsed?.args ?? [])]).to.deep.equal(["Blocked", w.bob.address]);
    });

    it("given a revert without a word, it should be FailedSilently", async () => {
      await networkHelpers.setCode((await w.programs.termsOf(w.campaignId)).token, "0x5f5ffd");
      const failure = named((await preview()).failure);
      expect(failure).to.deep.equal(["FailedSilently"]);
    });
  });

  it("simulate should say how the call went, and undo it", async () => {
    const call = w.programs.interface.encodeFunctionData("setPayOutOptOut", [true]);
    await expect(w.lens.simulate(call)).to.be.revertedWithCustomError(w.lens, "Simulated").withArgs(true, "0x");
    expect(await w.programs.payOutOptedOut(await w.lens.getAddress())).to.equal(false);
  });
});

describe("lineStatus", () => {
  let w: Attested;
  beforeEach(async () => {
    w = await loadFixture(attested);
  });
  const status = async (index: number) =>
    plain(await w.lens.lineStatus(w.campaignId, w.attestation, lineProof(w.lines, index)));

  it("given there is no such batch, it should revert with UnknownBatch", async () => {
    await expect(w.lens.lineStatus(w.campaignId, ZeroHash, lineProof(w.lines, 0)))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, ZeroHash);
  });

  it("given the batch has no line of that index, it should revert with UnknownLine", async () => {
    for (const index of [2, 3]) {
      await expect(w.lens.lineStatus(w.campaignId, w.attestation, { ...lineProof(w.lines, 0), index }))
        .to.be.revertedWithCustomError(w.programs, "UnknownLine")
        .withArgs(index, 2);
    }
  });

  it("given another line, it should revert with LinesDifferFromBatch", async () => {
    const other = { ...w.lines[0], count: 3 } as (typeof w.lines)[number];
    await expect(w.lens.lineStatus(w.campaignId, w.attestation, { ...lineProof(w.lines, 0), line: packLine(other) }))
      .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
      .withArgs(lineTree(w.lines).root, lineTree([other, ...w.lines.slice(1)]).root);
  });

  it("it should say what the line is worth, when, and whether it was released", async () => {
    const { commission, fee } = worth(sale(w.bob, 1, 5_001n));
    const held = { commission, fee, releaseAt: BigInt(RELEASE), released: false };
    expect(await status(1)).to.deep.equal(held);
    await at(RELEASE);
    await w.programs.release(w.campaignId, w.attestation, w.lines.map(packLine), [1]);
    expect(await status(1)).to.deep.equal({ ...held, released: true });
    expect((await status(0)).released).to.equal(false);
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    const other = id("another campaign");
    await expect(w.lens.lineStatus(other, w.attestation, lineProof(w.lines, 0)))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(other);
  });
});
