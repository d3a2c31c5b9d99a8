/** A campaign as the chain has it: its state, its batches, what it announced, whom it is offered to. */

import { decodeEventName } from "@partner-programs/protocol/eventName";
import { isError } from "ethers";
import type { Limited, Withdrawal } from "../text/trust.ts";
import type { OfferWords } from "../text/words.ts";
import { lens, programsInterface, topicOf } from "./contracts.ts";
import { readEvents } from "./events.ts";

/** A description as it was announced: the chain has its hash, and from when it counts. */
export interface Announced {
  readonly hash: string;
  readonly uri: string;
  readonly effectiveAt: number;
}

/** All descriptions that a campaign announced, in their order. */
export async function readAnnounced(campaignId: string): Promise<Announced[]> {
  const events = await readEvents([topicOf("DescriptionAnnounced"), campaignId]);
  return events.map(({ args }) => ({ hash: args.contentHash, uri: args.uri, effectiveAt: Number(args.effectiveAt) }));
}

/** Campaigns that are offered to an account, and that it has not accepted. */
export async function readHandedOver(account: string): Promise<string[]> {
  const topic = `0x${account.slice(2).toLowerCase().padStart(64, "0")}`;
  const events = await readEvents([topicOf("BrandTransferAnnounced"), null, null, topic]);
  const ids = [...new Set(events.map(({ args }) => args.campaignId as string))];
  const states = await Promise.all(ids.map((id) => lens().campaign(id)));
  return ids.filter((_, i) => states[i]?.pendingBrand.toLowerCase() === account.toLowerCase());
}

/** The tokens that campaigns pay in: whose lines are all released is in no open batch, and has a credit all the same. */
export async function readTokens(): Promise<string[]> {
  const events = await readEvents([topicOf("CampaignCreated")]);
  return [...new Set(events.map(({ args }) => args.token as string))];
}

/** Whether there is such a campaign. */
export async function isCreated(campaignId: string): Promise<boolean> {
  try {
    await lens().termsOf(campaignId);
    return true;
  } catch (error) {
    const unknown = programsInterface.getError("UnknownCampaign")?.selector ?? "";
    if (isError(error, "CALL_EXCEPTION") && error.data?.startsWith(unknown) === true) return false;
    throw error;
  }
}

/** A campaign as the contract has it, settled to the current block, with what is announced. */
export async function readCampaign(campaignId: string) {
  const [overview, state] = await Promise.all([lens().overview(campaignId), lens().campaign(campaignId)]);
  return { overview, state };
}

export type ChainCampaign = Awaited<ReturnType<typeof readCampaign>>;

/** An offer as sentences take it. */
export function wordsOf(offer: ChainCampaign["overview"]["offers"][number], unitExponent: bigint): OfferWords {
  return {
    event: decodeEventName(offer.eventName),
    kind: Number(offer.kind),
    partner: offer.partner,
    flatAmount: offer.flatAmount,
    rateBps: Number(offer.rateBps),
    cap: offer.capUnits * 10n ** unitExponent,
  };
}

/** The daily limit as sentences take it. */
export function limitedOf({ overview, state }: ChainCampaign): Limited {
  const { dailyLimit, remainingToday, available } = overview;
  return { dailyLimit, remainingToday, available, next: state.nextDailyLimit, nextAt: Number(state.nextDailyLimitAt) };
}

/** The announced withdrawal, with what there is to pay it from. */
export function withdrawalOf({ overview, state }: ChainCampaign): Withdrawal {
  return { amount: state.withdrawalAmount, at: Number(state.withdrawableAt), available: overview.available };
}

/** What is announced, as sentences take it. */
export function announcedOf(chain: ChainCampaign) {
  const { overview, state } = chain;
  return {
    withdrawal: withdrawalOf(chain),
    pendingBrand: state.pendingBrand,
    transferableAt: Number(state.transferableAt),
    closesAt: overview.closed ? 0 : Number(overview.closesAt),
    // The next set is in force once the index that counts has reached it.
    attestersAnnounced: state.attestersAnnounced && overview.attesterSet === state.attesterSet,
  };
}
