/** Bonuses that brands gave by their own word. Writers hold the campaign's lock. */
import type { Period } from "@partner-programs/protocol/targets";
import type { Sql } from "#service/database.ts";
import { beyond, direction, type Page } from "./page.ts";

export interface BonusRow {
  readonly id: bigint;
  readonly bonus_id: string;
  readonly partnership_id: bigint;
  readonly partner: string;
  /** Base units. */
  readonly amount: bigint;
  readonly reason: string;
  readonly event: string;
  readonly order_id: string;
  readonly given_by: string;
  readonly given_at: Date;
  /** null: it is not judged yet. */
  readonly conversion_id: bigint | null;
  readonly state: string | null;
  /** Why it was rejected or taken back. */
  readonly why: string | null;
}

const BONUSES = `
  SELECT b.*, p.partner, c.id AS conversion_id, c.state, c.reason AS why
  FROM manual_bonuses b JOIN partnerships p ON p.id = b.partnership_id
  LEFT JOIN conversions c ON c.campaign_id = b.campaign_id AND c.event = b.event AND c.order_id = b.order_id`;

export async function readBonus(sql: Sql, campaignId: string, bonusId: string): Promise<BonusRow | undefined> {
  const [row] = await sql.query<BonusRow>(`${BONUSES} WHERE b.campaign_id = $1 AND b.bonus_id = $2`, [
    campaignId,
    bonusId,
  ]);
  return row;
}

/** A campaign's, or those of one of its partners. */
export function readBonuses(
  sql: Sql,
  campaignId: string,
  partner: string | undefined,
  page: Page,
): Promise<BonusRow[]> {
  return sql.query(
    `${BONUSES} WHERE b.campaign_id = $1 AND b.id ${beyond(page)} $2
       AND ($3::text IS NULL OR b.partnership_id = (
         SELECT id FROM partnerships WHERE campaign_id = $1 AND partner = $3))
     ORDER BY b.id ${direction(page)} LIMIT $4`,
    [campaignId, page.from, partner ?? null, page.limit],
  );
}

/** What was given in a month, in base units: what was said in it, and what was said before and is accepted as of it. */
export async function readGiven(sql: Sql, campaignId: string, { name, from, to }: Period): Promise<bigint> {
  const [row] = await sql.query<{ sum: bigint }>(
    `SELECT coalesce(sum(amount), 0) AS sum FROM manual_bonuses b
     LEFT JOIN conversions c
       ON c.campaign_id = b.campaign_id AND c.event = b.event AND c.order_id = b.order_id
     WHERE b.campaign_id = $1 AND (month = $2 OR (month < $2 AND c.state <> 'rejected'
       AND c.received_at >= to_timestamp($3) AND c.received_at < to_timestamp($4)))`,
    [campaignId, name, from, to],
  );
  return row?.sum ?? 0n;
}

export interface NewBonus {
  readonly campaignId: string;
  readonly bonusId: string;
  readonly partnershipId: bigint;
  readonly amount: bigint;
  readonly reason: string;
  readonly event: string;
  readonly orderId: string;
  readonly month: string;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export async function insertBonus(sql: Sql, one: NewBonus): Promise<void> {
  await sql.query(
    `INSERT INTO manual_bonuses
       (campaign_id, bonus_id, partnership_id, amount, reason, event, order_id, month, given_by, given_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      one.campaignId,
      one.bonusId,
      one.partnershipId,
      one.amount,
      one.reason,
      one.event,
      one.orderId,
      one.month,
      one.by,
      new Date(one.at).toISOString(),
    ],
  );
}
