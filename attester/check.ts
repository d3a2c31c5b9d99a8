import { type Line, packLine, sumToLines } from "../protocol/line.ts";
import { type ConversionLeaf, conversionTree } from "../protocol/trees.ts";
import type { Attestation } from "../protocol/typedData.ts";

/** An offer as the chain has it. */
export interface Offer {
  readonly capUnits: bigint;
  readonly validFrom: number;
  readonly validTo: number;
}

/** What an attester signed before that shares numbers or keys with what it is asked to sign. */
export interface Earlier {
  readonly digest: string;
  readonly firstConversion: bigint;
  readonly deadline: number;
  /** Whether the chain has it. */
  readonly attested: boolean;
}

/** The chain as the attester reads it itself. */
export interface ChainFacts {
  readonly nextConversion: bigint;
  /** Unix seconds of the newest block. */
  readonly time: number;
  readonly offers: ReadonlyMap<number, Offer>;
}

/**
 * Why an attester does not sign; undefined if it does. Everything is derived again from the conversions and compared:
 * nothing is believed because the relayer says so.
 */
export function refusal(
  attestation: Attestation,
  conversions: readonly ConversionLeaf[],
  chain: ChainFacts,
  earlier: readonly Earlier[],
): string | undefined {
  const { firstConversion, lines } = attestation;
  if (conversions.length === 0 || conversions.length !== attestation.conversions) {
    return `The attestation says ${attestation.conversions} conversions, ${conversions.length} were given.`;
  }
  if (firstConversion !== chain.nextConversion) {
    return `The attestation begins with conversion ${firstConversion}, the campaign's next is ${chain.nextConversion}.`;
  }
  for (const [i, { number, entries }] of conversions.entries()) {
    if (number !== firstConversion + BigInt(i))
      return `Conversion ${i} has number ${number} instead of ${firstConversion + BigInt(i)}.`;
    for (const entry of entries) {
      const offer = chain.offers.get(entry.offerId);
      if (offer === undefined)
        return `Conversion ${number} names offer ${entry.offerId}, which the campaign does not have.`;
      if (entry.count !== 1) return `An entry of conversion ${number} counts ${entry.count} times.`;
      if (entry.volumeUnits > offer.capUnits)
        return `An entry of conversion ${number} has volume ${entry.volumeUnits} above the cap ${offer.capUnits}.`;
      if (attestation.periodFrom < offer.validFrom || attestation.periodTo > offer.validTo) {
        return `The period is not within the validity of offer ${entry.offerId}.`;
      }
    }
  }
  const keys = new Set(conversions.map(({ key }) => key));
  if (keys.size !== conversions.length) return "A conversion key stands in the batch twice.";
  const sums = sumToLines(conversions.flatMap(({ entries }) => entries));
  if (!same(sums, lines)) return "The lines are not the sums of the conversions.";
  const { root } = conversionTree(conversions);
  if (root !== attestation.conversionsRoot)
    return `The conversions have root ${root}, the attestation says ${attestation.conversionsRoot}.`;
  // It can still be attested as long as its number is the next and its deadline has not passed.
  const alive = earlier.find(
    (one) => one.attested || (chain.time <= one.deadline && chain.nextConversion <= one.firstConversion),
  );
  if (alive !== undefined) {
    return `Some of these conversions or numbers were signed before, in ${alive.digest}, which ${alive.attested ? "was" : "can still be"} attested.`;
  }
  return undefined;
}

function same(a: readonly Line[], b: readonly Line[]): boolean {
  return a.length === b.length && a.every((line, i) => packLine(line) === packLine(b[i] as Line));
}
