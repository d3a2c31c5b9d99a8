import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { type CampaignRate, commissionOfLineDown, type OfferRate } from "@partner-programs/protocol/commission";
import { kindName } from "@partner-programs/protocol/kinds";
import { type Line, lineKey, sumToLines } from "@partner-programs/protocol/line";
import { type ConversionLeaf, conversionTree } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { CampaignRules } from "./rules.ts";
import type { Found, SourceOrder } from "./source/source.ts";

/** An order as the brand reported it to the relayer. Times are Unix seconds. */
export interface Order {
  readonly event: string;
  readonly orderId: string;
  /** A decimal number of whole tokens. */
  readonly volume: string;
  readonly occurredAt?: number | undefined;
  readonly receivedAt: number;
}

/** A conversion as the relayer hands it over: its leaf, and the order behind it. */
export interface GivenConversion extends ConversionLeaf {
  readonly order?: Order | undefined;
}

/** Why an attester does not sign. */
export interface Refusal {
  readonly reason: string;
  /** The same question may have another answer later. */
  readonly transient: boolean;
  /** The conversions that the reason is about; none: it is about the whole batch. */
  readonly conversions: readonly { readonly number: bigint; readonly reason: string }[];
}

/** An offer as the chain has it. */
export interface Offer extends OfferRate {
  readonly kind: number;
  readonly event: string;
  readonly capUnits: bigint;
  readonly validFrom: number;
  readonly validTo: number;
}

/** What an attester signed before that shares numbers, keys or orders with what it is asked to sign. */
export interface Earlier {
  readonly digest: string;
  readonly firstConversion: bigint;
  readonly deadline: number;
  /** Whether the chain has it. */
  readonly attested: boolean;
  /** The conversions of the new one whose key or order was in it. */
  readonly shared: readonly bigint[];
}

/** The chain at a block that cannot be undone. */
export interface FinalFacts {
  readonly nextConversion: bigint;
  readonly time: number;
}

/** A refusal of the whole batch. */
export function refuse(reason: string, transient = false): Refusal {
  return { reason, transient, conversions: [] };
}

/** A refusal of some conversions; undefined if there are none. */
export function refuseSome(conversions: Refusal["conversions"], transient = false): Refusal | undefined {
  const [first] = conversions;
  if (first === undefined) return undefined;
  const reason =
    conversions.length === 1
      ? `Conversion ${first.number}: ${first.reason}`
      : `${conversions.length} conversions are refused. The first, ${first.number}: ${first.reason}`;
  return { reason, transient, conversions };
}

/** Of each conversion the first reason against it, in the order of the conversions. */
function firstReasons(
  conversions: readonly GivenConversion[],
  reasonOf: (conversion: GivenConversion, index: number) => string | undefined,
): Refusal["conversions"] {
  return conversions.flatMap((conversion, i) => {
    const reason = reasonOf(conversion, i);
    return reason === undefined ? [] : [{ number: conversion.number, reason }];
  });
}

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

/**
 * The signing rule: what shares a number, a key or an order with something signed before is signed only if the earlier one is
 * dead, that is, not on the chain and past its deadline or its number at a block that is final.
 */
export function checkEarlier(earlier: readonly Earlier[], final: FinalFacts): Refusal | undefined {
  const attested: { number: bigint; reason: string }[] = [];
  const alive: { number: bigint; reason: string }[] = [];
  let numbersAlive: Earlier | undefined;
  for (const one of earlier) {
    if (!one.attested && isDead(one, final)) continue;
    const reason = one.attested
      ? `its key or its order was attested before, in ${one.digest}.`
      : `its key or its order was signed before, in ${one.digest}, which can still be attested until ${one.deadline}.`;
    (one.attested ? attested : alive).push(...one.shared.map((number) => ({ number, reason })));
    numbersAlive = one;
  }
  const refusal = refuseSome(once(attested)) ?? refuseSome(once(alive), true);
  if (refusal !== undefined || numbersAlive === undefined) return refusal;
  return refuse(
    `Some of these numbers were signed before, in ${numbersAlive.digest}, which ${numbersAlive.attested ? "was attested" : `can still be attested until ${numbersAlive.deadline}`}.`,
    true,
  );
}

