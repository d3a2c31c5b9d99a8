/** What refunds take back of conversions that are in a batch: requested, sent to the chain, done, or late. */
import { type Reason, reasonHash } from "@partner-programs/protocol/reasons";
import type { Database, Sql } from "#service/database.ts";
import { lowerConversions, noteLateRefunds, reverseConversions, takeBack } from "./conversions.ts";
import { notSetAside } from "./setAside.ts";

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
    `UPDATE reversals SET state = 'done' WHERE batch = $1 AND state = 'sent' AND reason = ANY($2::text[])
     RETURNING conversion_id, whole, reason`,
    [batch, sent.map(({ reason }) => reason).filter((reason) => reasonHash(reason) === hash)],
  );
  const whole = done.filter((one) => one.whole);
  for (const [reason, some] of Map.groupBy(whole, (one) => one.reason)) {
    const ids = some.map(({ conversion_id }) => conversion_id);
    await reverseConversions(sql, ids, reason, transaction);
  }
  const gone = new Set(whole.map(({ conversion_id }) => conversion_id));
  const inPart = new Set(done.map(({ conversion_id }) => conversion_id).filter((id) => !gone.has(id)));
  await lowerConversions(sql, [...inPart], transaction);
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
     WHERE conversions.id = reversals.conversion_id AND conversions.batch = $1
       AND reversals.state = 'requested'`,
    [batch],
  );
}

/** A batch within its hold of which something is to be taken back, with the reasons in the order in which they came. */
export interface BatchToReverse {
  readonly digest: string;
  readonly campaign_id: string;
  readonly reasons: readonly Reason[];
}

/** Those that no reversal is under way for. */
export async function findBatchesToReverse(sql: Sql): Promise<BatchToReverse[]> {
  return sql.query(
    `SELECT digest, campaign_id, open.reasons FROM batches JOIN (
       SELECT batch, array_agg(reason ORDER BY first) AS reasons FROM (
         SELECT batch, reason, min(id) AS first FROM reversals
         WHERE state IN ('requested', 'sent') GROUP BY batch, reason
       ) AS each GROUP BY batch
     ) AS open ON open.batch = digest
     WHERE state = 'attested' AND retry_at <= now() AND ${notSetAside("campaign_id")}
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'reverse:' || digest)`,
  );
}

/** What is to be taken back of a batch for one reason. */
export interface OpenReversal {
  readonly id: bigint;
  /** The conversion's key. */
  readonly key: string;
  /** Packed lines. */
  readonly taken_back: readonly string[];
}

export async function readOpenReversals(sql: Sql, batch: string, reason: Reason): Promise<OpenReversal[]> {
  return sql.query(
    `SELECT reversals.id, conversions.key, reversals.taken_back
     FROM reversals JOIN conversions ON conversions.id = reversals.conversion_id
     WHERE reversals.batch = $1 AND reversals.reason = $2 AND reversals.state IN ('requested', 'sent')
     ORDER BY reversals.id`,
    [batch, reason],
  );
}

export async function markReversalsSent(sql: Sql, ids: readonly bigint[]): Promise<void> {
  await sql.query("UPDATE reversals SET state = 'sent' WHERE id = ANY($1::bigint[]) AND state = 'requested'", [
    ids.map(String),
  ]);
}

/**
 * What could not be carried in time is released after all; the brand sees it as such, and is told. By the chain's time and not by ours:
 * one that was mined in the hold's last seconds counts, also if we are slow to hear of it.
 */
export async function markReversalsLate(database: Database): Promise<void> {
  await database.transaction(async (sql) => {
    const late = await sql.query<{ conversion_id: bigint }>(
      `UPDATE reversals SET state = 'late' FROM batches, chain_cursor WHERE batches.digest = reversals.batch
         AND reversals.state IN ('requested', 'sent') AND chain_cursor.final_time >= batches.release_at
         AND chain_cursor.block >= chain_cursor.final_block AND ${notSetAside("batches.campaign_id")}
       RETURNING conversion_id`,
    );
    if (late.length > 0) await noteLateRefunds(sql, [...new Set(late.map(({ conversion_id }) => conversion_id))]);
  });
}

/** What of a batch was taken back before, or is on its way to the chain: an attester that missed a reversal has to hear of it. */
export async function readTakenBack(sql: Sql, batch: string): Promise<Omit<OpenReversal, "id">[]> {
  return sql.query(
    `SELECT conversions.key, reversals.taken_back
     FROM reversals JOIN conversions ON conversions.id = reversals.conversion_id
     WHERE reversals.batch = $1 AND reversals.state IN ('sent', 'done') ORDER BY reversals.id`,
    [batch],
  );
}

export interface RefundTrouble {
  /** Refunds that wait within the hold and were refused, and when the first hold of them ends (Unix seconds). */
  readonly refused: bigint;
  readonly ends: bigint | null;
  /** What was said of that one. */
  readonly problem: string | null;
  /** Refunds whose hold ended before, in the last week. */
  readonly late: bigint;
}

export async function readRefundTrouble(sql: Sql): Promise<RefundTrouble> {
  const [row] = await sql.query<RefundTrouble>(
    `SELECT count(*) FILTER (WHERE reversals.state <> 'late') AS refused,
       min(release_at) FILTER (WHERE reversals.state <> 'late') AS ends,
       (array_agg(problem ORDER BY release_at) FILTER (WHERE reversals.state <> 'late'))[1] AS problem,
       count(*) FILTER (WHERE reversals.state = 'late') AS late
     FROM reversals JOIN batches ON batches.digest = reversals.batch
     WHERE (reversals.state IN ('requested', 'sent') AND batches.state = 'attested' AND problem IS NOT NULL)
       OR (reversals.state = 'late' AND release_at > extract(epoch FROM now()) - 604800)`,
  );
  return row as RefundTrouble;
}
