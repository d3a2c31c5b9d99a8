/** Where what both sides agree on ends: the last value that is taken, the first that is not, and a word for each code. */
import { attestationRecord, conversionRecord, reversalRequest, seconds } from "@partner-programs/protocol/attesterApi";
import { memory, rememberedRecord, signedAttestation } from "@partner-programs/protocol/attesterMemory";
import {
  judgedHistory,
  MAX_ATTRIBUTES,
  offerCondition,
  saidAttributes,
  whatFails,
} from "@partner-programs/protocol/conditions";
import { CURRENCIES, currencyDecimals } from "@partner-programs/protocol/currency";
import { NOT_ACCEPTING } from "@partner-programs/protocol/notAccepting";
import {
  convertedSale,
  countedAs,
  isPar,
  isSameRate,
  type Rate,
  rate,
  rateTime,
  saleCurrencies,
  tableFraction,
  toTokenDown,
} from "@partner-programs/protocol/rates";
import { FAULT_REASONS, FLAGS, REASONS } from "@partner-programs/protocol/reasons";
import { canonicalCode } from "@partner-programs/protocol/spokenCode";
import { stripeMapping } from "@partner-programs/protocol/stripeMapping";
import { bonusOfStep, manualBonuses, periodAt, stepsReached, target } from "@partner-programs/protocol/targets";
import { describeTarget } from "@partner-programs/protocol/targetWords";
import { time } from "@partner-programs/protocol/time";
import { conversionTree } from "@partner-programs/protocol/trees";
import { leadReceiptTypes, receiptTypes } from "@partner-programs/protocol/typedData";
import { webhookMapping } from "@partner-programs/protocol/webhookMapping";
import { expect } from "chai";
import { TypedDataEncoder } from "ethers";
import type { z } from "zod";

const WORD = `0x${"1".repeat(64)}`;
const ADDRESS = "0x0000000000000000000000000000000000000001";
/** What is refused is refused in words. */
function takes(schema: z.ZodType, value: unknown): boolean {
  const { success, error } = schema.safeParse(value);
  for (const { message } of error?.issues ?? []) expect(message).to.not.equal("");
  return success;
}
/** What is taken as it is, and not with another value in a place. */
function ends(schema: z.ZodType, base: object, fields: Record<string, readonly [taken: unknown, refused: unknown][]>) {
  expect(takes(schema, base), JSON.stringify(base)).to.equal(true);
  for (const [field, values] of Object.entries(fields))
    for (const [taken, refused] of values) {
      expect(takes(schema, { ...base, [field]: taken }), `${field} ${JSON.stringify(taken)?.slice(0, 60)}`).to.equal(
        true,
      );
      expect(
        takes(schema, { ...base, [field]: refused }),
        `${field} ${JSON.stringify(refused)?.slice(0, 60)}`,
      ).to.equal(false);
    }
}
const text = (length: number) => "a".repeat(length);
const many = <T>(length: number, value: T): T[] => Array.from({ length }, () => value);
const LAST_SECOND = 2 ** 40 - 1;

