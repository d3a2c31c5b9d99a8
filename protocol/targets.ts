/**
 * Targets: what a campaign pays a partner beside its commissions for what it reached in a period, and what a brand adds of its own
 * accord. Relayer, attester and pages derive the same bonuses from the same conversions; docs/decisions/0011-targets.md says why so.
 */
import { z } from "zod";
import { DECIMAL, toBaseUnitsDown } from "./amount.ts";
import { KINDS, MAX_KIND } from "./kinds.ts";

const eventName = z.string().regex(/^[\x21-\x7e]{1,24}$/);
const decimal = z.string().regex(DECIMAL, "must be a decimal number such as 49.90");
const kind = z.union([z.enum(KINDS), z.int().min(KINDS.length).max(MAX_KIND)]);

export const PERIODS = ["month", "quarter", "year", "once"] as const;
export type PeriodKind = (typeof PERIODS)[number];

/** So many conversions, so much volume (a decimal number of whole tokens), or both; and what is paid for it. */
const step = z
  .strictObject({
    conversions: z.int().min(1).max(1_000_000_000).optional(),
    volume: decimal.optional(),
    /** Whole tokens. It is the volume of a conversion of the target's event: an offer of 100 % pays it as it stands. */
    bonus: decimal,
  })
  .refine(({ conversions, volume }) => conversions !== undefined || volume !== undefined, {
    message: "names neither `conversions` nor `volume`; name one or both",
  });

/** As many decimals as a decimal number has: for comparing alone. */
const COMPARED_DECIMALS = 24;
const compared = (value: string | undefined) => toBaseUnitsDown(value ?? "0", COMPARED_DECIMALS);

/** What a partner reaches within a period, and what it is paid for it. */
export const target = z
  .strictObject({
    /** It stands in the ids of what is paid: another target is called otherwise. */
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be small letters, digits and -, at most 32"),
    title: z.string().min(1).max(200),
    /** A calendar month, quarter or year in UTC, by when conversions were received; or once for each partner. */
    period: z.enum(PERIODS),
    /** Conversions of these events count, once their hold is over. */
    counts: z.array(eventName).min(1).max(64),
    /** For partners of these kinds alone; without it for whoever an offer of its event pays. */
    kinds: z.array(kind).min(1).max(16).optional(),
    /** The event of its bonuses, whose offers pay them. */
    event: eventName.default("bonus"),
    /** each: every step that is reached is paid. highest: the highest, so that each pays what it is above the one before. */
    pays: z.enum(["each", "highest"]).default("each"),
    steps: z.array(step).min(1).max(12),
  })
  .superRefine(({ counts, event, pays, steps }, context) => {
    if (counts.includes(event))
      context.addIssue({ code: "custom", path: ["counts"], message: `counts "${event}", which is its own bonus` });
    for (const [i, now] of steps.entries()) {
      const before = steps[i - 1];
      if (before === undefined) continue;
      const wrong = (message: string) => context.addIssue({ code: "custom", path: ["steps", i], message });
      const [more, volume] = [
        (now.conversions ?? 0) - (before.conversions ?? 0),
        compared(now.volume) - compared(before.volume),
      ];
      if (more < 0 || volume < 0n || (more === 0 && volume === 0n)) wrong("asks for no more than the step before it");
      if (pays === "highest" && compared(now.bonus) <= compared(before.bonus))
        wrong("pays no more than the step before it; where the highest is paid, each has to");
    }
  });

export type Target = z.output<typeof target>;

/** What a brand may pay partners by its own word, with a reason: at most so much at once and in a calendar month (UTC). */
export const manualBonuses = z.strictObject({
  event: eventName.default("bonus"),
  /** Decimal numbers of whole tokens. */
  most: decimal,
  mostPerMonth: decimal,
});

export type ManualBonuses = z.output<typeof manualBonuses>;

/** Who of the partners reached most of an event in a period: shown where the brand wants it. */
export const leaderboard = z.strictObject({
  title: z.string().min(1).max(200),
  period: z.enum(["month", "quarter", "year"]),
  /** Conversions of this event count, once their hold is over. */
  event: eventName,
  by: z.enum(["conversions", "volume"]),
  /** So many places are shown. */
  places: z.int().min(1).max(100).default(10),
  /** Names are shown of partners who said that theirs may be. */
  shownTo: z.enum(["partners", "everybody"]).default("partners"),
});

export type Leaderboard = z.output<typeof leaderboard>;

// -------------------------------------------------------------------------------------------------------- periods

