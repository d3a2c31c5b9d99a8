/** Taking in a file of reports, row by row in its order. */
import type { Database } from "#service/database.ts";
import { failImport, finishImport, insertImportRows, type JudgedRow } from "../store/imports.ts";
import { CampaignSetAside, ConflictingReport, InvalidReport, MissingDescription } from "./errors.ts";
import type { Acceptance, Report } from "./report.ts";
import { type Row, UnreadableFile } from "./rows.ts";

/** So many rows are taken in before their outcomes are written. */
const ROWS_AT_ONCE = 256;

/**
 * Takes the rows of a file in, in their order, by the same way as single reports, and writes down what became of each. A file
 * that breaks off leaves the rows before it taken in; sent again, they are known, and it goes on. A file of which every row is invalid
 * has failed: who looks at nothing but its state would take it for reported.
 */
export async function runImport(
  database: Database,
  importId: bigint,
  rows: AsyncIterable<Row>,
  parse: (value: unknown) => Report | { readonly problem: string },
  accept: (report: Report) => Promise<Acceptance>,
): Promise<void> {
  let [valid, invalid]: [boolean, JudgedRow | undefined] = [false, undefined];
  try {
    for await (const some of inGroups(rows, ROWS_AT_ONCE)) {
      // Handed over in the order of the rows, which is the order in which they are judged.
      const judged = await Promise.all(some.map((row) => judgeRow(row, parse, accept)));
      await insertImportRows(database, importId, judged);
      valid ||= judged.some(({ outcome }) => outcome !== "invalid");
      invalid ??= judged.find(({ outcome }) => outcome === "invalid");
    }
  } catch (error) {
    const known =
      error instanceof UnreadableFile || error instanceof MissingDescription || error instanceof CampaignSetAside;
    await failImport(database, importId, known ? error.message : "It was broken off. Send the file again.");
    throw error;
  }
  if (valid || invalid === undefined) await finishImport(database, importId);
  else await failImport(database, importId, `No row of it is a report. Row ${invalid.row}: ${invalid.problem}`);
}

async function judgeRow(
  given: Row,
  parse: (value: unknown) => Report | { readonly problem: string },
  accept: (report: Report) => Promise<Acceptance>,
): Promise<JudgedRow> {
  const { row } = given;
  const invalid = (problem: string): JudgedRow => ({ row, outcome: "invalid", conversionId: undefined, problem });
  if ("problem" in given) return invalid(given.problem);
  const report = parse(given.value);
  if ("problem" in report) return invalid(report.problem);
  try {
    const { conversion, created, judgedAgain } = await accept(report);
    const rejected = conversion.state === "rejected";
    const fresh = created || (judgedAgain && !rejected);
    const outcome = !fresh ? "known" : rejected ? "rejected" : "accepted";
    return { row, outcome, conversionId: conversion.id, problem: undefined };
  } catch (error) {
    if (error instanceof InvalidReport) return invalid(error.message);
    if (error instanceof ConflictingReport)
      return { row, outcome: "conflicting", conversionId: error.conversionId, problem: error.message };
    throw error;
  }
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
