import { campaignDescription } from "@partner-programs/protocol/description";
import { kindMask } from "@partner-programs/protocol/kinds";
import { expect } from "chai";
import fc from "fast-check";
import { type Binding, bindingAfter, type Candidate, type Facts, judge, mergedBinding } from "#relayer/domain/judge.ts";

const HOUR = 3_600_000;
const PARTNER = "0x1111111111111111111111111111111111111111";
const OTHER = "0x2222222222222222222222222222222222222222";

const ada: Candidate & { until: number } = {
  partnershipId: 1n,
  wallet: PARTNER,
  payableKinds: kindMask("affiliate"),
  payouts: [],
  since: 0,
  network: undefined,
  recruiter: undefined,
  touchedAt: 10 * HOUR,
  until: 12 * HOUR,
  lastHour: 0,
  counted: [],
};
const ben: Candidate = { ...ada, partnershipId: 2n, wallet: OTHER };
const nobody = { id: "c", wallets: [], walletOfAnother: false, emailDomain: undefined, network: undefined };

function facts(
  changes: Partial<Facts> = {},
  campaign: Partial<Facts["campaign"]> = {},
  attribution = {},
  event = {},
): Facts {
  return {
    receivedAt: 11 * HOUR,
    campaign: {
      feeBps: 500,
      unitExponent: 4,
      tokenDecimals: 6,
      suspended: false,
      closed: false,
      spendable: 10n ** 12n,
      ...campaign,
    },
    description: campaignDescription.parse({
      version: 1,
      name: "n",
      summary: "s",
      destination: "https://brand.example/",
      attribution: { touch: "first", windowSeconds: 7_200, bindingSeconds: null, ...attribution },
      events: [{ name: "sale", title: "t", perCustomer: 2, minimumVolume: "5", ...event }],
    }),
    offers: [{ offerId: 1, kind: 0, flatAmount: 1_000_000n, rateBps: 1_000, capUnits: 10_000n }],
    event: "sale",
    attributes: {},
    history: {},
    volume: "50.009999",
    customer: nobody,
    customerPayee: undefined,
    isDisposable: () => false,
    touch: ada,
    code: undefined,
    binding: undefined,
    countedForCustomer: 0,
    isBonus: false,
    ...changes,
  };
}

const reason = (given: Facts) => {
  const judgement = judge(given);
  return judgement.accepted ? "accepted" : judgement.reason;
};

