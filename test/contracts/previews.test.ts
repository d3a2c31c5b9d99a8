import { type Line, lowerLine, packLine } from "@partner-programs/protocol/line";
import { attestationTypedData, claimOrderTypedData, reversalTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { AbiCoder, id, keccak256, ZeroAddress, ZeroHash } from "ethers";
import { lowering, pulling, releasing } from "#test/support/hostile.ts";
import {
  type Attested,
  at,
  attest,
  attestation,
  attestationDigest,
  attested,
  attestedWith,
  BUDGET,
  body,
  DAY,
  eventName,
  given,
  HOLD,
  HOUR,
  liveWith,
  loadFixture,
  NOW,
  networkHelpers,
  offer,
  plain,
  reversal,
  reverse,
  sale,
  sign,
  signup,
  terms,
  time,
  treeOf,
  type World,
  worth,
} from "#test/support/programs.ts";
import { BlockingToken__factory } from "#typechain/factories/mocks/BlockingToken__factory.ts";

const RELEASE = NOW + HOLD;

/** Offers 3 to 5: one that begins tomorrow, one for a kind that nobody has, and one for Bob alone. */
const withEveryFault = () =>
  liveWith((d) => ({
    offers: [
      offer(),
      offer({ eventName: eventName("signup"), flatAmount: 500_000n, rateBps: 0, capUnits: 0 }),
      offer({ eventName: eventName("late"), validFrom: NOW + DAY }),
      offer({ kind: 7 }),
      offer({ kind: 255, partner: d.bob.address }),
    ],
  }));

/** Lines are not given to the chain, which takes them for what they are said to be. */
const unseen = () => liveWith((d) => ({ terms: terms(d, { linesOnChain: false }) }));

describe("previews", () => {
  let w: Attested;
  beforeEach(async () => {
    w = await loadFixture(attested);
    await time.increaseTo(NOW + HOUR);
  });

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

    it("given a sound attestation and its signatures, it should be the batch's digest, and change nothing", async () => {
      const signatures = await sign(w, attestationTypedData(next()));
      const preview = await w.lens.previewAttest.staticCall(...given(next()), signatures);
      expect([...preview]).to.deep.equal([attestationDigest(w, next()), "0x"]);
      // Even when it is sent as a transaction.
      await w.lens.previewAttest(...given(next()), signatures);
      expect((await w.lens.campaign(w.campaignId)).nextConversion).to.equal(4);
    });

    it("given no signatures yet, it should fail with nothing but TooFewSignatures", async () => {
      const preview = await w.lens.previewAttest.staticCall(...given(next()), []);
      expect(named(preview.failure)).to.deep.equal(["TooFewSignatures", 2n, 0n]);
    });

    it("given another number, it should name the error and its values", async () => {
      const preview = await w.lens.previewAttest.staticCall(...given({ ...next(), firstConversion: 5n }), []);
      expect(named(preview.failure)).to.deep.equal(["ConversionOutOfOrder", w.campaignId, 4n, 5n]);
    });

    it("given other lines than were signed, it should name the error, and the digest all the same", async () => {
      const [attestation, lines] = given(next());
      const signatures = await sign(w, attestationTypedData(next()));
      const preview = await w.lens.previewAttest.staticCall(attestation, lines.slice(1), signatures);
      expect(preview.digest).to.equal(attestationDigest(w, next()));
      expect(named(preview.failure)).to.deep.equal(["InvalidLineCount", 1n, 2n]);
    });
  });

  describe("previewReverse", () => {
    it("given a sound reversal, it should be what returns, and change nothing", async () => {
      const r = reversal(w, [sale(w.alice, 1, 50_000n)]);
      const signatures = await sign(w, reversalTypedData(r));
      const preview = await w.lens.previewReverse.staticCall(...lowering(w, r, [0]), signatures);
      const before = worth(sale(w.alice, 2, 100_000n)).total;
      expect([...preview]).to.deep.equal([before - worth(sale(w.alice, 1, 50_000n)).total, "0x"]);
      expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(worth(...w.lines).total);
    });

    it("given the hold is over, it should fail with HoldOver", async () => {
      await time.increaseTo(RELEASE);
      const r = reversal(w, [sale(w.alice, 1, 0n)]);
      const preview = await w.lens.previewReverse.staticCall(...lowering(w, r, [0]), []);
      expect(named(preview.failure)).to.deep.equal(["HoldOver", BigInt(RELEASE), BigInt(RELEASE)]);
      expect(preview.returned).to.equal(0);
    });
  });

  describe("previewRelease", () => {
    const preview = (first?: number) =>
      w.lens.previewRelease.staticCall(...(first === undefined ? releasing(w) : releasing(w, w.lines, first, 0)));

    it("given the hold is not over, it should fail with HoldNotOver", async () => {
      const { failure } = await preview();
      expect(named(failure)).to.deep.equal(["HoldNotOver", BigInt(NOW + HOUR), BigInt(RELEASE)]);
    });

    it("given the hold is over, it should be the commission of the lines named", async () => {
      await time.increaseTo(RELEASE);
      expect([...(await preview())]).to.deep.equal([worth(...w.lines).commission, "0x"]);
      expect([...(await preview(1))]).to.deep.equal([worth(sale(w.bob, 1, 5_001n)).commission, "0x"]);
    });
  });

  describe("previewPull", () => {
    const preview = (index: number) => w.lens.previewPull.staticCall(...pulling(w, index));

    it("given the hold is over, it should be the commission of the line, and pay nothing", async () => {
      await time.increaseTo(RELEASE);
      expect([...(await preview(1))]).to.deep.equal([worth(sale(w.bob, 1, 5_001n)).commission, "0x"]);
      expect(await w.token.balanceOf(w.bob.address)).to.equal(0);
    });

    it("given the line was released, it should fail with NothingToPay", async () => {
      await at(RELEASE);
      await w.programs.release(...releasing(w, w.lines, 1, 0));
      expect(named((await preview(1)).failure)).to.deep.equal(["NothingToPay", w.bob.address]);
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
      await w.programs.release(...releasing(w));
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
    const preview = () => w.lens.previewPull.staticCall(...pulling(w, 1));

    it("given the token says why, it should be the token's error", async () => {
      const { token } = await w.lens.termsOf(w.campaignId);
      const blockingToken = BlockingToken__factory.connect(token, w.brand);
      await blockingToken.setBlocked(w.bob.address, true);
      const { failure } = await preview();
      const parsed = blockingToken.interface.parseError(failure);
      expect([parsed?.name, ...(parsed?.args ?? [])]).to.deep.equal(["Blocked", w.bob.address]);
    });

    it("given a revert without a word, it should be FailedSilently", async () => {
      await networkHelpers.setCode((await w.lens.termsOf(w.campaignId)).token, "0x5f5ffd");
      const failure = named((await preview()).failure);
      expect(failure).to.deep.equal(["FailedSilently"]);
    });
  });

  it("simulate should say how the call went, and undo it", async () => {
    const call = w.programs.interface.encodeFunctionData("setPayOutOptOut", [true]);
    await expect(w.lens.simulate(call)).to.be.revertedWithCustomError(w.lens, "Simulated").withArgs(true, "0x");
    expect((await w.lens.payoutOf(await w.lens.getAddress())).optedOut).to.equal(false);
  });
});

describe("lineStatus", () => {
  let w: Attested;
  beforeEach(async () => {
    w = await loadFixture(attested);
  });
  const status = async (index: number, lines = w.lines) => {
    const [[attestation], [proven]] = pulling(w, index, lines);
    if (!attestation || !proven) throw new Error("nothing to prove");
    return plain(await w.lens.lineStatus(attestation, proven));
  };

  it("given there is no such batch, it should revert with UnknownBatch", async () => {
    const other = { ...w.body, conversions: 4 };
    await expect(w.lens.lineStatus(other, treeOf(w.lines).proof(0)))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, attestationDigest(w, other));
  });

  it("given the batch has no line of that index, it should revert with UnknownLine", async () => {
    for (const index of [2, 3]) {
      await expect(w.lens.lineStatus(w.body, { ...treeOf(w.lines).proof(0), index }))
        .to.be.revertedWithCustomError(w.programs, "UnknownLine")
        .withArgs(index, 2);
    }
  });

  it("given neither batch nor line, it should say so of the batch", async () => {
    const other = { ...w.body, conversions: 4 };
    await expect(w.lens.lineStatus(other, { ...treeOf(w.lines).proof(0), index: 2 }))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, attestationDigest(w, other));
  });

  it("given a path that is not as long as the tree is deep, it should revert with InvalidPath", async () => {
    const proof = treeOf(w.lines).proof(0);
    for (const path of ["0x", proof.path.slice(0, -2), proof.path + proof.path.slice(2)]) {
      await expect(w.lens.lineStatus(w.body, { ...proof, path }))
        .to.be.revertedWithCustomError(w.programs, "InvalidPath")
        .withArgs((path.length - 2) / 2, 1);
    }
  });

  it("given one line that is not worth what was signed, it should revert with TotalDiffersFromBatch", async () => {
    const v = await loadFixture(unseen);
    const lines = [sale(v.alice, 1, 10n)];
    const { total } = worth(...lines);
    // The line is the root: only the sum says that more was reserved than it is worth.
    const batch = attestation(v, { lines, given: false, total: total + 1n });
    await at(NOW);
    await attest(v, batch);
    await expect(v.lens.lineStatus(body(batch), treeOf(lines).proof(0)))
      .to.be.revertedWithCustomError(v.programs, "TotalDiffersFromBatch")
      .withArgs(total + 1n, total);
  });

  it("given a line beyond the first 256, it should say whether that one was settled", async () => {
    const v = await loadFixture(unseen);
    const lines = Array.from({ length: 600 }, (_, i) => sale(v.alice, 1, BigInt(i)));
    const batch = attestation(v, { lines, given: false });
    await at(NOW);
    await attest(v, batch);
    await at(RELEASE);
    const tree = treeOf(lines);
    await v.programs.pull([body(batch)], [tree.proof(300)]);
    const settled = [];
    for (const index of [44, 150, 300, 556]) {
      const shown = await v.lens.lineStatus(body(batch), tree.proof(index));
      settled.push(shown.settled);
    }
    expect(settled).to.deep.equal([false, false, true, false]);
  });

  it("given another line, it should revert with LinesDifferFromBatch", async () => {
    const other = [{ ...w.lines[0], count: 3 } as (typeof w.lines)[number], ...w.lines.slice(1)];
    await expect(status(0, other))
      .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
      .withArgs(w.linesRoot, treeOf(other).root);
  });

  it("it should say what the line is worth, when, and whether it was settled", async () => {
    const { commission, fee } = worth(sale(w.bob, 1, 5_001n));
    const held = { commission, fee, releaseAt: BigInt(RELEASE), settled: false, fault: 0n };
    expect(await status(1)).to.deep.equal(held);
    await at(RELEASE);
    await w.programs.release(...releasing(w, w.lines, 1, 0));
    expect(await status(1)).to.deep.equal({ ...held, settled: true });
    expect((await status(0)).settled).to.equal(false);
  });

  it("given a reversal, it should take the lines as they stand, and no others", async () => {
    const [alice, bob] = w.lines as [Line, Line];
    const target = { ...alice, count: 1, volumeUnits: 1_000n };
    await reverse(w, reversal(w, [target]), w.lines, [0]);
    const standing = [lowerLine(alice, target), bob];
    for (const [index, line] of standing.entries()) {
      const { commission, fee } = worth(line);
      expect(await status(index, standing)).to.deep.include({ commission, fee });
    }
    const commitment = (tree: ReturnType<typeof treeOf>) => {
      const { root, total } = tree;
      return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [root, total]));
    };
    await expect(status(0))
      .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
      .withArgs(commitment(treeOf(standing)), commitment(treeOf(w.lines)));
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    const other = id("another campaign");
    await expect(w.lens.lineStatus({ ...w.body, campaignId: other }, treeOf(w.lines).proof(0)))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(other);
  });
});

