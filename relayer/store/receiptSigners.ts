/** Who signed receipts here, and in which time: keys are replaced, and what the old one promised is kept. */
import type { Sql } from "#service/database.ts";

export interface ReceiptSigner {
  readonly address: string;
  /** null: from the first receipt on. */
  readonly since: Date | null;
  /** When a process with this key ran last. */
  readonly last_seen: Date;
}

/** Notes that a process runs with this key now. The first of a database signed from its first receipt on. */
export async function noteReceiptSigner(sql: Sql, address: string): Promise<void> {
  await sql.query(
    `INSERT INTO receipt_signers (address, since, last_seen)
     VALUES ($1, CASE WHEN EXISTS (SELECT 1 FROM receipt_signers) THEN now() END, now())
     ON CONFLICT (address) DO UPDATE SET last_seen = now()`,
    [address],
  );
}

/** The first of them first. */
export function readReceiptSigners(sql: Sql): Promise<ReceiptSigner[]> {
  return sql.query<ReceiptSigner>(
    "SELECT address, since, last_seen FROM receipt_signers ORDER BY since NULLS FIRST, address",
  );
}
