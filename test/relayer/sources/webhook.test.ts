import { createHmac } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { pino } from "pino";
import { type LocalRelayer, openRelayer, SECRET } from "#harness/relayer.ts";
import { createFailures } from "#relayer/failures.ts";
import { applySources } from "#relayer/worker/sources.ts";
import { isSignedBy } from "#sources/webhook/events.ts";
import { SEED } from "#test/support/fuzz.ts";

const WEBHOOK_SECRET = "0123456789abcdef0123456789abcdef";
const RUNS = Number(process.env.FUZZ_RUNS ?? 6);

/** Segment's webhooks, as segment.com/docs/connections/destinations/catalog/webhooks signs them, of its spec for orders. */
const SEGMENT = {
  signature: { header: "x-signature", algorithm: "sha1", encoding: "hex" },
  rules: [
    {
      event: "sale",
      when: { "$.event": ["Order Completed", "Order Paid"], "$.properties.currency": "USD" },
      orderId: "$.properties.order_id",
      volume: "$.properties.revenue",
      at: "$.timestamp",
      customerId: "$.userId",
      referralToken: "$.context.page.url",
      code: "$.properties.coupon",
      attributes: { plan: "$.properties.products[0].name" },
    },
    {
      refundOf: "$.properties.order_id",
      when: { "$.event": "Order Refunded" },
      refundId: "$.messageId",
      volume: "$.properties.total",
    },
  ],
} as const;

