/**
 * Takes refunds within the hold to the chain, for each batch one reversal at a time: it is computed from the lines as the last one
 * left them.
 */
import { MAX_CONVERSIONS } from "@partner-programs/protocol/attesterApi";
import { unpackLine } from "@partner-programs/protocol/line";
import { type Reason, reasonHash } from "@partner-programs/protocol/reasons";
import { isSignature } from "../attesters/client.ts";
import { attesterSetOf, reverseCall } from "../chain/calls.ts";
import { lowerings, proveLowerings } from "../domain/batch.ts";
import { keyOf } from "../domain/lines.ts";
import { readAttestation } from "../store/batches.ts";
import { readLinesOf, readPrices } from "../store/lines.ts";
import {
  type BatchToReverse,
  findBatchesToReverse,
  markReversalsLate,
  markReversalsSent,
  type OpenReversal,
  readOpenReversals,
  readTakenBack,
} from "../store/reversals.ts";
import type { Trees } from "../trees.ts";
import { attempt, describeAnswers, signaturesOf, TooFewSigners } from "./attempt.ts";
import { BATCHES_AT_ONCE } from "./sign.ts";
import type { Work } from "./work.ts";

type ReverseWork = Work & { readonly trees: Trees };

export async function reverse(work: ReverseWork): Promise<number> {
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
async function reverseBatch(work: ReverseWork, { digest, campaign_id, reasons }: BatchToReverse): Promise<void> {
  for (const reason of reasons)
    if (await attempt(work.database, digest, () => sendReversal(work, campaign_id, digest, reason))) return;
}

/** Lines lowered in one reversal: each brings its way to the root, and nodes pass on no transaction of more than 128 kB. */
const MAX_LOWERED = 80;

/** Sends one reversal of what is to be taken back of a batch for one reason: the oldest first, the rest with the next. */
async function sendReversal(
  { database, sender, chain, attesters, trees }: ReverseWork,
  campaignId: string,
  digest: string,
  reason: Reason,
): Promise<void> {
  const open = firstOf(await readOpenReversals(database, digest, reason));
  const takenBack = open.flatMap(({ taken_back }) => taken_back.map(unpackLine));
  const standing = await readLinesOf(
    database,
    digest,
    takenBack.map(({ partner }) => partner),
  );
  const lowered = lowerings(standing, takenBack);
  const targets = lowered.map(({ target }) => target);
  const reversal = { campaignId, attestation: digest, targets, reasonHash: reasonHash(reason) };
  const { members, threshold } = await attesterSetOf(chain, campaignId, digest);
  const keys = keysToName(open, await readTakenBack(database, digest));
  const answers = await attesters.reverse(members, reversal, keys);
  if (answers.filter(isSignature).length < threshold) throw new TooFewSigners(describeAnswers(members, answers));
  await markReversalsSent(
    database,
    open.map(({ id }) => id),
  );
  const [attestation, tree] = [await readAttestation(database, digest), await trees.read(digest)];
  if (attestation === undefined || tree === undefined)
    throw new Error(`Batch ${digest} is to be reversed, and is not there.`);
  const priceOf = await readPrices(database, campaignId, attestation);
  const proven = proveLowerings(tree.copy(), lowered, priceOf);
  const data = reverseCall(chain, attestation, proven, reversal.reasonHash, signaturesOf(answers));
  await sender.send(`reverse:${digest}`, data);
}

/**
 * The conversions that attesters are told of: each once, for one can be refunded in several parts; and those that were taken back of the same
 * lines before. An attester that missed a reversal, or lost it, would find the lines lowered by more than it knows of.
 */
function keysToName(open: readonly OpenReversal[], before: readonly Omit<OpenReversal, "id">[]): string[] {
  const lines = new Set(open.flatMap(({ taken_back }) => taken_back.map(keyOf)));
  const ofLines = before.filter(({ taken_back }) => taken_back.some((entry) => lines.has(keyOf(entry))));
  const named = new Set(open.map(({ key }) => key));
  for (const { key } of ofLines.toReversed()) if (named.size < MAX_CONVERSIONS) named.add(key);
  return [...named];
}

/** As many as one reversal has room for. */
function firstOf(open: readonly OpenReversal[]): OpenReversal[] {
  const keys = new Set<string>();
  const first: OpenReversal[] = [];
  for (const one of open) {
    for (const entry of one.taken_back) keys.add(keyOf(entry));
    if (keys.size > MAX_LOWERED && first.length > 0) break;
    first.push(one);
  }
  return first;
}
