/** Partners in campaigns: how they join, how they do, and from which network they come. */
import type { NotAccepting } from "@partner-programs/protocol/notAccepting";
import type { Sql } from "#service/database.ts";
import { conditionsInto } from "./page.ts";

/** A partnership with its numbers, all of them since it began. */
export interface PerformanceRow {
  readonly id: bigint;
  /** What the list is sorted by: with the id, its place there. */
  readonly rank: bigint;
  readonly campaign_id: string;
  readonly partner: string;
  readonly created_at: Date;
  /** Of the partnership's first link. */
  readonly code: string;
  readonly clicks: bigint;
  readonly conversions: bigint;
  readonly rejected: bigint;
  readonly reversed: bigint;
  /** Of what is neither rejected nor reversed, without what was refunded. */
  readonly volume: bigint;
  /** The partner's own, of the same. */
  readonly commission: bigint;
  readonly accepted: bigint;
  readonly pending: bigint;
  readonly released: bigint;
  readonly claimed: bigint;
  readonly notice: NotAccepting | null;
}

/** Ours, and no part of what somebody asks with. Those of a partner's numbers go through all partners of the campaign. */
const RANKS = {
  newest: "0",
  oldest: "0",
  commission: "coalesce(s.commission, 0)",
  conversions: "coalesce(s.conversions, 0)",
  clicks: `coalesce((SELECT sum(k.clicks) FROM links JOIN link_visits k ON k.link_id = links.id
    WHERE links.partnership_id = p.id), 0)::bigint`,
} as const;

export type PartnerSort = keyof typeof RANKS;
export const PARTNER_SORTS = Object.keys(RANKS) as [PartnerSort, ...PartnerSort[]];

/** A place in a list: after the row that has these. */
export type Rank = Pick<PerformanceRow, "rank" | "id">;

export interface PerformanceQuery {
  readonly campaignId?: string;
  readonly partner?: string;
  /** A part of the address, of the name that the partner gives itself, or of the brand's label and tags. */
  readonly search?: string | undefined;
  readonly sort?: PartnerSort;
  readonly after?: Rank | undefined;
  readonly limit: number;
}

const NAMES = `SELECT concat_ws(' ', p.partner, f.name, l.label, array_to_string(l.tags, ' ')) AS text
  FROM campaigns c LEFT JOIN profiles f ON f.wallet = p.partner
  LEFT JOIN partner_labels l ON l.campaign_id = c.id AND l.partner = p.partner AND l.brand = c.brand
  WHERE c.id = p.campaign_id`;

/** Partnerships of a campaign, a partner, or both, with their numbers. The highest first; by time either way. */
export async function readPerformances(sql: Sql, query: PerformanceQuery): Promise<PerformanceRow[]> {
  const { campaignId, partner, search, sort = "newest", after, limit } = query;
  const direction = sort === "oldest" ? "ASC" : "DESC";
  const beyond = sort === "oldest" ? ">" : "<";
  const byTime = sort === "newest" || sort === "oldest";
  const values: unknown[] = [limit];
  const given = conditionsInto(values);
  const conditions = [
    ...given((place) => `p.campaign_id = ${place}`, campaignId),
    ...given((place) => `p.partner = ${place}`, partner),
    ...given((place) => `(SELECT strpos(lower(n.text), lower(${place})) > 0 FROM (${NAMES}) AS n)`, search),
    ...(byTime
      ? given((id) => `p.id ${beyond} ${id}::bigint`, after && String(after.id))
      : given(
          (rank, id) => `(${RANKS[sort]}, p.id) < (${rank}::numeric, ${id}::bigint)`,
          after && String(after.rank),
          after && String(after.id),
        )),
  ];
  return sql.query(
    `WITH shown AS (
       SELECT p.*, ${RANKS[sort]}::numeric AS rank
       FROM partnerships p LEFT JOIN partnership_sums s ON s.partnership_id = p.id
       WHERE ${conditions.join(" AND ")}
       ORDER BY ${byTime ? "" : "rank DESC, "}p.id ${direction} LIMIT $1
     ), notices AS MATERIALIZED (
       SELECT * FROM campaign_notices WHERE campaign_id IN (SELECT campaign_id FROM shown)
     )
     SELECT p.id, p.rank, p.campaign_id, p.partner, p.created_at,
       (SELECT code FROM links WHERE links.partnership_id = p.id ORDER BY links.id LIMIT 1) AS code,
       visits.clicks, coalesce(s.conversions, 0) AS conversions, coalesce(s.rejected, 0) AS rejected,
       coalesce(s.reversed, 0) AS reversed, coalesce(s.volume, 0) AS volume,
       coalesce(s.commission, 0) AS commission,
       coalesce(s.accepted, 0) AS accepted, coalesce(lines.pending, 0) AS pending,
       coalesce(lines.credited, 0) AS released, coalesce(lines.paid, 0) AS claimed, n.notice
     FROM shown p
     JOIN notices n ON n.campaign_id = p.campaign_id
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(k.clicks), 0)::bigint AS clicks
       FROM links JOIN link_visits k ON k.link_id = links.id WHERE links.partnership_id = p.id
     ) AS visits
     LEFT JOIN partnership_sums s ON s.partnership_id = p.id
     LEFT JOIN line_sums lines ON lines.campaign_id = p.campaign_id AND lines.partner = p.partner
     ORDER BY p.rank DESC, p.id ${direction}`,
    values,
  );
}

