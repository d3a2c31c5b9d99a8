/** What partners are told of a change, which claims go without gas, which lines are due, and how a step reaches a wallet. */
import { campaignDescription } from "@partner-programs/protocol/description";
import { expect } from "chai";
import { getAddress, id, toBeHex } from "ethers";
import { changesOf, sayChange } from "#portal/app/campaign/changes.ts";
import { carriedOf, claimPlan } from "#portal/app/campaign/claim.ts";
import { collectPlan, isDue } from "#portal/app/campaign/collect.ts";
import { payoutPlan, revokeOrdersPlan } from "#portal/app/campaign/payout.ts";
import { announceDescriptionPlan, closePlan, setKindsPlan, suspendPlan } from "#portal/app/campaign/plans.ts";
import { setConfig } from "#portal/app/config.ts";
import { encode, interfaceOf, typedData } from "#portal/app/transactions/encode.ts";
import type { Plan } from "#portal/app/transactions/plan.ts";

const DAY = 86_400;
const address = (n: number) => getAddress(toBeHex(n + 0xabcdef, 20));
const CONFIG: Parameters<typeof setConfig>[0] = {
  apiUrl: "http://relayer.example",
  rpcUrl: "http://rpc.example",
  chainId: 31337,
  network: "localhost",
  programs: address(1),
  lens: address(2),
  funding: null,
  fromBlock: 0,
  explorerUrl: null,
  attesters: [],
  attesterUrls: [],
  safeOrigins: [],
  operator: null,
  passkeyFactory: null,
  local: false,
};
const CAMPAIGN = { id: id("campaign"), noticeSeconds: 7 * DAY, tokenSymbol: "DUSD", tokenDecimals: 6 };
const FORMAT = { symbol: "DUSD", decimals: 6 };
const descriptionOf = (given: object = {}) =>
  campaignDescription.parse({
    version: 1,
    name: "Shoes",
    summary: "",
    destination: "https://shop.example",
    attribution: { touch: "first", windowSeconds: 30 * DAY, bindingSeconds: null },
    events: [
      { name: "sale", title: "A sale", perCustomer: null },
      { name: "signup", title: "A sign-up", perCustomer: 1 },
      { name: "visit", title: "A visit", perCustomer: 3 },
    ],
    objectives: ["one"],
    expectations: { affiliate: "Say so." },
    resources: [
      { title: "Logo", url: "https://shop.example/logo" },
      { title: "Words", text: "To say." },
    ],
    fraud: { velocityPerHour: 60 },
    ...given,
  });
const words = (plan: Plan) => [plan.title, ...plan.summary, ...plan.steps.map(({ what }) => what)];

