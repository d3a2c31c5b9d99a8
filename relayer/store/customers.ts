/** Customers of a campaign: the wallets they came with, and the partners they are bound to. */
import type { Sql } from "#service/database.ts";
import type { KnownWallet, NewWallet } from "../domain/customers.ts";
import type { Binding } from "../domain/judge.ts";

/** These wallets and those of these customers, and the other wallets of whoever has them; the oldest first. */
export async function readWallets(
  sql: Sql,
  campaignId: string,
  of: { readonly wallets: readonly string[]; readonly customers: readonly string[] },
): Promise<KnownWallet[]> {
  if (of.wallets.length === 0 && of.customers.length === 0) return [];
  return sql.query(
    // Each half by its index; one condition for both would read all wallets of the campaign.
    `SELECT wallet, customer, seen_at FROM customer_wallets
       WHERE campaign_id = $1 AND customer = ANY($3::text[])
     UNION
     SELECT theirs.wallet, customer, theirs.seen_at
       FROM customer_wallets given JOIN customer_wallets theirs USING (campaign_id, customer)
       WHERE campaign_id = $1 AND given.wallet = ANY($2::text[])
     ORDER BY seen_at`,
    [campaignId, of.wallets, of.customers],
  );
}

export async function insertWallets(sql: Sql, campaignId: string, wallets: readonly NewWallet[]): Promise<void> {
  if (wallets.length === 0) return;
  const rows = wallets.map(({ wallet, customer, seenAt }) => ({ wallet, customer, seen_at: new Date(seenAt) }));
  await sql.query(
    `INSERT INTO customer_wallets (campaign_id, wallet, customer, seen_at)
     SELECT $1, given.*
     FROM jsonb_to_recordset($2::jsonb) AS given (wallet text, customer text, seen_at timestamptz)`,
    [campaignId, JSON.stringify(rows)],
  );
}

/** The bindings of these customers, by their keys. */
export async function readBindings(
  sql: Sql,
  campaignId: string,
  customers: readonly string[],
): Promise<Map<string, Binding>> {
  if (customers.length === 0) return new Map();
  const rows = await sql.query<{
    customer: string;
    partnership_id: bigint;
    bound_at: Date;
    touched_at: Date;
    bound_until: Date | null;
  }>(
    `SELECT customer, partnership_id, bound_at, touched_at, bound_until FROM bindings
     WHERE campaign_id = $1 AND customer = ANY($2::text[])`,
    [campaignId, customers],
  );
  return new Map(
    rows.map(({ customer, partnership_id, bound_at, touched_at, bound_until }) => [
      customer,
      {
        partnershipId: partnership_id,
        boundAt: bound_at.getTime(),
        touchedAt: touched_at.getTime(),
        until: bound_until?.getTime() ?? null,
      },
    ]),
  );
}

/** Writes bindings down, by customer; one that was there is replaced. */
export async function upsertBindings(
  sql: Sql,
  campaignId: string,
  bindings: ReadonlyMap<string, Binding>,
): Promise<void> {
  if (bindings.size === 0) return;
  const rows = [...bindings].map(([customer, { partnershipId, boundAt, touchedAt, until }]) => ({
    customer,
    partnership_id: String(partnershipId),
    bound_at: new Date(boundAt),
    touched_at: new Date(touchedAt),
    bound_until: until === null ? null : new Date(until),
  }));
  await sql.query(
    `INSERT INTO bindings (campaign_id, customer, partnership_id, bound_at, touched_at, bound_until)
     SELECT $1, given.* FROM jsonb_to_recordset($2::jsonb) AS given
       (customer text, partnership_id bigint,
        bound_at timestamptz, touched_at timestamptz, bound_until timestamptz)
     ON CONFLICT (campaign_id, customer) DO UPDATE SET partnership_id = excluded.partnership_id,
       bound_at = excluded.bound_at, touched_at = excluded.touched_at, bound_until = excluded.bound_until`,
    [campaignId, JSON.stringify(rows)],
  );
}

/** The partner of a partnership, and the code of its first link. */
export async function readPartnerAndCode(
  sql: Sql,
  partnershipId: bigint,
): Promise<{ partner: string; code: string } | undefined> {
  const [row] = await sql.query<{ partner: string; code: string }>(
    `SELECT partner,
       (SELECT code FROM links WHERE partnership_id = partnerships.id ORDER BY id LIMIT 1) AS code
     FROM partnerships WHERE id = $1`,
    [partnershipId],
  );
  return row;
}