/** The campaign's partnership whose link has this code or alias. */
export async function findPartnershipByInvite(
  sql: Sql,
  campaignId: string,
  invite: string,
): Promise<bigint | undefined> {
  const [row] = await sql.query<{ id: bigint }>(
    `SELECT p.id FROM partnerships p JOIN links ON links.partnership_id = p.id
     WHERE p.campaign_id = $1 AND (links.code = $2 OR links.alias = $2)`,
    [campaignId, invite],
  );
  return row?.id;
}

export async function findPartnership(sql: Sql, campaignId: string, partner: string): Promise<bigint | undefined> {
  return (await readPartnershipIds(sql, campaignId, [partner])).get(partner);
}

/** The partnerships of these partners in a campaign, as far as they have one. */
export async function readPartnershipIds(
  sql: Sql,
  campaignId: string,
  partners: readonly string[],
): Promise<Map<string, bigint>> {
  const rows = await sql.query<{ id: bigint; partner: string }>(
    "SELECT id, partner FROM partnerships WHERE campaign_id = $1 AND partner = ANY($2::text[])",
    [campaignId, partners],
  );
  return new Map(rows.map(({ id, partner }) => [partner, id]));
}

/** A new partnership; undefined if the partner has one in this campaign already. */
export async function insertPartnership(
  sql: Sql,
  campaignId: string,
  partner: string,
  recruiterId: bigint | undefined,
): Promise<bigint | undefined> {
  const [row] = await sql.query<{ id: bigint }>(
    `INSERT INTO partnerships (campaign_id, partner, recruiter_id) VALUES ($1, $2, $3)
     ON CONFLICT (campaign_id, partner) DO NOTHING RETURNING id`,
    [campaignId, partner, recruiterId ?? null],
  );
  return row?.id;
}

/** The partner's partnership in the campaign. Until the transaction ends nobody else changes how many links it has. */
export async function lockPartnership(sql: Sql, campaignId: string, partner: string): Promise<bigint | undefined> {
  const [row] = await sql.query<{ id: bigint }>(
    "SELECT id FROM partnerships WHERE campaign_id = $1 AND partner = $2 FOR UPDATE",
    [campaignId, partner],
  );
  return row?.id;
}

/** Notes in each partnership of a partner the network that it came from: what `networkOf` makes of the campaign's id. */
export async function noteNetworks(
  sql: Sql,
  partner: string,
  networkOf: (campaignId: string) => string,
): Promise<void> {
  const partnerships = await sql.query<{ id: bigint; campaign_id: string }>(
    "SELECT id, campaign_id FROM partnerships WHERE partner = $1",
    [partner],
  );
  await sql.query(
    `UPDATE partnerships SET network = given.network
     FROM unnest($1::bigint[], $2::text[]) AS given (id, network)
     WHERE partnerships.id = given.id AND partnerships.network IS DISTINCT FROM given.network`,
    [partnerships.map(({ id }) => String(id)), partnerships.map(({ campaign_id }) => networkOf(campaign_id))],
  );
}
