import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { expect } from "chai";
import { id } from "ethers";
import type { Offer } from "#attester/checks/offers.ts";
import { checkPartners } from "#attester/checks/partner.ts";
import { checkSource, refundedOf } from "#attester/checks/source.ts";
import { parseRules, rulesOf } from "#attester/rules.ts";
import type { SourceAnswer } from "#attester/source/source.ts";
import { createStripeSource } from "#attester/source/stripe.ts";
import { createStripeAccount } from "#harness/played/stripeAccount.ts";
import { openStripeServer } from "#harness/played/stripeServer.ts";

const KEY = "rk_live_attester";
const MAPPING = {
  currency: "usd",
  taxes: "excluded",
  events: { checkout: "sale", subscription: "sale", renewal: "renewal" },
} as const;
const ADA = "0x1111111111111111111111111111111111111111";
const BOB = "0x2222222222222222222222222222222222222222";
const TOKEN = "2.abcd2345.mabc123.mdef456.0123456789abcdef.abcdefghijklmnop-_qrst";
const UNITS = { unitExponent: 4, decimals: 6 };

describe("an attester that reads Stripe with its own key", () => {
  const account = createStripeAccount();
  let stripe: Awaited<ReturnType<typeof openStripeServer>>;
  before(async () => {
    stripe = await openStripeServer(account, KEY);
  });
  after(() => stripe.close());
  beforeEach(() => {
    stripe.status = 200;
  });

  const source = (more: object = {}) =>
    createStripeSource({ key: KEY, url: stripe.url, concurrency: 4, ...MAPPING, ...more });
  const find = async (orderId: string, event = "sale", more: object = {}) =>
    (await source(more).find([{ event, orderId }]))[0] as SourceAnswer;
  const rules = rulesOf(
    parseRules(
      JSON.stringify({
        version: 1,
        campaigns: { "*": { source: { kind: "stripe", keyVariable: "SOURCE_STRIPE_KEY", ...MAPPING } } },
      }),
      "/",
      { SOURCE_STRIPE_KEY: KEY },
    ),
    id("campaign"),
  );
  /** What the attester says of an order that the relayer reports so. */
  async function sayOf(orderId: string, cents: bigint, event = "sale", more: object = {}) {
    const conversion: GivenConversion = {
      number: 1n,
      key: id("key"),
      salt: id("salt"),
      entries: [{ offerId: 1, partner: ADA, count: 1, volumeUnits: cents }],
      order: { event, orderId, volume: "0", receivedAt: 100 },
    };
    if (rules === undefined) throw new Error("no rules");
    return checkSource([conversion], [await find(orderId, event, more)], rules, { ...UNITS, now: 200 });
  }

  it("derives order, volume and refunds from the objects, and who bought by whose code", async () => {
    const bought = account.buy({ amount: 5_950, tax: 950 }, { reference: TOKEN, customer: "cus_1" });
    expect(await find(bought.id)).to.deep.equal({
      order: {
        orderId: bought.id,
        event: "sale",
        volume: "50.00",
        createdAt: bought.created,
        refunded: "0.00",
        brought: { customer: "cus_1", code: "abcd2345" },
      },
    });
    account.refund(bought, 1_190);
    expect(await find(bought.id)).to.have.nested.property("order.refunded", "10.00");
    account.dispute(bought, "won");
    expect(await find(bought.id)).to.have.nested.property("order.refunded", "10.00");
    account.dispute(bought, "lost", 4_760);
    expect(await find(bought.id)).to.have.nested.property("order.refunded", true);
  });

  it("finds a renewal's refunds by its payments, and whom its subscription's checkout named", async () => {
    const { subscription } = account.subscribe({ amount: 1_000 }, { reference: "code_ada", customer: "cus_2" });
    const renewal = account.renew(subscription, { amount: 2_000 });
    account.refund(renewal, 500);
    const found = await find(renewal.id, "renewal");
    expect(found).to.have.nested.property("order.refunded", "5.00");
    expect(found).to.have.nested.property("order.brought.code", "ada");
  });

  it("refuses an invented order, a raised amount, a wrong event and another currency, each with the reason", async () => {
    const bought = account.buy({ amount: 5_000 });
    expect(await sayOf(bought.id, 5_000n)).to.equal(undefined);
    expect((await sayOf("cs_live_invented", 5_000n))?.reason).to.include("is not in the attester's source");
    expect((await sayOf("order 17", 5_000n))?.reason).to.include("is not in the attester's source");
    expect((await sayOf(bought.id, 5_001n))?.reason).to.include("it attests volume 50010000");
    expect((await sayOf(bought.id, 5_000n, "renewal"))?.reason).to.include('is a "sale" in the attester\'s source');
    const euros = account.buy({ amount: 5_000, currency: "eur" });
    expect(await sayOf(euros.id, 5_000n)).to.deep.include({ transient: false });
    expect((await sayOf(euros.id, 5_000n))?.reason).to.include("was paid in EUR, and the campaign counts USD");
    expect(
      refundedOf([{ offerId: 1, partner: ADA, count: 1, volumeUnits: 1n }], await find(euros.id), UNITS),
    ).to.deep.equal([]);
  });

  it("has no order whose id has half a character, and finds the others of its batch", async () => {
    const bought = account.buy({ amount: 5_000 });
    const [half, found] = await source().find([
      { event: "sale", orderId: "in_\ud800" },
      { event: "sale", orderId: bought.id },
    ]);
    expect(half).to.deep.equal({ missing: true });
    expect(found).to.have.nested.property("order.orderId", bought.id);
  });

  it("cannot look now where Stripe is down, busy or does not take the key: that is no refusal", async () => {
    const bought = account.buy({ amount: 5_000 });
    for (const [status, words] of [
      [429, "asked too often"],
      [500, "answered 500"],
      [503, "answered 503"],
    ] as const) {
      stripe.status = status;
      const said = await sayOf(bought.id, 5_000n);
      expect(said?.transient, String(status)).to.equal(true);
      expect(said?.reason).to.include(words);
    }
    stripe.status = 200;
    const unknown = await sayOf(bought.id, 5_000n, "sale", { key: "rk_live_other" });
    expect(unknown).to.include({ transient: true });
    expect(unknown?.reason).to.include("does not take the key").and.not.to.include("rk_live");
  });

  it("asks once for what is found, and for the rest of a batch not at all once Stripe is away", async () => {
    const one = source();
    const bought = account.buy({ amount: 5_000 });
    await one.find([
      { event: "sale", orderId: bought.id },
      { event: "sale", orderId: bought.id },
    ]);
    const asked = stripe.asked.length;
    await one.find([{ event: "sale", orderId: bought.id }]);
    expect(stripe.asked.length).to.equal(asked);
    stripe.status = 500;
    const many = Array.from({ length: 50 }, (_, i) => ({ event: "sale", orderId: `cs_live_${i}` }));
    const found = await source({ concurrency: 1 }).find(many);
    expect(found.every((answer) => "unavailable" in answer)).to.equal(true);
    expect(new Set(stripe.asked.slice(asked)).size).to.equal(5);
  });
});

