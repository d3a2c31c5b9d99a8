/** Postbacks: addresses of partners that are called on moves of their own conversions, and the calls. */
import type { Sql, Transaction } from "#service/database.ts";
import type { ConversionState } from "./conversionRow.ts";
import type { AttemptOutcome, DeliveryState } from "./deliveries.ts";
import { beyond, direction, type Page } from "./page.ts";

export interface PostbackRow {
  readonly id: bigint;
  readonly partner: string;
  /** null: of all its campaigns. */
  readonly campaign_id: string | null;
  readonly url: string;
  readonly states: ConversionState[];
  readonly seed: string;
  readonly created_at: Date;
  readonly failing_since: Date | null;
  readonly disabled_at: Date | null;
  readonly disabled_by: string | null;
}

const POSTBACK = `id, partner, campaign_id, url, states, seed, created_at, failing_since, disabled_at, disabled_by`;

/** A new one; undefined if the partner has `max` already. */
export async function insertPostback(
  sql: Transaction,
  given: Pick<PostbackRow, "partner" | "campaign_id" | "url" | "states" | "seed">,
  max: number,
): Promise<PostbackRow | undefined> {
  // So that two requests at once do not both find room for one more.
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('postbacks ' || $1))", [given.partner]);
  const [row] = await sql.query<PostbackRow>(
    `INSERT INTO postbacks (partner, campaign_id, url, states, seed) SELECT $1, $2, $3, $4, $5
     WHERE (SELECT count(*) FROM postbacks WHERE partner = $1) < $6 RETURNING ${POSTBACK}`,
    [given.partner, given.campaign_id, given.url, given.states, given.seed, max],
  );
  return row;
}

export function readPostbacks(sql: Sql, partner: string): Promise<PostbackRow[]> {
  return sql.query(`SELECT ${POSTBACK} FROM postbacks WHERE partner = $1 ORDER BY id`, [partner]);
}

/** One of the partner's; another's is as none. */
export async function readPostback(sql: Sql, partner: string, id: string): Promise<PostbackRow | undefined> {
  const [row] = await sql.query<PostbackRow>(`SELECT ${POSTBACK} FROM postbacks WHERE id = $1 AND partner = $2`, [
    id,
    partner,
  ]);
  return row;
}

/** What is not given stays as it is. One that is turned on begins anew. */
export async function changePostback(
  sql: Sql,
  partner: string,
  id: string,
  change: {
    readonly url?: string | undefined;
    readonly states?: readonly ConversionState[] | undefined;
    readonly enabled?: boolean | undefined;
  },
): Promise<PostbackRow | undefined> {
  const [row] = await sql.query<PostbackRow>(
    `UPDATE postbacks SET url = coalesce($3, url), states = coalesce($4::text[], states),
       failing_since = CASE WHEN $5::boolean THEN NULL ELSE failing_since END,
       disabled_at = CASE WHEN $5::boolean THEN NULL WHEN NOT $5 THEN coalesce(disabled_at, now())
         ELSE disabled_at END,
       disabled_by = CASE WHEN $5::boolean THEN NULL WHEN NOT $5 THEN coalesce(disabled_by, 'partner')
         ELSE disabled_by END
     WHERE id = $1 AND partner = $2 RETURNING ${POSTBACK}`,
    [id, partner, change.url ?? null, change.states ?? null, change.enabled ?? null],
  );
  return row;
}

/** With its calls. */
export async function deletePostback(sql: Sql, partner: string, id: string): Promise<boolean> {
  const deleted = await sql.query("DELETE FROM postbacks WHERE id = $1 AND partner = $2 RETURNING 1", [id, partner]);
  return deleted.length > 0;
}

/** A call with made-up values. @returns whether none was on its way already */
export async function insertTry(sql: Sql, postbackId: bigint): Promise<boolean> {
  const made = await sql.query(
    "INSERT INTO postback_calls (postback_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING 1",
    [postbackId],
  );
  return made.length > 0;
}

