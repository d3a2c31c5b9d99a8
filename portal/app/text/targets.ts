/** Targets in words, for partners and brands. */
import { kindName } from "@partner-programs/protocol/kinds";
import type { Leaderboard, ManualBonuses, Target } from "@partner-programs/protocol/targets";
import { describeTarget } from "@partner-programs/protocol/targetWords";

import type { TargetProgress } from "../api/schema.d.ts";
import { countText, fromDecimal, moneyText, type TokenFormat } from "./money.ts";

/** All that a target says but its title. */
export function sayTarget(target: Target): string {
  const { event, kinds } = target;
  const who = kinds?.map((kind) => (typeof kind === "number" ? kindName(kind) : kind)).join(", ");
  return [describeTarget(target), ...(who === undefined ? [] : [`for ${who}`]), `paid as “${event}”`].join("; ");
}

export const sayManualBonuses = (bonuses: ManualBonuses | undefined): string =>
  bonuses === undefined
    ? ""
    : `up to ${bonuses.most} at once and ${bonuses.mostPerMonth} a month, paid as “${bonuses.event}”`;

/** "“Best of the month”: the 10 first by volume of “sale” a month, shown to partners". */
export const sayLeaderboard = (board: Leaderboard | undefined): string =>
  board === undefined
    ? ""
    : `“${board.title}”: the ${board.places} first by ${board.by} of “${board.event}” a ${board.period}, shown to ${board.shownTo}`;

/** The step that a partner works towards, and how much of it is there: 0 to 1. */
export interface NextStep {
  readonly share: number;
  readonly sentence: string;
}

/** "7 of 10 conversions, 3 more earn 50 DUSD"; undefined: all steps are reached. */
export function nextStep(progress: TargetProgress, token: TokenFormat): NextStep | undefined {
  const next = progress.steps.find(({ reached }) => !reached);
  if (next === undefined) return undefined;
  const { conversions, volumeBaseUnits } = progress;
  const volume = fromDecimal(next.volume ?? "0", token.decimals) ?? 0n;
  const [moreConversions, moreVolume] = [(next.conversions ?? 0) - conversions, volume - BigInt(volumeBaseUnits)];
  const share = Math.min(
    next.conversions === null ? 1 : conversions / next.conversions,
    volume === 0n ? 1 : Number((BigInt(volumeBaseUnits) * 1_000n) / volume) / 1_000,
  );
  const of = [
    ...(next.conversions === null ? [] : [`${countText(conversions)} of ${countText(next.conversions)} conversions`]),
    ...(next.volume === null ? [] : [`${moneyText(volumeBaseUnits, token)} of ${moneyText(volume, token)} of volume`]),
  ].join(", ");
  const more = [
    ...(moreConversions > 0 ? [`${countText(moreConversions)} more`] : []),
    ...(moreVolume > 0n ? [`${moneyText(moreVolume, token)} more`] : []),
  ].join(" and ");
  return { share: Math.min(1, share), sentence: `${of}. ${more} earn ${moneyText(next.bonus, token)}.` };
}

const PERIODS = { month: "this month", quarter: "this quarter", year: "this year", once: "in all" } as const;

export const sayPeriod = ({ period }: Pick<TargetProgress, "period">): string => PERIODS[period.kind];
