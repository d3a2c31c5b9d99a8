/** A target as a brand writes it in a form, and a description with the targets and the brand's own bonuses that the form leaves in it. */
import type { CampaignDescription } from "@partner-programs/protocol/description";
import {
  bonusEvents,
  type ManualBonuses,
  manualBonuses,
  type Target,
  target,
} from "@partner-programs/protocol/targets";
import { toDecimal } from "../text/money.ts";
import { fromTyped } from "../text/typed.ts";

/** What is empty is not asked for. */
export interface StepDraft {
  readonly conversions: string;
  readonly volume: string;
  readonly bonus: string;
}

export interface TargetDraft {
  readonly title: string;
  readonly counts: string;
  readonly period: Target["period"];
  readonly pays: Target["pays"];
  readonly steps: readonly StepDraft[];
}

export const EMPTY_STEP: StepDraft = { conversions: "", volume: "", bonus: "" };

export const emptyTarget = (counts: string): TargetDraft => ({
  title: "",
  counts,
  period: "month",
  pays: "each",
  steps: [EMPTY_STEP],
});

/** What the brand may give by its own word; empty: nothing. */
export interface WordDraft {
  readonly most: string;
  readonly mostPerMonth: string;
}

const BONUS = "bonus";

/** The events that targets of a campaign can count: bonuses count for nothing. */
export const countedEvents = ({ events, targets, bonuses }: CampaignDescription) => {
  const paid = bonusEvents({ targets, bonuses });
  return events.filter(({ name }) => !paid.has(name) && name !== BONUS);
};

/** As a description has it; undefined: it is no amount, or finer than the token. */
function decimalOf(text: string, decimals: number): string | undefined {
  const amount = fromTyped(text, decimals);
  return amount === undefined ? undefined : toDecimal(amount, decimals);
}

/** It stands in the ids of its bonuses, so that another target needs another one. */
function nameFor(title: string, taken: ReadonlySet<string>): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 28);
  const name = plain === "" ? "target" : plain;
  for (let i = 1; ; i++) {
    const one = i === 1 ? name : `${name}-${i}`;
    if (!taken.has(one)) return one;
  }
}

/** The target that a form says; or what is wrong with it. @param taken the names of targets that there are or were */
export function targetOf(
  { title, counts, period, pays, steps }: TargetDraft,
  decimals: number,
  taken: ReadonlySet<string>,
): { readonly target: Target } | { readonly problem: string } {
  if (title.trim() === "") return { problem: "Give the target a title, for partners to read." };
  const read: { conversions?: number; volume?: string; bonus: string }[] = [];
  for (const step of steps) {
    const [asked, volume, bonus] = [
      step.conversions.trim(),
      decimalOf(step.volume, decimals),
      decimalOf(step.bonus, decimals),
    ];
    if (asked !== "" && !/^[1-9]\d{0,8}$/.test(asked))
      return { problem: `“${asked}” is no number of conversions; write a whole one, such as 10.` };
    if (step.volume.trim() !== "" && volume === undefined)
      return { problem: `“${step.volume}” is no volume; write an amount, such as 500.` };
    if (asked === "" && step.volume.trim() === "")
      return { problem: "Say how many conversions or how much volume each step asks for." };
    if (bonus === undefined || /^[0.]*$/.test(bonus))
      return { problem: `“${step.bonus}” is no bonus; write an amount above zero, such as 50.` };
    read.push({
      ...(asked !== "" && { conversions: Number(asked) }),
      ...(step.volume.trim() !== "" && { volume: volume as string }),
      bonus,
    });
  }
  const given = { name: nameFor(title, taken), title: title.trim(), period, counts: [counts], pays, steps: read };
  const { data, error } = target.safeParse(given);
  if (data !== undefined) return { target: data };
  const [issue] = error.issues;
  const [of, place] = issue?.path ?? [];
  const which = of === "steps" && typeof place === "number" ? `Step ${place + 1} ` : "It ";
  return { problem: `${which}${issue?.message}.` };
}

export const wordOf = ({ bonuses }: CampaignDescription): WordDraft => ({
  most: bonuses?.most ?? "",
  mostPerMonth: bonuses?.mostPerMonth ?? "",
});

/** What the form says of the brand's own bonuses; undefined: that there are none. */
export function bonusesOf(
  { most, mostPerMonth }: WordDraft,
  before: ManualBonuses | undefined,
  decimals: number,
): { readonly bonuses: ManualBonuses | undefined } | { readonly problem: string } {
  if (most.trim() === "" && mostPerMonth.trim() === "") return { bonuses: undefined };
  const given = { most: decimalOf(most, decimals), mostPerMonth: decimalOf(mostPerMonth, decimals) };
  const { data } = manualBonuses.safeParse({ ...given, event: before?.event });
  if (data === undefined)
    return { problem: "Say how much at once and how much in a month, each as an amount, such as 50; or neither." };
  if (Number(data.most) > Number(data.mostPerMonth))
    return { problem: `${data.most} at once is more than ${data.mostPerMonth} in a month.` };
  return { bonuses: data };
}

/** The description with these; events that pay bonuses are described in it. */
export function withTargets(
  { bonuses: _, ...description }: CampaignDescription,
  targets: readonly Target[],
  bonuses: ManualBonuses | undefined,
): CampaignDescription {
  const known = new Set(description.events.map(({ name }) => name));
  const missing = [...bonusEvents({ targets, bonuses })].filter((name) => !known.has(name));
  const added = missing.map((name) => ({ name, title: "A bonus", perCustomer: null, perPartner: [] }));
  return {
    ...description,
    events: [...description.events, ...added],
    targets: [...targets],
    ...(bonuses !== undefined && { bonuses }),
  };
}

/** The largest bonus that an offer has to pay, and for which event no offer does; undefined: offers are there. */
export function offerMissing(
  { targets, bonuses }: Pick<CampaignDescription, "targets" | "bonuses">,
  eventOf: readonly string[],
  decimals: number,
): { readonly event: string; readonly most: bigint } | undefined {
  const event = [...bonusEvents({ targets, bonuses })].find((name) => !eventOf.includes(name));
  if (event === undefined) return undefined;
  const paid = [
    ...targets.filter((one) => one.event === event).flatMap(({ steps }) => steps.map(({ bonus }) => bonus)),
    ...(bonuses?.event === event ? [bonuses.most] : []),
  ].map((decimal) => fromTyped(decimal, decimals, "en") ?? 0n);
  return { event, most: paid.reduce((most, one) => (one > most ? one : most), 0n) };
}
