import type { Database } from "#service/database.ts";
import { ConflictingReport, InvalidReport, MissingDescription } from "./errors.ts";
import type { Acceptance, Report } from "./report.ts";
import { type Row, UnreadableFile } from "./rows.ts";

/** So many rows are taken in before their outcomes are written. */
const ROWS_AT_ONCE = 256;

type Outcome = "accepted" | "rejected" | "known" | "conflicting" | "invalid";

interface RowOutcome {
  readonly row: number;
  readonly outcome: Outcome;
  readonly conversionId: bigint | undefined;
  readonly problem: string | undefined;
}

/** Begins an import; its id. */
export async function beginImport(database: Database, campaignId: string): Promise<bigint> {
  const [row] = await database.query<{ id: bigint }>(
    "INSERT INTO imports (campaign_id, state) VALUES ($1, 'running') RETURNING id",
    [campaignId],
  );
  return row?.id as bigint;
}

/**
 * Takes the rows of a file in, in their order, by the same way as single reports, and writes down what became of each. A file
 * that breaks off leaves the rows before it taken in; sent again, they are known, and it goes on.
 */
export async function runImport(
  database: Database,
  importId: bigint,
  rows: AsyncIterable<Row>,
  parse: (value: unknown) => Report | { readonly problem: string },
  accept: (report: Report) => Promise<Acceptance>,
): Promise<void> {
  try {
    for await (const some of inGroups(rows, ROWS_AT_ONCE)) {
      // Occurrence for in the order of the rows, which is the order in which they are judged.
      const taken = await Promise.all(some.map((row) => takeRow(row, parse, accept)));
      await writeRows(database, importId, taken);
    }
  } catch (error) {
    await database.query("UPDATE imports SET state = 'failed', problem = $2 WHERE id = $1", [
      importId,
      error instanceof UnreadableFile || error instanceof MissingDescription
        ? error.message
        : "It was broken off. Send the file again.",
    ]);
    throw error;
  }
  await database.query("UPDATE imports SET state = 'done', progressed_at = now() WHERE id = $1", [importId]);
}

async function takeRow(
  given: Row,
  parse: (value: unknown) => Report | { readonly problem: string },
  accept: (report: Report) => Promise<Acceptance>,
): Promise<RowOutcome> {
  const { row } = given;
  const invalid = (problem: string): RowOutcome => ({ row, outcome: "invalid", conversionId: undefined, problem });
  if ("problem" in given) return invalid(given.problem);
  const report = parse(given.value);
  if ("problem" in report) return invalid(report.problem);
  try {
    const { conversion, created } = await accept(report);
    const outcome = !created ? "known" : conversion.state === "rejected" ? "rejected" : "accepted";
    return { row, outcome, conversionId: conversion.id, problem: undefined };
  } catch (error) {
    if (error instanceof InvalidReport) return invalid(error.message);
    if (error instanceof ConflictingReport)
      return { row, outcome: "conflicting", conversionId: error.conversionId, problem: error.message };
    throw error;
  }
}

async function writeRows(database: Database, importId: bigint, rows: readonly RowOutcome[]): Promise<void> {
  const counts = (outcome: Outcome) => rows.filter((row) => row.outcome === outcome).length;
  await database.query(
    `WITH written AS (
       INSERT INTO import_rows (import_id, row, outcome, conversion_id, problem)
       SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[])
     )
     UPDATE imports SET accepted = accepted + $6, rejected = rejected + $7, known = known + $8, conflicting = conflicting + $9,
       invalid = invalid + $10, progressed_at = now() WHERE id = $1`,
    [
      importId,
      rows.map(({ row }) => row),
      rows.map(({ outcome }) => outcome),
      rows.map(({ conversionId }) => conversionId?.toString() ?? null),
      rows.map(({ problem }) => problem ?? null),
      counts("accepted"),
      counts("rejected"),
      counts("known"),
      counts("conflicting"),
      counts("invalid"),
    ],
  );
}

async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
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
export async function readImports(database: Database, campaignId: string, id?: string): Promise<ImportRow[]> {
  return database.query(
    `SELECT id, problem, accepted, rejected, known, conflicting, invalid, created_at, progressed_at,
       CASE WHEN state = 'running' AND progressed_at < now() - interval '2 minutes' THEN 'interrupted' ELSE state END AS state
     FROM imports WHERE campaign_id = $1 AND ($2::bigint IS NULL OR id = $2::bigint) ORDER BY id DESC LIMIT 100`,
    [campaignId, id ?? null],
  );
}

export interface ImportedRow {
  row: bigint;
  outcome: Outcome;
  conversion_id: bigint | null;
  problem: string | null;
  event: string | null;
  order_id: string | null;
  state: string | null;
  reason: string | null;
}

/** What became of the rows after `after`, in their order. */
export async function readImportedRows(
  database: Database,
  importId: bigint,
  after: bigint,
  limit: number,
): Promise<ImportedRow[]> {
  return database.query(
    `SELECT import_rows.row, outcome, conversion_id, problem, event, order_id, state, reason
     FROM import_rows LEFT JOIN conversions ON conversions.id = import_rows.conversion_id
     WHERE import_id = $1 AND import_rows.row > $2 ORDER BY import_rows.row LIMIT ${limit}`,
    [importId, after],
  );
}
