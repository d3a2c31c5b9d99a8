/** The relayer's transactions: what is sent under which nonce, each attempt at it, and what became of it. */
import type { Sql } from "#service/database.ts";
import type { Spending } from "../domain/spending.ts";

/** One of the relayer's transactions. Its purpose names what it is for: `attest:<digest>`. */
export interface OutboxRow {
  /** The account that it is of: the relayer's, or one that was the relayer's before its key was replaced. */
  readonly sender: string;
  readonly nonce: bigint;
  readonly purpose: string;
  readonly data: string;
  readonly gas_limit: bigint;
  /** Whom it calls; null: the contract of campaigns. */
  readonly recipient: string | null;
  readonly state: "sent" | "mined" | "reverted";
}

/** A transaction that is followed. */
export interface FollowedRow extends OutboxRow {
  /** The hash of the block in which it was mined, as the index read it; null: it was not mined, or that block was not read by itself. */
  readonly block_hash: string | null;
}

/** One signed transaction for a nonce. Fees are wei a gas. */
export interface Attempt {
  readonly hash: string;
  readonly raw: string;
  readonly max_fee: bigint;
  readonly priority_fee: bigint;
  /** Whether it has waited long enough to be replaced. */
  readonly old: boolean;
}

/** The hash of a transaction: of the attempt that was mined, or else of the one that pays most. */
export const HASH_OF_TRANSACTION = `coalesce(hash, (
  SELECT hash FROM attempts
  WHERE attempts.sender = transactions.sender AND attempts.nonce = transactions.nonce
  ORDER BY max_fee DESC LIMIT 1))`;

/** A join as `carried`: the state and hash of the transaction that stands in the outbox for `purpose`. What stands there decides. */
export const carriedFor = (purpose: string): string => `LEFT JOIN LATERAL (
    SELECT state, ${HASH_OF_TRANSACTION} AS hash
    FROM transactions WHERE purpose = ${purpose} AND state <> 'lost'
    ORDER BY array_position(ARRAY['mined', 'sent', 'reverted'], state) LIMIT 1
  ) AS carried ON true`;

export async function isUnderWay(sql: Sql, purpose: string): Promise<boolean> {
  const rows = await sql.query("SELECT 1 FROM transactions WHERE purpose = $1 AND state = 'sent'", [purpose]);
  return rows.length > 0;
}

/**
 * Locks the outbox: one sender at a time.
 * @returns the next nonce: the chain's, or the one after the last written down
 */
export async function lockNextNonce(sql: Sql, sender: string, onChain: number): Promise<bigint> {
  await sql.query("LOCK TABLE transactions IN EXCLUSIVE MODE");
  const [{ last } = { last: null }] = await sql.query<{ last: bigint | null }>(
    "SELECT max(nonce) AS last FROM transactions WHERE sender = $1 AND state <> 'lost'",
    [sender],
  );
  return last === null || Number(last) < onChain ? BigInt(onChain) : last + 1n;
}

export async function insertTransaction(
  sql: Sql,
  sender: string,
  purpose: string,
  row: Pick<OutboxRow, "nonce" | "data" | "gas_limit" | "recipient">,
): Promise<void> {
  await sql.query(
    `INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, recipient, state)
     VALUES ($1, $2, $3, $4, $5, $6, 'sent')`,
    [sender, row.nonce, purpose, row.data, row.gas_limit, row.recipient],
  );
}

export async function insertAttempt(
  sql: Sql,
  sender: string,
  nonce: bigint,
  attempt: Omit<Attempt, "old">,
): Promise<void> {
  await sql.query(
    `INSERT INTO attempts (hash, sender, nonce, raw, max_fee, priority_fee) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (hash) DO NOTHING`,
    [attempt.hash, sender, nonce, attempt.raw, attempt.max_fee, attempt.priority_fee],
  );
}

