/** Partners in campaigns: how they join, how they do, and from which network they come. */
import type { NotAccepting } from "@partner-programs/protocol/notAccepting";
import type { Sql } from "#service/database.ts";

/** A partnership with its numbers. */
export interface PerformanceRow {
  readonly campaign_id: string;
  readonly partner: string;
  /** Of the partnership's first link. */
  readonly code: string;
  readonly clicks: bigint;
  readonly conversions: bigint;
  readonly rejected: bigint;
  readonly accepted: bigint;
  readonly pending: bigint;
  readonly released: bigint;
  readonly claimed: bigint;
  readonly notice: NotAccepting | null;
}

/** The oldest partnerships of a campaign, a partner, or both, with their numbers. */
export async function readPerformances(
  sql: Sql,
  of: { readonly campaignId?: string; readonly partner?: string },
  limit: number,
): Promise<PerformanceRow[]> {
  return sql.query(
    `WITH shown AS (
       SELECT * FROM partnerships
       WHERE ($1::text IS NULL OR campaign_id = $1) AND ($2::text IS NULL OR partner = $2)
       ORDER BY id LIMIT $3
     ), notices AS MATERIALIZED (
       SELECT * FROM campaign_notices WHERE campaign_id IN (SELECT campaign_id FROM shown)
     )
     SELECT p.campaign_id, p.partner,
       (SELECT code FROM links WHERE links.partnership_id = p.id ORDER BY links.id LIMIT 1) AS code,
       visits.clicks, coalesce(results.conversions, 0) AS conversions,
       coalesce(results.rejected, 0) AS rejected, coalesce(results.accepted, 0) AS accepted,
       coalesce(lines.pending, 0) AS pending,
       coalesce(lines.credited, 0) AS released, coalesce(lines.paid, 0) AS claimed, n.notice
     FROM shown p
     JOIN notices n ON n.campaign_id = p.campaign_id
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(k.clicks), 0)::bigint AS clicks
       FROM links JOIN link_visits k ON k.link_id = links.id WHERE links.partnership_id = p.id
     ) AS visits
     LEFT JOIN partnership_sums results ON results.partnership_id = p.id
     LEFT JOIN line_sums lines ON lines.campaign_id = p.campaign_id AND lines.partner = p.partner
     ORDER BY p.id`,
    [of.campaignId ?? null, of.partner ?? null, limit],
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
