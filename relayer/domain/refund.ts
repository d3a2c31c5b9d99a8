/** What a refund leaves of a conversion, and what that costs. */
import { commissionOfLineDown } from "@partner-programs/protocol/commission";
import { hasKind } from "@partner-programs/protocol/kinds";
import { type Line, lineKey, lowerLine } from "@partner-programs/protocol/line";
import { BESIDE } from "./judge.ts";

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

/** What a conversion costs: the partner's commission is part of the whole. */
export interface Cost {
  readonly commission: bigint;
  readonly partnerCommission: bigint;
  readonly fee: bigint;
  /** The entries that pay something. */
  readonly paying: readonly Line[];
}

/** What entries cost by the offers that they name. @throws Error if there is no such offer */
export function costOf(
  entries: readonly Line[],
  rates: ReadonlyMap<number, { readonly kind: number; readonly flatAmount: bigint; readonly rateBps: number }>,
  terms: { readonly unitExponent: number; readonly feeBps: number },
): Cost {
  let [commission, partnerCommission, fee] = [0n, 0n, 0n];
  const paying: Line[] = [];
  for (const entry of entries) {
    const rate = rates.get(entry.offerId);
    if (rate === undefined) throw new Error(`An entry names offer ${entry.offerId}, which its campaign does not have.`);
    const price = commissionOfLineDown(entry, rate, terms);
    commission += price.commission;
    fee += price.fee;
    if (!hasKind(BESIDE, rate.kind)) partnerCommission += price.commission;
    if (price.commission > 0n) paying.push(entry);
  }
  return { commission, partnerCommission, fee, paying };
}
