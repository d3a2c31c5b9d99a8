import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { FOR_ONE_PARTNER, MAX_KIND } from "@partner-programs/protocol/kinds";
import { type Line, lineKey, packLine, sumToLines } from "@partner-programs/protocol/line";
import { treeOf } from "@partner-programs/protocol/pricedTree";
import { conversionTree } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { expect } from "chai";
import { id } from "ethers";
import fc from "fast-check";
import { checkConditions, firstsOf } from "#attester/checks/conditions.ts";
import { checkDerivation } from "#attester/checks/derivation.ts";
import { checkEarlier } from "#attester/checks/earlier.ts";
import type { Offer } from "#attester/checks/offers.ts";
import { checkLowered, checkTargets } from "#attester/checks/reversal.ts";
import { checkDay, checkRules } from "#attester/checks/rules.ts";
import { checkSource, refundedOf } from "#attester/checks/source.ts";
import { Conversions } from "#attester/conversions.ts";
import { type CampaignRules, parseRules, rulesOf } from "#attester/rules.ts";
import type { SourceAnswer } from "#attester/source/source.ts";

const PARTNER = "0x1111111111111111111111111111111111111111";
const OTHER = "0x2222222222222222222222222222222222222222";

const SALE: Offer = {
  flatAmount: 2_000_000n,
  rateBps: 1_000,
  kind: 0,
  event: "sale",
  capUnits: 10_000n,
  validFrom: 100,
  validTo: 200,
};
const offers = new Map([
  [1, SALE],
  [2, { ...SALE, kind: 2, event: "invoice" }],
]);
const campaign = { unitExponent: 4, feeBps: 500 };

const conversions: GivenConversion[] = [0, 1, 2].map((i) => ({
  number: BigInt(7 + i),
  key: id(`key ${i}`),
  salt: id(`salt ${i}`),
  entries: [{ offerId: 1, partner: PARTNER, count: 1, volumeUnits: 1_000n }],
  order: { event: "sale", orderId: `order ${i}`, volume: "10", receivedAt: 150 },
}));

function attest(leaves: readonly GivenConversion[], changes: Partial<Attestation> = {}): Attestation {
  return {
    campaignId: id("campaign"),
    firstConversion: 7n,
    conversions: leaves.length,
    periodFrom: 100,
    periodTo: 200,
    deadline: 1_000,
    conversionsRoot: conversionTree(leaves).root,
    ...treeFacts(sumToLines(leaves.flatMap(({ entries }) => entries))),
    ...changes,
  };
}
function treeFacts(lines: readonly Line[]) {
  const { root, count, total } = treeOf(lines, offers, campaign, { periodFrom: 100, periodTo: 200 });
  return { linesRoot: root, lineCount: count, total };
}
const attestation = attest(conversions);
function derive(leaves: readonly GivenConversion[], changes: Partial<Attestation> = {}) {
  const derived = checkDerivation(attest(leaves, changes), Conversions.of(leaves), offers, campaign);
  return "refusal" in derived ? derived.refusal : undefined;
}
/** The same conversions, one of them changed. */
const change = (which: number, changes: Partial<GivenConversion>) =>
  conversions.map((one, i) => (i === which ? { ...one, ...changes } : one));
const entry = (changes: Partial<Line>): Line[] => [
  { offerId: 1, partner: PARTNER, count: 1, volumeUnits: 1_000n, ...changes },
];

function rules(given: object): CampaignRules {
  const parsed = parseRules(JSON.stringify({ version: 1, campaigns: { "*": given } }), "/", {});
  return rulesOf(parsed, id("campaign")) as CampaignRules;
}

