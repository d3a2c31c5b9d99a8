/** Releases batches whose hold is over. */
import { releaseCall } from "../chain/calls.ts";
import { findBatchesToRelease } from "../store/batches.ts";
import { readLines } from "../store/lines.ts";
import { attempt } from "./attempt.ts";
import type { Work } from "./work.ts";

export async function release(work: Omit<Work, "attesters">, now: number): Promise<number> {
  const { database, sender, chain, failures } = work;
  const batches = await findBatchesToRelease(database, Math.floor(now / 1000));
  await failures.eachItem(
    "release",
    batches,
    ({ digest, campaign_id }) => ({ batch: digest, campaignId: campaign_id }),
    ({ digest, campaign_id }) =>
      attempt(database, digest, async () => {
        const { current } = await readLines(database, digest);
        await sender.send(`release:${digest}`, releaseCall(chain, campaign_id, digest, current));
      }),
  );
  return batches.length;
}
