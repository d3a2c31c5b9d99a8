import { expect } from "chai";
import fc from "fast-check";
import { shortApart } from "#portal/app/text/addresses.ts";

const address = (head: string, middle: string, tail: string) =>
  `0x${head}${middle.repeat(40).slice(0, 40 - head.length - tail.length)}${tail}`;

describe("addresses in short", () => {
  it("are as short as ever where nobody looks like another", () => {
    const [one, two] = [address("abcd", "1", "9876"), address("abce", "1", "9876")];
    const short = shortApart([one, two]);
    expect(short(one)).to.equal("0xabcd…9876");
    expect(short(two)).to.equal("0xabce…9876");
    expect(short(address("1234", "0", "5678"))).to.equal("0x1234…5678");
  });

  it("have as many more characters as tell them apart, where somebody made one like another's", () => {
    const [mine, fake, other] = [
      address("abcd11", "0", "229876"),
      address("ABcd11", "f", "229876"),
      address("1234", "0", "5678"),
    ];
    const short = shortApart([mine, fake, other, mine]);
    expect(short(other)).to.equal("0x1234…5678");
    expect(short(mine)).to.equal("0xabcd110…0229876");
    expect(short(fake)).to.equal("0xABcd11f…f229876");
  });

  it("are never written alike, whoever chose them", () => {
    const digits = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(fc.uniqueArray(digits, { minLength: 1, maxLength: 30 }), (all) => {
        const short = shortApart(all.map((one) => `0x${one}`));
        expect(new Set(all.map((one) => short(`0x${one}`))).size).to.equal(all.length);
      }),
    );
  });
});
