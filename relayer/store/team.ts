/** The teams of brands: their members, and invitations to them. Of an invitation's token only the hash is here. */

import type { Sql, Transaction } from "#service/database.ts";
import type { Role } from "../domain/team.ts";
import type { SourceName } from "./sources.ts";

export interface MemberRow {
  readonly brand: string;
  readonly wallet: string;
  readonly role: Role;
  readonly added_by: string;
  readonly since: Date;
}

export const INVITATION_STATES = ["open", "used", "revoked", "expired"] as const;

export interface TeamInvitationRow {
  readonly id: bigint;
  readonly brand: string;
  readonly role: Role;
  readonly wallet: string | null;
  readonly label: string;
  readonly made_by: string;
  readonly made_at: Date;
  readonly expires_at: Date;
  readonly used_by: string | null;
  readonly state: (typeof INVITATION_STATES)[number];
}

const OPEN = "used_by IS NULL AND revoked_at IS NULL AND expires_at > now()";
const INVITATION = `id, brand, role, wallet, label, made_by, made_at, expires_at, used_by,
  CASE WHEN used_by IS NOT NULL THEN 'used' WHEN revoked_at IS NOT NULL THEN 'revoked'
    WHEN expires_at <= now() THEN 'expired' ELSE 'open' END AS state`;

/** Until the transaction ends nobody else changes the brand's team. */
export async function lockTeam(sql: Transaction, brand: string): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('team'), hashtext($1))", [brand]);
}

/** Whose a campaign is, and what a wallet is in that brand's team; undefined: the campaign is not known here. */
export async function readStanding(
  sql: Sql,
  campaignId: string,
  wallet: string,
): Promise<{ readonly brand: string; readonly role: Role | null; readonly earns: boolean } | undefined> {
  const [row] = await sql.query<{ brand: string; role: Role | null; earns: boolean }>(
    `SELECT c.brand, m.role,
       EXISTS (SELECT 1 FROM partnerships p WHERE p.campaign_id = c.id AND p.partner = $2) AS earns
     FROM campaigns c LEFT JOIN team_members m ON m.brand = c.brand AND m.wallet = $2
     WHERE c.id = $1`,
    [campaignId, wallet],
  );
  return row;
}

/** What a wallet is in a brand's team. */
export async function readRole(sql: Sql, brand: string, wallet: string): Promise<Role | undefined> {
  const [row] = await sql.query<{ role: Role }>("SELECT role FROM team_members WHERE brand = $1 AND wallet = $2", [
    brand,
    wallet,
  ]);
  return row?.role;
}

/** A team, who came first at the top. It has no more members than `max` of `insertMember`. */
export async function readMembers(sql: Sql, brand: string): Promise<MemberRow[]> {
  return sql.query(
    "SELECT brand, wallet, role, added_by, since FROM team_members WHERE brand = $1 ORDER BY since, wallet",
    [brand],
  );
}

/** The teams that a wallet is in. */
export async function readMemberships(sql: Sql, wallet: string): Promise<MemberRow[]> {
  return sql.query(
    "SELECT brand, wallet, role, added_by, since FROM team_members WHERE wallet = $1 ORDER BY since, brand",
    [wallet],
  );
}

/** Makes a wallet a member. Whether there was room, in the team and among the teams that the wallet is in. */
export async function insertMember(
  sql: Transaction,
  { brand, wallet, role, addedBy }: { brand: string; wallet: string; role: Role; addedBy: string },
  max: { readonly members: number; readonly teams: number },
): Promise<boolean> {
  const made = await sql.query(
    `INSERT INTO team_members (brand, wallet, role, added_by) SELECT $1, $2, $3, $4
     WHERE (SELECT count(*) FROM team_members WHERE brand = $1) < $5
       AND (SELECT count(*) FROM team_members WHERE wallet = $2) < $6
     RETURNING 1`,
    [brand, wallet, role, addedBy, max.members, max.teams],
  );
  return made.length > 0;
}

/** Whether there is such a member. */
export async function changeRole(sql: Sql, brand: string, wallet: string, role: Role): Promise<boolean> {
  const changed = await sql.query("UPDATE team_members SET role = $3 WHERE brand = $1 AND wallet = $2 RETURNING 1", [
    brand,
    wallet,
    role,
  ]);
  return changed.length > 0;
}

/** Whether there was such a member. */
export async function deleteMember(sql: Sql, brand: string, wallet: string): Promise<boolean> {
  const gone = await sql.query("DELETE FROM team_members WHERE brand = $1 AND wallet = $2 RETURNING 1", [
    brand,
    wallet,
  ]);
  return gone.length > 0;
}

/** How many invitations of a brand are open, and were made within a day; and whether it has a campaign, which costs a transaction. */
export async function readInvited(
  sql: Sql,
  brand: string,
): Promise<{ readonly open: number; readonly lately: number; readonly campaign: boolean }> {
  const [row] = await sql.query<{ open: number; lately: number; campaign: boolean }>(
    `SELECT count(*) FILTER (WHERE ${OPEN})::int AS open,
       count(*) FILTER (WHERE made_at > now() - interval '1 day')::int AS lately,
       EXISTS (SELECT 1 FROM campaigns WHERE brand = $1) AS campaign
     FROM team_invitations WHERE brand = $1`,
    [brand],
  );
  return row ?? { open: 0, lately: 0, campaign: false };
}

