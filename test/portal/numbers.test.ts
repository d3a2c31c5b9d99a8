/** What a brand's pages compute from a report's rows: sums, days, advice, objectives, and how long the budget lasts. */
import { expect } from "chai";
import type { ReportRow } from "#portal/app/api/schema.d.ts";
import { offerCosts, whomToHelp, whomToPromote } from "#portal/app/campaign/advice.ts";
import { progressOf } from "#portal/app/campaign/objectives.ts";
import { isPaced, told } from "#portal/app/campaign/runway.ts";
import { byDay, byGroup, dayOf, numberOf, periods, type Total, total } from "#portal/app/campaign/series.ts";

const DAY = 86_400;
const row = (given: Partial<ReportRow>): ReportRow => ({
  day: "2026-03-01",
  group: "a",
  clicks: 0,
  conversions: 0,
  rejected: 0,
  reversed: 0,
  volumeBaseUnits: "0",
  commission: "0",
  fees: "0",
  reversedCommission: "0",
  ...given,
});
const sums = (given: Partial<Total>): Total => ({ ...total([]), ...given });

describe("a report's rows, on a page", () => {
  const rows = [
    row({ clicks: 10, conversions: 3, rejected: 1, reversed: 1, volumeBaseUnits: "1000000", commission: "2500" }),
    row({ day: "2026-03-02", clicks: 4, conversions: 2, fees: "7", reversedCommission: "9", commission: "1" }),
    row({ day: "2026-03-03", group: "b", clicks: 1, rejected: 5, reversed: 4, commission: "9007199254740993" }),
  ];

  it("are summed field by field, to the last unit", () => {
    expect(total(rows)).to.deep.equal({
      clicks: 15,
      conversions: 5,
      rejected: 6,
      reversed: 5,
      volume: 1_000_000n,
      commission: 9_007_199_254_743_494n,
      fees: 7n,
      reversedCommission: 9n,
    });
    expect([...byGroup(rows)].map(([group, one]) => [group, one.clicks, one.commission])).to.deep.equal([
      ["a", 14, 2_501n],
      ["b", 1, 9_007_199_254_740_993n],
    ]);
  });

  it("are counted in the measure's own unit", () => {
    const one = row({ clicks: 1, conversions: 2, reversed: 3, volumeBaseUnits: "40", commission: "5" });
    const measures = ["clicks", "conversions", "reversed", "volume", "commission"] as const;
    expect(measures.map((measure) => numberOf(one, measure, 1))).to.deep.equal([1, 2, 3, 4, 0.5]);
  });

  it("have a record for each day of the period, also where nothing happened, and none for others", () => {
    const { groups, days } = byDay(rows, "conversions", 6, { from: "2026-02-28", to: "2026-03-02" });
    expect(groups).to.deep.equal(["a", "b"]);
    expect(days).to.deep.equal([
      { day: "2026-02-28", a: 0, b: 0 },
      { day: "2026-03-01", a: 3, b: 0 },
      { day: "2026-03-02", a: 2, b: 0 },
    ]);
  });

  it("of two lines for one day and group are added", () => {
    const twice = [row({ clicks: 2 }), row({ clicks: 3 })];
    expect(byDay(twice, "clicks", 6, { from: "2026-03-01", to: "2026-03-01" }).days).to.deep.equal([
      { day: "2026-03-01", a: 5 },
    ]);
  });

  it("show the largest groups by name and sum the rest, unless the rest is one", () => {
    const on = (most: number) =>
      byDay(
        ["w", "x", "y", "z"].map((group, i) => row({ group, clicks: i + 1 })),
        "clicks",
        6,
        { from: "2026-03-01", to: "2026-03-01" },
        most,
      );
    expect(on(2)).to.deep.equal({
      groups: ["z", "y", "others"],
      days: [{ day: "2026-03-01", z: 4, y: 3, others: 3 }],
    });
    expect(on(3).groups).to.deep.equal(["z", "y", "x", "w"]);
    const seven = Array.from({ length: 7 }, (_, i) => row({ group: `g${i}`, clicks: i + 1 }));
    expect(byDay(seven, "clicks", 6, { from: "2026-03-01", to: "2026-03-01" }).groups).to.have.length(6);
  });

  it("are asked for by periods of whole days that touch and do not overlap", () => {
    const now = Date.parse("2026-03-01T23:59:59Z");
    expect(dayOf(now)).to.equal("2026-03-01");
    expect(periods(7, now)).to.deep.equal({
      now: { from: "2026-02-23", to: "2026-03-01" },
      before: { from: "2026-02-16", to: "2026-02-22" },
    });
    expect(periods(1, now)).to.deep.equal({
      now: { from: "2026-03-01", to: "2026-03-01" },
      before: { from: "2026-02-28", to: "2026-02-28" },
    });
  });
});

