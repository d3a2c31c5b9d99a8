/** Orders that partners signed and the relayer carries: each as it was taken in, and what became of it in the outbox. */
import type { ClaimOrder } from "@partner-programs/protocol/typedData";
import type { Database, Sql } from "#service/database.ts";
import { carriedFor } from "./outbox.ts";

export type ClaimState = "accepted" | "sent" | "paid" | "failed";

/** A claim; or, where there is a lock, an order where its owner is paid, which names no tokens. */
export interface Order extends ClaimOrder {
  readonly lockSeconds: number | null;
}

/** What puts an account on the chain: a call of its factory. */
export interface AccountMaking {
  readonly factory: string;
  readonly call: string;
}

/** An order as its owner signed it. `making`: what makes the owner's account, where it was not on the chain. */
export interface SignedOrder extends Order {
  readonly id: string;
  readonly signature: string;
  readonly making: AccountMaking | null;
}

/** An order as it was taken in, and what became of it. */
export interface Claim extends SignedOrder {
  readonly state: ClaimState;
  readonly transaction: string | null;
  readonly problem: string | null;
  readonly createdAt: Date;
}

interface Row {
  id: string;
  owner: string;
  receiver: string;
  tokens: string[];
  nonce: bigint;
  deadline: bigint;
  signature: string;
  lock_seconds: bigint | null;
  factory: string | null;
  making: string | null;
  problem: string | null;
  created_at: Date;
  sent: "mined" | "sent" | "reverted" | null;
  hash: string | null;
}

/** The name under which a claim stands in the outbox. */
export const purposeOf = (id: string) => `claim:${id}`;

/** The name under which the making of an owner's account stands there. */
export const purposeOfMaking = (owner: string) => `account:${owner}`;

/** What stands in the outbox decides: one that a reorganisation brought back is what it is then. */
const CLAIMS = `
  SELECT claims.*, carried.state AS sent, carried.hash
  FROM claims ${carriedFor("'claim:' || claims.id")}`;

const REVERTED =
  "The transaction was mined, and the contract refused it: the order had been carried before, or the credit was gone.";

function toClaim(row: Row): Claim {
  const failed = row.sent === "reverted" || (row.sent === null && row.problem !== null);
  return {
    id: row.id,
    owner: row.owner,
    receiver: row.receiver,
    tokens: row.tokens,
    nonce: BigInt(row.nonce),
    deadline: row.deadline,
    signature: row.signature,
    lockSeconds: row.lock_seconds === null ? null : Number(row.lock_seconds),
    making: row.factory === null || row.making === null ? null : { factory: row.factory, call: row.making },
    state: row.sent === "mined" ? "paid" : failed ? "failed" : row.sent === "sent" ? "sent" : "accepted",
    transaction: row.hash,
    problem: failed ? (row.problem ?? REVERTED) : null,
    createdAt: row.created_at,
  };
}

export async function readClaim(sql: Sql, id: string): Promise<Claim | undefined> {
  const [row] = await sql.query<Row>(`${CLAIMS} WHERE claims.id = $1`, [id]);
  return row === undefined ? undefined : toClaim(row);
}

/** Claims that are to be carried now, any fifty of them: those that fail every time must not be the first every time. */
export async function readWaiting(sql: Sql): Promise<Claim[]> {
  const rows = await sql.query<Row>(
    `${CLAIMS}
     WHERE problem IS NULL AND carried.state IS NULL AND deadline > extract(epoch FROM now()) - 86400
     ORDER BY random() LIMIT 50`,
  );
  return rows.map(toClaim);
}

/** Gives up those that reverted, so that their owners' next orders are taken. */
export async function giveUpReverted(sql: Sql): Promise<void> {
  await sql.query(
    `UPDATE claims SET problem = $1 WHERE problem IS NULL AND deadline > extract(epoch FROM now()) - 86400
       AND EXISTS (SELECT 1 FROM transactions WHERE purpose = 'claim:' || id AND state = 'reverted')
       AND NOT EXISTS (
         SELECT 1 FROM transactions WHERE purpose = 'claim:' || id AND state IN ('sent', 'mined')
       )`,
    [REVERTED],
  );
}

export async function giveUp(sql: Sql, id: string, problem: string): Promise<void> {
  await sql.query("UPDATE claims SET problem = $2 WHERE id = $1", [id, problem]);
}

export interface Limits {
  readonly perOwner: number;
  readonly all: number;
}

/**
 * Writes an order down, or says why not: `owner` and `all` are the limits of 24 hours, `nonce` that another order of the owner
 * with this nonce is under way. The same order again is no other.
 */
export async function writeClaim(
  database: Database,
  order: SignedOrder,
  limits: Limits,
): Promise<"written" | "owner" | "all" | "nonce"> {
  return database.transaction(async (sql) => {
    // One at a time: two at once must not both find room.
    await sql.query("SELECT pg_advisory_xact_lock(hashtext('claims'))");
    const [counted] = await sql.query<{ all: bigint; own: bigint; known: boolean; taken: boolean }>(
      `SELECT count(*) FILTER (WHERE created_at > now() - interval '1 day') AS all,
         count(*) FILTER (WHERE created_at > now() - interval '1 day' AND owner = $2) AS own,
         coalesce(bool_or(id = $1), false) AS known,
         coalesce(bool_or(owner = $2 AND nonce = $3 AND problem IS NULL), false) AS taken
       FROM claims WHERE created_at > now() - interval '1 day' OR id = $1 OR owner = $2`,
      [order.id, order.owner, String(order.nonce)],
    );
    if (counted === undefined || counted.known) return "written";
    if (counted.taken) return "nonce";
    if (Number(counted.own) >= limits.perOwner) return "owner";
    if (Number(counted.all) >= limits.all) return "all";
    await sql.query(
      `INSERT INTO claims
         (id, owner, receiver, tokens, nonce, deadline, signature, lock_seconds, factory, making)
       VALUES ($1, $2, $3, $4::text[], $5, $6, $7, $8, $9, $10)`,
      [
        order.id,
        order.owner,
        order.receiver,
        [...order.tokens],
        String(order.nonce),
        order.deadline,
        order.signature,
        order.lockSeconds,
        order.making?.factory ?? null,
        order.making?.call ?? null,
      ],
    );
    return "written";
  });
}
