/** A batch as its public data shows it. */
import type { Sql } from "#service/database.ts";

export interface BatchView {
  readonly campaign_id: string;
  readonly first_conversion: bigint;
  readonly conversions: number;
  readonly conversions_root: string;
  readonly state: string;
  /** Why it is not further yet, if something is in the way. */
  readonly problem: string | null;
}

export async function readBatchView(sql: Sql, digest: string): Promise<BatchView | undefined> {
  const [row] = await sql.query<BatchView>(
    `SELECT campaign_id, first_conversion, conversions::float8 AS conversions, conversions_root,
       state, problem
     FROM batches WHERE digest = $1`,
    [digest],
  );
  return row;
}
