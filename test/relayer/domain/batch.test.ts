import { type Line, lineKey, lowerLine, packLine, sumToLines, unpackLine } from "@partner-programs/protocol/line";
import { climb, LineTree } from "@partner-programs/protocol/lineTree";
import { conversionTree } from "@partner-programs/protocol/trees";
import { expect } from "chai";
import { id } from "ethers";
import fc from "fast-check";
import { BatchDraft, type Bounds, lowerings, proveLowerings, type Waiting } from "#relayer/domain/batch.ts";

const partner = (index: number) => `0x${index.toString(16).padStart(40, "0")}`;
const entry = fc.record({
  offerId: fc.integer({ min: 1, max: 3 }),
  partner: fc.integer({ min: 1, max: 5 }).map(partner),
  count: fc.constant(1),
  volumeUnits: fc.bigInt({ min: 0n, max: 1_000n }),
});
const sale = (offerId: number, of = 1): Line => ({ offerId, partner: partner(of), count: 1, volumeUnits: 0n });
const priceOf = ({ offerId, count, volumeUnits }: Pick<Line, "offerId" | "count" | "volumeUnits">) => ({
  commission: BigInt(offerId * count) * 1_000n + volumeUnits,
  fee: volumeUnits / 20n,
});
const worthOf = ({ commission, fee }: ReturnType<typeof priceOf>) => commission + fee;

function bounds(given: Partial<Bounds> = {}): Bounds {
  return {
    offers: new Map([1, 2, 3].map((offerId) => [offerId, { from: 0, to: 2 ** 40 }])),
    kindsEnd: () => Number.POSITIVE_INFINITY,
    conversions: 10_000,
    lines: Number.POSITIVE_INFINITY,
    periodEnd: Number.POSITIVE_INFINITY,
    ...given,
  };
}

function waiting(index: number, entries: readonly Line[], receivedAt = 1_000_000 + index): Waiting {
  const [key, salt] = [id(`key ${index}`), id(`salt ${index}`)];
  return { id: BigInt(index), key, salt, entries: entries.map(packLine), receivedAt };
}

/** The draft with as many of these as fit, in their order. */
function draftOf(given: readonly Waiting[], first = 1n, within = bounds()): BatchDraft {
  const draft = new BatchDraft(first, within);
  for (const one of given) if (!draft.add(one)) break;
  return draft;
}
const fitting = (given: readonly Waiting[], within: Bounds) => given.slice(0, draftOf(given, 1n, within).length);

const making = { campaignId: id("campaign"), deadline: 99, priceOf, breathe: async () => {} };

