/** What an attester asks the chain about a campaign before it signs for it. */
import { attesterSetAt } from "@partner-programs/protocol/attesterSet";
import { decodeEventName } from "@partner-programs/protocol/eventName";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { readDecimals } from "@partner-programs/protocol/token";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { Provider } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { IPartnerPrograms } from "#typechain/PartnerPrograms.ts";
import type { Offer } from "../checks/offers.ts";
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
  readonly openKinds: number;
  /** 0: what is attested is credited at once, and no batch is stored. */
  readonly holdSeconds: number;
  readonly kindsListed: boolean;
  /** The set in force. */
  readonly attesterSet: number;
  readonly attesters: readonly string[];
  /** Commissions and fees that can be attested in a day. */
  readonly dailyLimit: bigint;
  /** The offers that the attestation's lines name, as far as there are such. */
  readonly offers: ReadonlyMap<number, Offer>;
}

/** What turns a volume of the campaign into whole tokens. */
export async function readUnits({ programs, provider }: ProgramsChain, campaignId: string): Promise<Units> {
  const { token, unitExponent } = await programs.termsOf(campaignId);
  return { unitExponent: Number(unitExponent), decimals: await decimalsOf(provider, token) };
}

export async function readCampaign(
  { programs, provider }: ProgramsChain,
  { campaignId, lines }: Attestation,
): Promise<CampaignFacts> {
  const [state, terms, block] = await Promise.all([
    programs.campaign(campaignId),
    programs.termsOf(campaignId),
    provider.getBlock("latest"),
  ]);
  if (block === null) throw new NodeTrouble("The chain's node has no newest block.");
  const time = block.timestamp;
  const set = await attesterSetAt(state, time, (index) => programs.attesterSet(campaignId, index));
  const offerIds = [...new Set(lines.map((line) => line.offerId))].filter((id) => id >= 1 && id <= state.offerCount);
  const offers = await Promise.all(
    offerIds.map(async (offerId) => [offerId, toOffer(await programs.offer(campaignId, offerId))] as const),
  );
  const limitChanged = state.nextDailyLimitAt !== 0n && Number(state.nextDailyLimitAt) <= time;
  return {
    time,
    decimals: await decimalsOf(provider, terms.token),
    unitExponent: Number(terms.unitExponent),
    feeBps: Number(terms.feeBps),
    openKinds: Number(terms.openKinds),
    holdSeconds: Number(terms.holdSeconds),
    kindsListed: state.kindsListed,
    attesterSet: Number(set.index),
    attesters: set.members,
    dailyLimit: !state.limited ? NO_LIMIT : limitChanged ? state.nextDailyLimit : state.dailyLimit,
    offers: new Map(offers),
  };
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
