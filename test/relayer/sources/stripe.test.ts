import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import { pino } from "pino";
import { createStripeAccount, type StripeEvent, signStripe, type Visitor } from "#harness/played/stripeAccount.ts";
import { openStripeServer } from "#harness/played/stripeServer.ts";
import { type LocalRelayer, openRelayer, SECRET } from "#harness/relayer.ts";
import { createFailures } from "#relayer/failures.ts";
import { applySources } from "#relayer/worker/sources.ts";
import { run } from "#scripts/connect.ts";
import { SEED } from "#test/support/fuzz.ts";

const WEBHOOK_SECRET = "whsec_0123456789abcdef0123456789abcdef";
const RUNS = Number(process.env.FUZZ_RUNS ?? 6);

const STRIPE = {
  currency: "usd",
  events: { checkout: "sale", subscription: "sale", renewal: "renewal", change: "renewal", trial: "trial" },
};
const DRAFT = {
  offers: [
    { event: "sale", kind: 0, flatAmount: 1_000_000n, rateBps: 1_000 },
    { event: "renewal", kind: 0, rateBps: 1_000 },
    { event: "trial", kind: 0, flatAmount: 500_000n },
  ],
  events: ["sale", "renewal", "trial"].map((name) => ({ name, title: "", perCustomer: null })),
  sources: { stripe: STRIPE },
};

/** A relayer with Stripe connected, told by the events of a played account. */
async function openShop(market: LocalRelayer, draft: object = DRAFT, connection: object = {}) {
  const campaign = await market.openCampaign({ ...DRAFT, ...draft });
  const path = `/v1/campaigns/${campaign.campaignId}/sources/stripe`;
  const manage = (method: string, more = "", json?: unknown) =>
    market.call(method, `${path}${more}`, { token: campaign.brandToken, json });
  const connected = await manage("PUT", "", { webhookSecrets: [WEBHOOK_SECRET], ...connection });
  if (connected.status !== 200) throw new Error(JSON.stringify(connected.body));

  const failures = createFailures(pino({ level: "silent" }));
  const { database, intake } = market;
  const send = (
    event: unknown,
    { secret = WEBHOOK_SECRET, at = Math.floor(Date.now() / 1000), text = JSON.stringify(event) } = {},
  ) =>
    market.call("POST", `/v1/sources/${campaign.campaignId}/stripe`, {
      body: text,
      headers: { "content-type": "application/json", "stripe-signature": signStripe(text, secret, at) },
    });

  return {
    campaign,
    connected: connected.body,
    manage,
    send,
    apply: (config: object = {}) =>
      applySources({ database, intake, failures, config: { RELAYER_SECRET: SECRET, ...config } }),
    async tell(events: readonly StripeEvent[]) {
      for (const event of events) expect((await send(event)).status).to.equal(200);
      await this.apply();
    },
    events: async (query = "") => (await manage("GET", `/events${query}`)).body.items as Record<string, string>[],
    async conversions() {
      const { body } = await market.call("GET", "/v1/conversions?limit=200", { token: campaign.key });
      return body.items as Record<string, string>[];
    },
    async conversion(orderId: string) {
      return (await this.conversions()).find((one) => one.orderId === orderId) as Record<string, string>;
    },
  };
}

