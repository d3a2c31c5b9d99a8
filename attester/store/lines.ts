/** The lines that this attester signed, as bytes: 32 a line, in pieces. */
import { LINE_BYTES } from "@partner-programs/protocol/line";
import type { Sql } from "#service/database.ts";
import { PackedLines } from "../lines.ts";

/** Lines of one piece: 32 KB. */
const PIECE = 1_024;

/** Writes down the lines of a batch that is about to be signed. */
export async function insertLines(sql: Sql, digest: string, { bytes }: PackedLines): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE * LINE_BYTES)
    await sql.query("INSERT INTO signed_lines (digest, first, lines) VALUES ($1, $2, decode($3, 'hex'))", [
      digest,
      at / LINE_BYTES,
      bytes.toString("hex", at, at + PIECE * LINE_BYTES),
    ]);
}

/** How many lines a batch has that was signed here; undefined: it was not. */
export async function readLineCount(sql: Sql, digest: string): Promise<number | undefined> {
  const [row] = await sql.query<{ line_count: bigint }>(
    "SELECT line_count FROM signed_attestations WHERE digest = $1",
    [digest],
  );
  return row && Number(row.line_count);
}

/** The lines of a batch that was signed here, piece after piece. */
export async function* readLinePieces(sql: Sql, digest: string): AsyncGenerator<Uint8Array> {
  for (let first = 0; ; ) {
    const [row] = await sql.query<{ lines: Uint8Array }>(
      "SELECT lines FROM signed_lines WHERE digest = $1 AND first = $2",
      [digest, first],
    );
    if (row === undefined) return;
    yield row.lines;
    first += row.lines.length / LINE_BYTES;
  }
}

/** All lines of a batch that was signed here, side by side. */
export async function readLines(sql: Sql, digest: string): Promise<PackedLines> {
  const bytes = new Uint8Array(((await readLineCount(sql, digest)) ?? 0) * LINE_BYTES);
  let at = 0;
  for await (const piece of readLinePieces(sql, digest)) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return new PackedLines(bytes);
}
