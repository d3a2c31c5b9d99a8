import { target } from "@partner-programs/protocol/targets";
import { expect } from "chai";
import type { TargetProgress } from "#portal/app/api/schema.d.ts";
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
