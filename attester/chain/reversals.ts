/** What the reversals on the chain made of a batch's lines. */
import { type Line, unpackLine } from "@partner-programs/protocol/line";
import { treeOf } from "@partner-programs/protocol/pricedTree";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { readLogs } from "#service/chain/logs.ts";
import { type ProgramsChain, readEvent } from "#service/chain/programs.ts";
import type { Lines, PackedLines } from "../lines.ts";
import { readPrices } from "./campaign.ts";
import { NodeTrouble } from "./trouble.ts";

/**
 * The lines that reversals lowered, by their places, as they stand at the newest block.
 * @param lines as they were signed
 * @throws NodeTrouble if what the node tells does not lead to the root that it tells
 */
export async function readLowered(
  chain: ProgramsChain,
  digest: string,
  attestation: Attestation,
  since: number,
  lines: PackedLines,
): Promise<ReadonlyMap<number, Line>> {
  const { programs, provider, address } = chain;
  const { campaignId } = attestation;
  const [lowering] = programs.interface.encodeFilterTopics("LineLowered", []);
  const [reversed, ...batch] = programs.interface.encodeFilterTopics("Reversed", [campaignId, digest]);
  const topics = [[lowering, reversed].flatMap((topic) => topic ?? []), ...batch];
  const lowered = new Map<number, Line>();
  let stands: { readonly root: string; readonly total: bigint } | undefined;
  for await (const { logs } of readLogs(provider, { address, topics }, since, await provider.getBlockNumber()))
    for (const log of logs) {
      const event = readEvent(programs.interface, log);
      if (event?.name === "LineLowered") lowered.set(Number(event.args.index), unpackLine(event.args.line));
      else if (event?.name === "Reversed") stands = { root: event.args.linesRoot, total: event.args.total };
    }
  if (stands === undefined) return lowered;

  // Half of a reversal, from a node that is behind or leaves something out, would make every target look wrong.
  const all = standing(lines, lowered);
  const { offers, campaign } = await readPrices(chain, campaignId, all);
  const tree = treeOf(all, offers, campaign, attestation);
  if (tree.root !== stands.root || tree.total !== stands.total)
    throw new NodeTrouble(
      `The chain's node tells of reversals of ${digest} that do not lead to the root that it tells.`,
    );
  return lowered;
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
