/** Expires batches that can never be attested any more: their conversions wait for another. */
import { expireBatches, findCampaignsWithDeadBatches } from "../store/deadBatches.ts";
import type { Work } from "./work.ts";

/** @returns how many batches were dead */
export async function expire({ database, failures }: Pick<Work, "database" | "failures">): Promise<number> {
  const campaigns = await findCampaignsWithDeadBatches(database);
  let expired = 0;
  await failures.eachItem(
    "expire",
    campaigns,
    (campaignId) => ({ campaignId }),
    async (campaignId) => {
      expired += await database.transaction((sql) => expireBatches(sql, campaignId));
    },
  );
  return expired;
}
