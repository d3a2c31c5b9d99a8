import type { ShownConversion } from "@partner-programs/protocol/attesterApi";
import { type AttesterSet, attesterSetAt, readAttesterSet } from "@partner-programs/protocol/attesterSet";
import { type Line, lineKey, lowerLine, packLine, unpackLine } from "@partner-programs/protocol/line";
import { type Reason, reasonHash } from "@partner-programs/protocol/reasons";
import { lineTree } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { inParallel } from "#service/inParallel.ts";
import { type Answer, type Attesters, isSignature, type Opinion } from "../attesters/client.ts";
import { revertOf, type Sender, WouldRevert } from "../chain/sender.ts";
import { crashPoint } from "../crashPoint.ts";
import { reversalTargets } from "../domain/batch.ts";
import { afterOpinions, afterRevert, type Remedy } from "../domain/refusals.ts";
import { type BatchRow, readShown, toAttestation } from "../store/batches.ts";
import { readLines } from "../store/lines.ts";
import { dissolve } from "./batcher.ts";

/** What every step of a settlement works with. */
export interface Settlement {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly attesters: Attesters;
  readonly sender: Sender;
}

/** Batches of which attesters are asked at once: one campaign's slow attester does not hold up the others'. */
const BATCHES_AT_ONCE = 8;

const COLUMNS =
  "digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root, signatures, state";

/**
 * Has written-down batches signed: first it is asked who would, and only when enough would, for signatures. A batch that nobody
 * was asked to sign can be dissolved, so that a conversion that is not wanted does not hold up the others.
 */
export async function signBatches(settlement: Settlement, now: number): Promise<number> {
  const rows = await settlement.database.query<BatchRow & { state: string }>(
    `SELECT ${COLUMNS} FROM batches WHERE state IN ('built', 'asked') AND retry_at <= now() ORDER BY campaign_id, first_conversion`,
  );
  await inParallel(rows, BATCHES_AT_ONCE, (row) => signBatch(settlement, row, now));
  return rows.length;
}

async function signBatch(settlement: Settlement, row: BatchRow & { state: string }, now: number): Promise<void> {
  const { database, attesters, chain } = settlement;
  const attestation = toAttestation(row, (await readLines(database, row.digest)).attested);
  const conversions = await readShown(database, row.digest);
  const { members, threshold } = await setInForce(chain, row.campaign_id, now);
  if (row.state === "built") {
    const refused = await wouldBeRefused(settlement, attestation, conversions, members, threshold);
    if (refused !== undefined) return mend(database, row, refused.remedy, refused.problem);
    await database.query("UPDATE batches SET state = 'asked' WHERE digest = $1 AND state = 'built'", [row.digest]);
    crashPoint("asked");
  }
  const answers = await attesters.attest(members, attestation, conversions);
  crashPoint("signed");
  if (answers.filter(isSignature).length < threshold) return postpone(database, row.digest, refusals(members, answers));
  await database.query(
    "UPDATE batches SET state = 'signed', signatures = $2, problem = NULL WHERE digest = $1 AND state = 'asked'",
    [row.digest, JSON.stringify(answers.map((answer) => (isSignature(answer) ? answer.signature : null)))],
  );
}

/** Why the contract or the attesters would not have a batch, and what to do about it. */
async function wouldBeRefused(
  { chain, attesters }: Settlement,
  attestation: Attestation,
  conversions: readonly ShownConversion[],
  members: readonly string[],
  threshold: number,
): Promise<{ remedy: Remedy; problem: string } | undefined> {
  const numbers = conversions.map(({ number }) => number);
  // The contract looks at signatures last: if they are all that is missing, the rest is sound.
  const revert = await revertOf(chain, "attest", [{ ...attestation, lines: attestation.lines.map(packLine) }, []]);
  if (revert !== undefined && revert.name !== "TooFewSignatures") {
    return { remedy: afterRevert(numbers, revert.name, revert.message), problem: revert.message };
  }
  const opinions = await attesters.check(members, attestation, conversions);
  if (opinions.filter((opinion) => opinion === undefined).length >= threshold) return undefined;
  return { remedy: afterOpinions(numbers, opinions, threshold), problem: refusals(members, opinions) };
}

