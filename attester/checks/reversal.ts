/** Whether a reversal lowers lines of its batch, and by no more than was given back. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { type Line, lineKey, sumToLines } from "@partner-programs/protocol/line";
import { refuse } from "./refusals.ts";

/** A line that a reversal asks to lower: as it was signed, as it stands after the reversals on the chain, and its target. */
export interface Lowering {
  readonly signed: Line;
  readonly standing: Line;
  readonly target: Line;
}

/** Whether `targets` only lower lines of a batch, as they stand: by how much is not looked at. */
export function checkTargets(lowerings: readonly Lowering[]): Refusal | undefined {
  for (const { signed, standing, target } of lowerings) {
    const about = `The target for ${target.partner} under offer ${target.offerId} is ${target.count} and ${target.volumeUnits}, above the`;
    if (isAbove(target, signed)) return refuse(`${about} attested ${signed.count} and ${signed.volumeUnits}.`);
    // Its path would not lead to the root, and a later look finds the line as it is.
    if (isAbove(target, standing))
      return refuse(`${about} ${standing.count} and ${standing.volumeUnits} that a reversal on the chain left.`, true);
  }
  return undefined;
}

function isAbove(target: Line, line: Line): boolean {
  return target.count > line.count || target.volumeUnits > line.volumeUnits;
}

/** Whether the lines end lower than they were signed by no more than `takenBack`, all that was ever taken back of the batch. */
export function checkLowered(lowerings: readonly Lowering[], takenBack: readonly Line[]): Refusal | undefined {
  const most = new Map(sumToLines(takenBack).map((line) => [lineKey(line), line]));
  for (const { signed, target } of lowerings) {
    const away = most.get(lineKey(target));
    if (
      signed.count - target.count > (away?.count ?? 0) ||
      signed.volumeUnits - target.volumeUnits > (away?.volumeUnits ?? 0n)
    )
      return refuse(
        `The line of offer ${target.offerId} for ${target.partner} is lowered by more than was given back of its conversions. Name those that were taken back before as well.`,
        true,
      );
  }
  return undefined;
}
