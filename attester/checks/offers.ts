/** Offers as the chain has them, and what lines are worth by them. */
import {
  type CampaignRate,
  commissionOfLineDown,
  type OfferRate,
  worthOfLineDown,
} from "@partner-programs/protocol/commission";
import type { Line } from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import type { Attestation } from "@partner-programs/protocol/typedData";

/** An offer as the chain has it. */
export interface Offer extends OfferRate {
  readonly kind: number;
  readonly event: string;
  readonly capUnits: bigint;
  readonly validFrom: number;
  readonly validTo: number;
}

/** A campaign's offers, as far as a batch names them. */
export type Offers = ReadonlyMap<number, Offer>;

/** What a batch's conversions are worth, in base units, without the operator's fee. */
export function commissionOf(lines: Iterable<Line>, offers: Offers, campaign: CampaignRate): bigint {
  let sum = 0n;
  for (const line of lines) {
    const offer = offers.get(line.offerId);
    if (offer !== undefined) sum += commissionOfLineDown(line, offer, campaign).commission;
  }
  return sum;
}

/**
 * The tree over lines, each with what it is worth by the offers. @throws RangeError if a sum does not fit its field, or all of
 * them are worth more than any budget can be
 */
export function treeOf(
  lines: readonly Line[],
  offers: Offers,
  campaign: CampaignRate,
  period: Pick<Attestation, "periodFrom" | "periodTo">,
): LineTree {
  const worthOf = (line: Line) => worthOfLineDown(line, offers.get(line.offerId), campaign, period);
  return LineTree.of({
    length: lines.length,
    *[Symbol.iterator]() {
      for (const line of lines) yield { line, worth: worthOf(line) };
    },
  });
}
