/** Which partners have reached what their campaign promises a better group for. */
import type { Sql } from "#service/database.ts";
import { fromColumn, toColumn } from "./masks.ts";

export interface PromotionTerms {
  /** The description in force. */
  readonly description: string | null;
  readonly token_decimals: number;
  /** The mask of kinds that whoever has none of its own is of. */
  readonly open_kinds: bigint;
}

export async function readPromotionTerms(sql: Sql, campaignId: string): Promise<PromotionTerms | undefined> {
  const [row] = await sql.query<PromotionTerms>(
    `SELECT body AS description, token_decimals, open_kinds
     FROM campaigns LEFT JOIN descriptions_in_force ON campaign_id = campaigns.id WHERE campaigns.id = $1`,
    [campaignId],
  );
  return row === undefined ? undefined : { ...row, open_kinds: fromColumn(row.open_kinds) };
}

export interface ReachedRow {
  readonly partner: string;
  /** All its kinds now. */
  readonly mask: bigint;
  readonly conversions: bigint;
  readonly volume: bigint;
}

/** Partners outside of the group `kind` that reached so much within the last days. `volume` is in base units. */
export async function readReached(
  sql: Sql,
  campaignId: string,
  rule: {
    readonly kind: number;
    readonly days: number;
    readonly conversions: number;
    readonly volume: bigint;
    readonly openKinds: bigint;
  },
): Promise<ReachedRow[]> {
  const rows = await sql.query<ReachedRow>(
    `SELECT partnerships.partner, coalesce(kinds.mask, $5::bigint) AS mask, count(*) AS conversions,
       sum(volume - refunded) AS volume
     FROM conversions JOIN partnerships ON partnerships.id = partnership_id
     LEFT JOIN kinds ON kinds.campaign_id = partnerships.campaign_id AND kinds.partner = partnerships.partner
     WHERE partnerships.campaign_id = $1 AND conversions.state NOT IN ('rejected', 'reversed', 'review')
       AND received_at > now() - make_interval(days => $2)
       AND coalesce(kinds.mask, $5::bigint) & (1::bigint << $6::int) = 0
     GROUP BY partnerships.partner, kinds.mask HAVING count(*) >= $3 AND sum(volume - refunded) >= $4
     ORDER BY partnerships.partner`,
    [campaignId, rule.days, rule.conversions, rule.volume, toColumn(rule.openKinds), rule.kind],
  );
  return rows.map((row) => ({ ...row, mask: fromColumn(row.mask) }));
}
