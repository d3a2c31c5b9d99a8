/** Whom codes and customers were paid to in what this attester signed. */
import type { Sql } from "#service/database.ts";
import type { Brought } from "../checks/partner.ts";

export async function readBrought(sql: Sql, campaignId: string, names: readonly string[]): Promise<Brought[]> {
  return sql.query("SELECT name, partner FROM brought WHERE campaign_id = $1 AND name = ANY($2::text[])", [
    campaignId,
    [...new Set(names)],
  ]);
}

export async function insertBrought(sql: Sql, campaignId: string, learned: readonly Brought[]): Promise<void> {
  if (learned.length === 0) return;
  await sql.query(
    `INSERT INTO brought (campaign_id, name, partner)
     SELECT $1, given.* FROM unnest($2::text[], $3::text[]) AS given (name, partner) ON CONFLICT DO NOTHING`,
    [campaignId, learned.map(({ name }) => name), learned.map(({ partner }) => partner)],
  );
}
