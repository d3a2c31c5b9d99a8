/** The attestations of a campaign as the chain's events tell them. */
import { readLogs } from "#service/chain/logs.ts";
import { type ProgramsChain, readEvent } from "#service/chain/programs.ts";
import type { Forgotten } from "../store/memory.ts";

/** An attestation as the chain has it: of the conversions from number `first` to below `next`. */
export interface Attested extends Forgotten {
  readonly blockHash: string;
  /** The set whose signatures the contract took, by its index. */
  readonly set: bigint;
  readonly first: bigint;
  readonly next: bigint;
}

/** Those of these blocks, the oldest first. A node may leave some out. */
export async function* readAttested(
  { programs, provider, address }: ProgramsChain,
  campaignId: string,
  from: number,
  to: number,
): AsyncGenerator<Attested> {
  const topics = programs.interface.encodeFilterTopics("Attested", [campaignId]);
  for await (const { logs } of readLogs(provider, { address, topics }, from, to))
    for (const log of logs) {
      const event = readEvent(programs.interface, log);
      if (event?.name !== "Attested") continue;
      const { firstConversion: first, conversions } = event.args.body;
      const { attestation: digest, attesterSet: set } = event.args;
      const { transaction, block } = event;
      yield { digest, campaignId, transaction, block, blockHash: log.blockHash, set, first, next: first + conversions };
    }
}
