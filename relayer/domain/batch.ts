/** Which conversions fit one attestation, what it says of them, and what reversals lower its lines to. */
import {
  type Line,
  lineKey,
  lowerLine,
  MAX_COUNT,
  MAX_VOLUME_UNITS,
  sumToLines,
} from "@partner-programs/protocol/line";
import { LineTree } from "@partner-programs/protocol/lineTree";
import { hashLeaf, treeOfLeavesInSlices } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { countOf, LineSums, offerOf, readPacked, type SummedLines, volumeOf } from "./lines.ts";

/** Bytes of a conversion's leaf. */
const LEAF = 32;

/** An accepted conversion that waits for a number. */
export interface Waiting {
  readonly id: bigint;
  readonly key: string;
  readonly salt: string;
  /** Packed lines; the first pays its partner. */
  readonly entries: readonly string[];
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** A time in Unix seconds: [from, to). */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/** What a period and a batch must stay within. */
export interface Bounds {
  /** When each offer is valid. */
  readonly offers: ReadonlyMap<number, Validity>;
  /** When the kinds of a partner (lower case) end that an offer needs. */
  readonly kindsEnd: (offerId: number, partner: string) => number;
  readonly conversions: number;
  readonly lines: number;
  /** No period ends later: the campaign closes. */
  readonly periodEnd: number;
}

/**
 * As many lines as one transaction carries, where the chain gets them: nodes pass on none of more than 128 kB, and with a hold of 0
 * each new partner costs 25,000 gas at once.
 */
export const MAX_LINES_ON_CHAIN = 3_000;
export const MAX_LINES_AT_ONCE = 500;

/** What lines are worth in a batch of some period, by the published offers: nothing, where the offer does not cover it. */
export type PriceOf = (line: Pick<Line, "offerId" | "count" | "volumeUnits">) => {
  readonly commission: bigint;
  readonly fee: bigint;
};

/** A batch as it is written down: what is signed, its lines, and where each conversion's own line stands among them. */
export interface Batch {
  readonly attestation: Attestation;
  /** Packed, in the order of the tree. */
  readonly lines: SummedLines;
  /** Of each conversion, in their order: its row, and the place of its own line. */
  readonly ids: readonly bigint[];
  readonly ownLines: Uint32Array;
}

/** What it takes to make a batch out of its conversions. */
export interface Making {
  readonly campaignId: string;
  readonly deadline: number;
  /** Of the batch's period. */
  readonly priceOf: PriceOf;
  /** Waited for again and again: others have their turn while hundreds of thousands of lines are hashed. */
  readonly breathe: () => Promise<void>;
}

/**
 * A batch to which waiting conversions are added, one after the other, for as long as they fit one attestation: in number of
 * conversions and of lines, in the fields of a line, and so that its period lies within the validity of every offer that it uses.
 * Of each conversion it keeps no more than what is signed of it.
 */
export class BatchDraft {
  readonly #first: bigint;
  readonly #bounds: Bounds;
  readonly #sums = new LineSums();
  readonly #ids: bigint[] = [];
  readonly #ownSums: number[] = [];
  #leaves = new Uint8Array(1_024 * LEAF);
  #period = { from: Number.POSITIVE_INFINITY, to: 0 };
  #valid: Validity;

  constructor(firstConversion: bigint, bounds: Bounds) {
    this.#first = firstConversion;
    this.#bounds = bounds;
    this.#valid = { from: 0, to: bounds.periodEnd };
  }

  get length(): number {
    return this.#ids.length;
  }