describe("advice to a brand", () => {
  const all = sums({ clicks: 1_000, conversions: 50, reversed: 10 });
  const names = (advice: readonly { partner: string }[]) => advice.map(({ partner }) => partner);

  it("promotes who converts as well as the campaign and is taken back no more often, the largest first", () => {
    const now = new Map([
      ["small", sums({ clicks: 10, conversions: 3 })],
      ["large", sums({ clicks: 100, conversions: 9, reversed: 1 })],
      ["even", sums({ clicks: 80, conversions: 4, reversed: 0 })],
      ["few", sums({ clicks: 2, conversions: 2 })],
      ["slow", sums({ clicks: 200, conversions: 9 })],
      ["returned", sums({ clicks: 100, conversions: 30, reversed: 10 })],
      ["unseen", sums({ conversions: 30 })],
      ["", sums({ clicks: 10, conversions: 10 })],
    ]);
    const advice = whomToPromote(now, all);
    expect(names(advice)).to.deep.equal(["large", "even", "small"]);
    expect(advice[0]?.why).to.equal("9 conversions, 9% of clicks (the campaign: 5%), 10% taken back.");
    expect(names(whomToPromote(now, all, 1))).to.deep.equal(["large"]);
    // Exactly as the campaign is: at its own rate, and taken back as often.
    const same = new Map([["same", sums({ clicks: 100, conversions: 5, reversed: 1 })]]);
    expect(names(whomToPromote(same, all))).to.deep.equal(["same"]);
    expect(names(whomToPromote(new Map([["nobody", sums({ conversions: 3 })]]), sums({})))).to.deep.equal(["nobody"]);
  });

  it("helps who has visitors that do not convert, and who brought twice as much before", () => {
    const now = new Map([
      ["many", sums({ clicks: 20, conversions: 0 })],
      ["half", sums({ clicks: 40, conversions: 1 })],
      ["less", sums({ clicks: 19 })],
      ["fell", sums({ conversions: 2 })],
      ["held", sums({ conversions: 3 })],
      ["", sums({ clicks: 500 })],
    ]);
    const before = new Map([
      ["fell", sums({ conversions: 6 })],
      ["held", sums({ conversions: 6 })],
      ["gone", sums({ conversions: 6 })],
      ["little", sums({ conversions: 5 })],
    ]);
    const advice = whomToHelp(now, before, all);
    expect(names(advice)).to.deep.equal(["many", "fell", "gone"]);
    expect(advice[0]?.why).to.contain("20 clicks, but only 0% convert (the campaign: 5%)");
    expect(advice[1]?.why).to.contain("2 conversions, after 6 in the period before");
    expect(advice[2]?.why).to.contain("0 conversions, after 6");
    expect(names(whomToHelp(now, before, all, 1))).to.deep.equal(["many"]);
    // At just half of the campaign's rate nobody is told anything.
    const half = new Map([["half", sums({ clicks: 40, conversions: 1 })]]);
    expect(whomToHelp(half, new Map(), all)).to.deep.equal([]);
  });

  it("says what an offer costs, fees included, and when that is more than it brings", () => {
    const costs = offerCosts(
      new Map([
        ["10", sums({ conversions: 2, commission: 90n, fees: 10n })],
        ["2", sums({ conversions: 1, commission: 290n, fees: 10n, volume: 1_000n })],
        ["3", sums({ conversions: 1, commission: 291n, fees: 10n, volume: 1_000n })],
        ["4", sums({ commission: 5n })],
        ["", sums({ conversions: 1 })],
      ]),
      { marginPercent: 30, worth: 50n },
    );
    expect(costs).to.deep.equal([
      { offer: "2", conversions: 1, cost: 300n, brought: 300n, tooDear: false },
      { offer: "3", conversions: 1, cost: 301n, brought: 300n, tooDear: true },
      { offer: "10", conversions: 2, cost: 100n, brought: 100n, tooDear: false },
    ]);
    const [unknown] = offerCosts(new Map([["1", sums({ conversions: 1, commission: 9n })]]), {
      marginPercent: 12.34,
      worth: undefined,
    });
    expect(unknown).to.include({ brought: undefined, tooDear: false });
    const [fine] = offerCosts(new Map([["1", sums({ conversions: 1, volume: 10_000n })]]), {
      marginPercent: 12.34,
      worth: undefined,
    });
    expect(fine?.brought).to.equal(1_234n);
  });
});

describe("a brand's objective", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  const rows = [
    row({ group: "signup", day: "2026-03-10", conversions: 4 }),
    row({ group: "signup", day: "2026-03-08", conversions: 2 }),
    row({ group: "signup", day: "2026-03-07", conversions: 100 }),
    row({ group: "sale", day: "2026-03-10", conversions: 50 }),
  ];

  it("is counted over its own days and event, today among them", () => {
    expect(progressOf("500 signup in 3 days", rows, now)).to.deep.equal({ wanted: 500, reached: 6 });
    expect(progressOf("  1,500 × signup within 1 day, please", rows, now)).to.deep.equal({ wanted: 1_500, reached: 4 });
    expect(progressOf("2.000x signup in 4 days", rows, now)).to.deep.equal({ wanted: 2_000, reached: 106 });
  });

  it("is left as a sentence where that says nothing to count", () => {
    for (const other of ["", "Be known in Spain", "0 signup in 3 days", "signup in 3 days", "5 signup in 3 weeks"])
      expect(progressOf(other, rows, now), other).to.equal(undefined);
  });
});

describe("how long a budget lasts", () => {
  it("can be told when something was attested over a day at least", () => {
    expect(isPaced({ attestedLately: 1n, lately: DAY })).to.equal(true);
    expect(isPaced({ attestedLately: 0n, lately: DAY })).to.equal(false);
    expect(isPaced({ attestedLately: 1n, lately: DAY - 1 })).to.equal(false);
  });

  it("is no number when it is not known, or longer than a hundred years", () => {
    const century = 100n * 365n * 86_400n;
    expect([undefined, 0n, 1n, century, century + 1n].map(told)).to.deep.equal([null, 0, 1, Number(century), null]);
  });
});
