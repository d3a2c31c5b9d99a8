/** Leads, whose company and contact are whose, and what became of each. Writers hold the campaign's lock. */
import type { LeadReason, LeadState } from "@partner-programs/protocol/leads";
import type { Sql } from "#service/database.ts";
import type { Page } from "./page.ts";
import { beyond, direction, keyIs } from "./page.ts";

export interface LeadMoveRow {
  readonly state: LeadState;
  readonly reason: LeadReason | null;
  readonly comment: string | null;
  readonly by: string | null;
  readonly at: string;
}

export interface LeadRow {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly partnership_id: bigint;
  readonly partner: string;
  readonly state: LeadState;
  readonly hash: string;
  readonly signature: string;
  /** Sealed; null: erased. */
  readonly prospect: string | null;
  readonly customer: string | null;
  readonly conversion_id: bigint | null;
  readonly registered_at: Date;
  readonly answer_by: Date;
  readonly protected_until: Date;
  /** What became of it, the first first. */
  readonly moves: LeadMoveRow[];
}

const LEADS = `
  SELECT leads.*, partner, coalesce((
    SELECT jsonb_agg(jsonb_build_object('state', state, 'reason', reason, 'comment', comment, 'by', moved_by,
      'at', moved_at) ORDER BY id)
    FROM lead_moves WHERE lead_id = leads.id), '[]') AS moves
  FROM leads JOIN partnerships ON partnerships.id = partnership_id`;

export interface LeadFilter {
  readonly partner?: string | undefined;
  readonly state?: LeadState | undefined;
  /** Registered, or moved, then or later: as it was written down, so that who asks again and again is told of each move. */
  readonly since?: string | undefined;
}

export function readLeads(sql: Sql, campaignId: string, of: LeadFilter, page: Page): Promise<LeadRow[]> {
  return sql.query(
    `${LEADS} WHERE leads.campaign_id = $1 AND leads.id ${beyond(page)} $2
       AND ($3::text IS NULL OR partnership_id = (
         SELECT id FROM partnerships WHERE campaign_id = $1 AND partner = $3))
       AND ($4::text IS NULL OR state = $4)
       AND ($5::timestamptz IS NULL OR registered_at >= $5
         OR EXISTS (SELECT 1 FROM lead_moves WHERE lead_id = leads.id AND made_at >= $5))
     ORDER BY leads.id ${direction(page)} LIMIT $6`,
    [campaignId, page.from, of.partner ?? null, of.state ?? null, of.since ?? null, page.limit],
  );
}

export async function readLead(sql: Sql, campaignId: string, id: bigint): Promise<LeadRow | undefined> {
  const [row] = await sql.query<LeadRow>(`${LEADS} WHERE leads.campaign_id = $1 AND leads.id = $2`, [campaignId, id]);
  return row;
}

/** A lead that has one of these names, and whose it is. */
export interface HeldName {
  readonly lead_id: bigint;
  readonly partnership_id: bigint;
  readonly held_until: Date;
}

export function readHeldNames(sql: Sql, campaignId: string, names: readonly string[]): Promise<HeldName[]> {
  return sql.query(
    `SELECT DISTINCT lead_id, partnership_id, held_until FROM lead_names JOIN leads ON leads.id = lead_id
     WHERE lead_names.campaign_id = $1 AND name = ANY($2::text[]) ORDER BY lead_id`,
    [campaignId, names],
  );
}

/** Counts one more attempt of a partner. @returns how many that are on this day */
export async function countAttempt(sql: Sql, partnershipId: bigint, now: number): Promise<number> {
  const [row] = await sql.query<{ attempts: number }>(
    `INSERT INTO lead_attempts AS kept (partnership_id, day, attempts)
     VALUES ($1, ($2::timestamptz AT TIME ZONE 'UTC')::date, 1)
     ON CONFLICT (partnership_id, day) DO UPDATE SET attempts = kept.attempts + 1 RETURNING attempts`,
    [partnershipId, new Date(now)],
  );
  return row?.attempts ?? 0;
}

export async function countOpenLeads(sql: Sql, partnershipId: bigint): Promise<number> {
  const [row] = await sql.query<{ open: bigint }>(
    "SELECT count(*) AS open FROM leads WHERE partnership_id = $1 AND state IN ('registered', 'qualified')",
    [partnershipId],
  );
  return Number(row?.open ?? 0);
}

