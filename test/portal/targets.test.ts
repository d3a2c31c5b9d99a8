import { campaignDescription, readDescription } from "@partner-programs/protocol/description";
import { target } from "@partner-programs/protocol/targets";
import { expect } from "chai";
import type { TargetProgress } from "#portal/app/api/schema.d.ts";
import {
  bonusesOf,
  countedEvents,
  EMPTY_STEP,
  emptyTarget,
  offerMissing,
  type TargetDraft,
  targetOf,
  withTargets,
} from "#portal/app/campaign/targetDraft.ts";
import { nextStep, sayTarget } from "#portal/app/text/targets.ts";

const TOKEN = { symbol: "DUSD", decimals: 6 };
const at = (conversions: number, volumeBaseUnits: string, steps: Partial<TargetProgress["steps"][number]>[]) =>
  nextStep(
    {
      name: "ten",
      title: "Ten",
      period: { kind: "month", name: "2026-11", from: 0, to: 1 },
      counts: ["sale"],
      pays: "each",
      conversions,
      volumeBaseUnits,
      waiting: 0,
      steps: steps.map((step) => ({ conversions: null, volume: null, bonus: "50000000", reached: false, ...step })),
    },
    TOKEN,
  );

describe("how far a partner is", () => {
  it("is said of the next step that is not reached, with what is missing and what it earns", () => {
    expect(at(7, "0", [{ conversions: 5, reached: true }, { conversions: 10 }])).to.deep.equal({
      share: 0.7,
      sentence: "7 of 10 conversions. 3 more earn 50 DUSD.",
    });
    expect(at(9, "25500000", [{ conversions: 9, volume: "102" }])).to.deep.equal({
      share: 0.25,
      sentence: "9 of 9 conversions, 25.50 DUSD of 102 DUSD of volume. 76.50 DUSD more earn 50 DUSD.",
    });
    expect(at(9, "0", [{ conversions: 9, reached: true }])).to.equal(undefined);
  });

  it("a target is said with whom it is for and as what it is paid", () => {
    const steps = [{ conversions: 10, bonus: "50" }];
    const given = { name: "ten", title: "Ten", period: "month", counts: ["sale"], kinds: ["reseller", 7], steps };
    expect(sayTarget(target.parse(given))).to.equal(
      "50 for 10 conversions of “sale” a month; for reseller, group 7; paid as “bonus”",
    );
  });
});

describe("targets in a brand's form", () => {
  const description = campaignDescription.parse({
    version: 1,
    name: "Shoes",
    summary: "",
    destination: "https://shop.example",
    attribution: { touch: "first", windowSeconds: 60, bindingSeconds: null },
    events: [{ name: "sale", title: "A sale", perCustomer: 1 }],
  });
  const draft = (part: Partial<TargetDraft>, ...steps: Partial<typeof EMPTY_STEP>[]): TargetDraft => ({
    ...emptyTarget("sale"),
    title: "Ten a month!",
    ...part,
    steps: steps.map((step) => ({ ...EMPTY_STEP, ...step })),
  });
  const made = (given: TargetDraft, taken: readonly string[] = []) => {
    const outcome = targetOf(given, 6, new Set(taken));
    return "problem" in outcome ? outcome.problem : outcome.target;
  };
  const TEN = { conversions: "10", bonus: "50" };

  it("are what the form says, under a name that no other target has or had", () => {
    expect(made(draft({}, TEN, { conversions: "25", volume: "1,000.5", bonus: "200" }))).to.deep.equal({
      name: "ten-a-month",
      title: "Ten a month!",
      period: "month",
      counts: ["sale"],
      event: "bonus",
      pays: "each",
      steps: [
        { conversions: 10, bonus: "50" },
        { conversions: 25, volume: "1000.5", bonus: "200" },
      ],
    });
    expect(made(draft({}, TEN), ["ten-a-month", "ten-a-month-2"])).to.include({ name: "ten-a-month-3" });
    expect(made(draft({ title: "目標" }, TEN))).to.include({ name: "target" });
  });

  it("say what is wrong in a brand's words", () => {
    expect(made(draft({ title: " " }, TEN))).to.match(/Give the target a title/);
    expect(made(draft({}, { ...TEN, conversions: "ten" }))).to.match(/“ten” is no number of conversions/);
    expect(made(draft({}, { ...TEN, volume: "much" }))).to.match(/“much” is no volume/);
    expect(made(draft({}, { bonus: "50" }))).to.match(/how many conversions or how much volume/);
    for (const bonus of ["", "0", "0.0", "0.0000001", "much"])
      expect(made(draft({}, { ...TEN, bonus }))).to.match(/is no bonus; write an amount above zero/);
    expect(made(draft({}, TEN, TEN))).to.equal("Step 2 asks for no more than the step before it.");
    expect(made(draft({ pays: "highest" }, TEN, { conversions: "20", bonus: "50" }))).to.match(/^Step 2 pays no more/);
  });

  it("are published with the event that pays them, and say which offer is missing", () => {
    const outcome = targetOf(draft({}, TEN, { conversions: "25", bonus: "200" }), 6, new Set());
    if ("problem" in outcome) throw new Error(outcome.problem);
    const published = withTargets(description, [outcome.target], undefined);
    expect(readDescription(JSON.stringify(published)).problem).to.equal(undefined);
    expect(published.events.map(({ name, perCustomer }) => [name, perCustomer])).to.deep.equal([
      ["sale", 1],
      ["bonus", null],
    ]);
    expect(countedEvents(published).map(({ name }) => name)).to.deep.equal(["sale"]);
    expect(offerMissing(published, ["sale"], 6)).to.deep.equal({ event: "bonus", most: 200_000_000n });
    expect(offerMissing(published, ["sale", "bonus"], 6)).to.equal(undefined);
    expect(withTargets(published, published.targets, undefined), "again").to.deep.equal(published);
    expect(withTargets(description, [], undefined)).to.deep.equal(description);
  });

  it("a brand's own bonuses are both amounts, the month's no smaller, or none", () => {
    expect(bonusesOf({ most: "", mostPerMonth: " " }, undefined, 6)).to.deep.equal({ bonuses: undefined });
    const both = bonusesOf({ most: "50", mostPerMonth: "1,000" }, undefined, 6);
    expect(both).to.deep.equal({ bonuses: { event: "bonus", most: "50", mostPerMonth: "1000" } });
    const other = { event: "gift", most: "1", mostPerMonth: "1" };
    expect(bonusesOf({ most: "2", mostPerMonth: "2" }, other, 6)).to.deep.equal({
      bonuses: { event: "gift", most: "2", mostPerMonth: "2" },
    });
    for (const word of [
      { most: "50", mostPerMonth: "" },
      { most: "x", mostPerMonth: "1" },
    ])
      expect(bonusesOf(word, undefined, 6))
        .to.have.property("problem")
        .that.matches(/each as an amount/);
    expect(bonusesOf({ most: "50", mostPerMonth: "49" }, undefined, 6)).to.deep.equal({
      problem: "50 at once is more than 49 in a month.",
    });
    const published = withTargets(description, [], { event: "bonus", most: "50", mostPerMonth: "100" });
    expect(readDescription(JSON.stringify(published)).problem).to.equal(undefined);
    expect(offerMissing(published, [], 6)).to.deep.equal({ event: "bonus", most: 50_000_000n });
    expect(withTargets(published, [], undefined), "and taken away").to.not.have.property("bonuses");
  });
});
