/** Keys by which a partner's own programs read what concerns it: made, listed, used, deleted. */
import type { Database, Sql } from "#service/database.ts";
import type { KeptSecret } from "./apiKeys.ts";

/** What a partner's programs may do by a key. */
export const PARTNER_SCOPES = ["read", "refer"] as const;
export type PartnerScope = (typeof PARTNER_SCOPES)[number];

export interface PartnerKeyRow {
  readonly id: bigint;
  readonly label: string;
  readonly last4: string;
  readonly scopes: readonly PartnerScope[];
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

const KEY = "id, label, last4, scopes, created_at, last_used_at";

/** A new key; undefined if the wallet has `max`. */
export async function insertPartnerKey(
  database: Database,
  key: {
    readonly wallet: string;
    readonly label: string;
    readonly scopes: readonly PartnerScope[];
    readonly secret: KeptSecret;
  },
  max: number,
): Promise<PartnerKeyRow | undefined> {
  return database.transaction(async (sql) => {
    // One at a time for a wallet: two at once must not both find room.
    await sql.query("SELECT pg_advisory_xact_lock(hashtext('partner keys'), hashtext($1))", [key.wallet]);
    const [row] = await sql.query<PartnerKeyRow>(
      `INSERT INTO partner_keys (wallet, label, secret_hash, last4, scopes) SELECT $1, $2, $3, $4, $5::text[]
       WHERE (SELECT count(*) FROM partner_keys WHERE wallet = $1) < $6 RETURNING ${KEY}`,
      [key.wallet, key.label, key.secret.hash, key.secret.last4, key.scopes, max],
    );
    return row;
  });
}

export function readPartnerKeys(sql: Sql, wallet: string): Promise<PartnerKeyRow[]> {
  return sql.query<PartnerKeyRow>(`SELECT ${KEY} FROM partner_keys WHERE wallet = $1 ORDER BY id`, [wallet]);
}

/** Whether the wallet had it. */
export async function deletePartnerKey(sql: Sql, wallet: string, id: string): Promise<boolean> {
  const deleted = await sql.query("DELETE FROM partner_keys WHERE id = $1 AND wallet = $2 RETURNING 1", [id, wallet]);
  return deleted.length > 0;
}

/** Whose key has this hash; its use is noted, to the minute. */
export async function noteKeyUse(
  sql: Sql,
  hash: string,
): Promise<(Pick<PartnerKeyRow, "id" | "scopes"> & { readonly wallet: string }) | undefined> {
  const [row] = await sql.query<Pick<PartnerKeyRow, "id" | "scopes"> & { wallet: string; noted: boolean }>(
    `SELECT id, wallet, scopes, coalesce(last_used_at > now() - interval '1 minute', false) AS noted
     FROM partner_keys WHERE secret_hash = $1`,
    [hash],
  );
  if (row === undefined) return undefined;
  if (!row.noted)
    await sql.query("UPDATE partner_keys SET last_used_at = date_trunc('minute', now()) WHERE id = $1", [row.id]);
  return row;
}
