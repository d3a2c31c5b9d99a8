/** Credits that are pushed to their owners: what each wants, what is due, and what became of each push in the outbox. */
import type { Database, Sql } from "#service/database.ts";
import { carriedFor } from "./outbox.ts";

/** The name under which a push stands in the outbox. */
export const purposeOfPush = (id: bigint) => `push:${id}`;

export interface PushMinimum {
  readonly token: string;
  /** Base units. */
  readonly minimum: bigint;
}

export interface PushSettings {
  readonly wanted: boolean;
  readonly minimums: readonly PushMinimum[];
}

export async function readPushSettings(sql: Sql, wallet: string): Promise<PushSettings> {
  const [row] = await sql.query<{ wanted: boolean }>("SELECT wanted FROM push_settings WHERE wallet = $1", [wallet]);
  const minimums = await sql.query<PushMinimum>(
    "SELECT token, minimum FROM push_minimums WHERE wallet = $1 ORDER BY token",
    [wallet],
  );
  return { wanted: row?.wanted ?? true, minimums };
}

/** Nothing is pushed to a wallet that never chose, until it does. */
export async function holdPushes(sql: Sql, wallet: string): Promise<void> {
  await sql.query("INSERT INTO push_settings (wallet, wanted) VALUES ($1, false) ON CONFLICT (wallet) DO NOTHING", [
    wallet,
  ]);
}

/** What is given is all that the wallet wants. */
export async function writePushSettings(
  database: Database,
  wallet: string,
  { wanted, minimums }: PushSettings,
): Promise<void> {
  await database.transaction(async (sql) => {
    await sql.query(
      `INSERT INTO push_settings (wallet, wanted) VALUES ($1, $2)
       ON CONFLICT (wallet) DO UPDATE SET wanted = $2`,
      [wallet, wanted],
    );
    await sql.query("DELETE FROM push_minimums WHERE wallet = $1", [wallet]);
    await sql.query(
      `INSERT INTO push_minimums (wallet, token, minimum)
       SELECT $1, token, minimum FROM unnest($2::text[], $3::numeric[]) AS given (token, minimum)`,
      [wallet, minimums.map(({ token }) => token), minimums.map(({ minimum }) => String(minimum))],
    );
  });
}

/** An owner's credits that are to be pushed, as far as the events tell. */
export interface DuePush {
  readonly owner: string;
  readonly tokens: readonly string[];
  /** For each token the least credit that is pushed, in base units. */
  readonly minimums: readonly bigint[];
}

/**
 * Owners with credits of as much as the operator (`rules`; undefined: every token) and the owner want pushed: who did not say no, here or
 * on the chain, and got no push within a day. Any `limit` of them, so that those that fail every time are not the first every time.
 */
export async function readDuePushes(
  sql: Sql,
  rules: readonly PushMinimum[] | undefined,
  limit: number,
): Promise<DuePush[]> {
  const rows = await sql.query<{ owner: string; tokens: string[]; minimums: string[] }>(
    `WITH credits AS (
       SELECT l.partner AS owner, c.token, sum(l.credited) AS credit
       FROM line_sums l JOIN campaigns c ON c.id = l.campaign_id
       WHERE l.credited > 0 GROUP BY l.partner, c.token
     )
     SELECT credits.owner, array_agg(credits.token ORDER BY credits.token) AS tokens,
       array_agg(least.amount::text ORDER BY credits.token) AS minimums
     FROM credits
     LEFT JOIN unnest($1::text[], $2::numeric[]) AS rules (token, minimum) ON rules.token = credits.token
     LEFT JOIN push_settings s ON s.wallet = credits.owner
     LEFT JOIN push_minimums m ON m.wallet = credits.owner AND m.token = credits.token
     LEFT JOIN payout_addresses p ON p.owner = credits.owner
     CROSS JOIN LATERAL (SELECT greatest(rules.minimum, m.minimum, 1) AS amount) AS least
     WHERE ($3 OR rules.token IS NOT NULL) AND credit >= least.amount AND coalesce(s.wanted, true)
       AND (NOT coalesce(p.opted_out, false)
         OR CASE WHEN next_at <> 0 AND next_at <= chain_now() THEN next_lock_seconds
           ELSE lock_seconds END > 0)
       AND NOT EXISTS (SELECT 1 FROM pushes
         WHERE pushes.owner = credits.owner AND created_at > now() - interval '1 day')
     GROUP BY credits.owner ORDER BY random() LIMIT $4`,
    [
      (rules ?? []).map(({ token }) => token),
      (rules ?? []).map(({ minimum }) => String(minimum)),
      rules === undefined,
      limit,
    ],
  );
  return rows.map((row) => ({ ...row, minimums: row.minimums.map(BigInt) }));
}

export interface Push {
  readonly id: bigint;
  readonly owner: string;
  readonly tokens: readonly string[];
}

/** Writes a push down; undefined: the owner got one within a day, or all of them `perDay`. */
export async function writePush(
  database: Database,
  owner: string,
  tokens: readonly string[],
  perDay: number,
): Promise<Push | undefined> {
  return database.transaction(async (sql) => {
    // One at a time: two at once must not both find room.
    await sql.query("SELECT pg_advisory_xact_lock(hashtext('pushes'))");
    const [row] = await sql.query<Push>(
      `INSERT INTO pushes (owner, tokens) SELECT $1, $2::text[]
       WHERE NOT EXISTS (
         SELECT 1 FROM pushes WHERE owner = $1 AND created_at > now() - interval '1 day'
       ) AND $3 > (
         SELECT count(*) FROM pushes WHERE problem IS NULL AND created_at > now() - interval '1 day')
       RETURNING id, owner, tokens`,
      [owner, [...tokens], perDay],
    );
    return row;
  });
}

/** Pushes that were written down and are not in the outbox: of today alone, as later the owner's next is due. */
export function readWaitingPushes(sql: Sql): Promise<Push[]> {
  return sql.query<Push>(
    `SELECT id, owner, tokens FROM pushes
     WHERE problem IS NULL AND created_at > now() - interval '1 day' AND NOT EXISTS (
       SELECT 1 FROM transactions WHERE purpose = 'push:' || pushes.id AND state <> 'lost')
     ORDER BY id`,
  );
}

export async function giveUpPush(sql: Sql, id: bigint, problem: string): Promise<void> {
  await sql.query("UPDATE pushes SET problem = $2 WHERE id = $1", [id, problem]);
}

export interface PushRow extends Push {
  readonly problem: string | null;
  readonly created_at: Date;
  readonly state: "sent" | "mined" | "reverted" | null;
  readonly hash: string | null;
}

/** An owner's pushes, the newest first. */
export function readPushes(sql: Sql, owner: string, limit: number): Promise<PushRow[]> {
  return sql.query<PushRow>(
    `SELECT pushes.id, owner, tokens, problem, pushes.created_at, carried.state, carried.hash
     FROM pushes ${carriedFor("'push:' || pushes.id")}
     WHERE owner = $1 ORDER BY pushes.id DESC LIMIT $2`,
    [owner, limit],
  );
}
