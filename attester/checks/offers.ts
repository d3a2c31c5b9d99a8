/** Offers as the chain has them, and what conversions are worth by them. */
import {
  type CampaignRate,
  commissionOfLineDown,
  type OfferRate,
  type OfferValidity,
} from "@partner-programs/protocol/commission";
import type { Line } from "@partner-programs/protocol/line";

/** An offer as the chain has it. */
export interface Offer extends OfferRate, OfferValidity {
  readonly kind: number;
  readonly event: string;
  readonly capUnits: bigint;
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