/** A new invitation. */
export async function insertTeamInvitation(
  sql: Transaction,
  given: {
    readonly brand: string;
    readonly role: Role;
    readonly wallet: string | null;
    readonly label: string;
    readonly tokenHash: string;
    readonly madeBy: string;
    readonly days: number;
  },
): Promise<TeamInvitationRow> {
  const [row] = await sql.query<TeamInvitationRow>(
    `INSERT INTO team_invitations (brand, role, wallet, label, token_hash, made_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)) RETURNING ${INVITATION}`,
    [given.brand, given.role, given.wallet, given.label, given.tokenHash, given.madeBy, given.days],
  );
  if (row === undefined) throw new Error(`No invitation of ${given.brand} was written.`);
  return row;
}

/** A brand's invitations that can still be used. */
export async function readOpenInvitations(sql: Sql, brand: string): Promise<TeamInvitationRow[]> {
  return sql.query(`SELECT ${INVITATION} FROM team_invitations WHERE brand = $1 AND ${OPEN} ORDER BY id DESC`, [brand]);
}

/** Open invitations that name a wallet, the newest first. */
export async function readInvitationsOf(sql: Sql, wallet: string, limit: number): Promise<TeamInvitationRow[]> {
  return sql.query(
    `SELECT ${INVITATION} FROM team_invitations WHERE wallet = $1 AND ${OPEN} ORDER BY id DESC LIMIT $2`,
    [wallet, limit],
  );
}

/** By the hash of its token, or by its id. `forUse`: nobody else uses or revokes it until the transaction ends. */
export async function findTeamInvitation(
  sql: Sql,
  by: { readonly tokenHash: string } | { readonly id: bigint },
  { forUse = false }: { forUse?: boolean } = {},
): Promise<TeamInvitationRow | undefined> {
  const [condition, value] = "id" in by ? ["id = $1", by.id] : ["token_hash = $1", by.tokenHash];
  const [row] = await sql.query<TeamInvitationRow>(
    `SELECT ${INVITATION} FROM team_invitations WHERE ${condition} ${forUse ? "FOR UPDATE" : ""}`,
    [value],
  );
  return row;
}

export async function spendTeamInvitation(sql: Sql, id: bigint, wallet: string): Promise<void> {
  await sql.query("UPDATE team_invitations SET used_by = $2, used_at = now() WHERE id = $1", [id, wallet]);
}

/** Whether the brand has such an invitation that was open. */
export async function revokeTeamInvitation(sql: Sql, brand: string, id: bigint): Promise<boolean> {
  const revoked = await sql.query(
    `UPDATE team_invitations SET revoked_at = now() WHERE id = $2 AND brand = $1 AND ${OPEN} RETURNING 1`,
    [brand, id],
  );
  return revoked.length > 0;
}

/** What somebody may not do any more, it has not left behind in open links either. */
export async function revokeInvitationsOf(sql: Sql, brand: string, madeBy: string): Promise<void> {
  await sql.query(`UPDATE team_invitations SET revoked_at = now() WHERE brand = $1 AND made_by = $2 AND ${OPEN}`, [
    brand,
    madeBy,
  ]);
}

/** Keys that a member made or gave a new secret, and that are good still: it may know their secrets. */
export async function readKeysKnownTo(
  sql: Sql,
  brand: string,
  wallet: string,
): Promise<{ readonly id: bigint; readonly campaign_id: string; readonly label: string }[]> {
  return sql.query(
    `SELECT DISTINCT k.id, k.campaign_id, k.label FROM acts a
     JOIN brand_keys k ON k.campaign_id = a.campaign_id AND k.id::text = a.facts ->> 'key'
     WHERE a.brand = $1 AND a.actor = $2 AND a.act IN ('key.made', 'key.rotated') AND k.revoked_at IS NULL
     ORDER BY k.id LIMIT 200`,
    [brand, wallet],
  );
}

/** Webhooks that a member made or gave a new secret, and that are there still: it may know their secrets. */
export async function readWebhooksKnownTo(
  sql: Sql,
  brand: string,
  wallet: string,
): Promise<{ readonly id: bigint; readonly campaign_id: string; readonly url: string }[]> {
  return sql.query(
    `SELECT DISTINCT w.id, w.campaign_id, w.url FROM acts a
     JOIN brand_webhooks w ON w.campaign_id = a.campaign_id AND w.id::text = a.facts ->> 'webhook'
     WHERE a.brand = $1 AND a.actor = $2 AND a.act IN ('webhook.made', 'webhook.rotated')
     ORDER BY w.id LIMIT 200`,
    [brand, wallet],
  );
}

/** Sources that a member connected, and that are connected still: it may know what they sign with, and what they are read with. */
export async function readSourcesKnownTo(
  sql: Sql,
  brand: string,
  wallet: string,
): Promise<{ readonly campaign_id: string; readonly source: SourceName }[]> {
  return sql.query(
    `SELECT DISTINCT s.campaign_id, s.source FROM acts a
     JOIN sources s ON s.campaign_id = a.campaign_id AND s.source = a.facts ->> 'source'
     JOIN brand_keys k ON k.id = s.api_key_id AND k.revoked_at IS NULL
     WHERE a.brand = $1 AND a.actor = $2 AND a.act = 'source.connected'
     ORDER BY s.campaign_id, s.source LIMIT 200`,
    [brand, wallet],
  );
}
