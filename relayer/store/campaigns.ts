/** Campaigns, as the chain has them and as the database locks them. */
import type { Sql } from "#service/database.ts";

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
  /** Of what is released, what is not claimed yet, and what is. */
  readonly credits: bigint;
  readonly paid: bigint;
  readonly next_conversion: bigint;
  readonly description: string | null;
  /** Where and why its events are not read on; null: they are. */
  readonly set_aside: { readonly block: number; readonly event: string; readonly reason: string } | null;
}

const commissions = (state: "released" | "claimed") =>
  `(SELECT coalesce(sum(commission), 0) FROM batch_lines JOIN batches USING (digest)
     WHERE batches.campaign_id = campaigns.id AND batch_lines.state = '${state}')`;
const CAMPAIGNS = `
  SELECT id, brand, token, token_symbol, token_decimals, hold_seconds, notice_seconds, fee_bps, operator,
    funded, available, reserved, released, fees, withdrawn, promised, next_conversion,
    descriptions_in_force.body AS description,
    (SELECT jsonb_build_object('block', block, 'event', event, 'reason', reason)
       FROM set_aside WHERE campaign_id = campaigns.id) AS set_aside,
    ${commissions("released")} AS credits, ${commissions("claimed")} AS paid
  FROM campaigns LEFT JOIN descriptions_in_force ON descriptions_in_force.campaign_id = campaigns.id`;

/** In the order of their ids. */
export function readCampaigns(sql: Sql, limit: number): Promise<CampaignRow[]> {
  return sql.query<CampaignRow>(`${CAMPAIGNS} ORDER BY id LIMIT $1`, [limit]);
}

export async function readCampaign(sql: Sql, campaignId: string): Promise<CampaignRow | undefined> {
  const [row] = await sql.query<CampaignRow>(`${CAMPAIGNS} WHERE id = $1`, [campaignId]);
  return row;
}
