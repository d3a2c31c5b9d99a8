/**
 * Campaigns of which it is not known what the chain has: an event could not be applied, or what is kept differs from the contract. The
 * worker leaves them alone, and nothing is promised for them.
 */

import type { Sql } from "#service/database.ts";
import { isRetryable } from "#service/errors.ts";

/** A condition on `column`, a campaign's id: the campaign is worked on. */
export const notSetAside = (column: string) => `${column} NOT IN (SELECT campaign_id FROM set_aside)`;

/** Which event could not be applied, and why; or at which block it differs, and by what. */
export interface SetAside {
  readonly campaignId: string;
  readonly block: number;
  /** The event's place in its block. */
  readonly index: number;
  /** null: none failed, the campaign differs from the contract. */
  readonly event: string | null;
  readonly reason: string;
}

/** Why a campaign is set aside, in words. */
export function describeSetAside({ block, event, reason }: Omit<SetAside, "campaignId" | "index">): string {
  return event === null ? reason : `its event ${event} of block ${block} could not be applied (${reason})`;
}

const MAX_REASON = 500;

interface SetAsideRow {
  campaign_id: string;
  block: bigint;
  log_index: bigint;
  event: string | null;
  reason: string;
}

/** The first that were set aside come first. */
export async function readSetAside(sql: Sql, campaignId?: string): Promise<SetAside[]> {
  const rows = await sql.query<SetAsideRow>(
    `SELECT campaign_id, block, log_index, event, reason FROM set_aside
     WHERE $1::text IS NULL OR campaign_id = $1 ORDER BY block, log_index, campaign_id`,
    [campaignId ?? null],
  );
  return rows.map(({ campaign_id, log_index, block, ...row }) => ({
    campaignId: campaign_id,
    block: Number(block),
    index: Number(log_index),
    ...row,
  }));
}

export interface SetAsideCount {
  readonly count: number;
  /** Of them, those that differ from the contract. */
  readonly differ: number;
  readonly first: SetAside | undefined;
}

/** How many campaigns are set aside, and the first of them. */
export async function countSetAside(sql: Sql): Promise<SetAsideCount> {
  const [row] = await sql.query<{ count: bigint; differ: bigint } & SetAsideRow>(
    `SELECT count(*) OVER () AS count, count(*) FILTER (WHERE event IS NULL) OVER () AS differ,
       campaign_id, block, log_index, event, reason FROM set_aside
     ORDER BY block, log_index, campaign_id LIMIT 1`,
  );
  if (row === undefined) return { count: 0, differ: 0, first: undefined };
  const { campaign_id: campaignId, event, reason } = row;
  const place = { block: Number(row.block), index: Number(row.log_index) };
  const first = { campaignId, ...place, event, reason };
  return { count: Number(row.count), differ: Number(row.differ), first };
}

/** Takes the campaign up again. @returns whether it still stood aside at this very event */
export async function takeUp(sql: Sql, { campaignId, block, index }: SetAside): Promise<boolean> {
  const rows = await sql.query(
    "DELETE FROM set_aside WHERE campaign_id = $1 AND block = $2 AND log_index = $3 RETURNING campaign_id",
    [campaignId, block, index],
  );
  return rows.length > 0;
}

/**
 * Applies an event of a campaign. If it cannot be applied, nothing of it is, and the campaign is set aside; what passes by waiting
 * is thrown.
 * @returns whether it was applied
 */
export async function applyOrSetAside(
  sql: Sql,
  event: Omit<SetAside, "reason">,
  apply: () => Promise<unknown>,
): Promise<boolean> {
  const failed = await attempt(sql, apply);
  if (failed === undefined) return true;
  const reason = (failed.error instanceof Error ? failed.error.message : String(failed.error))
    .replace(/\p{C}/gu, " ")
    .slice(0, MAX_REASON);
  await sql.query("INSERT INTO set_aside (campaign_id, block, log_index, event, reason) VALUES ($1, $2, $3, $4, $5)", [
    event.campaignId,
    event.block,
    event.index,
    event.event,
    reason,
  ]);
  return false;
}

/** What `apply` failed with, and then nothing of it is written; undefined: it went through. What passes by waiting is thrown. */
export async function attempt(
  sql: Sql,
  apply: () => Promise<unknown>,
): Promise<{ readonly error: unknown } | undefined> {
  await sql.query("SAVEPOINT attempt");
  try {
    await apply();
    await sql.query("RELEASE SAVEPOINT attempt");
    return undefined;
  } catch (error) {
    if (isRetryable(error)) throw error;
    await sql.query("ROLLBACK TO SAVEPOINT attempt");
    await sql.query("RELEASE SAVEPOINT attempt");
    return { error };
  }
}

/** What is kept of a campaign differs from the contract at `block`. One that is set aside for an event stays so. */
export async function setAsideForDifference(
  sql: Sql,
  campaignId: string,
  block: number,
  reason: string,
): Promise<void> {
  await sql.query(
    `INSERT INTO set_aside (campaign_id, block, log_index, event, reason) VALUES ($1, $2, 0, NULL, $3)
     ON CONFLICT (campaign_id) DO UPDATE SET block = $2, reason = $3 WHERE set_aside.event IS NULL`,
    [campaignId, block, reason.slice(0, MAX_REASON)],
  );
}
