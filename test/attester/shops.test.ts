import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { expect } from "chai";
import { id } from "ethers";
import { checkPartners, namesOf } from "#attester/checks/partner.ts";
import { checkSource } from "#attester/checks/source.ts";
import { parseRules, rulesOf } from "#attester/rules.ts";
import { openSources } from "#attester/source/open.ts";
import type { OrderSource, SourceAnswer } from "#attester/source/source.ts";
import { createShopAccount } from "#harness/played/shopAccount.ts";
import { openShopServer } from "#harness/played/shopServer.ts";
import type { Database } from "#service/database.ts";
import { SHOP_NAMES, SHOPS } from "#sources/shops.ts";

const KEYS = { shopify: "shpat_0123456789abcdef", woocommerce: "ck_0123456789abcdef:cs_0123456789abcdef" } as const;
const ADA = "0x1111111111111111111111111111111111111111";
const BOB = "0x2222222222222222222222222222222222222222";
const TOKEN = "2.abcd2345.mabc123.mdef456.0123456789abcdef.abcdefghijklmnop-_qrst";
const CART = { goods: 5_000, tax: 950, shipping: 840, shippingTax: 160 };

for (const name of SHOP_NAMES)
  describe(`an attester that reads ${SHOPS[name].title} with its own key`, () => {
    const account = createShopAccount(name);
    let shop: Awaited<ReturnType<typeof openShopServer>>;
    before(async () => {
      shop = await openShopServer(account, { key: KEYS[name], app: "client:secret" });
    });
    after(() => shop.close());
    beforeEach(() => {
      shop.granted = KEYS[name];
      shop.instead = [];
      shop.asked = [];
    });

    const rulesFor = (more: object = {}) => {
      const place = name === "shopify" ? { shop: "ada.myshopify.com", url: shop.url } : { shop: shop.url };
      const source = { kind: name, keyVariable: "SOURCE_KEY", currency: "USD", events: { order: "sale" }, ...place };
      const text = JSON.stringify({ version: 1, campaigns: { "*": { source: { ...source, ...more } } } });
      const rules = rulesOf(parseRules(text, "/", { SOURCE_KEY: "given" }), id("campaign"));
      if (rules === undefined) throw new Error("There are no rules.");
      return rules;
    };
    /** As an attester opens it: by its rules, with its key from the environment. */
    function open(more: object = {}, key: string = KEYS[name]): OrderSource {
      const source = openSources({} as Database, { SOURCE_KEY: key }, {} as never)(rulesFor(more));
      if (source === undefined) throw new Error("There is no source.");
      return source;
    }
    const find = async (orderId: string, more: object = {}, key?: string) =>
      (await open(more, key).find([{ event: "sale", orderId }]))[0] as SourceAnswer;
    /** What the attester says of an order that the relayer reports so. */
    async function sayOf(orderId: string, cents: bigint, event = "sale", key?: string) {
      const conversion: GivenConversion = {
        number: 1n,
        key: id("key"),
        salt: id("salt"),
        entries: [{ offerId: 1, partner: ADA, count: 1, volumeUnits: cents }],
        order: { event, orderId, volume: "0", receivedAt: 100 },
      };
      const found = (await open({}, key).find([{ event, orderId }]))[0];
      return checkSource([conversion], [found], rulesFor(), { unitExponent: 4, decimals: 6, now: 200 });
    }

    it("derives order, volume and what was given back as the relayer does, and who bought by whose click", async () => {
      const order = account.buy(CART, { customer: 77, arrivedAt: `/?_ushrt=${TOKEN}` });
      const orderId = account.idOf(order);
      const found = (await find(orderId)) as { order: { createdAt: number } };
      expect(found).to.deep.equal({
        order: {
          orderId,
          event: "sale",
          volume: "50",
          createdAt: found.order.createdAt,
          refunded: "0",
          brought: { customer: `${name}_77`, code: "abcd2345" },
        },
      });
      account.refund(order, 1_390);
      expect(await find(orderId)).to.have.nested.property("order.refunded", "10");
      account.cancel(order);
      expect(await find(orderId)).to.have.nested.property("order.refunded", true);
    });

    it("refuses an invented order, a raised amount, a wrong event, what is not paid and another currency, each with the reason", async () => {
      const order = account.buy(CART);
      const orderId = account.idOf(order);
      expect(await sayOf(orderId, 5_000n)).to.equal(undefined);
      expect((await sayOf(`${name}_1`, 5_000n))?.reason).to.include("is not in the attester's source");
      expect((await sayOf(String(order.id), 5_000n))?.reason).to.include("is not in the attester's source");
      expect((await sayOf(orderId, 5_001n))?.reason).to.include("it attests volume 50010000");
      expect((await sayOf(orderId, 5_000n, "renewal"))?.reason).to.include('is a "sale" in the attester\'s source');
      account.refund(order, 1_390);
      expect((await sayOf(orderId, 4_001n))?.reason).to.include("it attests volume 40010000");
      const euros = account.buy({ ...CART, currency: "EUR" });
      expect(await sayOf(account.idOf(euros), 5_000n)).to.deep.include({ transient: false });
      expect((await sayOf(account.idOf(euros), 5_000n))?.reason).to.include("is in EUR, and the campaign counts USD");
      const unpaid = account.buy(CART);
      Object.assign(unpaid, { financial_status: "pending", date_paid_gmt: null });
      expect((await sayOf(account.idOf(unpaid), 5_000n))?.reason).to.include("is not paid");
    });

    it("knows who brought an order by its discount code only where it is known whose that is", async () => {
      const own = account.buy(CART, { customer: null, codes: ["FREESHIPPING"] });
      const adas = account.buy(CART, {
        customer: null,
        codes: ["FREESHIPPING", "spr1ng 24"],
        notes: { _ushrt: TOKEN },
      });
      const codes = { "SPRING-24": ADA };
      const broughtBy = async (order: typeof own, more: object) => namesOf(await find(account.idOf(order), more));
      expect(await broughtBy(own, { codes })).to.deep.equal([]);
      expect(await broughtBy(adas, {})).to.deep.equal(["code abcd2345"]);
      expect(await broughtBy(adas, { codes })).to.deep.equal(["code SPR1NG24"]);
      expect(await broughtBy(adas, { codes, codeOrClick: "click" })).to.deep.equal(["code abcd2345"]);
    });

    it("refuses to pay another than whose code is on the order, and another than who brought its customer before", async () => {
      const codes = { "SPRING-24": ADA };
      const { source } = rulesFor({ codes });
      const known = new Map(
        Object.entries("codes" in source ? source.codes : {}).map(([code, of]) => [`code ${code}`, new Set([of])]),
      );
      const first = account.buy(CART, { customer: 99, codes: ["spring 24"] });
      const next = account.buy(CART, { customer: 99 });
      const saysOf = async (order: typeof first, partner: string) => {
        const orderId = account.idOf(order);
        const entries = [{ offerId: 1, partner, count: 1, volumeUnits: 5_000n }];
        const given = { number: 1n, key: id("key"), salt: id("salt"), entries };
        const sold = { event: "sale", orderId, volume: "50", receivedAt: 100 };
        const offer = { flatAmount: 0n, rateBps: 1, kind: 0, event: "sale", capUnits: 1n, validFrom: 0, validTo: 1 };
        return checkPartners(
          [{ ...given, order: sold }],
          [await find(orderId, { codes })],
          new Map([[1, offer]]),
          known,
        ).refusal;
      };
      expect((await saysOf(first, BOB))?.reason).to.include(
        `brought by code SPR1NG24 in the attester's source, which is ${ADA}'s`,
      );
      expect(await saysOf(first, ADA)).to.equal(undefined);
      expect((await saysOf(next, BOB))?.reason).to.include(`customer ${name}_99`);
      expect(await saysOf(next, ADA)).to.equal(undefined);
    });

    it("asks for many orders at once, and once for what is found", async () => {
      const orders = Array.from({ length: 60 }, () => account.buy(CART));
      const names = orders.map((order) => ({ event: "sale", orderId: account.idOf(order) }));
      const source = open();
      const found = await source.find([...names, { event: "sale", orderId: `${name}_\ud800` }]);
      expect(found.filter((answer) => "order" in answer)).to.have.length(60);
      expect(found.at(-1)).to.deep.equal({ missing: true });
      expect(shop.asked).to.have.length(2);
      await source.find(names);
      expect(shop.asked).to.have.length(2);
    });

    it("refuses an order that it cannot read, and finds the others of its batch", async () => {
      const [odd, good] = [account.buy(CART), account.buy(CART)];
      Object.assign(odd, { total_price: "many", total: "many" });
      const [refused, found] = await open().find(
        [odd, good].map((one) => ({ event: "sale", orderId: account.idOf(one) })),
      );
      expect(refused).to.have.property("refused").that.includes(`not as ${SHOPS[name].title} documents it`);
      expect(found).to.have.nested.property("order.orderId", account.idOf(good));
    });

    it("waits a moment where it asks too often, and cannot look now where the shop is down: that is no refusal", async () => {
      const orderId = account.idOf(account.buy(CART));
      shop.instead = [{ status: 429, retryAfter: "0.1" }];
      expect(await sayOf(orderId, 5_000n)).to.equal(undefined);
      expect(shop.asked).to.have.length(2);
      for (const [instead, words, asked] of [
        [[{ status: 429, retryAfter: "3600" }], "asked too often", 1],
        [Array(3).fill({ status: 429, retryAfter: "0" }), "asked too often", 3],
        [[{ status: 503 }], "answered 503", 1],
      ] as const) {
        shop.asked = [];
        shop.instead = [...instead];
        const said = await sayOf(orderId, 5_000n);
        expect(said).to.include({ transient: true });
        expect(said?.reason).to.include(`${SHOPS[name].title} `).and.to.include(words);
        expect(shop.asked).to.have.length(asked);
      }
      const stranger = await sayOf(orderId, 5_000n, "sale", "ck_other");
      expect(stranger).to.include({ transient: true });
      expect(stranger?.reason).to.include("does not take the key").and.not.to.include("ck_other");
    });

    it("has its key in the environment, and says so where it is not set", () => {
      const source = { kind: name, keyVariable: "SOURCE_KEY", currency: "USD", events: { order: "sale" } };
      const place = { shop: name === "shopify" ? "ada.myshopify.com" : "https://shop.example" };
      const rules = (more: object) =>
        JSON.stringify({ version: 1, campaigns: { "*": { source: { ...source, ...place, ...more } } } });
      expect(() => parseRules(rules({}), "/", {})).to.throw("has its key in SOURCE_KEY, which is not set");
      const elsewhere = { shop: name === "shopify" ? "shop.example" : "http://shop.example" };
      expect(() => parseRules(rules(elsewhere), "/", { SOURCE_KEY: "x" })).to.throw(
        name === "shopify" ? "must be the shop's own domain" : "must begin with https://",
      );
    });

    if (name === "shopify")
      it("is granted a token for its app, and another one when that is over", async () => {
        const source = open({}, "client:secret");
        const orderIds = [account.buy(CART), account.buy(CART), account.buy(CART), account.buy(CART)].map(account.idOf);
        const ask = async (at: number) => (await source.find([{ event: "sale", orderId: orderIds[at] as string }]))[0];
        expect(await ask(0)).to.have.property("order");
        expect(await ask(1)).to.have.property("order");
        const grants = () => shop.asked.filter((one) => one.startsWith("POST")).length;
        expect(grants()).to.equal(1);
        // A shop that is away for a moment has not refused it.
        shop.instead = [{ status: 503 }];
        expect(await ask(2)).to.have.property("unavailable");
        expect(await ask(2)).to.have.property("order");
        expect(grants()).to.equal(1);
        shop.granted = "shpat_of_the_next_day";
        expect(await ask(3)).to.have.property("order");
        expect(grants()).to.equal(2);
        const other = await open({}, "client:other").find([{ event: "sale", orderId: orderIds[0] as string }]);
        expect(other).to.deep.equal([{ unavailable: "Shopify answered 400." }]);
      });
  });
