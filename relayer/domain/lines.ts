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

/** A sum of entries of one offer and partner. */
interface Sum {
  readonly count: number;
  readonly volumeUnits: bigint;
}

const NOTHING: Sum = { count: 0, volumeUnits: 0n };

/**
 * Entries of conversions, summed by (offer, partner), in columns: a sum for each of hundreds of thousands of partners is no object
 * of its own. A key is 22 characters, a byte in each.
 */
export class LineSums {
  readonly #places = new Map<string, number>();
  readonly #counts: number[] = [];
  readonly #volumes: bigint[] = [];

  get size(): number {
    return this.#places.size;
  }

  /** What the entries of this offer and partner come to. */
  of(packed: string): Sum {
    const place = this.#places.get(toKey(packed));
    if (place === undefined) return NOTHING;
    return { count: this.#counts[place] as number, volumeUnits: this.#volumes[place] as bigint };
  }

  /** @returns the place of the sum that the entry is part of, in the order in which they came */
  add(packed: string): number {
    const key = toKey(packed);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(key, place);
      this.#counts.push(0);
      this.#volumes.push(0n);
    }
    this.#counts[place] = (this.#counts[place] as number) + countOf(packed);
    this.#volumes[place] = (this.#volumes[place] as bigint) + volumeOf(packed);
    return place;
  }

  /** The sums as lines, in the order of the tree, which is that of `sumToLines`. */
  lines(): SummedLines {
    const keys = [...this.#places.keys()].sort();
    const ranks = new Uint32Array(keys.length);
    for (const [rank, key] of keys.entries()) ranks[this.#places.get(key) as number] = rank;
    const packed = (key: string): string => {
      const place = this.#places.get(key) as number;
      const count = (this.#counts[place] as number).toString(16).padStart(6, "0");
      const volume = (this.#volumes[place] as bigint).toString(16).padStart(14, "0");
      return `0x${Buffer.from(key, "latin1").toString("hex")}${count}${volume}`;
    };
    return {
      length: keys.length,
      rankOf: (place) => ranks[place] as number,
      *[Symbol.iterator]() {
        for (const key of keys) yield packed(key);
      },
    };
  }
}

/** Packed lines in the order of their tree, written when they are asked for. */
export interface SummedLines extends Iterable<string> {
  readonly length: number;
  /** Where among them the sum stands that came at this place. */
  rankOf(place: number): number;
}

const toKey = (packed: string): string => Buffer.from(keyOf(packed), "hex").toString("latin1");
