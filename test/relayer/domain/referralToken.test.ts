import { expect } from "chai";
import fc from "fast-check";
import { newInviteCode } from "#relayer/domain/inviteCode.ts";
import { newClickId, signReferral, verifyReferral } from "#relayer/domain/referralToken.ts";

const SECRET = "a secret of at least thirty-two characters";
const referral = () => ({
  code: newInviteCode(),
  clickedAt: 1_795_000_000_123,
  expiresAt: 1_797_592_000_123,
  clickId: newClickId(),
});

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
      { numRuns: 1_000 },
    );
  });

  it("is nothing when its fields change places, are longer, shorter or of another version", () => {
    const token = signReferral(SECRET, referral());
    const [version, code, time, expiry, click, mac] = token.split(".");
    for (const other of [
      [version, code, expiry, time, click, mac],
      [version, code, time, `0${expiry}`, click, mac],
      [version, code, time, expiry, click, `${mac}A`],
      [version, code, time, expiry, click, mac?.slice(0, -1)],
      [version, code, time, expiry, click, ""],
      ["1", code, time, expiry, click, mac],
      ["1", code, time, click, mac],
      [version, code, time, expiry, click, mac, ""],
    ]) {
      expect(verifyReferral(SECRET, other.join(".")), other.join(".")).to.equal(undefined);
    }
  });

  it("is nothing when it is anything else", () => {
    fc.assert(fc.property(fc.string(), (text) => verifyReferral(SECRET, text) === undefined));
  });

  it("fits into an address, and into a report", () => {
    const token = signReferral(SECRET, referral());
    expect(token).to.match(/^[A-Za-z0-9._-]+$/);
    expect(token.length).to.be.at.most(100);
  });

  it("is of one click", () => {
    const ids = Array.from({ length: 5_000 }, newClickId);
    expect(new Set(ids).size).to.equal(ids.length);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{16}$/);
  });
});