describe("judging a conversion", () => {
  it("pays flat and rate of the volume in whole units, and the fee on top", () => {
    const judgement = judge(facts());
    if (!judgement.accepted) throw new Error(judgement.reason);
    // 50.009999 are 5,000 units of 0.01; 10 % of 50.00 and 1 flat are 6.00; 5 % of that is 0.30.
    expect(judgement.entries).to.deep.equal([{ offerId: 1, partner: PARTNER, count: 1, volumeUnits: 5_000n }]);
    expect(judgement.commission).to.equal(6_000_000n);
    expect(judgement.fee).to.equal(300_000n);
  });

  it("caps the volume of one conversion", () => {
    const judgement = judge(facts({ volume: "1000000" }));
    expect(judgement.accepted && judgement.entries[0]?.volumeUnits).to.equal(10_000n);
  });

  it("takes the offer that pays the partner most, of those that its kinds allow", () => {
    const gold = { offerId: 7, kind: 5, flatAmount: 9_000_000n, rateBps: 0, capUnits: 0n };
    const offers = [...facts().offers, gold];
    const plain = judge(facts({ offers }));
    expect(plain.accepted && plain.entries[0]?.offerId).to.equal(1);
    const golden = judge(facts({ offers, touch: { ...ada, payableKinds: kindMask("affiliate", 5) } }));
    expect(golden.accepted && golden.entries[0]?.offerId).to.equal(7);
  });

  it("rejects what nobody referred", () => {
    expect(reason(facts({ touch: undefined }))).to.equal("no_referral");
    expect(reason(facts({ touch: "unknown_token" }))).to.equal("unknown_token");
    expect(reason(facts({ touch: "unknown_code" }))).to.equal("unknown_code");
  });

  it("rejects a click outside the window, and takes one at its very end", () => {
    expect(reason(facts({ receivedAt: 12 * HOUR }))).to.equal("accepted");
    expect(reason(facts({ receivedAt: 12 * HOUR + 1 }))).to.equal("window_expired");
  });

  it("lets a binding outlive the window, and end at its own time", () => {
    const binding = { ...ben, until: 100 * HOUR };
    expect(reason(facts({ touch: undefined, binding, receivedAt: 100 * HOUR - 1 }))).to.equal("accepted");
    expect(reason(facts({ touch: undefined, binding, receivedAt: 100 * HOUR }))).to.equal("binding_expired");
    expect(reason(facts({ touch: undefined, binding: { ...ben, until: null }, receivedAt: 9_999 * HOUR }))).to.equal(
      "accepted",
    );
  });

  it("prefers the binding by first touch and the new click by last touch", () => {
    const binding = { ...ben, until: null };
    expect(judge(facts({ binding })).partnershipId).to.equal(2n);
    expect(judge(facts({ binding }, {}, { touch: "last" })).partnershipId).to.equal(1n);
    // A click before the one that bound the customer is not the last.
    const later = { ...binding, touchedAt: ada.touchedAt + 1 };
    expect(judge(facts({ binding: later }, {}, { touch: "last" })).partnershipId).to.equal(2n);
    // A click that is too old does not take a bound customer away.
    expect(judge(facts({ binding, receivedAt: 20 * HOUR }, {}, { touch: "last" })).partnershipId).to.equal(2n);
  });

  it("gives every other rejection its reason", () => {
    expect(reason(facts({ event: "signup" }))).to.equal("unknown_event");
    expect(reason(facts({}, { closed: true }))).to.equal("campaign_closed");
    expect(reason(facts({}, { suspended: true }))).to.equal("campaign_suspended");
    expect(reason(facts({ customer: { ...nobody, wallets: [PARTNER] } }))).to.equal("self_referral");
    expect(reason(facts({ countedForCustomer: undefined }))).to.equal("unknown_customer");
    expect(reason(facts({ countedForCustomer: undefined }, {}, {}, { perCustomer: null }))).to.equal("accepted");
    expect(reason(facts({ countedForCustomer: 1 }))).to.equal("accepted");
    expect(reason(facts({ countedForCustomer: 2 }))).to.equal("customer_limit");
    expect(reason(facts({ volume: "4.999999" }))).to.equal("below_minimum");
    expect(reason(facts({ offers: [] }))).to.equal("no_offer");
    expect(reason(facts({ touch: { ...ada, payableKinds: kindMask("reseller") } }))).to.equal("no_offer");
  });

  it("pays the customer and the recruiter beside the partner, and each under offers of its own kind only", () => {
    const offers = [
      { offerId: 1, kind: 0, flatAmount: 1_000_000n, rateBps: 0, capUnits: 10_000n },
      { offerId: 2, kind: 3, flatAmount: 9_000_000n, rateBps: 0, capUnits: 10_000n },
      { offerId: 3, kind: 4, flatAmount: 7_000_000n, rateBps: 0, capUnits: 10_000n },
    ];
    const all = kindMask("affiliate", "customer", "recruiter");
    const wallet = "0x3333333333333333333333333333333333333333";
    const touch = { ...ada, payableKinds: all, recruiter: { wallet: OTHER, payableKinds: all } };
    const entries = (changes: Partial<Facts>) => {
      const judgement = judge(facts({ offers, touch, ...changes }));
      if (!judgement.accepted) throw new Error(judgement.reason);
      return { paid: judgement.entries.map(({ offerId, partner }) => [offerId, partner]), ...judgement };
    };
    // However much more the others' offers pay, the partner gets none of them.
    expect(entries({ touch: { ...touch, recruiter: undefined } }).paid).to.deep.equal([[1, PARTNER]]);
    const both = entries({ customerPayee: { wallet, payableKinds: all } });
    expect(both.paid).to.deep.equal([
      [1, PARTNER],
      [2, wallet],
      [3, OTHER],
    ]);
    expect([both.commission, both.fee]).to.deep.equal([17_000_000n, 850_000n]);
    expect(entries({ customerPayee: { wallet, payableKinds: kindMask("affiliate") } }).paid).to.have.length(2);
    const spendable = 17_850_000n;
    const tight = (given: bigint) =>
      reason(facts({ offers, touch, customerPayee: { wallet, payableKinds: all } }, { spendable: given }));
    expect([tight(spendable), tight(spendable - 1n)]).to.deep.equal(["accepted", "budget_exhausted"]);
    expect(reason(facts({ offers: offers.slice(1), touch }))).to.equal("no_offer");
  });

  it("holds one partner to the description's limits, in number and in volume", () => {
    const perPartner = [
      { conversions: 3, days: 7 },
      { volume: "100", days: 30 },
    ];
    const counted = (conversions: number, volume: bigint) =>
      reason(
        facts(
          {
            touch: {
              ...ada,
              counted: [
                { conversions, volume: 0n },
                { conversions: 0, volume },
              ],
            },
            volume: "10",
          },
          {},
          {},
          { perPartner },
        ),
      );
    expect(counted(2, 90_000_000n)).to.equal("accepted");
    expect(counted(3, 0n)).to.equal("partner_limit");
    expect(counted(0, 90_000_001n)).to.equal("partner_limit");
  });

  it("spends the budget to the last unit, and not one more", () => {
    expect(reason(facts({}, { spendable: 6_300_000n }))).to.equal("accepted");
    expect(reason(facts({}, { spendable: 6_299_999n }))).to.equal("budget_exhausted");
  });
});

