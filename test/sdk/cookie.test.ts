import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  captureReferral,
  expressReferral,
  forgetReferral,
  type ReferralOptions,
  referralToken,
} from "@partner-programs/sdk/server";
import { expect } from "chai";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";

const tokenOf = (secondsAgo: number, lasts = 3_600) => {
  const clickedAt = Date.now() - secondsAgo * 1000;
  return signReferral("secret", {
    code: "bcdfghjk",
    clickedAt,
    expiresAt: clickedAt + lasts * 1000,
    clickId: newClickId(),
  });
};

describe("arriving at a brand's server", () => {
  let early: string;
  let late: string;
  beforeEach(() => {
    [early, late] = [tokenOf(60), tokenOf(30)];
  });

  /** What the visitor is answered, over Fetch. */
  function arrive(address: string, options?: ReferralOptions, init: RequestInit = {}) {
    const response = captureReferral(new Request(new URL(address, "https://shop.example"), init), options);
    if (response === undefined) return undefined;
    const { status, headers } = response;
    return {
      status,
      location: headers.get("location"),
      cookie: headers.get("set-cookie"),
      cache: headers.get("cache-control"),
    };
  }

  it("keeps the token in an HttpOnly cookie, and sends the visitor on to the clean address", () => {
    const answer = arrive(`/buy?a=b%20c&_ushrt=${early}&flag`);
    expect(answer).to.include({ status: 302, location: "/buy?a=b%20c&flag", cache: "no-store" });
    expect(answer?.cookie).to.match(
      new RegExp(`^_ushrt=${early}; Path=/; Max-Age=35\\d\\d; HttpOnly; SameSite=Lax; Secure$`),
    );
    expect(arrive(`/?_ushrt=${early}`)?.location).to.equal("/");
  });

  it("keeps it for a whole second at least: one that lasts for less is not taken for one that has ended", () => {
    expect(arrive(`/?_ushrt=${early}`, { keepSeconds: 0.5 })?.cookie).to.contain("Max-Age=1;");
    expect(arrive(`/?_ushrt=${early}`, { keepSeconds: 60 })?.cookie).to.contain("Max-Age=60;");
  });

  it("does nothing where no token is, and to what is not a visit", () => {
    expect(arrive("/buy?a=b")).to.equal(undefined);
    expect(arrive("/buy")).to.equal(undefined);
    expect(arrive(`/buy?_ushrt=${early}`, {}, { method: "POST" })).to.equal(undefined);
  });

  it("keeps nothing that is no token, or a token that has expired, but cleans the address", () => {
    for (const junk of ["", "x", "a%3B%20Domain=evil.example", "%0d%0aset-cookie:a=b", tokenOf(60, 30)]) {
      const answer = arrive(`/buy?_ushrt=${junk}&a=1`);
      expect(answer, junk).to.include({ status: 302, location: "/buy?a=1", cookie: null });
    }
  });

  it("keeps the first or the last, as the campaign says", () => {
    const headers = (token: string) => ({ headers: { cookie: `other=1; _ushrt=${token}; more=2` } });
    expect(arrive(`/?_ushrt=${late}`, {}, headers(early))?.cookie).to.equal(null);
    expect(arrive(`/?_ushrt=${late}`, { touch: "last" }, headers(early))?.cookie).to.contain(late);
    expect(arrive(`/?_ushrt=${early}`, { touch: "last" }, headers(late))?.cookie).to.equal(null);
    expect(arrive(`/?_ushrt=${late}`, {}, headers(tokenOf(60, 30)))?.cookie).to.contain(late);
  });

  it("keeps it no longer than is said, and for the domain that is said", () => {
    expect(arrive(`/?_ushrt=${early}`, { keepSeconds: 60, domain: "shop.example" })?.cookie).to.match(
      /Max-Age=60; HttpOnly; SameSite=Lax; Secure; Domain=shop.example$/,
    );
  });

  it("leads to no other site, whatever the path", () => {
    for (const path of ["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"]) {
      const response = { headers: {} as Record<string, string> };
      expressReferral()(
        { method: "GET", url: `${path}?_ushrt=${early}`, headers: {} },
        { writeHead: (_, headers) => Object.assign(response, { headers, end: () => undefined }) as never },
        () => expect.fail("it was passed on"),
      );
      const { host } = new URL(response.headers.location ?? "", "https://shop.example");
      expect(host, path).to.equal("shop.example");
    }
    expect(arrive(`https://shop.example//evil.example/?_ushrt=${early}`)?.location).to.equal("/evil.example/");
  });

  it("is read by the handlers after it", () => {
    const cookie = `a=b; _ushrt=${early}`;
    expect(referralToken(new Request("https://shop.example", { headers: { cookie } }))).to.equal(early);
    expect(referralToken({ headers: { cookie } })).to.equal(early);
    expect(referralToken({ headers: { cookie: "_ushrt=junk; x_ushrt=1" } })).to.equal(undefined);
    expect(referralToken({ headers: {} })).to.equal(undefined);
  });

  it("keeps no forged token, so that the good one after it counts", () => {
    const far = (36 ** 9 - 1).toString(36);
    for (const forged of [
      "2.x.1.zzzzzzzzz",
      "3.whatever",
      early.replace(/^(2\.\w+\.\w+)\.\w+/, `$1.${far}`),
      tokenOf(-90_000),
    ]) {
      expect(arrive(`/?_ushrt=${forged}`), forged).to.include({ location: "/", cookie: null });
      const headers = { cookie: `_ushrt=${forged}` };
      for (const touch of ["first", "last"] as const)
        expect(arrive(`/?_ushrt=${early}`, { touch }, { headers })?.cookie, forged).to.contain(early);
      expect(referralToken({ headers })).to.equal(undefined);
    }
  });

  it("looks at every cookie of the name, as of the host and of its domain", () => {
    const headers = {
      cookie: `_ushrt=junk; a=b;_ushrt=${tokenOf(60, 30)};  _ushrt=${early}; _ushrt=${late}; x_ushrt=1`,
    };
    expect(referralToken({ headers })).to.equal(early);
    expect(referralToken({ headers }, { touch: "last" })).to.equal(late);
    const later = tokenOf(45);
    expect(arrive(`/?_ushrt=${later}`, {}, { headers })?.cookie).to.equal(null);
    expect(arrive(`/?_ushrt=${later}`, { touch: "last" }, { headers })?.cookie).to.equal(null);
    expect(arrive(`/?_ushrt=${tokenOf(1)}`, { touch: "last" }, { headers })?.cookie).to.contain("_ushrt=2");
    expect(referralToken({ headers: { cookie: ["a=b", `_ushrt=${early}`] } })).to.equal(early);
  });

  it("reads the cookie from whatever a framework calls headers", () => {
    const cookie = `a=b; _ushrt=${early}`;
    for (const headers of [{ Cookie: cookie }, new Map([["Cookie", cookie]]), { get: () => cookie }])
      expect(referralToken({ headers })).to.equal(early);
  });

  it("is forgotten by the server, which alone can: on the host, and on the domain", () => {
    const gone = "_ushrt=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";
    expect(forgetReferral()).to.deep.equal([gone]);
    expect(forgetReferral({ domain: "shop.example" })).to.deep.equal([gone, `${gone}; Domain=shop.example`]);
  });

  it("refuses options that would silently mean something else", () => {
    const wrong = [{ touch: "Last" }, { keepSeconds: "30d" }, { keepSeconds: Number.NaN }, { keepSeconds: 0 }];
    for (const options of wrong as unknown as ReferralOptions[]) {
      expect(() => expressReferral(options)).to.throw(TypeError, /^`(touch|keepSeconds)` is "/);
      expect(() => arrive("/", options)).to.throw(TypeError);
    }
  });

  it("works as a middleware of a real server, which a visitor passes twice", async () => {
    const middleware = expressReferral();
    const server = createServer((request, response) =>
      middleware(request, response, () => response.end(`${request.url} ${referralToken(request) ?? "none"}`)),
    );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const arrival = await fetch(`${origin}/a?_ushrt=${early}&b=1`, { redirect: "manual" });
      expect(arrival.status).to.equal(302);
      const cookie = arrival.headers.get("set-cookie") ?? "";
      expect(cookie).to.not.contain("Secure");
      const headers = { cookie: cookie.split(";")[0] ?? "" };
      const then = await fetch(new URL(arrival.headers.get("location") ?? "", origin), { headers });
      expect(await then.text()).to.equal(`/a?b=1 ${early}`);
      const behind = { headers: { "x-forwarded-proto": "https" }, redirect: "manual" } as const;
      const proxied = await fetch(`${origin}/?_ushrt=${early}`, behind);
      expect(proxied.headers.get("set-cookie")).to.contain("Secure");
      const twice = { headers: { "x-forwarded-proto": "https, http" }, redirect: "manual" } as const;
      expect((await fetch(`${origin}/?_ushrt=${early}`, twice)).headers.get("set-cookie")).to.contain("Secure");
    } finally {
      await new Promise((closed) => server.close(closed));
    }
  });
});