export function isDead(one: Pick<Earlier, "firstConversion" | "deadline">, final: FinalFacts): boolean {
  return final.time > one.deadline || final.nextConversion > one.firstConversion;
}

function once(refused: Refusal["conversions"]): Refusal["conversions"] {
  const first = new Map(refused.toReversed().map((one) => [one.number, one]));
  return [...first.values()].sort((a, b) => (a.number < b.number ? -1 : 1));
}

/** What a batch's conversions are worth, in base units, without the operator's fee. */
export function commissionOf(
  lines: readonly Line[],
  offers: ReadonlyMap<number, Offer>,
  campaign: CampaignRate,
): bigint {
  return lines.reduce((sum, line) => {
    const offer = offers.get(line.offerId);
    return offer === undefined ? sum : sum + commissionOfLineDown(line, offer, campaign).commission;
  }, 0n);
}

/** What the attester's own rules say about a batch, apart from its source and the day's limit. */
export function checkRules(
  { lines }: Pick<Attestation, "lines">,
  conversions: readonly GivenConversion[],
  rules: CampaignRules,
  offers: ReadonlyMap<number, Offer>,
  campaign: CampaignRate,
): Refusal | undefined {
  const { maxCommission, partnersDenied } = rules;
  const needsOrder = rules.source.kind !== "none" || rules.age !== undefined;
  const refused = firstReasons(conversions, ({ entries, order }) => {
    if (needsOrder && order === undefined) return "it came without its order, which the attester's rules ask for.";
    for (const { offerId, partner } of entries) {
      const offer = offers.get(offerId);
      if (offer === undefined) continue;
      if (rules.offers?.includes(offerId) === false) return `offer ${offerId} is none that this attester signs.`;
      if (rules.events?.includes(offer.event) === false)
        return `the event "${offer.event}" is none that this attester signs.`;
      if (rules.kinds?.includes(offer.kind) === false)
        return `the kind "${kindName(offer.kind)}" is none that this attester signs.`;
      if (partnersDenied.includes(partner)) return `the attester does not sign for partner ${partner}.`;
    }
    const commission = commissionOf(entries, offers, campaign);
    if (maxCommission.conversion !== undefined && commission > maxCommission.conversion)
      return `its commission is ${commission}, the attester signs at most ${maxCommission.conversion} for one.`;
    return undefined;
  });
  if (refused.length > 0) return refuseSome(refused);
  const commission = commissionOf(lines, offers, campaign);
  const most = [maxCommission.batch, maxCommission.day].filter((limit) => limit !== undefined);
  const limit = most.find((limit) => commission > limit);
  if (limit === undefined) return undefined;
  return refuse(
    `The batch's commission is ${commission}, the attester signs at most ${limit} at once. Make it smaller.`,
  );
}

/** What the attester signs at most in one UTC day; `spent` is what it signed today already. */
export function checkDay(commission: bigint, spent: bigint, rules: CampaignRules): Refusal | undefined {
  const most = rules.maxCommission.day;
  if (most === undefined || spent + commission <= most) return undefined;
  return refuse(
    `The batch's commission is ${commission}; of the ${most} that the attester signs in a day, ${spent} are used.`,
    true,
  );
}

