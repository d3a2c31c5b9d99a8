/** A published description in a form and back: what a brand does not touch stays as it is. */
import { type CampaignDescription, readDescription } from "@partner-programs/protocol/description";
import { FOR_ONE_PARTNER } from "@partner-programs/protocol/kinds";
import { expect } from "chai";
import fc from "fast-check";
import { changed, draftOf, type EventDraft, eventProblem, eventsOf } from "#portal/app/campaign/editing.ts";
import { setConfig } from "#portal/app/config.ts";

const PARTNER = `0x${"ab".repeat(20)}`;
const DESCRIPTION: CampaignDescription = {
  version: 1,
  name: "Example",
  summary: "What it is.",
  destination: "https://shop.example/",
  allowedOrigins: ["https://other.example"],
  attribution: { touch: "first", windowSeconds: 86_400, codeOrClick: "code", bindingSeconds: null },
  events: [
    { name: "signup", title: "A sign-up", perCustomer: 1, perPartner: [{ days: 30, conversions: 3 }] },
    { name: "sale", title: "A sale", perCustomer: null, perPartner: [] },
  ],
  objectives: ["500 signup in 90 days", "Be known in Spain"],
  expectations: { affiliate: "Say that it is an advertisement." },
  resources: [
    { title: "Logo", url: "https://shop.example/logo.svg", kinds: [5, 7] },
    { title: "Words", text: "What to say." },
  ],
  promotions: [],
  conditions: [],
  targets: [],
  fraud: { velocityPerHour: 60 },
};

const LEADS = { protectedDays: 90, answerDays: 7, asks: ["email"], kinds: ["referral"], openPerPartner: 20 } as const;

