/** Refunds: what is known of a conversion that a refund is asked for, and what was refunded before. */

import type { Sale } from "@partner-programs/protocol/rates";
import type { Reason } from "@partner-programs/protocol/reasons";
import type { Sql } from "#service/database.ts";
import type { ConversionState } from "./conversionRow.ts";

export type RefundReason = Extract<Reason, "refunded" | "fraud_confirmed">;

/** A conversion as a refund finds it, with the terms of its campaign. */
export interface RefundableRow {
  event: string;
  order_id: string;
  state: ConversionState;
  volume: bigint;
  refunded: bigint;
  /** Of one in its own currency, and how much of it was given back so far, in that. */
  sale: Sale | null;
  sale_refunded: string;
  /** Packed lines. */
  entries: string[];
  commission: bigint;
  fee: bigint;
  key: string;
  salt: string;
  received_at: Date;
  attest_by: bigint;
  batch: string | null;
  release_at: bigint | null;
  token_decimals: number;
  unit_exponent: number;
  fee_bps: number;
}

export async function readRefundable(
  sql: Sql,
  campaignId: string,
  conversionId: bigint,
): Promise<RefundableRow | undefined> {
  const [row] = await sql.query<RefundableRow>(
    `SELECT c.event, c.order_id, c.state, c.volume, c.refunded, c.sale, c.entries, c.commission, c.fee,
       c.key, c.salt,
       c.received_at, c.attest_by, c.batch, batches.release_at, token_decimals, unit_exponent, fee_bps,
       (SELECT trim_scale(coalesce(sum(sale_volume), 0))::text FROM refunds WHERE conversion_id = c.id)
         AS sale_refunded
     FROM conversions c JOIN campaigns ON campaigns.id = c.campaign_id
       LEFT JOIN batches ON batches.digest = c.batch
     WHERE c.id = $1 AND c.campaign_id = $2`,
    [conversionId, campaignId],
  );
  return row;
}

export function readRefunds(
  sql: Sql,
  conversionId: bigint,
): Promise<{ key: string; body_hash: string; whole: boolean }[]> {
  return sql.query("SELECT key, body_hash, whole FROM refunds WHERE conversion_id = $1", [conversionId]);
}

/**
 * The conversions of an order, by the brand's own id of it: one of each event that was reported with it, or that of `event`. Event
 * by event, as the conversions' key has the event before the order.
 */
export function findOfOrder(
  sql: Sql,
  campaignId: string,
  orderId: string,
  event?: string,
): Promise<{ id: bigint; event: string }[]> {
  if (event !== undefined)
    return sql.query("SELECT id, event FROM conversions WHERE campaign_id = $1 AND order_id = $2 AND event = $3", [
      campaignId,
      orderId,
      event,
    ]);
  return sql.query(
    `${EVENTS}
     SELECT c.id, c.event FROM events JOIN conversions c ON c.campaign_id = $1 AND c.event = events.event
       AND c.order_id = $2 ORDER BY c.id`,
    [campaignId, orderId],
  );
}

/** The events of a campaign `$1` that have conversions, one step each along the conversions' key. */
const EVENTS = `WITH RECURSIVE events AS (
  SELECT min(event) AS event FROM conversions WHERE campaign_id = $1
  UNION ALL
  SELECT (SELECT min(event) FROM conversions WHERE campaign_id = $1 AND event > events.event)
  FROM events WHERE event IS NOT NULL
)`;

/** The last of all texts that begin so: no order's id is longer than that. */
const lastBeginning = (beginning: string) => beginning + "\u{10FFFF}".repeat(200);

/**
 * Conversions of a campaign whose order's id begins so, at most `limit` of each event. Of a partner's only those that it brought, for how many
 * others there are is nothing for it to know.
 */
export async function findOrdersBeginning(
  sql: Sql,
  { campaignId, partner }: { readonly campaignId: string; readonly partner?: string | undefined },
  beginning: string,
  limit: number,
): Promise<bigint[]> {
  if (partner !== undefined) {
    const rows = await sql.query<{ id: bigint }>(
      `SELECT c.id FROM partnerships p JOIN conversions c ON c.partnership_id = p.id
       WHERE p.campaign_id = $1 AND p.partner = $5 AND c.order_id ~>=~ $2 AND c.order_id ~<=~ $3 LIMIT $4`,
      [campaignId, beginning, lastBeginning(beginning), limit, partner],
    );
    return rows.map(({ id }) => id);
  }
  const rows = await sql.query<{ id: bigint }>(
    `${EVENTS}
     SELECT found.id FROM events CROSS JOIN LATERAL (
       SELECT id FROM conversions c WHERE c.campaign_id = $1 AND c.event = events.event
         AND c.order_id ~>=~ $2 AND c.order_id ~<=~ $3 ORDER BY c.order_id USING ~<~ LIMIT $4
     ) AS found`,
    [campaignId, beginning, lastBeginning(beginning), limit],
  );
  return rows.map(({ id }) => id);
}

/** Writes a refund down, and how much of the conversion's volume is refunded by now; its id. */
export async function insertRefund(
  sql: Sql,
  refund: {
    readonly conversionId: bigint;
    readonly key: string;
    readonly bodyHash: string;
    readonly amount: bigint;
    /** The same in the sale's own currency; undefined: it is in tokens. */
    readonly saleVolume: string | undefined;
    readonly whole: boolean;
    readonly reason: RefundReason;
  },
): Promise<bigint> {
  const { conversionId, key, bodyHash, amount, saleVolume, whole, reason } = refund;
  const [row] = await sql.query<{ id: bigint }>(
    `WITH refunded AS (UPDATE conversions SET refunded = refunded + $4 WHERE id = $1)
     INSERT INTO refunds (conversion_id, key, body_hash, volume, whole, reason, sale_volume)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
    [conversionId, key, bodyHash, amount, whole, reason, saleVolume ?? null],
  );
  return row?.id as bigint;
}

/** Whether the brand took the conversion back as fraud. */
export async function isConfirmedFraud(sql: Sql, conversionId: bigint): Promise<boolean> {
  const found = await sql.query("SELECT 1 FROM refunds WHERE conversion_id = $1 AND reason = 'fraud_confirmed'", [
    conversionId,
  ]);
  return found.length > 0;
}

/** Whether a conversion has flags, waits for the brand's review, or was confirmed as fraud. */
export async function isUpForReview(sql: Sql, campaignId: string, conversionId: bigint): Promise<boolean> {
  const found = await sql.query(
    `SELECT 1 FROM conversions WHERE id = $1 AND campaign_id = $2
       AND (flags <> '{}' OR state = 'review' OR reason = 'fraud_confirmed')`,
    [conversionId, campaignId],
  );
  return found.length > 0;
}

/** What each offer of a campaign pays, and the kind it pays. */
export async function readRates(
  sql: Sql,
  campaignId: string,
): Promise<Map<number, { kind: number; flatAmount: bigint; rateBps: number }>> {
  const offers = await sql.query<{ offer_id: number; kind: number; flat_amount: bigint; rate_bps: number }>(
    "SELECT offer_id, kind, flat_amount, rate_bps FROM offers WHERE campaign_id = $1",
    [campaignId],
  );
  return new Map(
    offers.map(({ offer_id, kind, flat_amount, rate_bps }) => [
      offer_id,
      { kind, flatAmount: flat_amount, rateBps: rate_bps },
    ]),
  );
}
