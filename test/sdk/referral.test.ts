import { checksummed } from "@partner-programs/sdk/checksum";
import { PARAMETER, putIn, readToken, takeOut, winner } from "@partner-programs/sdk/referral";
import { expect } from "chai";
import { getAddress, hexlify } from "ethers";
import fc from "fast-check";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";

const NOW = Date.now();
const DAY = 86_400_000;
const tokenOf = (clickedAt: number, expiresAt: number) =>
  signReferral("secret", { code: "bcdfghjk", clickedAt, expiresAt, clickId: newClickId() });

describe("a referral token outside the relayer", () => {
  it("says when it was made and until when it counts", () => {
    expect(readToken(tokenOf(NOW, NOW + 5))).to.deep.equal({ clickedAt: NOW, expiresAt: NOW + 5 });
  });

  it("is nothing that could harm a cookie, an address or a page", () => {
    for (const text of [
      "",
      "short",
      "a b.c.d.e.f",
      "2.a;domain=x",
      "2.\r\nset-cookie",
      "<script>",
      "x".repeat(201),
      "2.a.1.1.b.c",
      "2.a.zz",
      // As Usher's were.
      "YXJ3ZWF2ZTpDYW1wYWlnbg.bW9yZQ",
    ])
      expect(readToken(text), text).to.equal(undefined);
    expect(readToken(undefined)).to.equal(undefined);
  });

  it("has the relayer's exact shape: nothing else is kept in a good one's way", () => {
    const [, code, clicked, expiry, click, mac] = tokenOf(NOW, NOW + 5).split(".");
    expect(readToken(`2.${code}.${clicked}.${expiry}.${click}.${mac}`, NOW)).to.not.equal(undefined);
    for (const text of [
      "2.x.1.zzzzzzzzz",
      `1.${code}.${clicked}.${expiry}.${click}.${mac}`,
      `3.${code}.${clicked}.${expiry}.${click}.${mac}`,
      "3.something-new",
      `2.${code}.${clicked}.${expiry}.${click}`,
      `2.abc.${clicked}.${expiry}.${click}.${mac}`,
      `2.${code?.toUpperCase()}.${clicked}.${expiry}.${click}.${mac}`,
      `2.${code}.${clicked}.${expiry}.${click?.slice(1)}.${mac}`,
      `2.${code}.${clicked}.${expiry}.${click}.${mac}x`,
      `2.${code}.${clicked}.${expiry}.${click}.${mac}.x`,
      ` 2.${code}.${clicked}.${expiry}.${click}.${mac}`,
      `2.${code}.${clicked}.${expiry}.${click}.${mac}\n`,
    ])
      expect(readToken(text, NOW), text).to.equal(undefined);
  });

  it("was not clicked in the future, but for a visitor's wrong clock, and has no longer window than a campaign can", () => {
    const token = (clickedAt: number, lasts: number) => readToken(tokenOf(clickedAt, clickedAt + lasts), NOW);
    expect(token(NOW + DAY, 5)).to.deep.equal({ clickedAt: NOW + DAY, expiresAt: NOW + DAY + 5 });
    expect(token(NOW + DAY + 1, 5)).to.equal(undefined);
    expect(token(NOW, 366 * DAY)?.expiresAt).to.equal(NOW + 366 * DAY);
    expect(token(NOW, 366 * DAY + 1)).to.equal(undefined);
    expect(token(NOW, 0)).to.equal(undefined);
    expect(readToken(tokenOf(NOW - 400 * DAY, 36 ** 10 - 1), NOW)).to.equal(undefined);
  });

  it("is found behind a forged one in the same address", () => {
    const token = tokenOf(NOW, NOW + 5);
    expect(takeOut(`?_ushrt=2.x.1.zzzzzzzzz&a=1&_ushrt&_ushrt=${token}`)).to.deep.equal({ token, rest: "?a=1" });
  });

  it("comes out of any address as it was put in, and the rest stays to the letter", () => {
    const token = tokenOf(NOW, NOW + 5);
    const query = fc.stringMatching(/^(\?[a-z%2+=&.]{0,20})?$/);
    const hash = fc.stringMatching(/^(#[a-z?&=/]{0,10})?$/);
    fc.assert(
      fc.property(query, hash, (search, fragment) => {
        const path = "https://brand.example//a";
        const address = putIn(path + search + fragment, token);
        const url = new URL(address);
        expect(url.searchParams.getAll(PARAMETER)).to.deep.equal([token]);
        expect(url.hash.slice(1)).to.equal(fragment.slice(1));
        expect(takeOut(address.slice(path.length, address.length - fragment.length))).to.deep.equal({
          token,
          rest: search === "?" ? "" : search,
        });
        expect(putIn(address, token)).to.equal(address);
      }),
    );
  });

  it("counts by the campaign's rule of touch, and never when it has expired", () => {
    const [early, late, gone] = [tokenOf(NOW - 9, NOW + 9), tokenOf(NOW - 5, NOW + 9), tokenOf(NOW - 9, NOW)];
    const cases = [
      ["first", undefined, early, early],
      ["first", early, late, early],
      ["first", late, early, late],
      ["first", gone, late, late],
      ["first", early, gone, early],
      ["first", gone, gone, undefined],
      ["last", early, late, late],
      ["last", late, early, late],
      ["last", late, gone, late],
      ["last", undefined, undefined, undefined],
      ["last", "not.a-token", late, late],
    ] as const;
    for (const [touch, kept, arrived, counts] of cases)
      expect(winner(touch, kept, arrived, NOW), `${touch} ${kept} ${arrived}`).to.equal(counts);
  });
});

describe("the checksum of an address", () => {
  it("is that of ethers for every address", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        const address = hexlify(bytes);
        expect(checksummed(address)).to.equal(getAddress(address));
        expect(checksummed(getAddress(address))).to.equal(getAddress(address));
      }),
    );
  });
});
