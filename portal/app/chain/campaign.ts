/** A campaign as the chain has it: its state, its batches, what it announced, whom it is offered to. */

import { lens, programs, topicOf } from "./contracts.ts";
import type { ChainEvent } from "./events.ts";
import { readEvents } from "./events.ts";

/** The `Attested` event of a batch. */
export async function readAttestation(campaignId: string, digest: string): Promise<ChainEvent | undefined> {
  return (await readEvents([topicOf("Attested"), campaignId, digest]))[0];
}

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
  const events = await readEvents([topicOf("BrandTransferStarted"), null, null, topic]);
  const ids = [...new Set(events.map(({ args }) => args.campaignId as string))];
  const states = await Promise.all(ids.map((id) => programs().campaign(id)));
  return ids.filter((_, i) => states[i]?.pendingBrand.toLowerCase() === account.toLowerCase());
}

/** A campaign as the contract has it, settled to the current block, with what is announced. */
export async function readCampaign(campaignId: string) {
  const [overview, state] = await Promise.all([lens().overview(campaignId), programs().campaign(campaignId)]);
  return { overview, state };
}

export type ChainCampaign = Awaited<ReturnType<typeof readCampaign>>;
