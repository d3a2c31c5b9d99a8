import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import type { PortalConfig } from "#portal/app/config.ts";
import { createServer } from "#portal/server.ts";

const CONFIG: PortalConfig = {
  apiUrl: "https://api.example/base",
  rpcUrl: "https://rpc.example/key",
  chainId: 1,
  network: "mainnet",
  programs: `0x${"1".repeat(40)}`,
  lens: `0x${"2".repeat(40)}`,
  funding: null,
  fromBlock: 7,
  explorerUrl: null,
  attesters: [],
  attesterUrls: [],
  safeOrigins: [],
  operator: null,
  passkeyFactory: null,
  local: false,
};
const SCRIPT = `export const words = "${"long ".repeat(1_000)}";`;

describe("the portal's server", () => {
  let built: string;
  let app: ReturnType<typeof createServer>;

  before(() => {
    built = mkdtempSync(join(tmpdir(), "portal-"));
    mkdirSync(join(built, "assets"));
    writeFileSync(join(built, "index.html"), '<meta name="style-nonce" content="%NONCE%">');
    writeFileSync(join(built, "assets/index-abc123.js"), SCRIPT);
    writeFileSync(join(built, "icon.svg"), "<svg/>");
    app = createServer(CONFIG, built);
  });

  after(() => rmSync(built, { recursive: true }));

  it("says that it runs, to whoever balances", async () => {
    const answer = await app.request("/healthz");
    expect([answer.status, await answer.json()]).to.deep.equal([200, { ok: true }]);
  });

  it("answers every address of a page with the page, each time with a nonce of its own that its policy names", async () => {
    const nonces = new Set<string>();
    for (const path of ["/", "/index.html", "/campaigns/0x01", "/brand/new"]) {
      const response = await app.request(path);
      expect(response.status, path).to.equal(200);
      expect(response.headers.get("content-type")).to.match(/^text\/html/);
      expect(response.headers.get("cache-control")).to.equal("no-cache");
      const [, nonce = ""] = /content="([\w-]{22})"/.exec(await response.text()) ?? [];
      expect(response.headers.get("content-security-policy")).to.contain(`style-src 'self' 'nonce-${nonce}'`);
      nonces.add(nonce);
    }
    expect(nonces).to.have.property("size", 4);
  });

  it("lets pages talk to the relayer and the chain, and to nobody else", async () => {
    const policy = (await app.request("/")).headers.get("content-security-policy");
    expect(policy).to.contain("default-src 'none'; script-src 'self';");
    expect(policy).to.contain("connect-src 'self' https://api.example https://rpc.example;");
    expect(policy).to.contain("frame-ancestors 'none'");
    expect((await app.request("/")).headers.get("x-frame-options")).to.equal("SAMEORIGIN");
    expect((await app.request("/manifest.json")).status).to.equal(404);
  });

  it("is shown in a frame by the Safe that the operator named, which may read what app it is, and by nobody else", async () => {
    const framed = createServer({ ...CONFIG, safeOrigins: ["https://app.safe.global"] }, built);
    const page = await framed.request("/brand");
    expect(page.headers.get("content-security-policy")).to.contain("frame-ancestors https://app.safe.global");
    // An older header cannot name an origin, and would forbid it.
    expect(page.headers.has("x-frame-options")).to.equal(false);
    expect(page.headers.get("cross-origin-resource-policy")).to.equal("same-origin");
    const manifest = await framed.request("/manifest.json");
    expect(await manifest.json()).to.include({ name: "Partner Programs", iconPath: "icon.svg" });
    for (const one of [manifest, await framed.request("/icon.svg")]) {
      expect(one.headers.get("access-control-allow-origin")).to.equal("*");
      expect(one.headers.get("cross-origin-resource-policy")).to.equal("cross-origin");
    }
  });

  it("gives files that never change for good, compressed for whoever takes that", async () => {
    const plain = await app.request("/assets/index-abc123.js");
    expect(plain.headers.get("cache-control")).to.equal("public, max-age=31536000, immutable");
    expect(plain.headers.get("content-type")).to.match(/javascript/);
    expect(plain.headers.has("content-encoding")).to.equal(false);
    expect(await plain.text()).to.equal(SCRIPT);

    const zipped = await app.request("/assets/index-abc123.js", { headers: { "accept-encoding": "gzip, br" } });
    expect(zipped.headers.get("content-encoding")).to.equal("gzip");
    expect(zipped.headers.get("vary")?.toLowerCase()).to.contain("accept-encoding");
    expect(zipped.headers.get("cache-control")).to.equal("public, max-age=31536000, immutable");
    expect(gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString()).to.equal(SCRIPT);
  });

  it("asks browsers to look again for what changes", async () => {
    const icon = await app.request("/icon.svg");
    expect(icon.headers.get("content-type")).to.match(/^image\/svg\+xml/);
    expect(icon.headers.get("cache-control")).to.equal("no-cache");
    const config = await app.request("/config.json");
    expect(await config.json()).to.deep.equal(CONFIG);
    expect(config.headers.get("cache-control")).to.equal("no-cache");
  });

  it("has no file but those that were built", async () => {
    for (const path of [
      "/assets/other.js",
      "/../environment.ts",
      "/%2e%2e/environment.ts",
      "/assets/..%2f..%2fmain.ts",
    ]) {
      const response = await app.request(path);
      expect(response.status, path).to.equal(404);
      expect(response.headers.has("cache-control"), path).to.equal(false);
    }
  });

  it("does not start without pages", () => {
    expect(() => createServer(CONFIG, join(built, "nowhere"))).to.throw("Run: npm run build:portal");
  });
});
