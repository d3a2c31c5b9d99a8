/** What operations read and write, slot by slot: where a thing stands that others read by `extsload`, and that nothing is looked at in vain. */
import type { Line } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { AbiCoder, type ContractTransactionResponse, keccak256, ZeroAddress } from "ethers";
import {
  type Attested,
  at,
  attest,
  attestation,
  attested,
  attestedWith,
  BUDGET,
  body,
  DAY,
  ethers,
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
  terms,
  treeOf,
  type World,
} from "#test/support/programs.ts";

const RELEASE = NOW + HOLD;
/** Where the contract keeps things, as `ProgramsState` reads them. */
const SLOTS = { campaigns: 2, batches: 3, credits: 4, kinds: 13 };

const entryOf = (key: string, slot: bigint | number) =>
  BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [ethers.zeroPadValue(key, 32), slot])));

interface Touched {
  /** How often a slot is read, and how often one is written, by the contract that is called. */
  readonly reads: number;
  readonly writes: number;
  /** How many slots are read at least once. */
  readonly slots: number;
}

async function touched(sent: Promise<ContractTransactionResponse>): Promise<Touched> {
  const { hash } = await sent;
  const options = { disableMemory: true, disableStorage: true };
  const { structLogs } = await ethers.provider.send("debug_traceTransaction", [hash, options]);
  const own = (structLogs as { op: string; depth: number; stack: string[] }[]).filter(({ depth }) => depth === 1);
  const read = own.filter(({ op }) => op === "SLOAD").map(({ stack }) => stack.at(-1));
  return { reads: read.length, writes: own.filter(({ op }) => op === "SSTORE").length, slots: new Set(read).size };
}

const load = async (w: World, slot: bigint) => BigInt(await w.programs.extsload(ethers.toBeHex(slot, 32)));
const ones = (bits: bigint) => 2n ** bits - 1n;

describe("slots", () => {
  describe("of a batch", () => {
    it("its head should have its time, its attesters, whether it was lowered, and marks of 192 lines", async () => {
      const w = await loadFixture(manyLines);
      const entry = entryOf(w.attestation, SLOTS.batches);
      expect(await load(w, entry)).to.equal(BigInt(RELEASE));
      await at(NOW + HOUR);
      const [first] = w.lines as [Line];
      await reverse(w, reversal(w, [{ ...first, volumeUnits: 0n }]), w.lines, [0]);
      expect(await load(w, entry)).to.equal(BigInt(RELEASE) | (1n << 56n));
      await at(RELEASE);
      await release(w, [{ ...first, volumeUnits: 0n }, ...w.lines.slice(1)]);
      expect(await load(w, entry)).to.equal(BigInt(RELEASE) | (1n << 56n) | (ones(192n) << 64n));
      // The others of the first 256 have a word of their own, and those of the head are not in it.
      const beyond = entryOf(ethers.toBeHex(0, 32), entry + 2n);
      expect(await load(w, beyond)).to.equal(ones(64n) << 192n);
    });
  });

  describe("of a credit", () => {
    it("it should be one more than the amount, also when all was claimed, and untouched by a line that pays nothing", async () => {
      const w = await loadFixture(withNothingForBob);
      await at(RELEASE);
      await release(w);
      const ofToken = entryOf(w.tokenAddress, SLOTS.credits);
      const [alice, bob] = [w.alice, w.bob].map(({ address }) => entryOf(address, ofToken)) as [bigint, bigint];
      expect(await load(w, alice)).to.equal(1_000_001n);
      expect(await load(w, bob)).to.equal(0n);
      await w.programs.connect(w.alice).claim([w.tokenAddress], w.alice.address);
      expect(await load(w, alice)).to.equal(1n);
    });
  });

  it("of a partner's kinds, what was set twice in a second should be one checkpoint", async () => {
    const w = await loadFixture(live);
    await w.asBrand.setKinds(w.campaignId, [w.alice.address, w.alice.address], 3);
    const history = entryOf(w.alice.address, entryOf(w.campaignId, SLOTS.campaigns) + BigInt(SLOTS.kinds));
    expect(await load(w, history)).to.not.equal(0n);
    expect(await load(w, history + 1n), "earlier checkpoints").to.equal(0n);
  });
});

