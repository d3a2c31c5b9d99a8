/** The tree of a batch from its lines and the published offers: what whoever settles, checks or signs builds first. */
import { type CampaignRate, type OfferRate, type OfferValidity, worthOfLineDown } from "./commission.ts";
import type { Line } from "./line.ts";
import { LineTree } from "./lineTree.ts";

/** Offers by their number, as far as a batch names them. One that is not there makes its lines worth nothing. */
export type PricedOffers = ReadonlyMap<number, OfferRate & OfferValidity>;

/**
 * The tree over lines, each with what it is worth by the offers. @throws RangeError if there is no line, if a sum does not fit its
 * field, or if all of them are worth more than any budget can be
 */
export function treeOf(
  lines: Iterable<Line> & { readonly length: number },
  offers: PricedOffers,
  campaign: CampaignRate,
  period: { readonly periodFrom: number; readonly periodTo: number },
): LineTree {
  return LineTree.of({
    length: lines.length,
    *[Symbol.iterator]() {
      for (const line of lines)
        yield { line, worth: worthOfLineDown(line, offers.get(line.offerId), campaign, period) };
    },
  });
}

/** An offer as the contract gives it, and what prices a line of it. */
export const toPriced = (offer: {
  readonly flatAmount: bigint;
  readonly rateBps: bigint | number;
  readonly validFrom: bigint | number;
  readonly validTo: bigint | number;
}): OfferRate & OfferValidity => ({
  flatAmount: offer.flatAmount,
  rateBps: Number(offer.rateBps),
  validFrom: Number(offer.validFrom),
  validTo: Number(offer.validTo),
});

/** All offers of a campaign, as `overview` of the Lens lists them: offers count from 1. */
export const pricedOffers = (offers: readonly Parameters<typeof toPriced>[0][]): PricedOffers =>
  new Map(offers.map((offer, i) => [i + 1, toPriced(offer)]));