async function mend(database: Database, row: BatchRow, remedy: Remedy, problem: string): Promise<void> {
  switch (remedy.do) {
    case "wait":
      return postpone(database, row.digest, problem);
    case "rebuild":
      return dissolve(database, row.digest, { reason: problem });
    case "halve":
      return dissolve(database, row.digest, { reason: problem, limit: Math.ceil(row.conversions / 2) });
    case "setAside":
      return dissolve(database, row.digest, { reason: problem, refused: remedy.refused });
  }
}

const SIGNATURE_ERRORS = ["TooFewSignatures", "InvalidSignature", "AttestersOutOfOrder"];

/** Carries signed batches to the chain. */
export async function submitBatches({ database, sender, chain }: Settlement, now: number): Promise<number> {
  const rows = await database.query<BatchRow>(
    `SELECT ${COLUMNS} FROM batches WHERE state = 'signed' AND retry_at <= now() AND period_to <= $1
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'attest:' || digest) ORDER BY campaign_id, first_conversion`,
    [Math.floor(now / 1000)],
  );
  for (const row of rows) {
    const attestation = toAttestation(row, (await readLines(database, row.digest)).attested);
    const data = chain.programs.interface.encodeFunctionData("attest", [
      { ...attestation, lines: attestation.lines.map(packLine) },
      toSignatures(row.signatures ?? []),
    ]);
    await attempt(database, row.digest, async () => {
      try {
        await sender.send(`attest:${row.digest}`, data);
      } catch (error) {
        // The attesters were changed meanwhile: those of now are asked to sign the same.
        if (error instanceof WouldRevert && SIGNATURE_ERRORS.includes(error.revert)) {
          await database.query(
            "UPDATE batches SET state = 'asked', signatures = NULL WHERE digest = $1 AND state = 'signed'",
            [row.digest],
          );
        }
        throw error;
      }
    });
  }
  return rows.length;
}

/** Releases batches whose hold is over. */
export async function releaseBatches({ database, sender, chain }: Settlement, now: number): Promise<number> {
  const rows = await database.query<{ digest: string; campaign_id: string }>(
    `SELECT digest, campaign_id FROM batches WHERE state = 'attested' AND release_at <= $1 AND retry_at <= now()
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'release:' || digest)
     ORDER BY release_at LIMIT 20`,
    [Math.floor(now / 1000)],
  );
  for (const { digest, campaign_id } of rows) {
    const { current } = await readLines(database, digest);
    const data = chain.programs.interface.encodeFunctionData("release", [
      campaign_id,
      digest,
      current.map(packLine),
      [],
    ]);
    await attempt(database, digest, () => sender.send(`release:${digest}`, data));
  }
  return rows.length;
}

/** Takes refunds within the hold to the chain, for each batch one reversal at a time: it is computed from the lines as the last one left them. */
export async function reverseRefunds(settlement: Settlement): Promise<number> {
  const { database } = settlement;
  const batches = await database.query<{ digest: string; campaign_id: string; reasons: Reason[] }>(
    `SELECT digest, campaign_id, open.reasons FROM batches JOIN (
       SELECT batch, array_agg(reason ORDER BY first) AS reasons FROM (
         SELECT batch, reason, min(id) AS first FROM reversals WHERE state IN ('requested', 'sent') GROUP BY batch, reason
       ) AS each GROUP BY batch
     ) AS open ON open.batch = digest
     WHERE state = 'attested' AND retry_at <= now()
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'reverse:' || digest)`,
  );
  await inParallel(batches, BATCHES_AT_ONCE, async ({ digest, campaign_id, reasons }) => {
    // A reversal has one reason. What is refused for one does not hold up what is taken back for another.
    for (const reason of reasons)
      if (await attempt(database, digest, () => reverse(settlement, campaign_id, digest, reason))) return;
  });
  // What could not be carried in time is released after all; the brand sees it as such. By the chain's time and not by ours: one
  // that was mined in the hold's last seconds counts, also if we are slow to hear of it.
  await database.query(
    `UPDATE reversals SET state = 'late' FROM batches, chain_cursor WHERE batches.digest = reversals.batch
       AND reversals.state IN ('requested', 'sent') AND chain_cursor.final_time >= batches.release_at
       AND chain_cursor.block >= chain_cursor.final_block`,
  );
  return batches.length;
}

