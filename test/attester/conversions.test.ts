import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { MAX_VOLUME_UNITS, packLine, sumToLines } from "@partner-programs/protocol/line";
import { expect } from "chai";
import { toBeHex } from "ethers";
import fc from "fast-check";
import { Conversions } from "#attester/conversions.ts";
import { PackedLines, sumEntries } from "#attester/lines.ts";

const word = fc.bigInt(0n, 2n ** 256n - 1n).map((value) => toBeHex(value, 32));
/** Few offers and partners, the first and last ones among them, so that many are equal. */
const entry = fc.record({
  offerId: fc.constantFrom(1, 2, 65_535),
  partner: fc.constantFrom(1n, 2n, 2n ** 32n, 2n ** 159n + 1n, 2n ** 160n - 1n).map((value) => toBeHex(value, 20)),
  count: fc.constant(1),
  volumeUnits: fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, MAX_VOLUME_UNITS / 100n)),
});
const seconds = fc.integer({ min: 0, max: 2 ** 40 - 1 });
const order = fc.record(
  {
    event: fc.string({ unit: "grapheme", minLength: 1, maxLength: 24 }),
    orderId: fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }),
    volume: fc.constantFrom("0", "49.90", "1".repeat(500)),
    receivedAt: seconds,
    occurredAt: seconds,
    attributes: fc.constantFrom({}, { plan: "annual", quantity: 3, gift: true }),
    history: fc.constantFrom({}, { customer: { sale: { conversions: 1, firstAt: 9 } }, partnerSince: 7 }),
  },
  { requiredKeys: ["event", "orderId", "volume", "receivedAt"] },
);
const conversion = fc.record({
  number: fc.bigInt(0n, 2n ** 63n - 1n),
  key: word,
  salt: word,
  entries: fc.array(entry, { minLength: 1, maxLength: 16 }),
  order: fc.option(order, { nil: undefined }),
});

describe("the conversions of a batch, side by side in bytes", () => {
  it("are what was put in, one after the other and in slices", () => {
    fc.assert(
      fc.property(fc.array(conversion, { maxLength: 20 }), fc.integer({ min: 1, max: 7 }), (given, size) => {
        const conversions = Conversions.of(given as GivenConversion[]);
        expect([...conversions]).to.deep.equal(given);
        expect([...conversions.slices(size)].flat()).to.deep.equal(given);
        expect([...conversions.entries]).to.deep.equal(given.flatMap(({ entries }) => entries));
      }),
    );
  });

  it("have the sums that anybody adds up, in the order of the contract", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const sums = sumEntries(PackedLines.of(entries));
        const meant = sumToLines(entries);
        expect([...sums.pages(7)].flat()).to.deep.equal(meant.map(packLine));
        for (const [place, line] of meant.entries()) expect(sums.placeOf(line)).to.equal(place);
        expect(sums.placeOf({ offerId: 3, partner: toBeHex(1n, 20), count: 1, volumeUnits: 0n })).to.equal(undefined);
      }),
    );
  });

  it("are refused where a sum does not fit its field", () => {
    const most = { offerId: 1, partner: toBeHex(1n, 20), count: 1, volumeUnits: MAX_VOLUME_UNITS };
    expect(sumEntries(PackedLines.of([most])).length).to.equal(1);
    expect(() => sumEntries(PackedLines.of([most, { ...most, volumeUnits: 1n }]))).to.throw(
      RangeError,
      "volumeUnits must fit 56 bits",
    );
  });
});
