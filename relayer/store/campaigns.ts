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
