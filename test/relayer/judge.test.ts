import { expect } from "chai";
import { campaignDescription } from "../../protocol/description.ts";
import { kindMask } from "../../protocol/kinds.ts";
import { type Candidate, type Facts, judge } from "../../relayer/domain/judge.ts";

const HOUR = 3_600_000;
const PARTNER = "0x1111111111111111111111111111111111111111";
const OTHER = "0x2222222222222222222222222222222222222222";

const ada: Candidate & { until: number } = {
  partnershipId: 1n,
  partner: PARTNER,
  payableKinds: kindMask("affiliate"),
  touchedAt: 10 * HOUR,
  until: 12 * HOUR,
};
const ben: Candidate = { ...ada, partnershipId: 2n, partner: OTHER };

function facts(changes: Partial<Facts> = {}, campaign: Partial<Facts["campaign"]> = {}, attribution = {}): Facts {
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
      events: [{ name: "sale", title: "t", perCustomer: 2, minimumVolume: "5" }],
    }),
    offers: [{ offerId: 1, kind: 0, flatAmount: 1_000_000n, rateBps: 1_000, capUnits: 10_000n }],
    event: "sale",
    volume: "50.009999",
    customerWallet: undefined,
    touch: ada,
    binding: undefined,
    countedForCustomer: 0,
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
    expect(reason(facts({ touch: "unknown" }))).to.equal("unknown_token");
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
    // A click that is too old does not take a bound customer away.
    expect(judge(facts({ binding, receivedAt: 20 * HOUR }, {}, { touch: "last" })).partnershipId).to.equal(2n);
  });

  it("gives every other rejection its reason", () => {
    expect(reason(facts({ event: "signup" }))).to.equal("unknown_event");
    expect(reason(facts({}, { closed: true }))).to.equal("campaign_closed");
    expect(reason(facts({}, { suspended: true }))).to.equal("campaign_suspended");
    expect(reason(facts({ customerWallet: PARTNER }))).to.equal("self_referral");
    expect(reason(facts({ countedForCustomer: 1 }))).to.equal("accepted");
    expect(reason(facts({ countedForCustomer: 2 }))).to.equal("customer_limit");
    expect(reason(facts({ volume: "4.999999" }))).to.equal("below_minimum");
    expect(reason(facts({ offers: [] }))).to.equal("no_offer");
    expect(reason(facts({ touch: { ...ada, payableKinds: kindMask("reseller") } }))).to.equal("no_offer");
  });

  it("spends the budget to the last unit, and not one more", () => {
    expect(reason(facts({}, { spendable: 6_300_000n }))).to.equal("accepted");
    expect(reason(facts({}, { spendable: 6_299_999n }))).to.equal("budget_exhausted");
  });
});
