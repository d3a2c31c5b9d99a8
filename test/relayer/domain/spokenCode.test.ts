import { canonicalCode } from "@partner-programs/protocol/spokenCode";
import { expect } from "chai";
import fc from "fast-check";
import { newSpokenCode } from "#relayer/domain/spokenCode.ts";

describe("a code that is said", () => {
  it("is the same in capitals or small, with blanks and hyphens or without, and with what looks alike", () => {
    const spellings = [
      "SPRING-24",
      "spring 24",
      " Spr1ng–24 ",
      "sprlng24",
      "ＳＰＲＩＮＧ２４",
      "spring\u200b24",
      "S.P.R.I.N.G.24",
    ];
    expect(new Set(spellings.map(canonicalCode))).to.deep.equal(new Set(["SPR1NG24"]));
    expect(canonicalCode("l0ve")).to.equal(canonicalCode("LOVE"));
    expect(canonicalCode("SPRING25")).to.not.equal(canonicalCode("SPRING24"));
  });

  it("is none when it has other letters, is too short or too long", () => {
    for (const typed of ["", "ab", "été24", "a!b", "x".repeat(25), "-".repeat(300), "日本語"])
      expect(canonicalCode(typed), typed).to.equal(undefined);
  });

  it("is its own spelling, also when it was made here", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (typed) => {
        const name = canonicalCode(typed);
        return name === undefined || canonicalCode(name) === name;
      }),
    );
    for (let i = 0; i < 200; i++) expect(canonicalCode(newSpokenCode())).to.match(/^[A-Z0-9]{7}$/);
  });
});
