/**
 * Releases batches whose hold is over, chunk by chunk: what is settled already, by whomever, is passed over, and so is what is worth
 * nothing. After a crash the outbox and the lines themselves say what is left.
 */
import { releaseCall } from "../chain/calls.ts";
import { crashPoint } from "../crashPoint.ts";
import { findBatchesToRelease, readAttestation } from "../store/batches.ts";
import { findDueChunks } from "../store/lines.ts";
import type { Trees } from "../trees.ts";
import { attempt } from "./attempt.ts";
import type { Work } from "./work.ts";

type ReleaseWork = Omit<Work, "attesters"> & { readonly trees: Trees };

/** Chunks of one batch that are under way at once: a block has room for some, and other batches want some of it, too. */
const CHUNKS_UNDER_WAY = 8;

export async function release(work: ReleaseWork, now: number): Promise<number> {
  const { database, failures } = work;
  const batches = await findBatchesToRelease(database, Math.floor(now / 1000), CHUNKS_UNDER_WAY);
  await failures.eachItem(
    "release",
    batches,
    ({ digest, campaign_id }) => ({ batch: digest, campaignId: campaign_id }),
    ({ digest, under_way }) =>
      attempt(database, digest, () => releaseChunks(work, digest, CHUNKS_UNDER_WAY - under_way)),
  );
  return batches.length;
}

async function releaseChunks(
  { database, sender, chain, trees }: ReleaseWork,
  digest: string,
  most: number,
): Promise<void> {
  const due = await findDueChunks(database, digest, most);
  if (due.length === 0) return;
  const [attestation, tree] = [await readAttestation(database, digest), await trees.read(digest)];
  if (attestation === undefined || tree === undefined)
    throw new Error(`Batch ${digest} is to be released, and is not there.`);
  for (const first of due) {
    await sender.send(`release:${digest}:${first}`, releaseCall(chain, attestation, tree.chunk(first)));
    crashPoint("releasing");
  }
}