/** Makes calls for the moves in `fresh`, of their partners' own conversions, in the statement that marks them as announced. */
export const CALLS_OF_MOVES = `
  INSERT INTO postback_calls (postback_id, move_id)
  SELECT b.id, fresh.id FROM fresh JOIN conversions c ON c.id = fresh.conversion_id
  JOIN partnerships p ON p.id = c.partnership_id
  JOIN postbacks b ON b.partner = p.partner AND (b.campaign_id IS NULL OR b.campaign_id = c.campaign_id)
  WHERE b.disabled_at IS NULL AND b.created_at <= fresh.moved_at AND fresh.state = ANY(b.states)`;

export interface CallRow {
  readonly id: bigint;
  readonly move_id: bigint | null;
  readonly conversion_id: bigint | null;
  readonly move_state: ConversionState | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly due_at: Date;
  readonly last_attempt_at: Date | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: Date;
}

export function readCalls(sql: Sql, postbackId: bigint, page: Page): Promise<CallRow[]> {
  return sql.query(
    `SELECT k.id, k.move_id, m.conversion_id, m.state AS move_state, k.state, k.attempts, k.due_at,
       k.last_attempt_at, k.last_status, k.last_error, k.created_at
     FROM postback_calls k LEFT JOIN conversion_moves m ON m.id = k.move_id
     WHERE k.postback_id = $1 AND k.id ${beyond(page)} $2 ORDER BY k.id ${direction(page)} LIMIT $3`,
    [postbackId, page.from, page.limit],
  );
}

/** A call that is to be made now. */
export interface LeasedCall {
  readonly id: bigint;
  readonly endpoint_id: bigint;
  readonly move_id: bigint | null;
  /** This one included. */
  readonly attempts: number;
  readonly url: string;
  readonly seed: string;
}

/** Of an earlier move of its conversion that is on its way and has not failed yet. */
const AFTER_ANOTHER = `EXISTS (
  SELECT 1 FROM conversion_moves mine
  JOIN conversion_moves earlier ON earlier.conversion_id = mine.conversion_id AND earlier.id < mine.id
  JOIN postback_calls w ON w.postback_id = b.id AND w.move_id = earlier.id
  WHERE mine.id = k.move_id AND w.state = 'pending' AND w.last_status IS NULL AND w.last_error IS NULL)`;

/** As deliveries are leased. */
export function leaseCalls(
  sql: Sql,
  which: { readonly max: number; readonly maxPerEndpoint: number; readonly busy: readonly bigint[] },
  leaseSeconds: number,
): Promise<LeasedCall[]> {
  return sql.query(
    `WITH due AS (
       SELECT k.id FROM postbacks b CROSS JOIN LATERAL (
         SELECT k.id FROM postback_calls k
         WHERE k.postback_id = b.id AND k.state = 'pending' AND k.due_at <= now() AND NOT ${AFTER_ANOTHER}
         ORDER BY k.due_at, k.id LIMIT $2 FOR UPDATE OF k SKIP LOCKED
       ) k WHERE b.disabled_at IS NULL AND b.id <> ALL($3::bigint[]) LIMIT $1
     )
     UPDATE postback_calls w
     SET attempts = w.attempts + 1, due_at = now() + make_interval(secs => $4), last_attempt_at = now()
     FROM due, postbacks b WHERE w.id = due.id AND b.id = w.postback_id
     RETURNING w.id, w.postback_id AS endpoint_id, w.move_id, w.attempts, b.url, b.seed`,
    [which.max, which.maxPerEndpoint, which.busy.map(String), leaseSeconds],
  );
}

