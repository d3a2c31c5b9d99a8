import { type Line, lineKey, lowerLine } from "@partner-programs/protocol/line";

/**
 * What is left of a conversion's entries when so much of its volume is left. A flat amount is paid by the count, which a
 * partial refund does not touch: only when nothing is left (`undefined`) are there no entries.
 */
export function entriesLeft(entries: readonly Line[], volumeUnits: bigint | undefined): Line[] {
  return volumeUnits === undefined ? [] : entries.map((entry) => lowerLine(entry, { ...entry, volumeUnits }));
}

/** What lies between the entries before a refund and after it, as counts and volumes to take from the lines of a batch. */
export function takenBack(before: readonly Line[], after: readonly Line[]): Line[] {
  const left = new Map(after.map((entry) => [lineKey(entry), entry]));
  return before
    .map((entry) => {
      const { count, volumeUnits } = left.get(lineKey(entry)) ?? { count: 0, volumeUnits: 0n };
      return { ...entry, count: entry.count - count, volumeUnits: entry.volumeUnits - volumeUnits };
    })
    .filter(({ count, volumeUnits }) => count > 0 || volumeUnits > 0n);
}
