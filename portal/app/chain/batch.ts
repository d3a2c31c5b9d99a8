/** A batch as the chain has it: what was signed, its lines where they are given to the chain, and what became of single lines. */
import { type Attestation, attestationOf } from "@partner-programs/protocol/typedData";
import { lens, topicOf } from "./contracts.ts";
import { readEvents } from "./events.ts";

export interface AttestedBatch {
  readonly attestation: Attestation;
  readonly attesterSet: number;
  /** Packed; none where the campaign does not give them to the chain. */
  readonly lines: readonly string[];
  readonly transaction: string;
}

/** A batch by its name, as the contract's `Attested` event has it. */
export async function readAttested(campaignId: string, digest: string): Promise<AttestedBatch | undefined> {
  const [event] = await readEvents([topicOf("Attested"), campaignId, digest]);
  if (event === undefined) return undefined;
  const { body, attesterSet, lines } = event.args;
  const attestation = attestationOf(body);
  return { attestation, attesterSet: Number(attesterSet), lines: [...lines], transaction: event.transaction };
}

/** What became of one line. */
export interface LineFate {
  /** Unix seconds; 0: the campaign has no hold, and it was settled at once. */
  readonly releaseAt: number;
  readonly settled: boolean;
  /** What reversals made of it, packed. */
  readonly lowered: string | undefined;
  /** Why it pays nobody, and what returned to the budget, if it does not hold. */
  readonly refused: { readonly fault: number; readonly returned: bigint } | undefined;
}

export async function readFate(campaignId: string, digest: string, index: number): Promise<LineFate> {
  const [batch, marks, events] = await Promise.all([
    lens().batch(digest),
    lens().settledLines(digest, index >> 8),
    readEvents([["LineLowered", "LineRefused"].map(topicOf), campaignId, digest]),
  ]);
  const own = events.filter(({ args }) => Number(args.index) === index);
  const refused = own.find(({ name }) => name === "LineRefused")?.args;
  const releaseAt = Number(batch.releaseAt);
  return {
    releaseAt,
    settled: releaseAt === 0 || ((marks >> BigInt(index & 255)) & 1n) === 1n,
    lowered: own.findLast(({ name }) => name === "LineLowered")?.args.line,
    refused: refused && { fault: Number(refused.fault), returned: refused.returned },
  };
}
