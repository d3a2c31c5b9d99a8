import type { Sql } from "#service/database.ts";
import { RefusedRefund } from "./errors.ts";

/** Lets a conversion stand: its flags go, and one that the attesters refused waits for a batch again. Repeating it does nothing. */
export async function release(sql: Sql, campaignId: string, conversionId: bigint): Promise<void> {
  const [confirmed] = await sql.query("SELECT 1 FROM refunds WHERE conversion_id = $1 AND reason = 'fraud_confirmed'", [
    conversionId,
  ]);
  if (confirmed !== undefined)
    throw new RefusedRefund(`Conversion ${conversionId} was confirmed as fraud before, and is taken back.`);
  await sql.query(
    `WITH released AS (
       UPDATE conversions SET flags = '{}', state = CASE state WHEN 'review' THEN 'accepted' ELSE state END,
         reason = CASE state WHEN 'review' THEN NULL ELSE reason END, note = NULL
       WHERE id = $1 AND campaign_id = $2 AND (flags <> '{}' OR state = 'review') RETURNING id, state
     )
     INSERT INTO conversion_moves (conversion_id, state, reason) SELECT id, state, 'review_released' FROM released`,
    [conversionId, campaignId],
  );
}

/** Only what is up for review can be confirmed as fraud. @throws RefusedRefund */
export async function requireReview(sql: Sql, campaignId: string, conversionId: bigint): Promise<void> {
  const [found] = await sql.query(
    "SELECT 1 FROM conversions WHERE id = $1 AND campaign_id = $2 AND (flags <> '{}' OR state = 'review' OR reason = 'fraud_confirmed')",
    [conversionId, campaignId],
  );
  if (found === undefined)
    throw new RefusedRefund(
      `Conversion ${conversionId} is not up for review: it has no flags. Take it back with a refund.`,
    );
}
