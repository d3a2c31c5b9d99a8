import { once } from "node:events";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { expect } from "chai";
import { SECRET } from "#harness/relayer.ts";
import { openRelayerWithLinks, type RelayerWithLinks } from "#harness/relayerWithLinks.ts";
import { verifyReferral } from "#relayer/domain/referralToken.ts";
import { invitesFirst } from "#relayer/http/invitesFirst.ts";

const PHONE =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";

interface Said {
  readonly status: number;
  readonly location: string;
  readonly headers: Record<string, unknown>;
}

describe("the server that answers links before the app", function () {
  this.timeout(240_000);
  let town: RelayerWithLinks;
  let server: Server;
  let code: string;
  let campaignId: string;
  let session: string;
  /** Requests that the app was asked. */
  let passedOn = 0;

  before(async () => {
    town = await openRelayerWithLinks();
    ({ campaignId } = await town.openCampaign());
    ({ code, session } = await town.join(campaignId));
    const fetch: typeof town.app.fetch = (...asked) => {
      passedOn++;
      return town.app.fetch(...asked);
    };
    server = serve({ fetch, createServer: invitesFirst(town.invites), hostname: "127.0.0.1", port: 0 }) as Server;
    await once(server, "listening");
  });
  after(async () => {
    server?.close();
    await town?.close();
  });

  /** Asks for a path to the letter: `fetch` would write it anew. */
  async function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Said> {
    const { port } = server.address() as AddressInfo;
    const asked = request({ port, path, method, agent: false, headers: { "user-agent": PHONE, ...headers } });
    asked.end();
    const [response] = await once(asked, "response");
    response.resume();
    await once(response, "end");
    const { location = "", date: _, connection: __, ...others } = response.headers;
    return { status: response.statusCode, location, headers: others };
  }
  const visits = async () => {
    await town.invites.flushClicks();
    const [{ clicks, bots }] = (await town.call("GET", `/v1/campaigns/${campaignId}/links`, { token: session })).body;
    return { clicks, bots };
  };
  /** What the app alone says, without having been asked before. */
  const fromApp = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
    const response = await town.app.request(path, { method, headers: { "user-agent": PHONE, ...headers } });
    return { location: response.headers.get("location") ?? "", headers: Object.fromEntries(response.headers) };
  };
  const withoutToken = (location: string) => location.replace(/_ushrt=[^&#]*/, "_ushrt=…");

  it("answers as the app does, but for headers that mean nothing without a body, and does not ask it", async () => {
    await ask(`/i/${code}`);
    const before = passedOn;
    for (const [path, headers, method] of [
      [`/i/${code}`, {}, "GET"],
      [`/i/${code}?utm_source=x&a=%20b&_ushrt=old`, {}, "GET"],
      [`/i/${code}?`, {}, "GET"],
      [`/i/${code}?a=1`, {}, "HEAD"],
      [`/i/${code}`, { "user-agent": "Googlebot/2.1" }, "GET"],
      [`/i/${code}`, { "sec-purpose": "prefetch;prerender" }, "GET"],
      [`/i/${code}`, { "user-agent": "" }, "GET"],
    ] as const) {
      const said = await ask(path, headers, method);
      const expected = await fromApp(path, headers, method);
      expect(said.status, path).to.equal(302);
      expect(withoutToken(said.location), path).to.equal(withoutToken(expected.location));
      expect(Object.keys(said.headers), path).to.have.length.above(4);
      expect(expected.headers, path).to.include(said.headers);
    }
    expect(passedOn).to.equal(before);
  });

  it("gives people a token of their own, and counts who came", async () => {
    await ask(`/i/${code}`);
    const before = await visits();
    const tokens = [];
    for (let i = 0; i < 3; i++)
      tokens.push(new URL((await ask(`/i/${code}`)).location).searchParams.get("_ushrt") ?? "");
    await ask(`/i/${code}`, {}, "HEAD");
    await ask(`/i/${code}`, { "user-agent": "Googlebot/2.1" });
    expect(new Set(tokens).size).to.equal(3);
    for (const token of tokens) expect(verifyReferral(SECRET, token)?.code).to.equal(code);
    expect(await visits()).to.deep.equal({ clicks: before.clicks + 3, bots: before.bots + 1 });
  });

  it("leaves to the app what is less than plain: unknown links, other spellings, other methods, other paths", async () => {
    await ask(`/i/${code}`);
    for (const [path, method, status] of [
      ["/i/nobodys-link", "GET", 404],
      [`/i/${code.toUpperCase()}`, "GET", 302],
      [`/i/${code}/`, "GET", 302],
      [`/i/${code}%20`, "GET", 302],
      [`/i/${code}`, "POST", 405],
      [`/i/${code}#x`, "GET", 302],
      [`/I/${code}`, "GET", 302],
      [`/x/i/${code}`, "GET", 404],
      ["/healthz", "GET", 200],
    ] as const) {
      const before = passedOn;
      expect((await ask(path, {}, method)).status, `${method} ${path}`).to.equal(status);
      expect(passedOn, `${method} ${path}`).to.equal(before + 1);
    }
  });
});
