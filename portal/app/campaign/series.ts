/** Numbers over time, as charts and comparisons take them. Pure. */
import type { ReportRow } from "../api/schema.d.ts";
import { toDecimal } from "../text/money.ts";

export type Measure = "conversions" | "clicks" | "volume" | "commission" | "reversed";

export const DAY_MS = 86_400_000;
/** Of a day as an address has it: somebody may have written it by hand. */
export const dayAfter = (day: string) => (Number.isNaN(Date.parse(day)) ? day : dayOf(Date.parse(day) + DAY_MS));
export const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

export const yearAgo = (now = Date.now()) => dayOf(now - 365 * DAY_MS);

/** The last `days` days and the same number before them, in UTC, both ends included. */
export function periods(days: number, now = Date.now()) {
  const to = dayOf(now);
  const from = dayOf(now - (days - 1) * DAY_MS);
  return { now: { from, to }, before: { from: dayOf(now - (2 * days - 1) * DAY_MS), to: dayOf(now - days * DAY_MS) } };
}

export function numberOf(row: ReportRow, measure: Measure, decimals: number): number {
  if (measure === "volume") return Number(toDecimal(row.volumeBaseUnits, decimals));
  return measure === "commission" ? Number(toDecimal(row.commission, decimals)) : row[measure];
}

/** One record a day with a number for each group; groups beyond the `most` largest are summed as "others". */
export function byDay(
  rows: readonly ReportRow[],
  measure: Measure,
  decimals: number,
  { from, to }: { from: string; to: string },
  most = 5,
) {
  const totals = new Map<string, number>();
  for (const row of rows) totals.set(row.group, (totals.get(row.group) ?? 0) + numberOf(row, measure, decimals));
  const ranked = [...totals].sort(([, a], [, b]) => b - a).map(([group]) => group);
  const shown = ranked.length > most + 1 ? ranked.slice(0, most) : ranked;
  const nameOf = (group: string) => (shown.includes(group) ? group : "others");
  const groups = [...new Set(ranked.map(nameOf))];
  const days = new Map<string, Record<string, number | string>>();
  for (let time = Date.parse(from); time <= Date.parse(to); time += DAY_MS)
    days.set(dayOf(time), { day: dayOf(time), ...Object.fromEntries(groups.map((group) => [group, 0])) });
  for (const row of rows) {
    const day = days.get(row.day);
    if (day === undefined) continue;
    const group = nameOf(row.group);
    day[group] = Number(day[group] ?? 0) + numberOf(row, measure, decimals);
  }
  return { groups, days: [...days.values()] };
}

/** Sums over all days. */
export function total(rows: readonly ReportRow[]) {
  const count = (field: "clicks" | "conversions" | "rejected" | "reversed") =>
    rows.reduce((sum, row) => sum + row[field], 0);
  const amount = (field: "volumeBaseUnits" | "commission" | "fees" | "reversedCommission") =>
    rows.reduce((sum, row) => sum + BigInt(row[field]), 0n);
  return {
    clicks: count("clicks"),
    conversions: count("conversions"),
    rejected: count("rejected"),
    reversed: count("reversed"),
    volume: amount("volumeBaseUnits"),
    commission: amount("commission"),
    fees: amount("fees"),
    reversedCommission: amount("reversedCommission"),
  };
}

export type Total = ReturnType<typeof total>;

export function byGroup(rows: readonly ReportRow[]): Map<string, Total> {
  const groups = new Map<string, ReportRow[]>();
  for (const row of rows) {
    const list = groups.get(row.group);
    if (list === undefined) groups.set(row.group, [row]);
    else list.push(row);
  }
  return new Map([...groups].map(([group, list]) => [group, total(list)]));
}
