/** Refunds of what is not accepted: they wait for their sale, or have nothing to take back unless it is accepted after all. */
import type { Sql } from "#service/database.ts";
import { beyond, direction, type Page } from "./page.ts";

/** So long a refund waits for its sale. */
export const MAX_WAITING_DAYS = 400;

/** expired: its sale did not come in time. withdrawn: the brand took its word back. */
export type WaitingRefundState = "waiting" | "nothing_due" | "done" | "refused" | "expired" | "withdrawn";

export interface WaitingRefundRow {
  readonly id: bigint;
  readonly event: string;
  readonly order_id: string;
  readonly key: string;
  readonly body_hash: string;
  /** A decimal number of whole tokens; null: all that is left. */
  readonly volume: string | null;
  readonly state: WaitingRefundState;
  /** Why it was refused. */
  readonly problem: string | null;
  readonly conversion_id: bigint | null;
  readonly created_at: Date;
  readonly settled_at: Date | null;
}

/** Whether a row of `table` waited too long. */
const isExpired = (table: string) =>
  `(${table}.state = 'waiting' AND ${table}.created_at < now() - interval '${MAX_WAITING_DAYS} days')`;
const EXPIRED = isExpired("waiting_refunds");
const ROWS = `
  SELECT id, event, order_id, key, body_hash, volume, problem, conversion_id, created_at, settled_at,
    CASE WHEN ${EXPIRED} THEN 'expired' ELSE state END AS state
  FROM waiting_refunds`;

/** A refund that is to wait: `conversionId` says which rejected conversion it is of. */
export interface NewWaitingRefund {
  readonly campaignId: string;
  readonly event: string;
  readonly orderId: string;
  readonly key: string;
  readonly bodyHash: string;
  readonly volume: string | undefined;
  readonly conversionId: bigint | undefined;
}

/** Under the campaign's lock. One that expired waits anew. */
export async function insertWaitingRefund(sql: Sql, refund: NewWaitingRefund): Promise<void> {
  const { campaignId, event, orderId, key, bodyHash, volume, conversionId } = refund;
  await sql.query(
    `INSERT INTO waiting_refunds AS before (campaign_id, event, order_id, key, body_hash, volume,
       conversion_id, state, settled_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7::bigint IS NULL THEN 'waiting' ELSE 'nothing_due' END,
       CASE WHEN $7::bigint IS NULL THEN NULL ELSE clock_timestamp() END)
     ON CONFLICT (campaign_id, event, order_id, key) DO UPDATE SET created_at = clock_timestamp()
       WHERE ${isExpired("before")}`,
    [campaignId, event, orderId, key, bodyHash, volume ?? null, conversionId ?? null],
  );
}

/** The order's refunds of this key, as far as any waited. */
export async function findWaitingRefund(
  sql: Sql,
  of: Pick<NewWaitingRefund, "campaignId" | "event" | "orderId" | "key">,
): Promise<WaitingRefundRow | undefined> {
  const [row] = await sql.query<WaitingRefundRow>(
    `${ROWS} WHERE campaign_id = $1 AND event = $2 AND order_id = $3 AND key = $4`,
    [of.campaignId, of.event, of.orderId, of.key],
  );
  return row;
}

/** How many refunds of a campaign wait for sales, and how many of one order have taken back nothing yet. */
export async function countWaitingRefunds(
  sql: Sql,
  campaignId: string,
  event: string,
  orderId: string,
): Promise<{ readonly ofCampaign: number; readonly ofOrder: number }> {
  const [row] = await sql.query<{ campaign: bigint; order: bigint }>(
    `SELECT
       (SELECT count(*) FROM waiting_refunds WHERE campaign_id = $1 AND state = 'waiting'
          AND NOT ${EXPIRED}) AS campaign,
       (SELECT count(*) FROM waiting_refunds WHERE campaign_id = $1 AND event = $2 AND order_id = $3
          AND state IN ('waiting', 'nothing_due')) AS order`,
    [campaignId, event, orderId],
  );
  return { ofCampaign: Number(row?.campaign ?? 0n), ofOrder: Number(row?.order ?? 0n) };
}

/** Those that are to be taken back once these orders are accepted, the oldest first. */
export async function readDueRefunds(
  sql: Sql,
  campaignId: string,
  orders: readonly { readonly event: string; readonly orderId: string }[],
): Promise<WaitingRefundRow[]> {
  if (orders.length === 0) return [];
  return sql.query(
    // One by one by the index, as reports that are known are found.
    `SELECT due.* FROM unnest($2::text[], $3::text[]) AS given (event, order_id) CROSS JOIN LATERAL (
       ${ROWS} WHERE campaign_id = $1 AND event = given.event AND order_id = given.order_id
         AND state IN ('waiting', 'nothing_due') AND NOT ${EXPIRED}
     ) AS due ORDER BY id`,
    [campaignId, orders.map(({ event }) => event), orders.map(({ orderId }) => orderId)],
  );
}

/** Writes down what became of refunds that waited for a conversion, which is known now. */
export async function settleWaitingRefunds(
  sql: Sql,
  ids: readonly bigint[],
  conversionId: bigint,
  outcome: { readonly state: "done" | "nothing_due" } | { readonly state: "refused"; readonly problem: string },
): Promise<void> {
  await sql.query(
    `UPDATE waiting_refunds SET state = $2, problem = $3, conversion_id = $4, settled_at = clock_timestamp()
     WHERE id = ANY($1::bigint[])`,
    [ids.map(String), outcome.state, "problem" in outcome ? outcome.problem : null, conversionId],
  );
}

/** Under the campaign's lock. One that is not to be taken back any more. */
export async function withdrawWaitingRefund(sql: Sql, id: bigint): Promise<void> {
  await sql.query("UPDATE waiting_refunds SET state = 'withdrawn', settled_at = clock_timestamp() WHERE id = $1", [id]);
}

/** One of the campaign's. */
export async function readWaitingRefund(
  sql: Sql,
  campaignId: string,
  id: bigint,
): Promise<WaitingRefundRow | undefined> {
  const [row] = await sql.query<WaitingRefundRow>(`${ROWS} WHERE campaign_id = $1 AND id = $2`, [campaignId, id]);
  return row;
}

/** A page of the campaign's. */
export function readWaitingRefunds(
  sql: Sql,
  campaignId: string,
  which: {
    readonly event?: string | undefined;
    readonly orderId?: string | undefined;
    readonly state?: WaitingRefundState | undefined;
  },
  page: Page,
): Promise<WaitingRefundRow[]> {
  return sql.query(
    `SELECT * FROM (${ROWS} WHERE campaign_id = $1 AND id ${beyond(page)} $2) AS refund
     WHERE ($3::text IS NULL OR event = $3) AND ($4::text IS NULL OR order_id = $4)
       AND ($5::text IS NULL OR state = $5)
     ORDER BY id ${direction(page)} LIMIT $6`,
    [campaignId, page.from, which.event ?? null, which.orderId ?? null, which.state ?? null, page.limit],
  );
}
