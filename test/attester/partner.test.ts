/** Whose an order is: by what the attester's own source says, and by whom it signed for before. */
import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { kindMask } from "@partner-programs/protocol/kinds";
import { expect } from "chai";
import type { Offer, Offers } from "#attester/checks/offers.ts";
import { checkPartners, namesOf, ownEntry, partnerOf } from "#attester/checks/partner.ts";
import { checkRules } from "#attester/checks/rules.ts";
import { Conversions } from "#attester/conversions.ts";
import type { SourceAnswer } from "#attester/source/source.ts";

const [ADA, BOB, EVE] = ["a", "b", "e"].map((one) => `0x${one.repeat(40)}`) as [string, string, string];
/** Offers by their kinds: of a partner, a customer, a recruiter, a group, and for one partner alone. */
const KINDS = [0, 3, 4, 7, 63, 64];
const offers: Offers = new Map(
  KINDS.map((kind, i) => [
    i + 1,
    { flatAmount: 1n, rateBps: 0, kind, event: "sale", capUnits: 1n, validFrom: 0, validTo: 9 } as unknown as Offer,
  ]),
);
const entry = (offerId: number, partner: string) => ({ offerId, partner, count: 1, volumeUnits: 1n });
const paid = (partner: string, i = 0): GivenConversion => ({
  number: BigInt(i + 1),
  key: `0x${String(i).padStart(64, "0")}`,
  salt: `0x${"1".repeat(64)}`,
  entries: [entry(1, partner)],
  order: { event: "sale", orderId: `order ${i}`, volume: "1", receivedAt: 0 } as never,
});
const says = (brought?: object): SourceAnswer => ({ order: { brought } }) as never;
/** One order after the other, each with what the source says of who brought it. */
function check(
  given: readonly (readonly [partner: string, brought: object | undefined])[],
  known: Record<string, string[]> = {},
) {
  const names = new Map(Object.entries(known).map(([name, owners]) => [name, new Set(owners)]));
  const conversions = given.map(([partner], i) => paid(partner, i));
  const { refusal, learned } = checkPartners(
    conversions,
    given.map(([, brought]) => says(brought)),
    offers,
    names,
  );
  const refused = (refusal?.conversions ?? []).map(({ number }) => Number(number) - 1);
  return { refused, learned: learned.map(({ name, partner }) => `${name} ${partner}`), reason: refusal?.reason ?? "" };
}

