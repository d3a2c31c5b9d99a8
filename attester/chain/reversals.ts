/** What the reversals on the chain made of a batch's lines. */
import { type Line, unpackLine } from "@partner-programs/protocol/line";
import { treeOf } from "@partner-programs/protocol/pricedTree";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { AbiCoder, keccak256, ZeroHash } from "ethers";
import { readLogs } from "#service/chain/logs.ts";
import { type ProgramsChain, readEvent } from "#service/chain/programs.ts";
import type { Lines, PackedLines } from "../lines.ts";
import { readPrices } from "./campaign.ts";
import { NodeTrouble } from "./trouble.ts";

/**
 * The lines that reversals lowered, by their places, as they stand at the newest block.
 * @param lines as they were signed
 * @throws NodeTrouble if what the node tells of reversals does not lead to what the contract has
 */
export async function readLowered(
  chain: ProgramsChain,
  digest: string,
  attestation: Attestation,
  since: number,
  lines: PackedLines,
): Promise<ReadonlyMap<number, Line>> {
  const { programs, lens, provider, address } = chain;
  const { campaignId } = attestation;
  const newest = await provider.getBlockNumber();
  const [topics] = programs.interface.encodeFilterTopics("LineLowered", []);
  const [, ...batch] = programs.interface.encodeFilterTopics("Reversed", [campaignId, digest]);
  const lowered = new Map<number, Line>();
  for await (const { logs } of readLogs(provider, { address, topics: [topics ?? null, ...batch] }, since, newest))
    for (const log of logs) {
      const event = readEvent(programs.interface, log);
      if (event?.name === "LineLowered") lowered.set(Number(event.args.index), unpackLine(event.args.line));
    }

  // Reversals that a node is behind of or leaves out would make every target look wrong. The contract has one word of all of them.
  const { loweredTo } = await lens.batch(digest, { blockTag: newest });
  if (loweredTo !== (lowered.size === 0 ? ZeroHash : await treeNameOf(chain, attestation, standing(lines, lowered))))
    throw new NodeTrouble(
      `What the chain's node tells of reversals of ${digest} up to block ${newest} does not lead to what the contract has of it.`,
    );
  return lowered;
}

/** How the contract names a tree that reversals left: by its root and total. */
async function treeNameOf(chain: ProgramsChain, attestation: Attestation, lines: Lines): Promise<string> {
  const { offers, campaign } = await readPrices(chain, attestation.campaignId, lines);
  const { root, total } = treeOf(lines, offers, campaign, attestation);
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [root, total]));
}

/** The lines as reversals left them. */
function standing(lines: PackedLines, lowered: ReadonlyMap<number, Line>): Lines {
  return {
    length: lines.length,
    *[Symbol.iterator]() {
      let i = 0;
      for (const line of lines) yield lowered.get(i++) ?? line;
    },
  };
}
