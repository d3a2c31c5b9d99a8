/** Contracts whose events are conversions: which descriptions name them, and how far each was read. */
import type { Sql } from "#service/database.ts";
import { notSetAside } from "./setAside.ts";

/** Campaigns whose description in force may name a contract, with its text. */
export async function readDescriptionsWithContracts(
  sql: Sql,
): Promise<{ readonly id: string; readonly body: string; readonly token_decimals: number }[]> {
  return sql.query(
    `SELECT campaigns.id, body, token_decimals
     FROM campaigns JOIN descriptions_in_force ON campaign_id = campaigns.id
     WHERE body LIKE '%"contract"%' AND ${notSetAside("campaigns.id")}`,
  );
}

/** The last block that was read of a source; undefined: none yet. */
export async function readWatchedBlock(
  sql: Sql,
  campaignId: string,
  event: string,
  source: string,
): Promise<number | undefined> {
  const [known] = await sql.query<{ block: bigint }>(
    "SELECT block FROM watched_contracts WHERE campaign_id = $1 AND event = $2 AND source = $3",
    [campaignId, event, source],
  );
  return known === undefined ? undefined : Number(known.block);
}

export async function writeWatchedBlock(
  sql: Sql,
  campaignId: string,
  event: string,
  source: string,
  block: number,
): Promise<void> {
  await sql.query(
    `INSERT INTO watched_contracts (campaign_id, event, source, block) VALUES ($1, $2, $3, $4)
     ON CONFLICT (campaign_id, event) DO UPDATE SET source = $3, block = $4`,
    [campaignId, event, source, block],
  );
}
