/** Which conversions fit one attestation, what it says of them, and what reversals lower its lines to. */
import { MAX_LINES } from "@partner-programs/protocol/limits";
import {
  type Line,
  lineKey,
  lowerLine,
  MAX_COUNT,
  MAX_VOLUME_UNITS,
  sumToLines,
} from "@partner-programs/protocol/line";
import { conversionTree, lineTree } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";

/** An accepted conversion that waits for a number. */
export interface Waiting {
  readonly id: bigint;
  readonly key: string;
  readonly salt: string;
  readonly entries: readonly Line[];
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** When an offer is valid, in Unix seconds: [from, to). */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/**
 * The longest prefix of the waiting conversions that fits one attestation: in number of lines, in the fields of a line, and
 * so that the period, which ends at `endsFrom` (Unix seconds) or later, lies within the validity of every offer used.
 */
export function fitting(
  waiting: readonly Waiting[],
  validity: ReadonlyMap<number, Validity>,
  max: number,
  endsFrom: number,
): Waiting[] {
  const sums = new Map<bigint, { count: number; volumeUnits: bigint }>();
  const period = { from: Number.POSITIVE_INFINITY, to: endsFrom };
  const valid = { from: 0, to: Number.POSITIVE_INFINITY };
  const fit: Waiting[] = [];
  for (const conversion of waiting.slice(0, max)) {
    const second = Math.floor(conversion.receivedAt / 1000);
    period.from = Math.min(period.from, second);
    period.to = Math.max(period.to, second + 1);
    for (const entry of conversion.entries) {
      const offer = validity.get(entry.offerId);
      valid.from = Math.max(valid.from, offer?.from ?? 0);
      valid.to = Math.min(valid.to, offer?.to ?? 0);
      const key = lineKey(entry);
      const sum = sums.get(key) ?? { count: 0, volumeUnits: 0n };
      sum.count += entry.count;
      sum.volumeUnits += entry.volumeUnits;
      sums.set(key, sum);
      if (sums.size > MAX_LINES || sum.count > MAX_COUNT || sum.volumeUnits > MAX_VOLUME_UNITS) return fit;
    }
    if (period.from < valid.from || period.to > valid.to) return fit;
    fit.push(conversion);
  }
  return fit;
}

/**
 * The attestation of `conversions`, numbered from `firstConversion` in the order given. Its period is the seconds in which
 * they were received: [floor of the earliest, floor of the latest + 1), prolonged to `endsFrom` if that is later: the contract
 * takes no period that ended more than one notice ago.
 */
export function buildAttestation(
  campaignId: string,
  firstConversion: bigint,
  conversions: readonly Waiting[],
  deadline: number,
  endsFrom: number,
): Attestation {
  const times = conversions.map(({ receivedAt }) => receivedAt);
  const leaves = conversions.map(({ key, salt, entries }, i) => ({
    number: firstConversion + BigInt(i),
    key,
    salt,
    entries,
  }));
  return {
    campaignId,
    firstConversion,
    conversions: conversions.length,
    periodFrom: Math.floor(Math.min(...times) / 1000),
    periodTo: Math.max(Math.floor(Math.max(...times) / 1000) + 1, endsFrom),
    deadline,
    conversionsRoot: conversionTree(leaves).root,
    lines: sumToLines(conversions.flatMap(({ entries }) => entries)),
  };
}

/** What the lines are lowered to when the conversions with these entries are taken back; lines that stay are not named. */
export function reversalTargets(lines: readonly Line[], takenBack: readonly Line[]): Line[] {
  const away = new Map(sumToLines(takenBack).map((line) => [lineKey(line), line]));
  return lines.flatMap((line) => {
    const less = away.get(lineKey(line));
    if (less === undefined) return [];
    const volumeUnits = line.volumeUnits - less.volumeUnits;
    return [{ ...line, count: Math.max(0, line.count - less.count), volumeUnits: volumeUnits > 0n ? volumeUnits : 0n }];
  });
}

/** A line of a batch as it stands, at its place in the tree. */
export interface ProvenTarget {
  readonly index: number;
  readonly line: Line;
  readonly proof: readonly string[];
}

/** The lines of the targets as they stand, each proven against the tree as the ones before it leave it. */
export function proveTargets(lines: readonly Line[], targets: readonly Line[]): ProvenTarget[] {
  const standing = [...lines];
  return targets.map((target) => {
    const index = standing.findIndex((line) => lineKey(line) === lineKey(target));
    const line = standing[index];
    if (line === undefined)
      throw new Error(`The batch has no line of offer ${target.offerId} and partner ${target.partner}.`);
    const proof = lineTree(standing).getProof(index);
    standing[index] = lowerLine(line, target);
    return { index, line, proof };
  });
}
