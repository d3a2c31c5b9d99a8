/** Whether a batch follows from its conversions, and they from the offers: derived again, because nothing is believed. */
import type { GivenConversion, Order, Refusal } from "@partner-programs/protocol/attesterApi";
import { type Line, lineKey, sumToLines } from "@partner-programs/protocol/line";
import { conversionTree } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { Offer } from "./offers.ts";
import { orderKey } from "./orderKey.ts";
import { firstReasons, refuse, refuseSome } from "./refusals.ts";

/**
 * Derives an attestation again from its conversions and compares: nothing is believed because the relayer says so. `offers`
 * are the chain's, of all lines.
 */
export function checkDerivation(
  attestation: Attestation,
  conversions: readonly GivenConversion[],
  offers: ReadonlyMap<number, Offer>,
): Refusal | undefined {
  const { firstConversion, lines, periodFrom, periodTo } = attestation;
  if (conversions.length === 0 || conversions.length !== attestation.conversions) {
    return refuse(`The attestation says ${attestation.conversions} conversions, ${conversions.length} were given.`);
  }
  for (const [i, { number }] of conversions.entries()) {
    if (number !== firstConversion + BigInt(i))
      return refuse(`Conversion ${i} has number ${number} instead of ${firstConversion + BigInt(i)}.`);
  }
  if (!same(sumToLines(conversions.flatMap(({ entries }) => entries)), lines))
    return refuse("The lines are not the sums of the conversions.");
  const { root } = conversionTree(conversions);
  if (root !== attestation.conversionsRoot)
    return refuse(`The conversions have root ${root}, the attestation says ${attestation.conversionsRoot}.`);

  const keys = new Set<string>();
  const orders = new Set<string>();
  const refused = firstReasons(conversions, ({ key, entries, order }) => {
    const natural = order && orderKey(order);
    const repeated = keys.has(key) || (natural !== undefined && orders.has(natural));
    keys.add(key);
    if (natural !== undefined) orders.add(natural);
    if (repeated) return "its key or its order stands in the batch twice.";
    if (order !== undefined && (order.receivedAt < periodFrom || order.receivedAt >= periodTo))
      return `it was received at ${order.receivedAt}, outside the period [${periodFrom}, ${periodTo}).`;
    return entryReason(entries, order, offers);
  });
  if (refused.length > 0) return refuseSome(refused);

  for (const offerId of new Set(lines.map((line) => line.offerId))) {
    const offer = offers.get(offerId);
    if (offer !== undefined && (periodFrom < offer.validFrom || periodTo > offer.validTo))
      return refuse(
        `The period [${periodFrom}, ${periodTo}) is not within the validity of offer ${offerId}, [${offer.validFrom}, ${offer.validTo}). Split the batch there.`,
      );
  }
  return undefined;
}

function entryReason(entries: readonly Line[], order: Order | undefined, offers: ReadonlyMap<number, Offer>) {
  const seen = new Set<number>();
  for (const { offerId, count, volumeUnits } of entries) {
    const offer = offers.get(offerId);
    if (offer === undefined) return `it names offer ${offerId}, which the campaign does not have.`;
    if (count !== 1) return `an entry counts ${count} times.`;
    // A conversion counts once under an offer, for one partner; the contract can only compare the sums.
    if (seen.has(offerId)) return `it counts under offer ${offerId} twice.`;
    seen.add(offerId);
    if (volumeUnits > offer.capUnits) return `an entry has volume ${volumeUnits} above the cap ${offer.capUnits}.`;
    if (order !== undefined && order.event !== offer.event)
      return `its order is a "${order.event}", offer ${offerId} pays for "${offer.event}".`;
    if (order !== undefined && (order.receivedAt < offer.validFrom || order.receivedAt >= offer.validTo))
      return `it was received at ${order.receivedAt}, when offer ${offerId} was not valid.`;
  }
  return undefined;
}

function same(a: readonly Line[], b: readonly Line[]): boolean {
  return (
    a.length === b.length &&
    a.every((line, i) => {
      const other = b[i] as Line;
      return lineKey(line) === lineKey(other) && line.count === other.count && line.volumeUnits === other.volumeUnits;
    })
  );
}
