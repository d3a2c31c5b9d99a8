import { type Line, packLine } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
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
  HOLD,
  HOUR,
  live,
  liveWith,
  loadFixture,
  NOTICE,
  NOW,
  offer,
  release,
  reversal,
  reverse,
  sale,
  signup,
  stateOf,
  terms,
  treeOf,
  worth,
} from "#test/support/programs.ts";

const RELEASE = NOW + HOLD;
/** The reasons why a line does not hold, as the contract counts them. */
const FAULT = {
  UnknownOffer: 1,
  PeriodOutsideOffer: 2,
  PartnerIsZero: 3,
  VolumeExceedsCap: 4,
  CountExceedsConversions: 5,
  KindNotPayable: 6,
  OfferForOtherPartner: 7,
};

/** Six hundred lines of three hundred sales each by two partners in turn, kept off the chain. */
const many = () =>
  attestedWith(
    (w) => ({ terms: terms(w, { linesOnChain: false }) }),
    (w) => ({
      lines: Array.from({ length: 600 }, (_, i) => sale(i % 2 === 0 ? w.alice : w.bob, 1, BigInt(i))),
      given: false,
    }),
  );

describe("release", () => {
  let w: Attested;
  let alice: Line;
  let bob: Line;
  beforeEach(async () => {
    w = await loadFixture(attested);
    [alice, bob] = w.lines as [Line, Line];
    await at(RELEASE);
  });
  const creditOf = (owner: { address: string }) => w.lens.creditOf(owner.address, w.tokenAddress);
  const settled = (word = 0) => w.lens.settledLines(w.attestation, word);

  it("given there is no such batch, it should revert with UnknownBatch", async () => {
    const other = { ...w.body, firstConversion: 2n };
    await expect(w.programs.release(other, 0, "0x", w.lines.map(packLine)))
      .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
      .withArgs(w.campaignId, attestationDigest(w, other));
  });

  it("in the last second of the hold, it should revert with HoldNotOver", async () => {
    await at(RELEASE - 1);
    await expect(release(w))
      .to.be.revertedWithCustomError(w.programs, "HoldNotOver")
      .withArgs(RELEASE - 1, RELEASE);
  });

  it("when lines are missing or too many, it should revert with InvalidLineCount", async () => {
    for (const lines of [[], [alice], [alice, bob, bob]]) {
      await expect(w.programs.release(w.body, 0, "0x", lines.map(packLine)))
        .to.be.revertedWithCustomError(w.programs, "InvalidLineCount")
        .withArgs(lines.length, 2);
    }
  });

  it("when one differs or their order does, it should revert with LinesDifferFromBatch", async () => {
    for (const lines of [
      [bob, alice],
      [{ ...alice, count: 3 }, bob],
    ]) {
      await expect(w.programs.release(w.body, 0, "0x", lines.map(packLine)))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(w.linesRoot, treeOf(lines).root);
    }
  });

  it("when they are released, it should credit partners and operator, mark them, and take them from what is reserved", async () => {
    const { commission, fee, total } = worth(alice, bob);
    const before = await stateOf(w);
    await expect(release(w))
      .to.emit(w.programs, "Released")
      .withArgs(w.campaignId, w.attestation, 0, 3, commission, fee);
    expect(await creditOf(w.alice)).to.equal(worth(alice).commission);
    expect(await creditOf(w.bob)).to.equal(worth(bob).commission);
    expect(await creditOf(w.operator)).to.equal(fee);
    expect(await settled()).to.equal(3);
    expect(await stateOf(w)).to.deep.equal({ ...before, reserved: (before.reserved as bigint) - total });
  });

  it("when they are released again, it should credit nothing more", async () => {
    await release(w);
    await expect(release(w)).to.emit(w.programs, "Released").withArgs(w.campaignId, w.attestation, 0, 0, 0, 0);
    expect(await creditOf(w.alice)).to.equal(worth(alice).commission);
    expect(await creditOf(w.operator)).to.equal(worth(alice, bob).fee);
  });

  it("given a line was pulled, it should pass over it", async () => {
    await w.programs.pull([w.body], [treeOf(w.lines).proof(0)]);
    await at(RELEASE + 2);
    await expect(release(w))
      .to.emit(w.programs, "Released")
      .withArgs(w.campaignId, w.attestation, 0, 2, worth(bob).commission, worth(bob).fee);
    expect(await creditOf(w.alice)).to.equal(0);
  });

  it("given a line was reversed, it should release what is left, and not what was before", async () => {
    w = await loadFixture(attested);
    await at(NOW + HOUR);
    const lowered = { ...bob, count: 0, volumeUnits: 0n };
    await reverse(w, reversal(w, [lowered]), w.lines, [1]);
    await at(RELEASE);
    await expect(release(w)).to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch");
    await release(w, [alice, lowered]);
    expect([await creditOf(w.alice), await creditOf(w.bob)]).to.deep.equal([worth(alice).commission, 0n]);
    expect((await stateOf(w)).reserved).to.equal(0n);
  });

  it("given a suspension and a closing, it should release all the same", async () => {
    await w.asBrand.suspend(w.campaignId);
    await at(RELEASE + 1);
    await w.asBrand.closeCampaign(w.campaignId);
    await at(RELEASE + 9 * NOTICE);
    await release(w);
    expect(await creditOf(w.alice)).to.equal(worth(alice).commission);
  });

  describe("given 600 lines", () => {
    let tree: LineTree;
    beforeEach(async () => {
      w = await loadFixture(many);
      tree = treeOf(w.lines);
      await at(RELEASE);
    });

    it("it should release them by chunks in any order, once each", async () => {
      const all = 2n ** 256n - 1n;
      for (const [first, word, due] of [
        [512, 2, 2n ** 88n - 1n],
        [0, 0, all],
        [256, 1, all],
        [0, 0, 0n],
      ] as const) {
        const { commission, fee } = due === 0n ? worth() : worth(...w.lines.slice(first, first + 256));
        await expect(release(w, w.lines, first))
          .to.emit(w.programs, "Released")
          .withArgs(w.campaignId, w.attestation, word, due, commission, fee);
      }
      const ofAlice = worth(...w.lines.filter((_, i) => i % 2 === 0)).commission;
      expect(await creditOf(w.alice)).to.equal(ofAlice);
      expect(await creditOf(w.operator)).to.equal(worth(...w.lines).fee);
      expect([await settled(0), await settled(1), await settled(2)]).to.deep.equal([all, all, 2n ** 88n - 1n]);
      expect((await stateOf(w)).reserved).to.equal(0n);
    });

    it("it should release any smaller subtree, down to one line", async () => {
      for (const [first, height] of [
        [0, 0],
        [128, 7],
        [190, 1],
        [192, 2],
        [256, 0],
        [599, 0],
        [592, 4],
      ] as const) {
        const end = Math.min(first + 2 ** height, 600);
        await release(w, w.lines, first, height);
        const mask = (2n ** BigInt(end - first) - 1n) << BigInt(first & 255);
        expect((await settled(first >> 8)) & mask).to.equal(mask);
      }
      expect(await creditOf(w.operator)).to.equal(
        worth(w.lines[0] as Line, ...w.lines.slice(128, 257), ...w.lines.slice(592)).fee,
      );
    });

    it("when the chunk does not begin at a multiple of its size, it should revert with MisplacedLines", async () => {
      const { path, lines } = tree.chunk(256);
      await expect(w.programs.release(w.body, 255, path, lines))
        .to.be.revertedWithCustomError(w.programs, "MisplacedLines")
        .withArgs(255, 256);
    });

    it("when it begins beyond the lines, it should revert with UnknownLine", async () => {
      const { path, lines } = tree.chunk(512);
      await expect(w.programs.release(w.body, 768, path, lines))
        .to.be.revertedWithCustomError(w.programs, "UnknownLine")
        .withArgs(768, 600);
      // Eight lines, of which the last would be the 608th.
      await expect(w.programs.release(w.body, 600, tree.chunk(592, 3).path, []))
        .to.be.revertedWithCustomError(w.programs, "UnknownLine")
        .withArgs(600, 600);
    });

    it("when the path says more than 256 lines, or more levels than there are, it should revert with InvalidPath", async () => {
      const { path, lines } = tree.chunk(0);
      for (const wrong of ["0x", path.slice(0, 2 + 96), `${path}00`, `0x${"00".repeat(48 * 11)}`]) {
        await expect(w.programs.release(w.body, 0, wrong, lines))
          .to.be.revertedWithCustomError(w.programs, "InvalidPath")
          .withArgs((wrong.length - 2) / 2, 10);
      }
    });

    it("given a node in the tree that nobody can explain, it should release the lines beside it", async () => {
      // The attesters put a line of any worth in place 0: no chunk with it leads to the root, all others do.
      const lied = LineTree.of(w.lines.map((line, i) => ({ line, worth: i === 0 ? 10_000_000n : worth(line).total })));
      const lying = attestation(w, {
        firstConversion: 4n,
        lines: w.lines,
        given: false,
        linesRoot: lied.root,
        total: lied.total,
        periodTo: NOW + 1,
        deadline: RELEASE + DAY,
      });
      await attest(w, lying);
      const digest = attestationDigest(w, lying);
      await at(RELEASE + HOLD + 1);
      const other = { body: body(lying), digest };
      const chunk = lied.chunk(0);
      await expect(w.programs.release(other.body, 0, chunk.path, chunk.lines)).to.be.revertedWithCustomError(
        w.programs,
        "LinesDifferFromBatch",
      );
      for (const [first, height] of [
        [1, 0],
        [2, 1],
        [128, 7],
        [256, 8],
      ] as const) {
        const { path, lines } = lied.chunk(first, height);
        await w.programs.release(other.body, first, path, lines);
      }
      const paid = [...w.lines.slice(1, 4), ...w.lines.slice(128, 512)];
      expect(await creditOf(w.operator)).to.equal(worth(...paid).fee);
    });
  });

  describe("given lines that do not hold, one of each kind of fault, beside honest ones", () => {
    const OFFER_LATER = 3;
    const OFFER_RESELLERS = 4;
    const OFFER_OF_BOB = 5;
    const faulty = () =>
      attestedWith(
        (v) => ({
          terms: terms(v),
          offers: [
            offer(),
            offer({ eventName: eventName("signup"), flatAmount: 500_000n, rateBps: 0, capUnits: 0 }),
            offer({ eventName: eventName("later"), validFrom: NOW - HOUR }),
            offer({ eventName: eventName("resold"), kind: 2, flatAmount: 1_000_001n }),
            offer({ eventName: eventName("sale"), kind: 255, partner: v.bob.address, rateBps: 250 }),
          ],
        }),
        (v) => {
          const nobody = { address: ZeroAddress };
          const lines = [
            sale(v.alice, 2, 100_000n),
            { ...sale(v.alice, 1, 10n), offerId: 9 },
            { ...sale(v.alice, 1, 20_000n), offerId: OFFER_LATER },
            sale(nobody, 1, 10n),
            sale(v.alice, 3, 3_000_001n),
            signup(v.alice, 4),
            { ...sale(v.alice, 1, 10n), offerId: OFFER_RESELLERS },
            { ...sale(v.alice, 1, 10n), offerId: OFFER_OF_BOB },
            { ...sale(v.bob, 1, 10_000n), offerId: OFFER_OF_BOB },
            sale(v.bob, 1, 5_001n),
            { ...signup(v.alice, 1), volumeUnits: 1n },
            sale(v.alice, 4, 10n),
            { ...sale(nobody, 1, 10n), offerId: 0 },
            { ...sale(nobody, 2, 20n), offerId: 0 },
          ];
          const tree = LineTree.of(lines.map((line) => ({ line, worth: worthOf(line) })));
          return { lines, linesRoot: tree.root, total: tree.total };
        },
      );
    /** Unknown offers, and those that do not cover the period, pay nothing. */
    const worthOf = (line: Line) => {
      if (line.offerId === 9 || line.offerId === OFFER_LATER) return 0n;
      if (line.offerId <= 2) return worth(line).total;
      const rate = line.offerId === OFFER_OF_BOB ? 250n : 125n;
      const flatAmount = line.offerId === OFFER_RESELLERS ? 1_000_001n : 1_000_000n;
      const commission = flatAmount * BigInt(line.count) + (line.volumeUnits * 100n * rate) / 10_000n;
      return commission + (commission * 500n) / 10_000n;
    };
    const FAULTS = [
      [1, FAULT.UnknownOffer],
      [2, FAULT.PeriodOutsideOffer],
      [3, FAULT.PartnerIsZero],
      [4, FAULT.VolumeExceedsCap],
      [5, FAULT.CountExceedsConversions],
      [6, FAULT.KindNotPayable],
      [7, FAULT.OfferForOtherPartner],
      [10, FAULT.VolumeExceedsCap],
      [11, FAULT.CountExceedsConversions],
      [12, FAULT.UnknownOffer],
      [13, FAULT.UnknownOffer],
    ] as const;
    let tree: LineTree;
    beforeEach(async () => {
      w = await loadFixture(faulty);
      tree = LineTree.of(w.lines.map((line) => ({ line, worth: worthOf(line) })));
      await at(RELEASE);
    });
    const honest = () => [w.lines[0], w.lines[8], w.lines[9]] as [Line, Line, Line];
    const returned = () => FAULTS.reduce((sum, [index]) => sum + worthOf(w.lines[index] as Line), 0n);

    it("it should pay the honest to the unit, say why of each other, and make its worth available again", async () => {
      const before = await stateOf(w);
      const chunk = tree.chunk(0);
      const sent = w.programs.release(w.body, 0, chunk.path, chunk.lines);
      for (const [index, fault] of FAULTS) {
        const line = w.lines[index] as Line;
        await expect(sent)
          .to.emit(w.programs, "LineRefused")
          .withArgs(w.campaignId, w.attestation, index, packLine(line), fault, worthOf(line));
      }
      const [first, , last] = honest();
      // 1.00 and 2.5 % of 100.00, by the offer for him alone.
      const ofBob = 1_025_000n;
      expect(await creditOf(w.alice)).to.equal(worth(first).commission);
      expect(await creditOf(w.bob)).to.equal(worth(last).commission + ofBob);
      expect(await creditOf({ address: ZeroAddress })).to.equal(0);
      const after = await stateOf(w);
      expect(after.reserved).to.equal(0n);
      expect(after.available).to.equal((before.available as bigint) + returned());
    });

    it("when one of them is pulled, it should pay nobody and make its worth available again, once", async () => {
      for (const [index, fault] of FAULTS) {
        const before = await stateOf(w);
        const line = w.lines[index] as Line;
        const pulled = w.programs.pull([w.body], [tree.proof(index)]);
        await expect(pulled)
          .to.emit(w.programs, "LineRefused")
          .withArgs(w.campaignId, w.attestation, index, packLine(line), fault, worthOf(line));
        await expect(pulled).to.not.emit(w.programs, "Pulled");
        expect(await w.token.balanceOf(w.alice.address)).to.equal(0);
        const after = await stateOf(w);
        expect(after.available).to.equal((before.available as bigint) + worthOf(line));
        await expect(w.programs.pull([w.body], [tree.proof(index)])).to.be.revertedWithCustomError(
          w.programs,
          "NothingToPay",
        );
      }
      for (const index of [0, 8, 9]) await w.programs.pull([w.body], [tree.proof(index)]);
      const [first, , last] = honest();
      expect(await w.token.balanceOf(w.alice.address)).to.equal(worth(first).commission);
      expect(await w.token.balanceOf(w.bob.address)).to.equal(worth(last).commission + 1_025_000n);
      expect((await stateOf(w)).reserved).to.equal(0n);
    });

    it("given a line for nobody of more conversions than 23 bits hold, it should pay nobody", async () => {
      const v = await loadFixture(cheap);
      const conversions = 2 ** 23;
      const lines = [sale({ address: ZeroAddress }, conversions, 0n), sale(v.bob, 1, 0n)];
      const tree = LineTree.of(lines.map((line) => ({ line, worth: BigInt(line.count) })));
      const batch = attestation(v, { conversions, lines, linesRoot: tree.root, total: tree.total });
      await at(NOW);
      await attest(v, batch);
      await at(RELEASE);
      const { path, lines: packed } = tree.chunk(0);
      await expect(v.programs.release(body(batch), 0, path, packed))
        .to.emit(v.programs, "LineRefused")
        .withArgs(
          v.campaignId,
          attestationDigest(v, batch),
          0,
          packLine(lines[0] as Line),
          FAULT.PartnerIsZero,
          conversions,
        );
      expect(await v.lens.creditOf(ZeroAddress, v.tokenAddress)).to.equal(0);
      // Of its one unit no fee is left; it can be claimed like any other amount.
      expect(await v.lens.creditOf(v.bob.address, v.tokenAddress)).to.equal(1);
      await v.programs.connect(v.bob).claim([v.tokenAddress], v.bob.address);
      expect(await v.token.balanceOf(v.bob.address)).to.equal(1);
    });

    it("it should be what the Lens foretold of each", async () => {
      const [worthOfAll, faults] = await w.lens.rehearse(w.body, 100, w.lines.map(packLine));
      expect(worthOfAll).to.equal(w.total);
      expect(faults.map(({ index, fault }) => [Number(index) - 100, Number(fault)])).to.deep.equal(FAULTS);
      for (const [index, line] of w.lines.entries()) {
        const { commission, fee, settled, fault } = await w.lens.lineStatus(w.body, tree.proof(index));
        const expected = FAULTS.find(([faulty]) => faulty === index)?.[1] ?? 0;
        expect([commission + fee, settled, Number(fault)]).to.deep.equal([worthOf(line), false, expected]);
      }
    });

    it("given the offer is appended afterwards, its line should stay worth nothing", async () => {
      for (let i = 6; i <= 9; i++)
        await w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName(`new${i}`) }));
      const chunk = tree.chunk(0);
      await expect(w.programs.release(w.body, 0, chunk.path, chunk.lines))
        .to.emit(w.programs, "LineRefused")
        .withArgs(w.campaignId, w.attestation, 1, packLine(w.lines[1] as Line), FAULT.PeriodOutsideOffer, 0);
    });
  });

  describe("given lines that are together worth nearly all that there can be, or more", () => {
    /** The most that a line can count, and what it is worth. */
    const MOST = 2n ** 56n - 1n;
    const WORTH = MOST * 10n ** 21n;
    const linesOf = (count: number) => Array.from({ length: count }, () => sale(w.alice, 1, MOST));

    it("up to 128 bits, it should pay them", async () => {
      w = (await loadFixture(dear)) as Attested;
      const lines = linesOf(3);
      const tree = LineTree.of(lines.map((line) => ({ line, worth: WORTH })));
      const batch = attestation(w, { lines, linesRoot: tree.root, total: tree.total });
      expect(batch.total).to.be.within(2n ** 127n, 2n ** 128n - 1n);
      await at(NOW);
      await attest(w, batch);
      await at(RELEASE);
      const { path, lines: packed } = tree.chunk(0);
      await w.programs.release(body(batch), 0, path, packed);
      expect(await creditOf(w.alice)).to.equal(3n * WORTH);
    });

    it("above that, they should fold to more than any total that can be signed", async () => {
      w = (await loadFixture(dear)) as Attested;
      const total = (5n * WORTH) % 2n ** 128n;
      await at(NOW);
      const attempt = (linesRoot: string) => attest(w, attestation(w, { lines: linesOf(5), linesRoot, total }));
      // Which root they fold to, only the contract says: no honest tree has such sums.
      const said = await attempt(ZeroHash).catch((error: { data?: string }) => error.data ?? "0x");
      const root = w.programs.interface.parseError(said as string)?.args.given as string;
      await expect(attempt(root))
        .to.be.revertedWithCustomError(w.programs, "TotalDiffersFromBatch")
        .withArgs(total, 2n ** 128n);
    });
  });

  describe("given kinds that change", () => {
    it("it should pay by those of the period's last second, whatever comes later", async () => {
      const v = await loadFixture(live);
      await at(NOW);
      await v.asBrand.setKinds(v.campaignId, [v.alice.address], 0);
      const until = NOW + NOTICE;
      const batches = [];
      // A period that ends with the notice, and one that ends a second later; attested long after.
      for (const [i, periodTo] of [until, until + 1].entries()) {
        const batch = attestation(v, { firstConversion: BigInt(1 + 3 * i), periodTo, deadline: until + 99 * DAY });
        await at(until + 50 * DAY + i);
        await attest(v, batch);
        batches.push(batch);
      }
      await v.asBrand.setKinds(v.campaignId, [v.alice.address], 1);
      await at(until + 60 * DAY);
      for (const batch of batches) {
        const chunk = treeOf(batch.lines).chunk(0);
        await v.programs.release(body(batch), 0, chunk.path, chunk.lines);
      }
      const [ofAlice, ofBob] = attestation(v).lines as [Line, Line];
      expect(await v.lens.creditOf(v.alice.address, v.tokenAddress)).to.equal(worth(ofAlice).commission);
      expect(await v.lens.creditOf(v.bob.address, v.tokenAddress)).to.equal(2n * worth(ofBob).commission);
      expect(await v.lens.kindsOf(v.campaignId, v.alice.address, NOW)).to.equal(1);
      expect(await v.lens.kindsOf(v.campaignId, v.alice.address, until)).to.equal(1);
      expect(await v.lens.kindsOf(v.campaignId, v.alice.address, until + 1)).to.equal(0);
    });

    it("when a line is pulled for a kind that was taken from its partner, it should pay nobody", async () => {
      const v = await loadFixture(live);
      await at(NOW);
      await v.asBrand.setKinds(v.campaignId, [v.alice.address], 0);
      const [periodTo, deadline] = [NOW + NOTICE + 1, NOW + NOTICE + DAY];
      const batch = attestation(v, { periodTo, deadline });
      await at(NOW + NOTICE + 1);
      await attest(v, batch);
      await at(NOW + NOTICE + 1 + HOLD);
      const pulled = (index: number) => v.programs.pull([body(batch)], [treeOf(batch.lines).proof(index)]);
      const [ofAlice, ofBob] = batch.lines as [Line, Line];
      await expect(pulled(0))
        .to.emit(v.programs, "LineRefused")
        .withArgs(
          v.campaignId,
          attestationDigest(v, batch),
          0,
          packLine(ofAlice),
          FAULT.KindNotPayable,
          worth(ofAlice).total,
        );
      await pulled(1);
      expect(await v.token.balanceOf(v.alice.address)).to.equal(0);
      expect(await v.token.balanceOf(v.bob.address)).to.equal(worth(ofBob).commission);
    });

    it("given an offer that ends with the period, and a volume that is just its cap, it should pay", async () => {
      const v = await loadFixture(endingNow);
      const lines = [sale(v.bob, 1, 1_000_000n)];
      const batch = attestation(v, { lines });
      await at(NOW);
      await attest(v, batch);
      await at(RELEASE);
      await v.programs.pull([body(batch)], [treeOf(lines).proof(0)]);
      expect(await v.token.balanceOf(v.bob.address)).to.equal(worth(...lines).commission);
    });

    it("given a partner that has the offer's kind though it is not open, it should pay", async () => {
      const w = await loadFixture(withResellers);
      await at(NOW);
      await w.asBrand.setKinds(w.campaignId, [w.alice.address], 0b101);
      const lines = [
        { ...sale(w.alice, 1, 0n), offerId: 2 },
        { ...sale(w.bob, 1, 0n), offerId: 2 },
      ];
      const tree = treeOf(lines, (line) => worth({ ...line, offerId: 1 }).total);
      const [linesRoot, total] = [tree.root, tree.total];
      const batch = attestation(w, { lines, linesRoot, total, periodTo: NOW + 2, deadline: NOW + DAY });
      await at(NOW + 2);
      await attest(w, batch);
      await at(NOW + 2 + HOLD);
      for (const index of [0, 1]) await w.programs.pull([body(batch)], [tree.proof(index)]);
      expect(await w.token.balanceOf(w.alice.address)).to.equal(1_000_000n);
      expect(await w.token.balanceOf(w.bob.address)).to.equal(0);
    });
  });
});

/** A volume unit pays as much as one can, and there is nearly as much in it as there can be. */
const dear = async () => {
  const v = await liveWith((w) => ({
    terms: terms(w, { feeBps: 0, operator: ZeroAddress, unitExponent: 21 }),
    offers: [offer({ flatAmount: 0n, rateBps: 10_000, capUnits: 2n ** 56n - 1n })],
  }));
  const most = 2n ** 128n - 1n - BUDGET;
  await v.token.mint(v.brand.address, most);
  await v.asBrand.fund(v.campaignId, most);
  return v;
};

const endingNow = () => liveWith(() => ({ offers: [offer({ validTo: NOW })] }));

/** A sale pays one base unit, and nobody takes a fee. */
const cheap = () =>
  liveWith((w) => ({
    terms: terms(w, { feeBps: 0, operator: ZeroAddress }),
    offers: [offer({ flatAmount: 1n, rateBps: 0, capUnits: 0n })],
  }));

/** Offer 2 is for a kind that nobody has of itself. */
const withResellers = () => liveWith(() => ({ offers: [offer(), offer({ eventName: eventName("resold"), kind: 2 })] }));
