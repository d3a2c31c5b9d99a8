import { expect } from "chai";
import { Wallet } from "ethers";
import { OPENING, openRelayerWithCampaign, type RelayerWithCampaign } from "#harness/relayerWithCampaign.ts";
import { readRotating } from "#service/rotating.ts";

// biome-ignore lint/suspicious/noExplicitAny: a parsed OpenAPI document
type Part = any;

const ATTESTER_TOKEN = "a token of the attesters";

describe("the face of the relayer", () => {
  let desk: RelayerWithCampaign;
  before(async function () {
    this.timeout(OPENING);
    desk = await openRelayerWithCampaign({ ATTESTER_TOKEN: readRotating(ATTESTER_TOKEN, 16) });
  });
  after(() => desk.close());

  describe("the API's document", () => {
    let document: Part;
    let operations: { path: string; method: string; operation: Part }[];

    before(async () => {
      document = (await desk.call("GET", "/v1/openapi.json")).body;
      operations = Object.entries<Part>(document.paths).flatMap(([path, methods]) =>
        Object.entries<Part>(methods).map(([method, operation]) => ({ path, method, operation })),
      );
    });

    it("has every route of the code", () => {
      const documented = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
      const routed = desk.app.routes
        .filter(({ method }) => method !== "ALL")
        .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
      expect([...new Set(routed)].sort()).to.deep.equal(documented.sort());
    });

    it("says which credentials are good: what is not named is refused, and what is named is not", async () => {
      const { campaignId, brand } = desk;
      const wallet = await desk.signIn(Wallet.createRandom());
      const own = await desk.call("POST", "/v1/me/keys", {
        token: wallet,
        json: { label: "mine", scopes: ["read", "refer"] },
      });
      const { secret } = await desk.addKey(campaignId, await desk.signIn(brand));
      await desk.database.query("UPDATE api_keys SET scopes = '{read,report,admin}'");
      const credentials = { session: wallet, partnerKey: own.body.secret, apiKey: secret, attesters: ATTESTER_TOKEN };
      expect(Object.keys(document.components.securitySchemes).sort()).to.deep.equal(Object.keys(credentials).sort());
      let compared = 0;
      const used = new Set<string>();
      for (const { path, method, operation } of operations) {
        if (operation.security.length === 0 || path === "/v1/auth/sessions") continue;
        const named = operation.security.flatMap((one: object) => Object.keys(one));
        const at = path
          .replace("{campaignId}", campaignId)
          .replace("{partner}", brand.address)
          .replace("{digest}", campaignId);
        for (const [scheme, token] of Object.entries(credentials)) {
          const answer = await desk.call(method.toUpperCase(), at.replace(/\{\w+\}/g, "1"), {
            token,
            ...(operation.requestBody === undefined ? {} : { json: {} }),
          });
          // What is wrong with the rest of it is looked at first.
          if (answer.status === 400) continue;
          compared++;
          if (named.includes(scheme)) used.add(scheme);
          expect(answer.status !== 401, `${method} ${path} with ${scheme}: ${answer.status}`).to.equal(
            named.includes(scheme),
          );
        }
      }
      expect(compared).to.be.above(100);
      expect([...used].sort(), "each is good for something").to.deep.equal(Object.keys(credentials).sort());
    });

    it("says of every route what it is for, in one tag, under one name", () => {
      const names = operations.map(({ operation }) => operation.operationId);
      expect(new Set(names).size).to.equal(names.length);
      const tags = document.tags.map(({ name }: Part) => name);
      for (const { path, operation } of operations) {
        expect(operation.summary, path).to.be.a("string").and.not.equal("");
        expect(operation.tags, path).to.have.length(1);
        expect(tags, path).to.include(operation.tags[0]);
      }
      // What nothing else was said of: about the process itself, and not about somebody's affairs.
      const rest = operations.filter(({ operation }) => operation.tags[0] === "System").map(({ path }) => path);
      expect(rest.sort()).to.deep.equal([
        "/docs",
        "/healthz",
        "/llms.txt",
        "/metrics",
        "/readyz",
        "/v1/openapi.json",
        "/v1/status",
        "/v1/transactions",
      ]);
    });

    it("calls nothing by one name that is whole tokens here and base units there", () => {
      const units = new Map<string, Set<string>>();
      const walk = (part: Part): void => {
        if (part === null || typeof part !== "object") return;
        for (const [name, property] of Object.entries<Part>(part.properties ?? {})) {
          const said = `${property.description ?? ""} ${property.pattern ?? ""}`;
          const unit = /Base units of|in base units|\^\\d\+\$/.test(said)
            ? "base units"
            : /Whole tokens/.test(said)
              ? "whole tokens"
              : undefined;
          if (unit !== undefined) units.set(name, (units.get(name) ?? new Set()).add(unit));
        }
        for (const inner of Object.values(part)) walk(inner);
      };
      walk(document);
      expect([...(units.get("volume") ?? [])]).to.deep.equal(["whole tokens"]);
      expect([...(units.get("volumeBaseUnits") ?? [])]).to.deep.equal(["base units"]);
      expect([...units].filter(([, of]) => of.size > 1).map(([name]) => name)).to.deep.equal([]);
    });

    it("says of every route which credentials are good, and what is answered without one", () => {
      for (const { path, method, operation } of operations) {
        expect(operation.security, `${method} ${path}`).to.be.an("array");
        for (const scheme of operation.security.flatMap(Object.keys))
          expect(document.components.securitySchemes).to.have.property(scheme);
        if (operation.security.length > 0) expect(operation.responses, `${method} ${path}`).to.have.property("401");
      }
    });

    it("describes every error as a problem", () => {
      for (const { path, method, operation } of operations) {
        const where = `${method} ${path}`;
        if (operation.parameters !== undefined || operation.requestBody !== undefined)
          expect(operation.responses, where).to.have.property("400");
        if (operation.requestBody !== undefined) expect(operation.responses, where).to.include.keys("413", "415");
        expect(operation.responses, where).to.have.property("500");
        for (const [status, response] of Object.entries<Part>(operation.responses)) {
          expect(response.description, `${where} ${status}`).to.be.a("string").and.not.equal("");
          if (status >= "400")
            expect(response.content, `${where} ${status}`).to.have.property("application/problem+json");
        }
      }
    });

    it("names no schema that it does not have", () => {
      const text = JSON.stringify(document);
      for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
        expect(document.components.schemas).to.have.property(name as string);
    });

    it("is a page, too, with a style and nothing else that a browser would load or run", async () => {
      const page = await desk.call("GET", "/docs");
      expect(page.status).to.equal(200);
      expect(page.headers.get("content-type")).to.match(/^text\/html/);
      for (const { path } of operations) expect(page.body).to.contain(`<code>${path}</code>`);
      expect(page.body).not.to.match(/<script|<img|<link|src=|onclick|javascript:/i);
      const policy = page.headers.get("content-security-policy") ?? "";
      expect(policy).to.match(/^default-src 'none'; style-src 'sha256-/);
      const style = /<style>([^<]*)<\/style>/.exec(page.body)?.[1] ?? "";
      const hash = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(style))).toString("base64");
      expect(policy).to.contain(`'sha256-${hash}'`);
    });
  });

  describe("every error is a problem:", () => {
    let token: string;
    let keys: string;
    before(async () => {
      token = await desk.signIn(desk.brand);
      keys = `/v1/campaigns/${desk.campaignId}/keys`;
    });

    const json = { "content-type": "application/json" };
    const cases: [what: string, status: number, send: () => ReturnType<RelayerWithCampaign["call"]>, detail: RegExp][] =
      [
        ["an unknown path", 404, () => desk.call("GET", "/v1/nothing"), /nothing at GET/],
        [
          "a method that the path does not answer to",
          405,
          () => desk.call("PUT", keys),
          /answers to GET, POST, not to PUT/,
        ],
        ["malformed JSON", 400, () => desk.call("POST", keys, { token, headers: json, body: '{"label":' }), /not JSON/],
        ["no body", 400, () => desk.call("POST", keys, { token, headers: json }), /JSON|label/],
        ["a form", 415, () => desk.call("POST", keys, { token, body: new URLSearchParams("label=x") }), /urlencoded/],
        ["no content type", 415, () => desk.call("POST", keys, { token, body: new Blob(["{}"]) }), /unnamed/],
        [
          "JSON in another character set",
          415,
          () =>
            desk.call("POST", keys, {
              token,
              headers: { "content-type": "application/json; charset=utf-16" },
              body: "{}",
            }),
          /utf-16/,
        ],
        [
          "bytes that are not UTF-8",
          400,
          () => desk.call("POST", keys, { token, headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) }),
          /not UTF-8/,
        ],
        ["a NUL in a text", 400, () => desk.call("POST", keys, { token, json: { label: "a\0b" } }), /NUL/],
        ["a NUL in the address", 400, () => desk.call("GET", `${keys}?cursor=%00`, { token }), /NUL/],
        [
          "half a surrogate pair",
          400,
          () => desk.call("POST", keys, { token, headers: json, body: '{"label":"\\ud800"}' }),
          /surrogate/,
        ],
        [
          "too deep a body",
          400,
          () => desk.call("POST", keys, { token, headers: json, body: `${"[".repeat(100_000)}${"]".repeat(100_000)}` }),
          /deeper than 32/,
        ],
        [
          "too large a body",
          413,
          () => desk.call("POST", keys, { token, json: { label: "x".repeat(300_000) } }),
          /at most 262144 bytes/,
        ],
        ["too long an address", 414, () => desk.call("GET", `${keys}?cursor=${"x".repeat(5_000)}`, { token }), /4096/],
        ["a wrong value", 400, () => desk.call("POST", keys, { token, json: { label: "" } }), /^json: .*label/],
        ["a property too many", 400, () => desk.call("POST", keys, { token, json: { label: "x", more: 1 } }), /more/],
        ["a wrong id", 400, () => desk.call("GET", "/v1/campaigns/1"), /^param: .*64 lower-case/],
        ["no credential", 401, () => desk.call("GET", keys), /Authorization: Bearer/],
        [
          "another's campaign",
          404,
          () => desk.call("GET", `/v1/campaigns/0x${"0".repeat(64)}/keys`, { token }),
          /no campaign/,
        ],
      ];
    for (const [what, status, send, detail] of cases) {
      it(what, async () => {
        const reply = await send();
        expect(reply.status).to.equal(status);
        expect(reply.headers.get("content-type")).to.equal("application/problem+json");
        expect(reply.body).to.include({ type: "about:blank", status });
        expect(reply.body.detail).to.match(detail);
        expect(Object.keys(reply.body).sort()).to.deep.equal(["detail", "status", "title", "type"]);
      });
    }

    it("and a failure of our own, which says nothing but where to look", async () => {
      const query = desk.database.query;
      desk.database.query = () => Promise.reject(new Error("password of the database is 1234"));
      const reply = await desk.call("GET", "/v1/campaigns", { headers: { "x-request-id": "mine-1" } });
      desk.database.query = query;
      expect(reply.status).to.equal(500);
      expect(reply.body.detail).to.equal("Something went wrong here. Request mine-1.");
      expect(desk.logged.some(({ requestId, error }) => requestId === "mine-1" && /1234/.test(String(error)))).to.equal(
        true,
      );
    });

    it("and the methods that a path answers to are named", async () => {
      expect((await desk.call("PUT", keys)).headers.get("allow")).to.equal("GET, POST");
    });
  });

  describe("any page may call,", () => {
    it("and read how long it has to wait", async () => {
      const origin = { origin: "https://portal.example" };
      const reply = await desk.call("GET", "/v1/campaigns", { headers: origin });
      expect(reply.headers.get("access-control-allow-origin")).to.equal("*");
      expect(reply.headers.get("access-control-expose-headers")).to.match(/retry-after/i);
      const asked = await desk.call("OPTIONS", `/v1/campaigns/${desk.campaignId}/keys`, {
        headers: {
          ...origin,
          "access-control-request-method": "DELETE",
          "access-control-request-headers": "authorization",
        },
      });
      expect(asked.status).to.equal(204);
      expect(asked.headers.get("access-control-allow-methods")).to.match(/DELETE/);
    });
  });
});
