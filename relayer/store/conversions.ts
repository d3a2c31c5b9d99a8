import type { Sql } from "../../server/database.ts";
import type { Reason } from "../domain/reasons.ts";

export type ConversionState = "accepted" | "review" | "batched" | "attested" | "released" | "rejected" | "reversed";

/**
 * Moves conversions from one state to the next and notes the move. Only those in a state of `from` move, so repeating it
 * does nothing.
 */
export async function moveConversions(
  sql: Sql,
  move: ({ readonly batch: string } | { readonly ids: readonly bigint[] }) & {
    readonly from: readonly ConversionState[];
    readonly to: ConversionState;
    readonly reason?: Reason;
    readonly transaction?: string;
  },
): Promise<number> {
  const [condition, which] =
    "batch" in move ? ["batch = $1", move.batch] : ["id = ANY($1::bigint[])", move.ids.map(String)];
  const moved = await sql.query(
    `WITH moved AS (
       UPDATE conversions SET state = $2::text, reason = coalesce($3::text, reason) WHERE ${condition} AND state = ANY($4::text[]) RETURNING id
     ), noted AS (
       INSERT INTO conversion_moves (conversion_id, state, reason, transaction) SELECT id, $2::text, $3::text, $5::text FROM moved
     )
     SELECT 1 FROM moved`,
    [which, move.to, move.reason ?? null, [...move.from], move.transaction ?? null],
  );
  return moved.length;
}

/** Takes conversions back that are on no chain: what they were promised is free again. */
export async function takeBack(sql: Sql, ids: readonly bigint[]): Promise<number> {
  const from = ["accepted", "review", "batched"] as const;
  const moved = await moveConversions(sql, { ids, from, to: "reversed", reason: "refunded" });
  await freePromises(sql, ids);
  return moved;
}

/** What conversions were promised is free again. */
export async function freePromises(sql: Sql, ids: readonly bigint[]): Promise<void> {
  await sql.query(
    `UPDATE campaigns SET promised = promised - sums.sum
     FROM (SELECT campaign_id, sum(commission + fee) AS sum FROM conversions WHERE id = ANY($1::bigint[]) GROUP BY campaign_id) AS sums
     WHERE campaigns.id = sums.campaign_id`,
    [ids.map(String)],
  );
}
