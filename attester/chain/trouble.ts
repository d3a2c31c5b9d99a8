/** What an attester says when the chain, or its node, does not let it say more. */

import type { Refusal } from "@partner-programs/protocol/attesterApi";
import { isRevert, readRevert } from "@partner-programs/protocol/reverts";
import type { CallExceptionError } from "ethers";
import { NodesDisagree, TooFewNodes } from "#service/chain/agreement.ts";
import { NoNode } from "#service/chain/nodes.ts";
import type { ProgramsChain } from "#service/chain/programs.ts";
import { RetryableError } from "#service/errors.ts";
import { refuse } from "../checks/refusals.ts";

/** The node cannot say now. */
export class NodeTrouble extends RetryableError {
  override readonly name = "NodeTrouble";
}

/** A refusal for the time being, if the error is the chain's or its node's; other errors are ours, and thrown again. */
export function refuseForNow(chain: ProgramsChain, error: unknown): Refusal {
  const isOfNodes = [NodeTrouble, NodesDisagree, TooFewNodes, NoNode].some((trouble) => error instanceof trouble);
  if (isOfNodes) return refuse((error as Error).message, true);
  if (isRevert(error) && error.revert !== null)
    return refuse(`The chain says: ${inWords(chain, error)}.`, error.revert.name === "UnknownCampaign");
  // What ethers appends to its messages may hold the node's URL, and that a provider's key.
  if (error instanceof Error && "code" in error && "shortMessage" in error)
    return refuse(`The chain's node does not answer as it should (${error.code}).`, true);
  throw error;
}

/** What the contract reverted with, with its values. */
export function inWords({ programs }: ProgramsChain, { data, revert }: CallExceptionError): string {
  return readRevert(programs.interface, data).words || (revert?.signature ?? "no reason");
}
