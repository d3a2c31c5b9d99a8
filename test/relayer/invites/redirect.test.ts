import { expect } from "chai";
import fc from "fast-check";
import { SECRET } from "#harness/relayer.ts";
import { DAY, openRelayerWithLinks, type RelayerWithLinks } from "#harness/relayerWithLinks.ts";
import { visitorOf } from "#relayer/domain/bots.ts";
import { destinationOf, type Grounds, normalisePath, PathRefused, wayTo } from "#relayer/domain/destination.ts";
import { verifyReferral } from "#relayer/domain/referralToken.ts";
import { createInvites } from "#relayer/invites.ts";

const PHONE =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";

describe("following an invite link", function () {
  this.timeout(240_000);
  let town: RelayerWithLinks;
  before(async () => {
    town = await openRelayerWithLinks();
  });
  after(() => town?.close());

  const follow = async (name: string, headers: Record<string, string> = {}, method = "GET") => {
    const response = await town.app.request(`/i/${name}`, { method, headers: { "user-agent": PHONE, ...headers } });
    const location = response.headers.get("location");
    return { response, location: location === null ? undefined : new URL(location) };
  };
  const tokenIn = (location: URL | undefined) =>
    verifyReferral(SECRET, location?.searchParams.get("_ushrt") ?? "none in it");
  const create = async (campaignId: string, session: string, body: unknown) =>
    (await town.call("POST", `/v1/campaigns/${campaignId}/links`, { token: session, json: body })).body;
  /** A link's visits as its partner sees them. */
  const visits = async (campaignId: string, session: string) => {
    await town.invites.flushClicks();
    const [{ clicks, bots }] = (await town.call("GET", `/v1/campaigns/${campaignId}/links`, { token: session })).body;
    return { clicks, bots };
  };

  it("leads to the brand with a token of this link, this moment and the campaign's window", async () => {
    const { campaignId } = await town.openCampaign();
    const { code } = await town.join(campaignId);
    const before = Date.now();
    // Read from the database, then from memory.
    for (const time of ["first", "second"]) {
      const { response, location } = await follow(code);
      expect(response.status, time).to.equal(302);
      expect(location?.href.split("?")[0]).to.equal("https://brand.example/");
      expect(response.headers.get("cache-control")).to.equal("no-store");
      expect(response.headers.get("referrer-policy")).to.equal("no-referrer");
      expect(response.headers.get("x-robots-tag")).to.equal("noindex");
      expect(response.headers.get("strict-transport-security")).to.equal("max-age=15552000; includeSubDomains");
      expect(await response.text()).to.equal("");
      const referral = tokenIn(location);
      expect(referral?.code).to.equal(code);
      expect(referral?.clickedAt).to.be.within(before, Date.now());
      expect(referral?.expiresAt).to.equal((referral?.clickedAt ?? 0) + 30 * DAY * 1000);
    }
  });

  it("takes a code or alias in capitals, and gives the token of the code", async () => {
    const { campaignId } = await town.openCampaign();
    const { code, session } = await town.join(campaignId);
    const named = await create(campaignId, session, { alias: "ada-on-stage" });
    expect(tokenIn((await follow(code.toUpperCase())).location)?.code).to.equal(code);
    expect(tokenIn((await follow("Ada-On-Stage")).location)?.code).to.equal(named.code);
  });

  it("leads on from a link with something of its surroundings at its end, and not with something within it", async () => {
    const { campaignId } = await town.openCampaign();
    const { code, session } = await town.join(campaignId);
    await create(campaignId, session, { alias: "ada-reads" });
    const ask = (path: string) =>
      town.app.request(`https://go.example${path}`, { headers: { "user-agent": PHONE, accept: "text/html" } });
    for (const name of [code, "ada-reads", "ADA-Reads"]) {
      for (const after of [
        "/",
        "//",
        ".",
        ",",
        ")",
        "'",
        '"',
        "!",
        "\u2026",
        "%20",
        "\u200b",
        "%E2%80%8B",
        "\ufeff",
        ").",
        "-",
        "&gt;",
      ])
        expect((await ask(`/i/${name}${after}`)).status, name + after).to.equal(302);
      for (const whole of [`//i/${name}`, `/I/${name}`, `//I//${name}/`, `/i//${name}`, `/i/(${name})`, `/i/*${name}*`])
        expect((await ask(whole)).status, whole).to.equal(302);
      for (const whole of [
        `/i/${name}%253Fa=1`,
        `/i/${name}%3Fa=1`,
        `/i/${name}&a=1`,
        `/i/${name}%2520`,
        `/i/${name}%E2%80`,
      ])
        expect((await ask(whole)).status, whole).to.equal(302);
      expect((await ask(`/i/${name.slice(0, 4)}\u200b\u00ad${name.slice(4)}`)).status).to.equal(302);
      for (const whole of [
        `/i/${name}x`,
        `/i/x/${name}`,
        `/i/${name}/x`,
        `/i/x.${name}`,
        `/ii/${name}`,
        `/x/i/${name}`,
      ])
        expect((await ask(whole)).status, whole).to.equal(404);
    }
  });

  it("carries on the query that the visitor came with; what the link says wins, and a token never passes", async () => {
    const { campaignId } = await town.openCampaign();
    const { code, session } = await town.join(campaignId);
    const { code: placed } = await create(campaignId, session, { path: "/p?plan=team&utm_source=ada#top" });
    const to = async (name: string, query: string, headers = {}, method = "GET") =>
      (await follow(`${name}?${query}`, headers, method)).location?.href.replace(/2\.[\w.-]{50,}/, "TOKEN");
    // Read from the database, then from memory.
    for (let i = 0; i < 2; i++) {
      expect(await to(code, "utm_source=news&gclid=a%20b+c&flag&subid=")).to.equal(
        "https://brand.example/?utm_source=news&gclid=a%20b+c&flag&subid=&_ushrt=TOKEN",
      );
      expect(await to(placed, "utm_source=news&utm%5Fsource=x&plan&a=1&a=2")).to.equal(
        "https://brand.example/p?plan=team&utm_source=ada&a=1&a=2&_ushrt=TOKEN#top",
      );
      const forged = "_ushrt=x&%5fushrt=x&_USHRT=x&_ushrt[]=x&_ushrt%5B0%5D=x&+_ushrt=x&.ushrt=x&_ushrt";
      expect(await to(code, `${forged}&a=1`)).to.equal("https://brand.example/?a=1&_ushrt=TOKEN");
      expect(await to(code, forged)).to.equal("https://brand.example/?_ushrt=TOKEN");
      expect(await to(code, "")).to.equal("https://brand.example/?_ushrt=TOKEN");
      expect(await to(code, "&&a=1&&")).to.equal("https://brand.example/?a=1&_ushrt=TOKEN");
    }
    // Those who get no token get the rest.
    const bot = { "user-agent": "Slackbot-LinkExpanding 1.0" };
    expect(await to(placed, "gclid=1&_ushrt=x", bot)).to.equal(
      "https://brand.example/p?plan=team&utm_source=ada&gclid=1#top",
    );
    expect(await to(code, "gclid=1&_ushrt=x", {}, "HEAD")).to.equal("https://brand.example/?gclid=1");
  });

  it("answers a query of any length the same, whether the link is remembered or not", async () => {
    const { campaignId } = await town.openCampaign();
    const { code } = await town.join(campaignId);
    for (const length of [1_998, 2_100, 6_000, 14_000]) {
      const answers = [];
      for (const name of [code, code, `${code}.`, `${code}/`]) {
        const { response, location } = await follow(`${name}?gclid=1&x=${"y".repeat(length)}&z=1`);
        expect(response.headers.get("location")?.length).to.be.below(2_200);
        expect(tokenIn(location)?.code).to.equal(code);
        location?.searchParams.delete("_ushrt");
        answers.push(response.status, location?.search);
      }
      // What fits is carried on, what does not is left out whole.
      for (let i = 0; i < answers.length; i += 2) expect(answers.slice(i, i + 2)).to.deep.equal([302, "?gclid=1&z=1"]);
    }
    const { location } = await follow(`${code}?x=${"y".repeat(1_900)}`);
    expect(location?.searchParams.get("x")).to.have.length(1_900);
    for (const headers of [{ accept: "*/*" }, { accept: "text/html" }])
      expect((await follow("x".repeat(6_000), headers)).response.status).to.equal(404);
  });

  it("leads to the link's own path, with its query before the token and its fragment behind", async () => {
    const { campaignId } = await town.openCampaign();
    const { session } = await town.join(campaignId);
    const { code } = await create(campaignId, session, { path: "/pricing?plan=a%20b&_ushrt=forged&flag&q=(1)#team" });
    const { location } = await follow(code);
    expect(location?.href).to.match(
      /^https:\/\/brand\.example\/pricing\?plan=a%20b&flag&q=\(1\)&_ushrt=2\.[^#&?]+#team$/,
    );
    expect(tokenIn(location)?.code).to.equal(code);
  });

  it("knows no other code: a problem for programs, a page for people, and no way on for anybody", async () => {
    for (const name of [
      "bcdfghjk",
      "BCDFGHJK",
      "ab",
      "x".repeat(33),
      "a_b",
      "%3Cscript%3E",
      "%2F%2Fevil.example",
      "%00",
    ]) {
      const { response, location } = await follow(name);
      expect(response.status, name).to.equal(404);
      expect(location, name).to.equal(undefined);
      expect(response.headers.get("content-type")).to.equal("application/problem+json");
      expect((await response.json()).detail).to.contain("There is no invite");

      const page = await follow(name, { accept: "text/html,application/xhtml+xml,*/*;q=0.8" });
      expect(page.response.status, name).to.equal(404);
      expect(page.location, name).to.equal(undefined);
      expect(page.response.headers.get("content-type")).to.match(/^text\/html/);
      expect(page.response.headers.get("content-security-policy")).to.contain("default-src 'none'");
      expect(page.response.headers.get("x-robots-tag")).to.equal("noindex");
      const html = await page.response.text();
      expect(html).to.contain("not known").and.not.contain("script").and.not.contain("href").and.not.contain("http");
    }
  });

  it("shows the page to whoever has one to show it in, wherever the name should stand", async () => {
    for (const path of [
      "/i/bcdfghjk",
      "/i/",
      "/i",
      "/I",
      "//i/",
      "/i/bcdfghjk/",
      "/i/a/b",
      "/i/%",
      `/i/${"x".repeat(5_000)}`,
    ]) {
      const ask = (headers: Record<string, string>) => town.app.request(`https://go.example${path}`, { headers });
      for (const headers of [{ accept: "TEXT/HTML" }, { accept: "*/*", "sec-fetch-dest": "document" }]) {
        const page = await ask(headers as Record<string, string>);
        expect([page.status, page.headers.get("content-type")], path).to.deep.equal([404, "text/html; charset=UTF-8"]);
        expect(await page.text())
          .to.contain("Copy it")
          .and.contain("Ask whoever gave it to you");
      }
      for (const accept of ["*/*", "application/json", ""]) {
        const problem = await ask({ accept });
        expect([problem.status, problem.headers.get("content-type")], path).to.deep.equal([
          404,
          "application/problem+json",
        ]);
      }
    }
  });

  it("answers HEAD without counting it, and gives it no token", async () => {
    const { campaignId } = await town.openCampaign();
    const { code, session } = await town.join(campaignId);
    for (let i = 0; i < 2; i++) {
      const { response, location } = await follow(code, {}, "HEAD");
      expect(response.status).to.equal(302);
      expect(location?.href).to.equal("https://brand.example/");
    }
    expect(await visits(campaignId, session)).to.deep.equal({ clicks: 0, bots: 0 });
  });

  it("counts people, and bots and prefetches apart; only a bot goes without a token", async () => {
    const { campaignId } = await town.openCampaign();
    const { code, session } = await town.join(campaignId);
    await follow(code);
    await follow(code);
    expect((await follow(code, { "user-agent": "Slackbot-LinkExpanding 1.0" })).location?.href).to.equal(
      "https://brand.example/",
    );
    expect(tokenIn((await follow(code, { "sec-purpose": "prefetch;prerender" })).location)?.code).to.equal(code);
    expect(tokenIn((await follow(code, { purpose: "prefetch" })).location)?.code).to.equal(code);
    expect(tokenIn((await follow(code, { "x-moz": "prefetch" })).location)?.code).to.equal(code);
    expect(await visits(campaignId, session)).to.deep.equal({ clicks: 2, bots: 4 });
  });

  it("leads on from a campaign that is closed, suspended or without budget, and tells the partner", async () => {
    const { campaignId, session: brand } = await town.openCampaign();
    const { code, session } = await town.join(campaignId);
    const soon = Math.floor(Date.now() / 1000) + 1_000;
    const cases: [string, string | null][] = [
      ["available = 0", "budget_exhausted"],
      // The cheapest offer pays 2 DUSD.
      ["available = 1999999", "budget_exhausted"],
      ["available = 2000000", null],
      ["promised = 1", "budget_exhausted"],
      ["promised = 0", null],
      [`withdrawal_amount = 1, withdrawable_at = ${soon}`, "budget_exhausted"],
      [`withdrawable_at = ${soon - 7 * DAY}`, "budget_exhausted"],
      [`withdrawable_at = ${soon - 7 * DAY - 2_000}`, null],
      [`suspended_until = ${soon}`, "campaign_suspended"],
      [`closes_at = ${soon}`, "campaign_suspended"],
      ["closes_at = 1", "campaign_closed"],
    ];
    for (const [change, notice] of cases) {
      await town.database.query(`UPDATE campaigns SET ${change} WHERE id = $1`, [campaignId]);
      expect(tokenIn((await follow(code)).location)?.code, change).to.equal(code);
      for (const [path, token] of [
        [`/v1/campaigns/${campaignId}/links`, session],
        [`/v1/campaigns/${campaignId}/links`, brand],
        [`/v1/campaigns/${campaignId}/partnerships`, brand],
        ["/v1/me/partnerships", session],
      ] as const) {
        const { body } = await town.call("GET", path, { token });
        const [row] = path.endsWith("partnerships") ? body.items : body;
        expect(row.notice, `${change} ${path}`).to.equal(notice);
        if (notice === null) expect(row.noticeText).to.equal(null);
        else expect(row.noticeText).to.contain("Your links still lead");
      }
    }
  });

  it("leads to the destination when the description does not allow the link's place any more, five seconds later", async () => {
    const { campaignId } = await town.openCampaign({ allowedOrigins: ["https://shop.example"] });
    const { session } = await town.join(campaignId);
    const there = await create(campaignId, session, { path: "https://shop.example/shoes" });
    const here = await create(campaignId, session, { path: "/pricing" });
    const invites = createInvites(town.database, SECRET);
    const leadsTo = async (code: string, now: number) => (await invites.find(code, now))?.plain;
    expect(await leadsTo(there.code, 0)).to.equal("https://shop.example/shoes");
    expect(await leadsTo(here.code, 0)).to.equal("https://brand.example/pricing");
    await town.describe(campaignId, { destination: "https://new.example/hello", allowedOrigins: [] });
    expect(await leadsTo(there.code, 4_999)).to.equal("https://shop.example/shoes");
    expect(await leadsTo(there.code, 5_000)).to.equal("https://new.example/hello");
    // What was relative to the brand's site is so still.
    expect(await leadsTo(here.code, 5_000)).to.equal("https://new.example/pricing");
  });

  it("is not possible before the campaign's description is here", async () => {
    const { campaignId } = await town.openCampaign();
    const { code } = await town.join(campaignId);
    await town.database.query(
      "INSERT INTO announced_descriptions (campaign_id, hash, uri, effective_at) VALUES ($1, '0xunknown', '', 1)",
      [campaignId],
    );
    expect((await follow(code)).response.status).to.equal(404);
  });
});

describe("the place that a link leads to", () => {
  const grounds: Grounds = {
    destination: "https://brand.example/start?from=partners#top",
    allowedOrigins: ["https://shop.example", "http://localhost:3000/", "not an origin"],
  };

  it("is kept relative on the brand's origin, absolute elsewhere, normalised", () => {
    for (const [given, kept] of [
      ["/", "/"],
      ["/pricing", "/pricing"],
      ["/a/../b/./c", "/b/c"],
      ["/a?x=1&y=%20#z", "/a?x=1&y=%20#z"],
      ["/@ada", "/@ada"],
      ["/http://evil.example", "/http://evil.example"],
      ["/prix-été", "/prix-%C3%A9t%C3%A9"],
      ["HTTPS://BRAND.example:443/A", "/A"],
      ["https://brand.example", "/"],
      ["https://shop.example", "https://shop.example/"],
      ["http://localhost:3000/x", "http://localhost:3000/x"],
      ["/x?_ushrt=1", "/x"],
      ["/x?_ushrt=1#y", "/x#y"],
      ["/x?a%20b&flag&_ushrt=old&c='+%2f", "/x?a%20b&flag&c='+%2f".replace("'", "%27")],
      ["/x?%5Fushrt=1&&a=&_ushrt[]=2&", "/x?&a=&"],
      ["/x?_ushrt=1&?a=1", "/x??a=1"],
      ["/x?_ushrts=1&x_ushrt=2", "/x?_ushrts=1&x_ushrt=2"],
      ["https://shop.example/x?_ushrt=1", "https://shop.example/x"],
    ] as const) {
      expect(normalisePath(given, grounds), given).to.equal(kept);
    }
  });

  it("is never outside of the campaign's origins, whatever trick is tried", () => {
    for (const given of [
      "",
      "pricing",
      "?x",
      "#x",
      "//evil.example",
      "///evil.example",
      "/\\evil.example",
      "\\\\evil.example",
      "/\t/evil.example",
      "/\n/evil.example",
      " //evil.example",
      "/pricing page",
      "/pricing\\page",
      "/pricing\tpage",
      "/pricing\u0000",
      "/.//evil.example",
      "/a/..//evil.example",
      "/%2e//evil.example",
      "https://brand.example//evil.example",
      "https://brand.example/.//evil.example",
      "https://evil.example/",
      "https:evil.example",
      "https:/evil.example",
      "https:///evil.example",
      "http://brand.example/",
      "https://brand.example:8443/",
      "https://sub.brand.example/",
      "https://brand.example.evil.example/",
      "https://brand.example@evil.example/",
      "https://user@brand.example/",
      "https://:pw@brand.example/",
      "javascript:alert(1)",
      "JavaScript://brand.example/%0aalert(1)",
      "data:text/html,x",
      "ftp://brand.example/",
      "blob:https://brand.example/x",
      "https://[",
      `/${"x".repeat(1_000)}`,
    ]) {
      expect(() => normalisePath(given, grounds), given).to.throw(PathRefused);
      expect(destinationOf(given, grounds).href, given).to.equal(grounds.destination);
    }
  });

  it("stays the same when it is looked at again, and within the origins", () => {
    const piece = fc.constantFrom(
      ..."/\\.:@?#%&=-a1 \t",
      "//",
      "/./",
      "/../",
      "%2e",
      "%2f",
      "https://",
      "brand.example",
      "shop.example",
      "evil.example",
      "_ushrt=x",
      "é",
      "。",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, home) => {
        const given = (home ? "https://brand.example/" : "/") + pieces.join("");
        let kept: string;
        try {
          kept = normalisePath(given, grounds);
        } catch (error) {
          expect(error).to.be.instanceOf(PathRefused);
          return;
        }
        expect(normalisePath(kept, grounds)).to.equal(kept);
        const { before, after, plain } = wayTo(destinationOf(kept, grounds));
        const location = new URL(`${before}TOKEN${after}`);
        expect(["https://brand.example", "https://shop.example", "http://localhost:3000"]).to.include(location.origin);
        expect(location.username + location.password).to.equal("");
        expect(location.searchParams.getAll("_ushrt")).to.deep.equal(["TOKEN"]);
        expect(location.pathname).to.equal(new URL(plain).pathname);
      }),
      { numRuns: 5_000 },
    );
  });

  it("gets the token between query and fragment", () => {
    const { before, after, plain } = wayTo(destinationOf(null, grounds));
    expect(`${before}T${after}`).to.equal("https://brand.example/start?from=partners&_ushrt=T#top");
    expect(plain).to.equal(grounds.destination);
    expect(wayTo(new URL("https://brand.example?#")).before).to.equal("https://brand.example/?_ushrt=");
  });
});