describe("an attester derives a batch again", () => {
  it("and finds nothing to say against what it comes out with itself", () => {
    const lines = [{ offerId: 1, partner: PARTNER, count: 3, volumeUnits: 3_000n }];
    const derived = checkDerivation(attestation, Conversions.of(conversions), offers, campaign);
    expect(derived).to.have.property("lines");
    const sums = "lines" in derived ? [...derived.lines].map(packLine) : [];
    expect(sums).to.deep.equal(lines.map(packLine));
  });

  it("and refuses a gap in the numbers, or another number of conversions than was said", () => {
    expect(derive(change(2, { number: 10n }))?.reason).to.equal("Conversion 2 has number 10 instead of 9.");
    expect(derive(conversions, { conversions: 2 })?.reason).to.equal(
      "The attestation says 2 conversions, 3 were given.",
    );
  });

  it("and refuses lines that are not the sums, as a whole", () => {
    const [line] = sumToLines(conversions.flatMap(({ entries }) => entries)) as [Line];
    const wrong: [Line[], string][] = [
      [[{ ...line, count: 4 }], "are worth 9450000, the attestation says 11550000"],
      [[{ ...line, partner: OTHER }], "have root"],
      // A hundredth of a cent of it is rounded away, and it is another line all the same.
      [[{ ...line, volumeUnits: 3_001n }], "are worth 9450000, the attestation says 9451050"],
      [[line, { ...line, offerId: 2 }], "sum to 1 lines, the attestation says 2"],
    ];
    for (const [lines, reason] of wrong) {
      const refusal = derive(conversions, treeFacts(lines));
      expect(refusal?.reason).to.contain(reason);
      expect(refusal).to.deep.include({ transient: false, conversions: [] });
    }
    expect(derive(conversions, { total: 9_450_001n })?.reason).to.contain("the attestation says 9450001");
  });

  it("and refuses sums that no line has room for, instead of failing", () => {
    const most = 2n ** 56n - 1n;
    const huge = conversions.map((one) => ({ ...one, entries: entry({ volumeUnits: most }) }));
    const refusal = checkDerivation(
      attestation,
      Conversions.of(huge),
      new Map([[1, { ...SALE, capUnits: most }]]),
      campaign,
    );
    expect(refusal).to.have.nested.property("refusal.reason").that.contains("must fit 56 bits");
  });

  it("and refuses another root", () => {
    expect(derive(conversions, { conversionsRoot: id("other") })?.reason).to.contain("the attestation says");
  });

  it("and names the conversions that are wrong, each with its reason", () => {
    const reasonsOf = (leaves: readonly GivenConversion[], changes: Partial<Attestation> = {}) =>
      derive(leaves, changes)?.conversions.map(({ number, reason }) => `${number} ${reason}`);
    expect(reasonsOf(change(0, { entries: entry({ count: 2 }) }))).to.deep.equal(["7 an entry counts 2 times."]);
    expect(reasonsOf(change(1, { entries: entry({ volumeUnits: 10_001n }) }))).to.deep.equal([
      "8 an entry has volume 10001 above the cap 10000.",
    ]);
    expect(reasonsOf(change(2, { entries: entry({ offerId: 9 }) }))).to.deep.equal([
      "9 it names offer 9, which the campaign does not have.",
    ]);
    expect(reasonsOf(change(2, { entries: entry({ offerId: 2 }) }))).to.deep.equal([
      '9 its order is a "sale", offer 2 pays for "invoice".',
    ]);
    expect(reasonsOf(change(0, { entries: [...entry({}), ...entry({ partner: OTHER })] }))).to.deep.equal([
      "7 it counts under offer 1 twice.",
    ]);
    expect(reasonsOf(change(2, { key: id("key 0") }))).to.deep.equal([
      "9 its key or its order stands in the batch twice.",
    ]);
    expect(reasonsOf(change(2, { order: conversions[0]?.order }))).to.deep.equal([
      "9 its key or its order stands in the batch twice.",
    ]);
    const late = { event: "sale", orderId: "late", volume: "10", receivedAt: 200 };
    expect(reasonsOf(change(1, { order: late }))).to.deep.equal([
      "8 it was received at 200, outside the period [100, 200).",
    ]);
    expect(reasonsOf(change(1, { order: late }), { periodTo: 250 })).to.deep.equal([
      "8 it was received at 200, when offer 1 was not valid.",
    ]);
    const early = { ...late, receivedAt: 99 };
    expect(reasonsOf(change(1, { order: early }))).to.deep.equal([
      "8 it was received at 99, outside the period [100, 200).",
    ]);
    expect(reasonsOf(change(1, { order: early }), { periodFrom: 50 })).to.deep.equal([
      "8 it was received at 99, when offer 1 was not valid.",
    ]);
  });

  it("and takes what came in the period's first second, and what comes without an order: the rules say whether that is enough", () => {
    for (const order of [{ event: "sale", orderId: "first", volume: "10", receivedAt: 100 }, undefined])
      expect(derive(change(1, { order }))).to.equal(undefined);
  });

  it("and refuses a period outside an offer's validity, to be split there", () => {
    for (const changes of [{ periodFrom: 99 }, { periodTo: 201 }]) {
      const refusal = derive(conversions, changes);
      expect(refusal?.reason).to.contain("is not within the validity of offer 1, [100, 200)");
      expect(refusal?.conversions).to.deep.equal([]);
    }
  });

  it("and notices any change to any part of any conversion", () => {
    const anyPart = fc.record({
      which: fc.nat(2),
      part: fc.constantFrom("key", "salt", "offerId", "partner", "count", "volumeUnits", "number"),
      by: fc.integer({ min: 1, max: 1_000 }),
    });
    fc.assert(
      fc.property(anyPart, ({ which, part, by }) => {
        const changed = conversions.map((one, i) => {
          if (i !== which) return one;
          const [line] = one.entries as [Line];
          if (part === "number") return { ...one, number: one.number + BigInt(by) };
          if (part === "key" || part === "salt") return { ...one, [part]: id(`${part} ${by} other`) };
          if (part === "partner") return { ...one, entries: [{ ...line, partner: OTHER }] };
          const value = part === "volumeUnits" ? line.volumeUnits + BigInt(by) : Number(line[part as "count"]) + by;
          return { ...one, entries: [{ ...line, [part]: value }] };
        });
        expect(checkDerivation(attestation, Conversions.of(changed), offers, campaign)).to.have.property("refusal");
      }),
    );
  });
});

