import type { SaleCurrencies } from "@partner-programs/protocol/rates";
import type { ShopMapping } from "@partner-programs/protocol/shopMapping";
import type { StripeMapping } from "@partner-programs/protocol/stripeMapping";
import { webhookMapping } from "@partner-programs/protocol/webhookMapping";
import { expect } from "chai";
import { UnreadableObject } from "#sources/sale.ts";
import { type ShopOrder, orderOf as shopOrderOf } from "#sources/shop/orders.ts";
import { sumsOf, toMillionths } from "#sources/shop/sums.ts";
import type { Fact, Sale } from "#sources/stripe/objects.ts";
import { orderOf } from "#sources/stripe/orders.ts";
import {
  mergeWebhookOrder,
  readWebhook,
  type WebhookOrder,
  orderOf as webhookOrderOf,
} from "#sources/webhook/orders.ts";

const FEED = "0x1111111111111111111111111111111111111111";
const currencies: SaleCurrencies = {
  accepted: ["EUR", "JPY", "KWD", "UGX"],
  token: "USD",
  rates: { kind: "feeds", feeds: { EUR: FEED, JPY: FEED, KWD: FEED, UGX: FEED }, maxAgeSeconds: 3_600 },
};

describe("a source's sale in its own currency", () => {
  const mapping: StripeMapping = { currency: "usd", taxes: "excluded", events: { invoice: "sale" } };
  const sold = (currency: string, amount: number, more: Partial<Sale> = {}): Sale => ({
    what: "invoice",
    id: "in_1",
    kind: "invoice",
    complete: true,
    paid: true,
    currency,
    amount,
    total: amount,
    untaxed: amount,
    at: 1_700_000_000,
    customer: "cus_1",
    email: undefined,
    referral: undefined,
    subscription: undefined,
    invoice: undefined,
    payments: ["pi_1"],
    ...more,
  });
  const back = (currency: string, amount: number): Fact => ({
    what: "refund",
    id: "re_1",
    payment: "pi_1",
    currency,
    amount,
  });

  it("keeps Stripe's smallest units as they are: cents, yen, thousandths of dinars", () => {
    const read = (currency: string, amount: number, returned: number) => {
      const order = orderOf(sold(currency, amount), [back(currency, returned)], mapping, currencies);
      if ("reason" in order) throw new Error(order.reason);
      return [order.currency, order.volume, order.back];
    };
    expect(read("eur", 4_990, 1_000)).to.deep.equal(["EUR", "49.90", "10.00"]);
    expect(read("jpy", 5_000, 1_200)).to.deep.equal(["JPY", "5000", "1200"]);
    expect(read("kwd", 1_234, 0)).to.deep.equal(["KWD", "1.234", "0.000"]);
    // Of the token's own currency so much is as many tokens, as ever.
    expect(read("usd", 4_990, 4_990)).to.deep.equal([undefined, "49.90", true]);
  });

  it("counts without its taxes in its own currency", () => {
    const order = orderOf(sold("jpy", 1_100, { untaxed: 1_000 }), [back("jpy", 110)], mapping, currencies);
    expect(order).to.include({ currency: "JPY", volume: "1000", back: "100" });
  });

  it("is refused where the description does not name it, or says nothing of currencies", () => {
    const why = (currency: string, by?: SaleCurrencies) => {
      const order = orderOf(sold(currency, 100), [], mapping, by);
      return "reason" in order ? order.reason : undefined;
    };
    expect(why("chf", currencies)).to.equal("in_1 was paid in CHF, and the campaign counts USD, EUR, JPY, KWD, UGX.");
    expect(why("eur")).to.equal("in_1 was paid in EUR, and the campaign counts USD.");
    expect(why("usd")).to.equal(undefined);
    // How many decimals Stripe's amounts of it have is not certain.
    expect(why("ugx", currencies)).to.match(/paid in UGX/);
  });

  it("is converted also in the token's currency where a feed says what the token is worth", () => {
    const priced = { ...currencies, rates: { ...currencies.rates, token: FEED } } as SaleCurrencies;
    expect(orderOf(sold("usd", 4_990), [], mapping, priced)).to.include({ currency: "USD", volume: "49.90" });
  });

  it("of a webhook is in what the mapping says: a path, or one currency for all, in its smallest units where they are", () => {
    const read = (rule: object, ...bodies: object[]) => {
      const refundRule = { when: { "$.type": "refund" }, refundOf: "$.id", refundId: "$.refund", volume: "$.back" };
      const { decimals, currency } = rule as { decimals?: "currency"; currency?: string };
      const mapping = webhookMapping.parse({
        signature: "standard-webhooks",
        rules: [
          { ...refundRule, ...(decimals && { decimals, currency }) },
          { event: "sale", orderId: "$.id", volume: "$.sum", ...rule },
        ],
      });
      const facts = bodies.map((body) => readWebhook(body, mapping, 1_700_000_000) as WebhookOrder);
      const known = facts.reduce((all, one) => mergeWebhookOrder(all, one));
      const order = webhookOrderOf(known, currencies);
      return "reason" in order ? order.reason : [order.currency, order.volume, order.left];
    };
    const byPath = { currency: "$.money.code" };
    const sale = { id: "1", sum: "49.90", money: { code: "eur" } };
    const back = { type: "refund", id: "1", refund: "r", back: "10" };
    expect(read(byPath, sale, back)).to.deep.equal(["EUR", "49.9", "39.9"]);
    expect(read(byPath, back, sale, back)).to.deep.equal(["EUR", "49.9", "39.9"]);
    const minor = { currency: "$.money.code", decimals: "currency" };
    const yen = { id: "1", sum: 5_000, money: { code: "JPY" } };
    expect(read(minor, yen, { ...back, back: 1_200, money: { code: "JPY" } })).to.deep.equal(["JPY", "5000", "3800"]);
    expect(read({ currency: "KWD", decimals: "currency" }, { id: "1", sum: 1_234 })).to.deep.equal([
      "KWD",
      "1.234",
      "1.234",
    ]);
    // In the token's own, and where the mapping says nothing, so much is as many tokens.
    expect(read({ currency: "USD" }, sale)).to.deep.equal([undefined, "49.9", "49.9"]);
    expect(read({}, sale)).to.deep.equal([undefined, "49.9", "49.9"]);
    expect(read(byPath, { ...sale, money: { code: "CHF" } })).to.equal(
      "1 is in CHF, and the campaign counts USD, EUR, JPY, KWD, UGX.",
    );
    expect(read(minor, yen, { ...back, back: 5, money: { code: "EUR" } })).to.equal(
      "1 is said to be in EUR and in JPY: it is in one.",
    );
    expect(() => read(byPath, { ...sale, money: {} })).to.throw(
      UnreadableObject,
      "At $.money.code there is no code of a currency by ISO 4217, such as EUR.",
    );
    expect(() => read(minor, { ...yen, money: { code: "XXX" } })).to.throw(UnreadableObject, /has no such currency/);
    expect(() => read(minor, { ...yen, sum: 49.9 })).to.throw(UnreadableObject, /no whole number of units/);
    expect(() => read({ decimals: "currency" }, sale)).to.throw(/are of a `currency`, and the rule names none/);
    expect(() => read({ currency: "$..code" }, sale)).to.throw(/must be a path to one value/);
  });

  it("of a shop is as the shop has it, with what is left of it", () => {
    const counts: ShopMapping = { currency: "USD", taxes: "excluded", shipping: "excluded", events: { order: "sale" } };
    const order = (currency: string, total: string, kept: string): ShopOrder => ({
      what: "order",
      id: "shopify_1",
      kind: "order",
      test: false,
      currency,
      at: 1_700_000_000,
      version: 1,
      customer: undefined,
      email: undefined,
      token: undefined,
      said: undefined,
      discounts: [],
      sums: sumsOf({
        total: toMillionths(total),
        beside: 0n,
        taxes: 0n,
        shipping: 0n,
        shippingTaxes: 0n,
        kept: toMillionths(kept),
        unit: 1n,
      }),
    });
    expect(shopOrderOf(order("KWD", "1.234", "1.000"), counts, currencies)).to.include({
      currency: "KWD",
      volume: "1.234",
      left: "1",
      back: "0.234",
    });
    expect(shopOrderOf(order("CHF", "5.00", "5.00"), counts, currencies)).to.include({ why: "refused" });
    expect(shopOrderOf(order("USD", "5.00", "5.00"), counts, currencies)).not.to.have.property("currency");
  });
});
