/** Reports that were taken in before: by their order, and by the Idempotency-Key they came with. */
import type { Sale } from "@partner-programs/protocol/rates";
import type { Sql } from "#service/database.ts";
import { MENDABLE } from "./conversionRow.ts";

/** What names a report. */
export interface ReportNames {
  readonly event: string;
  readonly orderId: string;
  readonly apiKeyId: bigint;
  readonly idempotencyKey: string | undefined;
}

export interface KnownReport {
  /** Which of the given reports it is, counted from 0. */
  readonly index: number;
  readonly conversionId: bigint;
  readonly bodyHash: string;
  /** Whether it is known by its Idempotency-Key; otherwise by its order. */
  readonly byKey: boolean;
  /** Of one that was rejected when it was judged, why and when it was received; undefined: of any other. */
  readonly rejected:
    | { readonly reason: string; readonly receivedAt: number; readonly sale: Sale | undefined }
    | undefined;
}

/** In the order given; what is known by its order comes before what is known by its key. */
export async function readKnownReports(
  sql: Sql,
  campaignId: string,
  reports: readonly ReportNames[],
): Promise<KnownReport[]> {
  const rows = await sql.query<{
    ordinal: bigint;
    id: bigint;
    body_hash: string;
    by_key: boolean;
    mendable: boolean;
    reason: string;
    received_at: Date;
    sale: Sale | null;
  }>(
    // One by one by the indexes. As a join, all conversions are read as long as PostgreSQL has no statistics of them.
    `SELECT ordinal, id, body_hash, by_key, mendable, reason, received_at, sale
     FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY
       AS given (event, order_id, api_key_id, idempotency_key, ordinal)
     CROSS JOIN LATERAL (
       SELECT id, body_hash, false AS by_key, ${MENDABLE} AS mendable, reason, received_at, sale
       FROM conversions
       WHERE campaign_id = $1 AND event = given.event AND order_id = given.order_id
       UNION ALL
       SELECT conversion_id, request_hash, true, ${MENDABLE}, reason, received_at, sale
       FROM idempotency_keys JOIN conversions ON conversions.id = conversion_id
       WHERE api_key_id = given.api_key_id AND idempotency_key = given.idempotency_key
     ) AS known
     ORDER BY ordinal, by_key`,
    [
      campaignId,
      reports.map(({ event }) => event),
      reports.map(({ orderId }) => orderId),
      reports.map(({ apiKeyId }) => String(apiKeyId)),
      reports.map(({ idempotencyKey }) => idempotencyKey ?? null),
    ],
  );
  return rows.map(({ ordinal, id, body_hash, by_key, mendable, reason, received_at, sale }) => ({
    index: Number(ordinal) - 1,
    conversionId: id,
    bodyHash: body_hash,
    byKey: by_key,
    rejected: mendable ? { reason, receivedAt: received_at.getTime(), sale: sale ?? undefined } : undefined,
  }));
}

/** Remembers keys under which known conversions were reported. */
export async function insertIdempotencyKeys(
  sql: Sql,
  keys: readonly {
    readonly apiKeyId: bigint;
    readonly idempotencyKey: string;
    readonly bodyHash: string;
    readonly conversionId: bigint;
  }[],
): Promise<void> {
  if (keys.length === 0) return;
  await sql.query(
    `INSERT INTO idempotency_keys (api_key_id, idempotency_key, request_hash, conversion_id)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING`,
    [
      keys.map(({ apiKeyId }) => String(apiKeyId)),
      keys.map(({ idempotencyKey }) => idempotencyKey),
      keys.map(({ bodyHash }) => bodyHash),
      keys.map(({ conversionId }) => String(conversionId)),
    ],
  );
}
