import type { Line } from "@partner-programs/protocol/line";
import type { LineTree } from "@partner-programs/protocol/lineTree";
import { expect } from "chai";
import { concat, ZeroHash } from "ethers";
import {
  type Attested,
  at,
  attest,
  attestation,
  attestationDigest,
  attested,
  attestedWith,
  type Batch,
  BUDGET,
  body,
  createCampaign,
  DAY,
  eventName,
  HOLD,
  HOUR,
  loadFixture,
  NOW,
  offer,
  reversal,
  reverse,
  sale,
  signup,
  stateOf,
  terms,
  treeOf,
  worth,
} from "#test/support/programs.ts";
import { BlockingToken__factory } from "#typechain/factories/mocks/BlockingToken__factory.ts";
import { ReentrantToken__factory } from "#typechain/factories/mocks/ReentrantToken__factory.ts";

const RELEASE = NOW + HOLD;

describe("pull", () => {
  let w: Attested;
  let alice: Line;
  let bob: Line;
  let tree: LineTree;
  beforeEach(async () => {
    w = await loadFixture(attested);
    [alice, bob] = w.lines as [Line, Line];
    tree = treeOf(w.lines);
    await at(RELEASE);
  });
  const pull = (index = 0, of = tree) => w.programs.pull([w.body], [of.proof(index)]);
  const creditOf = (owner: { address: string }) => w.lens.creditOf(owner.address, w.tokenAddress);
  const settled = (word = 0) => w.lens.settledLines(w.attestation, word);

  it("given there is no such campaign, it should revert with UnknownCampaign", async () => {
    await expect(w.programs.pull([{ ...w.body, campaignId: ZeroHash }], [tree.proof(0)]))
      .to.be.revertedWithCustomError(w.programs, "UnknownCampaign")
      .withArgs(ZeroHash);
  });

  it("given anything of the attestation differs, it should revert with UnknownBatch", async () => {
    for (const changed of [
      { conversions: 4 },
      { periodTo: NOW - 1 },
      { total: w.body.total + 1n },
      { lineCount: 3 },
      { conversionsRoot: ZeroHash },
    ]) {
      const other = { ...w.body, ...changed };
      await expect(w.programs.pull([other], [tree.proof(0)]))
        .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
        .withArgs(w.campaignId, attestationDigest(w, other));
    }
  });

  it("in the last second of the hold, it should revert with HoldNotOver", async () => {
    await at(RELEASE - 1);
    await expect(pull())
      .to.be.revertedWithCustomError(w.programs, "HoldNotOver")
      .withArgs(RELEASE - 1, RELEASE);
  });

  it("when there is nothing, or not as many lines as batches, it should revert with InvalidLineCount", async () => {
    for (const [attestations, lines] of [
      [[], []],
      [[w.body], []],
      [[w.body], [tree.proof(0), tree.proof(0)]],
      [[w.body, w.body], [tree.proof(0)]],
    ] as const) {
      await expect(w.programs.pull([...attestations], [...lines]))
        .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
        .withArgs(lines.length, attestations.length);
    }
  });

  for (const index of [2, 4, 2 ** 40]) {
    it(`when index ${index} is beyond the lines, it should revert with UnknownLine`, async () => {
      await expect(w.programs.pull([w.body], [{ ...tree.proof(0), index }]))
        .to.be.revertedWithCustomError(w.programs, "UnknownLine")
        .withArgs(index, 2);
    });
  }

  it("when the path is shorter or longer than the tree is deep, it should revert with InvalidPath", async () => {
    const proof = tree.proof(0);
    for (const path of [
      "0x",
      proof.path.slice(0, -2),
      concat([proof.path, "0x00"]),
      concat([proof.path, proof.path]),
    ]) {
      await expect(w.programs.pull([w.body], [{ ...proof, path }]))
        .to.be.revertedWithCustomError(w.programs, "InvalidPath")
        .withArgs((path.length - 2) / 2, 1);
    }
  });

  it("when the line is larger than the batch's, it should revert with LinesDifferFromBatch", async () => {
    const larger = treeOf([{ ...alice, volumeUnits: alice.volumeUnits + 1n }, bob]);
    await expect(pull(0, larger))
      .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
      .withArgs(w.linesRoot, larger.root);
  });

  it("when it is in another's place, it should revert with LinesDifferFromBatch", async () => {
    await expect(w.programs.pull([w.body], [{ ...tree.proof(0), index: 1 }])).to.be.revertedWithCustomError(
      w.programs,
      "LinesDifferFromBatch",
    );
  });

  it("given attesters signed a root of other worths, it should revert, and what is reserved stay", async () => {
    const dear = treeOf(w.lines, (line) => worth(line).total * 2n);
    const batch = attestation(w, {
      firstConversion: 4n,
      linesRoot: dear.root,
      total: dear.total,
      periodTo: NOW + 1,
      deadline: NOW + 9 * DAY,
    });
    const silent = {
      campaignId: await createCampaign(w, { salt: ZeroHash, terms: terms(w, { linesOnChain: false }) }),
    };
    await w.asBrand.fund(silent.campaignId, BUDGET);
    const there = {
      ...batch,
      ...silent,
      firstConversion: 1n,
      given: false,
      periodFrom: RELEASE + 2,
      periodTo: RELEASE + 3,
    };
    await at(RELEASE + 3);
    await attest(w, there);
    await at(RELEASE + 3 + HOLD);
    await expect(w.programs.pull([body(there)], [dear.proof(0)])).to.be.revertedWithCustomError(
      w.programs,
      "LinesDifferFromBatch",
    );
    expect((await w.lens.campaign(silent.campaignId)).reserved).to.equal(dear.total);
  });

  it("when anyone pulls, it should pay the partner at once, credit the operator, mark the line and take both from what is reserved", async () => {
    const { commission, fee, total } = worth(alice);
    const before = await stateOf(w);
    await expect(pull())
      .to.emit(w.programs, "Pulled")
      .withArgs(w.campaignId, w.attestation, w.alice.address, 0, commission);
    expect(await w.token.balanceOf(w.alice.address)).to.equal(commission);
    expect(await creditOf(w.alice)).to.equal(0);
    expect(await creditOf(w.operator)).to.equal(fee);
    expect(await settled()).to.equal(1);
    expect(await stateOf(w)).to.deep.equal({ ...before, reserved: (before.reserved as bigint) - total });
  });

  it("given the line was pulled or released, it should revert with NothingToPay", async () => {
    await pull();
    await expect(pull()).to.be.revertedWithCustomError(w.programs, "NothingToPay").withArgs(w.alice.address);
    const { first, path, lines } = tree.chunk(0);
    await w.programs.release(w.body, first, path, lines);
    await expect(pull(1)).to.be.revertedWithCustomError(w.programs, "NothingToPay").withArgs(w.bob.address);
    expect(await creditOf(w.bob)).to.equal(worth(bob).commission);
    expect(await creditOf(w.alice)).to.equal(0);
  });

  it("when one line is given twice, it should pay it once", async () => {
    await w.programs.pull([w.body, w.body], [tree.proof(0), tree.proof(0)]);
    expect(await w.token.balanceOf(w.alice.address)).to.equal(worth(alice).commission);
  });

  it("when a line is another partner's, it should revert with LineOfOtherPartner", async () => {
    await expect(w.programs.pull([w.body, w.body], [tree.proof(0), tree.proof(1)]))
      .to.be.revertedWithCustomError(w.programs, "LineOfOtherPartner")
      .withArgs(1, w.bob.address);
  });

  it("when it is in another's place as well, it should say whose it is", async () => {
    await expect(w.programs.pull([w.body, w.body], [tree.proof(0), { ...tree.proof(1), index: 0 }]))
      .to.be.revertedWithCustomError(w.programs, "LineOfOtherPartner")
      .withArgs(1, w.bob.address);
  });

  it("given a line pays one unit, it should send it, and given it pays nothing, send nothing", async () => {
    const one = offer({ flatAmount: 1n, rateBps: 0, capUnits: 0n });
    const rate = offer({ flatAmount: 0n, rateBps: 1, eventName: eventName("signup") });
    const campaignId = await createCampaign(w, { salt: ZeroHash, offers: [one, rate] });
    await w.asBrand.fund(campaignId, BUDGET);
    const lines = [sale(w.alice, 1, 0n), signup(w.bob, 1)];
    const each = treeOf(lines, ({ offerId }) => (offerId === 1 ? 1n : 0n));
    const batch = attestation(w, {
      ...{ campaignId, lines, linesRoot: each.root, total: each.total },
      ...{ periodFrom: RELEASE + HOUR, periodTo: RELEASE + 2 * HOUR, deadline: RELEASE + 2 * HOUR },
    });
    await at(RELEASE + 2 * HOUR);
    await attest(w, batch);
    await at(RELEASE + 2 * HOUR + HOLD);
    await w.programs.pull([body(batch)], [each.proof(0)]);
    expect(await w.token.balanceOf(w.alice.address)).to.equal(1n);
    await expect(w.programs.pull([body(batch)], [each.proof(1)])).not.to.emit(w.token, "Transfer");
    expect((await w.lens.campaign(campaignId)).reserved).to.equal(0n);
  });

  it("given a line was reversed, it should pay what is left, and not what was before", async () => {
    w = await loadFixture(attested);
    const lowered = { ...alice, count: 1, volumeUnits: 10n };
    await at(NOW + HOUR);
    await reverse(w, reversal(w, [lowered]), w.lines, [0]);
    await at(RELEASE);
    await expect(pull()).to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch");
    await pull(0, treeOf([lowered, bob]));
    expect(await w.token.balanceOf(w.alice.address)).to.equal(worth(lowered).commission);
  });

  describe("out of several batches", () => {
    let batches: Batch[];
    beforeEach(async () => {
      w = await loadFixture(attested);
      batches = [w.batch];
      for (let i = 1; i < 4; i++) {
        const lines = [sale(w.alice, i, BigInt(1_000 * i)), sale(w.bob, 1, 0n), signup(w.alice, 1)];
        const batch = attestation(w, {
          firstConversion: BigInt(1 + 3 * i),
          lines,
          periodTo: NOW + i,
          deadline: NOW + DAY,
        });
        await at(NOW + i);
        await attest(w, batch);
        batches.push(batch);
      }
      await at(NOW + 4 + HOLD);
    });
    const pullAll = () =>
      w.programs.pull(
        batches.map(body),
        batches.map((batch) => treeOf(batch.lines).proof(0)),
      );

    it("it should pay their lines once, together", async () => {
      const commission = batches.reduce((sum, { lines: [line] }) => sum + worth(line as Line).commission, 0n);
      await expect(pullAll()).to.emit(w.token, "Transfer").withArgs(w.programsAddress, w.alice.address, commission);
      expect(await w.token.balanceOf(w.alice.address)).to.equal(commission);
    });

    it("given somebody released one of them in front of it, it should pay the others", async () => {
      const [, second] = batches as [Batch, Batch];
      const { first, path, lines } = treeOf(second.lines).chunk(0, 0);
      await w.programs.release(body(second), first, path, lines);
      await pullAll();
      const rest = batches.filter((batch) => batch !== second);
      expect(await w.token.balanceOf(w.alice.address)).to.equal(
        rest.reduce((sum, { lines: [line] }) => sum + worth(line as Line).commission, 0n),
      );
      expect(await creditOf(w.alice)).to.equal(worth(second.lines[0] as Line).commission);
    });

    it("when one is of another campaign, it should revert with BatchOfOtherCampaign", async () => {
      const other = { ...w.body, campaignId: ZeroHash };
      await expect(w.programs.pull([w.body, other], [tree.proof(0), tree.proof(0)]))
        .to.be.revertedWithCustomError(w.programs, "BatchOfOtherCampaign")
        .withArgs(1, ZeroHash);
    });
  });

  describe("given 600 lines, none of them on the chain", () => {
    const many = () =>
      attestedWith(
        (v) => ({ terms: terms(v, { linesOnChain: false }) }),
        (v) => ({
          lines: Array.from({ length: 600 }, (_, i) =>
            i % 2 === 0 ? sale(v.alice, 1, BigInt(i)) : sale(v.bob, 1, BigInt(i)),
          ),
          given: false,
        }),
      );

    it("it should mark each for itself, whichever word its mark stands in", async () => {
      w = await loadFixture(many);
      tree = treeOf(w.lines);
      await at(RELEASE);
      const marks = [0n, 0n, 0n];
      for (const index of [0, 190, 191, 192, 254, 255, 256, 511, 512, 599]) {
        await pull(index);
        await expect(pull(index)).to.be.revertedWithCustomError(w.programs, "NothingToPay");
        const word = index >> 8;
        marks[word] = (marks[word] ?? 0n) | (1n << BigInt(index & 255));
        expect([await settled(0), await settled(1), await settled(2)]).to.deep.equal(marks);
      }
    });
  });

  describe("given the partner opted out of pushes", () => {
    beforeEach(async () => {
      await w.programs.connect(w.alice).setPayOutOptOut(true);
    });

    it("when another pulls, it should revert with OptedOut, and release still credit it", async () => {
      await expect(pull()).to.be.revertedWithCustomError(w.programs, "OptedOut").withArgs(w.alice.address);
      const { first, path, lines } = tree.chunk(0);
      await w.programs.release(w.body, first, path, lines);
      expect(await creditOf(w.alice)).to.equal(worth(alice).commission);
    });

    it("when the partner pulls, it should pay", async () => {
      await w.programs.connect(w.alice).pull([w.body], [tree.proof(0)]);
      expect(await w.token.balanceOf(w.alice.address)).to.equal(worth(alice).commission);
    });
  });

  it("given a payout address, it should pay there", async () => {
    await w.programs.connect(w.alice).setPayout(w.stranger.address, 0);
    await pull();
    expect(await w.token.balanceOf(w.stranger.address)).to.equal(worth(alice).commission);
    expect(await w.token.balanceOf(w.alice.address)).to.equal(0);
  });

  it("given the token releases the line while it is paid, it should settle it once", async () => {
    w = await loadFixture(calling);
    const { token: address } = await w.lens.termsOf(w.campaignId);
    const token = ReentrantToken__factory.connect(address, w.relayer);
    tree = treeOf(w.lines);
    await at(RELEASE);
    const { first, path, lines } = tree.chunk(0, 0);
    const release = w.programs.interface.encodeFunctionData("release", [w.body, first, path, lines]);
    await token.callDuringTransfer(w.programsAddress, release);
    await pull();
    expect(await token.balanceOf(w.alice.address)).to.equal(worth(alice).commission);
    expect(await w.lens.creditOf(w.alice.address, address)).to.equal(0);
    expect(await w.lens.creditOf(w.operator.address, address)).to.equal(worth(alice).fee);
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(w.total - worth(alice).total);
  });

  it("given the token blocks the partner, it should revert, and release still credit it", async () => {
    w = await loadFixture(blocked);
    const token = BlockingToken__factory.connect(await (await w.lens.termsOf(w.campaignId)).token, w.relayer);
    tree = treeOf(w.lines);
    await at(RELEASE);
    await token.setBlocked(w.alice.address, true);
    await expect(pull()).to.be.revertedWithCustomError(token, "Blocked").withArgs(w.alice.address);
    const { first, path, lines } = tree.chunk(0);
    await w.programs.release(w.body, first, path, lines);
    expect(await w.lens.creditOf(w.alice.address, token.target)).to.equal(worth(alice).commission);
  });
});

const calling = () =>
  attestedWith(async (v) => {
    const token = await new ReentrantToken__factory(v.brand).deploy();
    await token.mint(v.brand.address, BUDGET);
    await token.approve(v.programsAddress, BUDGET);
    return { terms: terms(v, { token: await token.getAddress() }) };
  });

const blocked = () =>
  attestedWith(async (v) => {
    const token = await new BlockingToken__factory(v.brand).deploy();
    await token.mint(v.brand.address, BUDGET);
    await token.approve(v.programsAddress, BUDGET);
    return { terms: terms(v, { token: await token.getAddress() }) };
  });
