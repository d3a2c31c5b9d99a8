/** Lines: what they are, how they are packed into a word, summed, and lowered by a reversal. */
import { getAddress, getBytes, hexlify, toBeHex } from "ethers";

/** What one partner earned under one offer in one attestation. Counts from 1: offers. Volumes: the campaign's volume units. */
export interface Line {
  readonly offerId: number;
  readonly partner: string;
  readonly count: number;
  readonly volumeUnits: bigint;
}

/** As many lines as a batch can have: an attestation's `lineCount` has 32 bits. */
export const MAX_LINES = 2 ** 32 - 1;
/** A packed line. */
export const LINE_BYTES = 32;
/** Offer and partner: what a packed line begins with, and by which the lines of a batch are in order. */
export const LINE_KEY_BYTES = 22;
export const MAX_COUNT = 2 ** 24 - 1;
export const MAX_VOLUME_UNITS = 2n ** 56n - 1n;

/**
 * A line as the contract takes it, 32 bytes: `| offer (16 bits) | partner (160) | count (24) | volume (56) |`.
 * @throws RangeError if a part does not fit its field.
 */
export function packLine(line: Line): string {
  const fits = (name: string, value: bigint, bits: bigint) => {
    if (value < 0n || value >= 1n << bits)
      throw new RangeError(`A line's ${name} must fit ${bits} bits; ${value} does not.`);
    return value;
  };
  const word =
    (fits("offerId", BigInt(line.offerId), 16n) << 240n) |
    (BigInt(getAddress(line.partner)) << 80n) |
    (fits("count", BigInt(line.count), 24n) << 56n) |
    fits("volumeUnits", line.volumeUnits, 56n);
  return toBeHex(word, LINE_BYTES);
}

/** Writes a packed line into `bytes`, without a string in between: trees have millions. @throws RangeError as `packLine` does. */
export function writeLine(line: Line, bytes: Uint8Array, at: number): void {
  const { offerId, partner, count, volumeUnits } = line;
  if (
    !(Number.isInteger(offerId) && offerId >= 0 && offerId < 2 ** 16) ||
    !(Number.isInteger(count) && count >= 0 && count <= MAX_COUNT) ||
    volumeUnits < 0n ||
    volumeUnits > MAX_VOLUME_UNITS ||
    partner.length !== 42
  ) {
    bytes.set(getBytes(packLine(line)), at);
    return;
  }
  bytes[at] = offerId >> 8;
  bytes[at + 1] = offerId;
  for (let i = 0; i < 20; i++) bytes[at + 2 + i] = Number.parseInt(partner.slice(2 + 2 * i, 4 + 2 * i), 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  // Count and volume overlap in one word of 64 bits by the volume's highest byte.
  view.setBigUint64(24, volumeUnits);
  bytes[at + 22] = count >> 16;
  bytes[at + 23] = count >> 8;
  bytes[at + 24] = count;
}

/** The parts of a packed line. */
export function unpackLine(packed: string): Line {
  const word = BigInt(packed);
  return {
    offerId: Number(word >> 240n),
    partner: getAddress(toBeHex((word >> 80n) & (2n ** 160n - 1n), 20)),
    count: Number((word >> 56n) & 0xffffffn),
    volumeUnits: word & MAX_VOLUME_UNITS,
  };
}

/** Packed lines out of a batch's lines side by side, as relayers and attesters serve them. What is no whole line at the end is left out. */
export function packedLines(bytes: Uint8Array): string[] {
  return Array.from({ length: Math.floor(bytes.length / LINE_BYTES) }, (_, i) =>
    hexlify(bytes.subarray(LINE_BYTES * i, LINE_BYTES * (i + 1))),
  );
}

/** (offer, partner) as one number: what makes a line unique in its batch, and the order of the lines in it. */
export function lineKey(line: Line): bigint {
  return (BigInt(line.offerId) << 160n) | BigInt(line.partner);
}

/** The lines of a batch: entries of one conversion each, summed by (offer, partner), in the order that the contract asks for. */
export function sumToLines(entries: Iterable<Line>): Line[] {
  const sums = new Map<bigint, Line>();
  for (const entry of entries) {
    const key = lineKey(entry);
    const sum = sums.get(key);
    sums.set(
      key,
      sum === undefined
        ? { ...entry, partner: getAddress(entry.partner) }
        : { ...sum, count: sum.count + entry.count, volumeUnits: sum.volumeUnits + entry.volumeUnits },
    );
  }
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}

/** The smaller of a line and its target in count and in volume, as a reversal lowers it. Both are of one offer and partner. */
export function lowerLine(line: Line, target: Line): Line {
  return {
    ...line,
    count: Math.min(line.count, target.count),
    volumeUnits: target.volumeUnits < line.volumeUnits ? target.volumeUnits : line.volumeUnits,
  };
}
