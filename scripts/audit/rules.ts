/**
 * What a line is worth, and whether it holds: the contract's rules (docs/attestation.md), written for the audit alone, over what
 * the events before say.
 */
import type { Body } from "./batch.ts";
import type { BatchLine } from "./packed.ts";

export interface Offer {
  /** The event that it pays for. */
  readonly event: string;
  readonly flatAmount: bigint;
  readonly rateBps: number;
  readonly capUnits: bigint;
  readonly kind: number;
  readonly validFrom: number;
  readonly validTo: number;
  /** Lower case. */
  readonly partner: string;
}

export interface Terms {
  readonly token: string;
  readonly operator: string;
  readonly holdSeconds: number;
  readonly linesOnChain: boolean;
  readonly openKinds: bigint;
  readonly feeBps: number;
  readonly unitExponent: number;
}

/** From `since` on a partner has the kinds `before`, and from `until` on `mask`. Times are Unix seconds. */
export interface KindsCheckpoint {
  readonly since: number;
  readonly before: bigint;
  readonly until: number;
  readonly mask: bigint;
}

/** What a line or some lines are worth, in base units. */
export interface Worth {
  readonly commission: bigint;
  readonly fee: bigint;
}

/** The contract's `Fault`, by its numbers. */
export const FAULTS = [
  "none",
  "it names an offer that was never published",
  "its offer is not valid in the whole period",
  "it names no partner",
  "its volume is above the offer's cap",
  "it counts more conversions than the batch has",
  "the partner did not have the offer's kind when the period ended",
  "its offer is for another partner",
] as const;
const [NONE, UNKNOWN, OUTSIDE, NOBODY, ABOVE_CAP, TOO_MANY, NOT_OF_KIND, OTHERS] = [0, 1, 2, 3, 4, 5, 6, 7];
export const FOR_ONE_PARTNER = 255;

export function worthOf(line: BatchLine, offer: Offer | undefined, terms: Terms, body: Body): Worth {
  if (offer === undefined || !covers(offer, body)) return { commission: 0n, fee: 0n };
  const volume = line.volumeUnits * 10n ** BigInt(terms.unitExponent);
  const commission = BigInt(line.count) * offer.flatAmount + (volume * BigInt(offer.rateBps)) / 10_000n;
  return { commission, fee: (commission * BigInt(terms.feeBps)) / 10_000n };
}

/** Why a line does not hold, by its number; 0: it does. `kindFault` was judged when it was attested: kinds change. */
export function faultOf(line: BatchLine, offer: Offer | undefined, body: Body, kindFault: number): number {
  if (offer === undefined) return UNKNOWN;
  if (!covers(offer, body)) return OUTSIDE;
  if (BigInt(line.partner) === 0n) return NOBODY;
  if (line.count > body.conversions) return TOO_MANY;
  if (line.volumeUnits > BigInt(line.count) * offer.capUnits) return ABOVE_CAP;
  return kindFault;
}

/** Whether the partner is one that the offer is for, by the kinds that it had in the period's last second. */
export function kindFaultOf(
  { partner }: BatchLine,
  offer: Offer | undefined,
  checkpoints: readonly KindsCheckpoint[],
  { openKinds }: Terms,
  { periodTo }: Pick<Body, "periodTo">,
): number {
  if (offer === undefined) return NONE;
  if (offer.kind === FOR_ONE_PARTNER) return offer.partner === partner ? NONE : OTHERS;
  const second = periodTo - 1;
  const last = checkpoints.findLast(({ since }) => since <= second);
  const mask = last === undefined ? openKinds : second < last.until ? last.before : last.mask;
  return (mask >> BigInt(offer.kind)) & 1n ? NONE : NOT_OF_KIND;
}

function covers(offer: Offer, { periodFrom, periodTo }: Body): boolean {
  return periodFrom >= offer.validFrom && periodTo <= offer.validTo;
}
