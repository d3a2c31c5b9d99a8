/** Where a decision turns: the last moment of a binding, the earlier of two offers, what of an address stays. */
import { campaignDescription } from "@partner-programs/protocol/description";
import { kindMask } from "@partner-programs/protocol/kinds";
import { expect } from "chai";
import { destinationOf } from "#relayer/domain/destination.ts";
import { type Candidate, conditionFacts, type Facts, judge, judgeBinding } from "#relayer/domain/judge.ts";
import { networkOf } from "#relayer/domain/network.ts";
import { costOf, takenBack } from "#relayer/domain/refund.ts";
import { typedName } from "#relayer/domain/spokenCode.ts";

const WALLET = "0x1111111111111111111111111111111111111111";
const ada: Candidate & { until: number } = {
  partnershipId: 1n,
  wallet: WALLET,
  payableKinds: kindMask("affiliate"),
  payouts: [],
  since: 0,
  network: undefined,
  recruiter: undefined,
  touchedAt: 5_000,
  until: 20_000,
  lastHour: 0,
  counted: [],
};
const ben: typeof ada = { ...ada, partnershipId: 2n, wallet: "0x2222222222222222222222222222222222222222" };
const customer = { id: "c", wallets: [], walletOfAnother: false, emailDomain: undefined, network: undefined };
const attribution = (touch: "first" | "last") => ({ touch, windowSeconds: 10, bindingSeconds: 100 });
const facts = (changes: Partial<Facts>): Facts => ({
  receivedAt: 10_000,
  campaign: { feeBps: 0, unitExponent: 0, tokenDecimals: 0, suspended: false, closed: false, spendable: 10n ** 9n },
  description: campaignDescription.parse({
    version: 1,
    name: "n",
    summary: "s",
    destination: "https://brand.example/",
    attribution: attribution("first"),
    events: [{ name: "sale", title: "t", perCustomer: null }],
  }),
  offers: [{ offerId: 1, kind: 0, flatAmount: 7n, rateBps: 0, capUnits: 10n }],
  event: "sale",
  attributes: {},
  history: {},
  volume: "1",
  customer,
  customerPayee: undefined,
  isDisposable: () => false,
  touch: ada,
  code: undefined,
  binding: undefined,
  countedForCustomer: 0,
  isBonus: false,
  ...changes,
});
const outcome = (changes: Partial<Facts>) => {
  const found = judge(facts(changes));
  return found.accepted ? found.partnershipId : found.reason;
};

describe("whom a conversion is attributed to", () => {
  it("is whom the customer is bound to until the binding's last millisecond, and nobody by it from then on", () => {
    const until = { ...ada, until: 10_000 };
    expect(outcome({ touch: undefined, binding: until, receivedAt: 9_999 })).to.equal(1n);
    expect(outcome({ touch: undefined, binding: until, receivedAt: 10_000 })).to.equal("binding_expired");
    expect(outcome({ touch: undefined, binding: { ...until, until: null }, receivedAt: 10 ** 12 })).to.equal(1n);
    expect(outcome({ touch: ben, binding: until, receivedAt: 9_999 })).to.equal(1n);
    expect(outcome({ touch: ben, binding: until, receivedAt: 10_000 })).to.equal(2n);
    for (const word of ["unknown_token", "unknown_code", "retired_code"] as const) {
      expect(outcome({ touch: word, binding: until, receivedAt: 9_999 })).to.equal(1n);
      expect(outcome({ touch: word, binding: until, receivedAt: 10_000 })).to.equal(word);
    }
    expect(outcome({ touch: { ...ada, until: 9_999 } })).to.equal("window_expired");
  });

  it("is not asked while the campaign is suspended or closed", () => {
    const { campaign } = facts({});
    expect(outcome({ campaign: { ...campaign, suspended: true } })).to.equal("campaign_suspended");
    expect(outcome({ campaign: { ...campaign, closed: true } })).to.equal("campaign_closed");
  });

  it("is asked for a binding by the touch, which says again what is bound already, however late", () => {
    const ask = (changes: Partial<Facts>) => {
      const found = judgeBinding(facts(changes), attribution("first"));
      return "reason" in found ? found.reason : found.partnershipId;
    };
    const late = { ...ada, until: 9_000 };
    const bound = { ...ada, until: 10_001 };
    expect(ask({ touch: late, binding: bound })).to.equal(1n);
    expect(ask({ touch: late, binding: bound, receivedAt: 10_001 }), "it is bound no more").to.equal("window_expired");
    expect(ask({ touch: late, binding: { ...bound, until: null } })).to.equal(1n);
    expect(ask({ touch: late, binding: { ...ben, until: null } }), "to another").to.equal("window_expired");
    expect(ask({ touch: late })).to.equal("window_expired");
    expect(ask({ touch: "unknown_token", binding: bound })).to.equal("unknown_token");
    expect(ask({ touch: undefined, binding: bound })).to.equal("no_referral");
  });

  it("is paid by the offer that pays most, and of two that pay the same by the earlier one", () => {
    const offer = (offerId: number, flatAmount: bigint) => ({
      offerId,
      kind: 0,
      flatAmount,
      rateBps: 0,
      capUnits: 10n,
    });
    const paidBy = (...offers: Facts["offers"]) => {
      const found = judge(facts({ offers }));
      return found.accepted ? found.entries[0]?.offerId : undefined;
    };
    expect(paidBy(offer(1, 7n), offer(2, 7n))).to.equal(1);
    expect(paidBy(offer(2, 7n), offer(1, 7n), offer(3, 7n))).to.equal(2);
    expect(paidBy(offer(1, 6n), offer(2, 7n), offer(3, 5n))).to.equal(2);
    expect(paidBy(offer(1, 7n), offer(2, 6n))).to.equal(1);
  });

  it("is asked by whole seconds that have passed", () => {
    const { at, partnerSince } = conditionFacts(
      { event: "e", receivedAt: 86_400_999, attributes: {}, history: {} },
      { since: 5_999 },
    );
    expect([at, partnerSince]).to.deep.equal([86_400, 5]);
  });
});

