/** Invite links: made, changed, listed with their numbers, and found by the name that somebody follows. */

import type { NotAccepting } from "@partner-programs/protocol/notAccepting";
import type { Sql } from "#service/database.ts";
import { FinalError } from "#service/errors.ts";
import { newInviteCode } from "../domain/inviteCode.ts";

/** A link with its numbers. */
export interface LinkRow {
  readonly code: string;
  readonly alias: string | null;
  readonly label: string;
  readonly path: string | null;
  readonly created_at: Date;
  readonly archived_at: Date | null;
  readonly partner: string;
  readonly clicks: bigint;
  readonly bots: bigint;
  readonly conversions: bigint;
  readonly rejected: bigint;
  readonly commission: bigint;
}

/** The alias is another link's. */
export class AliasTaken extends FinalError {
  override readonly name = "AliasTaken";
}

/** A new link with a new code; returns the code. @throws AliasTaken */
export async function createLink(
  sql: Sql,
  link: {
    readonly partnershipId: bigint;
    readonly alias: string | null;
    readonly label: string;
    readonly path: string | null;
  },
): Promise<string> {
  for (;;) {
    const [created] = await sql.query<{ code: string }>(
      `INSERT INTO links (partnership_id, code, alias, label, path) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING RETURNING code`,
      [link.partnershipId, newInviteCode(), link.alias, link.label, link.path],
    );
    if (created !== undefined) return created.code;
    const taken = await sql.query("SELECT 1 FROM links WHERE alias = $1", [link.alias]);
    if (taken.length > 0) throw new AliasTaken(`The alias "${link.alias}" is taken. Choose another one.`);
    // Otherwise the code was: once in 2.8e11 for each link there is.
  }
}

export async function countLinks(sql: Sql, partnershipId: bigint): Promise<number> {
  const [row] = await sql.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM links
     WHERE partnership_id = $1`,
    [partnershipId],
  );
  return Number(row?.count);
}

/** A link as a click needs it. */
export interface FollowedLinkRow {
  readonly id: bigint;
  readonly code: string;
  readonly path: string | null;
  /** The campaign's description in force; null: it is not known here. */
  readonly body: string | null;
}

/** The link with this code or alias. */
export async function findLink(sql: Sql, name: string): Promise<FollowedLinkRow | undefined> {
  const [row] = await sql.query<FollowedLinkRow>(
    `SELECT links.id, links.code, links.path,
       (SELECT body FROM descriptions_in_force WHERE campaign_id = partnerships.campaign_id) AS body
     FROM links JOIN partnerships ON partnerships.id = links.partnership_id
     WHERE links.code = $1 OR links.alias = $1`,
    [name],
  );
  return row;
}

/** What a campaign's links have in common. */
export interface LinkCampaignRow {
  readonly brand: string;
  readonly notice: NotAccepting | null;
  /** The description in force; null: it is not known here. */
  readonly body: string | null;
}

export async function readLinkCampaign(sql: Sql, campaignId: string): Promise<LinkCampaignRow | undefined> {
  const [row] = await sql.query<LinkCampaignRow>(
    `SELECT brand, notice, (SELECT body FROM descriptions_in_force WHERE campaign_id = campaigns.id) AS body
     FROM campaigns JOIN campaign_notices ON campaign_id = campaigns.id WHERE campaigns.id = $1`,
    [campaignId],
  );
  return row;
}

/** A campaign's links in the order they were made: all, or those of one partner; from after the link `after`. */
export async function readLinks(
  sql: Sql,
  campaignId: string,
  which: {
    readonly partner: string | undefined;
    readonly code?: string;
    readonly archived: boolean;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<LinkRow[]> {
  return sql.query<LinkRow>(
    `SELECT links.code, links.alias, links.label, links.path, links.created_at, links.archived_at,
       partnerships.partner, coalesce(visits.clicks, 0) AS clicks, coalesce(visits.bots, 0) AS bots,
       coalesce(results.conversions, 0) AS conversions, coalesce(results.rejected, 0) AS rejected,
       coalesce(results.commission, 0) AS commission
     FROM links JOIN partnerships ON partnerships.id = links.partnership_id
     LEFT JOIN link_visits visits ON visits.link_id = links.id
     LEFT JOIN link_sums results ON results.link_id = links.id
     WHERE partnerships.campaign_id = $1 AND ($2::text IS NULL OR partnerships.partner = $2)
       AND ($3::text IS NULL OR links.code = $3) AND ($4 OR links.archived_at IS NULL)
       AND ($5::text IS NULL OR links.id > (SELECT id FROM links WHERE code = $5))
     ORDER BY links.id LIMIT $6`,
    [campaignId, which.partner ?? null, which.code ?? null, which.archived, which.after ?? null, which.limit],
  );
}

/** Changes what is given of a partner's link. Whether there is such a link. */
export async function changeLink(
  sql: Sql,
  link: { readonly campaignId: string; readonly partner: string; readonly code: string },
  change: {
    readonly label?: string | undefined;
    readonly path?: string | null | undefined;
    readonly archived?: boolean | undefined;
  },
): Promise<boolean> {
  const changed = await sql.query(
    `UPDATE links SET label = coalesce($4, label), path = CASE WHEN $5 THEN $6 ELSE path END,
       archived_at = CASE WHEN $7::boolean IS NULL THEN archived_at
         WHEN $7 THEN coalesce(archived_at, now()) END
     FROM partnerships WHERE partnerships.id = links.partnership_id
       AND partnerships.campaign_id = $1 AND partnerships.partner = $2 AND links.code = $3 RETURNING 1`,
    [
      link.campaignId,
      link.partner,
      link.code,
      change.label ?? null,
      change.path !== undefined,
      change.path ?? null,
      change.archived ?? null,
    ],
  );
  return changed.length > 0;
}

/** By their wallets the code of the link that each partner began with. */
export async function readFirstLinkCodes(
  sql: Sql,
  campaignId: string,
  partners: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.query<{ partner: string; code: string }>(
    `SELECT p.partner, l.code FROM unnest($2::text[]) AS named (partner)
     JOIN partnerships p ON p.campaign_id = $1 AND p.partner = named.partner
     CROSS JOIN LATERAL (SELECT code FROM links WHERE partnership_id = p.id ORDER BY id LIMIT 1) l`,
    [campaignId, [...partners]],
  );
  return new Map(rows.map(({ partner, code }) => [partner, code]));
}