describe("the signing rule", () => {
  const earlier = { digest: id("earlier"), firstConversion: 7n, deadline: 299, attested: false, shared: [7n, 9n] };
  const final = { nextConversion: 7n, time: 300 };

  it("names a conversion once, with the first that it was signed in", () => {
    const both = [earlier, { ...earlier, digest: id("another"), shared: [9n] }].map((one) => ({
      ...one,
      attested: true,
    }));
    const refusal = checkEarlier(both, { ...final, time: 0 });
    expect(refusal?.conversions.map(({ number }) => number)).to.deep.equal([7n, 9n]);
    for (const { reason } of refusal?.conversions ?? []) expect(reason).to.contain(earlier.digest);
  });

  it("lets a conversion be signed again when what was signed before can never be attested", () => {
    expect(checkEarlier([], final)).to.equal(undefined);
    expect(checkEarlier([earlier], final)).to.equal(undefined);
    expect(checkEarlier([{ ...earlier, deadline: 1_000 }], { ...final, nextConversion: 8n })).to.equal(undefined);
  });

  it("refuses for now what is in an attestation that is alive, and names it", () => {
    const refusal = checkEarlier([{ ...earlier, deadline: 300 }], final);
    expect(refusal?.transient).to.equal(true);
    expect(refusal?.conversions.map(({ number }) => number)).to.deep.equal([7n, 9n]);
    expect(refusal?.reason).to.contain("can still be attested until 300");
  });

  it("refuses for ever what was attested, before anything that is only alive", () => {
    const attested = { ...earlier, attested: true, shared: [8n] };
    const refusal = checkEarlier([{ ...earlier, deadline: 300 }, attested, attested], final);
    expect(refusal?.transient).to.equal(false);
    expect(refusal?.conversions.map(({ number }) => number)).to.deep.equal([8n]);
    // The numbers moving on changes nothing about that.
    expect(checkEarlier([attested], { ...final, nextConversion: 99n })?.transient).to.equal(false);
  });

  it("refuses numbers that are in an attestation that is alive, as a whole", () => {
    const refusal = checkEarlier([{ ...earlier, deadline: 300, shared: [] }], final);
    expect(refusal).to.deep.include({ transient: true, conversions: [] });
    expect(refusal?.reason).to.contain("Some of these numbers were signed before");
  });
});