describe("what is left and what is not", () => {
  it("of a destination is all but tokens and user names, to the letter", () => {
    const grounds = (destination: string) => ({ destination, allowedOrigins: [] }) as never;
    const token = "_ushrt=2.abc.1.zzzz";
    const at = (destination: string) => destinationOf(null, grounds(destination)).href;
    expect(at("https://u:p@brand.example/a?b=%20c&d")).to.equal("https://brand.example/a?b=%20c&d");
    expect(at(`https://brand.example/?b=%20c&d&${token}&e=`)).to.equal("https://brand.example/?b=%20c&d&e=");
    expect(at(`https://brand.example/?${token}&b`)).to.equal("https://brand.example/?b");
    expect(at(`https://brand.example/?${token}`)).to.equal("https://brand.example/");
    expect(() => at("ftp://brand.example/")).to.throw(
      "The campaign's destination ftp://brand.example/ is not an http(s) address.",
    );
  });

  it("of what a customer typed is the code that it could be, or what was typed", () => {
    expect([typedName("spring 24"), typedName("?!")]).to.deep.equal(["SPR1NG24", "?!"]);
  });

  it("of an address is its network", () => {
    expect(networkOf("0.0.0.1")).to.equal("0.0.0.1");
    expect(networkOf("203.0.113.255")).to.equal("203.0.113.255");
    expect(networkOf("2001:db8:1:2:3:4:5:6")).to.equal(networkOf("2001:db8:1:2::"));
    expect(networkOf("2001:db8:1:2::")).to.not.equal(networkOf("2001:db8:1:3::"));
  });

  it("of a refund is what the entries had more than they have, and what still pays", () => {
    const line = (count: number, volumeUnits: bigint) => ({ offerId: 1, partner: WALLET, count, volumeUnits });
    expect(takenBack([line(1, 5n)], [line(1, 5n)])).to.deep.equal([]);
    expect(takenBack([line(1, 5n)], [line(1, 3n)])).to.deep.equal([line(0, 2n)]);
    expect(takenBack([line(1, 5n)], [line(0, 0n)])).to.deep.equal([line(1, 5n)]);
    const rates = new Map([[1, { kind: 0, flatAmount: 0n, rateBps: 1 }]]);
    const cost = costOf([line(1, 5_000n), line(1, 50_000n)], rates, { unitExponent: 0, feeBps: 0 });
    expect([cost.commission, cost.paying]).to.deep.equal([5n, [line(1, 50_000n)]]);
  });
});
