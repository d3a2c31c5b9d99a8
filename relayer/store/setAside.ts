/** Campaigns with an event that could not be applied: the worker leaves them alone, and nothing is promised for them. */

import type { Sql } from "#service/database.ts";
import { isRetryable } from "#service/errors.ts";

/** A condition on `column`, a campaign's id: the campaign is worked on. */
export const notSetAside = (column: string) => `${column} NOT IN (SELECT campaign_id FROM set_aside)`;

/** Which event could not be applied, and why. */
export interface SetAside {
  readonly campaignId: string;
  readonly block: number;
  /** The event's place in its block. */
  readonly index: number;
  readonly event: string;
  readonly reason: string;
}

const MAX_REASON = 500;

interface SetAsideRow {
  campaign_id: string;
  block: bigint;
  log_index: bigint;
  event: string;
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
  readonly first: SetAside | undefined;
}

/** How many campaigns are set aside, and the first of them. */
export async function countSetAside(sql: Sql): Promise<SetAsideCount> {
  const [row] = await sql.query<{ count: bigint } & SetAsideRow>(
    `SELECT count(*) OVER () AS count, campaign_id, block, log_index, event, reason FROM set_aside
     ORDER BY block, log_index, campaign_id LIMIT 1`,
  );
  if (row === undefined) return { count: 0, first: undefined };
  const { campaign_id: campaignId, event, reason } = row;
  const place = { block: Number(row.block), index: Number(row.log_index) };
  return { count: Number(row.count), first: { campaignId, ...place, event, reason } };
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
  await sql.query("SAVEPOINT event");
  try {
    await apply();
    await sql.query("RELEASE SAVEPOINT event");
    return true;
  } catch (error) {
    if (isRetryable(error)) throw error;
    await sql.query("ROLLBACK TO SAVEPOINT event");
    await sql.query("RELEASE SAVEPOINT event");
    const reason = (error instanceof Error ? error.message : String(error))
      .replace(/\p{C}/gu, " ")
      .slice(0, MAX_REASON);
    await sql.query(
      "INSERT INTO set_aside (campaign_id, block, log_index, event, reason) VALUES ($1, $2, $3, $4, $5)",
      [event.campaignId, event.block, event.index, event.event, reason],
    );
    return false;
  }
}
