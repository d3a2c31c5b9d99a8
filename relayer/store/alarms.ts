/** What alarms go by: nothing here grows with history, as it is asked for with every scrape. */
import type { Sql } from "#service/database.ts";

export interface AlarmRow {
  /** Seconds until the first receipt's date of a conversion that is not attested; below 0: since then. null: none waits. */
  readonly receipts: number | null;
  /** For how many seconds the oldest transaction is not mined. */
  readonly stuck: number | null;
  /** Campaigns with a key of this relayer that have less left than is promised and held: at this pace, less than for one hold. */
  readonly low: bigint;
  /** Of them, those with nothing left. */
  readonly exhausted: bigint;
  readonly bytes: bigint;
}

export async function readAlarms(sql: Sql): Promise<AlarmRow> {
  const [row] = await sql.query<AlarmRow>(
    `WITH served AS (
       SELECT available - promised AS spendable, promised + reserved AS pledged FROM campaigns
       WHERE id IN (SELECT campaign_id FROM api_keys WHERE revoked_at IS NULL)
         AND (closes_at = 0 OR closes_at > extract(epoch FROM now()))
     ), waiting AS (
       SELECT attest_by FROM conversions WHERE state = 'accepted'
       UNION ALL
       SELECT attest_by FROM batches JOIN conversions ON conversions.batch = digest
       WHERE batches.state IN ('built', 'asked', 'signed') AND conversions.state = 'batched'
     )
     SELECT (SELECT min(attest_by) - extract(epoch FROM now()) FROM waiting)::float8 AS receipts,
       (SELECT extract(epoch FROM now() - min(created_at))::float8
         FROM transactions WHERE state = 'sent') AS stuck,
       (SELECT count(*) FROM served WHERE spendable < pledged) AS low,
       (SELECT count(*) FROM served WHERE spendable <= 0) AS exhausted,
       pg_database_size(current_database()) AS bytes`,
  );
  return row as AlarmRow;
}

export interface AnnouncedCount {
  readonly what: string;
  readonly count: bigint;
}

/** What the brands of campaigns with a key of this relayer published or announced: a rise that nobody expected is a stolen key. */
export function countAnnounced(sql: Sql): Promise<AnnouncedCount[]> {
  return sql.query<AnnouncedCount>(
    `WITH served AS (
       SELECT * FROM campaigns WHERE id IN (SELECT campaign_id FROM api_keys WHERE revoked_at IS NULL)
     )
     SELECT 'offer' AS what, count(*) AS count FROM offers WHERE campaign_id IN (SELECT id FROM served)
     UNION ALL SELECT 'kind', count(*) FROM kinds WHERE campaign_id IN (SELECT id FROM served)
     UNION ALL SELECT 'description', count(*) FROM announced_descriptions
       WHERE campaign_id IN (SELECT id FROM served)
     UNION ALL SELECT 'hand-over', count(*) FROM served WHERE pending_brand IS NOT NULL
     UNION ALL SELECT 'withdrawal', count(*) FROM served WHERE withdrawable_at > 0
     UNION ALL SELECT 'closing', count(*) FROM served WHERE closes_at > 0`,
  );
}
