/** Reviews: the brand's word on a conversion that is flagged, or that the attesters refused. */
import type { Sql } from "#service/database.ts";
import { clearFlags } from "../store/conversions.ts";
import { isConfirmedFraud, isUpForReview } from "../store/refunds.ts";
import { RefusedRefund } from "./errors.ts";

/** Lets a conversion stand. Repeating it does nothing. @throws RefusedRefund */
export async function clearConversion(sql: Sql, campaignId: string, conversionId: bigint): Promise<void> {
  if (await isConfirmedFraud(sql, conversionId))
    throw new RefusedRefund(`Conversion ${conversionId} was confirmed as fraud before, and is taken back.`);
  await clearFlags(sql, campaignId, conversionId);
}

/** Only what is up for review can be confirmed as fraud. @throws RefusedRefund */
export async function requireReview(sql: Sql, campaignId: string, conversionId: bigint): Promise<void> {
  if (!(await isUpForReview(sql, campaignId, conversionId)))
    throw new RefusedRefund(
      `Conversion ${conversionId} is not up for review: it has no flags. Take it back with a refund.`,
    );
}
