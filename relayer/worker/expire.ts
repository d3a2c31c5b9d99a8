/** Expires batches that can never be attested any more: their conversions wait for another. */
import { expireBatches, findCampaignsWithDeadBatches } from "../store/deadBatches.ts";
import { compare } from "./compare.ts";
import type { Work } from "./work.ts";

/**
 * A batch whose event a node left out looks dead, too, and its numbers must not be given again: the contract is asked before.
 * @returns how many batches were dead
 */
export async function expire(work: Pick<Work, "database" | "chain" | "failures">): Promise<number> {
  const { database, failures } = work;
  const campaigns = await findCampaignsWithDeadBatches(database);
  let expired = 0;
  await failures.eachItem(
    "expire",
    campaigns,
    (campaignId) => ({ campaignId }),
    async (campaignId) => {
      await compare(work, [campaignId]);
      expired += await database.transaction((sql) => expireBatches(sql, campaignId));
    },
  );
  return expired;
}
