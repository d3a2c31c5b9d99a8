/** Campaigns, as the chain has them and as the database locks them. */
import type { Sql } from "#service/database.ts";
import { conditionsInto } from "./page.ts";

/** Until the transaction ends nobody else uses the campaign's budget, its numbers, its keys or its bindings, in any process. */
export async function lockCampaign(sql: Sql, campaignId: string): Promise<void> {
  await sql.query("SELECT 1 FROM campaigns WHERE id = $1 FOR UPDATE", [campaignId]);
}

/** Whose campaign it is; undefined: the campaign is not known here. */
export async function readBrand(sql: Sql, campaignId: string): Promise<string | undefined> {
  const [row] = await sql.query<{ brand: string }>("SELECT brand FROM campaigns WHERE id = $1", [campaignId]);
  return row?.brand;
}

/** The text of the campaign's description in force; null: it is not known here, undefined: nor is the campaign. */
export async function readDescriptionBody(sql: Sql, campaignId: string): Promise<string | null | undefined> {
  const [row] = await sql.query<{ body: string | null }>(
    `SELECT body FROM campaigns LEFT JOIN descriptions_in_force ON campaign_id = campaigns.id
     WHERE campaigns.id = $1`,
    [campaignId],
  );
  return row?.body;
}

/** A campaign with its money and its description in force, as everybody may see it. */
export interface CampaignRow {
  readonly id: string;
  readonly brand: string;
  readonly token: string;
  readonly token_symbol: string;
  readonly token_decimals: number;
  readonly hold_seconds: number;
  readonly notice_seconds: number;
  readonly fee_bps: number;
  readonly operator: string;
  readonly funded: bigint;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly released: bigint;
  readonly fees: bigint;
  readonly withdrawn: bigint;
  readonly promised: bigint;
  /** Of what is released, what is not claimed yet, and what is; of `unexplained` it is not known, because its lines are not. */
  readonly credits: bigint;
  readonly paid: bigint;
  readonly unexplained: bigint;
  readonly lines_on_chain: boolean;
  /** null: no limit was ever said. */
  readonly daily_limit: bigint | null;
  readonly next_daily_limit: bigint | null;
  readonly next_daily_limit_at: bigint;
  readonly pending_brand: string | null;
  readonly transferable_at: bigint;
  readonly withdrawal_amount: bigint;
  readonly withdrawable_at: bigint;
  readonly closes_at: bigint;
  readonly final_at: bigint;
  readonly suspended_until: bigint;
  readonly next_conversion: bigint;
  readonly description: string | null;
  /** Where and why its events are not read on; null: they are. */
  readonly set_aside: { readonly block: number; readonly event: string | null; readonly reason: string } | null;
}

/** One by one, so that of many campaigns no more is read than a page has. */
const CAMPAIGNS = `
  SELECT id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, fee_bps, operator,
    funded, available, reserved, released, fees, withdrawn, promised, next_conversion,
    lines_on_chain OR hold_seconds = 0 AS lines_on_chain, pending_brand, transferable_at,
    withdrawal_amount, withdrawable_at, closes_at, final_at, suspended_until,
    CASE WHEN next_daily_limit_due THEN next_daily_limit ELSE daily_limit END AS daily_limit,
    CASE WHEN NOT next_daily_limit_due THEN next_daily_limit END AS next_daily_limit,
    CASE WHEN NOT next_daily_limit_due THEN next_daily_limit_at ELSE 0 END AS next_daily_limit_at,
    (SELECT body FROM descriptions_in_force WHERE campaign_id = campaigns.id) AS description,
    (SELECT jsonb_build_object('block', block, 'event', event, 'reason', reason)
       FROM set_aside WHERE campaign_id = campaigns.id) AS set_aside,
    credits, unexplained, released - credits - unexplained AS paid
  FROM campaigns
  CROSS JOIN LATERAL (
    SELECT coalesce(max(credited), 0) AS credits, coalesce(max(s.unexplained), 0) AS unexplained
    FROM campaign_sums s WHERE s.campaign_id = campaigns.id
  ) AS sums
  CROSS JOIN LATERAL (
    SELECT next_daily_limit_at <> 0 AND next_daily_limit_at <= chain_now() AS next_daily_limit_due
  ) AS time`;

export interface CampaignsQuery {
  readonly brand?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Only ids after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** In the order of their ids. */
export function readCampaigns(sql: Sql, { brand, ids, after, limit }: CampaignsQuery): Promise<CampaignRow[]> {
  const values: unknown[] = [limit];
  const given = conditionsInto(values);
  const conditions = [
    ...given((place) => `brand = ${place}`, brand),
    ...given((place) => `id = ANY(${place}::text[])`, ids),
    ...given((place) => `id > ${place}`, after),
  ];
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  return sql.query<CampaignRow>(`${CAMPAIGNS} ${where} ORDER BY id LIMIT $1`, values);
}

export async function readCampaign(sql: Sql, campaignId: string): Promise<CampaignRow | undefined> {
  const [row] = await sql.query<CampaignRow>(`${CAMPAIGNS} WHERE id = $1`, [campaignId]);
  return row;
}

/** What a campaign's amounts are in, and what its description calls it. */
export interface CurrencyRow {
  readonly id: string;
  readonly token: string;
  readonly token_symbol: string;
  readonly token_decimals: number;
  /** Its description in force; null: it is not known here. */
  readonly description: string | null;
}

export async function readCurrencies(sql: Sql, campaignIds: readonly string[]): Promise<CurrencyRow[]> {
  if (campaignIds.length === 0) return [];
  return sql.query<CurrencyRow>(
    `SELECT id, token, token_symbol, token_decimals,
       (SELECT body FROM descriptions_in_force WHERE campaign_id = campaigns.id) AS description
     FROM campaigns WHERE id = ANY($1::text[])`,
    [campaignIds],
  );
}
