/** What a brand fills in for a new campaign: what is refused before it is signed, and what is signed of it. */
import { FOR_ONE_PARTNER } from "@partner-programs/protocol/kinds";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { saleCurrencies } from "@partner-programs/protocol/rates";
import { expect } from "chai";
import { getAddress, id, toBeHex, ZeroAddress } from "ethers";
import { NEW_CURRENCIES } from "#portal/app/campaign/currencyDraft.ts";
import { type Draft, groupsIn, type OfferDraft } from "#portal/app/campaign/draft.ts";
import { problemsOf } from "#portal/app/campaign/draftProblems.ts";
import { toDescription, toNewCampaign, toOffer, toWords } from "#portal/app/campaign/newCampaign.ts";
import { emptyDraft, fromTemplate, TEMPLATES } from "#portal/app/campaign/templates.ts";
import { setConfig } from "#portal/app/config.ts";

const DAY = 86_400;
const address = (n: number) => getAddress(toBeHex(n + 0xabcdef, 20));
const CONFIG: Parameters<typeof setConfig>[0] = {
  apiUrl: "http://relayer.example",
  rpcUrl: "http://rpc.example",
  chainId: 31337,
  network: "localhost",
  programs: address(1),
  lens: address(1),
  funding: null,
  fromBlock: 0,
  explorerUrl: null,
  attesters: [address(3), address(1), address(2)],
  attesterUrls: [],
  safeOrigins: [],
  operator: null,
  passkeyFactory: null,
  local: false,
};
const OFFER: OfferDraft = {
  id: 7,
  event: "sale",
  title: "A sale",
  kind: 0,
  partner: "",
  flat: "1.5",
  ratePercent: "",
  cap: "",
  oncePerCustomer: false,
};

