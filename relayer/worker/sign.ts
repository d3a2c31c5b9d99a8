/**
 * Has batches signed: first it is asked who would, and only when enough would, for signatures. A batch that nobody was asked to
 * sign can be dissolved, so that a conversion that is not wanted does not hold up the others.
 */
import type { ShownConversion } from "@partner-programs/protocol/attesterApi";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { isSignature } from "../attesters/client.ts";
import { attestArguments, attesterSetNow } from "../chain/calls.ts";
import { revertOf } from "../chain/sender.ts";
import { crashPoint } from "../crashPoint.ts";
import { afterOpinions, afterRevert, type Remedy } from "../domain/refusals.ts";
import {
  type BatchRow,
  findBatchesToSign,
  markAsked,
  markSigned,
  postponeBatch,
  readShown,
  toAttestation,
} from "../store/batches.ts";
import { dissolveBatch } from "../store/deadBatches.ts";
import { readLines } from "../store/lines.ts";
import { describeAnswers, signaturesOf } from "./attempt.ts";
import type { Work } from "./work.ts";

/** Batches of which attesters are asked at once: one campaign's slow attester does not hold up the others'. */
export const BATCHES_AT_ONCE = 8;

export async function sign(work: Work, now: number): Promise<number> {
  const batches = await findBatchesToSign(work.database);
  await work.failures.eachItem(
    "sign",
    batches,
    ({ digest, campaign_id }) => ({ batch: digest, campaignId: campaign_id }),
    (batch) => signBatch(work, batch, now),
    BATCHES_AT_ONCE,
  );
  return batches.length;
}

async function signBatch(work: Work, batch: BatchRow & { state: "built" | "asked" }, now: number): Promise<void> {
  const { database, attesters, chain } = work;
  const attestation = toAttestation(batch, (await readLines(database, batch.digest)).attested);
  const conversions = await readShown(database, batch.digest);
  const { members, threshold } = await attesterSetNow(chain, batch.campaign_id, Math.floor(now / 1000));
  if (batch.state === "built") {
    const refused = await whyRefused(work, attestation, conversions, members, threshold);
    if (refused !== undefined) return applyRemedy(work, batch, refused.remedy, refused.problem);
    await markAsked(database, batch.digest);
    crashPoint("asked");
  }
  const answers = await attesters.attest(members, attestation, conversions);
  crashPoint("signed");
  if (answers.filter(isSignature).length < threshold)
    return postponeBatch(database, batch.digest, describeAnswers(members, answers));
  await markSigned(database, batch.digest, signaturesOf(answers));
}

/** Why the contract or the attesters would not have a batch, and what to do about it. */
async function whyRefused(
  { chain, attesters }: Work,
  attestation: Attestation,
  conversions: readonly ShownConversion[],
  members: readonly string[],
  threshold: number,
): Promise<{ remedy: Remedy; problem: string } | undefined> {
  const numbers = conversions.map(({ number }) => number);
  // The contract looks at signatures last: if they are all that is missing, nothing else is.
  const revert = await revertOf(chain, "attest", attestArguments(attestation, []));
  if (revert !== undefined && revert.name !== "TooFewSignatures")
    return { remedy: afterRevert(numbers, revert.name, revert.message), problem: revert.message };
  const opinions = await attesters.check(members, attestation, conversions);
  if (opinions.filter((opinion) => opinion === undefined).length >= threshold) return undefined;
  return { remedy: afterOpinions(numbers, opinions, threshold), problem: describeAnswers(members, opinions) };
}

async function applyRemedy({ database }: Work, batch: BatchRow, remedy: Remedy, reason: string): Promise<void> {
  const dissolve = (why: { refused?: ReadonlyMap<bigint, string>; limit?: number }) =>
    database.transaction((sql) => dissolveBatch(sql, batch.digest, { reason, ...why }));
  switch (remedy.do) {
    case "wait":
      return postponeBatch(database, batch.digest, reason);
    case "rebuild":
      return dissolve({});
    case "halve":
      return dissolve({ limit: Math.ceil(batch.conversions / 2) });
    case "setAside":
      return dissolve({ refused: remedy.refused });
  }
}
