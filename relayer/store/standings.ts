/** Leaderboards: who of a campaign's partners reached most in a period. */
import type { Sql } from "#service/database.ts";

/** What a leaderboard is of. */
export interface Board {
  readonly campaignId: string;
  /** By its name. */
  readonly period: string;
  readonly event: string;
  readonly by: "conversions" | "volume";
}

export interface PlaceRow {
  readonly rank: number;
  readonly partner: string;
  /** null: it does not say so here. */
  readonly name: string | null;
  /** Conversions, or base units. */
  readonly value: bigint;
}

/** Of partners who share the last place all are there, up to so many rows. */
const MAX_ROWS = 200;
/** From this place on it is not said which. */
const MAX_RANK = 10_000;

/** The first places; who reached the same has the same place. */
export function readPlaces(sql: Sql, { campaignId, period, event, by }: Board, places: number): Promise<PlaceRow[]> {
  return sql.query(
    `SELECT rank, partner, name, value FROM (
       SELECT partnership_id, value, rank() OVER (ORDER BY value DESC)::int AS rank FROM (
         SELECT partnership_id, ${by} AS value FROM standings
         WHERE campaign_id = $1 AND period = $2 AND event = $3 AND ${by} > 0
         ORDER BY ${by} DESC, partnership_id LIMIT $4
       ) AS best
     ) AS ranked JOIN partnerships p ON p.id = partnership_id
     LEFT JOIN profiles ON wallet = p.partner AND on_leaderboards
     WHERE rank <= $5 ORDER BY rank, partnership_id`,
    [campaignId, period, event, MAX_ROWS, places],
  );
}

/** One partner's place; undefined: it reached nothing. `rank` null: it is far behind. */
export async function readOwnPlace(
  sql: Sql,
  { campaignId, period, event, by }: Board,
  partner: string,
): Promise<{ readonly rank: number | null; readonly value: bigint } | undefined> {
  const [row] = await sql.query<{ before: number; value: bigint }>(
    `SELECT mine.${by} AS value, (
       SELECT count(*)::int FROM (
         SELECT 1 FROM standings other WHERE other.campaign_id = $1 AND other.period = $2 AND other.event = $3
           AND other.${by} > mine.${by} LIMIT $5
       ) AS better
     ) AS before
     FROM standings mine JOIN partnerships p ON p.id = mine.partnership_id
     WHERE mine.campaign_id = $1 AND mine.period = $2 AND mine.event = $3 AND mine.${by} > 0
       AND p.campaign_id = $1 AND p.partner = $4`,
    [campaignId, period, event, partner, MAX_RANK],
  );
  return row && { value: row.value, rank: row.before >= MAX_RANK ? null : row.before + 1 };
}
