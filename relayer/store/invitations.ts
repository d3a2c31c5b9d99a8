/** Personal invitations of brands: links for one partner each, with the kinds that it is to have. */
import type { Sql, Transaction } from "#service/database.ts";
import { lockCampaign } from "./campaigns.ts";
import { beyond, direction, type Page } from "./page.ts";

export interface InvitationRow {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly code: string;
  readonly label: string;
  readonly kinds: bigint;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  /** Who used it. */
  readonly partner: string | null;
}

const INVITATION = `
  SELECT i.id, i.campaign_id, i.code, i.label, i.kinds, i.created_at, i.revoked_at, a.partner
  FROM invitations i LEFT JOIN applications a ON a.invitation_id = i.id`;

/** A new invitation; undefined if the campaign has `max` that nobody used. */
export async function insertInvitation(
  sql: Transaction,
  given: { readonly campaignId: string; readonly code: string; readonly label: string; readonly kinds: bigint },
  max: number,
): Promise<InvitationRow | undefined> {
  await lockCampaign(sql, given.campaignId);
  const [row] = await sql.query<InvitationRow>(
    `INSERT INTO invitations (campaign_id, code, label, kinds) SELECT $1, $2, $3, $4
     WHERE (
       SELECT count(*) FROM invitations i WHERE campaign_id = $1 AND revoked_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM applications a WHERE a.invitation_id = i.id)
     ) < $5
     RETURNING *, NULL AS partner`,
    [given.campaignId, given.code, given.label, given.kinds, max],
  );
  return row;
}

export async function readInvitations(sql: Sql, campaignId: string, page: Page): Promise<InvitationRow[]> {
  return sql.query<InvitationRow>(
    `${INVITATION} WHERE i.campaign_id = $1 AND i.id ${beyond(page)} $2
     ORDER BY i.id ${direction(page)} LIMIT $3`,
    [campaignId, page.from, page.limit],
  );
}

/** The invitation with this code. `forUse`: nobody else uses or revokes it until the transaction ends. */
export async function findInvitation(
  sql: Sql,
  code: string,
  { forUse = false }: { forUse?: boolean } = {},
): Promise<InvitationRow | undefined> {
  const [row] = await sql.query<InvitationRow>(`${INVITATION} WHERE i.code = $1 ${forUse ? "FOR UPDATE OF i" : ""}`, [
    code,
  ]);
  return row;
}

/** Whether there is such an invitation of the campaign. */
export async function revokeInvitation(sql: Sql, campaignId: string, id: bigint): Promise<boolean> {
  const revoked = await sql.query(
    `UPDATE invitations SET revoked_at = coalesce(revoked_at, now())
     WHERE id = $1 AND campaign_id = $2 RETURNING 1`,
    [id, campaignId],
  );
  return revoked.length > 0;
}
