/** Whether what is kept of campaigns is what the contract has: the numbers to compare, and up to which block they were the same. */
import type { Sql } from "#service/database.ts";
import type { BlockMark } from "./cursor.ts";
import { notSetAside } from "./setAside.ts";

/** What of a campaign is compared with the contract. */
export interface KeptRow {
  readonly id: string;
  readonly brand: string;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly next_conversion: bigint;
  readonly offers: bigint;
  readonly suspended_until: bigint;
  readonly closes_at: bigint;
  readonly final_at: bigint;
  readonly withdrawal_amount: bigint;
  readonly withdrawable_at: bigint;
  readonly locked_until: bigint;
  /** null: nobody is to take it over. */
  readonly pending_brand: string | null;
  readonly transferable_at: bigint;
  /** null: none was announced. */
  readonly daily_limit: bigint | null;
  readonly next_daily_limit: bigint | null;
  readonly next_daily_limit_at: bigint;
  /** Whether the kinds of any partner were ever set. */
  readonly kinds_listed: boolean;
}

/** Campaigns as they are kept at `block`. */
export interface Kept {
  readonly block: BlockMark;
  readonly campaigns: readonly KeptRow[];
}

/** In one statement, so that all of it is of one block. undefined: nothing is indexed yet. */
export async function readKept(sql: Sql, campaignIds: readonly string[]): Promise<Kept | undefined> {
  const rows = await sql.query<KeptRow & { block: bigint; block_hash: string; block_time: bigint }>(
    `SELECT block, block_hash, block_time, id, brand, available, reserved, next_conversion, suspended_until,
       closes_at, final_at, withdrawal_amount, withdrawable_at, locked_until, pending_brand, transferable_at,
       daily_limit, next_daily_limit, next_daily_limit_at,
       (SELECT count(*) FROM offers WHERE campaign_id = campaigns.id) AS offers,
       EXISTS (SELECT 1 FROM kinds WHERE campaign_id = campaigns.id) AS kinds_listed
     FROM chain_cursor CROSS JOIN campaigns WHERE id = ANY($1::text[]) ORDER BY id`,
    [[...campaignIds]],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const block = { number: Number(first.block), hash: first.block_hash, time: Number(first.block_time) };
  return { block, campaigns: rows };
}

/**
 * Which campaigns are to be compared next: those of which events were applied since they agreed, or whose batch is outstanding, and of the
 * others, of which only a node that left something out would say anything new, one with something at stake and one without. Those that
 * agreed longest ago come first. So what it costs goes by what happens, and not by how many campaigns there are.
 */
export async function findToCompare(sql: Sql, most: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `WITH open AS (
       SELECT id, agreed_block, promised + reserved > 0 AS at_stake,
         EXISTS (SELECT 1 FROM undo WHERE campaign_id = campaigns.id AND block > coalesce(agreed_block, -1))
         OR EXISTS (
           SELECT 1 FROM batches
           WHERE campaign_id = campaigns.id AND state IN ('built', 'asked', 'signed')) AS moved
       FROM campaigns WHERE ${notSetAside("campaigns.id")}
     )
     (SELECT id FROM open WHERE moved ORDER BY agreed_block NULLS FIRST LIMIT $1)
     UNION ALL
     (SELECT id FROM open WHERE NOT moved AND at_stake ORDER BY agreed_block NULLS FIRST LIMIT 1)
     UNION ALL
     (SELECT id FROM open WHERE NOT moved AND NOT at_stake ORDER BY agreed_block NULLS FIRST LIMIT 1)`,
    [most],
  );
  return rows.map(({ id }) => id);
}

/** Whether `block` is still one of those that were read: final, or not taken back. */
export async function isStillRead(sql: Sql, { number, hash }: BlockMark): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 FROM chain_cursor WHERE final_block >= $1
     UNION ALL SELECT 1 FROM indexed_blocks WHERE block = $1 AND hash = $2`,
    [number, hash],
  );
  return rows.length > 0;
}

/** These campaigns are as the contract has them at `block`: what came before need not be taken back any more, but for reorganisations. */
export async function noteAgreed(sql: Sql, campaignIds: readonly string[], block: BlockMark): Promise<void> {
  await sql.query(
    `UPDATE campaigns SET agreed_block = $2, agreed_time = $3
     WHERE id = ANY($1::text[]) AND coalesce(agreed_block, 0) <= $2`,
    [[...campaignIds], block.number, block.time],
  );
  await sql.query(
    `DELETE FROM undo USING chain_cursor WHERE undo.campaign_id = ANY($1::text[]) AND undo.block <= $2
       AND undo.block <= final_block AND undo.block <= (SELECT min(block) FROM indexed_blocks)`,
    [[...campaignIds], block.number],
  );
}

/** The last block at which a campaign was as the contract has it; null: never. */
export async function readAgreedBlock(sql: Sql, campaignId: string): Promise<number | null> {
  const [row] = await sql.query<{ agreed_block: bigint | null }>("SELECT agreed_block FROM campaigns WHERE id = $1", [
    campaignId,
  ]);
  return row?.agreed_block == null ? null : Number(row.agreed_block);
}