  /** The seconds in which its conversions were received: [floor of the earliest, floor of the latest + 1). */
  get period() {
    return { periodFrom: this.#period.from, periodTo: this.#period.to };
  }

  /** @returns whether it fits; if not, nothing is changed, and nothing behind it belongs into this batch */
  add(conversion: Waiting): boolean {
    const second = Math.floor(conversion.receivedAt / 1000);
    const period = { from: Math.min(this.#period.from, second), to: Math.max(this.#period.to, second + 1) };
    const valid = this.#validWith(conversion, second);
    if (this.length === this.#bounds.conversions || !this.#hasRoomFor(conversion)) return false;
    if (period.from < valid.from || period.to > valid.to) return false;
    // A reversal names lines of a batch: what is counted by months is told apart by batches that are of one.
    if (this.length > 0 && monthOf(period.from) !== monthOf(second)) return false;
    [this.#period, this.#valid] = [period, valid];
    const { id, key, salt, entries } = conversion;
    const leaf = hashLeaf({ number: this.#first + BigInt(this.length), key, salt, entries });
    if (this.#leaves.length === this.length * LEAF) {
      const larger = new Uint8Array(2 * this.#leaves.length);
      larger.set(this.#leaves);
      this.#leaves = larger;
    }
    this.#leaves.set(leaf, this.length * LEAF);
    const [own = 0] = entries.map((entry) => this.#sums.add(entry));
    this.#ownSums.push(own);
    this.#ids.push(id);
    return true;
  }

  #validWith({ entries }: Waiting, second: number): Validity {
    let { from, to } = this.#valid;
    for (const entry of entries) {
      const offerId = offerOf(entry);
      const offer = this.#bounds.offers.get(offerId);
      from = Math.max(from, offer?.from ?? 0);
      to = Math.min(to, offer?.to ?? 0);
      // Kinds that had ended before are found when the batch is rehearsed, which says so.
      const kindsEnd = this.#bounds.kindsEnd(offerId, `0x${entry.slice(6, 46)}`);
      if (second < kindsEnd) to = Math.min(to, kindsEnd);
    }
    return { from, to };
  }

  /** A conversion counts once under an offer, so that no two of its entries are of one line. */
  #hasRoomFor({ entries }: Waiting): boolean {
    let lines = this.#sums.size;
    for (const entry of entries) {
      const { count, volumeUnits } = this.#sums.of(entry);
      if (count === 0) lines++;
      if (count + countOf(entry) > MAX_COUNT || volumeUnits + volumeOf(entry) > MAX_VOLUME_UNITS) return false;
    }
    return lines <= this.#bounds.lines;
  }

  /** The batch of what was added. @throws RangeError if that is nothing */
  async finish({ campaignId, deadline, priceOf, breathe }: Making): Promise<Batch> {
    const lines = this.#sums.lines();
    const tree = await LineTree.inSlices(priced(lines, priceOf), breathe);
    const leaves = this.#leaves.subarray(0, this.length * LEAF);
    const { root: conversionsRoot } = await treeOfLeavesInSlices(leaves, breathe);
    return {
      attestation: {
        campaignId,
        firstConversion: this.#first,
        conversions: this.length,
        ...this.period,
        deadline,
        conversionsRoot,
        linesRoot: tree.root,
        lineCount: tree.count,
        total: tree.total,
      },
      lines,
      ids: this.#ids,
      ownLines: Uint32Array.from(this.#ownSums, (place) => lines.rankOf(place)),
    };
  }
}

/** Packed lines as a tree takes them. */
export function priced(lines: Iterable<string> & { readonly length: number }, priceOf: PriceOf) {
  return {
    length: lines.length,
    *[Symbol.iterator]() {
      for (const packed of lines) {
        const line = readPacked(packed);
        yield { line, worth: worthOf(priceOf(line)) };
      }
    },
  };
}

const worthOf = ({ commission, fee }: ReturnType<PriceOf>) => commission + fee;

/** A line of a batch as it stands, with its place. */
export interface PlacedLine {
  readonly index: number;
  readonly line: Line;
}

/** A line and what a reversal lowers it to. */
export interface Lowering extends PlacedLine {
  readonly target: Line;
}

/** What the lines are lowered to when the conversions with these entries are taken back; lines that stay are not named. */
export function lowerings(lines: readonly PlacedLine[], takenBack: readonly Line[]): Lowering[] {
  const away = new Map(sumToLines(takenBack).map((line) => [lineKey(line), line]));
  return lines.flatMap(({ index, line }) => {
    const less = away.get(lineKey(line));
    if (less === undefined) return [];
    const volumeUnits = line.volumeUnits - less.volumeUnits;
    const target = {
      ...line,
      count: Math.max(0, line.count - less.count),
      volumeUnits: volumeUnits > 0n ? volumeUnits : 0n,
    };
    return [{ index, line, target }];
  });
}

/** A lowering with the way of its line to the root. */
export interface ProvenLowering extends Lowering {
  readonly path: string;
}

/** Each is proven against the tree as the ones before it leave it. `tree` becomes what all of them leave. */
export function proveLowerings(tree: LineTree, given: readonly Lowering[], priceOf: PriceOf): ProvenLowering[] {
  return given.map((one) => {
    const { path } = tree.proof(one.index);
    const line = lowerLine(one.line, one.target);
    tree.replace(one.index, { line, worth: worthOf(priceOf(line)) });
    return { ...one, path };
  });
}

const monthOf = (second: number): string => new Date(second * 1000).toISOString().slice(0, 7);
