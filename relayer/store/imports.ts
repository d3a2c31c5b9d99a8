/** Imports of files, their progress, and what became of each row. */
import type { Sql } from "#service/database.ts";

export type RowOutcome = "accepted" | "rejected" | "known" | "conflicting" | "invalid";

/** What became of one row of a file. */
export interface JudgedRow {
  readonly row: number;
  readonly outcome: RowOutcome;
  readonly conversionId: bigint | undefined;
  readonly problem: string | undefined;
}

/** Begins an import; its id. */
export async function insertImport(sql: Sql, campaignId: string): Promise<bigint> {
  const [row] = await sql.query<{ id: bigint }>(
    "INSERT INTO imports (campaign_id, state) VALUES ($1, 'running') RETURNING id",
    [campaignId],
  );
  return row?.id as bigint;
}

export async function finishImport(sql: Sql, importId: bigint): Promise<void> {
  await sql.query("UPDATE imports SET state = 'done', progressed_at = now() WHERE id = $1", [importId]);
}

export async function failImport(sql: Sql, importId: bigint, problem: string): Promise<void> {
  await sql.query("UPDATE imports SET state = 'failed', problem = $2 WHERE id = $1", [importId, problem]);
}

export async function insertImportRows(sql: Sql, importId: bigint, rows: readonly JudgedRow[]): Promise<void> {
  const count = (outcome: RowOutcome) => rows.filter((row) => row.outcome === outcome).length;
  await sql.query(
    `WITH written AS (
       INSERT INTO import_rows (import_id, row, outcome, conversion_id, problem)
       SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[])
     )
     UPDATE imports SET accepted = accepted + $6, rejected = rejected + $7, known = known + $8,
       conflicting = conflicting + $9, invalid = invalid + $10, progressed_at = now() WHERE id = $1`,
    [
      importId,
      rows.map(({ row }) => row),
      rows.map(({ outcome }) => outcome),
      rows.map(({ conversionId }) => conversionId?.toString() ?? null),
      rows.map(({ problem }) => problem ?? null),
      count("accepted"),
      count("rejected"),
      count("known"),
      count("conflicting"),
      count("invalid"),
    ],
  );
}

/** An import with its progress. */
export interface ImportRow {
  id: bigint;
  state: "running" | "done" | "failed" | "interrupted";
  problem: string | null;
  accepted: bigint;
  rejected: bigint;
  known: bigint;
  conflicting: bigint;
  invalid: bigint;
  created_at: Date;
  progressed_at: Date;
}

/** The campaign's last imports, or the one with this id. One that stood still for long is not running any more. */
export async function readImports(sql: Sql, campaignId: string, id?: string): Promise<ImportRow[]> {
  return sql.query(
    `SELECT id, problem, accepted, rejected, known, conflicting, invalid, created_at, progressed_at,
       CASE WHEN state = 'running' AND progressed_at < now() - interval '2 minutes' THEN 'interrupted'
         ELSE state END AS state
     FROM imports WHERE campaign_id = $1 AND ($2::bigint IS NULL OR id = $2::bigint)
     ORDER BY id DESC LIMIT 100`,
    [campaignId, id ?? null],
  );
}

export interface ImportedRow {
  row: bigint;
  outcome: RowOutcome;
  conversion_id: bigint | null;
  problem: string | null;
  event: string | null;
  order_id: string | null;
  state: string | null;
  reason: string | null;
}

/** What became of the rows after `after`, in their order. */
export async function readImportedRows(
  sql: Sql,
  importId: bigint,
  after: bigint,
  limit: number,
): Promise<ImportedRow[]> {
  return sql.query(
    `SELECT import_rows.row, outcome, conversion_id, problem, event, order_id, state, reason
     FROM import_rows LEFT JOIN conversions ON conversions.id = import_rows.conversion_id
     WHERE import_id = $1 AND import_rows.row > $2 ORDER BY import_rows.row LIMIT $3`,
    [importId, after, limit],
  );
}
