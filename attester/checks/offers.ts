/** Offers as the chain has them, and what lines are worth by them. */
import { type CampaignRate, commissionOfLineDown, type OfferRate } from "@partner-programs/protocol/commission";
import type { Line } from "@partner-programs/protocol/line";

/** An offer as the chain has it. */
export interface Offer extends OfferRate {
  readonly kind: number;
  readonly event: string;
  readonly capUnits: bigint;
  readonly validFrom: number;
  readonly validTo: number;
}

/** What a batch's conversions are worth, in base units, without the operator's fee. */
export function commissionOf(
  lines: readonly Line[],
  offers: ReadonlyMap<number, Offer>,
  campaign: CampaignRate,
): bigint {
  return lines.reduce((sum, line) => {
    const offer = offers.get(line.offerId);
    return offer === undefined ? sum : sum + commissionOfLineDown(line, offer, campaign).commission;
  }, 0n);
}
