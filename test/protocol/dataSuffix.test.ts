import { codesInData, codeWithPrefix, toDataSuffix } from "@partner-programs/protocol/dataSuffix";
import { expect } from "chai";
import fc from "fast-check";

describe("codes behind a transaction's data", () => {
  it("are written as ERC-8021 has them, schema 0", () => {
    // Of the reference implementation's documentation (ox, erc8021).
    const known = "0x626173656170702c6d6f7270686f0e0080218021802180218021802180218021";
    expect(toDataSuffix(["baseapp", "morpho"])).to.equal(known);
    expect(codesInData(`0xa9059cbb${known.slice(2)}`)).to.deep.equal(["baseapp", "morpho"]);
    expect(codeWithPrefix(["baseapp", "acme_ADA"], "acme_")).to.equal("ada");
    expect(codeWithPrefix(["acme_"], "acme_")).to.equal(undefined);
  });

  it("come back, whatever is called before them; anything else has none", () => {
    const code = fc.stringMatching(/^[!-+\--~]{1,20}$/);
    fc.assert(
      fc.property(fc.array(code, { minLength: 1, maxLength: 8 }), fc.uint8Array({ maxLength: 80 }), (codes, call) => {
        const data = `0x${Buffer.from(call).toString("hex")}`;
        expect(codesInData(data + toDataSuffix(codes).slice(2))).to.deep.equal(codes);
      }),
    );
    const mark = "80218021802180218021802180218021";
    for (const none of [
      "0x",
      "0x00",
      `0x${mark}`,
      `0x00${mark}`,
      `0x0500${mark}`,
      `0x610101${mark}`,
      `0x610200${mark}`,
      "abc",
    ])
      expect(codesInData(none), none).to.deep.equal([]);
    for (const wrong of [[], [""], ["a,b"], ["ä"], ["a".repeat(256)]])
      expect(() => toDataSuffix(wrong), String(wrong)).to.throw(RangeError);
  });
});