/** What the attester's own source says about the orders behind a batch. `found` has one answer for each conversion. */
export function checkSource(
  conversions: readonly GivenConversion[],
  found: readonly (Found | undefined)[],
  rules: CampaignRules,
  { unitExponent, decimals, now }: { readonly unitExponent: number; readonly decimals: number; readonly now: number },
): Refusal | undefined {
  const never: { number: bigint; reason: string }[] = [];
  const later: { number: bigint; reason: string }[] = [];
  for (const [i, { number, entries, order }] of conversions.entries()) {
    if (order === undefined) continue;
    const attested = entries.reduce((most, line) => (line.volumeUnits > most ? line.volumeUnits : most), 0n);
    const refusal = orderReason(order, found[i], attested * 10n ** BigInt(unitExponent));
    if (refusal !== undefined) (refusal.transient ? later : never).push({ number, reason: refusal.reason });
  }
  // What is wrong for good comes first: it is dropped, and the rest is asked about again.
  return refuseSome(never) ?? refuseSome(later, true);

  function orderReason(order: Order, answer: Found | undefined, attested: bigint): Refusal | undefined {
    const name = `order "${order.orderId}"`;
    if (answer !== undefined && "unavailable" in answer) return refuse(answer.unavailable, true);
    const known = answer !== undefined && "order" in answer ? answer.order : undefined;
    if (answer !== undefined && known === undefined && rules.orderRequired)
      return refuse(`${name} is not in the attester's source.`);
    const left = volumeLeft(known ?? { ...order, refunded: false }, decimals);
    if (left === undefined) return refuse(`${name} was refunded.`);
    if (known?.event !== undefined && known.event !== order.event)
      return refuse(`${name} is a "${known.event}" in the attester's source, not a "${order.event}".`);
    if (attested * 10_000n > left * BigInt(10_000 + rules.volumeToleranceBps))
      return refuse(`it attests volume ${attested}, ${name} has ${left}${known ? " in the attester's source" : ""}.`);
    const age = now - (known?.createdAt ?? order.occurredAt ?? order.receivedAt);
    const { minSeconds = 0, maxSeconds = Number.POSITIVE_INFINITY } = rules.age ?? {};
    if (age > maxSeconds) return refuse(`${name} is ${age} seconds old, the attester signs up to ${maxSeconds}.`);
    if (rules.age !== undefined && age < minSeconds)
      return refuse(`${name} is ${age} seconds old, the attester signs from ${minSeconds} on.`, true);
    return undefined;
  }
}

/** What of an order's volume was not given back, in base units; undefined: all of the order was. */
function volumeLeft({ volume, refunded }: Pick<SourceOrder, "volume" | "refunded">, decimals: number) {
  if (refunded === true) return undefined;
  const whole = toBaseUnitsDown(volume, decimals);
  if (refunded === false) return whole;
  const back = toBaseUnitsDown(refunded, decimals);
  return back >= whole && back > 0n ? undefined : whole - back;
}

/** What of a conversion's entries was given back, by the source: all, or the volume that is not left. A flat amount goes with the whole. */
export function refundedOf(
  entries: readonly Line[],
  found: Found | undefined,
  { unitExponent, decimals }: { readonly unitExponent: number; readonly decimals: number },
): Line[] {
  const left = found !== undefined && "order" in found ? volumeLeft(found.order, decimals) : undefined;
  if (left === undefined) return [...entries];
  const units = left / 10n ** BigInt(unitExponent);
  return entries
    .filter(({ volumeUnits }) => volumeUnits > units)
    .map((entry) => ({ ...entry, count: 0, volumeUnits: entry.volumeUnits - units }));
}

/** An order's natural key, as one string. */
export function orderKey({ event, orderId }: Pick<Order, "event" | "orderId">): string {
  return JSON.stringify([event, orderId]);
}

/** Whether `targets` only lower lines of a batch: by how much is not looked at. */
export function checkTargets(attested: readonly Line[], targets: readonly Line[]): Refusal | undefined {
  const lines = new Map(attested.map((line) => [lineKey(line), line]));
  for (const target of targets) {
    const line = lines.get(lineKey(target));
    if (line === undefined)
      return refuse(`The attestation has no line of offer ${target.offerId} for ${target.partner}.`);
    if (target.count > line.count || target.volumeUnits > line.volumeUnits)
      return refuse(
        `The target for ${target.partner} under offer ${target.offerId} is ${target.count} and ${target.volumeUnits}, above the attested ${line.count} and ${line.volumeUnits}.`,
      );
  }
  return undefined;
}

/** Whether `targets` lower the lines by no more than `takenBack`. */
export function checkLowered(
  attested: readonly Line[],
  targets: readonly Line[],
  takenBack: readonly Line[],
): Refusal | undefined {
  const lines = new Map(attested.map((line) => [lineKey(line), line]));
  const most = new Map(sumToLines(takenBack).map((line) => [lineKey(line), line]));
  for (const target of targets) {
    const line = lines.get(lineKey(target)) as Line;
    const away = most.get(lineKey(target));
    if (
      line.count - target.count > (away?.count ?? 0) ||
      line.volumeUnits - target.volumeUnits > (away?.volumeUnits ?? 0n)
    )
      return refuse(
        `The line of offer ${target.offerId} for ${target.partner} is lowered by more than was given back of its conversions.`,
        true,
      );
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
