/** What the brand changed of customers' bindings, and why. */
import type { Sql } from "#service/database.ts";

/** moved: to another partner. merged: another customer is this one, and one of two bindings was given up. */
export type BindingChange = "moved" | "merged";

export interface BindingChangeRow {
  readonly change: BindingChange;
  /** The partners' wallets. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly changed_by: string;
  readonly changed_at: Date;
}

export async function insertBindingChange(
  sql: Sql,
  change: {
    readonly campaignId: string;
    readonly customer: string;
    readonly change: BindingChange;
    readonly from: bigint;
    readonly to: bigint;
    readonly reason: string;
    readonly by: string;
  },
): Promise<void> {
  const { campaignId, customer, from, to, reason, by } = change;
  await sql.query(
    `INSERT INTO binding_changes (campaign_id, customer, from_id, to_id, reason, changed_by, change)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [campaignId, customer, from, to, reason, by, change.change],
  );
}

/** Of one customer, by all of its keys, the first one first. */
export function readBindingChanges(sql: Sql, campaignId: string, keys: readonly string[]): Promise<BindingChangeRow[]> {
  return sql.query(
    `SELECT change, former.partner AS from, later.partner AS to, reason, changed_by, changed_at
     FROM binding_changes JOIN partnerships former ON former.id = from_id
       JOIN partnerships later ON later.id = to_id
     WHERE binding_changes.campaign_id = $1 AND customer = ANY($2::text[]) ORDER BY binding_changes.id`,
    [campaignId, keys],
  );
}
