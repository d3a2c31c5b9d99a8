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
import { conversionTree } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { keyOf, LineSums, offerOf, packSum } from "./lines.ts";

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

/**
 * The longest prefix of the waiting conversions that fits one attestation: in number of conversions and of lines, in the fields of
 * a line, and so that its period lies within the validity of every offer that it uses.
 */
export function fitting(waiting: readonly Waiting[], bounds: Bounds): Waiting[] {
  const sums = new LineSums();
  const period = { from: Number.POSITIVE_INFINITY, to: 0 };
  const valid = { from: 0, to: bounds.periodEnd };
  let fit = 0;
  for (const conversion of waiting.slice(0, bounds.conversions)) {
    const second = Math.floor(conversion.receivedAt / 1000);
    period.from = Math.min(period.from, second);
    period.to = Math.max(period.to, second + 1);
    for (const entry of conversion.entries) {
      const offerId = offerOf(entry);
      const offer = bounds.offers.get(offerId);
      valid.from = Math.max(valid.from, offer?.from ?? 0);
      valid.to = Math.min(valid.to, offer?.to ?? 0);
      // Kinds that had ended before are found when the batch is rehearsed, which says so.
      const kindsEnd = bounds.kindsEnd(offerId, `0x${entry.slice(6, 46)}`);
      if (second < kindsEnd) valid.to = Math.min(valid.to, kindsEnd);
      const { count, volumeUnits } = sums.add(entry);
      if (sums.size > bounds.lines || count > MAX_COUNT || volumeUnits > MAX_VOLUME_UNITS) return waiting.slice(0, fit);
    }
    if (period.from < valid.from || period.to > valid.to) return waiting.slice(0, fit);
    fit++;
  }
  return waiting.slice(0, fit);
}

/** What lines are worth in a batch of some period, by the published offers: nothing, where the offer does not cover it. */
export type PriceOf = (line: Pick<Line, "offerId" | "count" | "volumeUnits">) => {
  readonly commission: bigint;
  readonly fee: bigint;
};

/** A batch as it is written down: what is signed, its lines, and where each conversion's own line stands among them. */
export interface Batch {
  readonly attestation: Attestation;
  /** Packed, in the order of the tree. */
  readonly lines: readonly string[];
  readonly prices: readonly ReturnType<PriceOf>[];
  /** Of each conversion, in their order. */
  readonly ownLines: readonly number[];
}

/** The seconds in which conversions were received: [floor of the earliest, floor of the latest + 1). */
export function periodOf(conversions: readonly Pick<Waiting, "receivedAt">[]): {
  readonly periodFrom: number;
  readonly periodTo: number;
} {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const { receivedAt } of conversions) {
    first = Math.min(first, receivedAt);
    last = Math.max(last, receivedAt);
  }
  return { periodFrom: Math.floor(first / 1000), periodTo: Math.floor(last / 1000) + 1 };
}

/** The batch of `conversions`, numbered from `firstConversion` in the order given. `priceOf` is of its period (`periodOf`). */
export function buildBatch(
  campaignId: string,
  firstConversion: bigint,
  conversions: readonly Waiting[],
  deadline: number,
  priceOf: PriceOf,
): Batch {
  const sums = new LineSums();
  for (const { entries } of conversions) for (const entry of entries) sums.add(entry);
  const lines = sums.lines();
  const prices = lines.map(priceOf);
  const tree = LineTree.of({
    length: lines.length,
    *[Symbol.iterator]() {
      for (const [i, line] of lines.entries()) yield { line, worth: worthOf(prices[i]) };
    },
  });
  const places = new Map(lines.map(({ key }, index) => [key, index]));
  const leaves = {
    length: conversions.length,
    *[Symbol.iterator]() {
      for (const [i, { key, salt, entries }] of conversions.entries())
        yield { number: firstConversion + BigInt(i), key, salt, entries };
    },
  };
  return {
    attestation: {
      campaignId,
      firstConversion,
      conversions: conversions.length,
      ...periodOf(conversions),
      deadline,
      conversionsRoot: conversionTree(leaves).root,
      linesRoot: tree.root,
      lineCount: tree.count,
      total: tree.total,
    },
    lines: lines.map(packSum),
    prices,
    ownLines: conversions.map(({ entries }) => places.get(keyOf(entries[0] ?? "")) ?? -1),
  };
}

const worthOf = (price: ReturnType<PriceOf> | undefined) => (price === undefined ? 0n : price.commission + price.fee);

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
