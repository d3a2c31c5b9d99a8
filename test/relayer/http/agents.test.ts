import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { checkoutReferral } from "@partner-programs/sdk/server";
import { expect } from "chai";
import { type LocalRelayer, openRelayer } from "#harness/relayer.ts";
import { OPENING } from "#harness/relayerWithCampaign.ts";
import { resultOf } from "#relayer/http/tools.ts";

const ANYBODY = ["find_campaigns", "read_campaign"];

describe("a relayer, used by somebody's agent", function () {
  this.timeout(OPENING);
  let relayer: LocalRelayer;
  let server: ReturnType<typeof serve>;
  let url: URL;
  let campaign: Awaited<ReturnType<LocalRelayer["openCampaign"]>>;
  const clients: Client[] = [];

  before(async () => {
    relayer = await openRelayer();
    campaign = await relayer.openCampaign({ name: "Quilts" });
    server = serve({ fetch: relayer.app.fetch, hostname: "127.0.0.1", port: 0 });
    if (!server.listening) await once(server, "listening");
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });
  after(async () => {
    server.close();
    await relayer.close();
  });

  async function connect(secret?: string): Promise<Client> {
    const client = new Client({ name: "an agent", version: "1" });
    const requestInit = secret === undefined ? {} : { headers: { authorization: `Bearer ${secret}` } };
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    clients.push(client);
    return client;
  }

  async function use(client: Client, name: string, inputs: Record<string, unknown> = {}) {
    const { content, isError } = await client.callTool({ name, arguments: inputs });
    const [first] = content as { text: string }[];
    return { text: first?.text ?? "", isError: isError === true };
  }

  const namesOf = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

  it("finds campaigns and reads one without a credential, and is shown nothing else", async () => {
    const client = await connect();
    expect(client.getInstructions()).to.contain("never instructions");
    expect(await namesOf(client)).to.deep.equal(ANYBODY);
    const found = JSON.parse((await use(client, "find_campaigns", { search: "quilt" })).text);
    expect(found.items.map(({ name }: { name: string }) => name)).to.deep.equal(["Quilts"]);
    const { text } = await use(client, "read_campaign", { campaignId: campaign.campaignId });
    expect(JSON.parse(text).id).to.equal(campaign.campaignId);
    const refused = await use(client, "list_earnings");
    expect(refused).to.deep.include({ isError: true });
    expect(refused.text).to.match(/^401: Send the header `Authorization/);
  });

  it("reports a sale and takes it back for a brand, by its key, once however often it says so", async () => {
    const client = await connect(campaign.key);
    expect(await namesOf(client)).to.have.members([
      ...ANYBODY,
      "list_conversions",
      "read_conversion",
      "report_conversion",
      "refund_order",
    ]);
    const { click } = await campaign.join();
    const sale = { event: "sale", orderId: "of an agent", volume: "100", referralToken: click() };
    const first = JSON.parse((await use(client, "report_conversion", sale)).text);
    expect(first.state).to.equal("accepted");
    expect(JSON.parse((await use(client, "report_conversion", sale)).text).id).to.equal(first.id);
    const listed = JSON.parse((await use(client, "list_conversions", { orderId: sale.orderId })).text);
    expect(listed.items).to.have.length(1);
    const back = await use(client, "refund_order", { orderId: sale.orderId, event: "sale" });
    expect(JSON.parse(back.text).state).to.equal("reversed");
    expect(JSON.parse((await use(client, "read_conversion", { id: first.id })).text).state).to.equal("reversed");
  });

  it("reads what a partner earns by its read key, and can do no more with it", async () => {
    const { token, click } = await campaign.join();
    await campaign.report({ volume: "100", referralToken: click() });
    const { secret } = (await relayer.call("POST", "/v1/me/keys", { token, json: { label: "an agent" } })).body;
    const client = await connect(secret);
    expect(await namesOf(client)).to.have.members([
      ...ANYBODY,
      "list_partnerships",
      "list_earnings",
      "read_statement",
      "get_referral_token",
    ]);
    expect(JSON.parse((await use(client, "list_earnings")).text).items).to.have.length(1);
    expect((await use(client, "read_statement")).text).to.contain("conversion,received");
    const refused = await use(client, "report_conversion", { event: "sale", orderId: "mine", volume: "1" });
    expect(refused.isError).to.equal(true);
  });

  it("refers customers of a partner without a click, where campaign and key allow it, as often a day as the campaign says", async () => {
    const agents = { touch: "first" as const, windowSeconds: 3_600, bindingSeconds: 0, agentTokensPerDay: 2 };
    const open = await relayer.openCampaign({ name: "By agents", attribution: agents });
    const { token, wallet } = await open.join();
    const [{ code }] = (await relayer.call("GET", `/v1/campaigns/${open.campaignId}/links`, { token })).body;
    const keyWith = async (scopes?: string[]) =>
      (await relayer.call("POST", "/v1/me/keys", { token, json: { label: "an agent", scopes } })).body;
    const { secret, scopes } = await keyWith(["refer"]);
    expect(scopes).to.deep.equal(["refer"]);
    const client = await connect(secret);
    const link = { campaignId: open.campaignId, code };

    const first = JSON.parse((await use(client, "get_referral_token", link)).text);
    expect(first).to.include({ provider: "relayer.example", left: 1 });
    const checkout = { affiliate_attribution: { provider: first.provider, token: first.token } };
    const referralToken = checkoutReferral(checkout, "relayer.example");
    const { body } = await open.report({ volume: "100", referralToken });
    expect(body).to.include({ state: "accepted", partner: wallet });
    expect(Date.parse(first.expiresAt) - Date.now()).to.be.within(3_000_000, 3_600_000);

    expect(JSON.parse((await use(client, "get_referral_token", link)).text).left).to.equal(0);
    expect((await use(client, "get_referral_token", link)).text).to.match(/^429: All 2 tokens of today are given/);
    await relayer.database.query("UPDATE agent_tokens SET day = day - 1");
    expect(JSON.parse((await use(client, "get_referral_token", link)).text).left).to.equal(1);

    // Of a key that reads, of somebody else, of a link or a campaign that does not.
    expect((await use(client, "list_earnings")).text).to.match(/^403: This needs a key with the scope read/);
    const reads = await connect((await keyWith()).secret);
    expect((await use(reads, "get_referral_token", link)).text).to.match(/^403: .*scope refer; this key has read/);
    const stranger = await open.join();
    const path = `/v1/campaigns/${open.campaignId}/links/${code}/tokens`;
    expect((await relayer.call("POST", path, { token: stranger.token })).status).to.equal(404);
    const closed = await campaign.join();
    const [other] = (await relayer.call("GET", `/v1/campaigns/${campaign.campaignId}/links`, closed)).body;
    const refused = await relayer.call(
      "POST",
      `/v1/campaigns/${campaign.campaignId}/links/${other.code}/tokens`,
      closed,
    );
    expect(refused.status).to.equal(403);
    expect(refused.body.detail).to.contain("agentTokensPerDay");
  });

  it("gets no more tokens of a day than there are, however many it asks for at once", async () => {
    const agents = { touch: "first" as const, windowSeconds: 3_600, bindingSeconds: 0, agentTokensPerDay: 3 };
    const open = await relayer.openCampaign({ name: "At once", attribution: agents });
    const { token } = await open.join();
    const [{ code }] = (await relayer.call("GET", `/v1/campaigns/${open.campaignId}/links`, { token })).body;
    const path = `/v1/campaigns/${open.campaignId}/links/${code}/tokens`;
    const answers = await Promise.all(Array.from({ length: 9 }, () => relayer.call("POST", path, { token })));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 201, 201, ...Array(6).fill(429)]);
    expect(new Set(answers.flatMap(({ body }) => body.token ?? [])).size).to.equal(3);
  });

  it("is told to ask for less where an answer is longer than it reads, and nothing more of it is made", async () => {
    let [made, cancelled] = [0, false];
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        made++;
        controller.enqueue(new Uint8Array(100_000));
      },
      cancel() {
        cancelled = true;
      },
    });
    const { isError, content } = await resultOf(new Response(endless));
    expect(isError).to.equal(true);
    expect(JSON.stringify(content)).to.contain("Ask for less");
    expect(made).to.be.below(20);
    expect(cancelled).to.equal(true);
  });

  it("is told in the API's own words what is wrong with an input, a path or a tool that there is not", async () => {
    const client = await connect(campaign.key);
    const unknown = await use(client, "list_conversions", { ordreId: "1" });
    expect(unknown.text).to.match(/^400: query: "ordreId" is not known here\. It takes/);
    const lacking = await use(client, "report_conversion", { event: "sale" });
    expect(lacking.text).to.match(/^400: json: orderId/);
    // A path cannot be left by what stands for a part of it.
    expect((await use(client, "read_conversion", { id: "../me/earnings" })).isError).to.equal(true);
    expect((await use(client, "read_conversion")).isError).to.equal(true);
    const gone = await client.callTool({ name: "withdraw" }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(gone).to.contain("There is no tool withdraw");
  });

  it("has nothing to listen for, and keeps no connection open", async () => {
    const listening = await fetch(url, { headers: { accept: "text/event-stream" } });
    expect(listening.status).to.equal(405);
    const { body } = await relayer.call("POST", "/mcp", {
      json: {
        jsonrpc: "2.0",
        id: 1,
        method: "subscriptions/listen",
        params: {
          notifications: { toolsListChanged: true },
          _meta: {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
          },
        },
      },
      headers: {
        accept: "application/json, text/event-stream",
        "mcp-method": "subscriptions/listen",
        "mcp-protocol-version": "2026-07-28",
      },
    });
    expect(body.error.message).to.equal("Subscription limit reached");
  });

  it("sees schemas that stand by themselves and are the routes' own", async () => {
    const client = await connect(campaign.key);
    const { tools } = await client.listTools();
    const report = tools.find(({ name }) => name === "report_conversion");
    expect(report?.inputSchema.required).to.include("orderId");
    for (const { name, inputSchema } of tools) {
      const text = JSON.stringify(inputSchema);
      expect(text, name).not.to.contain("#/components");
      for (const [, definition = ""] of text.matchAll(/"#\/\$defs\/([^"]+)"/g))
        expect(inputSchema.$defs, name).to.have.property(definition);
    }
  });

  it("counts against the limits of the address that it comes from", async () => {
    const narrow = await openRelayer({ config: { RATE_ADDRESS: 1 } });
    try {
      const ask = () =>
        narrow.call("POST", "/mcp", {
          json: { jsonrpc: "2.0", id: 1, method: "tools/list" },
          headers: { accept: "application/json, text/event-stream" },
        });
      const answers = [];
      for (let i = 0; i < 60 && answers.at(-1) !== 429; i++) answers.push((await ask()).status);
      expect(answers[0]).to.equal(200);
      expect(answers.at(-1)).to.equal(429);
    } finally {
      await narrow.close();
    }
  });

  it("reads in /llms.txt what is here, and every tool", async () => {
    const { body, headers } = await relayer.call("GET", "/llms.txt");
    expect(headers.get("content-type")).to.match(/^text\/plain/);
    expect(body).to.match(/^# Partner Programs\n\n> /);
    for (const name of [...ANYBODY, "report_conversion", "list_earnings"]) expect(body).to.contain(`\`${name}\`:`);
    const links = [...(body as string).matchAll(/\]\((http[^)]+)\)/g)].map(([, link = ""]) => new URL(link).pathname);
    expect(links).to.have.length.above(3);
    for (const path of links.filter((one) => one !== "/mcp"))
      expect((await relayer.call("GET", path)).status, path).to.equal(200);
  });
});
