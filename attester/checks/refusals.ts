/** How a check says no: to a whole batch, or to some of its conversions. */
import type { GivenConversion, Refusal } from "@partner-programs/protocol/attesterApi";

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
export function firstReasons(
  conversions: Iterable<GivenConversion>,
  reasonOf: (conversion: GivenConversion) => string | undefined,
): Refusal["conversions"] {
  const reasons: { number: bigint; reason: string }[] = [];
  for (const conversion of conversions) {
    const reason = reasonOf(conversion);
    if (reason !== undefined) reasons.push({ number: conversion.number, reason });
  }
  return reasons;
}

/** What was found of one part after the other, as one: what is wrong for good comes first, and of each conversion the first reason. */
export function joinRefusals(refusals: readonly Refusal[]): Refusal | undefined {
  const lasting = refusals.filter(({ transient }) => !transient);
  const given = lasting.length > 0 ? lasting : refusals;
  const first = new Map(
    given.flatMap(({ conversions }) => conversions.map((one) => [one.number, one] as const)).toReversed(),
  );
  const inOrder = [...first.values()].sort((a, b) => (a.number < b.number ? -1 : 1));
  return refuseSome(inOrder, lasting.length === 0);
}