describe("a visitor", () => {
  const visitor = (headers: Record<string, string>) => visitorOf((name) => headers[name]);

  it("is a person in any browser, those inside apps too", () => {
    for (const agent of [
      PHONE,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 337.0.2.24.92 (iPhone14,5; iOS 17_5)",
      "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 Version/4.0 Chrome/126.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.0.0.47.74;]",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [LinkedInApp]/9.29",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Snapchat/12.90.0.46",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0 OneOutlook/1.2023",
      "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1) Presto/2.8",
      "Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_7) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
      "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.49",
    ]) {
      expect(visitor({ "user-agent": agent }), agent).to.equal("person");
    }
  });

  it("is a bot when it says so, and when it says nothing", () => {
    for (const agent of [
      "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
      "Twitterbot/1.0",
      "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
      "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
      "WhatsApp/2.23.20.0",
      "TelegramBot (like TwitterBot)",
      "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
      "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
      "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com",
      "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
      "curl/8.5.0",
      "python-requests/2.32.3",
      "Go-http-client/2.0",
      "node",
      "Viber/13.3.0.5 CFNetwork/1240.0.4 Darwin/20.6.0",
      "Shop/7 CFNetwork/1490.0.4 Darwin/23.2.0",
      "MobileSafari/8617 CFNetwork/1490.0.4 Darwin/23.2.0",
      "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A.230901.001)",
      "Dart/3.2 (dart:io)",
      "Shop/1.0 (com.shop; build:1; iOS 17.0.0) Alamofire/5.8.1",
      "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1",
      "Iframely/1.3.1 (+https://iframely.com/docs/about)",
      "http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.social/)",
      "",
    ]) {
      expect(visitor({ "user-agent": agent }), agent).to.equal("bot");
    }
    expect(visitor({})).to.equal("bot");
  });

  it("prefetches when its browser says so", () => {
    for (const purpose of [
      { "sec-purpose": "prefetch" },
      { "sec-purpose": "prefetch;anonymous-client-ip" },
      { purpose: "prefetch" },
      { "x-moz": "prefetch" },
      { "x-purpose": "preview" },
    ]) {
      expect(visitor({ "user-agent": PHONE, ...purpose } as never)).to.equal("prefetch");
    }
    expect(visitor({ "user-agent": PHONE, "sec-purpose": "navigate" })).to.equal("person");
  });

  it("is looked ahead for by Office, which opens in the browser what it was led to", () => {
    for (const agent of [
      "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
      "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; .NET4.0E; ms-office)",
      "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
      "Microsoft Office Excel 2014 (16.0.10730) Windows NT 10.0",
      "Microsoft Office Existence Discovery",
      "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; Microsoft Outlook 16.0.5)",
      "Word/15.20.157 CFNetwork/760.2.6 Darwin/15.3.0",
      "Outlook-iOS/709.2226530.prod.iphone",
    ]) {
      // Twice: the second answer is remembered.
      expect(visitor({ "user-agent": agent }), agent).to.equal("prefetch");
      expect(visitor({ "user-agent": agent }), agent).to.equal("prefetch");
    }
  });
});
