/** The lines of a batch side by side, 32 bytes each, in their order: so an attester keeps them, and finds one among many. */
import {
  LINE_BYTES,
  LINE_KEY_BYTES,
  type Line,
  packLine,
  unpackLine,
  writeLine,
} from "@partner-programs/protocol/line";

export function packLines(lines: readonly Line[]): Uint8Array {
  const bytes = new Uint8Array(lines.length * LINE_BYTES);
  for (const [i, line] of lines.entries()) writeLine(line, bytes, i * LINE_BYTES);
  return bytes;
}

export function lineAt(lines: Uint8Array, place: number): Line {
  const bytes = lines.subarray(place * LINE_BYTES, (place + 1) * LINE_BYTES);
  return unpackLine(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** The place of the line with this line's offer and partner; undefined: there is none. */
export function placeOf(lines: Uint8Array, line: Line): number | undefined {
  const key = Buffer.from(packLine(line).slice(2), "hex").subarray(0, LINE_KEY_BYTES);
  let [from, to] = [0, lines.length / LINE_BYTES];
  while (from < to) {
    const middle = (from + to) >> 1;
    const order = Buffer.compare(lines.subarray(middle * LINE_BYTES, middle * LINE_BYTES + LINE_KEY_BYTES), key);
    if (order === 0) return middle;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return undefined;
}