describe("building a batch", () => {
  it("sums entries into lines that ascend, count every conversion and lose no volume", () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 60 }), (entries) => {
        const lines = sumToLines(entries);
        const keys = lines.map(lineKey);
        expect(keys).to.deep.equal([...new Set(keys)].sort((a, b) => (a < b ? -1 : 1)));
        expect(lines.reduce((sum, { count }) => sum + count, 0)).to.equal(entries.length);
        const volume = (some: readonly Line[]) => some.reduce((sum, { volumeUnits }) => sum + volumeUnits, 0n);
        expect(volume(lines)).to.equal(volume(entries));
      }),
    );
  });

  it("does not depend on the order of the entries", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
        expect(sumToLines([...entries].reverse()).map(packLine)).to.deep.equal(sumToLines(entries).map(packLine));
      }),
    );
  });

  it("packs and unpacks every line", () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }),
        fc.nat(0xffffff),
        fc.bigInt({ min: 0n, max: 2n ** 56n - 1n }),
        (offerId, account, count, volumeUnits) => {
          const line = unpackLine(
            packLine({ offerId, partner: `0x${account.toString(16).padStart(40, "0")}`, count, volumeUnits }),
          );
          expect([line.offerId, BigInt(line.partner), line.count, line.volumeUnits]).to.deep.equal([
            offerId,
            account,
            count,
            volumeUnits,
          ]);
        },
      ),
    );
  });

  it("refuses a part that does not fit its field, and names it", () => {
    const line = { offerId: 1, partner: partner(1), count: 1, volumeUnits: 2n ** 56n };
    expect(() => packLine(line)).to.throw(RangeError, "volumeUnits must fit 56 bits; 72057594037927936 does not");
  });

  it("covers the seconds in which its conversions were received, and numbers them in order", async () => {
    const given = [waiting(1, [sale(1)], 5_999), waiting(2, [sale(2), sale(1)], 4_001), waiting(3, [sale(1)], 7_000)];
    const draft = draftOf(given, 41n);
    const { attestation, lines, ids, ownLines } = await draft.finish(making);
    expect(attestation).to.include({ firstConversion: 41n, conversions: 3, periodFrom: 4, periodTo: 8, deadline: 99 });
    expect([...lines].map((packed) => unpackLine(packed).count)).to.deep.equal([3, 1]);
    expect(ids).to.deep.equal([1n, 2n, 3n]);
    expect([...ownLines]).to.deep.equal([0, 1, 0]);
    expect(draft.period).to.deep.equal({ periodFrom: 4, periodTo: 8 });
  });

  it("signs the roots and the sum of the lines and conversions that anybody derives from the same entries", async () => {
    const conversion = fc.uniqueArray(entry, { minLength: 1, maxLength: 3, selector: ({ offerId }) => offerId });
    await fc.assert(
      fc.asyncProperty(fc.array(conversion, { minLength: 1, maxLength: 20 }), async (all) => {
        const given = all.map((entries, i) => waiting(i, entries));
        const { attestation, lines } = await draftOf(given, 7n).finish(making);
        const derived = sumToLines(all.flat());
        const worths = derived.map(priceOf).map(({ commission, fee }) => commission + fee);
        const tree = LineTree.of(derived.map((line, i) => ({ line, worth: worths[i] as bigint })));
        expect([...lines]).to.deep.equal(derived.map(packLine));
        expect([attestation.linesRoot, attestation.lineCount, attestation.total]).to.deep.equal([
          tree.root,
          derived.length,
          worths.reduce((a, b) => a + b, 0n),
        ]);
        const leaves = given.map(({ key, salt }, i) => ({ number: 7n + BigInt(i), key, salt, entries: all[i] ?? [] }));
        expect(attestation.conversionsRoot).to.equal(conversionTree(leaves).root);
      }),
    );
  });

  it("stops before a line or a conversion too many", () => {
    const all = Array.from({ length: 20 }, (_, i) => waiting(i, [sale(1, i + 1)]));
    expect(fitting(all, bounds({ lines: 15 }))).to.have.length(15);
    expect(fitting(all, bounds({ conversions: 7 }))).to.have.length(7);
    expect(fitting(all, bounds())).to.have.length(20);
  });

  it("stops before a volume that its field cannot hold", () => {
    const half = { ...sale(1), volumeUnits: 2n ** 55n };
    expect(fitting([waiting(1, [half]), waiting(2, [half])], bounds())).to.have.length(1);
  });

  it("is not changed by one that does not fit", async () => {
    const two = [waiting(1, [sale(1)], 9_000), waiting(2, [sale(1), sale(2)], 10_000)];
    const [draft, alone] = [two, two.slice(0, 1)].map((given) => draftOf(given, 1n, bounds({ lines: 1 })));
    expect(draft?.length).to.equal(1);
    expect(await draft?.finish(making)).to.deep.include({ attestation: (await alone?.finish(making))?.attestation });
  });

  it("takes a breath again and again while many are hashed", async () => {
    let breaths = 0;
    const breathe = async () => void breaths++;
    const given = Array.from({ length: 3_000 }, (_, i) => waiting(i, [sale(1, i + 1)]));
    await draftOf(given).finish({ ...making, breathe });
    // Of 3,000 lines and their 3,000 parents, and of 2,999 nodes over the conversions, some hundreds at a time.
    expect(breaths).to.be.within(9, 9_000);
  });

  it("stops where the period would leave an offer's validity", () => {
    const offers = new Map([
      [1, { from: 0, to: 10 }],
      [2, { from: 10, to: 20 }],
    ]);
    const conversions = [
      waiting(1, [sale(1)], 8_000),
      waiting(2, [sale(1)], 9_999),
      waiting(3, [sale(2)], 10_000),
      waiting(4, [sale(2)], 11_000),
    ];
    const ids = (some: Waiting[]) => some.map(({ id: row }) => row);
    expect(ids(fitting(conversions, bounds({ offers })))).to.deep.equal([1n, 2n]);
    expect(ids(fitting(conversions.slice(2), bounds({ offers })))).to.deep.equal([3n, 4n]);
  });

  it("stops where the period would leave a partner's kinds, or the campaign's closing", () => {
    const conversions = [5_000, 9_000, 11_000].map((at, i) => waiting(i, [sale(1)], at));
    const kindsEnd = (offerId: number, of: string) =>
      offerId === 1 && of === partner(1).toLowerCase() ? 10 : Number.POSITIVE_INFINITY;
    expect(fitting(conversions, bounds({ kindsEnd }))).to.have.length(2);
    expect(fitting(conversions, bounds({ periodEnd: 10 }))).to.have.length(2);
    expect(fitting(conversions.slice(2), bounds({ periodEnd: 11 }))).to.have.length(0);
    // One that came after its kinds ended is taken in: the rehearsal says why it is not paid.
    expect(fitting(conversions.slice(2), bounds({ kindsEnd }))).to.have.length(1);
  });

  it("takes conversions of any age, those of a month together", () => {
    const [old, now] = [0, 10 ** 12];
    const of = (...times: number[]) => times.map((at, i) => waiting(i + 1, [sale(1)], at));
    expect(fitting(of(old, old + 86_400_000), bounds())).to.have.length(2);
    expect(fitting(of(now, now + 86_400_000), bounds())).to.have.length(2);
    // What is counted by months is told apart where a line is lowered.
    expect(fitting(of(old, now, now), bounds())).to.have.length(1);
    const edge = Date.UTC(2026, 10, 1);
    expect(fitting(of(edge - 2_000, edge - 1, edge), bounds())).to.have.length(2);
  });

  it("lowers exactly by what is taken back", () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 30 }), fc.nat(29), (entries, cut) => {
        const takenBack = entries.slice(0, cut);
        const lines = sumToLines(entries);
        const placed = lines.map((line, index) => ({ index, line }));
        const targets = new Map(lowerings(placed, takenBack).map(({ target }) => [lineKey(target), target]));
        const lowered = lines
          .map((line) => lowerLine(line, targets.get(lineKey(line)) ?? line))
          .filter(({ count }) => count > 0);
        expect(lowered.map(packLine)).to.deep.equal(sumToLines(entries.slice(cut)).map(packLine));
      }),
    );
  });

  it("proves each lowered line against the tree as the ones before it leave it", () => {
    const arbitrary = fc.array(entry, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(arbitrary, fc.nat(29), (entries, cut) => {
        const lines = sumToLines(entries);
        const priced = (some: readonly Line[]) =>
          LineTree.of(some.map((line) => ({ line, worth: worthOf(priceOf(line)) })));
        const standing = lines.map((line, index) => ({ index, line }));
        const given = lowerings(standing, entries.slice(0, cut));
        let now = [...lines];
        const tree = priced(lines);
        for (const { index, line, target, path } of proveLowerings(tree.copy(), given, priceOf)) {
          const before = priced(now);
          const leaf = { hash: packLine(line), sum: worthOf(priceOf(line)) };
          expect(climb(index, leaf, path)).to.deep.equal({ hash: before.root, sum: before.total });
          now = now.map((one, i) => (i === index ? lowerLine(one, target) : one));
        }
        const after = tree.copy();
        proveLowerings(after, given, priceOf);
        expect([after.root, after.total]).to.deep.equal([priced(now).root, priced(now).total]);
        expect(tree.root, "the tree that was copied stays").to.equal(priced(lines).root);
      }),
    );
  });
});
