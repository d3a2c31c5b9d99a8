/** The sources that brands connected, with their sealed secrets. One of a former brand, or whose key is revoked, is none. */
import type { Sql } from "#service/database.ts";

export const SOURCES = ["stripe", "shopify", "woocommerce", "webhook"] as const;
export type SourceName = (typeof SOURCES)[number];

export interface SourceRow {
  readonly campaign_id: string;
  readonly api_key_id: bigint;
  readonly secrets: string;
  readonly reading_key: string | null;
  readonly test_mode: boolean;
  readonly changed_by: string;
  readonly changed_at: Date;
}

export async function readSource(sql: Sql, campaignId: string, source: SourceName): Promise<SourceRow | undefined> {
  const [row] = await sql.query<SourceRow>(
    `SELECT s.campaign_id, s.api_key_id, s.secrets, s.reading_key, s.test_mode, s.changed_by, s.changed_at
     FROM sources s JOIN brand_keys k ON k.id = s.api_key_id AND k.revoked_at IS NULL
     WHERE s.campaign_id = $1 AND s.source = $2`,
    [campaignId, source],
  );
  return row;
}

/** Connects a source, or changes what it is connected with. */
export async function upsertSource(sql: Sql, source: SourceName, row: Omit<SourceRow, "changed_at">): Promise<void> {
  await sql.query(
    `INSERT INTO sources (campaign_id, source, api_key_id, secrets, reading_key, test_mode, changed_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (campaign_id, source) DO UPDATE SET api_key_id = $3, secrets = $4, reading_key = $5,
       test_mode = $6, changed_by = $7, changed_at = clock_timestamp()`,
    [row.campaign_id, source, row.api_key_id, row.secrets, row.reading_key, row.test_mode, row.changed_by],
  );
}
