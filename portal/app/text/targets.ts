/** Targets in words, for partners and brands. */
import { kindName } from "@partner-programs/protocol/kinds";
import { describeTarget, type ManualBonuses, type Target } from "@partner-programs/protocol/targets";

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
