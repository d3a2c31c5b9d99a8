/** How far the chain was read, and the way back to an earlier block. */
import type { Sql } from "#service/database.ts";

/** A block of the chain. `time` is in Unix seconds. */
export interface BlockMark {
  readonly number: number;
  readonly hash: string;
  readonly time: number;
}

/** A block whose events are in the database. */
export interface IndexedBlock extends BlockMark {
  /** How many logs of the contract were read of it; null: it was read in one go with others. */
  readonly logs: number | null;
}

/** The newest block that was read, and the newest that was final then. */
export interface Cursor {
  readonly block: BlockMark;
  readonly finalBlock: bigint;
}

interface CursorRow {
  block: bigint;
  block_hash: string;
  block_time: bigint;
  final_block: bigint;
  chain_id: bigint;
  programs: string;
}

/** @throws Error if the database belongs to another deployment */
export async function readCursor(
  sql: Sql,
  deployment: { readonly chainId: number; readonly address: string },
): Promise<Cursor | undefined> {
  const [row] = await sql.query<CursorRow>("SELECT * FROM chain_cursor");
  if (row === undefined) return undefined;
  const { chainId, address } = deployment;
  if (Number(row.chain_id) !== chainId || row.programs !== address)
    throw new Error(
      `This database belongs to ${row.programs} on chain ${row.chain_id}, not to ${address} on chain ${chainId}. Give each deployment its own DATABASE_URL or DATA_DIR.`,
    );
  return {
    block: { number: Number(row.block), hash: row.block_hash, time: Number(row.block_time) },
    finalBlock: row.final_block,
  };
}

/** The newest final block, once everything up to it was read. */
export async function readFinalBlock(sql: Sql): Promise<number | undefined> {
  const [cursor] = await sql.query<{ final_block: bigint }>(
    "SELECT final_block FROM chain_cursor WHERE block >= final_block",
  );
  return cursor === undefined ? undefined : Number(cursor.final_block);
}

/** Until the transaction ends no event is applied. Comes before the lock of a campaign, as it does where events are applied. */
export async function lockIndex(sql: Sql): Promise<void> {
  await sql.query("SELECT 1 FROM chain_cursor FOR UPDATE");
}

/** Locks the cursor. @returns whether it still stands at `block`: another relayer may have moved it meanwhile */
export async function lockCursor(sql: Sql, block: number | undefined): Promise<boolean> {
  const [now] = await sql.query<{ block: bigint }>("SELECT block FROM chain_cursor FOR UPDATE");
  return now === undefined ? block === undefined : Number(now.block) === block;
}

/**
 * Moves the cursor to the last of `blocks`. What is final needs no way back; the newest final block stays: everything after stands on
 * it.
 * @param secondsAhead of the chain's time before ours; undefined: as before
 */
export async function writeCursor(
  sql: Sql,
  deployment: { readonly chainId: number; readonly address: string },
  blocks: readonly IndexedBlock[],
  final: BlockMark,
  secondsAhead?: number,
): Promise<void> {
  const head = blocks.at(-1);
  if (head === undefined) return;
  await sql.query(
    `INSERT INTO chain_cursor (chain_id, programs, block, block_hash, block_time, final_block, final_time,
       seconds_ahead)
     VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, 0))
     ON CONFLICT (only_row) DO UPDATE SET block = $3, block_hash = $4, block_time = $5,
       final_block = greatest(chain_cursor.final_block, $6),
       final_time = greatest(chain_cursor.final_time, $7),
       seconds_ahead = coalesce($8, chain_cursor.seconds_ahead)`,
    [
      deployment.chainId,
      deployment.address,
      head.number,
      head.hash,
      head.time,
      final.number,
      final.time,
      secondsAhead ?? null,
    ],
  );
  await sql.query(
    `INSERT INTO indexed_blocks (block, hash, time, logs)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::int[]) ON CONFLICT (block) DO NOTHING`,
    [
      blocks.map(({ number }) => number),
      blocks.map(({ hash }) => hash),
      blocks.map(({ time }) => time),
      blocks.map(({ logs }) => logs),
    ],
  );
  await sql.query(
    "DELETE FROM indexed_blocks WHERE block < (SELECT max(block) FROM indexed_blocks WHERE block <= $1)",
    [final.number],
  );
  // Not up to the final block itself: one goes back to a block at which the index stood, and that may be an earlier one. What is a
  // campaign's is kept until it agrees with the contract.
  await sql.query(
    `DELETE FROM undo
     WHERE campaign_id IS NULL AND block <= (SELECT min(block) FROM indexed_blocks) AND block <= $1`,
    [final.number],
  );
}

/** The chain's time is ahead of ours by so many seconds at least: it has said so itself. */
export async function noteSecondsAhead(sql: Sql, seconds: number): Promise<void> {
  await sql.query("UPDATE chain_cursor SET seconds_ahead = greatest(seconds_ahead, $1)", [seconds]);
}

/** The oldest block that there is a way back to: what is written of later ones has to be noted. */
export async function readOldestMark(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ block: bigint | null }>("SELECT min(block) AS block FROM indexed_blocks");
  return Number(row?.block ?? 0);
}

/** The blocks up to `block` that there is a way back to, the newest first. */
export async function readBlocksUpTo(sql: Sql, block: number): Promise<IndexedBlock[]> {
  const rows = await sql.query<{ block: bigint; hash: string; time: bigint; logs: number | null }>(
    "SELECT block, hash, time, logs FROM indexed_blocks WHERE block <= $1 ORDER BY block DESC",
    [block],
  );
  return rows.map(({ hash, logs, ...row }) => ({ number: Number(row.block), hash, time: Number(row.time), logs }));
}

/**
 * What is written from here on in this transaction is of an event in `block`, and is noted so that it can be taken back; undefined: no
 * more.
 */
export async function noteUndo(
  sql: Sql,
  event: { readonly block: number; readonly campaignId: string | undefined } | undefined,
): Promise<void> {
  await sql.query("SELECT set_config('relayer.block', $1, true), set_config('relayer.campaign', $2, true)", [
    event === undefined ? "" : String(event.block),
    event?.campaignId ?? "",
  ]);
}

/** Takes back what was written of the blocks after `to`. */
export async function undoTo(sql: Sql, to: BlockMark): Promise<void> {
  // What they promised is added up again: a conversion that another transaction is just writing down would be left out.
  await sql.query("SELECT 1 FROM campaigns WHERE id IN (SELECT campaigns_to_undo($1, NULL)) ORDER BY id FOR UPDATE", [
    to.number,
  ]);
  await sql.query("SELECT undo_to($1, NULL)", [to.number]);
  await sql.query("UPDATE chain_cursor SET block = $1, block_hash = $2, block_time = $3", [
    to.number,
    to.hash,
    to.time,
  ]);
  await sql.query("UPDATE campaigns SET agreed_block = $1, agreed_time = $2 WHERE agreed_block > $1", [
    to.number,
    to.time,
  ]);
}

/** Takes back what a campaign's events after block `to` did, and nothing else. */
export async function undoCampaign(sql: Sql, campaignId: string, to: number): Promise<void> {
  await sql.query("SELECT undo_to($1, $2)", [to, campaignId]);
}
