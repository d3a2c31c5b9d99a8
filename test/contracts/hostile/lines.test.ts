import { type Line, lowerLine, packLine } from "@partner-programs/protocol/line";
import { lineTree } from "@partner-programs/protocol/trees";
import { reversalTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { concat, id, toBeHex } from "ethers";
import { beside, honestStillPays, MOST_GAS } from "../../support/hostile.ts";
import {
  at,
  attestedWith,
  ethers,
  HOLD,
  HOUR,
  loadFixture,
  NOW,
  networkHelpers,
  packedReversal,
  reversal,
  sale,
  sign,
  signup,
  type World,
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

/** One sale each by so many new partners, each of another volume. */
const linesOf = (count: number): Line[] =>
  Array.from({ length: count }, (_, i) => sale({ address: toBeHex(0x5000_0000 + i, 20) }, 2, BigInt(1_001 + 7 * i)));
/** A world whose batch has these lines. */
const batchOf = (lines: readonly Line[]) => async () =>
  beside(
    await attestedWith(
      () => ({}),
      () => ({ lines, conversions: lines.reduce((sum, { offerId, count }) => sum + (offerId === 1 ? count : 0), 0) }),
    ),
  );
type Batch = Awaited<ReturnType<ReturnType<typeof batchOf>>>;

/** Transactions of the relayer, eight to a block, and the most gas that one of them used. All of them succeed. */
async function inBlocks(w: World, data: readonly string[]): Promise<bigint> {
  let most = 0n;
  await ethers.provider.send("evm_setAutomine", [false]);
  try {
    for (let i = 0; i < data.length; i += 8) {
      const hashes: string[] = [];
      for (const one of data.slice(i, i + 8)) {
        const transaction = { from: w.relayer.address, to: w.programsAddress, data: one, gas: "0x700000" };
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

/** `release` of single lines in this order. What is the same of each is encoded once: the index is the last word. */
function releases(w: Batch, lines: readonly Line[], order: readonly number[]): string[] {
  const whole = w.programs.interface.encodeFunctionData("release", [
    w.campaignId,
    w.attestation,
    lines.map(packLine),
    [0],
  ]);
  return order.map((index) => concat([whole.slice(0, -64), toBeHex(index, 32)]));
}
async function everyLineIsCredited(w: Batch, lines: readonly Line[]) {
  let fees = 0n;
  for (const line of lines) {
    const { commission, fee } = worth(line);
    expect(await w.programs.creditOf(line.partner, w.tokenAddress), line.partner).to.equal(commission);
    fees += fee;
  }
  expect(await w.programs.creditOf(w.operator.address, w.tokenAddress)).to.equal(fees);
  expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
}

for (const [count, seed] of [
  [1, 1],
  [2, 2],
  [255, 3],
  [256, 4],
  [257, 5],
  [511, 6],
] as const) {
  describe(`a batch of ${count}`, () => {
    const lines = linesOf(count);
    const fixture = batchOf(lines);
    let w: Batch;
    beforeEach(async () => {
      w = await loadFixture(fixture);
      await at(RELEASE);
    });
    afterEach(() => honestStillPays(w));

    it("when each line is released alone in any order, each should be credited once and to the unit", async () => {
      const most = await inBlocks(w, releases(w, lines, shuffled(count, seed)));
      expect(most).to.be.lessThan(MOST_GAS);
      await everyLineIsCredited(w, lines);
    }).timeout(PATIENCE);
  });
}

describe("a batch of 512 lines to 512 new partners", () => {
  const lines = linesOf(512);
  const fixture = batchOf(lines);
  let w: Batch;
  beforeEach(async () => {
    w = await loadFixture(fixture);
    await at(NOW + HOUR);
  });
  afterEach(() => honestStillPays(w));

  /** A reversal of these lines in one transaction, with proofs one after another; `current` is lowered with it. */
  async function reverse(current: Line[], indices: readonly number[], target: (line: Line) => Line) {
    const targets = indices.map((i) => target(current[i] as Line));
    const proofs = indices.map((index, k) => {
      const tree = lineTree(current);
      const line = current[index] as Line;
      current[index] = lowerLine(line, targets[k] as Line);
      return { index, line: packLine(line), proof: tree.getProof(index) };
    });
    const r = reversal(w, targets, { reasonHash: id(`reason ${indices.join()}`) });
    const sent = await w.programs.reverse(packedReversal(r), proofs, await sign(w, reversalTypedData(r)), {
      gasLimit: MOST_GAS,
    });
    const receipt = await sent.wait();
    expect(receipt?.gasUsed).to.be.lessThan(MOST_GAS);
  }

  it("when some are reversed and then each is released alone in any order, the sum should be exact", async () => {
    const current = [...lines];
    const before = await w.programs.campaign(w.campaignId);
    await reverse(current, [511, 0, 183, 184, 255, 256], (line) => ({ ...line, count: 0, volumeUnits: 0n }));
    await reverse(current, shuffled(512, 7).slice(0, 20), (line) => ({ ...line, count: 1, volumeUnits: 500n }));
    await reverse(current, [300], (line) => ({ ...line, volumeUnits: 0n }));
    await reverse(current, [300, 0, 300], (line) => ({ ...line, count: 0 }));
    const returned = worth(...lines).total - worth(...current).total;
    const now = await w.programs.campaign(w.campaignId);
    expect([now.available - before.available, now.reserved]).to.deep.equal([returned, worth(...current).total]);
    await at(RELEASE);
    const most = await inBlocks(w, releases(w, current, shuffled(512, 8)));
    expect(most).to.be.lessThan(1_000_000n);
    await everyLineIsCredited(w, current);
    const { released } = await w.programs.batch(w.campaignId, w.attestation);
    expect(released).to.deep.equal([2n ** 256n - 1n, 2n ** 256n - 1n]);
  }).timeout(PATIENCE);

  it("when each is pulled alone in any order, each partner should be paid to the unit", async () => {
    await at(RELEASE);
    const tree = lineTree(lines);
    const data = shuffled(512, 9).map((index) => {
      const proven = { index, line: packLine(lines[index] as Line), proof: tree.getProof(index) };
      return w.programs.interface.encodeFunctionData("pull", [w.campaignId, w.attestation, proven]);
    });
    const most = await inBlocks(w, data);
    expect(most).to.be.lessThan(300_000n);
    for (const line of lines) expect(await w.token.balanceOf(line.partner)).to.equal(worth(line).commission);
    expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
    expect(await w.programs.creditOf(w.operator.address, w.tokenAddress)).to.equal(worth(...lines).fee);
  }).timeout(PATIENCE);

  it("when some are pulled, some released alone, some together and the rest at once, the sum should be exact", async () => {
    await at(RELEASE);
    const order = shuffled(512, 10);
    const tree = lineTree(lines);
    const next = chance(11);
    const data: string[] = [];
    const pulled = new Set<number>();
    for (let i = 0; i < 120; ) {
      const index = order[i] ?? 0;
      const choice = next(3);
      if (choice === 0) {
        const proven = { index, line: packLine(lines[index] as Line), proof: tree.getProof(index) };
        data.push(w.programs.interface.encodeFunctionData("pull", [w.campaignId, w.attestation, proven]));
        pulled.add(index);
        i += 1;
      } else {
        const size = choice === 1 ? 1 : 1 + next(9);
        const some = order.slice(i, i + size);
        data.push(
          w.programs.interface.encodeFunctionData("release", [
            w.campaignId,
            w.attestation,
            lines.map(packLine),
            [...some, ...order.slice(0, i)], // and all of before again, which are passed over
          ]),
        );
        i += size;
      }
    }
    data.push(...releases(w, lines, [order[511] ?? 0]));
    await inBlocks(w, data);
    const rest = await w.programs.release(w.campaignId, w.attestation, lines.map(packLine), [], { gasLimit: MOST_GAS });
    expect((await rest.wait())?.gasUsed).to.be.lessThan(MOST_GAS);
    let fees = 0n;
    for (const [index, line] of lines.entries()) {
      const { commission, fee } = worth(line);
      const [credit, paid] = [
        await w.programs.creditOf(line.partner, w.tokenAddress),
        await w.token.balanceOf(line.partner),
      ];
      expect([credit, paid], `line ${index}`).to.deep.equal(pulled.has(index) ? [0n, commission] : [commission, 0n]);
      fees += fee;
    }
    expect(await w.programs.creditOf(w.operator.address, w.tokenAddress)).to.equal(fees);
    expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(0);
  }).timeout(PATIENCE);

  it("when all are released at once, it should be one transaction", async () => {
    await at(RELEASE);
    const sent = await w.programs.release(w.campaignId, w.attestation, lines.map(packLine), [], { gasLimit: MOST_GAS });
    expect((await sent.wait())?.gasUsed).to.be.lessThan(MOST_GAS);
    await everyLineIsCredited(w, lines);
  });

  // With the counters of a coverage run, only so often fit a transaction.
  const TIMES = process.env.COVERAGE ? 2 : 10;
  it("when all are named, each ten times, it should credit each once", async () => {
    await at(RELEASE);
    const often = Array.from({ length: TIMES * 512 }, (_, i) => i % 512);
    const sent = await w.programs.release(w.campaignId, w.attestation, lines.map(packLine), often, {
      gasLimit: MOST_GAS,
    });
    expect((await sent.wait())?.gasUsed).to.be.lessThan(MOST_GAS);
    await everyLineIsCredited(w, lines);
  });

  it("when one of two offers' lines of the same partner is released, the other should wait for its own", async () => {
    const mixed = [
      ...lines.slice(0, 200),
      ...lines.slice(0, 200).map(({ partner }) => signup({ address: partner }, 1)),
    ];
    w = await loadFixture(batchOf(mixed));
    await at(RELEASE);
    await inBlocks(w, releases(w, mixed, [200, 0, 399]));
    const partner = lines[0]?.partner ?? "";
    const both = worth(lines[0] as Line).commission + 500_000n;
    expect(await w.programs.creditOf(partner, w.tokenAddress)).to.equal(both);
    expect(await w.programs.creditOf(lines[199]?.partner ?? "", w.tokenAddress)).to.equal(500_000n);
    expect((await w.programs.campaign(w.campaignId)).reserved).to.equal(
      worth(...mixed.filter((_, i) => ![200, 0, 399].includes(i))).total,
    );
  });
});
