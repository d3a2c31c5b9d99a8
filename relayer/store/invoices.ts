/** Self-billing invoices: who is on them, what is to be written, and what was. */
import type { Sql, Transaction } from "#service/database.ts";
import type { Invoice, Party } from "../domain/invoice.ts";
import { beyond, direction, type Page } from "./page.ts";

/** Until the transaction ends nobody else writes an invoice of this brand for this partner: its number is the next one. */
export async function lockInvoices(sql: Transaction, brand: string, partner: string): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('invoices ' || $1), hashtext($2))", [brand, partner]);
}

/** Who a wallet is on invoices; undefined: it has not said so. */
export async function readParty(sql: Sql, wallet: string): Promise<Party | undefined> {
  const [row] = await sql.query<{ details: Party }>("SELECT details FROM invoice_details WHERE wallet = $1", [wallet]);
  return row?.details;
}

export async function writeParty(sql: Sql, wallet: string, party: Party): Promise<void> {
  await sql.query(
    `INSERT INTO invoice_details (wallet, details) VALUES ($1, $2)
     ON CONFLICT (wallet) DO UPDATE SET details = $2, updated_at = now()`,
    [wallet, JSON.stringify(party)],
  );
}

export async function deleteParty(sql: Sql, wallet: string): Promise<void> {
  await sql.query("DELETE FROM invoice_details WHERE wallet = $1", [wallet]);
}

/** Since when a brand may write a partner's invoices; undefined: it may not. */
export async function readAgreement(sql: Sql, brand: string, partner: string): Promise<Date | undefined> {
  const [row] = await sql.query<{ agreed_at: Date }>(
    "SELECT agreed_at FROM self_billing WHERE brand = $1 AND partner = $2 AND ended_at IS NULL",
    [brand, partner],
  );
  return row?.agreed_at;
}

/** The brands that may write a partner's invoices. */
export async function readAgreements(
  sql: Sql,
  partner: string,
): Promise<{ readonly brand: string; readonly agreed_at: Date }[]> {
  return sql.query(
    "SELECT brand, agreed_at FROM self_billing WHERE partner = $1 AND ended_at IS NULL ORDER BY agreed_at, brand",
    [partner],
  );
}

/** Whether the partner is in a campaign of the brand, and so has something to agree on. Again it stays as it is. */
export async function agree(sql: Sql, brand: string, partner: string): Promise<boolean> {
  const agreed = await sql.query(
    `INSERT INTO self_billing (brand, partner) SELECT $1, $2 WHERE EXISTS (
       SELECT 1 FROM partnerships p JOIN campaigns c ON c.id = p.campaign_id
       WHERE p.partner = $2 AND c.brand = $1)
     ON CONFLICT (brand, partner) DO UPDATE SET ended_at = NULL,
       agreed_at = CASE WHEN self_billing.ended_at IS NULL THEN self_billing.agreed_at ELSE now() END
     RETURNING 1`,
    [brand, partner],
  );
  return agreed.length > 0;
}

export async function endAgreement(sql: Sql, brand: string, partner: string): Promise<void> {
  await sql.query("UPDATE self_billing SET ended_at = now() WHERE brand = $1 AND partner = $2 AND ended_at IS NULL", [
    brand,
    partner,
  ]);
}

/** What a partner was paid in one batch, and is on no invoice yet. */
export interface BillableRow {
  readonly campaign_id: string;
  readonly digest: string;
  /** When its hold ended. Unix seconds. */
  readonly release_at: bigint;
  readonly amount: bigint;
  readonly indexes: string[];
  /** Packed, as they stood when they were paid. */
  readonly lines: string[];
}

/** Lines that were settled for good and whose hold ended before a time, in Unix seconds; in the order of the batches' names. */
export async function readBillable(
  sql: Sql,
  of: { readonly brand: string; readonly partner: string; readonly campaignId?: string | undefined },
  before: number,
  limit: number,
): Promise<BillableRow[]> {
  return sql.query(
    `SELECT b.campaign_id, l.digest, b.release_at, sum(l.commission) AS amount,
       array_agg(l.index::text ORDER BY l.index) AS indexes,
       array_agg(coalesce(l.lowered, l.attested) ORDER BY l.index) AS lines
     FROM batch_lines l JOIN batches b USING (digest) JOIN campaigns c ON c.id = b.campaign_id
     WHERE l.partner = $1 AND c.brand = $2 AND ($3::text IS NULL OR c.id = $3)
       AND l.state IN ('released', 'pulled') AND l.commission > 0 AND b.release_at < $4
       AND l.settled_block <= (SELECT final_block FROM chain_cursor)
       AND NOT EXISTS (SELECT 1 FROM invoiced_lines i WHERE i.digest = l.digest AND i.index = l.index)
     GROUP BY l.digest, b.campaign_id, b.release_at ORDER BY l.digest LIMIT $5`,
    [of.partner, of.brand, of.campaignId ?? null, before, limit],
  );
}

/** The last invoice of a brand for a partner; undefined: there is none. */
export async function readLastInvoice(sql: Sql, brand: string, partner: string): Promise<InvoiceRow | undefined> {
  const [row] = await sql.query<InvoiceRow>(
    `SELECT ${COLUMNS} FROM invoices WHERE brand = $1 AND partner = $2 ORDER BY number DESC LIMIT 1`,
    [brand, partner],
  );
  return row;
}

export interface InvoiceRow {
  readonly id: bigint;
  readonly brand: string;
  readonly partner: string;
  readonly number: number;
  readonly issued_at: Date;
  readonly issued_by: string;
  readonly body: Invoice;
}

const COLUMNS = "id, brand, partner, number, issued_at, issued_by, body";

/** Writes an invoice down, with the lines that it is of. */
export async function insertInvoice(
  sql: Transaction,
  given: Omit<InvoiceRow, "id" | "issued_at">,
  lines: readonly Pick<BillableRow, "digest" | "indexes">[],
): Promise<InvoiceRow> {
  const [row] = await sql.query<InvoiceRow>(
    `INSERT INTO invoices (brand, partner, number, issued_by, body) VALUES ($1, $2, $3, $4, $5) RETURNING ${COLUMNS}`,
    [given.brand, given.partner, given.number, given.issued_by, JSON.stringify(given.body)],
  );
  if (row === undefined) throw new Error(`Invoice ${given.number} for ${given.partner} was not written.`);
  const each = lines.flatMap(({ digest, indexes }) => indexes.map((index) => ({ digest, index })));
  await sql.query(
    `INSERT INTO invoiced_lines (digest, index, invoice_id)
     SELECT digest, index, $3 FROM unnest($1::text[], $2::bigint[]) AS line (digest, index)`,
    [each.map(({ digest }) => digest), each.map(({ index }) => index), row.id],
  );
  return row;
}

/** Those of a brand, or of a partner, or between both. */
export async function readInvoices(
  sql: Sql,
  of: { readonly brand?: string | undefined; readonly partner?: string | undefined },
  page: Page,
): Promise<InvoiceRow[]> {
  return sql.query(
    `SELECT ${COLUMNS} FROM invoices
     WHERE ($1::text IS NULL OR brand = $1) AND ($2::text IS NULL OR partner = $2) AND id ${beyond(page)} $3
     ORDER BY id ${direction(page)} LIMIT $4`,
    [of.brand ?? null, of.partner ?? null, page.from, page.limit],
  );
}

export async function readInvoice(sql: Sql, id: bigint): Promise<InvoiceRow | undefined> {
  const [row] = await sql.query<InvoiceRow>(`SELECT ${COLUMNS} FROM invoices WHERE id = $1`, [id]);
  return row;
}
