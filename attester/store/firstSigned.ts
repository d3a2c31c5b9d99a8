/** When a partner's first conversion came, of those that this attester signed. */
import type { Sql } from "#service/database.ts";
import type { FirstSigned } from "../checks/conditions.ts";

export async function readFirstSigned(
  sql: Sql,
  campaignId: string,
  partners: Iterable<string>,
): Promise<Map<string, number>> {
  const rows = await sql.query<{ partner: string; first_at: bigint }>(
    "SELECT partner, first_at FROM first_signed WHERE campaign_id = $1 AND partner = ANY($2::text[])",
    [campaignId, [...partners]],
  );
  return new Map(rows.map(({ partner, first_at }) => [partner, Number(first_at)]));
}

export async function noteFirstSigned(sql: Sql, campaignId: string, firsts: FirstSigned): Promise<void> {
  if (firsts.size === 0) return;
  await sql.query(
    `INSERT INTO first_signed AS known (campaign_id, partner, first_at)
     SELECT $1, given.* FROM unnest($2::text[], $3::bigint[]) AS given (partner, first_at)
     ON CONFLICT (campaign_id, partner) DO UPDATE SET first_at = least(known.first_at, excluded.first_at)`,
    [campaignId, [...firsts.keys()], [...firsts.values()]],
  );
}