describe("what is looked at", () => {
  it("when another line is released that is known to hold, it should be its partner's credit alone", async () => {
    const reads = [];
    for (const count of [2, 3, 4]) {
      const w = await loadFixture(batchOf(count));
      await at(RELEASE);
      reads.push((await touched(release(w))).reads);
    }
    const [two = 0, three = 0, four = 0] = reads;
    expect([three - two, four - three]).to.deep.equal([1, 1]);
  });

  it("when a line is pulled that is known to hold, it should not be asked why it does not", async () => {
    const w = await loadFixture(attested);
    await at(RELEASE);
    const known = await touched(w.programs.pull([w.body], [treeOf(w.lines).proof(0)]));
    const v = await loadFixture(listed);
    await at(RELEASE + HOUR);
    const asked = await touched(v.programs.pull([v.body], [treeOf(v.lines).proof(0)]));
    // Offer, open kinds, the list, and the partner's kinds.
    expect(asked.reads - known.reads).to.be.at.least(3);
  });

  it("when a line is pulled of a kind that is not open, and nobody is listed, it should be no list", async () => {
    const w = await loadFixture(resold);
    await at(RELEASE);
    const tree = treeOf(w.lines, () => 1_050_000n);
    const nobodyListed = await touched(w.programs.pull([w.body], [tree.proof(0)]));
    const v = await loadFixture(resold);
    await v.asBrand.setKinds(v.campaignId, [v.bob.address], 1);
    await at(RELEASE);
    const somebodyListed = await touched(v.programs.pull([v.body], [tree.proof(0)]));
    expect(somebodyListed.slots - nobodyListed.slots).to.equal(1);
  });

  it("when a campaign has no limit and no withdrawal, it should be neither", async () => {
    const plain = await touched(firstBatch(await loadFixture(live)));
    const limited = await touched(firstBatch(await loadFixture(withLimit)));
    // The limit, what is next, and what was spent on which day, before and after.
    expect(limited.reads - plain.reads).to.be.at.least(5);
    const w = await loadFixture(live);
    await w.asBrand.announceWithdrawal(w.campaignId, 1n);
    const withdrawn = await touched(firstBatch(w));
    expect(withdrawn.slots).to.be.above(plain.slots);
  });

  it("when the first lines are released, it should be no word beyond them", async () => {
    const w = await loadFixture(batchOf(2));
    await at(RELEASE);
    const few = await touched(release(w));
    const v = await loadFixture(batchOf(192));
    await at(RELEASE);
    const full = await touched(release(v));
    expect(full.reads - few.reads).to.equal(190);
    expect(full.writes - few.writes).to.equal(190);
  });
});

describe("what is written", () => {
  it("when lines are released again, it should be the budget as it stands", async () => {
    const w = await loadFixture(manyLines);
    await at(RELEASE);
    await release(w);
    expect((await touched(release(w))).writes).to.equal(1);
  });

  for (const index of [0, 300])
    it(`when line ${index} is pulled twice at once, it should be its mark once`, async () => {
      const w = await loadFixture(manyLines);
      await at(RELEASE);
      const proof = treeOf(w.lines).proof(index);
      const once = await touched(w.programs.pull([w.body], [proof]));
      const v = await loadFixture(manyLines);
      await at(RELEASE);
      const twice = await touched(v.programs.pull([v.body, v.body], [proof, proof]));
      expect(twice.writes).to.equal(once.writes);
    });

  it("when an offer is for a kind, it should be no partner; and no guarantee that stands", async () => {
    const w = await loadFixture(live);
    await at(NOW);
    const plain = await touched(w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName("one") })));
    const own = offer({ eventName: eventName("two"), kind: 255, partner: w.alice.address });
    const forOne = await touched(w.asBrand.appendOffer(w.campaignId, own));
    expect(forOne.writes - plain.writes).to.equal(1);

    const lockedUntil = NOW + NOTICE + DAY;
    const kept = (name: string) =>
      touched(w.asBrand.appendOffer(w.campaignId, offer({ eventName: eventName(name), lockedUntil })));
    await kept("three");
    expect((await kept("four")).writes).to.equal(plain.writes);
  });
});

const manyLines = () =>
  attestedWith(
    (w) => ({ terms: terms(w, { linesOnChain: false }) }),
    (w) => ({
      lines: Array.from({ length: 600 }, (_, i) => sale(i % 2 === 0 ? w.alice : w.bob, 1, BigInt(i + 1))),
      given: false,
    }),
  );

const fixtures = new Map<number, () => Promise<Attested>>();
/** A batch of so many lines, each of a partner of its own. */
function batchOf(count: number): () => Promise<Attested> {
  const known =
    fixtures.get(count) ??
    (() =>
      attestedWith(
        (w) => ({ terms: terms(w, { linesOnChain: false }) }),
        () => ({
          lines: Array.from({ length: count }, (_, i) => sale({ address: ethers.toBeHex(1_000 + i, 20) }, 1, 10n)),
          given: false,
        }),
      ));
  fixtures.set(count, known);
  return known;
}

/** Alice's line pays a unit short of nothing more than a million, Bob's nothing. */
const withNothingForBob = () =>
  attestedWith(
    (w) => ({
      terms: terms(w, { feeBps: 0, operator: ZeroAddress }),
      offers: [
        offer({ rateBps: 0, capUnits: 0 }),
        offer({ eventName: eventName("signup"), flatAmount: 0n, rateBps: 1, capUnits: 1_000n }),
      ],
    }),
    (w) => {
      const lines = [sale(w.alice, 1, 0n), { ...sale(w.bob, 1, 0n), offerId: 2 }];
      const tree = treeOf(lines, ({ offerId }) => (offerId === 1 ? 1_000_000n : 0n));
      return { lines, linesRoot: tree.root, total: tree.total };
    },
  );

/** Bob is listed: of everybody's line it has to be asked whether it holds. */
const listed = async () => {
  const w = await liveWith(() => ({}));
  await w.asBrand.setKinds(w.campaignId, [w.bob.address], 1);
  const batch = attestation(w);
  await at(NOW);
  await attest(w, batch);
  return { ...w, ...batch, body: body(batch) };
};

/** A line for resellers, whose kind nobody has. */
const resold = () =>
  attestedWith(
    () => ({ offers: [offer({ kind: 2 })] }),
    (w) => ({ lines: [sale(w.alice, 1, 0n)] }),
  );

const withLimit = () => liveWith(() => ({ dailyLimit: BUDGET }));

/** The usual batch, which costs what it costs first. */
const firstBatch = async (w: World) => {
  await at(NOW);
  return attest(w, attestation(w));
};