describe("an attester's rules", () => {
  const check = (given: object, leaves: readonly GivenConversion[] = conversions) =>
    checkRules(sumToLines(leaves.flatMap(({ entries }) => entries)), leaves, rules(given), offers, campaign);

  it("allow everything where they say nothing", () => {
    expect(check({})).to.equal(undefined);
  });

  it("bound the commission of a conversion, of a batch, and of a day", () => {
    // 2 flat and a tenth of 10: 3,000,000 base units each.
    expect(check({ maxCommission: { conversion: "3000000", batch: "9000000", day: "9000000" } })).to.equal(undefined);
    expect(check({ maxCommission: { conversion: "2999999" } })?.conversions).to.have.length(3);
    for (const limit of ["batch", "day"])
      expect(check({ maxCommission: { [limit]: "8999999" } })).to.deep.include({ transient: false, conversions: [] });
    expect(checkDay(9_000_000n, 1n, rules({ maxCommission: { day: "9000000" } }))).to.deep.include({ transient: true });
    expect(checkDay(9_000_000n, 0n, rules({ maxCommission: { day: "9000000" } }))).to.equal(undefined);
  });

  it("name the offers, the events, the kinds that are signed, and the partners that are not", () => {
    for (const given of [
      { offers: [2] },
      { events: ["invoice"] },
      { kinds: ["reseller"] },
      { partnersDenied: [PARTNER] },
    ])
      expect(check(given)?.conversions).to.have.length(3);
    const own = new Map([[1, { ...SALE, kind: FOR_ONE_PARTNER }]]);
    const lines = sumToLines(conversions.flatMap(({ entries }) => entries));
    const ofOwn = (kinds: unknown[]) => checkRules(lines, conversions, rules({ kinds }), own, campaign);
    expect(ofOwn([0])?.conversions[0]?.reason).to.contain('"one partner" is none of the kinds');
    expect(ofOwn(["one partner"])).to.equal(undefined);
    expect(check({ offers: [1], events: ["sale"], kinds: [0], partnersDenied: [OTHER] })).to.equal(undefined);
  });

  it("ask for the order where they have something to say about it", () => {
    const bare = conversions.map(({ order: _, ...leaf }) => leaf);
    expect(check({}, bare)).to.equal(undefined);
    const targets = [
      { name: "ten", title: "Ten", period: "month", counts: ["sale"], steps: [{ conversions: 10, bonus: "5" }] },
    ];
    for (const given of [
      { age: { maxSeconds: 10 } },
      { source: { kind: "csv", file: "orders.csv" } },
      // What comes without its order counts for no target, and a bonus among it would be none.
      { targets },
      { bonuses: { most: "5", mostPerMonth: "50" } },
    ])
      expect(check(given, bare)?.reason).to.contain("came without its order");
  });
});