describe("whom an order pays, by its source", () => {
  const offer: Offer = {
    flatAmount: 0n,
    rateBps: 1_000,
    kind: 0,
    event: "sale",
    capUnits: 1n,
    validFrom: 0,
    validTo: 1,
  };
  const offers = new Map([
    [1, offer],
    [2, { ...offer, kind: 3 }],
  ]);
  const paid = (partner: string, code?: string, customer?: string): [GivenConversion, SourceAnswer] => [
    {
      number: 1n,
      key: id("key"),
      salt: id("salt"),
      // What the customer gets beside it says nothing of the partner.
      entries: [
        { offerId: 2, partner: BOB, count: 1, volumeUnits: 1n },
        { offerId: 1, partner, count: 1, volumeUnits: 1n },
      ],
      order: { event: "sale", orderId: "cs_1", volume: "1", receivedAt: 1 },
    },
    {
      order: {
        orderId: "cs_1",
        event: "sale",
        volume: "1",
        createdAt: 1,
        refunded: false,
        brought: { code, customer },
      },
    },
  ];
  function check(orders: readonly [GivenConversion, SourceAnswer][], known = new Map<string, Set<string>>()) {
    return checkPartners(
      orders.map(([one]) => one),
      orders.map(([, answer]) => answer),
      offers,
      known,
    );
  }

  it("refuses a partner that another's code brought, by the rules or by what was signed before", () => {
    const known = new Map([["code ada", new Set([ADA])]]);
    expect(check([paid(ADA, "ada")], known).refusal).to.equal(undefined);
    expect(check([paid(BOB, "ada")], known).refusal?.reason).to.include(
      `brought by code ada in the attester's source, which is ${ADA}'s`,
    );
    expect(check([paid(ADA, "ada"), paid(BOB, "ada")]).refusal?.reason).to.include("code ada");
  });

  it("learns no code from an order that is explained without it: nobody squats on another's by buying again", () => {
    const known = new Map([["customer cus_1", new Set([ADA])]]);
    // A customer of Ada's types the code that Bob is about to spread.
    const squatted = check([paid(ADA, "bob", "cus_1")], known);
    expect(squatted).to.deep.equal({ refusal: undefined, learned: [] });
    const first = check([paid(BOB, "bob", "cus_2")], known);
    expect(first.refusal).to.equal(undefined);
    expect(first.learned).to.deep.include({ name: "code bob", partner: BOB });
  });

  it("refuses another partner for a customer's renewal, and takes one whose own code came later", () => {
    const known = () => new Map([["customer cus_1", new Set([ADA])]]);
    expect(check([paid(BOB, undefined, "cus_1")], known()).refusal?.reason).to.include("customer cus_1");
    const later = check([paid(BOB, "bob", "cus_1")], known());
    expect(later.refusal).to.equal(undefined);
    expect(later.learned).to.deep.equal([
      { name: "code bob", partner: BOB },
      { name: "customer cus_1", partner: BOB },
    ]);
    // By first touch the customer stays with whom it had.
    expect(check([paid(ADA, "bob", "cus_1")], new Map([...known(), ["code bob", new Set([BOB])]])).refusal).to.equal(
      undefined,
    );
  });
});
