/** Signed files of daily rates, as they came. */
import type { Sql } from "#service/database.ts";

export async function insertRateFile(
  sql: Sql,
  file: { readonly digest: string; readonly signer: string; readonly day: string; readonly body: string },
): Promise<void> {
  await sql.query(
    `INSERT INTO rate_files (digest, signer, day, body) VALUES ($1, $2, $3::date, $4) ON CONFLICT DO NOTHING`,
    [file.digest, file.signer, file.day, file.body],
  );
}

/** What a signer signed for a day, the first that came first. */
export async function readRateFilesOf(sql: Sql, signer: string, day: string): Promise<string[]> {
  const rows = await sql.query<{ body: string }>(
    "SELECT body FROM rate_files WHERE signer = $1 AND day = $2::date ORDER BY fetched_at, digest LIMIT 10",
    [signer, day],
  );
  return rows.map(({ body }) => body);
}

export async function readRateFileText(sql: Sql, digest: string): Promise<string | undefined> {
  const [row] = await sql.query<{ body: string }>("SELECT body FROM rate_files WHERE digest = $1", [digest]);
  return row?.body;
}

/** A conversion that was rejected for want of a rate. */
export interface WithoutRate {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly currency: string;
}

/** Those received since a time, campaign by campaign, the oldest first, so many at most of each. */
export async function findWithoutRate(sql: Sql, since: Date, most: number): Promise<WithoutRate[]> {
  return sql.query<WithoutRate>(
    `SELECT waiting.id, campaigns.id AS campaign_id, currency FROM campaigns CROSS JOIN LATERAL (
       SELECT id, sale ->> 'currency' AS currency FROM conversions c
       WHERE c.campaign_id = campaigns.id AND state = 'rejected' AND reason = 'no_rate' AND received_at >= $1
       ORDER BY id LIMIT $2
     ) AS waiting`,
    [since, most],
  );
}