describe("a file of rules", () => {
  const parse = (campaign: object, env: NodeJS.ProcessEnv = { SOURCE_KEY: "key" }) =>
    rulesOf(
      parseRules(JSON.stringify({ version: 1, campaigns: { "*": campaign } }), "/", env),
      id("campaign"),
    ) as CampaignRules;
  const ORDERS = { kind: "orders", url: "https://shop.example/{orderId}" };
  const STRIPE = { kind: "stripe", currency: "usd", events: { checkout: "sale" }, keyVariable: "SOURCE_KEY" };

  it("means, where it says nothing, that an order has to be there, with no more than it says, and that the relayer may take back", () => {
    expect(parse({})).to.deep.equal({
      sign: true,
      source: { kind: "none" },
      orderRequired: true,
      volumeToleranceBps: 0,
      maxCommission: {},
      partnersDenied: [],
      conditions: [],
      facts: "source",
      targets: [],
      reversals: "trust",
    });
    expect(parse({ source: ORDERS }).source).to.deep.equal({ ...ORDERS, timeoutMilliseconds: 5_000, concurrency: 8 });
    expect(parse({ source: STRIPE }).source).to.deep.include({ codes: {}, partners: "source", concurrency: 8 });
  });

  it("is taken up to its bounds, and refused beyond them", () => {
    const orders = (more: object) => ({ source: { ...ORDERS, ...more } });
    const bounds: [inside: object[], beyond: object[]][] = [
      [
        [orders({ timeoutMilliseconds: 100 }), orders({ timeoutMilliseconds: 60_000 })],
        [orders({ timeoutMilliseconds: 99 }), orders({ timeoutMilliseconds: 60_001 })],
      ],
      [
        [orders({ concurrency: 1 }), orders({ concurrency: 64 })],
        [orders({ concurrency: 0 }), orders({ concurrency: 65 })],
      ],
      [
        [{ source: { ...STRIPE, concurrency: 1 } }, { source: { ...STRIPE, concurrency: 64 } }],
        [{ source: { ...STRIPE, concurrency: 0 } }, { source: { ...STRIPE, concurrency: 65 } }],
      ],
      [[{ source: { kind: "csv", file: "o" } }], [{ source: { kind: "csv", file: "" } }]],
      [
        [{ volumeToleranceBps: 0 }, { volumeToleranceBps: 10_000 }],
        [{ volumeToleranceBps: -1 }, { volumeToleranceBps: 10_001 }],
      ],
      [[{ offers: [1, 65_535] }], [{ offers: [0] }, { offers: [65_536] }]],
      [[{ events: ["a", "a".repeat(24)] }], [{ events: [""] }, { events: ["a".repeat(25)] }]],
      [[{ kinds: [0, MAX_KIND, "one partner", "affiliate"] }], [{ kinds: [-1] }, { kinds: [MAX_KIND + 1] }]],
      [[{ age: { minSeconds: 0, maxSeconds: 0 } }], [{ age: { minSeconds: -1 } }, { age: { maxSeconds: -1 } }]],
      [
        [{ reversals: "trust" }, { source: ORDERS, reversals: "source" }, { source: ORDERS, reversals: "trust" }],
        [{ reversals: "source" }],
      ],
      [
        [{ source: { ...STRIPE, partners: "trust" } }, { source: { ...STRIPE, partners: "source" } }],
        [{ source: { ...STRIPE, partners: "" } }],
      ],
    ];
    for (const [inside, beyond] of bounds) {
      for (const one of inside) expect(() => parse(one), JSON.stringify(one)).to.not.throw();
      for (const one of beyond) expect(() => parse(one), JSON.stringify(one)).to.throw();
    }
  });

  it("needs the variables that it names, and no others", () => {
    const withToken = { source: { ...ORDERS, tokenVariable: "SOURCE_TOKEN" } };
    expect(() => parse(withToken, {})).to.throw("SOURCE_TOKEN, which is not set");
    expect(() => parse(withToken, { SOURCE_TOKEN: "t" })).to.not.throw();
    expect(() => parse({ source: ORDERS }, {})).to.not.throw();
    expect(() => parse({ source: STRIPE }, {})).to.throw("SOURCE_KEY, which is not set");
  });
});

