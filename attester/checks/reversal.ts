/** Whether a reversal lowers lines of its batch, and by no more than was given back. */
import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { type Line, lineKey, sumToLines } from "@partner-programs/protocol/line";
import { refuse } from "./refusals.ts";

/** Whether `targets` only lower lines of a batch: by how much is not looked at. */
export function checkTargets(attested: readonly Line[], targets: readonly Line[]): Refusal | undefined {
  const lines = new Map(attested.map((line) => [lineKey(line), line]));
  for (const target of targets) {
    const line = lines.get(lineKey(target));
    if (line === undefined)
      return refuse(`The attestation has no line of offer ${target.offerId} for ${target.partner}.`);
    if (target.count > line.count || target.volumeUnits > line.volumeUnits)
      return refuse(
        `The target for ${target.partner} under offer ${target.offerId} is ${target.count} and ${target.volumeUnits}, above the attested ${line.count} and ${line.volumeUnits}.`,
      );
  }
  return undefined;
}

/** Whether `targets` lower the lines by no more than `takenBack`. */
export function checkLowered(
  attested: readonly Line[],
  targets: readonly Line[],
  takenBack: readonly Line[],
): Refusal | undefined {
  const lines = new Map(attested.map((line) => [lineKey(line), line]));
  const most = new Map(sumToLines(takenBack).map((line) => [lineKey(line), line]));
  for (const target of targets) {
    const line = lines.get(lineKey(target)) as Line;
    const away = most.get(lineKey(target));
    if (
      line.count - target.count > (away?.count ?? 0) ||
      line.volumeUnits - target.volumeUnits > (away?.volumeUnits ?? 0n)
    )
      return refuse(
        `The line of offer ${target.offerId} for ${target.partner} is lowered by more than was given back of its conversions.`,
        true,
      );
  }
  return undefined;
}
