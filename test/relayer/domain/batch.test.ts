import { MAX_LINES } from "@partner-programs/protocol/limits";
import { type Line, lineKey, lowerLine, packLine, sumToLines, unpackLine } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { id } from "ethers";
import fc from "fast-check";
import { buildAttestation, fitting, reversalTargets, type Waiting } from "#relayer/domain/batch.ts";

const partner = (index: number) => `0x${index.toString(16).padStart(40, "0")}`;
const entry = fc.record({
  offerId: fc.integer({ min: 1, max: 3 }),
  partner: fc.integer({ min: 1, max: 5 }).map(partner),
  count: fc.constant(1),
  volumeUnits: fc.bigInt({ min: 0n, max: 1_000n }),
});
const always = new Map([1, 2, 3].map((offerId) => [offerId, { from: 0, to: 2 ** 40 }]));

function waiting(index: number, entries: readonly Line[], receivedAt = 1_000_000 + index): Waiting {
  return { id: BigInt(index), key: id(`key ${index}`), salt: id(`salt ${index}`), entries, receivedAt };
}

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

  it("covers the seconds in which its conversions were received, and numbers them in order", () => {
    const one = [{ offerId: 1, partner: partner(1), count: 1, volumeUnits: 0n }];
    const attestation = buildAttestation(
      id("campaign"),
      41n,
      [waiting(1, one, 5_999), waiting(2, one, 4_001), waiting(3, one, 7_000)],
      99,
      0,
    );
    expect(attestation).to.include({ firstConversion: 41n, conversions: 3, periodFrom: 4, periodTo: 8, deadline: 99 });
    expect(attestation.lines).to.have.length(1);
    expect(attestation.lines[0]?.count).to.equal(3);
  });

  it("ends its period no sooner than it has to, and takes none whose offer does not last so long", () => {
    const one = [{ offerId: 1, partner: partner(1), count: 1, volumeUnits: 0n }];
    const old = [waiting(1, one, 5_999)];
    expect(buildAttestation(id("campaign"), 1n, old, 99, 50)).to.include({ periodFrom: 5, periodTo: 50 });
    expect(fitting(old, new Map([[1, { from: 0, to: 50 }]]), 10, 50)).to.have.length(1);
    expect(fitting(old, new Map([[1, { from: 0, to: 49 }]]), 10, 50)).to.have.length(0);
  });

  it("stops before a line too many", () => {
    const all = Array.from({ length: MAX_LINES + 5 }, (_, i) =>
      waiting(i, [{ offerId: 1, partner: partner(i + 1), count: 1, volumeUnits: 0n }]),
    );
    expect(fitting(all, always, 10_000, 0)).to.have.length(MAX_LINES);
    expect(fitting(all, always, 7, 0)).to.have.length(7);
  });

  it("stops before a volume that its field cannot hold", () => {
    const half = [{ offerId: 1, partner: partner(1), count: 1, volumeUnits: 2n ** 55n }];
    expect(fitting([waiting(1, half), waiting(2, half)], always, 10, 0)).to.have.length(1);
  });

  it("stops where the period would leave an offer's validity", () => {
    const of = (offerId: number) => [{ offerId, partner: partner(1), count: 1, volumeUnits: 0n }];
    const validity = new Map([
      [1, { from: 0, to: 10 }],
      [2, { from: 10, to: 20 }],
    ]);
    const conversions = [
      waiting(1, of(1), 8_000),
      waiting(2, of(1), 9_999),
      waiting(3, of(2), 10_000),
      waiting(4, of(2), 11_000),
    ];
    expect(fitting(conversions, validity, 10, 0).map(({ id: row }) => row)).to.deep.equal([1n, 2n]);
    expect(fitting(conversions.slice(2), validity, 10, 0).map(({ id: row }) => row)).to.deep.equal([3n, 4n]);
  });

  it("lowers exactly by what is taken back", () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 30 }), fc.nat(29), (entries, cut) => {
        const takenBack = entries.slice(0, cut);
        const lines = sumToLines(entries);
        const targets = new Map(reversalTargets(lines, takenBack).map((line) => [lineKey(line), line]));
        const lowered = lines
          .map((line) => lowerLine(line, targets.get(lineKey(line)) ?? line))
          .filter(({ count }) => count > 0);
        expect(lowered.map(packLine)).to.deep.equal(sumToLines(entries.slice(cut)).map(packLine));
      }),
    );
  });
});