describe("an attester's source", () => {
  const given = { source: { kind: "csv", file: "orders.csv" } };
  const facts = { unitExponent: 4, decimals: 6, now: 1_000 };
  const order = { orderId: "order 0", event: "sale", volume: "10", createdAt: 900, refunded: false };
  const check = (found: SourceAnswer, more: object = {}, leaf = conversions[0] as GivenConversion) =>
    checkSource([leaf], [found], rules({ ...given, ...more }), facts);

  it("confirms an order that it has", () => {
    expect(check({ order })).to.equal(undefined);
    expect(check({ order: { ...order, event: undefined, volume: "11" } })).to.equal(undefined);
  });

  it("refuses an order that it does not have, that was refunded, or is of another event", () => {
    expect(check({ missing: true })?.reason).to.equal(
      'Conversion 7: order "order 0" is not in the attester\'s source.',
    );
    expect(check({ missing: true }, { orderRequired: false })).to.equal(undefined);
    expect(check({ order: { ...order, refunded: true } })?.reason).to.contain("was refunded");
    expect(check({ order: { ...order, refunded: "10" } })?.reason).to.contain("was refunded");
    expect(check({ order: { ...order, refunded: "0" } })).to.equal(undefined);
    expect(check({ order: { ...order, refunded: "0.5" } })?.reason).to.contain('order "order 0" has 9500000');
    expect(check({ order: { ...order, volume: "0.000001", refunded: "0.000001" } })?.reason).to.contain("was refunded");
    expect(check({ order: { ...order, event: "signup" } })?.reason).to.contain('is a "signup"');
  });

  it("refuses more volume than the source has, but for the tolerance", () => {
    const less = { order: { ...order, volume: "9.9" } };
    expect(check(less)?.reason).to.contain('it attests volume 10000000, order "order 0" has 9900000');
    expect(check(less, { volumeToleranceBps: 100 })?.reason).to.contain("attests volume");
    expect(check({ order: { ...order, volume: "9.9999" } })?.reason).to.contain("attests volume");
    expect(check(less, { volumeToleranceBps: 102 })).to.equal(undefined);
  });

  it("takes an order without a volume that is paid an amount alone", () => {
    const leaf = { ...(conversions[0] as GivenConversion), entries: entry({ volumeUnits: 0n }) };
    expect(check({ order: { ...order, volume: "0" } }, {}, leaf)).to.equal(undefined);
  });

  it("refuses more volume than was reported, even without a source", () => {
    const leaf = { ...(conversions[0] as GivenConversion), entries: entry({ volumeUnits: 1_001n }) };
    expect(checkSource([leaf], [], rules({}), facts)?.reason).to.contain("it attests volume 10010000");
  });

  it("refuses an order that is too old for good, and one that is too young for now", () => {
    expect(check({ order }, { age: { minSeconds: 100, maxSeconds: 100 } })).to.equal(undefined);
    expect(check({ order }, { age: { maxSeconds: 99 } })).to.deep.include({ transient: false });
    expect(check({ order }, { age: { minSeconds: 101 } })).to.deep.include({ transient: true });
  });

  it("asks to be asked again while it cannot be reached, unless something is wrong for good", () => {
    expect(check({ unavailable: "it sleeps." })).to.deep.include({
      transient: true,
      reason: "Conversion 7: it sleeps.",
    });
    const both = checkSource(
      conversions,
      [{ unavailable: "it sleeps." }, { missing: true }, { order }],
      rules(given),
      facts,
    );
    expect(both).to.deep.include({ transient: false });
    expect(both?.conversions.map(({ number }) => number)).to.deep.equal([8n]);
  });
});

