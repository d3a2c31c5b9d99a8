import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { serve } from "@hono/node-server";
import { expressReferral, referralToken } from "@partner-programs/sdk/server";
import { expect } from "chai";
import { getBytes, toUtf8String, Wallet } from "ethers";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { exampleHostsAt, noChromium, startChromium } from "#harness/chromium.ts";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { newClickId, signReferral } from "#relayer/domain/referralToken.ts";
import { bundleBrowser, bundleModules } from "#scripts/packages/bundle.ts";

const MAX_BYTES = 3_000;

/** What the pages under test see of the SDK. */
declare global {
  // biome-ignore lint/suspicious/noExplicitAny: of the bundle, which is what is tested; its types are checked elsewhere
  var PartnerPrograms: any;
}

const tokenOf = (secondsAgo = 0, lasts = 3_600) => {
  const clickedAt = Date.now() - secondsAgo * 1000;
  const clickId = newClickId();
  return signReferral("secret", { code: "bcdfghjk", clickedAt, expiresAt: clickedAt + lasts * 1000, clickId });
};

describe("the browser SDK's bundle", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-sdk-"));
  before(async () => {
    await bundleBrowser(folder);
    await bundleModules("sdk", ["server", "webhook"], join(folder, "server"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it(`has less than ${MAX_BYTES} bytes, compressed`, () => {
    for (const file of ["partner-programs.js", "browser.js"]) {
      const text = readFileSync(join(folder, file), "utf8");
      expect(gzipSync(text, { level: 9 }).length, file).to.be.below(MAX_BYTES);
      expect(text, file).not.to.match(/\bimport\s*[({"'*]/);
    }
  });

  it("of the server needs no runtime but one with fetch and WebCrypto", () => {
    const modules = readdirSync(join(folder, "server")).filter((name) => name.endsWith(".js"));
    expect(modules).to.include.members(["server.js", "webhook.js", "cookie.js"]);
    for (const module of modules) {
      const text = readFileSync(join(folder, "server", module), "utf8");
      for (const [, from = ""] of text.matchAll(/^\s*(?:import|export)\b[^"]*?\bfrom\s*"([^"]*)"|\bimport\s*\(?\s*"/gm))
        expect(from, module).to.match(/^\.\/\w+\.js$/);
      expect(text, module).not.to.match(/\b(?:require|process|Buffer|__dirname)\b|node:/);
    }
  });

  it("can be imported where there is no browser, as a page that is rendered on a server does", async () => {
    expect(await import(join(folder, "browser.js"))).to.include.keys(
      "capture",
      "token",
      "decorate",
      "field",
      "bindWallet",
    );
  });

  if (noChromium !== undefined) {
    console.warn(`\n  ${noChromium}\n`);
    return;
  }

  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let port: number;
  /** What the site answers with, and what it was asked. */
  const site = {
    html: "",
    headers: {} as Record<string, string>,
    middleware: false,
    asked: [] as IncomingHttpHeaders[],
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site.example");
    const script = /^\/(partner-programs|browser)\.js$/.exec(pathname)?.[0];
    if (script !== undefined) {
      response.writeHead(200, { "content-type": "text/javascript" });
      response.end(readFileSync(join(folder, script)));
      return;
    }
    const show = () => {
      site.asked.push(request.headers);
      response.writeHead(200, { "content-type": "text/html", ...site.headers });
      response.end(`<!doctype html><title>${pathname}</title>${site.html}`);
    };
    if (site.middleware) expressReferral()(request, response, show);
    else show();
  });

  before(async () => {
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    ({ port } = server.address() as AddressInfo);
    browser = await startChromium(exampleHostsAt(port));
  });
  after(async () => {
    await browser?.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  beforeEach(async () => {
    Object.assign(site, { html: tag(), headers: {}, middleware: false, asked: [] });
    context = await browser.newContext();
    // Whatever hangs ends with the test.
    context.setDefaultTimeout(0);
    page = await context.newPage();
  });
  afterEach(() => context?.close());

  const tag = (attributes = "") => `<script src="/partner-programs.js" ${attributes}></script>`;
  const visit = (path: string, on = page, host = "www.shop.example") => on.goto(`http://${host}${path}`);
  /** What the page has kept, once its script is there. */
  const kept = async (on = page) => {
    await on.waitForFunction(() => "PartnerPrograms" in window);
    return on.evaluate(() => PartnerPrograms.token() as string | undefined);
  };

  describe("arriving by an invite", () => {
    it("keeps the token and cleans the address: path, other parameters and fragment stay to the letter", async () => {
      const token = tokenOf();
      const cases = [
        [`/p?_ushrt=${token}`, "/p"],
        [`/p?_ushrt=${token}#part`, "/p#part"],
        [`/p?a=b%20c&flag&_ushrt=${token}&x=1+2#/route?_ushrt=mine`, "/p?a=b%20c&flag&x=1+2#/route?_ushrt=mine"],
        [`//evil.example/?_ushrt=${token}&a=1`, "//evil.example/?a=1"],
        ["/p?a=1#part", "/p?a=1#part"],
      ];
      for (const [path = "", clean] of cases) {
        await visit(path);
        expect(page.url()).to.equal(`http://www.shop.example${clean}`);
        expect(await kept(), path).to.equal(token);
      }
    });

    it("leaves no step in the history that would bring the token back", async () => {
      await visit("/before");
      await visit(`/p?_ushrt=${tokenOf()}`);
      expect(await page.evaluate(() => history.length)).to.equal(3); // about:blank, /before, /p
      await page.goBack();
      await page.goForward();
      expect(page.url()).to.equal("http://www.shop.example/p");
    });

    it("is remembered on the next page, and forgotten by no reload", async () => {
      const token = tokenOf();
      await visit(`/p?_ushrt=${token}`);
      await visit("/checkout");
      expect(await kept()).to.equal(token);
      await page.reload();
      expect(await kept()).to.equal(token);
    });

    it("keeps nothing that is no token, but cleans the address", async () => {
      for (const junk of ["", "x", "%3Cscript%3E", "a;domain=evil.example", "2.a.b", `3.${"x".repeat(300)}`]) {
        await visit(`/p?_ushrt=${junk}&a=1`);
        expect(page.url()).to.equal("http://www.shop.example/p?a=1");
        expect(await kept(), junk).to.equal(undefined);
      }
    });

    it("is done by a module as well", async () => {
      const token = tokenOf();
      site.html = `<script type="module">
        import { parse, token } from "/browser.js";
        document.title = [parse({ touch: "last" }), token()].join();
      </script>`;
      await visit(`/p?_ushrt=${token}`);
      await page.waitForFunction((title) => document.title === title, `${token},${token}`);
      expect(page.url()).to.equal("http://www.shop.example/p");
    });

    it("waits to be asked when the tag says so", async () => {
      site.html = tag("data-manual");
      const token = tokenOf();
      await visit(`/p?_ushrt=${token}`);
      expect(page.url()).to.contain(token);
      expect(await kept()).to.equal(undefined);
      expect(await page.evaluate(() => PartnerPrograms.capture())).to.equal(token);
      expect(page.url()).to.equal("http://www.shop.example/p");
    });

    it("that waits to be asked does then as the tag's other attributes say", async () => {
      site.html = `${tag('data-manual data-touch=" Last" data-cookie="TRUE" data-forms')}<form></form>`;
      const [early, late] = [tokenOf(60), tokenOf(30)];
      for (const token of [early, late]) {
        await visit(`/p?_ushrt=${token}`);
        await page.evaluate(() => PartnerPrograms.capture());
        expect(await kept()).to.equal(token);
      }
      expect(await context.cookies()).to.have.length(1);
      expect(await page.evaluate(() => new FormData(document.forms[0]).get("_ushrt"))).to.equal(late);
    });

    it("says what it does not understand, and does as if it was not there", async () => {
      const said: string[] = [];
      page.on("console", (message) => said.push(message.text()));
      site.html = tag('data-touch="newest" data-keep-seconds="30d" data-cookie="https://shop.example/"');
      const token = tokenOf();
      await visit(`/p?_ushrt=${token}`);
      expect(await kept()).to.equal(token);
      expect(await context.cookies()).to.deep.equal([]);
      expect(said.filter((text) => text.startsWith("partner-programs"))).to.deep.equal([
        'partner-programs: touch="newest" is not understood.',
        'partner-programs: keepSeconds="30d" is not understood.',
        'partner-programs: cookie="https://shop.example/" is not understood.',
      ]);
      said.length = 0;
      site.html = tag('data-touch="first" data-keep-seconds="60" data-cookie="true"');
      await visit("/p");
      expect(said).to.deep.equal([]);
    });

    it("is noticed where a page changes its address without loading", async () => {
      await visit("/p");
      const token = tokenOf();
      const search = (query: string) =>
        page.evaluate((address) => history.pushState({ step: 1 }, "", address), `/q?${query}#part`);
      await search(`a=1&_ushrt=${token}`);
      await page.waitForFunction(() => !location.search.includes("_ushrt"));
      expect(page.url()).to.equal("http://www.shop.example/q?a=1#part");
      expect(await page.evaluate(() => history.state)).to.deep.equal({ step: 1 });
      expect(await kept()).to.equal(token);
    });

    it("keeps a good token that comes after a forged one", async () => {
      const token = tokenOf();
      await visit("/p?_ushrt=2.x.1.zzzzzzzzz");
      await page.evaluate(() => localStorage.setItem("partner-programs.referral", "2.x.1.zzzzzzzzz 9999999999999"));
      await visit(`/p?_ushrt=${token}`);
      expect(await kept()).to.equal(token);
    });
  });

  describe("by several invites", () => {
    const [early, late] = [tokenOf(60), tokenOf(30)];

    it("keeps the first, where the campaign pays the first", async () => {
      await visit(`/p?_ushrt=${late}`);
      await visit(`/p?_ushrt=${early}`);
      expect(await kept()).to.equal(late);
    });

    it("keeps the one of the last click, where the campaign pays the last", async () => {
      site.html = tag('data-touch="last"');
      await visit(`/p?_ushrt=${early}`);
      await visit(`/p?_ushrt=${late}`);
      expect(await kept()).to.equal(late);
      await visit(`/p?_ushrt=${early}`);
      expect(await kept()).to.equal(late);
    });

    it("in two tabs at once counts one in both", async () => {
      const other = await context.newPage();
      await Promise.all([visit(`/p?_ushrt=${early}`), visit(`/q?_ushrt=${late}`, other)]);
      const counting = await kept();
      expect([early, late]).to.include(counting);
      expect(await kept(other)).to.equal(counting);
      site.html = tag('data-touch="last"');
      await visit(`/p?_ushrt=${early}`);
      await visit(`/q?_ushrt=${late}`, other);
      expect([await kept(), await kept(other)]).to.deep.equal([late, late]);
    });

    it("takes the next when the first has expired", async () => {
      const short = tokenOf(0, 60);
      await visit(`/p?_ushrt=${short}`);
      expect(await kept()).to.equal(short);
      await page.clock.setFixedTime(Date.now() + 61_000);
      expect(await kept()).to.equal(undefined);
      await visit(`/p?_ushrt=${short}`);
      expect(await kept()).to.equal(undefined);
      await visit(`/p?_ushrt=${late}`);
      expect(await kept()).to.equal(late);
    });

    it("keeps one no longer than the tag says", async () => {
      site.html = tag('data-keep-seconds="600"');
      await visit(`/p?_ushrt=${early}`);
      await page.clock.setFixedTime(Date.now() + 590_000);
      expect(await kept()).to.equal(early);
      await page.clock.setFixedTime(Date.now() + 601_000);
      expect(await kept()).to.equal(undefined);
      site.html = tag('data-keep-seconds="600" data-cookie');
      page = await context.newPage();
      const begun = Date.now() / 1000;
      await visit(`/p?_ushrt=${early}`);
      const [cookie] = await context.cookies();
      expect(cookie?.expires).to.be.within(begun + 599, Date.now() / 1000 + 601);
    });
  });

  describe("where storage is blocked", () => {
    let token: string;
    beforeEach(() => {
      token = tokenOf();
    });
    const works = async () => {
      expect(await kept()).to.equal(token);
      const decorated = await page.evaluate(() => {
        const anchor = document.createElement("a");
        anchor.href = "https://app.example/";
        PartnerPrograms.decorate(anchor);
        return anchor.href;
      });
      expect(decorated).to.equal(`https://app.example/?_ushrt=${token}`);
    };

    it("lives as long as the page: in a sandbox", async () => {
      site.headers = { "content-security-policy": "sandbox allow-scripts" };
      site.html = tag("data-cookie");
      await visit(`/p?_ushrt=${token}`);
      const blocked = await page.evaluate(() => {
        try {
          return String(localStorage.length);
        } catch (error) {
          return (error as Error).name;
        }
      });
      expect(blocked).to.equal("SecurityError");
      await works();
    });

    it("lives as long as the page: full, or switched off", async () => {
      await page.addInitScript(() => {
        Storage.prototype.setItem = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      });
      await visit(`/p?_ushrt=${token}`);
      expect(page.url()).to.equal("http://www.shop.example/p");
      await works();
      await page.addInitScript(() => Object.defineProperty(window, "localStorage", { value: null }));
      await visit(`/p?_ushrt=${token}`);
      await works();
    });

    it("lives on in the cookie, where that is allowed", async () => {
      await page.addInitScript(() => Object.defineProperty(window, "localStorage", { value: null }));
      site.html = tag("data-cookie");
      await visit(`/p?_ushrt=${token}`);
      await visit("/q");
      expect(await kept()).to.equal(token);
    });
  });

  describe("a cookie", () => {
    let token: string;
    beforeEach(() => {
      token = tokenOf();
    });

    it("is set only where the site allows it, first-party and until the token expires", async () => {
      await visit(`/p?_ushrt=${token}`);
      expect(await context.cookies()).to.deep.equal([]);
      await context.clearCookies();
      await page.evaluate(() => localStorage.clear());
      site.html = tag("data-cookie");
      await visit(`/p?_ushrt=${token}`);
      const [cookie] = await context.cookies();
      expect(cookie).to.include({
        name: "_ushrt",
        value: token,
        domain: "www.shop.example",
        sameSite: "Lax",
        httpOnly: false,
      });
      expect(cookie?.expires).to.be.within(Date.now() / 1000 + 3_400, Date.now() / 1000 + 3_601);
    });

    it("is what the server reads", async () => {
      site.html = tag("data-cookie");
      await visit(`/p?_ushrt=${token}`);
      await visit("/checkout");
      expect(referralToken({ headers: site.asked.at(-1) ?? {} })).to.equal(token);
    });

    it("of the whole domain counts on all its hosts", async () => {
      site.html = tag('data-cookie="shop.example" data-touch="last"');
      await visit(`/p?_ushrt=${token}`);
      await visit("/", page, "app.shop.example");
      expect(await kept()).to.equal(token);
      const later = tokenOf(-1);
      await visit(`/?_ushrt=${later}`, page, "app.shop.example");
      await visit("/p");
      expect(await kept()).to.equal(later);
      await visit("/p", page, "elsewhere.example");
      expect(await kept()).to.equal(undefined);
    });

    it("of the host and one of its domain are both looked at", async () => {
      const [early, late] = [tokenOf(60), tokenOf(30)];
      const [first, last] = [`data-touch="first"`, `data-touch="last"`];
      for (const [mine, shared] of [
        [early, late],
        [late, early],
      ] as const) {
        await context.clearCookies();
        await context.addCookies([
          { name: "_ushrt", value: mine, url: "http://www.shop.example" },
          { name: "_ushrt", value: shared, domain: ".shop.example", path: "/" },
        ]);
        for (const [attributes, token] of [
          // Of one path, the one that was set first comes first.
          [first, mine],
          [last, late],
        ] as const) {
          site.html = tag(attributes);
          await visit("/p");
          expect(await kept(), attributes).to.equal(token);
        }
      }
      site.html = tag('data-cookie="shop.example"');
      await visit("/p");
      await page.evaluate(() => PartnerPrograms.forget());
      expect(await context.cookies()).to.deep.equal([]);
    });

    it("of the server takes the token before any script can", async () => {
      site.middleware = true;
      await visit(`/p?a=1&_ushrt=${token}#part`);
      expect(page.url()).to.equal("http://www.shop.example/p?a=1#part");
      expect(await kept()).to.equal(undefined);
      expect(await page.evaluate(() => document.cookie)).to.equal("");
      await visit("/checkout");
      expect(referralToken({ headers: site.asked.at(-1) ?? {} })).to.equal(token);
    });
  });

  it("forgets all of it when it is told to", async () => {
    for (const cookie of ["data-cookie", 'data-cookie="shop.example"']) {
      site.html = tag(cookie);
      await visit(`/p?_ushrt=${tokenOf()}`);
      await page.evaluate(() => PartnerPrograms.forget());
      expect(await kept()).to.equal(undefined);
      expect(await context.cookies()).to.deep.equal([]);
      expect(await page.evaluate(() => localStorage.length)).to.equal(0);
    }
  });

  describe("handing the token on", () => {
    let token: string;
    beforeEach(() => {
      token = tokenOf();
    });

    it("decorates links to the hosts that the tag names, when they are used, and no others", async () => {
      site.html = `${tag('data-hosts="app.example, pay.example"')}
        <a id="app" href="http://app.example/start?plan=a%20b#x"><b>app</b></a>
        <a id="other" href="http://notapp.example/">other</a>`;
      await visit(`/p?_ushrt=${token}`);
      await page.evaluate(() => {
        document.body.insertAdjacentHTML("beforeend", '<a id="later" href="http://pay.example/">later</a>');
      });
      await page.click("#app b");
      await page.waitForURL("http://app.example/start?plan=a%20b#x");
      expect(await kept()).to.equal(token);
      await visit("/p");
      await page.click("#other");
      await page.waitForURL("http://notapp.example/");
      expect(await kept()).to.equal(undefined);
      await visit(`/p?_ushrt=${token}`);
      await page.evaluate(() => {
        document.body.insertAdjacentHTML("beforeend", '<a id="later" href="http://pay.example/">later</a>');
      });
      const [opened] = await Promise.all([context.waitForEvent("page"), page.click("#later", { button: "middle" })]);
      await opened.waitForURL("http://pay.example/");
      expect(await kept(opened)).to.equal(token);
    });

    it("decorates one link, or all that match, and nothing that is no address of the web", async () => {
      site.html = `${tag()}<a class="ours" href="https://a.example/?_ushrt=old&b=1">a</a><a class="ours" href="mailto:a@b.example">b</a>`;
      await visit(`/p?_ushrt=${token}`);
      const addresses = await page.evaluate(() => {
        PartnerPrograms.anchor(".ours");
        return [...document.querySelectorAll("a")].map(({ href }) => href);
      });
      expect(addresses).to.deep.equal([`https://a.example/?b=1&_ushrt=${token}`, "mailto:a@b.example"]);
    });

    it("puts a hidden field into forms, once, and none without a token", async () => {
      site.html = `${tag('data-forms="form.ours"')}<form class="ours"><input name="email"><button>Send</button></form>`;
      const sent = async () => {
        await page.evaluate(() => PartnerPrograms.field(document.forms[0]));
        await page.click("button");
        await page.waitForFunction(() => location.search.includes("email"));
        return page.evaluate(() =>
          new URL(performance.getEntriesByType("navigation")[0]?.name ?? "").searchParams.getAll("_ushrt"),
        );
      };
      await visit("/p");
      expect(await sent()).to.deep.equal([]);
      await visit(`/p?_ushrt=${token}`);
      expect(await sent()).to.deep.equal([token]);
    });

    it("is in forms that a script sends or reads, in what a click handler sees, and once", async () => {
      site.html = `${tag('data-forms="form.ours"')}
        <form class="ours"><input name="email"><input name="append"><input name="matches"><input name="querySelector">
        <button type="button">Read</button></form>
        <form class="theirs"><input name="email"></form>`;
      await visit(`/p?_ushrt=${token}`);
      const read = await page.evaluate(() => {
        const [ours, theirs] = [...document.forms].map((form) => new FormData(form).getAll("_ushrt"));
        return { ours, theirs };
      });
      expect(read).to.deep.equal({ ours: [token], theirs: [] });
      await page.evaluate(() => {
        document.querySelector("button")?.addEventListener("click", () => {
          const fields = [...(document.forms[0]?.elements ?? [])] as HTMLInputElement[];
          document.title = fields.flatMap(({ name, value }) => (name === "_ushrt" ? [value] : [])).join();
        });
      });
      await page.click("button");
      await page.click("button");
      expect(await page.title()).to.equal(token);
      await page.evaluate(() => HTMLFormElement.prototype.submit.call(document.forms[0]));
      await page.waitForFunction(() => location.search.includes("email"));
      const { searchParams } = new URL(
        await page.evaluate(() => performance.getEntriesByType("navigation")[0]?.name ?? ""),
      );
      expect(searchParams.getAll("_ushrt")).to.deep.equal([token]);
    });

    it("is in forms within a shadow root", async () => {
      site.html = `${tag("data-forms")}<div id="host"></div>`;
      await visit(`/p?_ushrt=${token}`);
      await page.evaluate(() => {
        const root = document.querySelector("#host")?.attachShadow({ mode: "open" });
        if (root) root.innerHTML = '<form><input name="email"><button>Send</button></form>';
      });
      await page.fill("input", "a@b.example");
      await page.evaluate(() => {
        const form = document.querySelector("#host")?.shadowRoot?.querySelector("form");
        document.title = String(new FormData(form ?? undefined).get("_ushrt"));
      });
      expect(await page.title()).to.equal(token);
      await page.click("button");
      await page.waitForFunction(() => location.search.includes("email"));
      const { searchParams } = new URL(
        await page.evaluate(() => performance.getEntriesByType("navigation")[0]?.name ?? ""),
      );
      expect(searchParams.getAll("_ushrt")).to.deep.equal([token]);
    });
  });

  describe("binding a wallet", () => {
    let market: LocalRelayer;
    let relayer: ReturnType<typeof serve>;
    let url: string;
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    const asked: string[] = [];

    before(async () => {
      market = await openRelayer();
      url = await new Promise((listening) => {
        relayer = serve({ fetch: market.app.fetch, hostname: "127.0.0.1", port: 0 }, (info) =>
          listening(`http://127.0.0.1:${info.port}`),
        );
      });
    });
    after(async () => {
      await new Promise((closed) => relayer.close(closed));
      await market.close();
    });

    /** A wallet as EIP-1193 has it, that gives its address without capitals. */
    async function giveWallet(): Promise<void> {
      await page.exposeFunction("wallet", async ({ method, params }: { method: string; params?: string[] }) => {
        asked.push(method);
        if (method === "eth_requestAccounts") return [wallet.address.toLowerCase()];
        return wallet.signMessage(toUtf8String(getBytes(params?.[0] ?? "")));
      });
      await page.addInitScript(() =>
        Object.assign(window, { ethereum: { request: (globalThis as unknown as { wallet: unknown }).wallet } }),
      );
    }
    const bind = () =>
      page.evaluate(() =>
        PartnerPrograms.bindWallet((globalThis as unknown as { ethereum: unknown }).ethereum).then(
          (bound: unknown) => bound ?? "nothing",
          (error: Error) => error.message,
        ),
      );

    it("signs once that it came by the invite, so that what it does later counts for the partner", async () => {
      const campaign = await market.openCampaign({ destination: "http://www.shop.example/" });
      const ada = await campaign.join();
      site.html = tag(`data-relayer="${url}" data-campaign-id="${campaign.campaignId}"`);
      await giveWallet();
      await visit("/");
      expect(await bind()).to.equal("nothing");
      expect(asked).to.deep.equal([]);
      await visit(`/?_ushrt=${ada.click()}`);
      expect(await bind()).to.include({ partner: ada.wallet, code: ada.code, boundUntil: null });
      expect(asked).to.deep.equal(["eth_requestAccounts", "personal_sign"]);
      const reported = await campaign.report({ customerWallet: wallet.address, volume: "5" });
      expect(reported.body).to.include({ state: "accepted", partner: ada.wallet });
      await visit("/");
      expect(await bind()).to.equal("nothing");
      expect(asked.filter((method) => method === "personal_sign")).to.have.length(1);
    });

    it("says why it was refused, in the relayer's words", async () => {
      const campaign = await market.openCampaign({ destination: "http://another.example/" });
      const ada = await campaign.join();
      site.html = tag(`data-relayer="${url}" data-campaign-id="${campaign.campaignId}"`);
      await giveWallet();
      await visit(`/?_ushrt=${ada.click()}`);
      expect(await bind()).to.match(/for www\.shop\.example.*sites are http:\/\/another\.example/);
      site.html = tag();
      await visit("/");
      expect(await bind()).to.contain("needs `relayer` and `campaignId`");
    });
  });
});
