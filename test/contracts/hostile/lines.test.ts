import { type Line, lowerLine, packLine } from "@partner-programs/protocol/line";
import { climb } from "@partner-programs/protocol/lineTree";
import { reversalTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, dataSlice, id, keccak256, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import { beside, honestStillPays, lowering, MOST_GAS, pulling, releasing, reversing } from "../../support/hostile.ts";
import {
  at,
  attest,
  attestation,
  attestationDigest,
  attestedWith,
  body,
  DAY,
  ethers,
  HOLD,
  HOUR,
  loadFixture,
  NOW,
  networkHelpers,
  reversal,
  sale,
  sign,
  signup,
  stateOf,
  terms,
  treeOf,
  worth,
} from "../../support/programs.ts";

const RELEASE = NOW + HOLD;
/** Hundreds of transactions take seconds, and on a machine that is busy with other things many. */
const PATIENCE = 180_000;

/** Numbers that are the same in every run: xorshift32. */
function chance(seed: number) {
  let state = seed;
  return (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
function shuffled(length: number, seed: number): number[] {
  const next = chance(seed);
  const items = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = next(i + 1);
    [items[i], items[j]] = [items[j] ?? 0, items[i] ?? 0];
  }
  return items;
}

/** Two sales each by so many new partners, each of another volume. */
const linesOf = (count: number): Line[] =>
  Array.from({ length: count }, (_, i) => sale({ address: toBeHex(0x5000_0000 + i, 20) }, 2, BigInt(1_001 + 7 * i)));
/** A world whose batch has these lines, which are not on the chain. */
const batchOf = (lines: readonly Line[], signed: { linesRoot?: string; total?: bigint } = {}) => {
  const fixture = async () =>
    beside(
      await attestedWith(
        (d) => ({ terms: terms(d, { linesOnChain: false }) }),
        () => ({ lines, conversions: 3, given: false, ...signed }),
      ),
    );
  return fixture;
};
type World = Awaited<ReturnType<ReturnType<typeof batchOf>>>;

/** Transactions of the relayer, eight to a block, and the most gas that one of them used. All of them succeed. */
async function inBlocks(w: World, data: readonly string[]): Promise<bigint> {
  let most = 0n;
  await ethers.provider.send("evm_setAutomine", [false]);
  try {
    for (let i = 0; i < data.length; i += 8) {
      const hashes: string[] = [];
      for (const one of data.slice(i, i + 8)) {
        const transaction = { from: w.relayer.address, to: w.programsAddress, data: one, gas: "0x300000" };
        hashes.push(await ethers.provider.send("eth_sendTransaction", [transaction]));
      }
      await networkHelpers.mine();
      for (const hash of hashes) {
        const { status, gasUsed } = await ethers.provider.send("eth_getTransactionReceipt", [hash]);
        expect(status, `transaction ${i}`).to.equal("0x1");
        if (BigInt(gasUsed) > most) most = BigInt(gasUsed);
      }
    }
  } finally {
    await ethers.provider.send("evm_setAutomine", [true]);
  }
  return most;
}

for (const [count, seed] of [
  [1, 1],
  [2, 2],
  [3, 3],
  [191, 4],
  [193, 5],
  [257, 6],
] as const) {
  describe(`a batch of ${count}`, () => {
    const lines = linesOf(count);
    const tree = treeOf(lines);
    const fixture = batchOf(lines);
    let w: World;
    beforeEach(async () => {
      w = await loadFixture(fixture);
      await at(RELEASE);
    });
    afterEach(() => honestStillPays(w));

    it("when lines are released alone, by chunks and pulled in any order, each should be its partner's once", async () => {
      const next = chance(seed);
      const encode = w.programs.interface.encodeFunctionData.bind(w.programs.interface);
      const paid = new Set<number>();
      const touched = new Set<number>();
      const data = shuffled(count, seed).flatMap((index) => {
        if (next(3) === 0) {
          if (touched.has(index)) return [];
          paid.add(index);
          touched.add(index);
          return encode("pull", [[w.body], [tree.proof(index)]]);
        }
        const height = Math.min([0, 0, 1, 2][next(4)] ?? 0, tree.depth);
        const size = 2 ** height;
        const chunk = tree.chunk(index - (index % size), height);
        for (let i = 0; i < chunk.lines.length; i++) touched.add(chunk.first + i);
        return encode("release", [w.body, chunk.first, chunk.path, [...chunk.lines]]);
      });
      for (const chunk of tree.chunks()) {
        data.push(encode("release", [w.body, chunk.first, chunk.path, [...chunk.lines]]));
      }
      // The last of them may credit hundreds of new partners.
      const last = data.splice(-Math.ceil(count / 256));
      await inBlocks(w, data);
      for (const one of last) {
        await w.relayer.sendTransaction({ to: w.programsAddress, data: one, gasLimit: MOST_GAS });
      }
      for (const [index, line] of lines.entries()) {
        const { commission } = worth(line);
        const [credit, received] = [
          await w.lens.creditOf(line.partner, w.tokenAddress),
          await w.token.balanceOf(line.partner),
        ];
        expect([credit, received], `line ${index}`).to.deep.equal(
          paid.has(index) ? [0n, commission] : [commission, 0n],
        );
      }
      expect(await w.lens.creditOf(w.operator.address, w.tokenAddress)).to.equal(worth(...lines).fee);
      expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
    }).timeout(PATIENCE);
  });
}

describe("lies about lines", () => {
  const lines = linesOf(300);
  const tree = treeOf(lines);
  const fixture = batchOf(lines);
  let w: World;
  let before: Awaited<ReturnType<typeof stateOf>>;
  beforeEach(async () => {
    w = await loadFixture(fixture);
    before = await stateOf(w);
    await networkHelpers.time.increaseTo(RELEASE);
  });
  afterEach(async () => {
    expect(await stateOf(w), "what is reserved").to.deep.equal(before);
    expect([await w.lens.settledLines(w.attestation, 0), await w.lens.settledLines(w.attestation, 1)]).to.deep.equal([
      0n,
      0n,
    ]);
    await honestStillPays(w);
  });
  const refused = (sent: Promise<unknown>, error: string) =>
    expect(sent).to.be.revertedWithCustomError(w.programs, error);
  const pull = (proof: { index: number; line: string; path: string }) => w.programs.pull([w.body], [proof]);
  const release = (first: number, path: string, given: readonly string[]) =>
    w.programs.release(w.body, first, path, [...given]);
  /** The same path with another sum at level `level`. */
  const withSum = (path: string, level: number, sum: bigint) => {
    const from = level * 48 + 32;
    return concat([dataSlice(path, 0, from), toBeHex(sum, 16), dataSlice(path, from + 16)]);
  };
  const sumAt = (path: string, level: number) => BigInt(dataSlice(path, level * 48 + 32, level * 48 + 48));

  it("another partner's line or path, or one's own in another place, should be refused", async () => {
    for (const [a, b] of [
      [0, 1],
      [254, 256],
      [299, 0],
    ] as const) {
      await refused(pull({ ...tree.proof(a), line: tree.line(b) }), "LinesDifferFromBatch");
      await refused(pull({ ...tree.proof(a), path: tree.proof(b).path }), "LinesDifferFromBatch");
      await refused(pull({ ...tree.proof(a), index: b }), "LinesDifferFromBatch");
    }
    // The index has no bits that the path does not read.
    for (const index of [300, 512, 2 ** 32, 2 ** 48]) await refused(pull({ ...tree.proof(0), index }), "UnknownLine");
  });

  it("a line of more, of less, under another offer or for another partner should be refused", async () => {
    const line = lines[7] as Line;
    for (const other of [
      { ...line, count: 3 },
      { ...line, count: 1 },
      { ...line, volumeUnits: line.volumeUnits + 1n },
      { ...line, offerId: 2 },
      { ...line, offerId: 0 },
      { ...line, partner: w.stranger.address },
    ]) {
      await refused(pull({ ...tree.proof(7), line: packLine(other) }), "LinesDifferFromBatch");
    }
  });

  it("a path of any other length should be refused", async () => {
    const { path } = tree.proof(0);
    for (const other of ["0x", dataSlice(path, 48), dataSlice(path, 0, 47), concat([path, ZeroHash, toBeHex(0, 16)])]) {
      await refused(pull({ ...tree.proof(0), path: other }), "InvalidPath");
    }
  });

  it("a node of any level in a leaf's place should be refused, with whatever path", async () => {
    let node = { hash: tree.line(0), sum: worth(lines[0] as Line).total };
    const { path } = tree.proof(0);
    for (let level = 1; level <= tree.depth; level++) {
      node = climb(0, { hash: tree.line(0), sum: worth(lines[0] as Line).total }, dataSlice(path, 0, 48 * level));
      const rest = dataSlice(path, 48 * level);
      await refused(pull({ index: 0, line: node.hash, path: rest }), "InvalidPath");
      const padded = concat([rest, new Uint8Array(48 * level)]);
      await refused(pull({ index: 0, line: node.hash, path: padded }), "LinesDifferFromBatch");
      await refused(release(0, rest, [node.hash]), level > 8 ? "InvalidPath" : "InvalidLineCount");
    }
    expect(node.hash).to.equal(w.linesRoot);
  });

  it("siblings that sum to more than 128 bits, or shift their sums to each other, should be refused", async () => {
    const { path } = tree.proof(5);
    const most = 2n ** 128n - 1n;
    for (let level = 0; level < tree.depth; level++) {
      const own = sumAt(path, level);
      for (const sum of [most, most - own, own + 1n, 2n ** 127n]) {
        await refused(pull({ ...tree.proof(5), path: withSum(path, level, sum) }), "LinesDifferFromBatch");
      }
    }
    // Two that add up to 2^128 and what was there: nothing wraps.
    const wraps = withSum(withSum(path, 0, most), 1, sumAt(path, 0) + sumAt(path, 1) + 1n);
    await refused(pull({ ...tree.proof(5), path: wraps }), "LinesDifferFromBatch");
    const chunk = tree.chunk(0);
    await refused(release(0, withSum(chunk.path, 0, most), chunk.lines), "LinesDifferFromBatch");
  });

  it("a chunk that is moved, cut, filled, doubled, empty or across two subtrees should be refused", async () => {
    const all = lines.map(packLine);
    const [whole, tail] = [tree.chunk(0), tree.chunk(256)];
    for (const [first, path, given, error] of [
      [1, whole.path, whole.lines, "MisplacedLines"],
      [128, whole.path, all.slice(128, 300), "MisplacedLines"],
      [128, tree.chunk(128, 7).path, all.slice(192, 300), "InvalidLineCount"],
      [256, whole.path, tail.lines, "LinesDifferFromBatch"],
      [0, tail.path, whole.lines, "LinesDifferFromBatch"],
      [512, tail.path, tail.lines, "UnknownLine"],
      [0, whole.path, whole.lines.slice(1), "InvalidLineCount"],
      [0, whole.path, all.slice(0, 257), "InvalidLineCount"],
      [256, tail.path, [...tail.lines, ZeroHash], "InvalidLineCount"],
      [256, tail.path, [...tail.lines, ...tail.lines], "InvalidLineCount"],
      [0, whole.path, [], "InvalidLineCount"],
      [0, tree.chunk(0, 7).path, all.slice(64, 192), "LinesDifferFromBatch"],
      [0, whole.path, [...whole.lines].reverse(), "LinesDifferFromBatch"],
      [0, whole.path, whole.lines.map(() => whole.lines[0] ?? ""), "LinesDifferFromBatch"],
      [0, "0x", all, "InvalidPath"],
      [0, dataSlice(whole.path, 1), whole.lines, "InvalidPath"],
    ] as const) {
      await refused(release(first, path, given), error);
    }
  });

  it("an attestation with one word changed should be UnknownBatch, whatever proof comes with it", async () => {
    for (const changed of [
      { firstConversion: 2n },
      { conversions: 4 },
      { periodFrom: w.body.periodFrom + 1 },
      { periodTo: NOW - 1 },
      { deadline: w.body.deadline + 1 },
      { conversionsRoot: id("another") },
      { linesRoot: treeOf(lines.slice(1)).root },
      { lineCount: 299 },
      { total: w.body.total - 1n },
    ]) {
      const other = { ...w.body, ...changed };
      const unknown = [w.campaignId, attestationDigest(w, other)];
      const chunk = tree.chunk(0);
      for (const sent of [
        w.programs.pull([other], [tree.proof(0)]),
        w.programs.release(other, chunk.first, chunk.path, [...chunk.lines]),
        w.programs.reverse(other, [], ZeroHash, []),
      ]) {
        await expect(sent)
          .to.be.revertedWithCustomError(w.programs, "UnknownBatch")
          .withArgs(...unknown);
      }
    }
  });

  it("one that was signed and never attested should be UnknownBatch", async () => {
    const never = attestation(w, { firstConversion: 4n, lines, given: false });
    await refused(w.programs.pull(...pulling(never, 0)), "UnknownBatch");
    await refused(w.programs.release(...releasing(never)), "UnknownBatch");
  });
});

describe("lines that are there more than once", () => {
  const twice = [sale({ address: toBeHex(0x5000, 20) }, 1, 100n), sale({ address: toBeHex(0x5000, 20) }, 1, 100n)];
  const fixture = batchOf(twice);
  const partner = (twice[0] as Line).partner;
  const each = worth(twice[0] as Line).commission;
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(fixture);
    await at(RELEASE);
  });
  afterEach(() => honestStillPays(w));

  it("in one batch, each place should be paid once, and together not more than the total", async () => {
    const tree = treeOf(twice);
    const proofs = [tree.proof(0), tree.proof(1), tree.proof(0), tree.proof(1)];
    await w.programs.pull(Array(4).fill(w.body), proofs);
    expect(await w.token.balanceOf(partner)).to.equal(2n * each);
    await w.programs.release(...releasing(w));
    expect(await w.lens.creditOf(partner, w.tokenAddress)).to.equal(0);
    await expect(w.programs.pull(Array(4).fill(w.body), proofs))
      .to.be.revertedWithCustomError(w.programs, "NothingToPay")
      .withArgs(partner);
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
  });

  it("in two batches, each should be paid for itself", async () => {
    const next = attestation(w, { firstConversion: 4n, lines: twice, given: false, deadline: RELEASE + DAY });
    await attest(w, next);
    await at(RELEASE + HOLD);
    const tree = treeOf(twice);
    await w.programs.pull(
      [w.body, body(next), w.body, body(next)],
      [tree.proof(0), tree.proof(0), tree.proof(0), tree.proof(1)],
    );
    expect(await w.token.balanceOf(partner)).to.equal(3n * each);
    await w.programs.release(...releasing(next));
    await w.programs.release(...releasing(w));
    expect(await w.lens.creditOf(partner, w.tokenAddress)).to.equal(each);
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
  });
});