describe("a reversal", () => {
  const line: Line = { offerId: 1, partner: PARTNER, count: 3, volumeUnits: 3_000n };

  const lowering = (target: Partial<Line>, standing: Partial<Line> = {}) => [
    { signed: line, standing: { ...line, ...standing }, target: { ...line, ...target } },
  ];

  it("only lowers, what was attested and what is left of it", () => {
    expect(checkTargets(lowering({ count: 0, volumeUnits: 0n }))).to.equal(undefined);
    expect(checkTargets(lowering({ count: 4 }))).to.deep.include({ transient: false });
    expect(checkTargets(lowering({ count: 4 }))?.reason).to.contain("above the attested 3 and 3000");
    expect(checkTargets(lowering({ volumeUnits: 3_001n }))?.reason).to.contain("above the attested");
    const left = { count: 2, volumeUnits: 2_000n };
    expect(checkTargets(lowering(left, left))).to.equal(undefined);
    const raised = checkTargets(lowering({ count: 2, volumeUnits: 2_001n }, left));
    expect(raised?.reason).to.contain("above the 2 and 2000 that a reversal on the chain left");
    expect(raised?.transient).to.equal(true);
  });

  it("takes back what the source says was given back", () => {
    const units = { unitExponent: 4, decimals: 6 };
    const order = { orderId: "1", event: undefined, volume: "10", createdAt: 0, refunded: false as boolean | string };
    const of = (refunded: boolean | string) => refundedOf(entry({}), { order: { ...order, refunded } }, units);
    expect(of(true)).to.deep.equal(entry({}));
    expect(of("10")).to.deep.equal(entry({}));
    expect(refundedOf(entry({}), { missing: true }, units)).to.deep.equal(entry({}));
    expect(of(false)).to.deep.equal([]);
    expect(of("4")).to.deep.equal(entry({ count: 0, volumeUnits: 400n }));
    // What was above the cap goes first.
    expect(refundedOf(entry({ volumeUnits: 500n }), { order: { ...order, refunded: "4" } }, units)).to.deep.equal([]);
  });

  it("lowers by no more than was given back", () => {
    const away = entry({ volumeUnits: 1_000n });
    expect(checkLowered(lowering({ count: 2, volumeUnits: 2_000n }), away)).to.equal(undefined);
    for (const target of [
      { count: 1, volumeUnits: 2_000n },
      { count: 2, volumeUnits: 1_999n },
    ])
      expect(checkLowered(lowering(target), away)?.reason).to.contain("lowered by more");
    expect(checkLowered(lowering({ count: 2 }), [])?.reason).to.contain("lowered by more");
    expect(lineKey(line)).to.equal(lineKey(away[0] as Line));
  });
});

