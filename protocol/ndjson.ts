/** Lists of any length over HTTP: one JSON value a line, written and read as it goes, so that neither side holds the whole text. */

export const NDJSON = "application/x-ndjson";

/** Bytes of text that are sent at once. */
const PIECE = 64 * 1024;

/** What arrives is not what was agreed on. `tooLarge`: it is more than is read. */
export class UnreadableText extends Error {
  override readonly name = "UnreadableText";
  readonly tooLarge: boolean;
  constructor(message: string, tooLarge = false) {
    super(message);
    this.tooLarge = tooLarge;
  }
}

/** The values as text, in pieces to send one after the other. */
export async function* writeNdjson(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "";
  for await (const value of values) {
    text += `${JSON.stringify(value)}\n`;
    if (text.length < PIECE) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}

/**
 * The values of a text that arrives in pieces, each with the number of its line, from 1.
 * @throws UnreadableText if it is no such text, or a line or all of it is longer than is agreed on
 */
export async function* readNdjson(
  pieces: AsyncIterable<Uint8Array>,
  most: { readonly lineBytes: number; readonly bytes: number },
): AsyncGenerator<{ readonly line: number; readonly value: unknown }> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [line, bytes, rest] = [0, 0, ""];
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > most.bytes) throw new UnreadableText(`A body has at most ${most.bytes} bytes.`, true);
    const lines = (rest + decode(piece)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) yield { line: ++line, value: parse(text) };
    if (rest.length > most.lineBytes) tooLong(line + 1);
  }
  rest += decode();
  if (rest !== "") yield { line: ++line, value: parse(rest) };

  function decode(piece?: Uint8Array): string {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch {
      throw new UnreadableText(`Behind line ${line} there is something that is not UTF-8.`);
    }
  }
  function parse(text: string): unknown {
    if (text.length > most.lineBytes) tooLong(line);
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UnreadableText(`Line ${line} is not JSON: ${(error as Error).message}`);
    }
  }
  function tooLong(which: number): never {
    throw new UnreadableText(`Line ${which} is longer than the ${most.lineBytes} bytes that one may have.`, true);
  }
}
