/** Signing in: nonces that are good once, and the sessions that follow. Of a session's token only the hash is here. */
import type { Sql } from "#service/database.ts";

/** Keeps a nonce for a while; those whose time is over go. */
export async function insertNonce(sql: Sql, nonce: string, minutes: number): Promise<void> {
  await sql.query("DELETE FROM sign_in_nonces WHERE expires_at < now()");
  await sql.query(
    `INSERT INTO sign_in_nonces (nonce, expires_at)
     VALUES ($1, now() + make_interval(mins => $2))`,
    [nonce, minutes],
  );
}

/** Uses a nonce up. Whether it was good. */
export async function spendNonce(sql: Sql, nonce: string): Promise<boolean> {
  const spent = await sql.query(
    `DELETE FROM sign_in_nonces
     WHERE nonce = $1 AND expires_at > now() RETURNING 1`,
    [nonce],
  );
  return spent.length > 0;
}

/** Begins a session; those whose time is over go. Returns when it ends. */
export async function insertSession(sql: Sql, tokenHash: string, address: string, hours: number): Promise<Date> {
  await sql.query("DELETE FROM sessions WHERE expires_at < now()");
  const [row] = await sql.query<{ expires_at: Date }>(
    `INSERT INTO sessions (token_hash, address, expires_at)
     VALUES ($1, $2, now() + make_interval(hours => $3))
     RETURNING expires_at`,
    [tokenHash, address, hours],
  );
  if (row === undefined) throw new Error("The session was not stored.");
  return row.expires_at;
}

/** The wallet of a session that has not ended. */
export async function findSession(sql: Sql, tokenHash: string): Promise<string | undefined> {
  const [row] = await sql.query<{ address: string }>(
    "SELECT address FROM sessions WHERE token_hash = $1 AND expires_at > now()",
    [tokenHash],
  );
  return row?.address;
}

export async function deleteSession(sql: Sql, tokenHash: string): Promise<void> {
  await sql.query("DELETE FROM sessions WHERE token_hash = $1", [tokenHash]);
}
