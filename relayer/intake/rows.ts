/** Reading the rows of a file, CSV or JSON lines, as it arrives. */
import { isShortenedNumber, MalformedCsv, parseCsv, readDecimal } from "#service/csv.ts";
import { FinalError } from "#service/errors.ts";
import { decodeText, UnreadableText } from "#service/text.ts";

const MAX_LINE_CHARACTERS = 64 * 1024;

/** The file cannot be read on from here; the rows before it are taken in. */
export class UnreadableFile extends FinalError {
  override readonly name = "UnreadableFile";
}

/** One row of a file, by its line, counted from 1: what it says, or why that cannot be told. */
export type Row = { readonly row: number } & ({ readonly value: unknown } | { readonly problem: string });

/** The text of a body as it arrives, of at most so many bytes, in the `charset` that was named for it. @throws UnreadableFile */
export async function* readText(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  charset?: string,
): AsyncGenerator<string> {
  try {
    yield* decodeText(ofAtMost(body, maxBytes), charset);
  } catch (error) {
    throw error instanceof UnreadableText ? new UnreadableFile(error.message) : error;
  }
}

async function* ofAtMost(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new UnreadableFile(`A file has at most ${maxBytes} bytes. Split it.`);
    yield chunk;
  }
}

/** The rows of a file with one JSON value a line. Empty lines are rows without a value, and are left out. @throws UnreadableFile */
export async function* readNdjson(text: AsyncIterable<string>): AsyncGenerator<Row> {
  let row = 0;
  for await (const line of readLines(text)) {
    row++;
    if (line.trim() === "") continue;
    try {
      yield { row, value: JSON.parse(line) };
    } catch {
      yield { row, problem: "is not JSON." };
    }
  }
}

async function* readLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const part of text) {
    // A CR at the end may be half of a line end.
    const lines = (rest + part).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new UnreadableFile(`A line has at most ${MAX_LINE_CHARACTERS} characters.`);
  }
  if (rest !== "") yield rest;
}

/** What the columns of a CSV file are. */
export interface CsvColumns {
  /** Those that a file has to have. */
  readonly required: readonly string[];
  /** Those with numbers, which may have a decimal comma where semicolons separate. */
  readonly decimals: readonly string[];
  /** Those with ids, which a spreadsheet may have shortened. */
  readonly ids: readonly string[];
  /** Columns that begin so are together one field: `attribute:plan` is what JSON has as `attributes.plan`. */
  readonly grouped?: { readonly prefix: string; readonly field: string };
}

/** The rows of a CSV file, whose first line names the columns. What is empty is not said. @throws UnreadableFile */
export async function* readCsv(text: AsyncIterable<string>, known: CsvColumns): AsyncGenerator<Row> {
  let columns: string[] | undefined;
  try {
    for await (const [row, fields, separator] of parseCsv(text)) {
      if (fields.every((field) => field.trim() === "")) continue;
      if (columns === undefined) columns = readColumns(fields, known);
      else if (fields.length !== columns.length)
        yield { row, problem: `has ${fields.length} fields, the first line has ${columns.length}.` };
      else {
        const named = columns.map((name, i) => [name, fields[i]?.trim() ?? ""] as const);
        const cut = named.find(([name, value]) => known.ids.includes(name) && isShortenedNumber(value));
        if (cut !== undefined) yield { row, problem: sayShortened(...cut) };
        else yield { row, value: asRow(named.filter(([, value]) => value !== "").map(asReported)) };
      }
      function asRow(said: [string, string][]) {
        return known.grouped === undefined ? Object.fromEntries(said) : group(said, known.grouped);
      }
      function asReported([name, value]: readonly [string, string]): [string, string] {
        return [name, known.decimals.includes(name) ? readDecimal(value, separator) : value];
      }
    }
  } catch (error) {
    throw error instanceof MalformedCsv ? new UnreadableFile(`The file is not CSV: ${error.message}`) : error;
  }
}

function group(fields: readonly [string, string][], { prefix, field }: NonNullable<CsvColumns["grouped"]>) {
  const [inside, plain] = [true, false].map((is) => fields.filter(([name]) => name.startsWith(prefix) === is));
  const grouped = (inside ?? []).map(([name, value]) => [name.slice(prefix.length), value]);
  return { ...Object.fromEntries(plain ?? []), ...(grouped.length > 0 && { [field]: Object.fromEntries(grouped) }) };
}

function readColumns(fields: readonly string[], { required }: CsvColumns): string[] {
  const columns = fields.map((name) => name.trim());
  if (new Set(columns).size < columns.length) throw new UnreadableFile("The first line names a column twice.");
  const missing = required.find((name) => !columns.includes(name));
  if (missing !== undefined)
    throw new UnreadableFile(
      `The first line names no column ${missing}; it names ${columns.join(", ").slice(0, 200)}.`,
    );
  return columns;
}

function sayShortened(name: string, value: string): string {
  return `has ${value} as its ${name}: a spreadsheet shortened a long number. Format the column as text, and export it again.`;
}
