/** A campaign's numbers over time, and how fast and how surely it pays. */
import type { Sql } from "#service/database.ts";

/** Of days: an offer is that of a conversion's own entry, the first; those of the customer and of the recruiter follow. */
const KIND = "(SELECT kind FROM offers WHERE offers.campaign_id = d.campaign_id AND offers.offer_id = d.offer)";
const GROUPS = {
  campaign: "'campaign'",
  partner: "coalesce(p.partner, '')",
  event: "d.event",
  offer: "coalesce(nullif(d.offer, -1)::text, '')",
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

/** Days of a campaign, of all its partners together; or of each. What its recruiter and its customers get is not a partner's to know. */
const DAYS = {
  campaign: `SELECT campaign_id, day, event, offer, 0::bigint AS partnership_id, conversions, rejected,
      reversed, volume, commission, fees, reversed_commission FROM campaign_days`,
  brand: `SELECT campaign_id, day, event, offer, partnership_id, conversions, rejected, reversed, volume,
      commission, fees, reversed_commission FROM partner_days`,
  partner: `SELECT campaign_id, day, event, offer, partnership_id, conversions, rejected, reversed, volume,
      partner_commission AS commission, 0::numeric AS fees, reversed_partner_commission AS reversed_commission
    FROM partner_days
    WHERE partnership_id = (SELECT id FROM partnerships WHERE campaign_id = $1 AND partner = $5)`,
};
const CLICKS = `SELECT campaign_id, day, partnership_id, link_clicks.clicks FROM link_clicks
    JOIN links ON links.id = link_id JOIN partnerships ON partnerships.id = partnership_id`;
/** By whom and when links were followed: a click has no event and no offer. */
const VISITS = {
  campaign: "SELECT campaign_id, day, 0::bigint AS partnership_id, clicks FROM campaign_visits",
  brand: CLICKS,
  partner: `${CLICKS} WHERE partnerships.partner = $5`,
};

/** By day, oldest first, then by group. Clicks have no offer, kind or event. */
export async function readReport(sql: Sql, query: ReportQuery): Promise<ReportRow[]> {
  const day = query.perDay ? "d.day" : "NULL::date";
  const whose = query.partner !== null ? "partner" : query.by === "partner" ? "brand" : "campaign";
  const within = "d.campaign_id = $1 AND d.day >= $2::date AND d.day < $3::date";
  const named = "LEFT JOIN partnerships p ON p.id = d.partnership_id";
  const visits = `
    UNION ALL
    SELECT ${day}, ${query.by === "partner" ? GROUPS.partner : GROUPS.campaign}, d.clicks, 0, 0, 0, 0, 0, 0, 0
    FROM (${VISITS[whose]}) AS d ${named} WHERE ${within}`;
  return sql.query<ReportRow>(
    `SELECT coalesce(to_char(day, 'YYYY-MM-DD'), '') AS day, name, sum(clicks)::bigint AS clicks,
       sum(conversions)::bigint AS conversions, sum(rejected)::bigint AS rejected,
       sum(reversed)::bigint AS reversed, sum(volume) AS volume,
       sum(commission) AS commission, sum(fees) AS fees, sum(reversed_commission) AS reversed_commission
     FROM (
       SELECT ${day} AS day, ${GROUPS[query.by]} AS name, 0 AS clicks, conversions, rejected, reversed,
         volume, commission, fees, reversed_commission
       FROM (${DAYS[whose]}) AS d ${named} WHERE ${within}
         AND (conversions, rejected, reversed) <> (0, 0, 0)
       ${query.by === "campaign" || query.by === "partner" ? visits : ""}
     ) AS parts GROUP BY parts.day, name ORDER BY parts.day, name LIMIT $4`,
    [query.campaignId, query.from, query.to, query.limit, ...(query.partner === null ? [] : [query.partner])],
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
