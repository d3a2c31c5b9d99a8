/** What the relayer as a whole is doing: how far it has read the chain, what waits, what it sent. */
import type { Sql } from "#service/database.ts";
import { HASH_OF_TRANSACTION } from "./outbox.ts";

/** The newest block whose events are in the database; null: nothing is indexed yet. */
export async function readIndexedBlock(sql: Sql): Promise<bigint | null> {
  const [row] = await sql.query<{ block: bigint | null }>("SELECT (SELECT block FROM chain_cursor) AS block");
  return row?.block ?? null;
}

export interface WaitingRow {
  readonly block: bigint | null;
  /** Accepted, and not attested yet. */
  readonly conversions: bigint;
  /** Attested, and not released yet. */
  readonly batches: bigint;
  /** Asked for, and not on the chain yet. */
  readonly refunds: bigint;
}

export async function readWaitingWork(sql: Sql): Promise<WaitingRow> {
  const [row] = await sql.query<WaitingRow>(
    `SELECT (SELECT block FROM chain_cursor) AS block,
       (SELECT coalesce(sum(conversions), 0)::bigint FROM conversion_states
         WHERE state IN ('accepted', 'batched', 'review')) AS conversions,
       (SELECT coalesce(sum(batches), 0)::bigint FROM batch_states WHERE state = 'attested') AS batches,
       (SELECT count(*) FROM reversals WHERE state IN ('requested', 'sent')) AS refunds`,
  );
  return row as WaitingRow;
}

export interface TransactionRow {
  /** The account that it is of: the relayer's, or one that was the relayer's before its key was replaced. */
  readonly sender: string;
  readonly purpose: string;
  /** Of the attempt that was mined, or else of the one with the highest fee. */
  readonly hash: string;
  readonly state: "sent" | "mined" | "reverted" | "lost";
  readonly gas_used: bigint | null;
  readonly block: bigint | null;
}

/** The newest first. */
export function readTransactions(sql: Sql, limit: number): Promise<TransactionRow[]> {
  return sql.query<TransactionRow>(
    `SELECT sender, purpose, state, gas_used, block, ${HASH_OF_TRANSACTION} AS hash
     FROM transactions ORDER BY created_at DESC LIMIT $1`,
    [limit],
  );
}
