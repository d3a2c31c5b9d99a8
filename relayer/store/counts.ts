/** What the metrics tell of the database: the same from whichever process it is asked. */
import type { Sql } from "#service/database.ts";

export interface StateCount {
  readonly state: string;
  readonly count: bigint;
}

export const countConversions = (sql: Sql): Promise<StateCount[]> =>
  sql.query("SELECT state, count(*) AS count FROM conversions GROUP BY state");

export const countBatches = (sql: Sql): Promise<StateCount[]> =>
  sql.query("SELECT state, count(*) AS count FROM batches GROUP BY state");

export const countDeliveries = (sql: Sql): Promise<StateCount[]> =>
  sql.query("SELECT state, count(*) AS count FROM webhook_deliveries GROUP BY state");

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
       (SELECT count(*) FROM conversions WHERE state = 'accepted') AS backlog,
       (SELECT extract(epoch FROM now() - min(received_at))::float8
         FROM conversions WHERE state = 'accepted') AS oldest,
       (SELECT count(*) FROM transactions WHERE state = 'sent') AS outbox,
       (SELECT count(*) FROM conversion_moves WHERE NOT announced) AS unannounced,
       (SELECT extract(epoch FROM now() - min(due_at))::float8
         FROM webhook_deliveries JOIN brand_webhooks ON brand_webhooks.id = endpoint_id
         WHERE state = 'pending' AND disabled_at IS NULL) AS late`,
  );
  return row as BacklogRow;
}
