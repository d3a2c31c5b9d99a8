import { expect } from "chai";
import { sayObstacles, sayStanding } from "#portal/app/text/admission.ts";

describe("whether a campaign would pay, in words", () => {
  const good = { funded: true, closesAt: null, notice: null, payable: true };

  it("says nothing where it would, and each thing that stands against it", () => {
    expect(sayObstacles(good)).to.deep.equal([]);
    for (const [given, begins] of [
      [{ payable: false }, "This campaign does not pay you now"],
      [{ notice: "campaign_suspended" }, "The brand has suspended"],
      [{ notice: "campaign_closed", closesAt: 1 }, "This campaign is closed"],
      [{ notice: "budget_exhausted" }, "Its budget is used up"],
      [{ notice: "budget_exhausted", funded: false }, "It is not funded yet"],
      [{ closesAt: 4_000_000_000 }, "It closes on"],
    ] as const) {
      const [sentence, ...more] = sayObstacles({ ...good, ...given });
      expect([sentence?.startsWith(begins), more], begins).to.deep.equal([true, []]);
    }
  });

  it("calls a brand's campaign what it is, in its lists and headers", () => {
    const usual = { suspendedUntil: null, closesAt: null, funded: "5", available: "5" };
    expect(sayStanding(usual, 100)).to.equal(undefined);
    expect(sayStanding({ ...usual, suspendedUntil: 99 }, 100)).to.equal(undefined);
    expect(sayStanding({ ...usual, suspendedUntil: 101 }, 100)).to.equal("Suspended");
    expect(sayStanding({ ...usual, closesAt: 100 }, 100)).to.equal("Closed");
    expect(sayStanding({ ...usual, closesAt: 101 }, 100)).to.match(/^Closes /);
    expect(sayStanding({ ...usual, funded: "0", available: "0" }, 100)).to.equal("Not funded");
    expect(sayStanding({ ...usual, available: "0" }, 100)).to.equal("Out of budget");
  });
});
