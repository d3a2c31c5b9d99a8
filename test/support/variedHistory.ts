/** A history in which nothing is like its neighbour, and its tables' rows as they lie there, for counts beside those of the store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newDatabase, RELAYER_MIGRATIONS } from "#harness/database.ts";
import { type History, writeHistory } from "#harness/history.ts";
import type { Database, Sql } from "#service/database.ts";

const SIZE = { partners: 12, campaigns: 3, batches: 60, waiting: 30, days: 6 };
/** When the fixture began, in Unix seconds. */
export const NOW = Math.floor(Date.now() / 1000);
export const DAY = 86_400;
const ALL_MASKS = [0n, 1n, 2n, 3n, 5n, 6n];

/** One of so many numbers from 0 on, by a row's own name: two such choices have nothing to do with each other. */
const among = (name: string, n: number) => `(hashtext(${name}) & 1023) % ${n}`;

/** What the history alone has all alike. */
const VARIED: readonly string[] = [
  // On both sides of midnight in UTC, and events and states of each kind.
  `UPDATE conversions SET received_at = date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
     - (id % 5) * interval '1 day' + (id % 3 - 1) * interval '1 millisecond'`,
  "UPDATE conversions SET event = 'lead' WHERE id % 4 = 1",
  "UPDATE conversions SET volume = 1000 + id * 7, refunded = id % 3, commission = 100 + id, partner_commission = 90 + id, fee = id % 11",
  "UPDATE conversions SET state = (ARRAY['accepted', 'review', 'rejected', 'reversed'])[1 + id % 4] WHERE state = 'accepted'",
  "UPDATE conversions SET customer = 'customer-' || id % 6 WHERE id % 2 = 0",
  // The order's name of another event, and of another campaign.
  `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, volume, received_at, state, entries, commission,
     partner_commission, fee, salt)
   SELECT campaigns.id, given.event, 'order-5-1', '', gen_random_uuid()::text, 5, now(), 'rejected', '[]', 0, 0, 0, ''
   FROM campaigns CROSS JOIN (VALUES ('click'), ('trial'), ('upsell')) AS given (event)`,
  "UPDATE partnerships p SET recruiter_id = first.id FROM partnerships first WHERE first.campaign_id = p.campaign_id AND first.partner = '0x' || lpad('1', 40, '0') AND p.id % 3 = 0 AND p.id <> first.id",
  `INSERT INTO offers (campaign_id, offer_id, event, kind, flat_amount, rate_bps, cap_units, valid_from, valid_to, partner)
   SELECT campaigns.id, n, CASE WHEN n % 2 = 0 THEN 'lead' ELSE 'sale' END, n % 3, 17 * n, 33 * n, 100 + n, 1000 * n, ${NOW} + (n - 4) * 1000,
     CASE WHEN n = 5 THEN '0x05' END FROM campaigns CROSS JOIN generate_series(2, 6) AS n`,
  `UPDATE batches SET state = (ARRAY['attested', 'released', 'signed', 'asked', 'built', 'dead', 'attested', 'attested'])[1 + ${among("digest", 8)}],
     release_at = ${NOW} + (${among("digest || 'r'", 7)} - 3) * 5000, problem = CASE WHEN ${among("digest || 'p'", 2)} = 0 THEN 'problem ' || digest END,
     lines_known = ${among("digest || 'k'", 5)} <> 2, retry_at = now() + (${among("digest || 't'", 3)} - 1.5) * interval '1 hour'`,
  `UPDATE batch_lines SET commission = CASE WHEN index = 3 THEN 0 ELSE 50 + index * 3 END, fee = CASE WHEN index IN (3, 5) THEN 0 ELSE 1 END,
     lowered = CASE WHEN index % 4 = 1 THEN overlay(attested PLACING '0003' FROM 3) END, fault = CASE WHEN index = 7 THEN 4 END`,
  `UPDATE batch_lines SET state = (ARRAY['open', 'released', 'pulled', 'refused', 'open'])[1 + ${among("digest || index", 5)}]`,
  "UPDATE batch_lines SET settled_block = CASE WHEN state = 'open' THEN NULL ELSE 50 + index END, settled_index = CASE WHEN state = 'open' THEN NULL ELSE 0 END",
  "UPDATE last_claims SET block = 52",
  `INSERT INTO kinds (campaign_id, partner, mask, mask_before, effective_at)
   SELECT campaign_id, partner, (ARRAY[${ALL_MASKS.join(", ")}])[1 + id % 6], (ARRAY[${ALL_MASKS.join(", ")}])[1 + id / 6 % 6], 1000 + id
   FROM partnerships`,
  `INSERT INTO merged_customers (campaign_id, customer, merged_into)
   SELECT id, 'customer-' || n, 'customer-' || n - 3 FROM campaigns CROSS JOIN generate_series(3, 4) AS n`,
  `INSERT INTO waiting_refunds (campaign_id, event, order_id, key, body_hash, volume, state, created_at)
   SELECT id, event, 'order ' || n % 3, 'key ' || n, '', '5',
     (ARRAY['waiting', 'waiting', 'nothing_due', 'done', 'refused', 'withdrawn'])[1 + n % 6],
     now() - (CASE WHEN n % 7 = 0 THEN 401 ELSE 399 END) * interval '1 day'
   FROM campaigns CROSS JOIN (VALUES ('sale'), ('lead')) AS e (event) CROSS JOIN generate_series(1, 24) AS n`,
  `INSERT INTO reversals (conversion_id, batch, reason, state, whole, taken_back)
   SELECT id, batch, CASE WHEN ${among("key || 'f'", 3)} = 0 THEN 'fraud_confirmed' ELSE 'refunded' END,
     (ARRAY['requested', 'sent', 'done', 'late'])[1 + ${among("key", 4)}], true, jsonb_build_array('0x' || id)
   FROM conversions WHERE batch IS NOT NULL AND ${among("key || 'w'", 3)} <> 1`,
  `INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state)
   SELECT '0xreverser', row_number() OVER (ORDER BY digest), 'reverse:' || digest, '0x', 1, 'sent' FROM batches WHERE ${among("digest || 'v'", 4)} = 0`,
  `INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state)
   SELECT '0xreleaser', row_number() OVER (ORDER BY digest), 'release:' || digest || ':0', '0x', 1, 'sent' FROM batches WHERE ${among("digest || 'u'", 3)} = 0`,
  "DELETE FROM pushes",
  `INSERT INTO pushes (owner, tokens, problem, created_at)
   SELECT '0x' || lpad(to_hex(1 + n % 4), 40, '0'), ARRAY['0x' || n], CASE WHEN n % 5 = 0 THEN 'refused' END, now() - n * interval '3 hours'
   FROM generate_series(1, 16) AS n`,
  `INSERT INTO transactions (sender, nonce, purpose, data, gas_limit, state, hash)
   SELECT '0xpusher', row_number() OVER (ORDER BY id), 'push:' || id, '0x', 1, (ARRAY['sent', 'mined', 'lost', 'reverted'])[1 + id % 4], '0xh' || id
   FROM pushes WHERE id % 3 <> 0`,
  "INSERT INTO push_settings (wallet, wanted) SELECT DISTINCT partner, false FROM partnerships WHERE id % 5 = 0 AND partner NOT IN (SELECT owner FROM pushes)",
  "INSERT INTO set_aside (campaign_id, block, log_index, event, reason) SELECT max(id), 5, 0, 'Funded', 'unreadable' FROM campaigns",
];