describe("conditions on offers", () => {
  const conditions = [
    { offers: [1], attributes: { plan: { oneOf: ["annual"] } }, customer: { purchase: "first" } },
    { offers: [2], partner: { firstDays: 30 } },
  ];
  const source = { kind: "csv", file: "orders.csv" };
  const reported = { plan: "annual" };
  const leaf = (changes: object, offerId = 1): GivenConversion => {
    const one = conversions[0] as GivenConversion;
    return { ...one, entries: entry({ offerId }), order: { ...(one.order as object), ...changes } as never };
  };
  const found = (more: object): SourceAnswer => ({
    order: { orderId: "order 0", event: "sale", volume: "10", createdAt: 90, refunded: false, ...more },
  });
  const check = (one: GivenConversion, answer: SourceAnswer | undefined, more: object = {}, first = new Map()) => {
    const known = rules({ source, conditions, ...more });
    return checkConditions([one], answer === undefined ? [] : [answer], known, offers, first)?.reason;
  };
  const lie = leaf({ attributes: reported, history: { customer: {}, partnerSince: 100 } });

  it("believe the attester's own source, and not what a relayer says of plan or customer", () => {
    expect(check(lie, found({ attributes: { plan: "Annual" }, customer: {} }))).to.equal(undefined);
    expect(check(lie, found({ attributes: { plan: "monthly" }, customer: {} }))).to.equal(
      'Conversion 7: offer 1 does not pay order "order 0", as the attester\'s source has it: plan is "monthly", and it pays where plan is "annual".',
    );
    const again = { sale: { conversions: 2, firstAt: 50 } };
    expect(check(lie, found({ attributes: reported, customer: again }))).to.contain(
      'the customer had 2 of event "sale" before, and it pays for the first alone.',
    );
  });

  it("do not hold where the source does not say, unless the rules trust the relayer for that", () => {
    expect(check(lie, found({}))).to.contain("plan is not said, and it pays where");
    expect(check(lie, found({ attributes: reported }))).to.contain("the customer is not known");
    expect(check(lie, found({}), { facts: "trust" })).to.equal(undefined);
    expect(check(lie, undefined, { facts: "trust", source: { kind: "none" } })).to.equal(undefined);
    expect(
      check(lie, found({ attributes: { plan: "monthly" } }), { facts: "trust" }),
      "what it says counts",
    ).to.contain('plan is "monthly"');
    const better = leaf({ attributes: { plan: "monthly" }, history: { customer: {} } });
    expect(check(better, undefined, { facts: "trust", source: { kind: "none" } }), "a better rate").to.contain(
      'plan is "monthly"',
    );
  });

  it("trust the relayer for the events alone that the source says nothing of", () => {
    const asked = [{ offers: [1], customer: { event: "trial", purchase: "renewal" } }];
    const reports = (trial: number) =>
      leaf({ history: { customer: { sale: { conversions: 9 }, trial: { conversions: trial } } } });
    const known = found({ customer: { sale: { conversions: 0 } } });
    const trusted = { facts: "trust", conditions: asked };
    expect(check(reports(1), known, trusted)).to.equal(undefined);
    expect(check(reports(0), known, trusted)).to.contain('the customer had none of event "trial" before');
    const first = { facts: "trust", conditions: [{ offers: [1], customer: { purchase: "first" } }] };
    expect(check(reports(1), known, first), "what the source says counts").to.equal(undefined);
  });

  it("count no other event by a file, which says nothing of it", () => {
    const other = [{ offers: [1], customer: { event: "trial", purchase: "first" } }];
    expect(() => rules({ source, conditions: other })).to.throw(
      /nothing of "trial".*conditions\[0\]\.customer\.event/s,
    );
    expect(rules({ source, conditions: other, facts: "trust" }).conditions).to.have.length(1);
    const url = { kind: "orders", url: "https://shop.example/orders/{orderId}" };
    expect(rules({ source: url, conditions: other }).conditions).to.have.length(1);
  });

  it("take the relayer's word for when a partner joined, as long as nothing signed contradicts it", () => {
    const paid = (since: number, first?: number) =>
      check(
        leaf({ history: { partnerSince: since } }, 1),
        found({}),
        { conditions: [{ offers: [1], partner: { firstDays: 30 } }] },
        new Map(first === undefined ? [] : [[PARTNER, first]]),
      );
    expect([paid(140), paid(140, 140)]).to.deep.equal([undefined, undefined]);
    expect(paid(140, 139)).to.contain(
      "the relayer says that the partner joined at 140, and a conversion of it came at 139",
    );
    const asked = rules({ source, conditions: [{ offers: [1], partner: { firstDays: 30 } }] });
    expect(firstsOf(conversions, offers, asked)).to.deep.equal(new Map([[PARTNER, 150]]));
    expect(firstsOf(conversions, offers, rules({ source }))).to.deep.equal(new Map());
  });

  it("need a source, or the word that the relayer is trusted", () => {
    expect(() => rules({ conditions })).to.throw(/name one, or "trust" what the relayer says/);
    expect(rules({ conditions, facts: "trust" }).conditions).to.have.length(2);
    const bare = conversions.map(({ order: _, ...one }) => one);
    expect(checkRules([], bare, rules({ conditions, facts: "trust" }), offers, campaign)?.reason).to.contain(
      "came without its order",
    );
  });
});
