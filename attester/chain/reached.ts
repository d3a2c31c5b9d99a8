/** What a partner reached of what this attester signed, as the chain has it at a final block: what is paid for good, and what may be yet. */
import type { Period, Reached } from "@partner-programs/protocol/targets";
import { ZeroHash } from "ethers";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { type FinalFacts, isDead } from "../checks/earlier.ts";
import { readLines } from "../store/lines.ts";
import { noteWhole, readSignedForPartner, type SignedForPartner } from "../store/reached.ts";
import { readSigned } from "../store/signed.ts";
import { type FinalBlock, type Finality, isAttested, readFinal } from "./finality.ts";
import { readLowered } from "./reversals.ts";

/** Who and what is counted. */
export interface Counting extends Pick<Period, "from" | "to"> {
  readonly campaignId: string;
  /** In small letters. */
  readonly partner: string;
  readonly events: readonly string[];
  readonly holdSeconds: number;
  readonly unitExponent: number;
}

interface Memory {
  readonly database: Database;
  readonly chain: ProgramsChain;
}

export interface Counted {
  /** Attested, and its hold over at a final block: nobody can take it back any more. */
  readonly paid: Reached;
  /** The same, with what is in its hold or may be attested yet. */
  readonly atMost: Reached;
}

const NOTHING: Reached = { conversions: 0, volume: 0n };

export async function countReached(
  reviewer: Memory & { readonly finality: Finality },
  counting: Counting,
): Promise<Counted> {
  const { campaignId, partner, events } = counting;
  const signed = await readSignedForPartner(reviewer.database, campaignId, partner, events, counting);
  const finalBlock = await reviewer.finality();
  // All are looked at as of one block: what the campaign had there is asked once, and not where all are paid for good.
  const final = signed.every(({ whole }) => whole)
    ? undefined
    : { ...(await readFinal(reviewer.chain, campaignId, finalBlock)), number: finalBlock.number };
  let [paid, atMost] = [NOTHING, NOTHING];
  for (const one of signed) {
    const standing =
      final === undefined || one.whole ? { ...one, over: true } : await whatStands(reviewer, counting, one, final);
    if (standing === undefined) continue;
    const volume = standing.units * 10n ** BigInt(counting.unitExponent);
    atMost = { conversions: atMost.conversions + standing.conversions, volume: atMost.volume + volume };
    if (standing.over) paid = { conversions: paid.conversions + standing.conversions, volume: paid.volume + volume };
  }
  return { paid, atMost };
}

/** What is left of it, and whether that is for good; undefined: it is nothing, because it was never attested and cannot be any more. */
async function whatStands(
  { database, chain }: Memory,
  { campaignId, partner, holdSeconds }: Counting,
  one: SignedForPartner,
  final: FinalFacts & FinalBlock,
): Promise<{ readonly conversions: number; readonly units: bigint; readonly over: boolean } | undefined> {
  if (!(await isAttested(chain, campaignId, one, holdSeconds, final)))
    return isDead(one, final) ? undefined : { ...one, over: false };
  // Without a hold nothing is taken back, and what the event of a final block says stays.
  const { releaseAt, loweredTo } = await chain.lens.batch(one.digest);
  const over = Number(releaseAt) <= final.time;
  if (loweredTo === ZeroHash) {
    if (over) await noteWhole(database, one.digest);
    return { ...one, over };
  }
  const batch = await readSigned(database, one.digest);
  if (batch === undefined) throw new Error(`Attestation ${one.digest} is not here any more.`);
  const lines = await readLines(database, one.digest);
  const lowered = await readLowered(chain, one.digest, batch.attestation, one.signedAfter, lines);
  const place = lines.placeOf({ offerId: one.offerId, partner, count: 0, volumeUnits: 0n });
  if (place === undefined) return undefined;
  const [line, left] = [lines.at(place), lowered.get(place) ?? lines.at(place)];
  // Of a line that two periods share it is not known of which the reversal is: of this one.
  return {
    conversions: Math.max(0, one.conversions - (line.count - left.count)),
    units: atLeastNothing(one.units - (line.volumeUnits - left.volumeUnits)),
    over,
  };
}

const atLeastNothing = (units: bigint) => (units > 0n ? units : 0n);