describe("Stripe as a source", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  it("reports a paid checkout for whom its token brought, without its taxes, and takes back what is refunded", async () => {
    const shop = await openShop(market);
    const ada = await shop.campaign.join();
    const account = createStripeAccount();
    const bought = account.buy({ amount: 5_950, tax: 950 }, { reference: ada.click() });
    await shop.tell(account.events);
    expect(await shop.conversion(bought.id)).to.include({
      state: "accepted",
      event: "sale",
      partner: ada.wallet,
      volumeBaseUnits: "50000000",
      commission: "6000000",
    });
    account.refund(bought, 1_190);
    await shop.tell(account.events.slice(1));
    expect(await shop.conversion(bought.id)).to.include({
      state: "accepted",
      refunded: "10000000",
      commission: "5000000",
    });
    account.refund(bought, 4_760);
    await shop.tell(account.events.slice(3));
    expect(await shop.conversion(bought.id)).to.include({ state: "reversed", commission: "0" });
  });

  it("pays a subscription's renewals and changes to whom its checkout brought, and a trial at 0", async () => {
    const shop = await openShop(market);
    const ada = await shop.campaign.join();
    const account = createStripeAccount();
    const { subscription, invoice } = account.subscribe(
      { amount: 0 },
      { metadata: { partner_code: ada.code.toUpperCase() } },
    );
    const renewal = account.renew(subscription, { amount: 2_000 });
    const change = account.change(subscription, { amount: 700 });
    account.dispute(change, "lost");
    account.dispute(renewal, "won");
    await shop.tell(account.events);
    expect(await shop.conversion(invoice.id)).to.include({ event: "trial", partner: ada.wallet, commission: "500000" });
    expect(await shop.conversion(renewal.id)).to.include({
      event: "renewal",
      partner: ada.wallet,
      commission: "2000000",
    });
    expect(await shop.conversion(change.id)).to.include({ event: "renewal", state: "reversed" });
  });

  it("binds who subscribes where its first invoice counts as nothing", async () => {
    const shop = await openShop(market, {
      sources: { stripe: { ...STRIPE, events: { renewal: "renewal" } } },
    });
    const ada = await shop.campaign.join();
    const account = createStripeAccount();
    const { subscription } = account.subscribe({ amount: 1_000 }, { reference: `code_${ada.code}` });
    await shop.tell(account.events);
    expect(await shop.conversions()).to.deep.equal([]);
    const renewal = account.renew(subscription, { amount: 2_000 });
    await shop.tell(account.events.slice(-2));
    expect(await shop.conversion(renewal.id)).to.include({ state: "accepted", partner: ada.wallet });
  });

  it("keeps what it refuses, with the reason, and applies it again once that is mended", async () => {
    const shop = await openShop(market, { sources: undefined });
    const ada = await shop.campaign.join();
    const account = createStripeAccount();
    const bought = account.buy({ amount: 1_000 }, { reference: ada.click() });
    await shop.tell(account.events);
    const [event] = await shop.events();
    expect(event).to.include({ state: "refused", type: "checkout.session.completed", objectId: bought.id });
    expect(event?.note).to.include("`sources.stripe`");
    await market.database.query("DELETE FROM announced_descriptions WHERE campaign_id = $1", [
      shop.campaign.campaignId,
    ]);
    await market.describe(shop.campaign.campaignId, { events: DRAFT.events, sources: DRAFT.sources });
    expect((await shop.manage("POST", `/events/${event?.id}/retries`)).body.state).to.equal("waiting");
    await shop.apply();
    expect(await shop.conversion(bought.id)).to.include({ state: "accepted" });
    expect(await shop.events("?state=refused")).to.deep.equal([]);
    expect((await shop.manage("POST", `/events/${event?.id}/retries`)).status).to.equal(409);
  });

  it("refuses a currency that the campaign does not count, and binds the customer all the same", async () => {
    const shop = await openShop(market);
    const ada = await shop.campaign.join();
    const account = createStripeAccount();
    account.buy({ amount: 1_000, currency: "eur" }, { reference: ada.click() });
    await shop.tell(account.events);
    const [event] = await shop.events();
    expect(event?.note).to.include("was paid in EUR, and the campaign counts USD");
    expect(event?.state).to.equal("refused");
    expect(event?.note).to.include(`bound to ${ada.wallet}`);
    expect(await shop.conversions()).to.deep.equal([]);
  });

  it("takes yen and dinars as Stripe counts them", async () => {
    for (const [currency, amount, volume] of [
      ["jpy", 5_000, "5000000000"],
      ["kwd", 12_340, "12340000"],
      ["isk", 500, "5000000"],
    ] as const) {
      const shop = await openShop(market, { sources: { stripe: { ...STRIPE, currency } } });
      const ada = await shop.campaign.join();
      const account = createStripeAccount();
      const bought = account.buy({ amount, currency }, { reference: ada.click() });
      await shop.tell(account.events);
      expect(await shop.conversion(bought.id), currency).to.include({ volumeBaseUnits: volume });
    }
  });

  it("believes nobody without a secret, an old signature or another body, and keeps an event once", async () => {
    const shop = await openShop(market);
    const account = createStripeAccount();
    account.buy({ amount: 1_000 });
    const [event] = account.events;
    expect((await shop.send(event, { secret: "whsec_ffffffffffffffffffffffffffffffff" })).status).to.equal(400);
    expect((await shop.send(event, { at: Math.floor(Date.now() / 1000) - 301 })).status).to.equal(400);
    const path = `/v1/sources/${shop.campaign.campaignId}/stripe`;
    const headers = { "content-type": "application/json", "stripe-signature": signStripe("{}", WEBHOOK_SECRET) };
    expect((await market.call("POST", path, { body: JSON.stringify(event), headers })).status).to.equal(400);
    expect(await shop.events()).to.deep.equal([]);
    expect((await shop.send(event)).body).to.deep.equal({ received: true, again: false });
    expect((await shop.send(event)).body).to.deep.equal({ received: true, again: true });
    expect(await shop.events()).to.have.length(1);
  });

  it("takes either secret while one is rolled, and none once it is disconnected", async () => {
    const shop = await openShop(market);
    const next = "whsec_fedcba9876543210fedcba9876543210";
    await shop.manage("PUT", "", { webhookSecrets: [WEBHOOK_SECRET, next], restrictedKey: "rk_live_0123456789" });
    const { body } = await shop.manage("GET");
    expect(body).to.include({ restrictedKey: "6789", testMode: false });
    expect(body.webhookSecrets).to.deep.equal(["cdef", "3210"]);
    const kept = JSON.stringify(await market.database.query("SELECT * FROM sources"), (_, value) => String(value));
    expect(kept).not.to.include(next).and.not.to.include("rk_live");
    const account = createStripeAccount();
    account.buy({ amount: 1_000 });
    account.buy({ amount: 1_000 });
    expect((await shop.send(account.events[0], { secret: next })).status).to.equal(200);
    expect((await shop.send(account.events[1])).status).to.equal(200);
    expect((await shop.manage("DELETE")).status).to.equal(204);
    expect((await shop.send(account.events[0])).status).to.equal(404);
    expect((await shop.manage("GET")).status).to.equal(404);
  });

  it("shows a test event, and counts nothing of the mode that the campaign does not count", async () => {
    const shop = await openShop(market);
    const account = createStripeAccount({ livemode: false });
    account.buy({ amount: 1_000 });
    account.emit("customer.created", { id: "cus_1", object: "customer" });
    await shop.tell(account.events);
    const seen = await shop.events("?sort=oldest");
    expect(seen.map(({ type, state }) => [type, state])).to.deep.equal([
      ["checkout.session.completed", "ignored"],
      ["customer.created", "ignored"],
    ]);
    expect(seen[0]?.note).to.include("test mode");
  });

  it("asks Stripe for what a thin event only names, once it has a key and Stripe answers", async () => {
    const shop = await openShop(market);
    const ada = await shop.campaign.join();
    const account = createStripeAccount();
    const stripe = await openStripeServer(account, "rk_live_0123456789");
    const api = { STRIPE_API_URL: stripe.url };
    const bought = account.buy({ amount: 1_000 }, { reference: ada.click() });
    const related_object = { id: bought.id, type: "checkout.session", url: `/v1/checkout/sessions/${bought.id}` };
    await shop.send({
      id: "evt_thin",
      object: "v2.core.event",
      type: "v1.checkout.session.completed",
      livemode: true,
      related_object,
    });
    await shop.apply(api);
    const [without] = await shop.events();
    expect(without).to.include({ state: "waiting" });
    expect(without?.note).to.include("no key to read it with");
    await shop.manage("PUT", "", { webhookSecrets: [WEBHOOK_SECRET], restrictedKey: "rk_live_0123456789" });
    stripe.status = 503;
    await shop.apply(api);
    expect((await shop.events())[0]).to.include({ state: "waiting", note: "Stripe answered 503." });
    stripe.status = 200;
    await shop.manage("POST", `/events/${without?.id}/retries`);
    await shop.apply(api);
    expect(await shop.conversion(bought.id)).to.include({ state: "accepted", partner: ada.wallet });
    await stripe.close();
  });

  it("goes on after a crash between what was reported and what was noted of it", async () => {
    const shop = await openShop(market);
    const ada = await shop.campaign.join();
    const account = createStripeAccount();
    const bought = account.buy({ amount: 5_000 }, { reference: ada.click() });
    account.refund(bought, 1_000);
    await shop.tell(account.events);
    const before = await shop.conversion(bought.id);
    // As if the process had ended before it could say that the events are done.
    await market.database.query("UPDATE source_orders SET accepted = false WHERE order_id = $1", [bought.id]);
    for (const event of account.events) await shop.send({ ...event, id: `${event.id}_again` });
    await shop.apply();
    expect(await shop.conversion(bought.id)).to.deep.equal(before);
    expect(before).to.include({ refunded: "10000000", commission: "5000000" });
  });

  it("is connected from the command line, which waits for the first event", async () => {
    const shop = await openShop(market);
    const account = createStripeAccount();
    account.buy({ amount: 1_000 });
    await shop.tell(account.events);
    account.buy({ amount: 1_000 });
    const said: string[] = [];
    const relayed = async (input: RequestInfo | URL, init?: RequestInit) => {
      const { pathname, search } = new URL(String(input));
      return market.app.request(pathname + search, {
        ...init,
        headers: { ...init?.headers, authorization: `Bearer ${shop.campaign.brandToken}` },
      });
    };
    await run(["stripe", "--relayer", "http://relayer.example", "--campaign", shop.campaign.campaignId], {
      say(line) {
        said.push(line);
        if (line.startsWith("Waiting")) void shop.tell(account.events.slice(1));
      },
      ask: async () => WEBHOOK_SECRET,
      env: { RELAYER_API_KEY: "sk_of_the_brand" },
      fetch: relayed as typeof fetch,
    });
    expect(said[0]).to.include(`/v1/sources/${shop.campaign.campaignId}/stripe`);
    expect(said[1]).to.include("invoice_payment.paid");
    expect(said.at(-1)).to.match(/^Seen: checkout.session.completed, .* Stripe is connected\.$/);
  });

  it("is connected by nobody where nobody answers: neither at the terminal nor at the address", async () => {
    const args = (relayer: string) => ["stripe", "--relayer", relayer, "--campaign", "0x1"];
    const command = new URL("../../../scripts/connect.ts", import.meta.url).pathname;
    const { status, stderr } = spawnSync(process.execPath, [command, ...args("http://relayer.example")], {
      env: { RELAYER_API_KEY: "sk_of_the_brand" },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
    });
    expect(stderr).to.include("STRIPE_WEBHOOK_SECRET");
    expect(status).to.equal(1);

    const page = createServer((_, response) => response.end("<html>")).listen(0, "127.0.0.1");
    await once(page, "listening");
    const address = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const connect = () =>
      run(args(address), {
        say() {},
        ask: async () => WEBHOOK_SECRET,
        env: { RELAYER_API_KEY: "sk_of_the_brand" },
        fetch,
      }).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await connect()).to.equal(`What is at --relayer ${address} answers 200, and not as a relayer.`);
    page.closeAllConnections();
    page.close();
    await once(page, "close");
    expect(await connect()).to.include(`Nothing answers at --relayer ${address}: connect ECONNREFUSED`);
  });

  it(`ends in the same conversions and money in any order of its events, repeated, lost and late (FUZZ_SEED=${SEED})`, async () => {
    const purchase = fc.record({
      subscription: fc.boolean(),
      trial: fc.boolean(),
      cents: fc.integer({ min: 100, max: 100_000 }),
      taxPercent: fc.integer({ min: 0, max: 25 }),
      renewals: fc.array(fc.integer({ min: 100, max: 50_000 }), { maxLength: 2 }),
      backPercents: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 }),
      rest: fc.constantFrom("none", "refund", "lost", "won"),
    });
    const shop = await openShop(market, { budget: 10n ** 15n });
    const ada = await shop.campaign.join();
    const bob = await shop.campaign.join();
    await fc.assert(
      fc.asyncProperty(
        fc.array(purchase, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
        async (purchases, dice) => {
          const account = createStripeAccount();
          const expected = new Map<string, object>();
          for (const [i, one] of purchases.entries()) {
            const partner = i % 2 === 0 ? ada : bob;
            const visitor: Visitor = { reference: i === 2 ? `code_${partner.code}` : partner.click() };
            const tax = Math.floor((one.cents * one.taxPercent) / 100);
            const gross = one.cents + tax;
            const orders = [];
            if (one.subscription) {
              const price = one.trial ? { amount: 0 } : { amount: gross, tax };
              const { subscription, invoice } = account.subscribe(price, visitor);
              if (one.trial)
                expected.set(invoice.id, { state: "accepted", partner: partner.wallet, commission: "500000" });
              else orders.push({ order: invoice, event: "sale", gross, net: one.cents });
              for (const cents of one.renewals)
                orders.push({
                  order: account.renew(subscription, { amount: cents }),
                  event: "renewal",
                  gross: cents,
                  net: cents,
                });
            } else
              orders.push({
                order: account.buy({ amount: gross, tax }, visitor),
                event: "sale",
                gross,
                net: one.cents,
              });

            for (const { order, event, gross, net } of orders) {
              let back = 0;
              for (const percent of one.backPercents) {
                const part = Math.floor((gross * percent) / 100);
                if (part === 0) continue;
                account.refund(order, part);
                back += part;
              }
              if (one.rest === "refund") account.refund(order, gross - back);
              if (one.rest === "lost" || one.rest === "won") account.dispute(order, one.rest, gross - back);
              const whole = one.rest === "refund" || one.rest === "lost";
              // By hand: the volume is net, and of it the refunds' share is taken back, in whole cents.
              const left = whole ? 0 : net - Math.floor((back * net) / gross);
              const flat = event === "sale" && !whole ? 1_000_000 : 0;
              expected.set(order.id, {
                state: whole ? "reversed" : "accepted",
                partner: partner.wallet,
                commission: String(flat + left * 1_000),
              });
            }
          }
          const roll = (most: number) => Math.floor((dice.next().value as number) * most);
          // Each at least once; some twice, and some only after all the others, as Stripe sends what was not answered.
          // A refund is told in two ways, and a brand may have chosen either.
          const chosen = [/./, /^(?!refund\.)/, /^(?!charge\.refunded)/][roll(3)] as RegExp;
          const events = account.events.filter(({ type }) => chosen.test(type));
          const waiting = events.flatMap((event) => (roll(3) === 0 ? [event, event] : [event]));
          while (waiting.length > 0) {
            const [event] = waiting.splice(roll(waiting.length), 1);
            await shop.send(event);
            if (roll(3) === 0) await shop.apply();
          }
          await shop.apply();
          const seen = new Map<string, object>();
          for (const { orderId = "", state, partner, commission } of await shop.conversions())
            if (expected.has(orderId)) seen.set(orderId, { state, partner, commission });
          expect(new Map([...seen].sort())).to.deep.equal(new Map([...expected].sort()));
          expect(await shop.events("?state=refused")).to.deep.equal([]);
          expect(await shop.events("?state=waiting")).to.deep.equal([]);
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
