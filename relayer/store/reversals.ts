import { type Reason, reasonHash } from "@partner-programs/protocol/reasons";
import type { Sql } from "#service/database.ts";
import { moveConversions, takeBack } from "./conversions.ts";

/** What a refund takes from a conversion that is in a batch already: the worker carries it to the chain within the hold. */
export interface NewReversal {
  readonly conversionId: bigint;
  readonly refundId: bigint;
  readonly batch: string | null;
  readonly reason: Reason;
  readonly whole: boolean;
  /** Packed lines: the counts and volumes that are taken away. */
  readonly takenBack: readonly string[];
  readonly commissionLeft: bigint;
  readonly partnerCommissionLeft: bigint;
  readonly feeLeft: bigint;
}

export async function insertReversal(sql: Sql, reversal: NewReversal): Promise<void> {
  await sql.query(
    `INSERT INTO reversals (conversion_id, refund_id, batch, reason, state, whole, taken_back,
       commission_left, partner_commission_left, fee_left)
     VALUES ($1, $2, $3, $4, 'requested', $5, $6, $7, $8, $9)`,
    [
      reversal.conversionId,
      reversal.refundId,
      reversal.batch,
      reversal.reason,
      reversal.whole,
      JSON.stringify(reversal.takenBack),
      reversal.commissionLeft,
      reversal.partnerCommissionLeft,
      reversal.feeLeft,
    ],
  );
}

/** Ends the reversals of a conversion that nobody carried to the chain: what they took away is in what is left of it now. */
export async function settleRequestedReversals(sql: Sql, conversionId: bigint): Promise<void> {
  await sql.query("UPDATE reversals SET state = 'done' WHERE conversion_id = $1 AND state = 'requested'", [
    conversionId,
  ]);
}

/**
 * The reversals that were under way for a batch, for this reason, have happened: what was taken back as a whole is reversed,
 * what was taken back in part stays attested and pays less.
 */
export async function finishReversals(sql: Sql, batch: string, hash: string, transaction: string): Promise<void> {
  const sent = await sql.query<{ reason: Reason }>(
    "SELECT DISTINCT reason FROM reversals WHERE batch = $1 AND state = 'sent'",
    [batch],
  );
  const done = await sql.query<{ conversion_id: bigint; whole: boolean; reason: Reason }>(
    "UPDATE reversals SET state = 'done' WHERE batch = $1 AND state = 'sent' AND reason = ANY($2::text[]) RETURNING conversion_id, whole, reason",
    [batch, sent.map(({ reason }) => reason).filter((reason) => reasonHash(reason) === hash)],
  );
  const whole = done.filter((one) => one.whole);
  for (const [reason, some] of Map.groupBy(whole, (one) => one.reason)) {
    const ids = some.map(({ conversion_id }) => conversion_id);
    await moveConversions(sql, { ids, from: ["attested"], to: "reversed", reason, transaction });
  }
  const gone = new Set(whole.map(({ conversion_id }) => conversion_id));
  const shrunk = new Set(done.map(({ conversion_id }) => conversion_id).filter((id) => !gone.has(id)));
  await sql.query(
    `WITH shrunk AS (
       SELECT DISTINCT ON (conversion_id) conversion_id, commission_left, partner_commission_left, fee_left FROM reversals
       WHERE conversion_id = ANY($1::bigint[]) AND state = 'done' ORDER BY conversion_id, id DESC
     ), priced AS (
       UPDATE conversions SET commission = commission_left, partner_commission = partner_commission_left, fee = fee_left FROM shrunk WHERE conversions.id = shrunk.conversion_id
     )
     INSERT INTO conversion_moves (conversion_id, state, reason, transaction) SELECT conversion_id, 'attested', 'partly_refunded', $2 FROM shrunk`,
    [[...shrunk].map(String), transaction],
  );
}

/**
 * Refunds of conversions whose batch died: what was to be taken back as a whole is taken back here. What was refunded in part
 * is carried after the conversion is attested in another batch.
 */
export async function returnRefunds(sql: Sql, batch: string): Promise<void> {
  const whole = await sql.query<{ conversion_id: bigint; reason: Reason }>(
    "SELECT conversion_id, reason FROM reversals WHERE batch = $1 AND state IN ('requested', 'sent') AND whole",
    [batch],
  );
  for (const [reason, some] of Map.groupBy(whole, (one) => one.reason)) {
    const ids = some.map(({ conversion_id }) => conversion_id);
    await takeBack(sql, ids, reason);
    await sql.query("UPDATE reversals SET state = 'done' WHERE conversion_id = ANY($1::bigint[])", [ids.map(String)]);
  }
  await sql.query("UPDATE reversals SET state = 'requested' WHERE batch = $1 AND state = 'sent'", [batch]);
}

/** Open refunds of conversions that were numbered again belong to the batch that they are in now. */
export async function followConversions(sql: Sql, batch: string): Promise<void> {
  await sql.query(
    `UPDATE reversals SET batch = $1 FROM conversions
     WHERE conversions.id = reversals.conversion_id AND conversions.batch = $1 AND reversals.state = 'requested'`,
    [batch],
  );
}
