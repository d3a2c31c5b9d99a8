/** What is known of the objects behind a source's events, and of the orders that they are. */
import type { Sql, Transaction } from "#service/database.ts";
import type { SourceName } from "./sources.ts";

export interface SourceObjectRow {
  readonly object_id: string;
  /** Sealed. */
  readonly fact: string;
  readonly received_at: Date;
}

const OBJECT = "object_id, fact, received_at";

/** One at a time of a campaign's source. */
export async function lockSource(sql: Transaction, campaignId: string, source: SourceName): Promise<void> {
  await sql.query("SELECT 1 FROM sources WHERE campaign_id = $1 AND source = $2 FOR UPDATE", [campaignId, source]);
}

export async function readSourceObjects(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  ids: readonly string[],
): Promise<SourceObjectRow[]> {
  return sql.query(
    `SELECT ${OBJECT} FROM source_objects
     WHERE campaign_id = $1 AND source = $2 AND object_id = ANY($3::text[]) ORDER BY object_id`,
    [campaignId, source, [...ids]],
  );
}

/** The objects that link to any of these ids. */
export async function readLinkedObjects(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  ids: readonly string[],
): Promise<SourceObjectRow[]> {
  if (ids.length === 0) return [];
  return sql.query(
    `SELECT ${OBJECT} FROM source_objects
     WHERE campaign_id = $1 AND source = $2 AND links && $3::text[] ORDER BY object_id`,
    [campaignId, source, [...ids]],
  );
}

/** Writes down what is known of an object. When it was heard of first stays as it is. */
export async function upsertSourceObject(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  object: {
    readonly id: string;
    readonly what: string;
    readonly links: readonly string[];
    readonly fact: string;
    readonly receivedAt: Date;
  },
): Promise<void> {
  const { id, what, links, fact, receivedAt } = object;
  await sql.query(
    `INSERT INTO source_objects (campaign_id, source, object_id, what, links, fact, received_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (campaign_id, source, object_id) DO UPDATE SET links = $5, fact = $6`,
    [campaignId, source, id, what, [...links], fact, receivedAt],
  );
}

export interface SourceOrderRow {
  readonly event: string;
  readonly conversion_id: bigint;
  readonly accepted: boolean;
  readonly taken_back: string;
  readonly whole: boolean;
}

export async function readSourceOrder(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  orderId: string,
): Promise<SourceOrderRow | undefined> {
  const [row] = await sql.query<SourceOrderRow>(
    `SELECT event, conversion_id, accepted, taken_back, whole FROM source_orders
     WHERE campaign_id = $1 AND source = $2 AND order_id = $3`,
    [campaignId, source, orderId],
  );
  return row;
}

/** Notes what a sale was reported as. Once accepted it stays so. */
export async function upsertSourceOrder(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  order: {
    readonly orderId: string;
    readonly event: string;
    readonly conversionId: bigint;
    readonly accepted: boolean;
  },
): Promise<void> {
  await sql.query(
    `INSERT INTO source_orders AS o (campaign_id, source, order_id, event, conversion_id, accepted)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (campaign_id, source, order_id)
     DO UPDATE SET conversion_id = $5, accepted = o.accepted OR $6`,
    [campaignId, source, order.orderId, order.event, order.conversionId, order.accepted],
  );
}

export async function setTakenBack(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  orderId: string,
  taken: { readonly volume: string; readonly whole: boolean },
): Promise<void> {
  await sql.query(
    `UPDATE source_orders SET taken_back = $4, whole = $5
     WHERE campaign_id = $1 AND source = $2 AND order_id = $3`,
    [campaignId, source, orderId, taken.volume, taken.whole],
  );
}
