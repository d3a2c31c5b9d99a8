/** Followed links, counted by day in UTC. Nothing about who followed them is kept. */
import type { Sql } from "#service/database.ts";

/** How often a link was followed on a day. */
export interface ClickCount {
  readonly linkId: string;
  /** Since 1970. */
  readonly day: number;
  readonly clicks: number;
  readonly bots: number;
}

/** Adds to the links' counts. Those of links that are gone are left out. */
export async function addClicks(sql: Sql, counts: readonly ClickCount[]): Promise<void> {
  await sql.query(
    // Joined, so that a link that is gone does not stop the others' clicks; ordered, so that two relayers cannot deadlock.
    `INSERT INTO link_clicks (link_id, day, clicks, bots)
     SELECT links.id, date '1970-01-01' + counted.day, counted.clicks, counted.bots
     FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[]) AS counted (link_id, day, clicks, bots)
     JOIN links ON links.id = counted.link_id ORDER BY 1, 2
     ON CONFLICT (link_id, day) DO UPDATE
       SET clicks = link_clicks.clicks + excluded.clicks, bots = link_clicks.bots + excluded.bots`,
    [
      counts.map(({ linkId }) => linkId),
      counts.map(({ day }) => day),
      counts.map(({ clicks }) => String(clicks)),
      counts.map(({ bots }) => String(bots)),
    ],
  );
}

export interface ClickDayRow {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly clicks: bigint;
  readonly bots: bigint;
}

/** A link's clicks by day, oldest first: the last `limit` days of those asked for that have any. */
export async function readClickDays(
  sql: Sql,
  code: string,
  days: { readonly from?: string | undefined; readonly to?: string | undefined },
  limit: number,
): Promise<ClickDayRow[]> {
  const rows = await sql.query<ClickDayRow>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day, link_clicks.clicks, bots FROM link_clicks
     WHERE link_id = (SELECT id FROM links WHERE code = $1)
       AND ($2::date IS NULL OR link_clicks.day >= $2) AND ($3::date IS NULL OR link_clicks.day <= $3)
     ORDER BY link_clicks.day DESC LIMIT $4`,
    [code, days.from ?? null, days.to ?? null, limit],
  );
  return rows.reverse();
}
