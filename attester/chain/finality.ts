/** What cannot be undone any more: final blocks, and what the chain has at them. */
import { isRevert } from "@partner-programs/protocol/reverts";
import { isError } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { FinalFacts } from "../checks/earlier.ts";
import type { SignedAttestation } from "../store/signed.ts";
import { readAttested } from "./attested.ts";
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

/**
 * Whether the chain has an attestation. With a hold its batch is stored. Without one only its event is there, and a node may leave
 * events out; but attestations of a campaign follow each other without a gap up to the number that the contract has as its next: where
 * that is past the attestation's first number, the event of the one that took it is there, or the node does not tell all.
 * @param final the campaign at the final block of this number
 * @throws NodeTrouble
 */
export async function isAttested(
  chain: ProgramsChain,
  campaignId: string,
  { digest, firstConversion, signedAfter }: Pick<SignedAttestation, "digest" | "firstConversion" | "signedAfter">,
  holdSeconds: number,
  final: FinalFacts & Pick<FinalBlock, "number">,
): Promise<boolean> {
  const { lens, provider } = chain;
  if ((await lens.batch(digest)).releaseAt !== 0n) return true;
  if (holdSeconds !== 0 || final.nextConversion <= firstConversion) return false;
  for await (const one of readAttested(chain, campaignId, signedAfter, final.number)) {
    if (one.first > firstConversion || one.next <= firstConversion) continue;
    if ((await provider.getBlock(one.block))?.hash !== one.blockHash)
      throw new NodeTrouble(`The chain's node tells an attestation of block ${one.blockHash}, which is not there.`);
    return one.digest === digest;
  }
  throw new NodeTrouble(
    `The contract's next number is ${final.nextConversion} at block ${final.number}, and the chain's node tells no attestation of number ${firstConversion}.`,
  );
}