export interface NewLead {
  readonly campaignId: string;
  readonly partnershipId: bigint;
  readonly hash: string;
  readonly signature: string;
  readonly prospect: string;
  /** Keyed hashes. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  readonly answerBy: number;
  readonly protectedUntil: number;
}

/** @returns its id. None of its names may be another lead's. */
export async function insertLead(sql: Sql, lead: NewLead): Promise<bigint> {
  const [row] = await sql.query<{ id: bigint }>(
    `WITH lead AS (
       INSERT INTO leads (campaign_id, partnership_id, hash, signature, prospect, registered_at, answer_by,
         protected_until)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
     ), moved AS (
       INSERT INTO lead_moves (lead_id, state, moved_at) SELECT id, 'registered', $6 FROM lead
     ), named AS (
       INSERT INTO lead_names (campaign_id, name, lead_id, held_until)
       SELECT $1, name, lead.id, $8 FROM lead, unnest($9::text[]) AS name
     )
     SELECT id FROM lead`,
    [
      lead.campaignId,
      lead.partnershipId,
      lead.hash,
      lead.signature,
      lead.prospect,
      new Date(lead.registeredAt),
      new Date(lead.answerBy),
      new Date(lead.protectedUntil),
      lead.names,
    ],
  );
  if (row === undefined) throw new Error("The lead was not stored.");
  return row.id;
}

export async function bindLead(sql: Sql, id: bigint, customer: string): Promise<void> {
  await sql.query("UPDATE leads SET customer = $2 WHERE id = $1", [id, customer]);
}

export interface LeadMove {
  readonly state: LeadState;
  readonly reason: LeadReason | undefined;
  readonly comment: string | undefined;
  readonly by: string;
}

/** Moves a lead by the brand's word. What is nobody's any more is free to be registered again. */
export async function moveLead(sql: Sql, id: bigint, { state, reason, comment, by }: LeadMove, now: number) {
  const values = [id, state, new Date(now)];
  await sql.query(
    "UPDATE leads SET state = $2, ended_at = CASE WHEN $2 <> 'qualified' THEN $3::timestamptz END WHERE id = $1",
    values,
  );
  await sql.query(
    "INSERT INTO lead_moves (lead_id, state, moved_at, reason, comment, moved_by) VALUES ($1, $2, $3, $4, $5, $6)",
    [...values, reason ?? null, comment ?? null, by],
  );
  if (state === "rejected" || state === "lost") await sql.query("DELETE FROM lead_names WHERE lead_id = $1", [id]);
}

/** When the customer behind these keys first bought anything, whatever became of it: milliseconds since 1970. */
export async function readFirstSale(sql: Sql, keys: readonly string[]): Promise<number | undefined> {
  const [row] = await sql.query<{ first: Date | null }>(
    `SELECT min(received_at) AS first FROM unnest($1::text[]) AS named (key) CROSS JOIN LATERAL (
       SELECT received_at FROM conversions WHERE ${keyIs("customer", "named.key")}
       ORDER BY customer, id LIMIT 1
     ) AS sale`,
    [keys],
  );
  return row?.first?.getTime();
}

/** Sold to: an accepted sale of its partner to the customer that it became, whom the brand may have merged into another since. */
const SOLD = `
  SELECT leads.id, leads.campaign_id, sale.id AS conversion_id, sale.received_at
  FROM leads CROSS JOIN LATERAL (
    SELECT of_one.id, of_one.received_at FROM (
      SELECT leads.customer AS key UNION SELECT merged_into FROM merged_customers
      WHERE campaign_id = leads.campaign_id AND customer = leads.customer
    ) AS named CROSS JOIN LATERAL (
      SELECT id, received_at FROM conversions
      WHERE ${keyIs("customer", "named.key")} AND partnership_id = leads.partnership_id
        AND state NOT IN ('rejected', 'reversed')
      ORDER BY customer, id LIMIT 1
    ) AS of_one ORDER BY of_one.id LIMIT 1
  ) AS sale
  WHERE leads.customer IS NOT NULL AND leads.conversion_id IS NULL AND leads.state IN ('qualified', 'won')`;

/** The campaigns of which a lead was sold to, or has lapsed, or holds a name too long. */
export async function findCampaignsWithDueLeads(sql: Sql, now: number): Promise<string[]> {
  const rows = await sql.query<{ campaign_id: string }>(
    `SELECT campaign_id FROM leads WHERE state IN ('registered', 'qualified') AND protected_until <= $1
     UNION SELECT campaign_id FROM lead_names WHERE held_until <= $1
     UNION SELECT campaign_id FROM (${SOLD}) AS sold`,
    [new Date(now)],
  );
  return rows.map(({ campaign_id }) => campaign_id);
}

/** Moves on what time and sales move: a sale wins its lead, and what is not protected any more lapses. */
export async function keepLeads(sql: Sql, campaignId: string, now: number): Promise<void> {
  await sql.query(
    `WITH sold AS (${SOLD} AND leads.campaign_id = $1), won AS (
       UPDATE leads SET conversion_id = sold.conversion_id, state = 'won',
         ended_at = coalesce(ended_at, sold.received_at)
       FROM sold WHERE leads.id = sold.id RETURNING leads.id, sold.received_at
     )
     INSERT INTO lead_moves (lead_id, state, moved_at) SELECT id, 'won', received_at FROM won
     WHERE NOT EXISTS (SELECT 1 FROM lead_moves WHERE lead_id = won.id AND state = 'won')`,
    [campaignId],
  );
  await sql.query(
    `WITH lapsed AS (
       UPDATE leads SET state = 'lapsed', ended_at = protected_until
       WHERE campaign_id = $1 AND state IN ('registered', 'qualified') AND protected_until <= $2
       RETURNING id, protected_until
     )
     INSERT INTO lead_moves (lead_id, state, moved_at) SELECT id, 'lapsed', protected_until FROM lapsed`,
    [campaignId, new Date(now)],
  );
  await sql.query("DELETE FROM lead_names WHERE campaign_id = $1 AND held_until <= $2", [campaignId, new Date(now)]);
}

/** Erases who a lead was that ended before `before`, and what was counted of attempts: milliseconds since 1970. */
export async function eraseProspects(sql: Sql, before: number): Promise<void> {
  await sql.query("UPDATE leads SET prospect = NULL WHERE prospect IS NOT NULL AND ended_at <= $1", [new Date(before)]);
  await sql.query("DELETE FROM lead_attempts WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date", [
    new Date(before),
  ]);
}
