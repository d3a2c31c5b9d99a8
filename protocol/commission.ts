/** What a line is worth: the arithmetic of contracts/libraries/Commission.sol. */
import type { Line } from "./line.ts";

/** The numbers of an offer that price a line. `flatAmount`: base units of the token. `rateBps`: basis points of the volume. */
export interface OfferRate {
  readonly flatAmount: bigint;
  readonly rateBps: number;
}

/** The numbers of a campaign that price a line. One volume unit is 10^unitExponent base units. */
export interface CampaignRate {
  readonly unitExponent: number;
  readonly feeBps: number;
}

/**
 * Commission of a line and the operator's fee on top of it, in base units: count x flatAmount + volume x rate, each rounded down
 * once. The same arithmetic as contracts/libraries/Commission.sol.
 */
export function commissionOfLineDown(line: Line, offer: OfferRate, campaign: CampaignRate) {
  const volume = line.volumeUnits * 10n ** BigInt(campaign.unitExponent);
  const commission = BigInt(line.count) * offer.flatAmount + (volume * BigInt(offer.rateBps)) / 10_000n;
  return { commission, fee: (commission * BigInt(campaign.feeBps)) / 10_000n };
}

/** The part of an offer and of a batch that says whether lines under the one are worth anything in the other. */
export interface OfferValidity {
  readonly validFrom: number;
  readonly validTo: number;
}

/**
 * What a line stands for in its batch's tree: commission and fee. Nothing, if there is no such offer or it is not valid in the whole
 * period, so that an offer which is appended later changes no tree. The same as contracts/libraries/Rules.sol.
 */
export function worthOfLineDown(
  line: Line,
  offer: (OfferRate & OfferValidity) | undefined,
  campaign: CampaignRate,
  period: { readonly periodFrom: number; readonly periodTo: number },
): bigint {
  if (offer === undefined || period.periodFrom < offer.validFrom || period.periodTo > offer.validTo) return 0n;
  const { commission, fee } = commissionOfLineDown(line, offer, campaign);
  return commission + fee;
}
