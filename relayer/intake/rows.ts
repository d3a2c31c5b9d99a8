/** Reading the rows of a file, CSV or JSON lines, as it arrives. */
import { MalformedCsv, parseCsv } from "#service/csv.ts";
import { FinalError } from "#service/errors.ts";

const MAX_LINE_CHARACTERS = 64 * 1024;

/** The file cannot be read on from here; the rows before it are taken in. */
export class UnreadableFile extends FinalError {
  override readonly name = "UnreadableFile";
}

/** One row of a file, by its line, counted from 1: what it says, or why that cannot be told. */
export type Row = { readonly row: number } & ({ readonly value: unknown } | { readonly problem: string });

/** The text of a body as it arrives, of at most so many bytes. @throws UnreadableFile */
export async function* readText(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw new UnreadableFile(`The file is not UTF-8, somewhere before byte ${bytes}.`);
    }
  };
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new UnreadableFile(`A file has at most ${maxBytes} bytes. Split it.`);
    yield decode(chunk);
  }
  yield decode();
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
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new UnreadableFile(`A line has at most ${MAX_LINE_CHARACTERS} characters.`);
  }
  if (rest !== "") yield rest;
}

/** The rows of a CSV file, whose first line names the columns. What is empty is not said. @throws UnreadableFile */
export async function* readCsv(text: AsyncIterable<string>): AsyncGenerator<Row> {
  let columns: string[] | undefined;
  try {
    for await (const [row, fields] of parseCsv(text)) {
      if (columns === undefined) {
        columns = fields.map((name) => name.trim());
        if (new Set(columns).size < columns.length) throw new UnreadableFile("The first line names a column twice.");
      } else if (fields.length === 1 && fields[0] === "") continue;
      else if (fields.length !== columns.length)
        yield { row, problem: `has ${fields.length} fields, the first line has ${columns.length}.` };
      else {
        const named = columns.map((name, i) => [name, fields[i]?.trim()] as const);
        yield { row, value: Object.fromEntries(named.filter(([, value]) => value !== "")) };
      }
    }
  } catch (error) {
    throw error instanceof MalformedCsv ? new UnreadableFile(`The file is not CSV: ${error.message}`) : error;
  }
}