/** Sends one reversal of all that is to be taken back of a batch for one reason. */
async function reverse(
  { database, sender, chain, attesters }: Settlement,
  campaignId: string,
  batch: string,
  reason: Reason,
): Promise<void> {
  const open = await database.query<{ id: bigint; key: string; taken_back: string[] }>(
    `SELECT reversals.id, conversions.key, reversals.taken_back FROM reversals JOIN conversions ON conversions.id = reversals.conversion_id
     WHERE reversals.batch = $1 AND reversals.reason = $2 AND reversals.state IN ('requested', 'sent') ORDER BY reversals.id`,
    [batch, reason],
  );
  const { current } = await readLines(database, batch);
  const targets = reversalTargets(
    current,
    open.flatMap(({ taken_back }) => taken_back.map(unpackLine)),
  );
  const reversal = { campaignId, attestation: batch, targets, reasonHash: reasonHash(reason) };
  // The set that attested is the one that can reverse.
  const { attesterSet } = await chain.programs.batch(campaignId, batch);
  const { members, threshold } = await readAttesterSet(
    (index) => chain.programs.attesterSet(campaignId, index),
    attesterSet,
  );
  // A conversion can be refunded in several parts.
  const keys = [...new Set(open.map(({ key }) => key))];
  const answers = await attesters.reverse(members, reversal, keys);
  if (answers.filter(isSignature).length < threshold) throw new Refused(refusals(members, answers));
  await database.query("UPDATE reversals SET state = 'sent' WHERE id = ANY($1::bigint[]) AND state = 'requested'", [
    open.map((row) => row.id.toString()),
  ]);
  const data = chain.programs.interface.encodeFunctionData("reverse", [
    { ...reversal, targets: targets.map(packLine) },
    currentProofs(current, targets),
    toSignatures(answers.map((answer) => (isSignature(answer) ? answer.signature : null))),
  ]);
  await sender.send(`reverse:${batch}`, data);
}

/** The lines of the targets as they stand, each proven against the tree as the ones before it leave it. */
function currentProofs(lines: readonly Line[], targets: readonly Line[]) {
  const standing = [...lines];
  return targets.map((target) => {
    const index = standing.findIndex((line) => lineKey(line) === lineKey(target));
    const line = standing[index] as Line;
    const proof = lineTree(standing).getProof(index);
    standing[index] = lowerLine(line, target);
    return { index, line: packLine(line), proof };
  });
}

class Refused extends Error {
  override readonly name = "Refused";
}

/** Tries a step; when the contract or an attester would not have it, notes why and tries again later. @returns whether it was done */
async function attempt(database: Database, digest: string, step: () => Promise<void>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    if (!(error instanceof WouldRevert || error instanceof Refused)) throw error;
    await postpone(database, digest, error.message);
    return false;
  }
}

/** Asks again later: soon at first, the longer it lasts the less often. */
async function postpone(database: Database, digest: string, problem: string): Promise<void> {
  await database.query(
    `UPDATE batches SET problem = $2, retry_at = now() + least(greatest((now() - created_at) / 10, interval '1 second'), interval '1 minute')
     WHERE digest = $1`,
    [digest, problem],
  );
}

/** The set that signs attestations now. */
async function setInForce({ programs }: ProgramsChain, campaignId: string, now: number): Promise<AttesterSet> {
  const state = await programs.campaign(campaignId);
  return attesterSetAt(state, Math.floor(now / 1000), (index) => programs.attesterSet(campaignId, index));
}

function refusals(members: readonly string[], answers: readonly (Answer | Opinion)[]): string {
  return answers
    .map((answer, i) => `${members[i]}: ${answer === undefined || isSignature(answer) ? "yes" : answer.reason}`)
    .join("; ");
}

function toSignatures(signatures: readonly (string | null)[]) {
  return signatures.flatMap((signature, attester) => (signature === null ? [] : [{ attester, signature }]));
}