/** The attempts at a nonce, the one that pays most first. Those older than `oldAfterSeconds` are old. */
export async function readAttempts(
  sql: Sql,
  sender: string,
  nonce: bigint,
  oldAfterSeconds: number,
): Promise<Attempt[]> {
  return sql.query(
    `SELECT hash, raw, max_fee, priority_fee, created_at < now() - make_interval(secs => $3) AS old
     FROM attempts
     WHERE sender = $1 AND nonce = $2 ORDER BY max_fee DESC`,
    [sender, nonce, oldAfterSeconds],
  );
}

/** What became of a transaction; without a receipt it is under way again, or lost. */
export async function setOutcome(
  sql: Sql,
  sender: string,
  nonce: bigint,
  state: OutboxRow["state"] | "lost",
  receipt?: { readonly hash: string; readonly gasUsed: bigint; readonly block: number; readonly paid: bigint },
): Promise<void> {
  await sql.query(
    // What is found again was not paid again.
    `UPDATE transactions SET state = $3, hash = $4, gas_used = $5, block = $6, paid = $7,
       paid_at = CASE WHEN $7::numeric IS NOT NULL THEN coalesce(paid_at, now()) END
     WHERE sender = $1 AND nonce = $2`,
    [sender, nonce, state, receipt?.hash, receipt?.gasUsed, receipt?.block, receipt?.paid].map(
      (value) => value ?? null,
    ),
  );
}

/**
 * What is under way, or was mined in a block that is not final, of every account that ever sent here: in the order of nonces, with the
 * final block that counts.
 */
export async function readUnderWay(
  sql: Sql,
): Promise<{ readonly rows: readonly FollowedRow[]; readonly finalBlock: number }> {
  const rows = await sql.query<FollowedRow & { final_block: bigint }>(
    `SELECT sender, nonce, purpose, data, gas_limit, recipient, state, indexed_blocks.hash AS block_hash,
       coalesce(final_block, 0) AS final_block
     FROM (
       SELECT * FROM transactions WHERE state = 'sent'
       UNION ALL
       SELECT * FROM transactions WHERE state IN ('mined', 'reverted')
         AND block > coalesce((SELECT final_block FROM chain_cursor), -1)
         -- As in the view transactions_under_way: so the index is asked.
         AND block < coalesce((SELECT final_block FROM chain_cursor), -1) + (1::bigint << 40)
     ) AS open LEFT JOIN chain_cursor ON true
       LEFT JOIN indexed_blocks ON state <> 'sent' AND indexed_blocks.block = open.block
     ORDER BY sender, nonce`,
  );
  return { rows, finalBlock: Number(rows[0]?.final_block ?? 0n) };
}

export interface SenderRow {
  readonly sender: string;
  /** Its transactions that are sent and not mined. */
  readonly waiting: bigint;
}

/** The accounts with transactions that are sent and not mined. */
export function readSendersUnderWay(sql: Sql): Promise<SenderRow[]> {
  return sql.query<SenderRow>(
    "SELECT sender, count(*) AS waiting FROM transactions WHERE state = 'sent' GROUP BY sender ORDER BY sender",
  );
}

/** What the transactions of all keys cost: those that were found mined within 24 hours, and those that are under way at most. */
export async function readSpending(sql: Sql): Promise<Spending> {
  const [row] = await sql.query<Spending>(
    `SELECT
       (SELECT coalesce(sum(paid), 0) FROM transactions WHERE paid_at > now() - interval '24 hours') AS paid,
       (SELECT coalesce(sum(gas_limit * (
           SELECT max(max_fee) FROM attempts
           WHERE attempts.sender = transactions.sender AND attempts.nonce = transactions.nonce)), 0)
         FROM transactions WHERE state = 'sent') AS open`,
  );
  return row as Spending;
}

export interface PaidRow {
  /** The first word of the purpose. */
  readonly kind: string;
  /** Wei within 24 hours. */
  readonly paid: bigint;
}

/** What was paid within 24 hours, by what it was for. */
export function readPaidByKind(sql: Sql): Promise<PaidRow[]> {
  return sql.query<PaidRow>(
    `SELECT split_part(purpose, ':', 1) AS kind, sum(paid) AS paid FROM transactions
     WHERE paid_at > now() - interval '24 hours' GROUP BY 1 ORDER BY 1`,
  );
}