describe("a batch whose attesters signed another sum than its lines have", () => {
  const lines = linesOf(4);
  const { total, root } = treeOf(lines);
  for (const [what, signed] of [
    ["less", { linesRoot: root, total: total - 1n }],
    ["more", { linesRoot: root, total: total + 1n }],
    ["as if each line were worth more", { linesRoot: treeOf(lines, () => 5_000_000n).root, total: 20_000_000n }],
  ] as const) {
    it(`${what}, nothing of it should ever be paid, and what is reserved stay so`, async () => {
      const w = await loadFixture(batchOf(lines, signed));
      await at(RELEASE);
      const { reserved } = await w.lens.campaign(w.campaignId);
      expect(reserved).to.equal(signed.total);
      const tree = treeOf(lines);
      const chunk = tree.chunk(0);
      const error = signed.linesRoot === root ? "TotalDiffersFromBatch" : "LinesDifferFromBatch";
      for (const sent of [
        () => w.programs.release(w.body, chunk.first, chunk.path, [...chunk.lines]),
        () => w.programs.pull([w.body], [tree.proof(2)]),
        () => w.programs.pull([w.body], [treeOf(lines, () => 5_000_000n).proof(2)]),
      ]) {
        await expect(sent()).to.be.revert(ethers);
      }
      await expect(w.programs.pull([w.body], [tree.proof(2)])).to.be.revertedWithCustomError(w.programs, error);
      expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(reserved);
      await honestStillPays(w);
    });
  }
});