describe("rehearse", () => {
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(withEveryFault);
    await time.increaseTo(NOW);
  });

  /** One line for each fault, and an honest one before and after. */
  const lines = (): Line[] => [
    sale(w.alice, 1, 10n),
    { ...sale(w.alice, 1, 0n), offerId: 9 },
    { ...sale(w.alice, 1, 0n), offerId: 3 },
    sale({ address: ZeroAddress }, 1, 0n),
    sale(w.alice, 1, 1_000_001n),
    signup(w.alice, 4),
    { ...sale(w.alice, 1, 0n), offerId: 4 },
    { ...sale(w.alice, 1, 0n), offerId: 5 },
    { ...sale(w.bob, 1, 0n), offerId: 5 },
  ];
  const worths = () => {
    const asSale = (line: Line) => worth({ ...line, offerId: 1 }).total;
    return lines().map((line) =>
      [9, 3].includes(line.offerId) ? 0n : line.offerId === 2 ? worth(line).total : asSale(line),
    );
  };
  const batch = () => {
    const tree = treeOf(lines(), (line) => worths()[lines().findIndex((l) => packLine(l) === packLine(line))] ?? 0n);
    const { root: linesRoot, total } = tree;
    return { tree, ...attestation(w, { lines: lines(), linesRoot, total, deadline: NOW + HOUR }) };
  };

  it("it should name each fault by its line, and what all are worth; and settling should do just that", async () => {
    const { worth: foretold, faults } = await w.lens.rehearse(body(batch()), 0, lines().map(packLine));
    expect(faults.map(({ index, fault }) => [index, fault])).to.deep.equal(
      [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((fault) => [fault, fault]),
    );
    expect(foretold).to.equal(batch().total);
    await attest(w, batch());
    await time.increase(HOLD);
    const chunk = batch().tree.chunk(0);
    const sent = w.programs.release(body(batch()), chunk.first, chunk.path, [...chunk.lines]);
    for (const { index, fault } of faults) {
      await expect(sent)
        .to.emit(w.programs, "LineRefused")
        .withArgs(
          w.campaignId,
          attestationDigest(w, batch()),
          index,
          packLine(lines()[Number(index)] as Line),
          fault,
          worths()[Number(index)],
        );
    }
    expect(await w.lens.creditOf(w.alice.address, w.tokenAddress)).to.equal(worth(sale(w.alice, 1, 10n)).commission);
    expect(await w.lens.creditOf(w.bob.address, w.tokenAddress)).to.equal(1_000_000n);
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
  });

  it("when it is asked in parts, it should name the lines by their places in the batch", async () => {
    const { worth: foretold, faults } = await w.lens.rehearse(body(batch()), 3, lines().slice(3, 5).map(packLine));
    expect(faults.map(({ index, fault }) => [index, fault])).to.deep.equal([
      [3n, 3n],
      [4n, 4n],
    ]);
    expect(foretold).to.equal((worths()[3] ?? 0n) + (worths()[4] ?? 0n));
  });

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.lens.rehearse({ ...body(batch()), campaignId: ZeroHash }, 0, []))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });
});
