/** The answer of every route whose campaign is not there. */
import type { Sql } from "#service/database.ts";
import { Problem } from "#service/problem.ts";
import { readBrand } from "../store/campaigns.ts";

/** The campaign's brand. @throws Problem 404 */
export async function requireCampaign(sql: Sql, campaignId: string): Promise<string> {
  return requireKnown(campaignId, await readBrand(sql, campaignId));
}

/** What was read of a campaign. @throws Problem 404 if it is nothing */
export function requireKnown<Read>(campaignId: string, read: Read | undefined): Read {
  if (read === undefined) throw new Problem(404, `There is no campaign ${campaignId}, or it is not indexed yet.`);
  return read;
}