describe("what goes between relayer and attester", () => {
  it("is bounded in every field as the contract and the docs bound it", () => {
    for (const schema of [seconds, time]) {
      expect([0, LAST_SECOND].map((value) => takes(schema, value))).to.deep.equal([true, true]);
      expect([-1, LAST_SECOND + 1, 0.5].map((value) => takes(schema, value))).to.deep.equal([false, false, false]);
    }
    const attestation = {
      campaignId: WORD,
      firstConversion: "1",
      conversions: 1,
      periodFrom: 0,
      periodTo: 0,
      deadline: 0,
      conversionsRoot: WORD,
      linesRoot: WORD,
      lineCount: 1,
      total: "0",
    };
    ends(attestationRecord, attestation, {
      firstConversion: [
        [String(2n ** 63n - 1n), String(2n ** 63n)],
        ["0", "-1"],
      ],
      conversions: [
        [1, 0],
        [200_000, 2 ** 32],
      ],
      lineCount: [[1, 0]],
      total: [[String(2n ** 128n - 1n), String(2n ** 128n)]],
    });
    const order = { event: "e", orderId: "o", volume: "1", receivedAt: 0 };
    const conversion = { number: "1", key: WORD, salt: WORD, entries: [WORD] };
    ends(conversionRecord, conversion, {
      entries: [
        [many(16, WORD), many(17, WORD)],
        [[WORD], []],
      ],
      order: [
        [
          { ...order, event: text(24) },
          { ...order, event: text(25) },
        ],
        [
          { ...order, event: "e" },
          { ...order, event: "" },
        ],
        [
          { ...order, orderId: text(200) },
          { ...order, orderId: text(201) },
        ],
        [order, { ...order, orderId: "" }],
        [
          { ...order, history: { customer: { [text(24)]: { conversions: 0, firstAt: 0 } }, partnerSince: 0 } },
          { ...order, history: { customer: { [text(25)]: { conversions: 0 } } } },
        ],
        [
          { ...order, attributes: { [text(32)]: 0 } },
          { ...order, attributes: { [text(33)]: 0 } },
        ],
      ],
    });
    ends(
      reversalRequest,
      { campaignId: WORD, attestation: WORD, targets: [WORD], reasonHash: WORD },
      {
        targets: [
          [many(512, WORD), many(513, WORD)],
          [[WORD], []],
        ],
      },
    );
    const signed = { digest: WORD, firstConversion: "1", conversions: 1, deadline: 0 };
    ends(signedAttestation, signed, { conversions: [[2, 0]] });
    ends(memory, { forgotten: [], signed: [], more: false }, { signed: [[many(1_000, signed), many(1_001, signed)]] });
    const remembered = { event: "e", orderId: "o" };
    ends(
      rememberedRecord,
      { number: "1", key: WORD, entries: [WORD] },
      {
        entries: [[many(16, WORD), many(17, WORD)]],
        order: [
          [
            { ...remembered, event: text(24) },
            { ...remembered, event: text(25) },
          ],
          [remembered, { ...remembered, event: "" }],
          [
            { ...remembered, orderId: text(200) },
            { ...remembered, orderId: text(201) },
          ],
          [remembered, { ...remembered, orderId: "" }],
        ],
      },
    );
  });

  it("is signed as typed data that people check by hand: receipts of conversions and of leads", () => {
    expect(TypedDataEncoder.from(receiptTypes).encodeType("Receipt")).to.equal(
      "Receipt(bytes32 campaignId,bytes32 conversionKey,bytes32 salt,uint40 receivedAt,uint40 attestBy,bytes32[] entries)",
    );
    expect(TypedDataEncoder.from(leadReceiptTypes).encodeType("LeadReceipt")).to.equal(
      "LeadReceipt(bytes32 campaignId,address partner,bytes32 leadHash,uint40 registeredAt,uint40 protectedUntil)",
    );
  });

  it("has a proof for each conversion of a batch, and for no other", () => {
    const leaf = { number: 1n, key: WORD, salt: WORD, entries: [] };
    const tree = conversionTree([leaf, { ...leaf, number: 2n }, { ...leaf, number: 3n }]);
    for (const index of [0, 1, 2]) expect(tree.getProof(index).length).to.be.greaterThan(0);
    for (const index of [-1, 3, Number.NaN]) expect(() => tree.getProof(index)).to.throw(RangeError, `${index}`);
  });
});

