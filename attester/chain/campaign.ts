/** What an attester asks the chain about a campaign before it signs for it. */
import { attesterSetAt } from "@partner-programs/protocol/attesterSet";
import type { CampaignRate } from "@partner-programs/protocol/commission";
import { decodeEventName } from "@partner-programs/protocol/eventName";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import type { Line } from "@partner-programs/protocol/line";
import { readDecimals } from "@partner-programs/protocol/token";
import type { Provider } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { IPartnerPrograms } from "#typechain/PartnerProgramsLens.ts";
import type { Offer, Offers } from "../checks/offers.ts";
import type { Units } from "../checks/source.ts";
import { NodeTrouble } from "./trouble.ts";

/** The campaign as the newest block has it. */
export interface CampaignFacts {
  /** Unix seconds of the newest block. */
  readonly time: number;
  /** Decimals of the campaign's token. */
  readonly decimals: number;
  readonly unitExponent: number;
  readonly feeBps: number;
  /** 0: what is attested is credited at once, and no batch is stored. */
  readonly holdSeconds: number;
  /** Whether the contract takes the lines with the attestation. */
  readonly linesGiven: boolean;
  /** The set in force. */
  readonly attesterSet: number;
  readonly attesters: readonly string[];
  /** Commissions and fees that can be attested in a day. */
  readonly dailyLimit: bigint;
  /** The offers that the conversions name, as far as there are such. */
  readonly offers: Offers;
}

/** What turns a volume of the campaign into whole tokens. */
export async function readUnits({ lens, provider }: ProgramsChain, campaignId: string): Promise<Units> {
  const { token, unitExponent } = await lens.termsOf(campaignId);
  return { unitExponent: Number(unitExponent), decimals: await decimalsOf(provider, token) };
}

/** @param entries of the conversions that are to be attested */
export async function readCampaign(
  { lens, provider }: ProgramsChain,
  campaignId: string,
  entries: Iterable<Line>,
): Promise<CampaignFacts> {
  const [state, terms, block] = await Promise.all([
    lens.campaign(campaignId),
    lens.termsOf(campaignId),
    provider.getBlock("latest"),
  ]);
  if (block === null) throw new NodeTrouble("The chain's node has no newest block.");
  const time = block.timestamp;
  const set = await attesterSetAt(state, time, (index) => lens.attesterSet(campaignId, index));
  const limitChanged = state.nextDailyLimitAt !== 0n && Number(state.nextDailyLimitAt) <= time;
  return {
    time,
    decimals: await decimalsOf(provider, terms.token),
    unitExponent: Number(terms.unitExponent),
    feeBps: Number(terms.feeBps),
    holdSeconds: Number(terms.holdSeconds),
    linesGiven: terms.linesOnChain || terms.holdSeconds === 0n,
    attesterSet: Number(set.index),
    attesters: set.members,
    dailyLimit: !state.limited ? NO_LIMIT : limitChanged ? state.nextDailyLimit : state.dailyLimit,
    offers: await readOffers(lens, campaignId, Number(state.offerCount), entries),
  };
}

/** What prices the lines of a campaign: its numbers, and the offers that they name. */
export async function readPrices(
  { lens }: ProgramsChain,
  campaignId: string,
  lines: Iterable<Line>,
): Promise<{ readonly offers: Offers; readonly campaign: CampaignRate }> {
  const [{ offerCount }, { unitExponent, feeBps }] = await Promise.all([
    lens.campaign(campaignId),
    lens.termsOf(campaignId),
  ]);
  return {
    offers: await readOffers(lens, campaignId, Number(offerCount), lines),
    campaign: { unitExponent: Number(unitExponent), feeBps: Number(feeBps) },
  };
}

async function readOffers(
  lens: ProgramsChain["lens"],
  campaignId: string,
  count: number,
  lines: Iterable<Line>,
): Promise<Offers> {
  const named = new Set<number>();
  for (const { offerId } of lines) named.add(offerId);
  const known = [...named].filter((offerId) => offerId >= 1 && offerId <= count);
  return new Map(
    await Promise.all(known.map(async (offerId) => [offerId, toOffer(await lens.offer(campaignId, offerId))] as const)),
  );
}

function toOffer(offer: IPartnerPrograms.OfferStructOutput): Offer {
  return {
    flatAmount: offer.flatAmount,
    rateBps: Number(offer.rateBps),
    kind: Number(offer.kind),
    event: decodeEventName(offer.eventName),
    capUnits: offer.capUnits,
    validFrom: Number(offer.validFrom),
    validTo: Number(offer.validTo),
  };
}

/** That a node does not answer is no sign that the token has no decimals: it is thrown. */
function decimalsOf(provider: Provider, token: string): Promise<number> {
  return readDecimals(token, (data) => provider.call({ to: token, data }));
}
