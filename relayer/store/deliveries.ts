/** Deliveries: the moves and the news that are to be told to endpoints, leased while they are sent, and what came of it. */
import type { Sql } from "#service/database.ts";
import type { ConversionState } from "./conversionRow.ts";
import { beyond, conditionsInto, direction, keyIs, type Page } from "./page.ts";

export const DELIVERY_STATES = ["pending", "delivered", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface DeliveryRow {
  readonly id: bigint;
  readonly endpoint_id: bigint;
  /** Of a move; null: of news. */
  readonly move_id: bigint | null;
  readonly conversion_id: bigint | null;
  readonly news_id: bigint | null;
  /** What the news are about, `lead:17`. */
  readonly subject: string | null;
  readonly type: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly due_at: Date;
  readonly last_attempt_at: Date | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: Date;
}

/** Makes deliveries of the moves in `fresh`, for each endpoint that wants them, in the statement that marks them as announced. */
export const DELIVERIES_OF_MOVES = `
  INSERT INTO webhook_deliveries (endpoint_id, move_id, type)
  SELECT e.id, fresh.id, 'conversion.' || fresh.state
  FROM fresh JOIN conversions c ON c.id = fresh.conversion_id
  JOIN brand_webhooks e ON e.campaign_id = c.campaign_id
  WHERE e.disabled_at IS NULL AND e.created_at <= fresh.moved_at
    AND (e.events IS NULL OR 'conversion.' || fresh.state = ANY(e.events))`;

const DELIVERIES = `
  SELECT d.id, d.endpoint_id, d.move_id, m.conversion_id, d.news_id, n.subject, d.type, d.state, d.attempts,
    d.due_at, d.last_attempt_at, d.last_status, d.last_error, d.created_at
  FROM webhook_deliveries d LEFT JOIN conversion_moves m ON m.id = d.move_id
  LEFT JOIN news n ON n.id = d.news_id`;

/** The endpoint's deliveries, all or those in a state or of a type: state by state, each by the index that has it in its order. */
export async function readDeliveries(
  sql: Sql,
  endpointId: bigint,
  { state, type }: { readonly state?: DeliveryState | undefined; readonly type?: string | undefined },
  page: Page,
): Promise<DeliveryRow[]> {
  const values: unknown[] = [endpointId, state === undefined ? DELIVERY_STATES : [state], page.from, page.limit];
  const ofType = conditionsInto(values)((place) => `AND ${keyIs("w.type", place)}`, type).join("");
  const [up, byType] = [direction(page), type === undefined ? "" : `w.type ${direction(page)},`];
  return sql.query(
    `${DELIVERIES} JOIN (
       SELECT listed.id FROM unnest($2::text[]) AS s (state) CROSS JOIN LATERAL (
         SELECT w.id FROM webhook_deliveries w
         WHERE w.endpoint_id = $1 AND ${keyIs("w.state", "s.state")} ${ofType}
           AND w.id ${beyond(page)} $3 ORDER BY ${byType} w.state ${up}, w.id ${up} LIMIT $4
       ) AS listed ORDER BY listed.id ${up} LIMIT $4
     ) AS listed ON listed.id = d.id ORDER BY d.id ${up}`,
    values,
  );
}

export async function readDelivery(sql: Sql, id: string): Promise<DeliveryRow | undefined> {
  const [row] = await sql.query<DeliveryRow>(`${DELIVERIES} WHERE d.id = $1`, [id]);
  return row;
}

/** Makes a delivery that is over due again, with all its attempts before it. Whether it was over. */
export async function repeatDelivery(sql: Sql, id: string): Promise<boolean> {
  const repeated = await sql.query(
    `UPDATE webhook_deliveries SET state = 'pending', attempts = 0, due_at = now()
     WHERE id = $1 AND state <> 'pending' RETURNING 1`,
    [id],
  );
  return repeated.length > 0;
}

/** A delivery that is to be sent now, with what that takes. */
export interface LeasedDelivery {
  readonly id: bigint;
  readonly endpoint_id: bigint;
  /** Of a move; null: of news. */
  readonly move_id: bigint | null;
  readonly news_id: bigint | null;
  /** This one included. */
  readonly attempts: number;
  readonly url: string;
  readonly seed: string;
  /** Only during the grace of a rotation. */
  readonly previous_seed: string | null;
}

/**
 * Of an earlier move of its conversion, or of earlier news of its subject, on its way or about to be, and not failed yet. One that fails
 * holds up nothing.
 */
const IS_FRESH = "w.state = 'pending' AND w.last_status IS NULL AND w.last_error IS NULL";
const AFTER_ANOTHER = `(EXISTS (
  SELECT 1 FROM conversion_moves mine
  JOIN conversion_moves earlier ON earlier.conversion_id = mine.conversion_id AND earlier.id < mine.id
  JOIN webhook_deliveries w ON w.endpoint_id = e.id AND w.move_id = earlier.id
  WHERE mine.id = d.move_id AND ${IS_FRESH}) OR EXISTS (
  SELECT 1 FROM news mine
  JOIN news earlier ON earlier.campaign_id = mine.campaign_id AND earlier.subject = mine.subject
    AND earlier.id < mine.id
  JOIN webhook_deliveries w ON w.endpoint_id = e.id AND w.news_id = earlier.id
  WHERE mine.id = d.news_id AND ${IS_FRESH}))`;

/**
 * Leases deliveries that are due: until the lease is over they are due for nobody. None of the endpoints `busy`, and the moves of a
 * conversion one after the other.
 * SKIP LOCKED: another process is leasing those this moment.
 */
export async function leaseDeliveries(
  sql: Sql,
  which: { readonly max: number; readonly maxPerEndpoint: number; readonly busy: readonly bigint[] },
  leaseSeconds: number,
): Promise<LeasedDelivery[]> {
  return sql.query(
    `WITH due AS (
       SELECT d.id FROM brand_webhooks e CROSS JOIN LATERAL (
         SELECT d.id FROM webhook_deliveries d
         WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.due_at <= now() AND NOT ${AFTER_ANOTHER}
         ORDER BY d.due_at, d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED
       ) d WHERE e.disabled_at IS NULL AND e.id <> ALL($3::bigint[]) LIMIT $1
     )
     UPDATE webhook_deliveries w
     SET attempts = w.attempts + 1, due_at = now() + make_interval(secs => $4), last_attempt_at = now()
     FROM due, webhook_endpoints e WHERE w.id = due.id AND e.id = w.endpoint_id
     RETURNING w.id, w.endpoint_id, w.move_id, w.news_id, w.attempts, e.url, e.seed,
       CASE WHEN e.previous_until > now() THEN e.previous_seed END AS previous_seed`,
    [which.max, which.maxPerEndpoint, which.busy.map(String), leaseSeconds],
  );
}

/** What came of an attempt. */
export interface AttemptOutcome {
  readonly state: DeliveryState;
  /** What was answered; null: nothing was. */
  readonly status: number | null;
  /** Why nothing was answered. */
  readonly error: string | null;
  /** Until a pending one is due again. */
  readonly waitSeconds: number;
}

/** Ends a lease. Only if nobody else has leased the delivery meanwhile: its attempts say so. */
export async function endLease(
  sql: Sql,
  delivery: Pick<LeasedDelivery, "id" | "attempts">,
  outcome: AttemptOutcome,
): Promise<void> {
  await sql.query(
    `UPDATE webhook_deliveries
     SET state = $3, last_status = $4, last_error = $5, due_at = now() + make_interval(secs => $6)
     WHERE id = $1 AND attempts = $2 AND state = 'pending'`,
    [delivery.id, delivery.attempts, outcome.state, outcome.status, outcome.error, outcome.waitSeconds],
  );
}

/** A move of a conversion, and which of its moves it was. */
export interface MoveRow {
  readonly id: bigint;
  readonly conversion_id: bigint;
  readonly state: ConversionState;
  readonly reason: string | null;
  readonly moved_at: Date;
  /** 1: its first. */
  readonly ordinal: bigint;
}

export async function readMove(sql: Sql, id: bigint): Promise<MoveRow | undefined> {
  const [row] = await sql.query<MoveRow>(
    `SELECT id, conversion_id, state, reason, moved_at, (
       SELECT count(*) FROM conversion_moves earlier
       WHERE earlier.conversion_id = conversion_moves.conversion_id AND earlier.id <= conversion_moves.id
     ) AS ordinal FROM conversion_moves WHERE id = $1`,
    [id],
  );
  return row;
}

const KEPT_DAYS = 30;
const MAX_FORGOTTEN = 5_000;

/** Forgets deliveries of long ago. @returns how many. */
export async function forgetDeliveries(sql: Sql): Promise<number> {
  const forgotten = await sql.query(
    `DELETE FROM webhook_deliveries WHERE id IN (
       SELECT id FROM webhook_deliveries WHERE created_at < now() - make_interval(days => $1)
       ORDER BY created_at LIMIT $2) RETURNING 1`,
    [KEPT_DAYS, MAX_FORGOTTEN],
  );
  return forgotten.length;
}
