/** What owners of credit did, whatever campaign paid it: claims, where they are paid, and orders that are void. */
import type { ChainEvent } from "#service/chain/programs.ts";
import type { Sql } from "#service/database.ts";

/** A claim always takes the whole credit: whatever was released to the owner before it is claimed. */
export async function applyClaimed(sql: Sql, { args, block, index }: ChainEvent): Promise<void> {
  await sql.query(
    `INSERT INTO last_claims (owner, token, block, log_index) VALUES ($1, $2, $3, $4)
     ON CONFLICT (owner, token) DO UPDATE SET block = $3, log_index = $4`,
    [args.owner, args.token, block, index],
  );
  await noteReceiver(sql, args.owner, args.receiver);
}

/** Where a wallet is paid is its own as well. */
async function noteReceiver(sql: Sql, owner: string, receiver: string): Promise<void> {
  if (receiver === owner || BigInt(receiver) === 0n) return;
  await sql.query("INSERT INTO payouts (owner, receiver) VALUES ($1, $2) ON CONFLICT DO NOTHING", [owner, receiver]);
}

/** In force at once, or after the lock that is in force: then what was announced before is replaced. */
export async function applyPayoutAnnounced(
  sql: Sql,
  { args, block }: ChainEvent,
  { times }: { readonly times: ReadonlyMap<number, number> },
): Promise<void> {
  const { owner, receiver, lockSeconds, effectiveAt } = args;
  const now = times.get(block) ?? 0;
  await sql.query(
    `INSERT INTO payout_addresses (owner, receiver) VALUES ($1, '0x0000000000000000000000000000000000000000')
     ON CONFLICT (owner) DO NOTHING`,
    [owner],
  );
  await sql.query(
    `UPDATE payout_addresses SET receiver = next_receiver, lock_seconds = next_lock_seconds
     WHERE owner = $1 AND next_at <> 0 AND next_at <= $2`,
    [owner, now],
  );
  if (effectiveAt > BigInt(now))
    await sql.query(
      "UPDATE payout_addresses SET next_receiver = $2, next_lock_seconds = $3, next_at = $4 WHERE owner = $1",
      [owner, receiver, lockSeconds, effectiveAt],
    );
  else
    await sql.query(
      `UPDATE payout_addresses
       SET receiver = $2, lock_seconds = $3, next_receiver = NULL, next_lock_seconds = NULL, next_at = 0
       WHERE owner = $1`,
      [owner, receiver, lockSeconds],
    );
  await noteReceiver(sql, owner, receiver);
}

export async function applyOptedOut(sql: Sql, { args }: ChainEvent): Promise<void> {
  await sql.query(
    `INSERT INTO payout_addresses (owner, receiver, opted_out)
     VALUES ($1, '0x0000000000000000000000000000000000000000', $2)
     ON CONFLICT (owner) DO UPDATE SET opted_out = $2`,
    [args.owner, args.optedOut],
  );
}

export async function applyOrdersRevoked(sql: Sql, { args }: ChainEvent): Promise<void> {
  await sql.query(
    "INSERT INTO revoked_orders (owner, nonce) VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET nonce = $2",
    [args.owner, args.nonce],
  );
}

/** Where an owner is paid by pushes, as it stands now. Times are Unix seconds. */
export interface PayoutRow {
  readonly owner: string;
  /** null: the owner itself. */
  readonly receiver: string | null;
  readonly lock_seconds: bigint;
  readonly next_receiver: string | null;
  readonly next_lock_seconds: bigint | null;
  /** 0: nothing is announced. */
  readonly next_at: bigint;
  readonly opted_out: boolean;
  /** Since orders were revoked last, they begin with this nonce; null: they never were. */
  readonly orders_from: bigint | null;
}

export async function readPayout(sql: Sql, owner: string): Promise<PayoutRow> {
  const [row] = await sql.query<Omit<PayoutRow, "owner">>(
    `SELECT CASE WHEN due THEN next_receiver ELSE receiver END AS receiver,
       coalesce(CASE WHEN due THEN next_lock_seconds ELSE lock_seconds END, 0) AS lock_seconds,
       CASE WHEN NOT due THEN next_receiver END AS next_receiver,
       CASE WHEN NOT due THEN next_lock_seconds END AS next_lock_seconds,
       coalesce(CASE WHEN NOT due THEN next_at END, 0) AS next_at,
       coalesce(opted_out, false) AS opted_out, nonce AS orders_from
     FROM (SELECT $1::text AS asked) AS one
     LEFT JOIN payout_addresses p ON p.owner = asked
     LEFT JOIN revoked_orders r ON r.owner = asked
     CROSS JOIN LATERAL (
       SELECT coalesce(next_at <> 0 AND next_at <= chain_now(), false) AS due) AS time`,
    [owner],
  );
  if (row === undefined) throw new Error("A row that is asked for by itself is there.");
  const own = (receiver: string | null) => (receiver === null || BigInt(receiver) === 0n ? null : receiver);
  return { owner, ...row, receiver: own(row.receiver), next_receiver: row.next_receiver };
}
