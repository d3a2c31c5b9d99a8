/** What the brand changed of customers' bindings, and why. */
import type { Sql } from "#service/database.ts";

export interface BindingChangeRow {
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
    readonly from: bigint;
    readonly to: bigint;
    readonly reason: string;
    readonly by: string;
  },
): Promise<void> {
  const { campaignId, customer, from, to, reason, by } = change;
  await sql.query(
    `INSERT INTO binding_changes (campaign_id, customer, from_id, to_id, reason, changed_by)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [campaignId, customer, from, to, reason, by],
  );
}

/** Of one customer, the first one first. */
export function readBindingChanges(sql: Sql, campaignId: string, customer: string): Promise<BindingChangeRow[]> {
  return sql.query(
    `SELECT former.partner AS from, later.partner AS to, reason, changed_by, changed_at
     FROM binding_changes JOIN partnerships former ON former.id = from_id
       JOIN partnerships later ON later.id = to_id
     WHERE binding_changes.campaign_id = $1 AND customer = $2 ORDER BY binding_changes.id`,
    [campaignId, customer],
  );
}
