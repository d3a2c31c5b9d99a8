/** What cannot be undone any more: final blocks, and what the chain has at them. */
import { isRevert } from "@partner-programs/protocol/reverts";
import { isError } from "ethers";
import { readLogs } from "#service/chain/logs.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { FinalFacts } from "../checks/earlier.ts";
import { NodeTrouble } from "./trouble.ts";

/** A block that is not undone any more, by its number and its time. */
export interface FinalBlock {
  readonly number: number;
  readonly time: number;
}

/** Finds the newest block that is final. */
export type Finality = () => Promise<FinalBlock>;

/** The node's `finalized` block if it has one; else the one with `confirmations` blocks above it. Asked once, so that no failure later weakens it. */
export async function findFinality(
  { provider }: ProgramsChain,
  confirmations: number,
): Promise<{ readonly finality: Finality; readonly byTag: boolean }> {
  const tagged = await provider.getBlock("finalized").catch(() => null);
  const byTag = tagged !== null;
  return {
    byTag,
    finality: async () => {
      const tag = byTag ? "finalized" : Math.max(0, (await provider.getBlockNumber()) - confirmations);
      const block = await provider.getBlock(tag);
      if (block === null) throw new NodeTrouble(`The chain's node has no block ${tag}.`);
      return { number: block.number, time: block.timestamp };
    },
  };
}

/** The campaign's next number at a final block. */
export async function readFinal(
  { lens }: ProgramsChain,
  campaignId: string,
  { number, time }: FinalBlock,
): Promise<FinalFacts> {
  try {
    const { nextConversion } = await lens.campaign(campaignId, { blockTag: number });
    return { nextConversion, time };
  } catch (error) {
    const unknown = isRevert(error) && error.revert?.name === "UnknownCampaign";
    // Nothing comes back from an address without code: the block is older than the contracts.
    const absent = isError(error, "BAD_DATA") && error.value === "0x";
    if (unknown || absent) return { nextConversion: 1n, time };
    throw new NodeTrouble(`The chain's node does not have the state of block ${number}, which is final.`);
  }
}

/** Whether the chain has an attestation: its batch is stored, or with a hold of 0 only its event is there. */
export async function isAttested(
  { lens, programs, provider, address }: ProgramsChain,
  campaignId: string,
  { digest, signedAfter }: { readonly digest: string; readonly signedAfter: number },
  holdSeconds: number,
): Promise<boolean> {
  if ((await lens.batch(digest)).releaseAt !== 0n) return true;
  if (holdSeconds !== 0) return false;
  const topics = programs.interface.encodeFilterTopics("Attested", [campaignId, digest]);
  const head = await provider.getBlockNumber();
  for await (const { logs } of readLogs(provider, { address, topics }, signedAfter, head))
    if (logs.length > 0) return true;
  return false;
}
