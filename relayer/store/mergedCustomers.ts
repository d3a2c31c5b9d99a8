/** Customers that are one with another, by the brand's word. */
import type { Sql } from "#service/database.ts";

/** Whom those of the customers are that were merged into another. */
export async function readMerged(
  sql: Sql,
  campaignId: string,
  customers: readonly string[],
): Promise<Map<string, string>> {
  if (customers.length === 0) return new Map();
  const rows = await sql.query<{ customer: string; merged_into: string }>(
    "SELECT customer, merged_into FROM merged_customers WHERE campaign_id = $1 AND customer = ANY($2::text[])",
    [campaignId, customers],
  );
  return new Map(rows.map(({ customer, merged_into }) => [customer, merged_into]));
}

/** All keys of the customer behind one of them; the one that the others were merged into first. */
export async function readKeysOfCustomer(sql: Sql, campaignId: string, customer: string): Promise<string[]> {
  const key = (await readMerged(sql, campaignId, [customer])).get(customer) ?? customer;
  const rows = await sql.query<{ customer: string }>(
    "SELECT customer FROM merged_customers WHERE campaign_id = $1 AND merged_into = $2",
    [campaignId, key],
  );
  return [key, ...rows.map((row) => row.customer)];
}

/** Under the campaign's lock. Neither is merged into another. With the customer go its wallets, and those that were merged into it. */
export async function insertMerge(sql: Sql, campaignId: string, customer: string, into: string): Promise<void> {
  await sql.query("UPDATE merged_customers SET merged_into = $3 WHERE campaign_id = $1 AND merged_into = $2", [
    campaignId,
    customer,
    into,
  ]);
  await sql.query("INSERT INTO merged_customers (campaign_id, customer, merged_into) VALUES ($1, $2, $3)", [
    campaignId,
    customer,
    into,
  ]);
  await sql.query("UPDATE customer_wallets SET customer = $3 WHERE campaign_id = $1 AND customer = $2", [
    campaignId,
    customer,
    into,
  ]);
  await sql.query("DELETE FROM bindings WHERE campaign_id = $1 AND customer = $2", [campaignId, customer]);
}
