/** Moves leads on by time and by sales: what is not protected any more lapses, what was sold to is won, contacts are erased. */
import { KEPT_MILLISECONDS } from "../domain/leads.ts";
import { lockCampaign } from "../store/campaigns.ts";
import { eraseProspects, findCampaignsWithDueLeads, keepLeads } from "../store/leads.ts";
import { every } from "./every.ts";
import type { Work } from "./work.ts";

type LapseWork = Pick<Work, "database" | "failures">;

/** A lead that lapsed is nobody's from its second on, whoever asks first; this says so where nobody asks. */
const PAUSE_SECONDS = 60;

export async function lapse({ database, failures }: LapseWork, now: number): Promise<void> {
  const due = await findCampaignsWithDueLeads(database, now);
  await failures.eachItem(
    "lapse",
    due,
    (campaignId) => ({ campaignId }),
    (campaignId) =>
      database.transaction(async (sql) => {
        await lockCampaign(sql, campaignId);
        await keepLeads(sql, campaignId, now);
      }),
  );
  await eraseProspects(database, now - KEPT_MILLISECONDS);
}

export const createLapse = (work: LapseWork): (() => Promise<void>) =>
  every(PAUSE_SECONDS, () => lapse(work, Date.now()));
