/** How far a partner is in the targets of its campaign, in the periods that are now. */

import { readDescription } from "@partner-programs/protocol/description";
import {
  bonusOfStep,
  type InForce,
  PERIODS,
  periodAt,
  stepsReached,
  type Target,
  targetsIn,
} from "@partner-programs/protocol/targets";
import type { Sql } from "#service/database.ts";
import { readDescriptionsInForce, readPartnerReached } from "./store/targets.ts";

/** The campaign's descriptions as they came into force; what is none that is understood here has no targets. */
export async function readHistory(
  sql: Sql,
  campaignId: string,
): Promise<InForce<{ readonly targets: readonly Target[] }>[]> {
  const texts = await readDescriptionsInForce(sql, campaignId);
  return texts.map(({ from, description }) => ({
    from,
    description: readDescription(description).description ?? { targets: [] },
  }));
}

/** @param now milliseconds since 1970 */
export async function readProgress(sql: Sql, campaignId: string, partner: string, now: number) {
  const history = await readHistory(sql, campaignId);
  const due = PERIODS.flatMap((kind) => {
    const period = periodAt(kind, Math.floor(now / 1000));
    return targetsIn(history, kind, period).map((target) => ({ target, period: { kind, ...period } }));
  });
  return Promise.all(
    due.map(async ({ target, period }) => {
      const row = await readPartnerReached(sql, campaignId, partner, target.counts, period);
      const { conversions, volume, all, token_decimals: decimals } = row;
      const reached = stepsReached(target, { conversions: Number(conversions), volume }, decimals);
      return {
        name: target.name,
        title: target.title,
        period,
        counts: target.counts,
        pays: target.pays,
        conversions: Number(conversions),
        volumeBaseUnits: String(volume),
        waiting: Math.max(0, Number(all - conversions)),
        steps: target.steps.map((step, i) => ({
          conversions: step.conversions ?? null,
          volume: step.volume ?? null,
          bonus: String(bonusOfStep(target, i + 1, decimals) ?? 0n),
          reached: i < reached,
        })),
      };
    }),
  );
}
