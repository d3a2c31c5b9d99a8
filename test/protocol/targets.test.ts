import { campaignDescription } from "@partner-programs/protocol/description";
import {
  bonusOfStep,
  bonusOrderId,
  manualOrderId,
  PERIODS,
  periodAt,
  periodNamed,
  readBonusOrderId,
  readManualOrderId,
  stepsReached,
  target,
  targetsIn,
} from "@partner-programs/protocol/targets";
import { describeTarget } from "@partner-programs/protocol/targetWords";
import { expect } from "chai";
import { toBeHex } from "ethers";
import fc from "fast-check";

const TEN = {
  name: "ten",
  title: "Ten",
  period: "month" as const,
  counts: ["sale"],
  steps: [{ conversions: 10, bonus: "50" }],
};
const at = (text: string) => Date.parse(text) / 1000;

describe("targets", () => {
  it("periods are those of the calendar in UTC, follow each other without a gap, and are found by their names", () => {
    expect(periodAt("month", at("2026-12-31T23:59:59Z"))).to.deep.equal({
      name: "2026-12",
      from: at("2026-12-01T00:00:00Z"),
      to: at("2027-01-01T00:00:00Z"),
    });
    expect(periodAt("quarter", at("2026-12-31T23:59:59Z")).name).to.equal("2026-Q4");
    fc.assert(
      fc.property(fc.constantFrom(...PERIODS), fc.integer({ min: 0, max: 2 ** 34 }), (kind, second) => {
        const period = periodAt(kind, second);
        expect(second).to.be.within(period.from, period.to - 1);
        expect(periodNamed(kind, period.name)).to.deep.equal(period);
        if (kind !== "once") expect(periodAt(kind, period.to).from).to.equal(period.to);
      }),
    );
    for (const name of ["2026-13", "2026-00", "2026-Q4", "2026", "once", "26-01", ""])
      expect(periodNamed("month", name), name).to.equal(undefined);
  });

  it("a bonus is named by its target, period, step and partner, and by nothing else", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("ten", "a-b", "0", "x".repeat(32)),
        fc.constantFrom(...PERIODS),
        fc.integer({ min: 0, max: 2 ** 33 }),
        fc.integer({ min: 1, max: 12 }),
        fc.bigInt({ min: 1n, max: 2n ** 160n - 1n }),
        (name, kind, second, step, partner) => {
          const of = { target: name, period: periodAt(kind, second).name, step, partner: toBeHex(partner, 20) };
          expect(readBonusOrderId(bonusOrderId(of))).to.deep.equal(of);
          expect(readManualOrderId(bonusOrderId(of))).to.equal(undefined);
        },
      ),
    );
    expect(readManualOrderId(manualOrderId("2026-11", "7"))).to.equal("2026-11");
    for (const other of ["order-1", "target:ten:2026-11:0:0x", "manual:7", `${manualOrderId("2026-11", "7")} `])
      expect([readBonusOrderId(other), readManualOrderId(other)], other).to.deep.equal([undefined, undefined]);
  });

  it("more is never reached by less, and what the steps pay together is the highest, or all of them", () => {
    const steps = [
      { conversions: 2, bonus: "10" },
      { conversions: 2, volume: "100", bonus: "25.5" },
      { conversions: 5, volume: "100", bonus: "90" },
    ];
    const [each, highest] = [target.parse({ ...TEN, steps }), target.parse({ ...TEN, steps, pays: "highest" })];
    const reached = fc.record({
      conversions: fc.integer({ min: 0, max: 9 }),
      volume: fc.bigInt({ min: 0n, max: 200_000_000n }),
    });
    fc.assert(
      fc.property(reached, reached, (one, more) => {
        const both = { conversions: one.conversions + more.conversions, volume: one.volume + more.volume };
        const count = stepsReached(each, one, 6);
        expect(stepsReached(each, both, 6)).to.be.at.least(count);
        const sum = (of: typeof each) =>
          Array.from({ length: count }, (_, i) => bonusOfStep(of, i + 1, 6) ?? 0n).reduce((a, b) => a + b, 0n);
        expect(sum(highest)).to.equal([0n, 10_000_000n, 25_500_000n, 90_000_000n][count]);
        expect(sum(each)).to.equal([0n, 10_000_000n, 35_500_000n, 125_500_000n][count]);
      }),
    );
    expect(bonusOfStep(each, 4, 6)).to.equal(undefined);
  });

  it("what stood when a period began holds until it is over; what first appears in it holds, too", () => {
    const november = periodAt("month", at("2026-11-15T00:00:00Z"));
    const [ten, less, other] = [
      target.parse(TEN),
      target.parse({ ...TEN, title: "Less" }),
      target.parse({ ...TEN, name: "other" }),
    ];
    const history = [
      { from: at("2026-09-01T00:00:00Z"), description: { targets: [less] } },
      { from: at("2026-11-01T00:00:00Z"), description: { targets: [ten] } },
      { from: at("2026-11-10T00:00:00Z"), description: { targets: [less, other] } },
      { from: at("2026-11-20T00:00:00Z"), description: { targets: [] } },
    ];
    const titles = (second: string) =>
      targetsIn(history, "month", periodAt("month", at(second))).map(({ name, title }) => `${name} ${title}`);
    expect(targetsIn(history, "month", november)).to.deep.equal([ten, other]);
    expect(titles("2026-08-01T00:00:00Z")).to.deep.equal([]);
    expect(titles("2026-10-01T00:00:00Z")).to.deep.equal(["ten Less"]);
    expect(titles("2026-12-01T00:00:00Z")).to.deep.equal([]);
    expect(targetsIn(history, "quarter", november), "of another kind").to.deep.equal([]);
  });

  it("a description says what is wrong with a target, and in which place; one without targets stays as it was", () => {
    const problem = (targets: object[], rest: object = {}) => {
      const { error, data } = campaignDescription.safeParse({
        version: 1,
        name: "n",
        summary: "",
        destination: "https://shop.example",
        attribution: { touch: "first", windowSeconds: 1, bindingSeconds: null },
        events: [
          { name: "sale", title: "", perCustomer: null },
          { name: "bonus", title: "", perCustomer: null },
        ],
        targets,
        ...rest,
      });
      return (
        error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ") ?? data?.targets.length
      );
    };
    expect(problem([TEN])).to.equal(1);
    expect(problem([], { targets: undefined })).to.equal(0);
    expect(problem([TEN, TEN])).to.match(/^targets\.1\.name: "ten" is another target's/);
    expect(problem([{ ...TEN, counts: ["lead"] }])).to.match(/^targets\.0\.counts: "lead" is none of `events`/);
    expect(problem([{ ...TEN, event: "extra" }])).to.match(/^targets\.0\.event: "extra" is none of `events`/);
    expect(problem([{ ...TEN, counts: ["bonus"] }])).to.match(/counts "bonus", which is its own bonus/);
    expect(problem([{ ...TEN, event: "sale", counts: ["bonus"] }, TEN])).to.match(
      /"sale" is a bonus, which counts for no other/,
    );
    expect(
      problem([TEN], {
        events: [
          { name: "sale", title: "", perCustomer: null },
          { name: "bonus", title: "", perCustomer: 1 },
        ],
      }),
    ).to.match(/^events\.1\.perCustomer: is 1; a bonus has no customer/);
    const steps = (...given: object[]) => problem([{ ...TEN, pays: "highest", steps: given }]);
    expect(steps({ bonus: "1" })).to.match(/names neither `conversions` nor `volume`/);
    expect(steps({ conversions: 2, bonus: "1" }, { conversions: 2, bonus: "2" })).to.match(
      /steps\.1: asks for no more/,
    );
    expect(steps({ volume: "2", bonus: "1" }, { conversions: 2, bonus: "2" })).to.match(/asks for no more/);
    expect(steps({ conversions: 1, bonus: "1" }, { conversions: 2, bonus: "1" })).to.match(
      /pays no more than the step/,
    );
    expect(describeTarget(target.parse(TEN))).to.equal("50 for 10 conversions of “sale” a month");
  });
});