describe("a campaign as a brand fills it in", () => {
  beforeEach(() => setConfig(CONFIG));
  const draft = (given: Partial<Draft> = {}): Draft => ({
    ...emptyDraft(),
    name: "Shoes",
    destination: "https://shop.example/",
    token: address(9),
    format: { symbol: "DUSD", decimals: 6 },
    offers: [OFFER],
    ...given,
  });
  const offer = (given: Partial<OfferDraft>) => draft({ offers: [{ ...OFFER, ...given }] });

  it("is without problems as proposed, for each proposal, once it has a name, an address and a token", () => {
    for (const template of TEMPLATES) {
      const { name, destination, token, format } = draft();
      expect(problemsOf({ ...fromTemplate(emptyDraft(), template), name, destination, token, format })).to.deep.equal(
        {},
      );
    }
    expect(Object.keys(problemsOf(emptyDraft()))).to.have.members(["name", "destination", "token"]);
  });

  it("is proposed with the terms that the proposals' reasons speak of", () => {
    const days = (seconds: number | null | undefined) => seconds && seconds / DAY;
    const terms = TEMPLATES.map(({ id: of, draft: { offers = [], ...given } }) => [
      of,
      days(given.holdSeconds),
      days(given.noticeSeconds),
      days(given.windowSeconds),
      given.touch,
      given.bindingSeconds,
      given.velocityPerHour,
      given.openKinds,
      offers.map((one) => [one.id, one.event, one.kind, one.flat, one.ratePercent, one.cap, one.oncePerCustomer]),
    ]);
    expect(terms).to.deep.equal([
      ["consumer", 14, 14, 30, "last", 0, "60", [0], [[1, "signup", 0, "2", "", "", true]]],
      ["business", 30, 30, 90, "last", 0, "10", [1], [[1, "qualified", 1, "150", "", "", true]]],
      ["reseller", 30, 60, 90, "first", null, "", [], [[1, "invoice", 2, "", "20", "10000", false]]],
    ]);
    for (const { title, pays, because, draft: given } of TEMPLATES) {
      for (const text of [title, pays, because, ...Object.values(given.expectations ?? {})])
        expect(text).to.match(/\w/);
      for (const one of given.offers ?? []) expect(one.title).to.be.a("string").that.matches(/\w/);
    }
    expect(emptyDraft()).to.include({ template: "consumer", threshold: "2", linesOnChain: true, dailyLimit: "" });
    setConfig({ ...CONFIG, attesters: [address(1), address(2), address(3), address(4)] });
    expect(emptyDraft().threshold).to.equal("3");
  });

  for (const [field, wrong, right] of [
    ["name", [{ name: " " }], [{ name: "S" }]],
    [
      "destination",
      [{ destination: "" }, { destination: "shop.example" }, { destination: "ftp://shop.example/" }],
      [{ destination: "http://shop.example" }],
    ],
    ["token", [{ format: undefined }], []],
    [
      "offers",
      [{ offers: [] }, { offers: [OFFER, { ...OFFER, id: 8 }] }],
      [{ offers: [OFFER, { ...OFFER, kind: 1 }] }],
    ],
    [
      "noticeSeconds",
      [
        { noticeSeconds: DAY - 1 },
        { noticeSeconds: 365 * DAY + 1 },
        { noticeSeconds: 5 * DAY, holdSeconds: 5 * DAY + 1 },
      ],
      [{ noticeSeconds: DAY, holdSeconds: DAY }, { noticeSeconds: 365 * DAY }],
    ],
    [
      "windowSeconds",
      [{ windowSeconds: 0 }, { windowSeconds: 366 * DAY + 1 }],
      [{ windowSeconds: 1 }, { windowSeconds: 366 * DAY }],
    ],
    [
      "attesters",
      [
        { attesters: "" },
        { attesters: "0x12", threshold: "1" },
        { attesters: `${address(1)} ${address(1).toLowerCase()}` },
        { attesters: Array.from({ length: 256 }, (_, i) => address(i)).join(" ") },
      ],
      [{ attesters: address(1), threshold: "1" }],
    ],
    [
      "threshold",
      [{ threshold: "1" }, { threshold: "4" }, { threshold: "2.5" }, { threshold: "" }, { threshold: "two" }],
      [{ threshold: "2" }, { threshold: "3" }],
    ],
    ["dailyLimit", [{ dailyLimit: "0" }, { dailyLimit: "1.1234567" }], [{ dailyLimit: "0.000001" }]],
    [
      "velocityPerHour",
      [{ velocityPerHour: "0" }, { velocityPerHour: "1.5" }, { velocityPerHour: "1000000000" }],
      [{ velocityPerHour: "1" }, { velocityPerHour: "999999999" }],
    ],
    [
      "leadDays",
      [
        { leadDays: "0", bindingSeconds: null },
        { leadDays: "367", bindingSeconds: null },
        { leadDays: "90", bindingSeconds: 0 },
      ],
      [{ leadDays: "7", bindingSeconds: null }, { leadDays: "" }],
    ],
    [
      "leadAnswerDays",
      [
        { leadDays: "6", leadAnswerDays: "7", bindingSeconds: null },
        { leadDays: "90", leadAnswerDays: "", bindingSeconds: null },
      ],
      [{ leadDays: "90", leadAnswerDays: "90", bindingSeconds: null }],
    ],
    [
      "currencies",
      [
        ...[
          { lines: "" },
          { lines: "EUR" },
          { lines: `EURO ${address(5)}` },
          { lines: `EUR ${address(5)}\neur ${address(6)}` },
          { lines: `EUR ${address(5)}\nUSD ${address(6)}` },
          { lines: `EUR ${ZeroAddress}` },
          { lines: `EUR ${address(5)}`, token: "DUSD" },
          { lines: `EUR ${address(5)}`, tokenFeed: "0x12" },
        ].map((given) => ({ currencies: { ...NEW_CURRENCIES, ...given } })),
        ...[
          { url: "https://rates.example/today.json", signer: address(5) },
          { url: "rates {day}", signer: address(5) },
          { url: "https://rates.example/{day}.json", signer: "" },
        ].map((given) => ({ currencies: { ...NEW_CURRENCIES, kind: "file" as const, lines: "EUR", ...given } })),
      ],
      [
        { currencies: { ...NEW_CURRENCIES, lines: `eur ${address(5)}\nUSD\n` } },
        {
          currencies: {
            ...{ ...NEW_CURRENCIES, kind: "file" as const, lines: "EUR, JPY", signer: address(5) },
            url: "https://rates.example/{day}.json",
          },
        },
        { currencies: undefined },
      ],
    ],
    ["budget", [{ budget: "0" }, { budget: "much" }], [{ budget: "0.000001" }, { budget: "" }]],
  ] as [keyof Draft, Partial<Draft>[], Partial<Draft>[]][])
    it(`says what is wrong with its ${field}, and of nothing else`, () => {
      for (const given of wrong) {
        const problems = problemsOf(draft(given));
        expect(problems[field], JSON.stringify(given)).to.be.a("string").that.matches(/\w/);
        expect(Object.keys(problems).filter((name) => name !== field && name !== "threshold")).to.deep.equal([]);
      }
      for (const given of right) expect(problemsOf(draft(given)), JSON.stringify(given)).to.deep.equal({});
    });

  it("publishes the currencies that sales may be in, and by which rates, as a description takes them", () => {
    const said = (currencies: Draft["currencies"]) => toDescription(draft({ currencies })).currencies;
    const feeds = { ...NEW_CURRENCIES, lines: `eur ${address(5).toLowerCase()}\nUSD\nJPY=${address(6)}` };
    expect(said(feeds)).to.deep.equal({
      accepted: ["EUR", "USD", "JPY"],
      token: "USD",
      rates: { kind: "feeds", feeds: { EUR: address(5), JPY: address(6) }, maxAgeSeconds: 90_000 },
    });
    expect(said({ ...feeds, tokenFeed: address(7) })?.rates).to.deep.include({ token: address(7) });
    const url = "https://rates.example/{day}.json";
    const file = { ...NEW_CURRENCIES, kind: "file" as const, lines: "EUR JPY", signer: address(5), url };
    expect(said(file)).to.deep.equal({
      accepted: ["EUR", "JPY"],
      token: "USD",
      rates: { kind: "file", url, signer: address(5), maxAgeDays: 5 },
    });
    expect(said(undefined)).to.equal(undefined);
    for (const one of [feeds, file]) expect(saleCurrencies.safeParse(said(one)).error).to.equal(undefined);
  });

  it("says what is wrong with an offer, by its number", () => {
    for (const [wrong, words] of [
      [{ event: "" }, "The event's name"],
      [{ event: "two words" }, "The event's name"],
      [{ event: "x".repeat(25) }, "The event's name"],
      [{ kind: FOR_ONE_PARTNER, partner: ZeroAddress }, "names it"],
      [{ title: " " }, "Say in words"],
      [{ flat: "1.1234567" }, "at most 6 decimals"],
      [{ ratePercent: "100.01", cap: "1" }, "is no percentage"],
      [{ ratePercent: "5", cap: "1.1234567" }, "is no cap"],
      [{ ratePercent: "5", cap: "" }, "needs a cap"],
      [{ ratePercent: "5", cap: "0" }, "needs a cap"],
      [{ flat: "" }, "pays nothing"],
      [{ flat: "0" }, "pays nothing"],
    ] as [Partial<OfferDraft>, string][])
      expect(problemsOf(offer(wrong)), JSON.stringify(wrong))
        .to.have.all.keys("offer-7")
        .and.to.have.property("offer-7")
        .that.contains(words);
    for (const right of [
      { event: "x".repeat(24) },
      { kind: FOR_ONE_PARTNER, partner: ` ${address(5)} ` },
      { flat: "0.000001" },
      { flat: "", ratePercent: "0.01", cap: "0.000001" },
      { flat: "", ratePercent: "100", cap: "5" },
      { cap: "nothing that counts without a percentage" },
    ])
      expect(problemsOf(offer(right)), JSON.stringify(right)).to.deep.equal({});
    // A token of few decimals has no finer caps; one of many has no finer ones than a line counts.
    const fine = { flat: "", ratePercent: "5", cap: "1.123" };
    expect(problemsOf({ ...offer(fine), format: { symbol: "X", decimals: 2 } })["offer-7"]).to.contain("2 decimals");
    expect(problemsOf({ ...offer(fine), format: { symbol: "X", decimals: 18 } })).to.deep.equal({});
  });

  it("signs the amounts that are typed, in base units and in the units that lines count", () => {
    expect(toOffer({ ...OFFER, ratePercent: "12.34", cap: "99.5" }, 18, 12)).to.deep.include({
      flatAmount: 1_500_000_000_000_000_000n,
      rateBps: 1_234,
      capUnits: 99_500_000n,
      validFrom: 0,
      validTo: 0,
      lockedUntil: 0,
      kind: 0,
      partner: ZeroAddress,
    });
    // Without a percentage a cap that was typed before does not count, and without an amount nothing is flat.
    expect(toOffer({ ...OFFER, flat: "", cap: "99.5" }, 6, 0)).to.include({ flatAmount: 0n, rateBps: 0, capUnits: 0n });
    expect(toWords({ ...OFFER, partner: ` ${address(5)}`, ratePercent: "5", cap: "2.5" }, 18)).to.deep.equal({
      event: "sale",
      kind: 0,
      partner: address(5),
      flatAmount: 1_500_000_000_000_000_000n,
      rateBps: 500,
      cap: 2_500_000_000_000_000_000n,
    });
  });

  it("is created with what it says: fee, attesters in the contract's order, kinds, unit and daily limit", () => {
    const published = { text: "{}", uri: "ipfs://x" };
    const created = (given: Partial<Draft> = {}) => toNewCampaign(draft(given), id("salt"), published);
    const { terms, ...rest } = created({ openKinds: [0, 2], dailyLimit: "250.5" });
    expect(terms).to.deep.equal({
      token: address(9),
      holdSeconds: 14 * DAY,
      noticeSeconds: 14 * DAY,
      openKinds: 0b101n,
      feeBps: 0,
      unitExponent: 0,
      linesOnChain: true,
      operator: ZeroAddress,
    });
    expect(rest).to.include({ salt: id("salt"), threshold: 2, dailyLimit: 250_500_000n, descriptionUri: "ipfs://x" });
    expect(rest.descriptionHash).to.equal(id("{}"));
    expect(rest.attesters).to.deep.equal([address(1), address(2), address(3)]);
    expect(rest.offers).to.have.length(1);
    expect(created().dailyLimit).to.equal(NO_LIMIT);
    expect(created({ format: { symbol: "WETH", decimals: 18 } }).terms.unitExponent).to.equal(12);
    expect(() => created({ format: undefined })).to.throw("The token is not known.");
    const operator = { address: address(8), feeBps: 300, name: "Operator" } as NonNullable<typeof CONFIG.operator>;
    setConfig({ ...CONFIG, operator });
    expect(created().terms).to.include({ feeBps: 300, operator: address(8) });
    setConfig({ ...CONFIG, operator: { ...operator, feeBps: 0 } });
    expect(created().terms).to.include({ feeBps: 0, operator: ZeroAddress });
  });

  it("is described by what is filled in, without blanks around it and without what was left empty", () => {
    const described = toDescription(
      draft({
        name: " Shoes ",
        summary: " ",
        offers: [
          { ...OFFER, oncePerCustomer: true },
          { ...OFFER, event: "lead", title: " A lead " },
        ],
        objectives: "one\n\n two \n",
        expectations: { affiliate: "Say so.", reseller: " " },
        resources: [
          { id: 1, title: "Logo", content: " https://shop.example/logo.svg " },
          { id: 2, title: "Words", content: "What to say: this." },
          { id: 3, title: " ", content: "nameless" },
          { id: 4, title: "Empty", content: " " },
        ],
        velocityPerHour: "60",
      }),
    );
    expect(described).to.deep.include({
      name: "Shoes",
      summary: "",
      events: [
        { name: "sale", title: "A sale", perCustomer: 1, perPartner: [] },
        { name: "lead", title: "A lead", perCustomer: null, perPartner: [] },
      ],
      objectives: ["one", "two"],
      expectations: { affiliate: "Say so." },
      resources: [
        { title: "Logo", url: "https://shop.example/logo.svg" },
        { title: "Words", text: "What to say: this." },
      ],
      fraud: { velocityPerHour: 60 },
      attribution: { touch: "last", windowSeconds: 30 * DAY, codeOrClick: "code", bindingSeconds: 0 },
    });
    expect(toDescription(draft({ velocityPerHour: "" })).fraud.velocityPerHour).to.equal(null);
  });

  it("names groups of its own by their numbers, the contract's and no others", () => {
    expect(groupsIn(" 5, 63;6")).to.deep.equal([5, 63, 6]);
    for (const wrong of ["4", "64", "5 x", "1e1", "005"]) expect(groupsIn(wrong), wrong).to.equal(undefined);
  });
});
