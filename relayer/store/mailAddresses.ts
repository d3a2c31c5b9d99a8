/** Where wallets want to be written to: given, confirmed by who reads the mail there, and deleted whole. */
import type { Database, Sql } from "#service/database.ts";

export interface MailAddressRow {
  readonly address: string;
  readonly confirmed_at: Date | null;
  readonly muted: string[];
  /** What the mail server said when it refused the address for good. */
  readonly refused: string | null;
}

export async function readMailAddress(sql: Sql, wallet: string): Promise<MailAddressRow | undefined> {
  const [row] = await sql.query<MailAddressRow>(
    "SELECT address, confirmed_at, muted, refused FROM mail_addresses WHERE wallet = $1",
    [wallet],
  );
  return row;
}

/** How often within a day an address may be asked whether it is somebody's, and for one wallet; and how long a no is kept. */
export interface QuestionLimits {
  readonly perAddress: number;
  readonly perWallet: number;
  readonly refusalDays: number;
}

/**
 * Notes the address that a wallet gave, and a question to whoever reads the mail there. What the wallet had before is gone, with all
 * that waited to be sent; what it does not want to hear of stays.
 */
export async function putMailAddress(
  database: Database,
  given: { readonly wallet: string; readonly address: string; readonly addressHash: string },
  limits: QuestionLimits,
): Promise<"asked" | "confirmed already" | "too often" | "refused before"> {
  return database.transaction(async (sql) => {
    // One at a time: two at once must not both find room.
    await sql.query("SELECT pg_advisory_xact_lock(hashtext('mail questions'))");
    const before = await readMailAddress(sql, given.wallet);
    const same = before?.address === given.address;
    if (same && before.confirmed_at !== null && before.refused === null) return "confirmed already";
    const [counted] = await sql.query<{ address: bigint; wallet: bigint; refused: boolean }>(
      `SELECT count(*) FILTER (WHERE address_hash = $1) AS address,
         count(*) FILTER (WHERE wallet = $2) AS wallet,
         EXISTS (SELECT 1 FROM mail_refusals
           WHERE address_hash = $1 AND refused_at > now() - make_interval(days => $3)) AS refused
       FROM mail_questions WHERE asked_at > now() - interval '1 day'`,
      [given.addressHash, given.wallet, limits.refusalDays],
    );
    if (counted?.refused) return "refused before";
    if (Number(counted?.address) >= limits.perAddress || Number(counted?.wallet) >= limits.perWallet)
      return "too often";
    await sql.query("DELETE FROM mail_addresses WHERE wallet = $1", [given.wallet]);
    await sql.query("INSERT INTO mail_addresses (wallet, address, muted) VALUES ($1, $2, $3)", [
      given.wallet,
      given.address,
      before?.muted ?? [],
    ]);
    await sql.query("INSERT INTO mail_questions (address_hash, wallet) VALUES ($1, $2)", [
      given.addressHash,
      given.wallet,
    ]);
    await sql.query("INSERT INTO mails (wallet, purpose) VALUES ($1, 'question')", [given.wallet]);
    return "asked";
  });
}

/** Who reads the mail there wants it. What happened before is not told. Repeating it does nothing. */
export async function confirmMailAddress(sql: Sql, wallet: string): Promise<void> {
  await sql.query(
    `UPDATE mail_addresses SET confirmed_at = now(),
       from_block = coalesce((SELECT block FROM chain_cursor), 0)
     WHERE wallet = $1 AND confirmed_at IS NULL`,
    [wallet],
  );
}

/** Deletes a wallet's address, and all that was noted for it. */
export async function deleteMailAddress(sql: Sql, wallet: string): Promise<void> {
  await sql.query("DELETE FROM mail_addresses WHERE wallet = $1", [wallet]);
}

/** Who reads the mail at an address did not ask for it: nobody asks there for a while. */
export async function refuseQuestions(sql: Sql, addressHash: string): Promise<void> {
  await sql.query(
    `INSERT INTO mail_refusals (address_hash) VALUES ($1)
     ON CONFLICT (address_hash) DO UPDATE SET refused_at = now()`,
    [addressHash],
  );
}

/** Which kinds are not wanted; false: the wallet has no address. */
export async function muteKinds(sql: Sql, wallet: string, muted: readonly string[]): Promise<boolean> {
  const changed = await sql.query("UPDATE mail_addresses SET muted = $2 WHERE wallet = $1 RETURNING 1", [
    wallet,
    [...muted],
  ]);
  return changed.length > 0;
}

/** The mail server refuses the address for good: nothing more is sent there until its wallet gives one again. */
export async function noteRefusedAddress(sql: Sql, wallet: string, answer: string): Promise<void> {
  await sql.query("UPDATE mail_addresses SET refused = $2 WHERE wallet = $1", [wallet, answer]);
}

/** Forgets addresses that nobody confirmed in time, and what was counted and refused long ago. */
export async function forgetMailAddresses(sql: Sql, confirmWithinHours: number, refusalDays: number): Promise<void> {
  await sql.query(
    `DELETE FROM mail_addresses
     WHERE confirmed_at IS NULL AND created_at < now() - make_interval(hours => $1)`,
    [confirmWithinHours],
  );
  await sql.query("DELETE FROM mail_questions WHERE asked_at < now() - interval '1 day'");
  await sql.query("DELETE FROM mail_refusals WHERE refused_at < now() - make_interval(days => $1)", [refusalDays]);
}
