/** What the metrics tell of the database: the same from whichever process it is asked. */
import type { Sql } from "#service/database.ts";

export interface StateCount {
  readonly state: string;
  readonly count: bigint;
}

export const countConversions = (sql: Sql): Promise<StateCount[]> =>
  sql.query(`SELECT state, sum(conversions)::bigint AS count FROM conversion_states GROUP BY state
    HAVING sum(conversions) > 0`);

export const countBatches = (sql: Sql): Promise<StateCount[]> =>
  sql.query("SELECT state, sum(batches)::bigint AS count FROM batch_states GROUP BY state HAVING sum(batches) > 0");

/** Those that are not delivered: of the others there are ever more. */
export const countDeliveries = (sql: Sql): Promise<StateCount[]> =>
  sql.query("SELECT state, count(*) AS count FROM webhook_deliveries WHERE state <> 'delivered' GROUP BY state");

export const countMails = (sql: Sql): Promise<StateCount[]> =>
  sql.query("SELECT state, count(*) AS count FROM mails GROUP BY state");

/** Refunds that go to the chain. */
export const countReversals = (sql: Sql): Promise<StateCount[]> =>
  sql.query("SELECT state, count(*) AS count FROM reversals GROUP BY state");

export interface BacklogRow {
  /** The newest block whose events are in the database. */
  readonly block: bigint | null;
  /** Accepted conversions in no batch, and the age of the oldest in seconds. */
  readonly backlog: bigint;
  readonly oldest: number | null;
  /** Transactions that are not mined yet. */
  readonly outbox: bigint;
  /** Moves that have no deliveries yet. */
  readonly unannounced: bigint;
  /** For how many seconds the delivery that is due longest has been due. */
  readonly late: number | null;
}

export async function readBacklog(sql: Sql): Promise<BacklogRow> {
  const [row] = await sql.query<BacklogRow>(
    `SELECT (SELECT block FROM chain_cursor) AS block,
       (SELECT coalesce(sum(conversions), 0)::bigint FROM conversion_states
         WHERE state = 'accepted') AS backlog,
       (SELECT extract(epoch FROM now() - min(first.received_at))::float8 FROM conversion_states
         CROSS JOIN LATERAL (
           SELECT received_at FROM conversions c
           WHERE c.campaign_id = conversion_states.campaign_id AND c.state = 'accepted'
           ORDER BY id LIMIT 1) AS first
         WHERE state = 'accepted' AND conversions > 0) AS oldest,
       (SELECT count(*) FROM transactions WHERE state = 'sent') AS outbox,
       (SELECT count(*) FROM conversion_moves WHERE NOT announced) AS unannounced,
       (SELECT extract(epoch FROM now() - min(due_at))::float8
         FROM webhook_deliveries JOIN brand_webhooks ON brand_webhooks.id = endpoint_id
         WHERE state = 'pending' AND disabled_at IS NULL) AS late`,
  );
  return row as BacklogRow;
}
