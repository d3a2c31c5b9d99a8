import { id } from "ethers";
import { type Line, lineKey, lowerLine, packLine, unpackLine } from "../../protocol/line.ts";
import { lineTree } from "../../protocol/trees.ts";
import type { Database } from "../../server/database.ts";
import type { ProgramsChain } from "../../server/programs.ts";
import type { Answer, Attesters } from "../chain/attesters.ts";
import { type Sender, WouldRevert } from "../chain/sender.ts";
import { crashPoint } from "../crashPoint.ts";
import { reversalTargets } from "../domain/batch.ts";
import { type BatchRow, readLeaves, readLines, toAttestation } from "../store/batches.ts";

/** What every step of a settlement works with. */
export interface Settlement {
  readonly database: Database;
  readonly chain: ProgramsChain;
  readonly attesters: Attesters;
  readonly sender: Sender;
}

const COLUMNS =
  "digest, campaign_id, first_conversion, conversions, period_from, period_to, deadline, conversions_root, signatures";

/** Has written-down batches signed. A refusal is noted and asked about again later. */
export async function signBatches({ database, attesters, chain }: Settlement, now: number): Promise<number> {
  const rows = await database.query<BatchRow>(
    `SELECT ${COLUMNS} FROM batches WHERE state = 'built' AND retry_at <= now()`,
  );
  let signed = 0;
  for (const row of rows) {
    const { attested } = await readLines(database, row.digest);
    const answers = await attesters.attest(toAttestation(row, attested), await readLeaves(database, row.digest));
    crashPoint("signed");
    const threshold = await thresholdNow(chain, row.campaign_id, now);
    if (answers.filter(isSignature).length < threshold) await postpone(database, row.digest, refusals(answers));
    else {
      await database.query(
        "UPDATE batches SET state = 'signed', signatures = $2, problem = NULL WHERE digest = $1 AND state = 'built'",
        [row.digest, JSON.stringify(answers.map((answer) => (isSignature(answer) ? answer.signature : null)))],
      );
      signed++;
    }
  }
  return signed;
}

/** Carries signed batches to the chain. */
export async function submitBatches({ database, sender, chain }: Settlement, now: number): Promise<number> {
  const rows = await database.query<BatchRow>(
    `SELECT ${COLUMNS} FROM batches WHERE state = 'signed' AND retry_at <= now() AND period_to <= $1
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'attest:' || digest)`,
    [Math.floor(now / 1000)],
  );
  for (const row of rows) {
    const attestation = toAttestation(row, (await readLines(database, row.digest)).attested);
    const data = chain.programs.interface.encodeFunctionData("attest", [
      { ...attestation, lines: attestation.lines.map(packLine) },
      toSignatures(row.signatures ?? []),
    ]);
    await attempt(database, row.digest, () => sender.send(`attest:${row.digest}`, data));
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

/** Takes refunds within the hold to the chain, one reversal for each batch at a time. */
export async function reverseRefunds({ database, sender, chain, attesters }: Settlement, now: number): Promise<number> {
  const batches = await database.query<{ batch: string; campaign_id: string }>(
    `SELECT DISTINCT reversals.batch, batches.campaign_id FROM reversals JOIN batches ON batches.digest = reversals.batch
     WHERE reversals.state IN ('requested', 'sent') AND batches.state = 'attested' AND batches.retry_at <= now()
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'reverse:' || batch)`,
  );
  for (const { batch, campaign_id } of batches) {
    await attempt(database, batch, async () => {
      const open = await database.query<{ id: bigint; entries: string[] }>(
        `SELECT reversals.id, conversions.entries FROM reversals JOIN conversions ON conversions.id = reversals.conversion_id
         WHERE reversals.batch = $1 AND reversals.state IN ('requested', 'sent') ORDER BY reversals.id`,
        [batch],
      );
      const { current } = await readLines(database, batch);
      const targets = reversalTargets(
        current,
        open.flatMap(({ entries }) => entries.map(unpackLine)),
      );
      const reversal = { campaignId: campaign_id, attestation: batch, targets, reasonHash: id("refunded") };
      const answers = await attesters.reverse(reversal);
      const threshold = await thresholdOf(chain, campaign_id, batch);
      if (answers.filter(isSignature).length < threshold) throw new Refused(refusals(answers));
      await database.query("UPDATE reversals SET state = 'sent' WHERE id = ANY($1::bigint[])", [
        open.map((row) => row.id.toString()),
      ]);
      const data = chain.programs.interface.encodeFunctionData("reverse", [
        { ...reversal, targets: targets.map(packLine) },
        currentProofs(current, targets),
        toSignatures(answers.map((answer) => (isSignature(answer) ? answer.signature : null))),
      ]);
      await sender.send(`reverse:${batch}`, data);
    });
  }
  // What could not be carried in time is released after all; the brand sees it as such.
  await database.query(
    `UPDATE reversals SET state = 'late' FROM batches WHERE batches.digest = reversals.batch AND reversals.state IN ('requested', 'sent')
       AND (batches.state = 'released' OR batches.release_at <= $1)`,
    [Math.floor(now / 1000)],
  );
  return batches.length;
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

/** Tries a step; when the contract or an attester would not have it, notes why and tries again later. */
async function attempt(database: Database, digest: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof WouldRevert || error instanceof Refused)) throw error;
    await postpone(database, digest, error.message);
  }
}

async function postpone(database: Database, digest: string, problem: string): Promise<void> {
  await database.query("UPDATE batches SET problem = $2, retry_at = now() + interval '2 seconds' WHERE digest = $1", [
    digest,
    problem,
  ]);
}

/** How many of the set in force sign an attestation: an announced set takes over at its time, without a transaction. */
async function thresholdNow(chain: ProgramsChain, campaignId: string, now: number): Promise<number> {
  const { attesterSet: index, attestersAnnounced } = await chain.programs.campaign(campaignId);
  const next = attestersAnnounced ? await chain.programs.attesterSet(campaignId, index + 1n) : undefined;
  if (next !== undefined && Number(next.effectiveAt) * 1000 <= now) return Number(next.threshold);
  return Number((await chain.programs.attesterSet(campaignId, index)).threshold);
}

/** How many sign a reversal: of the set that attested the batch. */
async function thresholdOf(chain: ProgramsChain, campaignId: string, digest: string): Promise<number> {
  const { attesterSet: index } = await chain.programs.batch(campaignId, digest);
  return Number((await chain.programs.attesterSet(campaignId, index)).threshold);
}

const isSignature = (answer: Answer): answer is Extract<Answer, { signature: string }> => "signature" in answer;

function refusals(answers: readonly Answer[]): string {
  return answers
    .map((answer, i) => (isSignature(answer) ? `attester ${i}: signed` : `attester ${i}: ${answer.refusal}`))
    .join("; ");
}

function toSignatures(signatures: readonly (string | null)[]) {
  return signatures.flatMap((signature, attester) => (signature === null ? [] : [{ attester, signature }]));
}
