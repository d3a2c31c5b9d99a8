/** The lines of a batch side by side, 32 bytes each, in their order: so an attester holds them, keeps them, and finds one among many. */
import {
  LINE_BYTES,
  LINE_KEY_BYTES,
  type Line,
  MAX_VOLUME_UNITS,
  packLine,
  unpackLine,
  writeLine,
} from "@partner-programs/protocol/line";

/** Lines that are read one after the other: few of them are objects at the same time. */
export type Lines = Iterable<Line> & { readonly length: number };

/** Packed lines, in memory that no garbage collector has to look through. */
export class PackedLines implements Lines {
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static of(lines: Lines): PackedLines {
    const bytes = new Uint8Array(lines.length * LINE_BYTES);
    let at = 0;
    for (const line of lines) {
      writeLine(line, bytes, at);
      at += LINE_BYTES;
    }
    return new PackedLines(bytes);
  }

  get length(): number {
    return this.bytes.length / LINE_BYTES;
  }

  /** The partner is in lower case: checksums are for people, and take more time than all else. */
  *[Symbol.iterator](): Generator<Line> {
    for (let at = 0; at < this.bytes.length; at += LINE_BYTES) yield readLine(this.bytes, at);
  }

  at(place: number): Line {
    return unpackLine(this.packed(place));
  }

  /** As the contract takes it. */
  packed(place: number): string {
    return `0x${this.bytes.toString("hex", place * LINE_BYTES, (place + 1) * LINE_BYTES)}`;
  }

  /** All of them as the contract takes them, so many at a time. */
  *pages(size: number): Generator<string[]> {
    for (let from = 0; from < this.length; from += size)
      yield Array.from({ length: Math.min(size, this.length - from) }, (_, i) => this.packed(from + i));
  }

  /** The place of the line with this line's offer and partner; undefined: there is none. */
  placeOf(line: Line): number | undefined {
    const key = Buffer.from(packLine(line).slice(2), "hex").subarray(0, LINE_KEY_BYTES);
    let [from, to] = [0, this.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const order = Buffer.compare(this.bytes.subarray(middle * LINE_BYTES, middle * LINE_BYTES + LINE_KEY_BYTES), key);
      if (order === 0) return middle;
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }
}

/** The packed line at `at`, its partner in lower case. */
export function readLine(bytes: Buffer, at: number): Line {
  return {
    offerId: bytes.readUInt16BE(at),
    partner: `0x${bytes.toString("hex", at + 2, at + LINE_KEY_BYTES)}`,
    count: bytes.readUIntBE(at + LINE_KEY_BYTES, 3),
    volumeUnits: bytes.readBigUInt64BE(at + 24) & MAX_VOLUME_UNITS,
  };
}

/**
 * The lines of a batch: packed entries of its conversions, summed by offer and partner, in the order that the contract asks for.
 * @throws RangeError if a sum does not fit its field
 */
export function sumEntries({ bytes: entries, length }: PackedLines): PackedLines {
  const order = new Uint32Array(length).map((_, i) => i).sort((a, b) => compareKeys(entries, a, b));
  const sums = new Uint8Array(entries.length);
  let lines = 0;
  for (let i = 0; i < length; ) {
    const first = order[i] as number;
    let next = i + 1;
    while (next < length && compareKeys(entries, first, order[next] as number) === 0) next++;
    const at = lines++ * LINE_BYTES;
    if (next === i + 1) sums.set(entries.subarray(first * LINE_BYTES, (first + 1) * LINE_BYTES), at);
    else writeLine(sumOf(entries, order.subarray(i, next)), sums, at);
    i = next;
  }
  return new PackedLines(sums.slice(0, lines * LINE_BYTES));
}

function sumOf(entries: Buffer, places: Uint32Array): Line {
  let [count, volumeUnits] = [0, 0n];
  let line: Line | undefined;
  for (const place of places) {
    line = readLine(entries, place * LINE_BYTES);
    count += line.count;
    volumeUnits += line.volumeUnits;
  }
  return { ...(line as Line), count, volumeUnits };
}

/** Compares offer and partner of two packed lines, four bytes at a time. */
function compareKeys(lines: Buffer, a: number, b: number): number {
  const [left, right] = [a * LINE_BYTES, b * LINE_BYTES];
  for (let i = 0; i < 20; i += 4) {
    const difference = lines.readUInt32BE(left + i) - lines.readUInt32BE(right + i);
    if (difference !== 0) return difference;
  }
  return lines.readUInt16BE(left + 20) - lines.readUInt16BE(right + 20);
}
