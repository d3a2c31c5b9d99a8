import { expect } from "chai";
import fc from "fast-check";
import { newInviteCode } from "../../relayer/domain/inviteCode.ts";
import { newClickId, signReferral, verifyReferral } from "../../relayer/domain/referralToken.ts";

const SECRET = "a secret of at least thirty-two characters";
const referral = () => ({ code: newInviteCode(), clickedAt: 1_795_000_000_123, clickId: newClickId() });

describe("a referral token", () => {
  it("says what was signed", () => {
    const given = referral();
    expect(verifyReferral(SECRET, signReferral(SECRET, given))).to.deep.equal(given);
  });

  it("is nothing under another secret", () => {
    expect(verifyReferral(`${SECRET}!`, signReferral(SECRET, referral()))).to.equal(undefined);
  });

  it("is nothing when any character is changed", () => {
    const token = signReferral(SECRET, referral());
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom(..."0123456789abcdefghijklmnopqrstuvwxyzA._-"),
        (index, character) => {
          fc.pre(token[index] !== character);
          const changed = token.slice(0, index) + character + token.slice(index + 1);
          expect(verifyReferral(SECRET, changed)).to.equal(undefined);
        },
      ),
    );
  });

  it("is nothing when it is anything else", () => {
    fc.assert(fc.property(fc.string(), (text) => verifyReferral(SECRET, text) === undefined));
  });
});

describe("an invite code", () => {
  it("has eight characters without look-alikes", () => {
    for (let i = 0; i < 500; i++) expect(newInviteCode()).to.match(/^[2-9b-df-hjkmnp-tv-xz]{8}$/);
  });
});
