/**
 * Lists as CSV files (RFC 4180), written while they are read: of whatever length, a page is all that is held. A file is whole if it
 * ends with its lines of sums. One that breaks off has none, and its transfer ends with an error.
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Logger } from "pino";
import { streamOf } from "#service/stream.ts";
import type { CurrencyRow } from "../../store/campaigns.ts";
import { noteBroken } from "../observe.ts";

/** What a cell holds. Only texts are somebody's, and may look like a formula. */
export type Cell = string | number | null;

/** What an amount is in. */
export type Token = Pick<CurrencyRow, "token" | "token_symbol" | "token_decimals">;

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(toText).join(",")}\r\n`;

/** A cell that a spreadsheet reads as text: what begins like a formula would be carried out. */
function toText(cell: Cell): string {
  if (typeof cell !== "string") return cell === null ? "" : String(cell);
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Base units as a decimal number, with all the token's decimals, so that the points of a column stand below each other. */
export function decimalText(value: bigint, { token_decimals: decimals }: Token): string {
  const digits = value.toString().padStart(decimals + 1, "0");
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Adds up what is written, in each token by itself: what a file's last lines say is what stands above them. */
export class Sums<Column extends string> {
  readonly #columns: readonly Column[];
  readonly #tokens = new Map<string, { token: Token; rows: number; sums: Map<Column, bigint> }>();

  constructor(...columns: readonly Column[]) {
    this.#columns = columns;
  }

  add(token: Token, amounts: Readonly<Record<Column, bigint>>): void {
    const kept = this.#tokens.get(token.token) ?? { token, rows: 0, sums: new Map<Column, bigint>() };
    this.#tokens.set(token.token, kept);
    kept.rows++;
    for (const column of this.#columns) kept.sums.set(column, (kept.sums.get(column) ?? 0n) + amounts[column]);
  }

  /** For each token a line; where nothing was written one that says so, in the currency that it would have been in. */
  *lines(toCells: (total: Total<Column>) => readonly Cell[], otherwise?: Token): Generator<string> {
    for (const { token, rows, sums } of this.#tokens.values())
      yield csvLine(
        toCells({
          token,
          rows,
          sumOf: (column) => decimalText(sums.get(column) ?? 0n, token),
          countOf: (column) => String(sums.get(column) ?? 0n),
        }),
      );
    if (this.#tokens.size > 0) return;
    const nothing = otherwise === undefined ? "0" : decimalText(0n, otherwise);
    yield csvLine(toCells({ token: otherwise, rows: 0, sumOf: () => nothing, countOf: () => "0" }));
  }
}

export interface Total<Column> {
  /** undefined: nothing was written. */
  readonly token: Token | undefined;
  readonly rows: number;
  /** As a decimal number. */
  readonly sumOf: (column: Column) => string;
  /** Of what has no decimals. */
  readonly countOf: (column: Column) => string;
}

/** What its first cell says in a file's last lines: no other line begins so. */
export const TOTAL = "total";
export const rowsText = (rows: number): string => `${rows} ${rows === 1 ? "row" : "rows"}`;

/** All pages of what is read by its ids: each begins where the one before ended, so that what is written meanwhile doubles nothing. */
export async function* pagesOf<Row, Place>(
  read: (after: Place | undefined, limit: number) => Promise<readonly Row[]>,
  placeOf: (row: Row) => Place,
): AsyncGenerator<readonly Row[]> {
  for (let after: Place | undefined; ; ) {
    const rows = await read(after, ROWS);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS) return;
    after = placeOf(last);
  }
}

/** Read at a time. */
export const ROWS = 500;

/** Answers with a file, read on as it is taken. `lines` has begun nothing before it is asked for the first. */
export function csvResponse(c: Context, log: Pick<Logger, "error">, name: string, lines: AsyncGenerator<string>) {
  return c.body(streamOf(lines, noteBroken(c, log)), 200, {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": `attachment; filename="${name}"`,
    "cache-control": "no-store",
  });
}

/** For the document: what a route answers with whose answer is a file. */
export const csvAnswer = (description: string) => ({ description, content: { "text/csv": { schema: z.string() } } });

/** A range in a file's last lines. All times of a file are in UTC. */
export const rangeText = (from: string | undefined, to: string): string =>
  from === undefined ? `until ${to}, UTC` : `${from} to ${to}, UTC`;

/** What a route says of its file. */
export const WHOLE_FILE =
  "All that matches, written as it is read; times are in UTC. The last line, one for each token, begins with `total` and has the sums of what stands above it. Without it the file broke off.";
