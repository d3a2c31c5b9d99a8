import {
  type ConditionFacts,
  describeCondition,
  holds,
  monthsBetween,
  type OfferCondition,
  offerCondition,
  whatFails,
  whyNot,
} from "@partner-programs/protocol/conditions";
import { campaignDescription } from "@partner-programs/protocol/description";
import { expect } from "chai";
import fc from "fast-check";

const DAY = 86_400;
const at = (moment: string) => Date.parse(`${moment}Z`) / 1000;
const NOW = at("2026-11-28T12:00");

const known = (changes: Partial<ConditionFacts> = {}): ConditionFacts => ({
  event: "sale",
  at: NOW,
  attributes: { plan: "annual", quantity: 3, gift: false },
  customer: { sale: { conversions: 2, firstAt: NOW - 100 * DAY } },
  partnerSince: NOW - 10 * DAY,
  ...changes,
});
const condition = (given: Record<string, unknown>): OfferCondition => offerCondition.parse({ offers: [1], ...given });

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const range = fc.tuple(fc.nat(4), fc.nat(4)).map(([min, more]) => ({ min, max: min + more }));
const tests = fc.constantFrom("annual", "monthly").chain((plan) =>
  fc.record(
    {
      plan: fc.constantFrom({ oneOf: [plan] }, { noneOf: [plan] }),
      quantity: range,
      gift: fc.boolean().map((is) => ({ is })),
    },
    { requiredKeys: [] },
  ),
);
const conditionsOf: fc.Arbitrary<OfferCondition> = fc
  .record({
    offers: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1 }),
    attributes: optional(tests.filter((named) => Object.keys(named).length > 0)),
    customer: optional(
      fc.record({
        event: optional(fc.constantFrom("sale", "signup")),
        purchase: fc.constantFrom("first" as const, "renewal" as const),
        months: optional(range.map(({ min, max }) => ({ from: min, below: max + 1 }))),
      }),
    ),
    partner: optional(fc.record({ firstDays: fc.integer({ min: 1, max: 60 }) })),
  })
  .filter(({ attributes, customer, partner }) => (attributes ?? customer ?? partner) !== undefined)
  .map((given) => offerCondition.parse(JSON.parse(JSON.stringify(given))));
const history = fc.record({ conversions: fc.nat(2), firstAt: fc.integer({ min: NOW - 400 * DAY, max: NOW }) });
const factsOf: fc.Arbitrary<ConditionFacts> = fc.record({
  event: fc.constantFrom("sale", "signup"),
  at: fc.constant(NOW),
  attributes: fc.record(
    { plan: fc.constantFrom("annual", "Monthly"), quantity: fc.nat(9), gift: fc.boolean() },
    { requiredKeys: [] },
  ),
  customer: optional(fc.record({ sale: history, signup: history }, { requiredKeys: [] })),
  partnerSince: optional(fc.integer({ min: NOW - 90 * DAY, max: NOW })),
});

const open = (conditions: readonly OfferCondition[], facts: ConditionFacts) =>
  [1, 2, 3].filter((offerId) => whyNot(conditions, offerId, facts) === undefined);

