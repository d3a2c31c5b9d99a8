/**
 * Takes refunds within the hold to the chain, for each batch one reversal at a time: it is computed from the lines as the last one
 * left them.
 */
import { unpackLine } from "@partner-programs/protocol/line";
import { type Reason, reasonHash } from "@partner-programs/protocol/reasons";
import { isSignature } from "../attesters/client.ts";
import { attesterSetOf, reverseCall } from "../chain/calls.ts";
import { proveTargets, reversalTargets } from "../domain/batch.ts";
import { readLines } from "../store/lines.ts";
import {
  type BatchToReverse,
  findBatchesToReverse,
  markReversalsLate,
  markReversalsSent,
  readOpenReversals,
} from "../store/reversals.ts";
import { attempt, describeAnswers, signaturesOf, TooFewSigners } from "./attempt.ts";
import { BATCHES_AT_ONCE } from "./sign.ts";
import type { Work } from "./work.ts";

export async function reverse(work: Work): Promise<number> {
  const batches = await findBatchesToReverse(work.database);
  await work.failures.eachItem(
    "reverse",
    batches,
    ({ digest, campaign_id }) => ({ batch: digest, campaignId: campaign_id }),
    (batch) => reverseBatch(work, batch),
    BATCHES_AT_ONCE,
  );
  await markReversalsLate(work.database);
  return batches.length;
}

/** A reversal has one reason. What is refused for one does not hold up what is taken back for another. */
async function reverseBatch(work: Work, { digest, campaign_id, reasons }: BatchToReverse): Promise<void> {
  for (const reason of reasons)
    if (await attempt(work.database, digest, () => sendReversal(work, campaign_id, digest, reason))) return;
}

/** Sends one reversal of all that is to be taken back of a batch for one reason. */
async function sendReversal(
  { database, sender, chain, attesters }: Work,
  campaignId: string,
  batch: string,
  reason: Reason,
): Promise<void> {
  const open = await readOpenReversals(database, batch, reason);
  const { current } = await readLines(database, batch);
  const takenBack = open.flatMap(({ taken_back }) => taken_back.map(unpackLine));
  const targets = reversalTargets(current, takenBack);
  const reversal = { campaignId, attestation: batch, targets, reasonHash: reasonHash(reason) };
  const { members, threshold } = await attesterSetOf(chain, campaignId, batch);
  // A conversion can be refunded in several parts.
  const keys = [...new Set(open.map(({ key }) => key))];
  const answers = await attesters.reverse(members, reversal, keys);
  if (answers.filter(isSignature).length < threshold) throw new TooFewSigners(describeAnswers(members, answers));
  await markReversalsSent(
    database,
    open.map(({ id }) => id),
  );
  const data = reverseCall(chain, reversal, proveTargets(current, targets), signaturesOf(answers));
  await sender.send(`reverse:${batch}`, data);
}