describe("what a description says of conditions, currencies and targets", () => {
  it("is taken up to its ends", () => {
    const condition = { offers: [1], partner: { firstDays: 1 } };
    ends(offerCondition, condition, {
      offers: [
        [[65_535], [65_536]],
        [many(100, 1), many(101, 1)],
        [[1], [0]],
        [[1], []],
      ],
      partner: [
        [{ firstDays: 3_660 }, { firstDays: 3_661 }],
        [{ firstDays: 1 }, { firstDays: 0 }],
      ],
      customer: [
        [{ purchase: "first" }, {}],
        [{ months: { from: 1_200 } }, { months: { from: 1_201 } }],
        [{ months: { below: 1_200 } }, { months: { below: 1_201 } }],
        [{ months: { below: 1 } }, { months: { below: 0 } }],
        [{ months: { from: 0 } }, { months: {} }],
        [
          { purchase: "renewal", event: text(24) },
          { purchase: "renewal", event: text(25) },
        ],
      ],
      attributes: [
        [{ a: { is: true } }, {}],
        [{ a: { min: 0 } }, { a: {} }],
      ],
    });
    expect(takes(offerCondition, { offers: [1] }), "says nothing").to.equal(false);
    ends(saidAttributes, {}, { [text(32)]: [[1, -1]] });
    expect(takes(saidAttributes, { [text(33)]: 1 })).to.equal(false);
    const named = (length: number) => Object.fromEntries(Array.from({ length }, (_, i) => [`a${i}`, i]));
    expect([MAX_ATTRIBUTES, MAX_ATTRIBUTES + 1].map((length) => takes(saidAttributes, named(length)))).to.deep.equal([
      true,
      false,
    ]);
    const oneOf = { offers: [1], attributes: { plan: { oneOf: [" Pro "] } } };
    expect(offerCondition.parse(oneOf).attributes, "blanks around a text do not count").to.deep.equal({
      plan: { oneOf: ["Pro"] },
    });
    expect(takes(stripeMapping.shape.currency, "usd")).to.equal(true);
    expect(takes(stripeMapping.shape.currency, "USD")).to.equal(false);
    expect(takes(judgedHistory, { partnerSince: -1 })).to.equal(false);

    const feeds = { kind: "feeds", feeds: { EUR: ADDRESS }, maxAgeSeconds: 60 };
    const sequencer = (graceSeconds: number) => ({ ...feeds, sequencer: { feed: ADDRESS, graceSeconds } });
    const file = { kind: "file", url: "https://a.example/{day}", signer: ADDRESS };
    const currencies = { accepted: ["EUR"], token: "USD", rates: feeds };
    ends(saleCurrencies, currencies, {
      accepted: [
        [
          ["EUR", "USD"],
          ["EUR", "GBP"],
        ],
        [["EUR"], ["EUR", "EUR"]],
        [["EUR"], []],
      ],
      token: [["GBP", "EUR"]],
      rates: [
        [feeds, { ...feeds, maxAgeSeconds: 59 }],
        [
          { ...feeds, maxAgeSeconds: 7 * 86_400 },
          { ...feeds, maxAgeSeconds: 7 * 86_400 + 1 },
        ],
        [sequencer(0), sequencer(-1)],
        [sequencer(86_400), sequencer(86_401)],
        [file, { ...file, url: "https://a.example/day" }],
        [
          { ...file, maxAgeDays: 31 },
          { ...file, maxAgeDays: 32 },
        ],
        [
          { ...file, maxAgeDays: 0 },
          { ...file, maxAgeDays: -1 },
        ],
      ],
      lateAfterSeconds: [
        [60, 59],
        [31 * 86_400, 31 * 86_400 + 1],
      ],
    });
    expect(takes(saleCurrencies, { ...currencies, rates: file, accepted: CURRENCIES.slice(0, 60) })).to.equal(true);
    expect(takes(saleCurrencies, { ...currencies, rates: file, accepted: CURRENCIES.slice(0, 61) })).to.equal(false);
    const one = { numerator: "1", denominator: "1", observedAt: 0, sources: [] };
    const source = { feed: ADDRESS, round: "0" };
    ends(rate, one, {
      observedAt: [[0, -1]],
      sources: [
        [
          [source, source],
          [source, source, source],
        ],
      ],
      numerator: [["9".repeat(90), "9".repeat(91)]],
      denominator: [["1", "0"]],
    });
    expect(takes(convertedSale, { currency: "EUR", volume: "1", rate: one, nonce: WORD })).to.equal(true);
    expect(takes(convertedSale, { currency: "XXX", volume: "1", rate: one, nonce: WORD })).to.equal(false);

    const step = { conversions: 1, bonus: "1" };
    const steps = (length: number) => Array.from({ length }, (_, i) => ({ ...step, conversions: i + 1 }));
    ends(
      target,
      { name: "a", title: "A", period: "month", counts: ["sale"], steps: [step] },
      {
        name: [
          [text(32), text(33)],
          ["0-a", "-a"],
        ],
        title: [[text(200), text(201)]],
        counts: [
          [many(64, "sale"), many(65, "sale")],
          [["sale"], ["bonus"]],
        ],
        kinds: [
          [many(16, 5), many(17, 5)],
          [["affiliate"], []],
          [[63], [64]],
          [[5], [4]],
        ],
        steps: [
          [steps(12), steps(13)],
          [
            [step, { ...step, conversions: 2 }],
            [step, step],
          ],
          [
            [
              { volume: "1", bonus: "1" },
              { volume: "2", bonus: "1" },
            ],
            [
              { volume: "2", bonus: "1" },
              { volume: "1", bonus: "1" },
            ],
          ],
        ],
      },
    );
    const equal = { volume: "1", bonus: "1" };
    expect(takes(target.shape.steps.element, equal)).to.equal(true);
    expect(takes(target, { name: "a", title: "A", period: "month", counts: ["sale"], steps: [equal, equal] })).to.equal(
      false,
    );
    expect(periodAt("once", 5)).to.deep.equal({ name: "once", from: 0, to: LAST_SECOND });
    expect(["2026-11-28T12:00:00+02:00", "2026-11-28T10:00:00Z"].map((text) => time.parse(text))).to.deep.equal(
      many(2, Date.UTC(2026, 10, 28, 10) / 1000),
    );
    expect(manualBonuses.parse({ most: "1", mostPerMonth: "2" }).event).to.equal("bonus");
    const asked = (length: number) => Object.fromEntries(Array.from({ length }, (_, i) => [`$.a${i}`, 1]));
    const rule = { event: "sale", orderId: "$.id", volume: "$.sum" };
    ends(
      webhookMapping,
      { signature: "standard-webhooks", rules: [rule] },
      {
        rules: [
          [[{ ...rule, when: { "$.a": text(200) } }], [{ ...rule, when: { "$.a": text(201) } }]],
          [[{ ...rule, orderId: "$.a['b c']" }], [{ ...rule, orderId: "a b" }]],
          [[{ ...rule, orderId: `$.${text(198)}` }], [{ ...rule, orderId: `$.${text(199)}` }]],
          [[{ ...rule, decimals: 6 }], [{ ...rule, decimals: 7 }]],
          [[{ ...rule, decimals: "currency", currency: "EUR" }], [{ ...rule, decimals: "currency" }]],
          [many(32, rule), many(33, rule)],
          [[{ ...rule, when: asked(8) }], [{ ...rule, when: asked(9) }]],
        ],
      },
    );
  });

  it("holds for whoever has what it asks: each kind of test, up to the month in which it ends", () => {
    const facts = { event: "sale", at: Date.UTC(2026, 11, 31) / 1000, partnerSince: 0, attributes: {} };
    const fails = (condition: object, given: object) =>
      whatFails({ offers: [1], ...condition } as never, { ...facts, ...given } as never) !== undefined;
    for (const [test, passing, failing] of [
      [{ is: true }, true, false],
      [{ is: false }, false, true],
      [{ oneOf: ["A"] }, "a", "b"],
      [{ noneOf: ["A"] }, "b", "a"],
      [{ min: 2, max: 3 }, 2, 1],
      [{ min: 2, max: 3 }, 3, 4],
    ] as const) {
      const condition = { attributes: { plan: test } };
      expect(fails(condition, { attributes: { plan: passing } }), JSON.stringify(test)).to.equal(false);
      expect(fails(condition, { attributes: { plan: failing } }), JSON.stringify(test)).to.equal(true);
    }
    const since = (month: number) => ({
      customer: { sale: { conversions: 1, firstAt: Date.UTC(2026, month, 30) / 1000 } },
    });
    const months = { customer: { months: { from: 2, below: 4 } } };
    // Whole months before the 31st of December: 1, 2, 3 and 4.
    expect([10, 9, 8, 7].map((month) => fails(months, since(month)))).to.deep.equal([true, false, false, true]);
  });

  it("counts sales of the currencies that it takes, each with its own rate", () => {
    expect(["USD", "BIF", "JPY", "BHD", "KWD", "TND", "XXX"].map(currencyDecimals)).to.deep.equal([
      2,
      0,
      0,
      3,
      3,
      3,
      undefined,
    ]);
    const file = { accepted: ["EUR"], token: "USD", rates: { kind: "file" } } as never;
    const feeds = { accepted: ["EUR"], token: "USD", rates: { kind: "feeds", token: ADDRESS } } as never;
    const counted = (currencies: never | undefined, currency: string) => countedAs(currencies, currency, "GBP");
    expect(["USD", "EUR", "GBP", "JPY"].map((currency) => counted(file, currency))).to.deep.equal([
      { currency: undefined },
      { currency: "EUR" },
      { currency: undefined },
      undefined,
    ]);
    expect(counted(feeds, "USD"), "what a token with a feed is worth changes").to.deep.equal({ currency: "USD" });
    expect(counted(undefined, "EUR")).to.equal(undefined);
    expect(counted(undefined, "GBP")).to.deep.equal({ currency: undefined });
    expect([isPar(file, "USD"), isPar(feeds, "USD"), isPar(file, "EUR")]).to.deep.equal([true, false, false]);

    const one: Rate = { numerator: "3", denominator: "2", observedAt: 5, sources: [{ feed: ADDRESS, round: "7" }] };
    expect(isSameRate(one, structuredClone(one))).to.equal(true);
    for (const other of [
      { numerator: "4" },
      { denominator: "4" },
      { observedAt: 6 },
      { sources: [] },
      { sources: [{ feed: ADDRESS, round: "8" }] },
      { sources: [{ feed: WORD.slice(0, 42), round: "7" }] },
      { sources: [{ file: WORD, day: "2026-11-28" }] },
    ])
      expect(isSameRate(one, { ...one, ...other } as Rate), JSON.stringify(other)).to.equal(false);
    const ofFile = (day: string, file = WORD) => ({ ...one, sources: [{ file, day }] }) as Rate;
    expect(isSameRate(ofFile("2026-11-28"), ofFile("2026-11-28"))).to.equal(true);
    expect(isSameRate(ofFile("2026-11-28"), ofFile("2026-11-27"))).to.equal(false);
    expect(toTokenDown("10.01", one, 2)).to.equal(1_501n);
    expect(toTokenDown("0", one, 6)).to.equal(0n);
    expect(tableFraction("0.5", "2")).to.deep.equal({ numerator: "20", denominator: "5" });
    // An hour after it was made, unless the description says otherwise.
    expect(rateTime({}, 10_000, 6_401)).to.equal(10_000);
    expect(rateTime({}, 10_000, 6_399)).to.equal(9_999);
    expect(rateTime({ lateAfterSeconds: 60 }, 10_000, 100)).to.equal(160);
    expect(rateTime({}, 10_000, undefined)).to.equal(10_000);
  });

  it("pays a target's steps up to the last that is reached, and says them in words", () => {
    const steps = [
      { conversions: 2, bonus: "5" },
      { conversions: 2, volume: "1.5", bonus: "7.25" },
      { volume: "3", bonus: "9" },
    ];
    const reached = (conversions: number, volume: bigint) => stepsReached({ steps }, { conversions, volume }, 2);
    expect(reached(1, 999n)).to.equal(0);
    expect(reached(2, 149n)).to.equal(1);
    expect(reached(2, 150n)).to.equal(2);
    expect(reached(2, 299n)).to.equal(2);
    expect(reached(2, 300n)).to.equal(3);
    const bonus = (pays: "each" | "highest") => [0, 1, 2, 3, 4].map((step) => bonusOfStep({ steps, pays }, step, 2));
    expect(bonus("each")).to.deep.equal([undefined, 500n, 725n, 900n, undefined]);
    expect(bonus("highest")).to.deep.equal([undefined, 500n, 225n, 175n, undefined]);
    const words = (period: string, pays: string, some = steps) =>
      describeTarget({ period, counts: ["sale", "lead"], steps: some, pays } as never);
    expect(words("month", "each")).to.equal(
      "5 for 2 conversions; 7.25 for 2 conversions and a volume of 1.5; 9 for a volume of 3 of “sale”, “lead” a month, each that is reached",
    );
    expect(words("quarter", "highest", [{ conversions: 1, bonus: "5" }])).to.equal(
      "5 for 1 conversion of “sale”, “lead” a quarter",
    );
    expect(words("year", "highest")).to.match(/a year, the highest that is reached$/);
    expect(words("once", "each")).to.match(/in all, each that is reached$/);
  });

  it("has a code in one spelling, and nothing that is too long to be one", () => {
    expect(canonicalCode(`a${" ".repeat(197)}bc`)).to.equal("ABC");
    expect(canonicalCode(`a${" ".repeat(198)}bc`)).to.equal(undefined);
  });
});

describe("codes that people read", () => {
  it("have a sentence each", () => {
    for (const words of [REASONS, FLAGS, NOT_ACCEPTING])
      for (const [code, sentence] of Object.entries(words)) expect(sentence, code).to.match(/^[A-Z].{20,}\.$/);
  });

  it("of what the contract would not pay are reasons, in the contract's order", () => {
    expect(FAULT_REASONS[0]).to.equal(undefined);
    for (const reason of FAULT_REASONS.slice(1)) expect(REASONS).to.have.property(reason ?? "");
    expect(FAULT_REASONS.slice(1)).to.deep.equal([
      "unknown_offer",
      "period_outside_offer",
      "partner_is_zero",
      "volume_exceeds_cap",
      "count_exceeds_conversions",
      "kind_not_payable",
      "offer_for_other_partner",
    ]);
  });
});