describe("a change of a description", () => {
  const said = (after: object, before: object = {}) =>
    changesOf(descriptionOf(before), descriptionOf(after)).map(sayChange);

  it("is nothing where nothing changed", () => {
    expect(said({})).to.deep.equal([]);
  });

  it("is said of every field that a description has", () => {
    const full = {
      allowedOrigins: ["https://a.example"],
      attribution: { touch: "last", windowSeconds: DAY, codeOrClick: "code", agentTokensPerDay: 5, bindingSeconds: 0 },
      events: [
        {
          name: "sale",
          title: "A sale",
          perCustomer: null,
          minimumVolume: "5",
          perPartner: [{ conversions: 3, days: 30 }],
          contract: { address: address(9), abi: "event Bought(address buyer, uint256 price)", customer: "buyer" },
          attributes: { plan: { type: "text", oneOf: ["annual"] } },
        },
        { name: "bonus", title: "A bonus", perCustomer: null },
      ],
      promotions: [{ kind: 5, conversions: 10, days: 30 }],
      sources: {
        stripe: { currency: "usd", events: { checkout: "sale" } },
        shopify: { currency: "USD", events: { order: "sale" } },
        woocommerce: { currency: "USD", events: { order: "sale" } },
        webhook: { signature: "standard-webhooks", rules: [{ event: "sale", orderId: "$.id", volume: "$.sum" }] },
      },
      conditions: [{ offers: [1], attributes: { plan: { oneOf: ["annual"] } } }],
      leads: { protectedDays: 90, answerDays: 7 },
      targets: [
        { name: "ten", title: "Ten", period: "month", counts: ["sale"], steps: [{ conversions: 10, bonus: "50" }] },
      ],
      bonuses: { most: "10", mostPerMonth: "20" },
      leaderboard: { title: "Best", period: "month", event: "sale", by: "volume" },
      currencies: {
        accepted: ["EUR"],
        token: "USD",
        rates: { kind: "file", url: "https://rates.example/{day}.json", signer: address(8) },
      },
    };
    const [event, bonus] = full.events;
    const ofEvent = (change: object) => ({ events: [{ ...event, ...change }, bonus] });
    const [target] = full.targets;
    const changes: Record<string, Record<string, unknown>[]> = {
      name: [{ name: "Boots" }],
      summary: [{ summary: "Others." }],
      destination: [{ destination: "https://x.example" }],
      allowedOrigins: [{ allowedOrigins: [] }],
      attribution: [
        { touch: "first" },
        { windowSeconds: 2 * DAY },
        { codeOrClick: "click" },
        { agentTokensPerDay: undefined },
        { bindingSeconds: null },
      ].map((change) => ({ attribution: { ...full.attribution, ...change } })),
      events: [
        { title: "Another" },
        { perCustomer: 2 },
        { minimumVolume: "6" },
        { perPartner: [] },
        { perPartner: [{ volume: "3", days: 30 }] },
        { contract: undefined },
        { attributes: { plan: { type: "text", oneOf: ["annual", "monthly"] } } },
      ].map(ofEvent),
      objectives: [{ objectives: ["another"] }],
      expectations: [{ expectations: { affiliate: "Nothing." } }],
      resources: [{ resources: [] }],
      promotions: [{ promotions: [{ kind: 5, conversions: 11, days: 30 }] }],
      fraud: [{ fraud: { velocityPerHour: 9 } }],
      sources: [
        { stripe: { currency: "eur", events: { checkout: "sale" } } },
        { shopify: { currency: "USD", taxes: "included", events: { order: "sale" } } },
        { woocommerce: { currency: "USD", shipping: "included", events: { order: "sale" } } },
        { webhook: { ...full.sources.webhook, rules: [{ event: "sale", orderId: "$.id", volume: "$.net" }] } },
      ].map((change) => ({ sources: { ...full.sources, ...change } })),
      conditions: [{ conditions: [] }, { conditions: [{ offers: [2], attributes: { plan: { oneOf: ["annual"] } } }] }],
      targets: [
        { title: "Another" },
        { period: "year" },
        { kinds: [5] },
        { steps: [{ conversions: 10, bonus: "51" }] },
        { steps: [{ volume: "10", bonus: "50" }] },
      ].map((change) => ({ targets: [{ ...target, ...change }] })),
      bonuses: [{ bonuses: undefined }, { bonuses: { most: "11", mostPerMonth: "20" } }],
      leaderboard: [
        undefined,
        { ...full.leaderboard, title: "First" },
        { ...full.leaderboard, period: "year" },
        { ...full.leaderboard, event: "bonus" },
        { ...full.leaderboard, by: "conversions" },
        { ...full.leaderboard, places: 3 },
        { ...full.leaderboard, shownTo: "everybody" },
      ].map((leaderboard) => ({ leaderboard })),
      currencies: [
        undefined,
        { ...full.currencies, accepted: ["EUR", "JPY"] },
        { ...full.currencies, token: "CHF" },
        { ...full.currencies, lateAfterSeconds: 7_200 },
        { ...full.currencies, rates: { ...full.currencies.rates, signer: address(7) } },
      ].map((currencies) => ({ currencies })),
      leads: [{ leads: { ...full.leads, answerDays: 8 } }, { leads: undefined }],
    };
    expect(Object.keys(changes)).to.have.members(
      Object.keys(campaignDescription.shape).filter((field) => field !== "version"),
    );
    for (const [field, ways] of Object.entries(changes))
      for (const way of ways)
        expect(said({ ...full, ...way }, full), `${field}: ${JSON.stringify(way)}`).to.have.length.above(0);
    expect(said({ ...full, conditions: [] }, full)).to.deep.equal(['Offer 1 pays: “where plan is "annual"” goes.']);
  });

  it("is said field by field: what is new, what goes, and what stands in whose place", () => {
    expect(said({ name: "Boots", summary: "All of them." })).to.deep.equal([
      "Name: Boots, instead of Shoes.",
      "Summary: All of them.. That is new.",
    ]);
    expect(said({ objectives: [], expectations: {}, resources: [] })).to.deep.equal([
      "Objectives: “one” goes.",
      "Expected of affiliates: “Say so.” goes.",
      "Resource “Logo”: “https://shop.example/logo” goes.",
      "Resource “Words”: “To say.” goes.",
    ]);
    expect(
      said({
        events: [
          { name: "sale", title: "A sale", perCustomer: 1 },
          { name: "signup", title: "A sign-up", perCustomer: 2 },
          { name: "visit", title: "A visit", perCustomer: null },
        ],
      }),
    ).to.deep.equal([
      "“sale”: A sale, once for each customer, instead of A sale, every time.",
      "“signup”: A sign-up, 2 times for each customer, instead of A sign-up, once for each customer.",
      "“visit”: A visit, every time, instead of A visit, 3 times for each customer.",
    ]);
    expect(said({ destination: "https://x.example", fraud: { velocityPerHour: null } })).to.deep.equal([
      "Invite links lead to: https://x.example, instead of https://shop.example.",
      "Flagged for the brand's review: never, instead of above 60 an hour.",
    ]);
    const stays = (bindingSeconds: number | null) =>
      said({ attribution: { touch: "last", windowSeconds: 30 * DAY, bindingSeconds } });
    expect(stays(0)).to.include("A customer stays with its partner: not at all, instead of for life.");
    expect(stays(10 * DAY)).to.include("A customer stays with its partner: 10 days, instead of for life.");
    expect(stays(null)).to.deep.equal(["Of several partners counts: the last one, instead of the first one."]);
  });
});