describe("webhooks of any sender as sources", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  async function openSender(webhook: object = SEGMENT) {
    const campaign = await market.openCampaign({
      events: [
        { name: "sale", title: "", perCustomer: null, attributes: { plan: { type: "text", oneOf: ["Team", "Solo"] } } },
      ],
      offers: [
        { event: "sale", kind: 0, rateBps: 1_000 },
        { event: "sale", kind: 0, rateBps: 2_000 },
      ],
      conditions: [{ offers: [2], attributes: { plan: { oneOf: ["team"] } } }],
      sources: { webhook } as never,
    });
    const path = `/v1/campaigns/${campaign.campaignId}/sources/webhook`;
    const manage = (method: string, more = "", json?: unknown) =>
      market.call(method, `${path}${more}`, { token: campaign.brandToken, json });
    const connected = await manage("PUT", "", { webhookSecrets: [WEBHOOK_SECRET] });
    expect(connected.status, connected.body.detail).to.equal(200);
    const failures = createFailures(pino({ level: "silent" }));
    const { database, intake } = market;
    const send = (body: object, { secret = WEBHOOK_SECRET, text = JSON.stringify(body) } = {}) =>
      market.call("POST", `/v1/sources/${campaign.campaignId}/webhook`, {
        body: text,
        headers: {
          "content-type": "application/json",
          "x-signature": createHmac("sha1", secret).update(JSON.stringify(body)).digest("hex"),
        },
      });
    return {
      campaign,
      manage,
      send,
      async tell(...bodies: object[]) {
        for (const body of bodies) expect((await send(body)).status).to.equal(200);
        await applySources({ database, intake, failures, config: { RELAYER_SECRET: SECRET } });
      },
      events: async () => (await manage("GET", "/events")).body.items as Record<string, string>[],
      async conversions() {
        const { body } = await market.call("GET", "/v1/conversions?limit=200", { token: campaign.key });
        return body.items as Record<string, string>[];
      },
    };
  }

  const completed = (order: string, properties: object = {}, more: object = {}) => ({
    type: "track",
    event: "Order Completed",
    messageId: `m-${order}`,
    userId: "u-1",
    timestamp: "2026-11-01T10:00:00.000Z",
    properties: { order_id: order, revenue: 49.9, currency: "USD", products: [{ name: "Solo" }], ...properties },
    ...more,
  });
  const refunded = (order: string, total: number | string, id: string) => ({
    type: "track",
    event: "Order Refunded",
    messageId: id,
    properties: { order_id: order, total },
  });

  it("are read by the paths that the description names: a sale for who brought it, by its plan's offer, and what goes back", async () => {
    const sender = await openSender();
    const ada = await sender.campaign.join();
    const url = `https://shop.example/thanks?a=1&_ushrt=${encodeURIComponent(ada.click())}`;
    await sender.tell(completed("1", { products: [{ name: "team" }] }, { context: { page: { url } } }), {
      event: "Page",
    });
    const [sale] = await sender.conversions();
    expect(sale).to.include({ orderId: "1", event: "sale", state: "accepted", partner: ada.wallet });
    expect(sale?.commission, "a fifth, as the offer for teams pays").to.equal("9980000");
    expect(sale?.occurredAt).to.equal("2026-11-01T10:00:00.000Z");
    expect((await sender.events()).map(({ state, type }) => `${type} ${state}`)).to.have.members([
      "track applied",
      "Page ignored",
    ]);
    await sender.tell(refunded("1", "9.90", "r-1"), refunded("1", "9.90", "r-1"), refunded("1", 10, "r-2"));
    expect((await sender.conversions())[0]).to.include({ state: "accepted", commission: "6000000" });
    await sender.tell(refunded("1", 30, "r-3"));
    expect((await sender.conversions())[0]).to.include({ state: "reversed" });
  });

  it("end alike in whatever order they come, however often", async () => {
    const before = { timestamp: "2026-11-01T09:00:00.000Z" };
    const bodies = [
      completed("7", { coupon: "ADA-10" }),
      // Of the same sales, of an hour before: more was sold then, or less, or nothing at all.
      completed("7", { coupon: "ADA-10", revenue: 80 }, before),
      completed("9", { coupon: "ADA-10" }),
      completed("9", { coupon: "ADA-10", revenue: 20 }, before),
      refunded("9", 30, "r-9"),
      completed("10", { coupon: "ADA-10" }),
      completed("10", { coupon: "ADA-10", revenue: 0 }, before),
      completed("11", { coupon: "ADA-10", revenue: 80 }, before),
      completed("11", { coupon: "ADA-10" }),
      refunded("11", 60, "r-11"),
      refunded("7", 10, "constructor"),
      refunded("7", "5.5", "__proto__"),
      completed("8", { coupon: "ADA-10" }),
      refunded("8", 49.9, "r-3"),
    ];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...bodies, ...bodies], { minLength: 2 * bodies.length }), async (told) => {
        const sender = await openSender();
        const ada = await sender.campaign.join();
        await market.call("POST", `/v1/campaigns/${sender.campaign.campaignId}/codes`, {
          token: ada.token,
          json: { code: "ADA-10" },
        });
        for (const body of told) await sender.tell(body);
        // What was taken back whole and what never counted pay alike: nothing.
        const paid = (await sender.conversions()).filter(({ commission }) => commission !== "0");
        expect(paid.map(({ orderId, state, commission }) => ({ orderId, state, commission }))).to.have.deep.members([
          { orderId: "7", state: "accepted", commission: "3440000" },
        ]);
        expect((await sender.events()).filter(({ state }) => state === "refused")).to.deep.equal([]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it("are believed for their signature alone, and refused with the path where something else stands", async () => {
    const sender = await openSender();
    expect((await sender.send(completed("1"), { secret: "another secret of 16" })).status).to.equal(400);
    expect((await sender.send(completed("1"), { text: JSON.stringify(completed("2")) })).status).to.equal(400);
    for (const stars of ["whsec_****************", "whsec_c2hvcnQ=", "short"])
      expect((await sender.manage("PUT", "", { webhookSecrets: [stars] })).status, stars).to.equal(400);
    const nobody = await market.openCampaign({});
    const lost = await market.call("POST", `/v1/sources/${nobody.campaignId}/webhook`, { json: {} });
    expect(lost.status).to.equal(404);
    await sender.tell(completed("3", { revenue: "49,90" }), completed("", {}), refunded("9", 1, "r"));
    const notes = (await sender.events()).map(({ state, note }) => `${state}: ${note}`);
    expect(notes).to.have.members([
      "refused: At $.properties.revenue there is no amount such as 59.50, with 6 decimals at most.",
      "refused: At $.properties.order_id there is no id of 1 to 200 characters.",
      "noted: The sale of 9 is not known yet: it counts once it is.",
    ]);
    expect(await sender.conversions()).to.deep.equal([]);
  });

  it("are signed as Segment, GitHub and Standard Webhooks do", () => {
    const hmac = (algorithm: string, key: string | Buffer, text: string) => createHmac(algorithm, key).update(text);
    const now = 1_700_000_000_000;
    const standard = (time: number) => ({
      "webhook-id": "msg_1",
      "webhook-timestamp": String(time),
      "webhook-signature": `v1,AAAA v1,${hmac("sha256", Buffer.from("a key of sixteen"), `msg_1.${time}.{}`).digest("base64")}`,
    });
    const whsec = `whsec_${Buffer.from("a key of sixteen").toString("base64")}`;
    const github = { header: "x-hub-signature-256", algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
    const signedBy = (signature: Parameters<typeof isSignedBy>[0], headers: Record<string, string>, secret: string) =>
      isSignedBy(signature, "{}", (name) => headers[name], ["another", secret], now);
    const hub = `sha256=${hmac("sha256", WEBHOOK_SECRET, "{}").digest("hex")}`;
    expect(signedBy(github, { "x-hub-signature-256": hub }, WEBHOOK_SECRET)).to.equal(true);
    expect(signedBy(github, { "x-hub-signature-256": hub.slice(7) }, WEBHOOK_SECRET)).to.equal(false);
    expect(signedBy(github, {}, WEBHOOK_SECRET)).to.equal(false);
    expect(signedBy("standard-webhooks", standard(1_700_000_000), whsec)).to.equal(true);
    expect(signedBy("standard-webhooks", standard(1_699_999_699), whsec), "old").to.equal(false);
    expect(signedBy("standard-webhooks", { ...standard(1_700_000_000), "webhook-id": "msg_2" }, whsec)).to.equal(false);
    expect(signedBy("standard-webhooks", {}, whsec)).to.equal(false);
    // What was copied as stars decodes to nothing: by it anybody could sign.
    const empty = hmac("sha256", Buffer.alloc(0), "msg_1.1700000000.{}").digest("base64");
    const forged = { ...standard(1_700_000_000), "webhook-signature": `v1,${empty}` };
    expect(signedBy("standard-webhooks", forged, "whsec_****************")).to.equal(false);
  });

  it("are published with events that there are, and paths that lead to one value", async () => {
    const { readDescription } = await import("@partner-programs/protocol/description");
    const publish = (rule: object) =>
      readDescription(
        JSON.stringify({
          version: 1,
          name: "n",
          summary: "",
          destination: "https://b.example/",
          attribution: { touch: "last", windowSeconds: 60, bindingSeconds: 0 },
          events: [{ name: "sale", title: "", perCustomer: null }],
          sources: { webhook: { signature: "standard-webhooks", rules: [rule] } },
        }),
      );
    const rule = { event: "sale", orderId: "$.id", volume: "$.sum" };
    expect(publish(rule).description).to.not.equal(undefined);
    expect(JSON.stringify(publish({ ...rule, event: "sold" }))).to.include("which the description does not have");
    expect(JSON.stringify(publish({ ...rule, volume: "$..sum" }))).to.include("must be a path to one value");
    expect(publish({ ...rule, attributes: { Plan: "$.plan" } }).description).to.equal(undefined);
  });
});
