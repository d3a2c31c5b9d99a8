/** Whether the attester's own source has the orders behind a batch, and what of them was given back. */

import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import type { GivenConversion, Order, Refusal } from "@partner-programs/protocol/attesterApi";
import { MAX_SALE_DECIMALS } from "@partner-programs/protocol/currency";
import type { Line } from "@partner-programs/protocol/line";
import { type Rate, toTokenDown } from "@partner-programs/protocol/rates";
import type { CampaignRules } from "../rules.ts";
import type { SourceAnswer, SourceOrder } from "../source/source.ts";
import { refuse, refuseSome } from "./refusals.ts";

/** What turns a volume of a campaign into whole tokens. */
export interface Units {
  readonly unitExponent: number;
  readonly decimals: number;
}

/** What the attester's own source says about the orders behind a batch. `found` has one answer for each conversion. */
export function checkSource(
  conversions: readonly GivenConversion[],
  found: readonly (SourceAnswer | undefined)[],
  rules: CampaignRules,
  { unitExponent, decimals, now }: Units & { readonly now: number },
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

  function orderReason(order: Order, answer: SourceAnswer | undefined, attested: bigint): Refusal | undefined {
    const name = `order "${order.orderId}"`;
    if (answer !== undefined && "unavailable" in answer) return refuse(answer.unavailable, true);
    if (answer !== undefined && "refused" in answer) return refuse(`${name} does not count: ${answer.refused}`);
    const known = answer !== undefined && "order" in answer ? answer.order : undefined;
    if (answer !== undefined && known === undefined && rules.orderRequired)
      return refuse(`${name} is not in the attester's source.`);
    const rate = order.sale?.rate;
    const said = rate === undefined ? order : { ...order, volume: order.sale?.volume ?? order.volume };
    const left = volumeLeft(known ?? { ...said, refunded: false }, decimals, rate);
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

/**
 * What of an order's volume was not given back, in base units; undefined: all of the order was. Of a sale in its own currency: what is left
 * of it in that is converted by its rate.
 */
function volumeLeft({ volume, refunded }: Pick<SourceOrder, "volume" | "refunded">, decimals: number, rate?: Rate) {
  if (refunded === true) return undefined;
  const digits = rate === undefined ? decimals : MAX_SALE_DECIMALS;
  const toUnits = (units: bigint) =>
    rate === undefined ? units : toTokenDown(fromBaseUnits(units, digits), rate, decimals);
  const whole = toBaseUnitsDown(volume, digits);
  if (refunded === false) return toUnits(whole);
  const back = toBaseUnitsDown(refunded, digits);
  return back >= whole && back > 0n ? undefined : toUnits(whole - back);
}

/** What of a conversion's entries was given back, by the source: all, or the volume that is not left. A flat amount goes with the whole. */
export function refundedOf(
  entries: readonly Line[],
  found: SourceAnswer | undefined,
  { unitExponent, decimals }: Units,
  rate?: Rate,
): Line[] {
  // It is there: that it would not count now gives nothing back.
  if (found !== undefined && "refused" in found) return [];
  const left = found !== undefined && "order" in found ? volumeLeft(found.order, decimals, rate) : undefined;
  if (left === undefined) return [...entries];
  const units = left / 10n ** BigInt(unitExponent);
  return entries
    .filter(({ volumeUnits }) => volumeUnits > units)
    .map((entry) => ({ ...entry, count: 0, volumeUnits: entry.volumeUnits - units }));
}
