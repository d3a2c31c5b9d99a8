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
    `SELECT p.campaign_id, p.partner,
       (SELECT code FROM links WHERE links.partnership_id = p.id ORDER BY links.id LIMIT 1) AS code,
       visits.clicks, results.conversions, results.rejected, results.accepted,
       coalesce(lines.pending, 0) AS pending, coalesce(lines.released, 0) AS released,
       coalesce(lines.claimed, 0) AS claimed, n.notice
     FROM partnerships p
     JOIN campaign_notices n ON n.campaign_id = p.campaign_id
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(k.clicks), 0) AS clicks FROM links JOIN link_clicks k ON k.link_id = links.id
       WHERE links.partnership_id = p.id
     ) AS visits
     CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE c.state NOT IN ('rejected', 'reversed')) AS conversions,
         count(*) FILTER (WHERE c.state = 'rejected') AS rejected,
         coalesce(sum(c.partner_commission)
           FILTER (WHERE c.state IN ('accepted', 'review', 'batched')), 0) AS accepted
       FROM conversions c WHERE c.partnership_id = p.id
     ) AS results
     CROSS JOIN LATERAL (
       SELECT sum(commission) FILTER (WHERE l.state IN ('held', 'pullable')) AS pending,
         sum(commission) FILTER (WHERE l.state = 'credited') AS released,
         sum(commission) FILTER (WHERE l.state IN ('claimed', 'pulled')) AS claimed
       FROM lines_now l WHERE l.campaign_id = p.campaign_id AND l.partner = p.partner
     ) AS lines
     WHERE ($1::text IS NULL OR p.campaign_id = $1) AND ($2::text IS NULL OR p.partner = $2)
     ORDER BY p.id LIMIT $3`,
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
