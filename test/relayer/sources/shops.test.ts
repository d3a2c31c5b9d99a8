import { expect } from "chai";
import fc from "fast-check";
import { pino } from "pino";
import { createShopAccount, type State, signShop } from "#harness/played/shopAccount.ts";
import { type LocalRelayer, openRelayer, SECRET } from "#harness/relayer.ts";
import { createFailures } from "#relayer/failures.ts";
import { applySources } from "#relayer/worker/sources.ts";
import { run } from "#scripts/connect.ts";
import { SHOP_NAMES, SHOPS, type ShopName } from "#sources/shops.ts";
import { SEED } from "#test/support/fuzz.ts";

const WEBHOOK_SECRET = "0123456789abcdef0123456789abcdef";
const RUNS = Number(process.env.FUZZ_RUNS ?? 6);
const MAPPING = { currency: "USD", events: { order: "sale", renewal: "renewal" } };

/** A relayer's campaign with a shop connected. */
async function openShop(market: LocalRelayer, name: ShopName, draft: object = {}, connection: object = {}) {
  const campaign = await market.openCampaign({
    offers: [
      { event: "sale", kind: 0, flatAmount: 1_000_000n, rateBps: 1_000 },
      { event: "renewal", kind: 0, rateBps: 1_000 },
    ],
    events: ["sale", "renewal"].map((event) => ({ name: event, title: "", perCustomer: null })),
    sources: { [name]: MAPPING },
    ...draft,
  });
  const { signature, topic } = SHOPS[name];
  const path = `/v1/campaigns/${campaign.campaignId}/sources/${name}`;
  const manage = (method: string, more = "", json?: unknown) =>
    market.call(method, `${path}${more}`, { token: campaign.brandToken, json });
  const connected = await manage("PUT", "", { webhookSecrets: [WEBHOOK_SECRET], ...connection });
  if (connected.status !== 200) throw new Error(JSON.stringify(connected.body));

  const failures = createFailures(pino({ level: "silent" }));
  const { database, intake } = market;
  return {
    campaign,
    connected: connected.body,
    manage,
    send: (state: State, { secret = WEBHOOK_SECRET, text = JSON.stringify(state.body), headers = {} } = {}) =>
      market.call("POST", `/v1/sources/${campaign.campaignId}/${name}`, {
        body: text,
        headers: {
          "content-type": "application/json",
          [signature]: signShop(JSON.stringify(state.body), secret),
          [topic]: state.topic,
          ...headers,
        },
      }),
    apply: () => applySources({ database, intake, failures, config: { RELAYER_SECRET: SECRET } }),
    async tell(states: readonly State[]) {
      for (const state of states) expect((await this.send(state)).status).to.equal(200);
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
    grant: (partner: string, code: string) =>
      market.call("POST", `/v1/campaigns/${campaign.campaignId}/code-grants`, {
        token: campaign.brandToken,
        json: { codes: [{ partner, code }] },
      }),
  };
}

describe("shops as sources", function () {
  this.timeout(240_000);
  let market: LocalRelayer;
  before(async () => {
    market = await openRelayer();
  });
  after(() => market?.close());

  for (const name of SHOP_NAMES)
    describe(SHOPS[name].title, () => {
      it("reports a paid order for whom the address brought at which its customer arrived, and takes back what is refunded", async () => {
        const shop = await openShop(market, name);
        const ada = await shop.campaign.join();
        const account = createShopAccount(name);
        // 69.50 in all, of which shipping and taxes are no volume.
        const order = account.buy(
          { goods: 5_000, tax: 950, shipping: 840, shippingTax: 160 },
          { arrivedAt: `/shoes?size=41&_ushrt=${encodeURIComponent(ada.click())}` },
        );
        await shop.tell(account.states);
        const id = account.idOf(order);
        expect(await shop.conversion(id)).to.include({
          state: "accepted",
          event: "sale",
          partner: ada.wallet,
          volumeBaseUnits: "50000000",
          commission: "6000000",
        });
        account.refund(order, 1_390);
        await shop.tell(account.states);
        expect(await shop.conversion(id)).to.include({
          state: "accepted",
          refunded: "10000000",
          commission: "5000000",
        });
        account.cancel(order);
        await shop.tell(account.states);
        expect(await shop.conversion(id)).to.include({ state: "reversed", commission: "0" });
      });

      it("counts taxes and shipping where the description says so", async () => {
        const cart = { goods: 5_000, tax: 950, shipping: 840, shippingTax: 160 };
        for (const [taxes, shipping, volume] of [
          ["included", "included", "69500000"],
          ["excluded", "included", "58400000"],
          ["included", "excluded", "59500000"],
        ] as const) {
          const shop = await openShop(market, name, { sources: { [name]: { ...MAPPING, taxes, shipping } } });
          const ada = await shop.campaign.join();
          const account = createShopAccount(name);
          const order = account.buy(cart, { notes: { _ushrt: ada.click() } });
          await shop.tell(account.states);
          expect(await shop.conversion(account.idOf(order)), `${taxes} ${shipping}`).to.include({
            volumeBaseUnits: volume,
          });
        }
      });

      it("pays whose discount code it is, also of a guest, and says nothing of the shop's own codes", async () => {
        const shop = await openShop(market, name);
        const [ada, bob] = [await shop.campaign.join(), await shop.campaign.join()];
        expect((await shop.grant(ada.wallet, "SPRING-24")).status).to.equal(201);
        const account = createShopAccount(name);
        const guest = account.buy({ goods: 1_000 }, { customer: null, codes: ["FREESHIPPING", "spr1ng 24"] });
        // Which counts where they disagree is for the description to say; without a word the code.
        const both = account.buy({ goods: 1_000 }, { codes: ["spring24"], notes: { _ushrt: bob.click() } });
        const own = account.buy({ goods: 1_000 }, { codes: ["FREESHIPPING"], notes: { _ushrt: bob.click() } });
        const nobody = account.buy({ goods: 1_000 }, { codes: ["FREESHIPPING"] });
        await shop.tell(account.states);
        expect(await shop.conversion(account.idOf(guest))).to.include({ partner: ada.wallet, code: "SPRING-24" });
        expect(await shop.conversion(account.idOf(both))).to.include({ partner: ada.wallet });
        expect(await shop.conversion(account.idOf(own))).to.include({ partner: bob.wallet });
        expect(await shop.conversion(account.idOf(nobody))).to.include({ state: "rejected" });

        const clicks = await openShop(market, name, { attribution: { codeOrClick: "click" } });
        const [eve, fred] = [await clicks.campaign.join(), await clicks.campaign.join()];
        await clicks.grant(eve.wallet, "SPRING-24");
        const other = account.buy({ goods: 1_000 }, { codes: ["spring24"], notes: { _ushrt: fred.click() } });
        await clicks.tell(account.states.slice(-1));
        expect(await clicks.conversion(account.idOf(other))).to.include({ partner: fred.wallet });
      });

      it("passes over a code that is retired: another on the order counts, or the click, or whoever brought its customer before", async () => {
        const shop = await openShop(market, name);
        const [ada, bob] = [await shop.campaign.join(), await shop.campaign.join()];
        for (const [partner, code] of [
          [ada.wallet, "OLD-ONE"],
          [bob.wallet, "SPRING-24"],
        ] as const)
          expect((await shop.grant(partner, code)).status).to.equal(201);
        const retired = await market.call("PATCH", `/v1/campaigns/${shop.campaign.campaignId}/codes/OLD-ONE`, {
          token: shop.campaign.brandToken,
          json: { retired: true },
        });
        expect(retired.status).to.equal(200);
        const account = createShopAccount(name);
        const alone = account.buy({ goods: 1_000 }, { customer: null, codes: ["OLDONE"] });
        await shop.tell(account.states);
        expect(await shop.conversion(account.idOf(alone))).to.include({ state: "rejected", reason: "retired_code" });
        const both = account.buy({ goods: 1_000 }, { customer: null, codes: ["OLDONE", "SPRING24"] });
        const link = account.buy(
          { goods: 1_000 },
          { customer: null, codes: ["OLDONE"], notes: { partner_code: bob.code } },
        );
        const click = account.buy({ goods: 1_000 }, { customer: 5, codes: ["OLDONE"], notes: { _ushrt: bob.click() } });
        const bound = account.buy({ goods: 1_000 }, { customer: 5, codes: ["OLDONE"] });
        await shop.tell(account.states);
        for (const order of [both, link, click, bound])
          expect(await shop.conversion(account.idOf(order))).to.include({ state: "accepted", partner: bob.wallet });
      });

      it("pays nothing more for an edit to more, and gives nothing again, whichever state it hears of first", async () => {
        const shop = await openShop(market, name);
        const ada = await shop.campaign.join();
        const account = createShopAccount(name);
        const raised = account.buy({ goods: 5_000 }, { notes: { _ushrt: ada.click() } });
        account.edit(raised, 8_000);
        const back = account.buy({ goods: 5_000 }, { notes: { _ushrt: ada.click() } });
        account.edit(back, 3_000);
        account.edit(back, 5_000);
        for (const state of account.states.toReversed()) await shop.tell([state]);
        expect(await shop.conversion(account.idOf(raised))).to.include({ state: "accepted", commission: "6000000" });
        expect(await shop.conversion(account.idOf(back))).to.include({ state: "accepted", commission: "4000000" });
      });

      it("pays a later period of a subscription to whom its first order bound the customer", async () => {
        const shop = await openShop(market, name);
        const ada = await shop.campaign.join();
        const account = createShopAccount(name);
        account.buy({ goods: 1_000 }, { customer: 77, notes: { partner_code: ada.code } });
        const renewal = account.buy({ goods: 2_000 }, { customer: 77, renewal: true });
        await shop.tell(account.states);
        expect(await shop.conversion(account.idOf(renewal))).to.include({
          event: "renewal",
          partner: ada.wallet,
          commission: "2000000",
        });
      });

      it("waits for an order's payment, and refuses another currency with the reason", async () => {
        const shop = await openShop(market, name);
        const ada = await shop.campaign.join();
        const account = createShopAccount(name);
        const order = account.buy({ goods: 1_000 }, { notes: { _ushrt: ada.click() } });
        const euros = account.buy({ goods: 1_000, currency: "EUR" }, { notes: { _ushrt: ada.click() } });
        const [paid] = account.states as [State, State];
        await shop.tell([
          { topic: "made", body: { ...paid.body, financial_status: "pending", date_paid_gmt: null } },
          account.states[1] as State,
        ]);
        const [refused, waits] = await shop.events();
        expect(waits).to.include({ state: "noted", orderId: account.idOf(order) });
        expect(refused).to.include({ state: "refused", orderId: account.idOf(euros) });
        expect(refused?.note).to.include("is in EUR, and the campaign counts USD");
        await shop.tell([paid]);
        expect(await shop.conversion(account.idOf(order))).to.include({ state: "accepted" });
      });

      it("believes nobody without a secret or with another body, keeps the same body once, and none once it is disconnected", async () => {
        const shop = await openShop(market, name);
        const next = "fedcba9876543210fedcba9876543210";
        const account = createShopAccount(name);
        account.buy({ goods: 1_000 });
        account.buy({ goods: 2_000 });
        const [one, two] = account.states as [State, State];
        expect((await shop.send(one, { secret: next })).status).to.equal(400);
        expect((await shop.send(one, { text: JSON.stringify(two.body) })).status).to.equal(400);
        expect((await shop.send(one, { headers: { [SHOPS[name].signature]: "" } })).status).to.equal(400);
        expect(await shop.events()).to.deep.equal([]);
        // Headers are not signed: what says to be another event is the same body still.
        expect((await shop.send(one)).body).to.deep.equal({ received: true, again: false });
        expect((await shop.send({ ...one, topic: "orders/other" })).body).to.deep.equal({
          received: true,
          again: true,
        });
        await shop.manage("PUT", "", { webhookSecrets: [WEBHOOK_SECRET, next] });
        expect((await shop.manage("GET")).body.webhookSecrets).to.deep.equal(["cdef", "3210"]);
        expect((await shop.send(two, { secret: next })).status).to.equal(200);
        const kept = JSON.stringify(await market.database.query("SELECT * FROM sources"), (_, value) => String(value));
        expect(kept).not.to.include(next);
        expect((await shop.manage("DELETE")).status).to.equal(204);
        expect((await shop.send(two)).status).to.equal(404);
        expect((await shop.manage("GET")).status).to.equal(404);
      });

      it("takes in what it cannot read, and shows why it is refused", async () => {
        const shop = await openShop(market, name);
        const account = createShopAccount(name);
        const order = account.buy({ goods: 1_000 });
        await shop.tell([
          { topic: "orders/paid", body: { ...order, total_price: "many", total: "many" } },
          { topic: "products/update", body: { id: 1, title: "Shoes" } },
        ]);
        const [product, odd] = await shop.events();
        expect(product).to.include({ state: "ignored", note: "Nothing counts of products/update: it is no order." });
        expect(odd?.state).to.equal("refused");
        expect(odd?.note).to.include(`not as ${SHOPS[name].title} documents it`).and.not.to.include("many");
        expect(await shop.conversions()).to.deep.equal([]);
      });

      it("is connected from the command line, which waits for the first event", async () => {
        const shop = await openShop(market, name);
        const account = createShopAccount(name);
        account.buy({ goods: 1_000 });
        const said: string[] = [];
        const relayed = async (input: RequestInfo | URL, init?: RequestInit) => {
          const { pathname, search } = new URL(String(input));
          return market.app.request(pathname + search, {
            ...init,
            headers: { ...init?.headers, authorization: `Bearer ${shop.campaign.brandToken}` },
          });
        };
        await run([name, "--relayer", "http://relayer.example", "--campaign", shop.campaign.campaignId], {
          say(line) {
            said.push(line);
            if (line.startsWith("Waiting")) void shop.tell(account.states);
          },
          ask: async () => WEBHOOK_SECRET,
          env: { RELAYER_API_KEY: "sk_of_the_brand" },
          fetch: relayed as typeof fetch,
        });
        expect(said[0]).to.include(`/v1/sources/${shop.campaign.campaignId}/${name}`);
        expect(said[1]).to.include(SHOPS[name].topics[0]);
        expect(said.at(-1)).to.match(new RegExp(`^Seen: .* ${SHOPS[name].title} is connected\\.$`));
      });

      it(`ends in the same conversions and money in any order of its states, repeated, lost and late (FUZZ_SEED=${SEED})`, async () => {
        const happening = fc.oneof(
          fc.record({ what: fc.constant("refund" as const), percent: fc.integer({ min: 1, max: 60 }) }),
          fc.record({ what: fc.constant("lower" as const), percent: fc.integer({ min: 1, max: 60 }) }),
          fc.record({ what: fc.constant("raise" as const), percent: fc.integer({ min: 1, max: 60 }) }),
          fc.record({ what: fc.constant("cancel" as const), percent: fc.constant(0) }),
        );
        const purchase = fc.record({
          goods: fc.integer({ min: 100, max: 100_000 }),
          taxPercent: fc.integer({ min: 0, max: 25 }),
          shipping: fc.integer({ min: 0, max: 2_000 }),
          happenings: fc.array(happening, { maxLength: 3 }),
        });
        const shop = await openShop(market, name, { budget: 10n ** 15n });
        const ada = await shop.campaign.join();
        await fc.assert(
          fc.asyncProperty(
            fc.array(purchase, { minLength: 1, maxLength: 3 }),
            fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
            async (purchases, dice) => {
              const roll = (most: number) => Math.floor((dice.next().value as number) * most);
              const account = createShopAccount(name);
              const told: State[] = [];
              const expected = new Map<string, object>();
              for (const { goods, taxPercent, shipping, happenings } of purchases) {
                const before = account.states.length;
                const tax = Math.floor((goods * taxPercent) / 100);
                const order = account.buy({ goods, tax, shipping }, { notes: { _ushrt: ada.click() } });
                // By hand: what is left of the goods after each of its states; the least of them counts.
                let [total, kept, volume] = [goods + tax + shipping, goods + tax + shipping, goods];
                let [left, back] = [goods, 0];
                for (const { what, percent } of happenings) {
                  const part = Math.floor((kept * percent) / 100);
                  if (kept === 0 || (part === 0 && what !== "cancel")) continue;
                  if (what === "refund") account.refund(order, part);
                  if (what === "cancel") account.cancel(order);
                  if (what === "lower" || what === "raise") {
                    // WooCommerce keeps the total of what is sold; Shopify that of what was, and beside it what is now.
                    const next = what === "raise" ? total + part : name === "shopify" ? kept - part : total - part;
                    account.edit(order, next);
                    if (name === "woocommerce")
                      volume =
                        next -
                        ["total_tax", "shipping_total"].reduce(
                          (sum, field) => sum + Math.round(Number(order[field]) * 100),
                          0,
                        );
                    else if (what === "raise") volume += part;
                    if (name === "shopify" && what === "lower") kept = next;
                    else [total, kept] = [next, name === "shopify" ? next - back : kept + next - total];
                  } else {
                    kept = what === "cancel" ? 0 : kept - part;
                    if (what === "refund") back += part;
                  }
                  left = Math.min(left, Math.floor((kept * volume) / total));
                }
                const states = account.states.slice(before);
                // Each state has all that was before; only that an order was less once is lost with the state that said so.
                const raised = happenings.some(({ what }) => what === "raise");
                told.push(...states.filter((_, i) => raised || i === states.length - 1 || roll(3) > 0));
                expected.set(account.idOf(order), {
                  state: left === 0 ? "reversed" : "accepted",
                  commission: left === 0 ? "0" : String(1_000_000 + left * 1_000),
                });
              }
              const waiting = told.flatMap((state) => (roll(3) === 0 ? [state, state] : [state]));
              while (waiting.length > 0) {
                const [state] = waiting.splice(roll(waiting.length), 1);
                await shop.send(state as State);
                if (roll(3) === 0) await shop.apply();
              }
              await shop.apply();
              const seen = new Map<string, object>();
              for (const { orderId = "", state, commission } of await shop.conversions())
                if (expected.has(orderId)) seen.set(orderId, { state, commission });
              expect(new Map([...seen].sort())).to.deep.equal(new Map([...expected].sort()));
              expect(await shop.events("?state=refused")).to.deep.equal([]);
              expect(await shop.events("?state=waiting")).to.deep.equal([]);
            },
          ),
          { seed: SEED, numRuns: RUNS },
        );
      });
    });

  it("WooCommerce tries an address unsigned before it takes it: that is answered, and kept nowhere", async () => {
    const shop = await openShop(market, "woocommerce");
    const path = `/v1/sources/${shop.campaign.campaignId}/woocommerce`;
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await market.call("POST", path, { body: "webhook_id=17", headers })).status).to.equal(200);
    expect((await market.call("POST", path, { body: "webhook_id=17&total=1", headers })).status).to.equal(415);
    expect(await shop.events()).to.deep.equal([]);
    expect((await shop.manage("PUT", "", { webhookSecrets: [WEBHOOK_SECRET], testMode: true })).status).to.equal(400);
  });

  it("Shopify's test orders count where the brand says so, and nowhere else", async () => {
    for (const testMode of [false, true]) {
      const shop = await openShop(market, "shopify", {}, { testMode });
      const ada = await shop.campaign.join();
      const account = createShopAccount("shopify");
      for (const test of [true, false]) account.buy({ goods: 1_000 }, { test, notes: { _ushrt: ada.click() } });
      await shop.tell(account.states);
      expect((await shop.events("?sort=oldest")).map(({ state }) => state)).to.deep.equal(
        testMode ? ["applied", "ignored"] : ["ignored", "applied"],
      );
    }
  });

  it("Shopify's refunds in the currency that the customer paid in take back their share; in any other all of it", async () => {
    const shop = await openShop(market, "shopify");
    const ada = await shop.campaign.join();
    const account = createShopAccount("shopify");
    const [part, whole] = ["EUR", "GBP"].map((currency) => {
      const order = account.buy({ goods: 10_000 }, { notes: { _ushrt: ada.click() } });
      const last = account.states.at(-1)?.body as State["body"];
      last.total_price_set.presentment_money = { amount: "90.00", currency_code: "EUR" };
      const transaction = { kind: "refund", status: "success", amount: "45.00", currency };
      last.refunds = [{ id: 1, transactions: [transaction, { ...transaction, status: "failure" }] }];
      return account.idOf(order);
    }) as [string, string];
    await shop.tell(account.states);
    expect(await shop.conversion(part)).to.include({ refunded: "50000000", commission: "6000000" });
    expect(await shop.conversion(whole)).to.include({ state: "reversed" });
  });

  it("an order may have as many items as a shop has, and no more than 2 MiB in all", async () => {
    const shop = await openShop(market, "shopify");
    const account = createShopAccount("shopify");
    account.buy({ goods: 1_000 });
    const [state] = account.states as [State];
    const items = (bytes: number) => ({ ...state, body: { ...state.body, line_items: ["x".repeat(bytes)] } });
    expect((await shop.send(items(1024 * 1024))).status).to.equal(200);
    const refused = await shop.send(items(2 * 1024 * 1024));
    expect(refused.status).to.equal(413);
    expect(refused.body.detail).to.include("2097152 bytes");
  });

  it("Shopify's ids are exact though JSON would round them", async () => {
    const shop = await openShop(market, "shopify");
    const account = createShopAccount("shopify");
    account.buy({ goods: 1_000 });
    const [state] = account.states as [State];
    state.body.admin_graphql_api_id = "gid://shopify/Order/820982911946154508";
    await shop.tell(account.states);
    expect((await shop.events())[0]).to.include({ objectId: "shopify_820982911946154508" });
  });
});
