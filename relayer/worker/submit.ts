/** Submits signed batches to the chain. */
import { attestCall } from "../chain/calls.ts";
import { WouldRevert } from "../chain/sender.ts";
import { askAgain, type BatchToCarry, findBatchesToSubmit } from "../store/batches.ts";
import { readAllSignedLines } from "../store/lines.ts";
import { attempt } from "./attempt.ts";
import { compare } from "./compare.ts";
import type { Work } from "./work.ts";

/** What the contract says when the attesters were changed after they signed. */
const SIGNATURE_ERRORS = ["TooFewSignatures", "InvalidSignature", "AttestersOutOfOrder"];

export async function submit(work: Omit<Work, "attesters">, now: number): Promise<number> {
  const batches = await findBatchesToSubmit(work.database, Math.floor(now / 1000));
  await work.failures.eachItem(
    "submit",
    batches,
    ({ digest, attestation }) => ({ batch: digest, campaignId: attestation.campaignId }),
    (batch) => attempt(work.database, batch.digest, () => submitBatch(work, batch)),
  );
  return batches.length;
}

async function submitBatch({ database, sender, chain }: Omit<Work, "attesters">, batch: BatchToCarry): Promise<void> {
  const lines = batch.linesOnChain ? await readAllSignedLines(database, batch.digest) : [];
  try {
    const data = attestCall(chain, batch.attestation, lines, batch.signatures ?? []);
    await sender.send(`attest:${batch.digest}`, data);
  } catch (error) {
    if (error instanceof WouldRevert && SIGNATURE_ERRORS.includes(error.revert)) await askAgain(database, batch.digest);
    // Its numbers are taken, and no event said so.
    if (error instanceof WouldRevert && error.revert === "ConversionOutOfOrder")
      await compare({ database, chain }, [batch.attestation.campaignId]);
    throw error;
  }
}
