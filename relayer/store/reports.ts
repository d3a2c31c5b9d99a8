/** A campaign's numbers over time, and how fast and how surely it pays. */
import type { Sql } from "#service/database.ts";

/** What a conversion's own entry is: the first; those of the customer and of the recruiter follow. */
const OFFER = "('x' || substr(c.entries ->> 0, 3, 4))::bit(16)::int";
const KIND = `(
  SELECT kind FROM offers WHERE offers.campaign_id = c.campaign_id AND offers.offer_id = ${OFFER})`;
const GROUPS = {
  campaign: "'campaign'",
  partner: "coalesce(p.partner, '')",
  event: "c.event",
  offer: `coalesce((${OFFER})::text, '')`,
  kind: `coalesce(${KIND}::text, '')`,
} as const;

export type ReportGroup = keyof typeof GROUPS;
export const REPORT_GROUPS = Object.keys(GROUPS) as [ReportGroup, ...ReportGroup[]];

export interface ReportQuery {
  readonly campaignId: string;
  /** Days in UTC; `to` is the day after the last. */
  readonly from: string;
  readonly to: string;
  /** Only this partner's; null: the whole campaign's, as its brand sees it. */
  readonly partner: string | null;
  readonly by: ReportGroup;
  /** Otherwise one sum over all the days. */
  readonly perDay: boolean;
  readonly limit: number;
}

export interface ReportRow {
  readonly day: string;
  readonly name: string;
  readonly clicks: bigint;
  readonly conversions: bigint;
  readonly rejected: bigint;
  readonly reversed: bigint;
  readonly volume: bigint;
  readonly commission: bigint;
  readonly fees: bigint;
  readonly reversed_commission: bigint;
}

/** By day, oldest first, then by group. Clicks have no offer, kind or event. */
export async function readReport(sql: Sql, query: ReportQuery): Promise<ReportRow[]> {
  const dayOf = (value: string) => (query.perDay ? `to_char(${value}, 'YYYY-MM-DD')` : "''");
  const counts = "c.state NOT IN ('rejected', 'reversed')";
  // What its recruiter and its customers get is not a partner's to know.
  const [commission, fee] = query.partner === null ? ["c.commission", "c.fee"] : ["c.partner_commission", "0"];
  const clicks = `
    SELECT ${dayOf("k.day")} AS day, ${query.by === "partner" ? "p.partner" : "'campaign'"} AS name,
      sum(k.clicks) AS clicks, 0::bigint AS conversions, 0::bigint AS rejected, 0::bigint AS reversed,
      0::numeric AS volume, 0::numeric AS commission, 0::numeric AS fees, 0::numeric AS reversed_commission
    FROM link_clicks k JOIN links ON links.id = k.link_id JOIN partnerships p ON p.id = links.partnership_id
    WHERE p.campaign_id = $1 AND k.day >= $2::date AND k.day < $3::date
      AND ($4::text IS NULL OR p.partner = $4)
    GROUP BY 1, 2 UNION ALL`;
  return sql.query<ReportRow>(
    `SELECT day, name, sum(clicks) AS clicks, sum(conversions) AS conversions, sum(rejected) AS rejected,
       sum(reversed) AS reversed, sum(volume) AS volume, sum(commission) AS commission, sum(fees) AS fees,
       sum(reversed_commission) AS reversed_commission
     FROM (
       ${query.by === "campaign" || query.by === "partner" ? clicks : ""}
       SELECT ${dayOf("c.received_at AT TIME ZONE 'UTC'")} AS day, ${GROUPS[query.by]} AS name,
         0::numeric AS clicks, count(*) FILTER (WHERE ${counts}) AS conversions,
         count(*) FILTER (WHERE c.state = 'rejected') AS rejected,
         count(*) FILTER (WHERE c.state = 'reversed') AS reversed,
         coalesce(sum(c.volume - c.refunded) FILTER (WHERE ${counts}), 0) AS volume,
         coalesce(sum(${commission}) FILTER (WHERE ${counts}), 0) AS commission,
         coalesce(sum(${fee}) FILTER (WHERE ${counts}), 0) AS fees,
         coalesce(sum(${commission}) FILTER (WHERE c.state = 'reversed'), 0) AS reversed_commission
       FROM conversions c LEFT JOIN partnerships p ON p.id = c.partnership_id
       WHERE c.campaign_id = $1 AND c.received_at >= $2::date::timestamp AT TIME ZONE 'UTC'
         AND c.received_at < $3::date::timestamp AT TIME ZONE 'UTC' AND ($4::text IS NULL OR p.partner = $4)
       GROUP BY 1, 2
     ) AS parts GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $5`,
    [query.campaignId, query.from, query.to, query.partner, query.limit],
  );
}

export interface HealthRow {
  readonly conversions: bigint;
  readonly attested: bigint;
  readonly reversed: bigint;
  /** Median seconds, from the report on. */
  readonly to_attest: number | null;
  readonly to_release: number | null;
  readonly waiting: bigint;
  readonly oldest: Date | null;
}

/** How the campaign's `latest` conversions fare: so it costs the same whatever is behind them. */
export async function readHealth(sql: Sql, campaignId: string, latest: number): Promise<HealthRow> {
  const median = (state: "attested" | "released") =>
    `(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds::float8)
       FROM reached WHERE state = '${state}')`;
  const [row] = await sql.query<HealthRow>(
    `WITH latest AS (
       SELECT id, received_at, state, commission FROM conversions WHERE campaign_id = $1
       ORDER BY id DESC LIMIT $2
     ), reached AS (
       SELECT moves.state, extract(epoch FROM min(moves.moved_at) - min(latest.received_at)) AS seconds
       FROM latest JOIN conversion_moves moves ON moves.conversion_id = latest.id
       WHERE moves.state IN ('attested', 'released') GROUP BY latest.id, moves.state
     )
     SELECT count(*) FILTER (WHERE state <> 'rejected') AS conversions,
       coalesce(sum(commission) FILTER (WHERE state <> 'rejected'), 0) AS attested,
       coalesce(sum(commission) FILTER (WHERE state = 'reversed'), 0) AS reversed,
       ${median("attested")} AS to_attest, ${median("released")} AS to_release,
       count(*) FILTER (WHERE state IN ('accepted', 'batched')) AS waiting,
       min(received_at) FILTER (WHERE state IN ('accepted', 'batched')) AS oldest
     FROM latest`,
    [campaignId, latest],
  );
  if (row === undefined) throw new Error("An aggregate has a row.");
  return row;
}