describe("a published description", () => {
  before(() =>
    setConfig({
      apiUrl: "http://relayer.example",
      rpcUrl: "http://rpc.example",
      chainId: 31337,
      network: "localhost",
      programs: PARTNER,
      lens: PARTNER,
      funding: null,
      fromBlock: 0,
      explorerUrl: null,
      attesters: [PARTNER],
      attesterUrls: [],
      safeOrigins: [],
      operator: null,
      passkeyFactory: null,
      local: false,
    }),
  );

  it("keeps what its form does not ask for, whatever is edited", () => {
    const description = fc.record({
      touch: fc.constantFrom("first" as const, "last" as const),
      codeOrClick: fc.constantFrom("code" as const, "click" as const),
      agentTokensPerDay: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
      bindingSeconds: fc.constantFrom(null, 0, 30 * 86_400),
      name: fc.constantFrom("Example", "Other"),
      targets: fc.constantFrom([], [{ url: "https://other.example/" }]),
    });
    fc.assert(
      fc.property(description, fc.boolean(), ({ name, targets, agentTokensPerDay, ...attribution }, edits) => {
        const before = {
          ...DESCRIPTION,
          name,
          targets,
          conditions: [{ offers: [1], partner: { firstDays: 30 } }],
          attribution: {
            ...attribution,
            windowSeconds: 86_400,
            ...(agentTokensPerDay !== undefined && { agentTokensPerDay }),
          },
        } as unknown as CampaignDescription;
        const draft = draftOf(before, [0]);
        const after = changed(before, edits ? { ...draft, name: "Edited" } : draft, eventsOf(before));
        expect(after).to.deep.equal(edits ? { ...before, name: "Edited" } : before);
      }),
    );
  });

  it("comes back from its form as it was", () => {
    for (const description of [
      DESCRIPTION,
      { ...DESCRIPTION, leads: LEADS },
      { ...DESCRIPTION, fraud: { velocityPerHour: null }, objectives: [], resources: [], expectations: {} },
    ]) {
      const before = description as CampaignDescription;
      expect(changed(before, draftOf(before, [0, 1]), eventsOf(before))).to.deep.equal(before);
    }
  });

  it("takes leads from when its form says for how long, and none when it says so no more", () => {
    const [none, some] = [draftOf(DESCRIPTION, [0]), { leadDays: "60", leadAnswerDays: "5" }];
    const edited = (before: CampaignDescription, draft: typeof none) => changed(before, draft, eventsOf(before)).leads;
    expect(edited(DESCRIPTION, none)).to.equal(undefined);
    expect(edited(DESCRIPTION, { ...none, ...some })).to.deep.equal({
      protectedDays: 60,
      answerDays: 5,
      asks: ["company"],
      openPerPartner: 50,
    });
    const before = { ...DESCRIPTION, leads: LEADS } as unknown as CampaignDescription;
    expect(edited(before, { ...draftOf(before, [0]), ...some })).to.deep.equal({
      ...LEADS,
      protectedDays: 60,
      answerDays: 5,
    });
    expect(edited(before, { ...draftOf(before, [0]), leadDays: "" })).to.equal(undefined);
  });

  it("keeps what its form does not ask of currencies, and takes none on half a form", () => {
    const [eur, jpy] = [5, 6].map((n) => `0x${String(n).repeat(40)}`) as [string, string];
    const rates = {
      ...{ kind: "feeds", feeds: { JPY: jpy, EUR: eur }, token: jpy, maxAgeSeconds: 600 },
      sequencer: { feed: eur, graceSeconds: 5 },
    };
    const currencies = { accepted: ["EUR", "USD", "JPY"], token: "USD", rates, lateAfterSeconds: 7_200 };
    const file = { kind: "file", url: "https://rates.example/{day}.json", signer: eur, maxAgeDays: 2 };
    const edited = (of: object, part: object = {}) => {
      const before = { ...DESCRIPTION, currencies: of } as unknown as CampaignDescription;
      const draft = draftOf(before, [0]);
      return changed(before, { ...draft, currencies: { ...draft.currencies, ...part } as never }, eventsOf(before));
    };
    for (const one of [currencies, { accepted: ["EUR"], token: "USD", rates: file }]) {
      expect(JSON.stringify(edited(one).currencies)).to.equal(JSON.stringify(one));
      expect(edited(one, { lines: "EURO" }).currencies).to.deep.equal(one);
    }
    expect(edited(currencies, { lines: `EUR ${jpy}` }).currencies).to.deep.equal({
      ...currencies,
      accepted: ["EUR"],
      rates: { ...rates, feeds: { EUR: jpy } },
    });
    const before = { ...DESCRIPTION, currencies } as unknown as CampaignDescription;
    const none = { ...draftOf(before, [0]), currencies: undefined };
    expect(changed(before, none, eventsOf(before))).not.to.have.property("currencies");
  });

  it("is shown with its numbers, and asks for each kind of its offers once, partners alone not", () => {
    const draft = draftOf(DESCRIPTION, [0, 2, FOR_ONE_PARTNER, 2]);
    expect(draft.offers.map(({ id, kind }) => [id, kind])).to.deep.equal([
      [1, 0],
      [2, 2],
    ]);
    expect(draft).to.include({ velocityPerHour: "60", touch: "first", windowSeconds: 86_400, bindingSeconds: null });
    expect(draft.objectives).to.equal("500 signup in 90 days\nBe known in Spain");
    expect(draft.resources).to.deep.equal([
      { id: 1, title: "Logo", content: "https://shop.example/logo.svg" },
      { id: 2, title: "Words", content: "What to say." },
    ]);
    expect(eventsOf(DESCRIPTION)).to.deep.equal([
      { name: "signup", title: "A sign-up", perCustomer: "1" },
      { name: "sale", title: "A sale", perCustomer: "" },
    ]);
  });

  it("takes what was typed, and keeps what belongs to an event of the same name", () => {
    const events: EventDraft[] = [
      { name: "signup", title: " A new customer ", perCustomer: "2" },
      { name: "lead", title: "A lead", perCustomer: "" },
    ];
    const after = changed(DESCRIPTION, { ...draftOf(DESCRIPTION, [0]), name: " Other " }, events);
    expect(after.name).to.equal("Other");
    expect(after.allowedOrigins).to.deep.equal(["https://other.example"]);
    expect(after.events).to.deep.equal([
      { name: "signup", title: "A new customer", perCustomer: 2, perPartner: [{ days: 30, conversions: 3 }] },
      { name: "lead", title: "A lead", perCustomer: null, perPartner: [] },
    ]);
  });

  it("is refused in words for an event that the contract or a partner could not read", () => {
    const event = (given: Partial<EventDraft>) => [{ name: "sale", title: "A sale", perCustomer: "", ...given }];
    for (const name of ["!", "~", "x".repeat(24)]) expect(eventProblem(event({ name })), name).to.equal(undefined);
    for (const name of ["", "two words", "x".repeat(25), "é"])
      expect(eventProblem(event({ name })), name).to.contain("An event's name has 1 to 24");
    expect(eventProblem(event({ title: " " }))).to.equal("Say in words what “sale” is, for partners to read.");
    for (const perCustomer of ["1", "999999999"])
      expect(eventProblem(event({ perCustomer })), perCustomer).to.equal(undefined);
    for (const perCustomer of ["0", "-1", "1.5", "01", "1000000000", "once"])
      expect(eventProblem(event({ perCustomer })), perCustomer).to.contain("counts a whole number of times");
    expect(eventProblem([...event({}), ...event({})])).to.equal("Two events have the same name.");
    expect(eventProblem([...event({}), ...event({ name: "lead" })])).to.equal(undefined);
  });

  it("that is written by the form is one that everybody can read", () => {
    const text = JSON.stringify(
      changed({ ...DESCRIPTION, events: [] }, draftOf(DESCRIPTION, [0]), [
        { name: "sale", title: "A sale", perCustomer: "1" },
      ]),
    );
    expect(readDescription(text).description?.events).to.deep.equal([
      { name: "sale", title: "A sale", perCustomer: 1, perPartner: [] },
    ]);
  });
});