/** A period by its name, `2026-11`, `2026-Q4`, `2026` or `once`. Times are Unix seconds: [from, to). */
export interface Period {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const NEVER = 2 ** 40 - 1;

/** The period that a second is in. */
export function periodAt(of: PeriodKind, second: number): Period {
  const date = new Date(1000 * second);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const quarter = Math.floor(month / 3);
  switch (of) {
    case "month":
      return { name: `${year}-${String(month + 1).padStart(2, "0")}`, ...between(year, month, 1) };
    case "quarter":
      return { name: `${year}-Q${quarter + 1}`, ...between(year, 3 * quarter, 3) };
    case "year":
      return { name: String(year), ...between(year, 0, 12) };
    case "once":
      return { name: "once", from: 0, to: NEVER };
  }
}

function between(year: number, month: number, months: number) {
  return { from: Date.UTC(year, month) / 1000, to: Date.UTC(year, month + months) / 1000 };
}

/** The period of this name; undefined: it is none of this kind. */
export function periodNamed(of: PeriodKind, name: string): Period | undefined {
  if (of === "once") return name === "once" ? periodAt("once", 0) : undefined;
  const [, year, quarter, month] = /^(\d{4})(?:-Q([1-4])|-(\d\d))?$/.exec(name) ?? [];
  if (year === undefined) return undefined;
  const first = quarter === undefined ? Number(month ?? 1) - 1 : 3 * (Number(quarter) - 1);
  const period = periodAt(of, Date.UTC(Number(year), first) / 1000);
  return period.name === name ? period : undefined;
}

// -------------------------------------------------------------------------------------------------------- bonuses

/** A step of a target, by whom and when it is reached: what it pays is paid once. */
export interface BonusName {
  readonly target: string;
  /** The name of the period. */
  readonly period: string;
  /** Counted from 1. */
  readonly step: number;
  /** In small letters. */
  readonly partner: string;
}

/** The order id of a step's bonus: whoever derives it derives the same, so that it is one conversion for ever. */
export const bonusOrderId = ({ target, period, step, partner }: BonusName): string =>
  `target:${target}:${period}:${step}:${partner.toLowerCase()}`;

/** What an order id says whose bonus it is; undefined: it is none of a target. */
export function readBonusOrderId(orderId: string): BonusName | undefined {
  const match = /^target:([a-z0-9-]{1,32}):([0-9A-Zonce-]{4,7}):([1-9]\d?):(0x[0-9a-f]{40})$/.exec(orderId);
  if (match === null) return undefined;
  const [, target = "", period = "", step = "", partner = ""] = match;
  return { target, period, step: Number(step), partner };
}

/** With this the order ids begin of what a brand pays by its own word. */
export const MANUAL_ORDERS = "manual:";

export const manualOrderId = (month: string, id: string): string => `${MANUAL_ORDERS}${month}:${id}`;

/**
 * In which month a brand said so; undefined: it is no such order. It counts for the month in which it was received, which is a later one
 * where it was rejected first and is accepted by what came since.
 */
export const readManualOrderId = (orderId: string): string | undefined =>
  /^manual:(\d{4}-\d\d):[0-9A-Za-z-]{1,64}$/.exec(orderId)?.[1];

/** What a partner has of what a target counts. Volume is in base units. */
export interface Reached {
  readonly conversions: number;
  readonly volume: bigint;
}

/** How many of a target's steps are reached. */
export function stepsReached(
  { steps }: Pick<Target, "steps">,
  { conversions, volume }: Reached,
  decimals: number,
): number {
  const first = steps.findIndex(
    (one) => conversions < (one.conversions ?? 0) || volume < toBaseUnitsDown(one.volume ?? "0", decimals),
  );
  return first === -1 ? steps.length : first;
}

/** What a step pays, in base units. `step` is counted from 1; undefined: there is none. */
export function bonusOfStep(
  { steps, pays }: Pick<Target, "steps" | "pays">,
  step: number,
  decimals: number,
): bigint | undefined {
  const [now, before] = [steps[step - 1], steps[step - 2]];
  if (now === undefined) return undefined;
  const bonus = toBaseUnitsDown(now.bonus, decimals);
  return pays === "each" || before === undefined ? bonus : bonus - toBaseUnitsDown(before.bonus, decimals);
}

/** The events that nobody reports: bonuses are of them. */
export function bonusEvents({
  targets = [],
  bonuses,
}: {
  readonly targets?: readonly Pick<Target, "event">[] | undefined;
  readonly bonuses?: Pick<ManualBonuses, "event"> | undefined;
}): ReadonlySet<string> {
  return new Set([...targets.map(({ event }) => event), ...(bonuses === undefined ? [] : [bonuses.event])]);
}

/** A description from when it was in force. Unix seconds. */
export interface InForce<Description> {
  readonly from: number;
  readonly description: Description;
}

/**
 * The targets that hold for a period of their kind: each as it stood when the period began, or as it first appeared in it. So what a
 * partner works towards neither changes nor goes until the period is over.
 * @param history in the order in which descriptions came into force
 */
export function targetsIn(
  history: readonly InForce<{ readonly targets: readonly Target[] }>[],
  kindOf: PeriodKind,
  { from, to }: Period,
): Target[] {
  const began = history.findLast((one) => one.from <= from);
  const later = history.filter((one) => one.from > from && one.from < to);
  const found = new Map<string, Target>();
  for (const { description } of [...(began === undefined ? [] : [began]), ...later])
    for (const one of description.targets) if (one.period === kindOf && !found.has(one.name)) found.set(one.name, one);
  return [...found.values()];
}