describe("a tree whose sum takes more than 128 bits, of which attesters signed the lower ones", () => {
  const [line] = linesOf(1) as [Line];
  const leaf = { hash: packLine(line), sum: worth(line).total };
  const path = concat([id("whatever stands beside it"), toBeHex(2n ** 128n - 1n, 16)]);
  for (const [side, index] of [
    ["left", 0],
    ["right", 1],
  ] as const) {
    it(`should settle nothing, nor be lowered, by the line to its ${side}`, async () => {
      const { hash: linesRoot, sum } = climb(index, leaf, path);
      const signed = { linesRoot, total: BigInt.asUintN(128, sum) };
      expect(signed.total).to.be.lessThan(leaf.sum);
      const w = await loadFixture(batchOf([line, line], signed));
      const { reserved } = await w.lens.campaign(w.campaignId);
      const proven = { index, line: leaf.hash, path };

      await at(NOW + HOUR);
      const r = reversal(w, [{ ...line, count: 1, volumeUnits: 0n }]);
      const lowered = { ...proven, target: packLine(r.targets[0] as Line) };
      const node = (total: bigint) => keccak256(concat([linesRoot, toBeHex(total, 32)]));
      await expect(w.programs.reverse(w.body, [lowered], r.reasonHash, await sign(w, reversalTypedData(r))))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(node(signed.total), node(sum));
      await at(RELEASE);
      for (const settle of [
        () => w.programs.pull([w.body], [proven]),
        () => w.programs.release(w.body, index, path, [leaf.hash]),
      ]) {
        await expect(settle())
          .to.be.revertedWithCustomError(w.programs, "TotalDiffersFromBatch")
          .withArgs(signed.total, sum);
      }
      expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(reserved);
      await honestStillPays(w);
    });
  }
});

