import { MAX_COUNT, MAX_VOLUME_UNITS, packLine } from "@partner-programs/protocol/line";
import { digestOf, programsDomain, receiptTypedData } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { hexlify } from "ethers";
import fc from "fast-check";
import { receiptDigester } from "#service/chain/receiptDigest.ts";

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((value) => hexlify(value));
const seconds = fc.integer({ min: 0, max: 2 ** 40 - 1 });
const line = fc.record({
  offerId: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  partner: bytes(20),
  count: fc.integer({ min: 0, max: MAX_COUNT }),
  volumeUnits: fc.bigInt({ min: 0n, max: MAX_VOLUME_UNITS }),
});
const receipt = fc.record({
  campaignId: bytes(32),
  conversionKey: bytes(32),
  salt: bytes(32),
  receivedAt: seconds,
  attestBy: seconds,
  entries: fc.array(line, { maxLength: 5 }),
});

describe("the digest of a receipt", () => {
  it("is the one of EIP-712 for any receipt of any relayer, whatever was hashed before", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 64n }),
        bytes(20),
        fc.array(receipt),
        (chainId, programs, receipts) => {
          const domain = programsDomain(chainId, programs);
          const digest = receiptDigester(domain);
          for (const one of receipts)
            expect(hexlify(digest({ ...one, entries: one.entries.map(packLine) }))).to.equal(
              digestOf(domain, receiptTypedData(one)),
            );
        },
      ),
    );
  });

  it("is refused where a part does not fit its word", () => {
    const digest = receiptDigester(programsDomain(1, `0x${"11".repeat(20)}`));
    const word = `0x${"ab".repeat(32)}`;
    const good = { campaignId: word, conversionKey: word, salt: word, receivedAt: 1, attestBy: 2, entries: [word] };
    expect(digest(good)).to.have.length(32);
    for (const salt of ["0x", word.slice(0, 65), `${word}ab`, `0x${"zz".repeat(32)}`, `0x${"ab".repeat(31)}zz`])
      expect(() => digest({ ...good, salt }), salt).to.throw(RangeError, "is not 0x and 64 hexadecimal digits");
    expect(() => digest({ ...good, entries: [word, "0x12"] })).to.throw(RangeError, "0x12");
    for (const receivedAt of [-1, 2 ** 40]) expect(() => digest({ ...good, receivedAt })).to.throw(RangeError);
  });
});
