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
