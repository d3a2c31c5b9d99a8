/** Judges what was rejected for want of an exchange rate again, as soon as there is one. */
import type { Database } from "#service/database.ts";
import type { Failures } from "../failures.ts";
import type { Intake } from "../intake.ts";
import { findWithoutRate } from "../store/rateFiles.ts";
import { readRejected } from "../store/rejected.ts";
import { every } from "./every.ts";

interface RatesWork {
  readonly database: Database;
  readonly intake: Pick<Intake, "judgeAgain">;
  readonly failures: Failures;
}

const PAUSE_SECONDS = 60;
/** Of one campaign in one round. */
const MOST = 2_000;
/** After so many of a currency in a row that have no rate still, the others of it wait for the next round. */
const IN_VAIN = 3;
/** Then it is for the brand to report it again, or to have it judged again. */
const WAITS_MILLISECONDS = 30 * 86_400_000;
const CAMPAIGNS_AT_ONCE = 4;

export async function judgeWithoutRate({ database, intake, failures }: RatesWork, now: number): Promise<void> {
  const waiting = await findWithoutRate(database, new Date(now - WAITS_MILLISECONDS), MOST);
  const byCampaign = [...Map.groupBy(waiting, ({ campaign_id }) => campaign_id)];
  await failures.eachItem(
    "rates",
    byCampaign,
    ([campaignId]) => ({ campaignId }),
    async ([campaignId, conversions]) => {
      const inVain = new Map<string, number>();
      for (const { id, currency } of conversions) {
        const failed = inVain.get(currency) ?? 0;
        if (failed >= IN_VAIN) continue;
        await intake.judgeAgain(campaignId, id, now);
        const after = await readRejected(database, campaignId, id);
        inVain.set(currency, after?.state === "rejected" && after.reason === "no_rate" ? failed + 1 : 0);
      }
    },
    CAMPAIGNS_AT_ONCE,
  );
}

export const createJudgeWithoutRate = (work: RatesWork): (() => Promise<void>) =>
  every(PAUSE_SECONDS, () => judgeWithoutRate(work, Date.now()));