describe("a customer's binding", () => {
  const rule = (touch: "first" | "last", bindingSeconds: number | null = 100) => ({
    touch,
    windowSeconds: 1_000,
    bindingSeconds,
  });
  const bound: Binding = { partnershipId: 1n, touchedAt: 5_000, boundAt: 6_000, until: 106_000 };
  const of = (partnershipId: bigint, touchedAt: number) => ({ partnershipId, touchedAt });

  it("comes with the first partner and lasts as long as the description says", () => {
    expect(bindingAfter(undefined, of(1n, 5_000), 6_000, rule("first"))).to.deep.equal(bound);
    expect(bindingAfter(undefined, of(1n, 5_000), 6_000, rule("first", null))?.until).to.equal(null);
    expect(bindingAfter(undefined, of(1n, 5_000), 6_000, rule("first", 0))).to.equal(undefined);
  });

  it("of two customers that are one is the one that the rule prefers, and one that lasts before one that has ended", () => {
    const early: Binding = { partnershipId: 1n, touchedAt: 5_000, boundAt: 6_000, until: 106_000 };
    const late: Binding = { partnershipId: 2n, touchedAt: 5_500, boundAt: 6_500, until: null };
    const merged = (now: number, touch: "first" | "last", ...both: [Binding?, Binding?]) =>
      mergedBinding(both[0], both[1], now, { touch });
    for (const both of [
      [early, late],
      [late, early],
    ] as [Binding, Binding][]) {
      expect(merged(105_999, "first", ...both)).to.equal(early);
      expect(merged(106_000, "first", ...both)).to.equal(late);
      expect(merged(105_999, "last", ...both)).to.equal(late);
    }
    const ended = { ...late, until: 7_000 };
    expect(merged(200_000, "first", ended, early)).to.equal(early);
    // Bound later by an earlier touch, and at the same moment.
    const told = { ...late, touchedAt: 4_000 };
    expect(merged(7_000, "last", told, early)).to.equal(early);
    const equal = { ...early, partnershipId: 3n };
    for (const touch of ["first", "last"] as const) expect(merged(7_000, touch, early, equal)).to.equal(early);
    expect(merged(200_000, "first", undefined, early)).to.equal(early);
    expect(merged(7_000, "last", late, undefined)).to.equal(late);
    expect(merged(7_000, "last")).to.equal(undefined);
  });

  it("is not changed by the same said twice, late, or out of order", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<"first" | "last">("first", "last"),
        fc.array(fc.record({ partnershipId: fc.bigInt(1n, 3n), touchedAt: fc.nat(50) }), {
          minLength: 1,
          maxLength: 8,
        }),
        (touch, touches) => {
          const play = (said: typeof touches) =>
            said.reduce<Binding | undefined>((now, one) => bindingAfter(now, one, 60, rule(touch)), undefined);
          const once = play(touches);
          const twice = play(touches.flatMap((one) => [one, one]));
          expect(twice).to.deep.equal(once);
          expect(play([...touches, ...touches])).to.deep.equal(once);
          const latest = Math.max(...touches.map(({ touchedAt }) => touchedAt));
          if (touch === "first") expect(once?.partnershipId).to.equal(touches[0]?.partnershipId);
          else expect(touches).to.deep.include({ partnershipId: once?.partnershipId, touchedAt: latest });
        },
      ),
    );
  });

  it("of the same partner notes the later touch, and lasts no longer for it", () => {
    for (const touch of ["first", "last"] as const) {
      expect(bindingAfter(bound, of(1n, 7_000), 8_000, rule(touch))).to.deep.equal({ ...bound, touchedAt: 7_000 });
      expect(bindingAfter(bound, of(1n, 5_000), 8_000, rule(touch))).to.equal(bound);
      expect(bindingAfter(bound, of(1n, 7_000), 106_000, rule(touch))?.until).to.equal(206_000);
    }
  });

  it("that would last longer than a hundred years lasts for life", () => {
    const most = 100 * 366 * 86_400;
    const until = (seconds: number) => bindingAfter(undefined, of(1n, 1), 1_000, rule("last", seconds))?.until;
    expect([until(most), until(most + 1)]).to.deep.equal([most * 1000 + 1_000, null]);
  });

  it("gives way once it has ended", () => {
    expect(bindingAfter(bound, of(2n, 1_000), 105_999, rule("first"))).to.equal(bound);
    expect(bindingAfter(bound, of(2n, 1_000), 106_000, rule("first"))?.partnershipId).to.equal(2n);
  });
});
