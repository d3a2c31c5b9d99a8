/** What sources sent: kept as it came until it is applied, and what became of it. */
import type { Sql } from "#service/database.ts";
import { beyond, direction, type Page } from "./page.ts";
import type { SourceName } from "./sources.ts";

export const SOURCE_EVENT_STATES = ["waiting", "applied", "noted", "ignored", "refused"] as const;
export type SourceEventState = (typeof SOURCE_EVENT_STATES)[number];

export interface SourceEventRow {
  readonly id: bigint;
  readonly event_id: string;
  readonly type: string;
  readonly object_id: string | null;
  readonly state: SourceEventState;
  readonly note: string | null;
  readonly order_id: string | null;
  readonly attempts: number;
  readonly due_at: Date;
  readonly received_at: Date;
}

const EVENT = "id, event_id, type, object_id, state, note, order_id, attempts, due_at, received_at";

/** Keeps an event. @returns false: it is here already */
export async function insertSourceEvent(
  sql: Sql,
  event: {
    readonly campaignId: string;
    readonly source: SourceName;
    readonly eventId: string;
    readonly type: string;
    readonly objectId: string | undefined;
    readonly body: string | null;
    readonly state: SourceEventState;
    readonly note: string | undefined;
  },
): Promise<boolean> {
  const { campaignId, source, eventId, type, objectId, body, state, note } = event;
  const inserted = await sql.query(
    `INSERT INTO source_events (campaign_id, source, event_id, type, object_id, body, state, note)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (campaign_id, source, event_id) DO NOTHING RETURNING 1`,
    [campaignId, source, eventId, type, objectId ?? null, body, state, note ?? null],
  );
  return inserted.length > 0;
}

/** An event that is to be applied. */
export interface DueEventRow {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly source: SourceName;
  readonly event_id: string;
  readonly type: string;
  readonly body: string;
  readonly attempts: number;
  readonly received_at: Date;
}

/** Events that are due, in the order in which they came. */
export async function readDueEvents(sql: Sql, limit: number): Promise<DueEventRow[]> {
  return sql.query(
    `SELECT id, campaign_id, source, event_id, type, body, attempts, received_at FROM source_events
     WHERE state = 'waiting' AND due_at <= now() AND body IS NOT NULL ORDER BY id LIMIT $1`,
    [limit],
  );
}

/** Notes what became of an event. Its body is kept where it may be tried again. */
export async function settleSourceEvent(
  sql: Sql,
  id: bigint,
  outcome: {
    readonly state: SourceEventState;
    readonly note: string | undefined;
    readonly orderId: string | undefined;
  },
): Promise<void> {
  await sql.query(
    `UPDATE source_events SET state = $2, note = $3, order_id = $4, attempts = attempts + 1,
       body = CASE WHEN $2 = 'refused' THEN body END
     WHERE id = $1`,
    [id, outcome.state, outcome.note ?? null, outcome.orderId ?? null],
  );
}

/** Has an event wait for so long, because it could not be applied now. */
export async function postponeSourceEvent(sql: Sql, id: bigint, note: string, seconds: number): Promise<void> {
  await sql.query(
    `UPDATE source_events SET note = $2, attempts = attempts + 1, due_at = now() + make_interval(secs => $3)
     WHERE id = $1 AND state = 'waiting'`,
    [id, note, seconds],
  );
}

/** Has refused events be tried again, or all that wait at once. @returns how many */
export async function repeatSourceEvents(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  id: string | undefined,
): Promise<number> {
  const repeated = await sql.query(
    `UPDATE source_events SET state = 'waiting', due_at = now(), attempts = 0
     WHERE campaign_id = $1 AND source = $2 AND body IS NOT NULL AND state IN ('refused', 'waiting')
       AND ($3::bigint IS NULL OR id = $3) RETURNING 1`,
    [campaignId, source, id ?? null],
  );
  return repeated.length;
}

/** A page of what a source sent. */
export async function readSourceEvents(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  state: SourceEventState | undefined,
  page: Page,
): Promise<SourceEventRow[]> {
  return sql.query(
    `SELECT ${EVENT} FROM source_events
     WHERE campaign_id = $1 AND source = $2 AND ($4::text IS NULL OR state = $4)
       AND id ${beyond(page)} $3 ORDER BY id ${direction(page)} LIMIT $5`,
    [campaignId, source, page.from, state ?? null, page.limit],
  );
}

export async function readSourceEvent(
  sql: Sql,
  campaignId: string,
  source: SourceName,
  id: string,
): Promise<SourceEventRow | undefined> {
  const [row] = await sql.query<SourceEventRow>(
    `SELECT ${EVENT} FROM source_events WHERE campaign_id = $1 AND source = $2 AND id = $3`,
    [campaignId, source, id],
  );
  return row;
}

const KEPT_DAYS = 30;
const MAX_FORGOTTEN = 5_000;

/** Forgets what was applied long ago. What was refused, or waits still, is kept. @returns how many */
export async function forgetSourceEvents(sql: Sql): Promise<number> {
  const forgotten = await sql.query(
    `DELETE FROM source_events WHERE id IN (
       SELECT id FROM source_events
       WHERE received_at < now() - make_interval(days => $1) AND state NOT IN ('waiting', 'refused')
       ORDER BY received_at LIMIT $2) RETURNING 1`,
    [KEPT_DAYS, MAX_FORGOTTEN],
  );
  return forgotten.length;
}