/** Ends a lease, unless somebody else has the call meanwhile; and notes since when the address fails. One that is gone is off. */
export async function endCall(
  sql: Sql,
  call: Pick<LeasedCall, "id" | "attempts" | "endpoint_id" | "move_id">,
  outcome: AttemptOutcome,
  goneStatus: number,
): Promise<void> {
  const ended = await sql.query(
    `UPDATE postback_calls
     SET state = $3, last_status = $4, last_error = $5, due_at = now() + make_interval(secs => $6)
     WHERE id = $1 AND attempts = $2 AND state = 'pending' RETURNING 1`,
    [call.id, call.attempts, outcome.state, outcome.status, outcome.error, outcome.waitSeconds],
  );
  if (ended.length === 0) return;
  await sql.query(
    `UPDATE postbacks SET failing_since = CASE WHEN $2 THEN NULL ELSE coalesce(failing_since, now()) END,
       disabled_at = CASE WHEN $3 THEN coalesce(disabled_at, now()) ELSE disabled_at END,
       disabled_by = CASE WHEN $3 THEN coalesce(disabled_by, '410 Gone') ELSE disabled_by END
     WHERE id = $1 AND ($3 OR CASE WHEN $2 THEN failing_since IS NOT NULL
       ELSE failing_since IS NULL AND $4 END)`,
    // A try that fails is seen where it was asked for, and begins nothing.
    [call.endpoint_id, outcome.state === "delivered", outcome.status === goneStatus, call.move_id !== null],
  );
}

/** What a call says of a move. */
export interface MoveFacts {
  readonly id: bigint;
  readonly conversion_id: bigint;
  readonly state: ConversionState;
  readonly reason: string | null;
  readonly campaign_id: string;
  readonly order_id: string;
  readonly event: string;
  readonly commission: bigint;
  readonly token_symbol: string;
  readonly token_decimals: number;
  readonly link: string | null;
  readonly label: string | null;
  readonly code: string | null;
  readonly clicked_at: Date | null;
  readonly received_at: Date;
}

export async function readMoveFacts(sql: Sql, moveId: bigint): Promise<MoveFacts | undefined> {
  const [row] = await sql.query<MoveFacts>(
    `SELECT m.id, m.conversion_id, m.state, m.reason, c.campaign_id, c.order_id, c.event,
       c.partner_commission AS commission, token_symbol, token_decimals, l.code AS link, l.label,
       s.shown AS code, b.touched_at AS clicked_at, c.received_at
     FROM conversion_moves m JOIN conversions c ON c.id = m.conversion_id
     JOIN campaigns ON campaigns.id = c.campaign_id
     LEFT JOIN links l ON l.id = c.link_id LEFT JOIN codes s ON s.id = c.code_id
     LEFT JOIN bindings b ON b.campaign_id = c.campaign_id AND b.customer = c.customer
       AND b.partnership_id = c.partnership_id
     WHERE m.id = $1`,
    [moveId],
  );
  return row;
}

/** Turns off what has failed for so long, with a word to its partner. @returns how many */
export async function disableFailing(sql: Sql, days: number): Promise<number> {
  const failing = await sql.query(
    `WITH failing AS (
       UPDATE postbacks SET disabled_at = now(), disabled_by = 'failing'
       WHERE failing_since < now() - make_interval(days => $1) AND disabled_at IS NULL
       RETURNING id, partner, campaign_id, url, failing_since, disabled_at
     ), noted AS (
       INSERT INTO notices (wallet, kind, about, campaign_id, facts)
       SELECT r.wallet, 'partner.postback', failing.id || ':' || failing.disabled_at, failing.campaign_id,
         jsonb_build_object('host', substring(failing.url FROM '://([^/?#]*)'),
           'since', extract(epoch FROM failing.failing_since)::bigint)
       FROM failing JOIN mail_readers r ON r.wallet = failing.partner
       WHERE 'partner.postback' <> ALL (r.muted) ON CONFLICT DO NOTHING
     )
     SELECT 1 FROM failing`,
    [days],
  );
  return failing.length;
}

const KEPT_DAYS = 30;
const MAX_FORGOTTEN = 5_000;

/** Forgets calls of long ago. @returns how many. */
export async function forgetCalls(sql: Sql): Promise<number> {
  const forgotten = await sql.query(
    `DELETE FROM postback_calls WHERE id IN (
       SELECT id FROM postback_calls WHERE created_at < now() - make_interval(days => $1)
       ORDER BY created_at LIMIT $2) RETURNING 1`,
    [KEPT_DAYS, MAX_FORGOTTEN],
  );
  return forgotten.length;
}