describe("who brought a customer", () => {
  it("is paid by an offer that is neither for customers nor for recruiters, of any kind and for one partner alone", () => {
    for (const [i, kind] of KINDS.entries()) {
      const beside = kind < 64 && ((1n << BigInt(kind)) & (kindMask("customer") | kindMask("recruiter"))) !== 0n;
      expect(ownEntry([entry(i + 1, ADA)], offers)?.partner, `kind ${kind}`).to.equal(beside ? undefined : ADA);
    }
    expect(partnerOf([entry(2, EVE), entry(99, EVE), entry(6, `0x${"A".repeat(40)}`)], offers)).to.equal(ADA);
    expect(partnerOf([], offers)).to.equal(undefined);
  });

  it("is named by the source's partner, code and customer, in this order; and by nothing where it has no answer", () => {
    expect(namesOf(says({ customer: "c", code: "C0DE", partner: ADA.toUpperCase().replace("X", "x") }))).to.deep.equal([
      `partner ${ADA}`,
      "code C0DE",
      "customer c",
    ]);
    for (const answer of [undefined, says(), says({}), { missing: true }, { unavailable: "away" }, { refused: "no" }])
      expect(namesOf(answer as SourceAnswer | undefined)).to.deep.equal([]);
  });

  it("is who the source says, whatever was signed before", () => {
    const { refused, reason, learned } = check([
      [ADA, { partner: ADA }],
      [BOB, { partner: ADA }],
    ]);
    expect([refused, learned]).to.deep.equal([[1], []]);
    expect(reason).to.contain(`order "order 1" was brought by partner ${ADA} in the attester's source`);
  });

  it("is who it was the first time that a customer or a code is heard of, in this batch as well, until a new code says otherwise", () => {
    const first = check([
      [ADA, { customer: "c" }],
      [BOB, { customer: "c" }],
      [ADA, { customer: "c" }],
      [BOB, { customer: "d" }],
    ]);
    expect([first.refused, first.learned]).to.deep.equal([[1], [`customer c ${ADA}`, `customer d ${BOB}`]]);
    // A code of Ada's stays hers; her customer may come by another's new one, and is then of both.
    const codes = check([
      [ADA, { code: "A", customer: "c" }],
      [BOB, { code: "A" }],
      [BOB, { code: "B", customer: "c" }],
      [ADA, { customer: "c" }],
      [EVE, { customer: "c" }],
    ]);
    expect(codes.refused).to.deep.equal([1, 4]);
    expect(codes.learned).to.deep.equal([`code A ${ADA}`, `customer c ${ADA}`, `code B ${BOB}`, `customer c ${BOB}`]);
    // By an order that is explained by its customer a code becomes nobody's.
    const explained = check([[ADA, { code: "N", customer: "c" }]], { "customer c": [ADA] });
    expect([explained.refused, explained.learned]).to.deep.equal([[], []]);
    const ofRules = check([[BOB, { code: "A", customer: "c" }]], { "code A": [ADA] });
    expect(ofRules.refused).to.deep.equal([0]);
    expect(ofRules.reason).to.contain(`which is ${ADA}'s and not ${BOB}'s`);
    const byCustomer = check([[BOB, { code: "A", customer: "c" }]], { "code A": [ADA], "customer c": [BOB] });
    expect(byCustomer.refused, "the customer is Bob's").to.deep.equal([]);
    expect(byCustomer.learned).to.deep.equal([]);
  });

  it("is not asked of an order that pays nobody for it, or of which the source says nothing", () => {
    const known = new Map([["customer c", new Set([BOB])]]);
    const beside = { ...paid(ADA), entries: [entry(2, ADA)] };
    expect(checkPartners([beside, paid(ADA, 1)], [says({ customer: "c" }), says()], offers, known)).to.deep.equal({
      refusal: undefined,
      learned: [],
    });
  });
});

describe("rules on a batch whose offers the chain does not have", () => {
  it("say nothing of those: the chain itself does", () => {
    const rules = {
      maxCommission: {},
      partnersDenied: [BOB],
      conditions: [],
      offers: [1],
      source: { kind: "none" },
    } as never;
    const one = { ...paid(ADA), entries: [entry(99, BOB)] };
    const campaign = { unitExponent: 0, feeBps: 0 };
    expect(checkRules([], [one], rules, offers, campaign)).to.equal(undefined);
    const refusal = checkRules([], [{ ...one, entries: [entry(1, BOB)] }], rules, offers, campaign);
    expect(refusal?.reason).to.contain("does not sign for partner");
  });
});

describe("conversions in an attester's memory", () => {
  it("come out with all that their orders say, one kind of it alone as well", () => {
    const said = [
      {},
      { attributes: { plan: "pro" } },
      { history: { partnerSince: 5 } },
      { sale: { currency: "EUR", volume: "3" } },
      { occurredAt: 7 },
      { attributes: { seats: 2 }, history: {}, occurredAt: 0 },
    ];
    const given = said.map((more, i) => ({
      ...paid(ADA, i),
      order: { event: "sale", orderId: `order ${i} é`, volume: "1.50", receivedAt: i, ...more },
    })) as unknown as GivenConversion[];
    const kept = new Conversions(given.length);
    for (const one of given) kept.push(one);
    expect([...kept].map(({ order }) => order)).to.deep.equal(given.map(({ order }) => order));
    expect(kept.length).to.equal(given.length);
  });
});
