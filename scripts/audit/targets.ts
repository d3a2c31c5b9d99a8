/** What targets promise, as docs/relayer/targets.md has it, written for the audit alone: periods, steps, and what each pays. */
import type { CampaignDescription } from "@partner-programs/protocol/description";

export type Target = CampaignDescription["targets"][number];
interface Rules {
  readonly targets?: readonly Pick<Target, "event">[];
  readonly bonuses?: Pick<NonNullable<CampaignDescription["bonuses"]>, "event"> | undefined;
}

/** [from, to), in Unix seconds. */
export interface Period {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export const PERIODS = ["month", "quarter", "year", "once"] as const;
const MONTHS = { month: 1, quarter: 3, year: 12 } as const;
const ONCE: Period = { name: "once", from: 0, to: Number.MAX_SAFE_INTEGER };

/** The calendar's period, in UTC, that a second is in. */
export function periodOf(kind: Target["period"], second: number): Period {
  if (kind === "once") return ONCE;
  const date = new Date(1_000 * second);
  const [months, year] = [MONTHS[kind], date.getUTCFullYear()];
  const place = Math.floor(date.getUTCMonth() / months);
  const begins = (at: number) => Date.UTC(year, at * months) / 1_000;
  const names = {
    month: `${year}-${String(place + 1).padStart(2, "0")}`,
    quarter: `${year}-Q${place + 1}`,
    year: `${year}`,
  };
  return { name: names[kind], from: begins(place), to: begins(place + 1) };
}

/** Base units of a decimal number of whole tokens; what is smaller than one is cut off. */
export function baseUnits(decimal: string, decimals: number): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
}

/** The decimal number of whole tokens. */
export function tokens(amount: bigint, decimals: number): string {
  const one = 10n ** BigInt(decimals);
  const fraction = String(amount % one)
    .padStart(decimals, "0")
    .replace(/0+$/, "");
  return fraction === "" || amount % one === 0n ? String(amount / one) : `${amount / one}.${fraction}`;
}

/** What a partner was paid for. Volume in base units. */
export interface Sum {
  readonly conversions: number;
  readonly volume: bigint;
}

/** How many steps are reached: each asks for more than the one before. */
export function stepsIn({ steps }: Target, sum: Sum, decimals: number): number {
  const asks = steps.map(({ conversions = 0, volume = "0" }) => ({ conversions, volume: baseUnits(volume, decimals) }));
  const missing = asks.findIndex((one) => sum.conversions < one.conversions || sum.volume < one.volume);
  return missing < 0 ? steps.length : missing;
}

/** What a step pays, counted from 1: where the highest is paid, what it is above the one before. */
export function bonusOf({ steps, pays }: Target, step: number, decimals: number): bigint {
  const [bonus, before] = [steps[step - 1]?.bonus ?? "0", steps[step - 2]?.bonus ?? "0"];
  return baseUnits(bonus, decimals) - (pays === "highest" ? baseUnits(before, decimals) : 0n);
}

export function sayStep({ steps }: Target, step: number): string {
  const { conversions, volume } = steps[step - 1] ?? {};
  return [
    ...(conversions === undefined ? [] : [`${conversions} conversions`]),
    ...(volume === undefined ? [] : [`a volume of ${volume}`]),
  ].join(" and ");
}

/** The events whose conversions are bonuses. */
export const eventsOfBonuses = ({ targets = [], bonuses }: Rules): ReadonlySet<string> =>
  new Set([...targets, ...(bonuses === undefined ? [] : [bonuses])].map(({ event }) => event));

const NAMED_KINDS = ["affiliate", "referral", "reseller", "customer", "recruiter"];
export const isNamed = (kinds: Target["kinds"], kind: number): boolean =>
  kinds === undefined || kinds.some((one) => (typeof one === "number" ? one : NAMED_KINDS.indexOf(one)) === kind);

/**
 * The targets that hold for a period: of each name the one that the period began with, or the first one since.
 * @param history in the order in which descriptions came into force
 */
export function targetsFor(
  history: readonly { readonly effectiveAt: number; readonly targets: readonly Target[] }[],
  kind: Target["period"],
  { from, to }: Period,
): Target[] {
  const began = history.filter(({ effectiveAt }) => effectiveAt <= from).slice(-1);
  const since = history.filter(({ effectiveAt }) => effectiveAt > from && effectiveAt < to);
  const all = [...began, ...since].flatMap(({ targets }) => targets).filter(({ period }) => period === kind);
  return all.filter((one, i) => all.findIndex(({ name }) => name === one.name) === i);
}
