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

const DAY = 86_400_000;

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
  const start = Date.now() - rule.days * DAY;
  const rows = await sql.query<ReachedRow>(
    // Whole days are kept summed. Of the day in which it begins the conversions are added, and what is in review is taken away.
    `WITH parts AS (
       SELECT partnership_id, conversions, volume FROM partner_days
       WHERE campaign_id = $1 AND day >= utc_day($7::timestamptz)
       UNION ALL
       SELECT c.partnership_id, 1, c.volume - c.refunded
       FROM partnerships p CROSS JOIN LATERAL (
         SELECT * FROM conversions WHERE partnership_id = p.id AND received_at > $2::timestamptz
           AND received_at < $7::timestamptz AND state NOT IN ('rejected', 'reversed')) AS c
       WHERE p.campaign_id = $1
       UNION ALL
       SELECT partnership_id, -1, refunded - volume FROM conversions
       WHERE campaign_id = $1 AND state = 'review' AND received_at > $2::timestamptz
     ), reached AS (
       SELECT partnership_id, sum(conversions)::bigint AS conversions, sum(volume) AS volume FROM parts
       GROUP BY 1 HAVING sum(conversions) >= $3 AND sum(volume) >= $4
     )
     SELECT p.partner, coalesce(kinds.mask, $5::bigint) AS mask, conversions, volume
     FROM reached JOIN partnerships p ON p.id = partnership_id
     LEFT JOIN kinds ON kinds.campaign_id = p.campaign_id AND kinds.partner = p.partner
     WHERE coalesce(kinds.mask, $5::bigint) & (1::bigint << $6::int) = 0
     ORDER BY p.partner`,
    [
      campaignId,
      new Date(start).toISOString(),
      rule.conversions,
      rule.volume,
      toColumn(rule.openKinds),
      rule.kind,
      new Date((Math.floor(start / DAY) + 1) * DAY).toISOString(),
    ],
  );
  return rows.map((row) => ({ ...row, mask: fromColumn(row.mask) }));
}