describe("conditions on offers", () => {
  it("let the same offers pay in whatever order they are published", () => {
    fc.assert(
      fc.property(
        fc
          .array(conditionsOf, { maxLength: 6 })
          .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        factsOf,
        ([all, shuffled], facts) => {
          expect(open(shuffled, facts)).to.deep.equal(open(all, facts));
        },
      ),
    );
  });

  it("never let more offers pay by one condition more, or by one fact less", () => {
    fc.assert(
      fc.property(fc.array(conditionsOf, { maxLength: 5 }), conditionsOf, factsOf, (some, more, facts) => {
        const before = open(some, facts);
        expect(before).to.include.members(open([...some, more], facts));
        const nothing = { ...facts, attributes: {}, customer: undefined, partnerSince: undefined };
        expect(before).to.include.members(open(some, nothing));
      }),
    );
  });

  it("let an offer that none of them names pay whatever is known", () => {
    fc.assert(
      fc.property(factsOf, (facts) => {
        expect(open([], facts)).to.deep.equal([1, 2, 3]);
      }),
    );
  });

  it("hold exactly where they say no reason, and have words for each", () => {
    fc.assert(
      fc.property(conditionsOf, factsOf, (one, facts) => {
        expect(holds(one, facts)).to.equal(whatFails(one, facts) === undefined);
        expect(describeCondition(one)).to.match(/^(?!.*(undefined|NaN)).{10,}$/);
        expect(whatFails(one, facts) ?? "holds").to.match(/^(?!.*(undefined|NaN)).+$/);
      }),
    );
  });

  it("compare texts in any capitals, numbers by both ends, and take nothing unsaid for granted", () => {
    const plan = condition({ attributes: { plan: { oneOf: ["Annual", "biennial"] } } });
    expect(holds(plan, known())).to.equal(true);
    expect(whatFails(plan, known({ attributes: { plan: "monthly" } }))).to.equal(
      'plan is "monthly", and it pays where plan is one of "Annual", "biennial"',
    );
    expect(whatFails(plan, known({ attributes: {} }))).to.match(/^plan is not said, and it pays where/);
    const other = condition({ attributes: { plan: { noneOf: ["trial"] } } });
    expect([holds(other, known()), holds(other, known({ attributes: { plan: "TRIAL" } }))]).to.deep.equal([
      true,
      false,
    ]);
    expect(holds(other, known({ attributes: {} })), "not said is not another").to.equal(false);
    const [least, both] = [{ min: 3 }, { min: 1, max: 2 }].map((quantity) => condition({ attributes: { quantity } }));
    expect([holds(least as OfferCondition, known()), holds(both as OfferCondition, known())]).to.deep.equal([
      true,
      false,
    ]);
    expect(holds(condition({ attributes: { gift: { is: true } } }), known())).to.equal(false);
    expect(holds(condition({ attributes: { constructor: { oneOf: ["Object"] } } }), known())).to.equal(false);
  });

  it("tell the first purchase from the next, of the reported event or of another", () => {
    const first = condition({ customer: { purchase: "first" } });
    const renewal = condition({ customer: { purchase: "renewal" } });
    const fresh = known({ customer: {} });
    expect([holds(first, known()), holds(renewal, known())]).to.deep.equal([false, true]);
    expect([holds(first, fresh), holds(renewal, fresh)]).to.deep.equal([true, false]);
    expect(whatFails(first, known())).to.equal(
      'the customer had 2 of event "sale" before, and it pays for the first alone',
    );
    const guest = known({ customer: undefined });
    expect([holds(first, guest), holds(renewal, guest)], "a guest is neither").to.deep.equal([false, false]);
    const afterSignup = condition({ customer: { event: "signup", months: { below: 1 } } });
    expect(whatFails(afterSignup, known())).to.match(/^the customer had none of event "signup"/);
    expect(holds(afterSignup, known({ customer: { signup: { conversions: 1, firstAt: NOW - DAY } } }))).to.equal(true);
  });

  it("count months by the calendar: a year is over on its day, and a short month on its last", () => {
    expect(monthsBetween(at("2026-01-10T23:59"), at("2027-01-09T23:59"))).to.equal(11);
    expect(monthsBetween(at("2026-01-10T23:59"), at("2027-01-10T00:00"))).to.equal(12);
    expect(monthsBetween(at("2026-01-31T00:00"), at("2026-02-27T23:59"))).to.equal(0);
    expect(monthsBetween(at("2026-01-31T00:00"), at("2026-02-28T00:00"))).to.equal(1);
    expect(monthsBetween(at("2024-02-29T00:00"), at("2025-02-28T00:00"))).to.equal(12);
    expect(monthsBetween(NOW, NOW - DAY), "a clock that went back").to.equal(0);
  });

  it("end a partner's first days to the second", () => {
    const start = condition({ partner: { firstDays: 30 } });
    expect(holds(start, known({ partnerSince: NOW - 30 * DAY + 1 }))).to.equal(true);
    expect(whatFails(start, known({ partnerSince: NOW - 30 * DAY }))).to.equal(
      "the partner joined 30 days before, and it pays in the partner's first 30 days",
    );
    expect(holds(start, known({ partnerSince: undefined }))).to.equal(false);
  });

  it("stand in plain words behind an offer", () => {
    const said = (given: Record<string, unknown>) => describeCondition(condition(given));
    expect(said({ attributes: { plan: { oneOf: ["annual"] } }, customer: { months: { below: 12 } } })).to.equal(
      `where plan is "annual"; in the customer's first 12 months`,
    );
    expect(said({ customer: { months: { from: 12 } } })).to.equal("after the customer's first 12 months");
    expect(said({ customer: { event: "paid", months: { from: 12, below: 24 } } })).to.equal(
      `in the customer's months 13 to 24, counted from its first "paid"`,
    );
    expect(said({ customer: { purchase: "first" }, partner: { firstDays: 30 } })).to.equal(
      "for a customer's first purchase; in the partner's first 30 days",
    );
    expect(said({ attributes: { quantity: { min: 10 }, gift: { is: false } } })).to.equal(
      "where quantity is at least 10; where gift is false",
    );
  });

  it("are published only where they can ever hold", () => {
    const publish = (conditions: unknown[]) =>
      campaignDescription.safeParse({
        version: 1,
        name: "n",
        summary: "s",
        destination: "https://brand.example/",
        attribution: { touch: "first", windowSeconds: 1, bindingSeconds: null },
        events: [
          {
            name: "sale",
            title: "t",
            perCustomer: null,
            attributes: { plan: { type: "text", oneOf: ["annual"] }, quantity: { type: "integer" } },
          },
        ],
        conditions,
      }).error?.issues[0]?.message;
    expect(publish([{ offers: [1], attributes: { plan: { oneOf: ["Annual"] } } }])).to.equal(undefined);
    expect(publish([{ offers: [1], attributes: { plam: { oneOf: ["annual"] } } }])).to.equal(
      "is an attribute of no event; describe it there",
    );
    expect(publish([{ offers: [1], attributes: { toString: { oneOf: ["annual"] } } }])).to.equal(
      "is an attribute of no event; describe it there",
    );
    expect(publish([{ offers: [1], attributes: { plan: { oneOf: ["daily"] } } }])).to.equal(
      'is never "daily"; it is one of annual',
    );
    expect(publish([{ offers: [1], attributes: { quantity: { oneOf: ["ten"] } } }])).to.match(/^is integer/);
    expect(publish([{ offers: [1], customer: { event: "paid", purchase: "first" } }])).to.match(
      /names the event "paid"/,
    );
    expect(publish([{ offers: [1] }])).to.match(/^says nothing that has to hold/);
  });
});
