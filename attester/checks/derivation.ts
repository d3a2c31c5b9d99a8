/** Whether a batch follows from its conversions, and they from the offers: derived again, because nothing is believed. */
import type { Order, Refusal } from "@partner-programs/protocol/attesterApi";
import type { CampaignRate } from "@partner-programs/protocol/commission";
import type { Line } from "@partner-programs/protocol/line";
import { treeOf } from "@partner-programs/protocol/pricedTree";
import { conversionTree } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { Conversions } from "../conversions.ts";
import { type PackedLines, sumEntries } from "../lines.ts";
import type { Offers } from "./offers.ts";
import { orderKey } from "./orderKey.ts";
import { firstReasons, refuse, refuseSome } from "./refusals.ts";

/**
 * Derives an attestation again from its conversions and compares: nothing is believed because the relayer says so. `offers`
 * are the chain's, of all entries. Answers with the lines, which only the conversions say.
 */
export function checkDerivation(
  attestation: Attestation,
  conversions: Conversions,
  offers: Offers,
  campaign: CampaignRate,
): { readonly refusal: Refusal } | { readonly lines: PackedLines } {
  const refusal =
    checkNumbers(attestation, conversions) ??
    checkConversions(attestation, conversions, offers) ??
    checkPeriod(attestation, offers);
  if (refusal !== undefined) return { refusal };
  try {
    const lines = sumEntries(conversions.entries);
    const different = compareLines(attestation, lines, offers, campaign) ?? compareRoot(attestation, conversions);
    return different === undefined ? { lines } : { refusal: different };
  } catch (error) {
    if (error instanceof RangeError) return { refusal: refuse(`${error.message} Make the batch smaller.`) };
    throw error;
  }
}

function checkNumbers(
  { firstConversion, conversions: count }: Attestation,
  conversions: Conversions,
): Refusal | undefined {
  if (conversions.length === 0 || conversions.length !== count) {
    return refuse(`The attestation says ${count} conversions, ${conversions.length} were given.`);
  }
  let expected = firstConversion;
  for (const { number } of conversions) {
    if (number !== expected)
      return refuse(`Conversion ${expected - firstConversion} has number ${number} instead of ${expected}.`);
    expected++;
  }
  return undefined;
}

/** A line under an offer that does not cover the period is worth nothing. */
function checkPeriod({ periodFrom, periodTo }: Attestation, offers: Offers): Refusal | undefined {
  for (const [offerId, offer] of offers)
    if (periodFrom < offer.validFrom || periodTo > offer.validTo)
      return refuse(
        `The period [${periodFrom}, ${periodTo}) is not within the validity of offer ${offerId}, [${offer.validFrom}, ${offer.validTo}). Split the batch there.`,
      );
  return undefined;
}

function compareRoot({ conversionsRoot }: Attestation, conversions: Conversions): Refusal | undefined {
  const { root } = conversionTree(conversions);
  if (root === conversionsRoot) return undefined;
  return refuse(`The conversions have root ${root}, the attestation says ${conversionsRoot}.`);
}

function compareLines(
  attestation: Attestation,
  lines: PackedLines,
  offers: Offers,
  campaign: CampaignRate,
): Refusal | undefined {
  if (lines.length !== attestation.lineCount)
    return refuse(`The conversions sum to ${lines.length} lines, the attestation says ${attestation.lineCount}.`);
  const { root, total } = treeOf(lines, offers, campaign, attestation);
  if (total !== attestation.total)
    return refuse(`By the offers the lines are worth ${total}, the attestation says ${attestation.total}.`);
  if (root === attestation.linesRoot) return undefined;
  return refuse(
    `The sums of the conversions, as lines, have root ${root}, the attestation says ${attestation.linesRoot}.`,
  );
}

function checkConversions(
  { periodFrom, periodTo }: Attestation,
  conversions: Conversions,
  offers: Offers,
): Refusal | undefined {
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
  return refuseSome(refused);
}

function entryReason(entries: readonly Line[], order: Order | undefined, offers: Offers) {
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
