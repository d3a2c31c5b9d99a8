/** A line in its 32 bytes, at the edges of its fields, and what it is worth at the edges of its offer. */
import { worthOfLineDown } from "@partner-programs/protocol/commission";
import {
  LINE_BYTES,
  type Line,
  lineKey,
  lowerLine,
  MAX_COUNT,
  MAX_VOLUME_UNITS,
  packedLines,
  packLine,
  sumToLines,
  unpackLine,
  writeLine,
} from "@partner-programs/protocol/line";
import { expect } from "chai";
import { getAddress, hexlify, solidityPacked, toBeHex } from "ethers";
import fc from "fast-check";

const address = (value: bigint) => getAddress(toBeHex(value, 20));
const anyLine = fc.record({
  offerId: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  partner: fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }).map(address),
  count: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
  volumeUnits: fc.bigInt({ min: 0n, max: 2n ** 56n - 1n }),
});
const PARTNER = address(0xab_cd_efn);
const line = (given: Partial<Line> = {}): Line => ({
  offerId: 1,
  partner: PARTNER,
  count: 1,
  volumeUnits: 1n,
  ...given,
});
const MOST = line({
  offerId: 2 ** 16 - 1,
  partner: address(2n ** 160n - 1n),
  count: 2 ** 24 - 1,
  volumeUnits: 2n ** 56n - 1n,
});
const packed = ({ offerId, partner, count, volumeUnits }: Line) =>
  solidityPacked(["uint16", "address", "uint24", "uint56"], [offerId, partner, count, volumeUnits]);
/** Written into the middle of bytes that are not zero, so that each byte has to be set, and no other. */
function written(given: Line): string {
  const bytes = new Uint8Array(3 * LINE_BYTES).fill(0xa5);
  writeLine(given, bytes, LINE_BYTES);
  expect(hexlify(bytes.subarray(0, LINE_BYTES))).to.equal(`0x${"a5".repeat(LINE_BYTES)}`);
  expect(hexlify(bytes.subarray(2 * LINE_BYTES))).to.equal(`0x${"a5".repeat(LINE_BYTES)}`);
  return hexlify(bytes.subarray(LINE_BYTES, 2 * LINE_BYTES));
}

describe("a line", () => {
  it("is packed, written and read as Solidity packs it", () => {
    const edges = [MOST, line({ offerId: 0, partner: address(0n), count: 0, volumeUnits: 0n }), line()];
    const check = (given: Line) => {
      expect(packLine(given)).to.equal(packed(given));
      expect(written(given)).to.equal(packed(given));
      expect(unpackLine(packed(given))).to.deep.equal(given);
      expect(toBeHex(lineKey(given), 22)).to.equal(packed(given).slice(0, 46));
    };
    for (const edge of edges) check(edge);
    fc.assert(fc.property(anyLine, check));
  });

  it("is refused with its field's name when a part does not fit, packed and written", () => {
    for (const [name, given] of [
      ["offerId", line({ offerId: 2 ** 16 })],
      ["offerId", line({ offerId: -1 })],
      ["count", line({ count: MAX_COUNT + 1 })],
      ["count", line({ count: -1 })],
      ["volumeUnits", line({ volumeUnits: MAX_VOLUME_UNITS + 1n })],
      ["volumeUnits", line({ volumeUnits: -1n })],
    ] as const)
      for (const make of [packLine, written])
        expect(() => make(given), name).to.throw(RangeError, `A line's ${name} must fit`);
    for (const make of [packLine, written]) {
      expect(() => make(line({ partner: "0xabcd" }))).to.throw("invalid address");
      expect(() => make(line({ count: 1.5 })), "a count that is no whole number").to.throw(RangeError);
      expect(() => make(line({ offerId: Number.NaN }))).to.throw(RangeError);
    }
  });

  it("is served beside others, and what is no whole one at the end is none", () => {
    const bytes = new Uint8Array(2 * LINE_BYTES + 31);
    writeLine(MOST, bytes, 0);
    writeLine(line(), bytes, LINE_BYTES);
    expect(packedLines(bytes)).to.deep.equal([packed(MOST), packed(line())]);
    expect(packedLines(bytes.subarray(0, 31))).to.deep.equal([]);
  });

  it("sums the conversions of one offer and partner, in the order that the contract asks for", () => {
    const low = address(5n);
    const entries = [
      line({ offerId: 2, count: 1, volumeUnits: 7n }),
      line({ offerId: 1, partner: PARTNER.toLowerCase(), count: 1, volumeUnits: 10n }),
      line({ offerId: 2, partner: low, count: 3, volumeUnits: 1n }),
      line({ offerId: 1, count: 2, volumeUnits: 5n }),
      line({ offerId: 1, count: 4, volumeUnits: 0n }),
    ];
    expect(sumToLines(entries)).to.deep.equal([
      line({ offerId: 1, count: 7, volumeUnits: 15n }),
      line({ offerId: 2, partner: low, count: 3, volumeUnits: 1n }),
      line({ offerId: 2, count: 1, volumeUnits: 7n }),
    ]);
    expect(sumToLines([])).to.deep.equal([]);
  });

  it("is lowered in count and in volume by themselves, and never raised", () => {
    const before = line({ count: 5, volumeUnits: 50n });
    for (const [count, volumeUnits, expected] of [
      [4, 60n, [4, 50n]],
      [6, 40n, [5, 40n]],
      [0, 0n, [0, 0n]],
      [9, 90n, [5, 50n]],
    ] as const)
      expect(lowerLine(before, line({ count, volumeUnits }))).to.deep.equal(
        line({ count: expected[0], volumeUnits: expected[1] }),
      );
  });

  it("is worth something while its offer is valid in the whole period, both ends included, and nothing otherwise", () => {
    const offer = { flatAmount: 1_000n, rateBps: 250, validFrom: 100, validTo: 200 };
    const campaign = { unitExponent: 1, feeBps: 300 };
    const worth = (periodFrom: number, periodTo: number, of: typeof offer | undefined = offer) =>
      worthOfLineDown(line({ count: 2, volumeUnits: 99n }), of, campaign, { periodFrom, periodTo });
    // 2 × 1,000 and 2.5 % of 990 are 2,024 rounded down; 3 % of that are 60.
    expect(worth(100, 200)).to.equal(2_084n);
    expect(worth(99, 200)).to.equal(0n);
    expect(worth(100, 201)).to.equal(0n);
    expect(worth(99, 201)).to.equal(0n);
    expect(worthOfLineDown(line(), undefined, campaign, { periodFrom: 100, periodTo: 200 })).to.equal(0n);
  });
});
