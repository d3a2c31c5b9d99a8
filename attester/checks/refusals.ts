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
  conversions: readonly GivenConversion[],
  reasonOf: (conversion: GivenConversion, index: number) => string | undefined,
): Refusal["conversions"] {
  return conversions.flatMap((conversion, i) => {
    const reason = reasonOf(conversion, i);
    return reason === undefined ? [] : [{ number: conversion.number, reason }];
  });
}
