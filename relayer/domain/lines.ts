/** Packed lines, read where they stand and summed without being taken apart: a batch can have hundreds of thousands. */
import type { Line } from "@partner-programs/protocol/line";

// 0x, then `offer (4 digits) | partner (40) | count (6) | volume (14)`.

/** (offer, partner) of a packed line: what makes a line unique in its batch, and its order in it. */
export const keyOf = (packed: string): string => packed.slice(2, 46);
export const offerOf = (packed: string): number => Number.parseInt(packed.slice(2, 6), 16);
export const countOf = (packed: string): number => Number.parseInt(packed.slice(46, 52), 16);
export const volumeOf = (packed: string): bigint => BigInt(`0x${packed.slice(52, 66)}`);

/** A line without the checksum of its partner, which the tree does not need and which takes most of the time. */
export const readPacked = (packed: string): Line => ({
  offerId: offerOf(packed),
  partner: `0x${packed.slice(6, 46)}`,
  count: countOf(packed),
  volumeUnits: volumeOf(packed),
});

/** The packed line again. */
export function packSum({ key, count, volumeUnits }: SummedLine): string {
  return `0x${key}${count.toString(16).padStart(6, "0")}${volumeUnits.toString(16).padStart(14, "0")}`;
}

/** A sum of entries of one offer and partner. The partner is in lower case: checksums are for people. */
export interface SummedLine extends Line {
  readonly key: string;
}

interface Sum {
  count: number;
  volumeUnits: bigint;
}

/** Entries of conversions, summed by (offer, partner). */
export class LineSums {
  readonly #sums = new Map<string, Sum>();

  get size(): number {
    return this.#sums.size;
  }

  /** @returns the sum that the entry is part of now */
  add(packed: string): Readonly<Sum> {
    const key = keyOf(packed);
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      sum = { count: 0, volumeUnits: 0n };
      this.#sums.set(key, sum);
    }
    sum.count += countOf(packed);
    sum.volumeUnits += volumeOf(packed);
    return sum;
  }

  /** In the order of the tree, which is that of `sumToLines`. */
  lines(): SummedLine[] {
    const keys = [...this.#sums.keys()].sort();
    return keys.map((key) => {
      const { count, volumeUnits } = this.#sums.get(key) as Sum;
      return {
        key,
        offerId: Number.parseInt(key.slice(0, 4), 16),
        partner: `0x${key.slice(4)}`,
        count,
        volumeUnits,
      };
    });
  }
}
