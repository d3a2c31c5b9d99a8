/** A batch as its public data shows it. */
import type { Sql } from "#service/database.ts";

export interface BatchView {
  readonly campaign_id: string;
  readonly first_conversion: bigint;
  readonly conversions: number;
  readonly period_from: bigint;
  readonly period_to: bigint;
  readonly deadline: bigint;
  readonly conversions_root: string;
  readonly lines_root: string;
  readonly line_count: bigint;
  readonly total: bigint;
  /** The tree as reversals left it. */
  readonly current_root: string;
  readonly current_total: bigint;
  /** Otherwise they are not known here, and nothing is said of them. */
  readonly lines_known: boolean;
  readonly release_at: bigint | null;
  readonly state: string;
  /** Why it is not further yet, if something is in the way. */
  readonly problem: string | null;
}

export async function readBatchView(sql: Sql, digest: string): Promise<BatchView | undefined> {
  const [row] = await sql.query<BatchView>(
    `SELECT campaign_id, first_conversion, conversions::float8 AS conversions, conversions_root,
       period_from, period_to, deadline, lines_root, line_count, total, current_root, current_total,
       lines_known, release_at, state, problem
     FROM batches WHERE digest = $1`,
    [digest],
  );
  return row;
}

/** What names a batch's tree as it stands; undefined: its lines are not known here. */
export async function readTreeName(sql: Sql, digest: string): Promise<string | undefined> {
  const [row] = await sql.query<{ name: string }>(
    "SELECT digest || current_root || current_total AS name FROM batches WHERE digest = $1 AND lines_known",
    [digest],
  );
  return row?.name;
}
