import { type Line, packLine } from "@partner-programs/protocol/line";
import { climb, LineTree, MAX_CHUNK, MAX_TOTAL, NODE, type Node } from "@partner-programs/protocol/lineTree";
import { expect } from "chai";
import { concat, dataLength, dataSlice, toBeHex, ZeroHash } from "ethers";
import fc from "fast-check";

const line = fc.record({
  offerId: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  partner: fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }).map((value) => toBeHex(value, 20)),
  count: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
  volumeUnits: fc.bigInt({ min: 0n, max: 2n ** 56n - 1n }),
});
const worth = fc.bigInt({ min: 0n, max: 2n ** 100n });
const batch = fc.array(fc.record({ line, worth }), { minLength: 1, maxLength: 40 });
const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((value) => toBeHex(value, 32));

/** What a proof claims: a line, and siblings of the prover's choice. */
const forgery = (depth: number) =>
  fc.record({
    line,
    worth,
    path: fc
      .array(fc.tuple(word, fc.bigInt({ min: 0n, max: MAX_TOTAL })), { minLength: depth, maxLength: depth })
      .map((nodes) => concat(nodes.map(([hash, sum]) => concat([hash, toBeHex(sum, 16)])))),
  });

const leads = (tree: LineTree, index: number, leaf: Node, path: string) => {
  const top = climb(index, leaf, path);
  return top.hash === tree.root && top.sum === tree.total;
};

describe("the tree over a batch's lines", () => {
  it("leads every line and every chunk to its root and its total", () => {
    fc.assert(
      fc.property(batch, fc.integer({ min: 0, max: 6 }), (lines, height) => {
        const tree = LineTree.of(lines);
        expect(tree.total).to.equal(lines.reduce((sum, it) => sum + it.worth, 0n));
        lines.forEach((it, index) => {
          const { path, line: packed } = tree.proof(index);
          expect(packed).to.equal(packLine(it.line));
          expect(dataLength(path)).to.equal(NODE * tree.depth);
          expect(leads(tree, index, { hash: packed, sum: it.worth }, path)).to.equal(true);
        });
        const size = 2 ** Math.min(height, tree.depth);
        for (let first = 0; first < lines.length; first += size) {
          const chunk = tree.chunk(first, height);
          const node = LineTree.of(lines.slice(first, first + size));
          let top: Node = { hash: node.root, sum: node.total };
          // A chunk that ends before its place does is folded with nothing on its right.
          for (let levels = node.depth; 2 ** levels < size; levels++)
            top = climb(0, top, concat([ZeroHash, toBeHex(0, 16)]));
          expect(leads(tree, first / size, top, chunk.path)).to.equal(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("no set of proofs settles more than the total, whatever lines, places and siblings they claim", () => {
    fc.assert(
      fc.property(
        batch.chain((lines) => {
          const depth = LineTree.of(lines).depth;
          const claims = fc.array(
            fc.record({
              index: fc.nat(lines.length - 1),
              of: fc.nat(lines.length - 1),
              more: fc.bigInt({ min: 0n, max: 5n }),
              level: fc.nat(Math.max(0, depth - 1)),
              forged: forgery(depth),
              how: fc.constantFrom("honest", "dearer", "elsewhere", "sum shifted", "forged"),
            }),
            { maxLength: 60 },
          );
          return fc.tuple(fc.constant(lines), claims);
        }),
        ([lines, claims]) => {
          const tree = LineTree.of(lines);
          const settled = new Set<number>();
          let paid = 0n;
          for (const claim of claims) {
            const honest = tree.proof(claim.of);
            let leaf: Node = { hash: honest.line, sum: lines[claim.of]?.worth ?? 0n };
            let { path } = honest;
            let index = claim.of;
            if (claim.how === "dearer") leaf = { ...leaf, sum: leaf.sum + claim.more };
            if (claim.how === "elsewhere") index = claim.index;
            if (claim.how === "sum shifted" && tree.depth > 0) {
              // Dearer by what a sibling is made cheaper: the total is the same, the hashes are not.
              const at = claim.level * NODE + 32;
              const sum = BigInt(dataSlice(path, at, at + 16));
              const shift = claim.more < sum ? claim.more : sum;
              leaf = { ...leaf, sum: leaf.sum + shift };
              path = concat([dataSlice(path, 0, at), toBeHex(sum - shift, 16), dataSlice(path, at + 16)]);
            }
            if (claim.how === "forged") {
              index = claim.index;
              leaf = { hash: packLine(claim.forged.line as Line), sum: claim.forged.worth };
              path = claim.forged.path;
            }
            if (settled.has(index) || !leads(tree, index, leaf, path)) continue;
            settled.add(index);
            paid += leaf.sum;
            expect(leaf.sum).to.equal(lines[index]?.worth);
          }
          expect(paid <= tree.total).to.equal(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("with a line replaced is the tree over the new lines, and a copy of it does not notice", () => {
    fc.assert(
      fc.property(batch, fc.nat(), fc.record({ line, worth }), (lines, place, other) => {
        const tree = LineTree.of(lines);
        const copy = tree.copy();
        const index = place % lines.length;
        tree.replace(index, other);
        const anew = LineTree.of(lines.with(index, other));
        expect([tree.root, tree.total]).to.deep.equal([anew.root, anew.total]);
        for (let i = 0; i < lines.length; i++) expect(tree.proof(i)).to.deep.equal(anew.proof(i));
        const before = LineTree.of(lines);
        expect([copy.root, copy.total, copy.proof(index)]).to.deep.equal([
          before.root,
          before.total,
          before.proof(index),
        ]);
      }),
      { numRuns: 50 },
    );
  });

  it("refuses a batch that is worth more than any budget, and one without lines", () => {
    const most = { line: { offerId: 1, partner: toBeHex(1, 20), count: 1, volumeUnits: 0n }, worth: MAX_TOTAL };
    expect(LineTree.of([most]).total).to.equal(MAX_TOTAL);
    expect(() => LineTree.of([most, { ...most, worth: 1n }])).to.throw(RangeError, `not ${MAX_TOTAL + 1n}`);
    expect(() => LineTree.of([])).to.throw(RangeError, "at least one line");
  });

  it("cuts a batch into chunks of 256 lines", () => {
    const lines = Array.from({ length: 600 }, (_, i) => ({
      line: { offerId: 1, partner: toBeHex(i + 1, 20), count: 1, volumeUnits: BigInt(i) },
      worth: BigInt(i),
    }));
    const chunks = [...LineTree.of(lines).chunks()];
    expect(chunks.map((chunk) => [chunk.first, chunk.lines.length])).to.deep.equal([
      [0, MAX_CHUNK],
      [256, MAX_CHUNK],
      [512, 88],
    ]);
    expect(chunks.flatMap((chunk) => chunk.lines)).to.deep.equal(lines.map((it) => packLine(it.line)));
    expect(() => LineTree.of(lines).chunk(100)).to.throw(RangeError, "from a multiple of 256; 100 is not");
  });
});