describe("reversals against other trees", () => {
  const lines = linesOf(5);
  const fixture = batchOf(lines);
  let w: World;
  beforeEach(async () => {
    w = await loadFixture(fixture);
    await at(NOW + HOUR);
  });
  afterEach(() => honestStillPays(w));
  const half = (index: number) => ({ ...(lines[index] as Line), count: 1, volumeUnits: 500n });
  const after = (...indices: number[]) =>
    lines.map((line, i) => (indices.includes(i) ? lowerLine(line, half(i)) : line));
  const reverse = async (standing: readonly Line[], ...indices: number[]) => {
    const r = reversal(w, indices.map(half), { reasonHash: id(indices.join()) });
    return w.programs.reverse(...(await reversing(w, { ...w.batch, lines: standing }, r, indices)));
  };
  const node = (of: readonly Line[]) => {
    const { root, total } = treeOf(of);
    return keccak256(concat([root, toBeHex(total, 32)]));
  };

  it("one computed against the tree of before another should be refused, and be good against the new", async () => {
    await reverse(lines, 1);
    await expect(reverse(lines, 3))
      .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
      .withArgs(node(after(1)), node(lines));
    await reverse(after(1), 3);
    expect((await w.lens.batch(w.attestation)).loweredTo).to.equal(node(after(1, 3)));
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(worth(...after(1, 3)).total);
  });

  it("two in one call, the second proven against the tree of before, should be refused", async () => {
    const r = reversal(w, [half(1), half(3)]);
    const [first] = lowering(w, reversal(w, [half(1)]), [1])[1];
    const [second] = lowering(w, reversal(w, [half(3)]), [3])[1];
    const signatures = await sign(w, reversalTypedData(r));
    if (!first || !second) throw new Error("no lines");
    await expect(w.programs.reverse(w.body, [first, second], r.reasonHash, signatures)).to.be.revertedWithCustomError(
      w.programs,
      "LinesDifferFromBatch",
    );
    await reverse(lines, 1, 3);
  });

  it("one whose target is of another partner or offer should be refused, though it was signed so", async () => {
    for (const target of [
      { ...half(1), partner: w.stranger.address },
      { ...half(1), offerId: 2 },
      { ...half(1), partner: ZeroAddress },
      half(2),
    ]) {
      const r = reversal(w, [target]);
      const [, [proven]] = lowering(w, r, [1]);
      if (!proven) throw new Error("no line");
      await expect(
        w.programs.reverse(w.body, [proven], r.reasonHash, await sign(w, reversalTypedData(r))),
      ).to.be.revertedWithCustomError(w.programs, "TargetForOtherLine");
    }
    expect((await w.lens.batch(w.attestation)).loweredTo).to.equal(ZeroHash);
  });

  it("lines of before it should be settled no more, and those that it left, to the unit", async () => {
    await reverse(lines, 0, 4);
    await at(RELEASE);
    const old = treeOf(lines);
    for (const index of [0, 2, 4]) {
      await expect(w.programs.pull([w.body], [old.proof(index)]))
        .to.be.revertedWithCustomError(w.programs, "LinesDifferFromBatch")
        .withArgs(node(after(0, 4)), node(lines));
    }
    await w.programs.pull(...pulling(w, 4, after(0, 4)));
    await w.programs.release(...releasing(w, after(0, 4)));
    expect(await w.token.balanceOf((lines[4] as Line).partner)).to.equal(worth(half(4)).commission);
    expect(await w.lens.creditOf((lines[0] as Line).partner, w.tokenAddress)).to.equal(worth(half(0)).commission);
    expect((await w.lens.campaign(w.campaignId)).reserved).to.equal(0);
    // Nothing can be reversed once lines are settled: the hold is over for all of them.
    await expect(reverse(after(0, 4), 2)).to.be.revertedWithCustomError(w.programs, "HoldOver");
  });
});