// biome-ignore lint/suspicious/noExplicitAny: a table's row, whatever it has
export type Row = any;

type Table = (typeof TABLES)[number] | "clicks";

export interface VariedHistory {
  readonly database: Database;
  readonly history: History;
  rows(table: Table): Row[];
  /** The row with this value in a column. */
  by(table: Table, column: string, value: unknown): Row;
  /** The ids of all campaigns. */
  campaigns(): string[];
  close(): Promise<void>;
}

const TABLES = [
  "campaigns",
  "set_aside",
  "offers",
  "kinds",
  "partnerships",
  "conversions",
  "conversion_moves",
  "merged_customers",
  "waiting_refunds",
  "reversals",
  "batches",
  "batch_lines",
  "last_claims",
  "line_sums",
  "pushes",
  "push_settings",
  "transactions",
  "partner_days",
] as const;
/** By whom links were followed on which day. */
const CLICKS = `SELECT campaign_id, partner, day, link_clicks.clicks FROM link_clicks
  JOIN links ON links.id = link_id JOIN partnerships ON partnerships.id = partnership_id`;

/** Of lines with what became of each, as `now`. */
export async function openVariedHistory(): Promise<VariedHistory> {
  const folder = mkdtempSync(join(tmpdir(), "partner-programs-varied-"));
  const database = await newDatabase({ folder }, RELAYER_MIGRATIONS);
  const history = await writeHistory(database, SIZE);
  for (const statement of VARIED) await database.query(statement);
  const tables: Record<string, Row[]> = { clicks: await database.query(CLICKS) };
  for (const table of TABLES) tables[table] = await database.query(`SELECT * FROM ${table}`);
  const rows = (table: string): Row[] => tables[table] ?? [];
  const [clock] = await database.query<{ now: bigint }>("SELECT floor(chain_now())::bigint AS now");
  for (const line of rows("batch_lines")) line.now = stateOf(line, rows, clock?.now ?? 0n);
  return {
    database,
    history,
    rows,
    by: (table, column, value) => rows(table).find((row) => row[column] === value),
    campaigns: () => rows("campaigns").map(({ id }) => id),
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function stateOf(line: Row, rows: (table: string) => Row[], now: bigint): string {
  const batch = rows("batches").find(({ digest }) => digest === line.digest);
  if (line.state === "released") {
    const { token } = rows("campaigns").find(({ id }) => id === batch.campaign_id);
    const claim = rows("last_claims").find((one) => one.owner === line.partner && one.token === token);
    const isClaimed =
      claim !== undefined &&
      (claim.block > line.settled_block ||
        (claim.block === line.settled_block && claim.log_index > line.settled_index));
    return isClaimed ? "claimed" : "credited";
  }
  if (line.state !== "open") return line.state;
  if (!["attested", "released"].includes(batch.state)) return "signed";
  return batch.release_at > now ? "held" : "pullable";
}

/** In the order of a list's keys, as PostgreSQL puts texts of hex digits. */
export const sorted = (list: readonly Row[], ...keys: ((row: Row) => bigint | string | number)[]): Row[] =>
  list.toSorted((a, b) => {
    for (const key of keys) {
      const [x, y] = [key(a), key(b)];
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  });
export const newest = (list: readonly Row[]): Row[] => sorted(list, ({ id }) => id).toReversed();
export const sum = (list: readonly Row[], column: string): bigint =>
  list.reduce((all, row) => all + BigInt(row[column]), 0n);

/** A table's rows as they are now, in the order of its first column. */
export const readAll = (sql: Sql, table: string): Promise<Row[]> => sql.query(`SELECT * FROM ${table} ORDER BY 1`);

/** Whatever `work` changes is taken back. */
export async function aside(database: Database, work: (sql: Sql) => Promise<void>): Promise<void> {
  const takenBack = new Error("taken back");
  await database
    .transaction(async (sql) => {
      await work(sql);
      throw takenBack;
    })
    .catch((error: unknown) => {
      if (error !== takenBack) throw error;
    });
}
