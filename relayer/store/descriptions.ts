/** Descriptions: the bytes that were uploaded, under their hashes. */
import type { Database, Sql } from "#service/database.ts";

export async function readDescriptionText(sql: Sql, hash: string): Promise<string | undefined> {
  const [row] = await sql.query<{ body: string }>("SELECT body FROM descriptions WHERE hash = $1", [hash]);
  return row?.body;
}

/** Stores a description, unless its address has stored too much within a day. What is stored already costs nothing. */
export async function storeDescription(
  database: Database,
  description: { readonly hash: string; readonly text: string; readonly storedBy: string },
  maxBytesADay: number,
): Promise<"stored" | "too much"> {
  const { hash, text, storedBy } = description;
  const stored = await database.transaction(async (sql) => {
    // One at a time for an address: two at once must not both find room.
    await sql.query("SELECT pg_advisory_xact_lock(hashtext($1))", [storedBy]);
    return sql.query(
      `INSERT INTO descriptions (hash, body, stored_by) SELECT $1, $2, $3
       WHERE EXISTS (SELECT 1 FROM descriptions WHERE hash = $1) OR octet_length($2) + (
         SELECT coalesce(sum(octet_length(body)), 0) FROM descriptions
         WHERE stored_by = $3 AND created_at > now() - interval '1 day') <= $4
       ON CONFLICT (hash) DO UPDATE SET hash = descriptions.hash RETURNING 1`,
      [hash, text, storedBy, maxBytesADay],
    );
  });
  return stored.length > 0 ? "stored" : "too much";
}