describe("lines that do not hold, one of each kind of fault, beside honest ones", () => {
  const honest = linesOf(3);
  const mixed = async () => {
    const w = await beside(
      await attestedWith(
        (d) => ({ terms: terms(d, { linesOnChain: false }) }),
        (w) => {
          const faulty = [
            { ...sale(w.alice, 1, 0n), offerId: 9 },
            sale({ address: ZeroAddress }, 1, 0n),
            sale(w.alice, 1, 1_000_001n),
            signup(w.bob, 4),
          ];
          return { lines: [...honest.slice(0, 1), ...faulty, ...honest.slice(1)], conversions: 3, given: false };
        },
      ),
    );
    return w;
  };
  const FAULTS = [0n, 1n, 3n, 4n, 5n, 0n, 0n];
  let w: Awaited<ReturnType<typeof mixed>>;
  beforeEach(async () => {
    w = await loadFixture(mixed);
    await networkHelpers.time.increaseTo(RELEASE);
  });
  afterEach(async () => {
    for (const line of honest) {
      const paid = await w.token.balanceOf(line.partner);
      expect(paid + (await w.lens.creditOf(line.partner, w.tokenAddress))).to.equal(worth(line).commission);
    }
    for (const owner of [w.alice.address, w.bob.address, ZeroAddress]) {
      expect(await w.lens.creditOf(owner, w.tokenAddress)).to.equal(0);
      expect(await w.token.balanceOf(owner)).to.equal(0);
    }
    expect(await w.lens.creditOf(w.operator.address, w.tokenAddress)).to.equal(worth(...honest).fee);
    const { available, reserved } = await w.lens.campaign(w.campaignId);
    expect([available, reserved]).to.deep.equal([10_000_000_000n - worth(...honest).total, 0n]);
    await honestStillPays(w);
  });

  it("when all are released at once, then again and pulled, each should be paid or given back once", async () => {
    const sent = w.programs.release(...releasing(w));
    for (const [index, fault] of FAULTS.entries()) {
      if (fault === 0n) continue;
      const line = w.lines[index] as Line;
      await expect(sent)
        .to.emit(w.programs, "LineRefused")
        .withArgs(w.campaignId, w.attestation, index, packLine(line), fault, fault === 1n ? 0n : worth(line).total);
    }
    await w.programs.release(...releasing(w));
    for (const index of w.lines.keys()) {
      await expect(w.programs.pull(...pulling(w, index))).to.be.revertedWithCustomError(w.programs, "NothingToPay");
    }
  });

  for (const order of [
    [0, 1, 2, 3, 4, 5, 6],
    [4, 3, 2, 1, 6, 0, 5],
  ] as const) {
    it(`when they are pulled as ${order.join()}, those that do not hold should pay nobody and block nobody`, async () => {
      for (const index of order) {
        const sent = w.programs.pull(...pulling(w, index));
        if (FAULTS[index] === 0n) await expect(sent).to.emit(w.programs, "Pulled");
        else await expect(sent).to.emit(w.programs, "LineRefused").and.not.to.emit(w.token, "Transfer");
      }
    });
  }
});