describe("a partner's money", () => {
  const credit = (n: number, claimable: bigint) => ({ token: address(n), format: FORMAT, claimable });

  it("is claimed without gas where the relayer offers it, and one credit is worth it", () => {
    const offered = (...tokens: [number, string][]) =>
      ({ tokens: tokens.map(([n, minimum]) => ({ token: address(n), minimum })) }) as never;
    const both = [credit(1, 5_000_000n), credit(2, 1n)];
    for (const none of [null, undefined]) expect(carriedOf(both, none)).to.deep.equal([]);
    expect(carriedOf(both, { tokens: null } as never)).to.deep.equal(both);
    expect(carriedOf(both, offered([1, "5"]))).to.deep.equal([both[0]]);
    expect(carriedOf(both, offered([1, "5.000001"]))).to.deep.equal([]);
    expect(carriedOf(both, offered([1, "5"], [2, "1"]))).to.deep.equal(both);
    expect(carriedOf(both, offered([3, "0"]))).to.deep.equal([]);
  });

  it("is due when its hold is over, its line holds and it is worth something", () => {
    const line = { fault: 0, commission: 1n, releaseAt: 100 } as Parameters<typeof isDue>[0];
    expect(isDue(line, 100)).to.equal(true);
    expect(isDue(line, 99)).to.equal(false);
    expect(isDue({ ...line, fault: 4 }, 100)).to.equal(false);
    expect(isDue({ ...line, commission: 0n }, 100)).to.equal(false);
  });

  it("comes with words for each step", () => {
    setConfig(CONFIG);
    const one = { attestations: [{}], lines: [], more: false, from: "relayer" } as never;
    expect(collectPlan(FORMAT, one, address(5), address(6), 1n).summary[0]).to.contain("your lines of one batch,");
    const locked = payoutPlan(address(5), "", 30 * DAY, { receiver: address(5), lockSeconds: 0 });
    expect(locked.summary.join(" ")).to.contain("If you lose this wallet's key");
    for (const plan of [
      locked,
      revokeOrdersPlan(),
      claimPlan([credit(1, 1n)], address(5), address(5), true),
      setKindsPlan(CAMPAIGN, [address(5)], 0n),
      suspendPlan(CAMPAIGN),
      closePlan(CAMPAIGN),
      announceDescriptionPlan(
        CAMPAIGN,
        changesOf(descriptionOf(), descriptionOf({ name: "Boots" })),
        id("text"),
        "ipfs://x",
      ),
    ])
      for (const text of words(plan))
        expect(text, plan.title)
          .to.be.a("string")
          .that.matches(/^\S.*\w/);
    expect(words(setKindsPlan(CAMPAIGN, [address(5)], 0n)).join(" "))
      .to.contain("One partner is from now on: of no kind.")
      .and.to.contain("paid for nothing new");
    const announced = announceDescriptionPlan(
      CAMPAIGN,
      changesOf(descriptionOf(), descriptionOf({ name: "B" })),
      id("t"),
      "u",
    );
    expect(announced.summary[0]).to.equal("Name: B, instead of Shoes.");
  });
});

describe("a step", () => {
  it("is a call of the contract that it names, with its value", () => {
    setConfig({ ...CONFIG, funding: address(3) });
    const call = { kind: "call", what: "Do it", args: [] } as const;
    expect(encode({ ...call, to: "programs", method: "revokeOrders" })).to.include({ to: address(1), value: "0x0" });
    const approve = { ...call, to: { token: address(4) }, method: "approve", args: [address(1), 5n], value: 255n };
    expect(encode(approve)).to.include({ to: address(4), value: "0xff" });
    const contracts = (["programs", "funding"] as const).map((to) => interfaceOf({ ...call, to, method: "" }));
    const tokens = interfaceOf(approve);
    expect(new Set([...contracts, tokens]).size).to.equal(3);
    setConfig(CONFIG);
    expect(() => encode({ ...call, to: "funding", method: "fund" })).to.throw("names no contract that has fund");
  });

  it("that is signed has its domain's type by what is in the domain, and digits for its integers", () => {
    const step = {
      kind: "sign",
      what: "Sign",
      domain: { name: "PartnerPrograms", version: "1", chainId: 31337, verifyingContract: address(1) },
      types: { Order: [{ name: "nonce", type: "uint256" }] },
      message: { nonce: 2n ** 200n },
      next: "",
      follow: () => ({}) as never,
    } as const;
    const given = (domain: object) => JSON.parse(typedData({ ...step, domain } as never));
    expect(given(step.domain)).to.deep.equal({
      domain: step.domain,
      types: {
        EIP712Domain: [
          { name: "name", type: "string" },
          { name: "version", type: "string" },
          { name: "chainId", type: "uint256" },
          { name: "verifyingContract", type: "address" },
        ],
        Order: [{ name: "nonce", type: "uint256" }],
      },
      primaryType: "Order",
      message: { nonce: String(2n ** 200n) },
    });
    expect(given({ name: "Permit2", chainId: 1 }).types.EIP712Domain).to.deep.equal([
      { name: "name", type: "string" },
      { name: "chainId", type: "uint256" },
    ]);
  });
});
