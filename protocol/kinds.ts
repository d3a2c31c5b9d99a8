/** Kinds of partner: their names, their masks, and for which of them a partner can be paid at a time. */

/** Kinds of partner that every campaign has; 5 to 63 are the campaign's own groups. */
export const KINDS = ["affiliate", "referral", "reseller", "customer", "recruiter"] as const;
export type KnownKind = (typeof KINDS)[number];

/** The first of a campaign's own groups. */
export const FIRST_GROUP = KINDS.length;
export const MAX_KIND = 63;

/** The kind of an offer that is for one partner alone. */
export const FOR_ONE_PARTNER = 255;

/** The mask of some kinds: 64 bits. */
export function kindMask(...kinds: readonly (KnownKind | number)[]): bigint {
  return kinds.reduce(
    (mask: bigint, kind) => mask | (1n << BigInt(typeof kind === "number" ? kind : KINDS.indexOf(kind))),
    0n,
  );
}

/** The kinds in a mask. */
export function kindsIn(mask: bigint): number[] {
  return Array.from({ length: MAX_KIND + 1 }, (_, kind) => kind).filter((kind) => hasKind(mask, kind));
}

export function hasKind(mask: bigint, kind: number): boolean {
  return ((mask >> BigInt(kind)) & 1n) !== 0n;
}

/** "affiliate", …, or "group 5". */
export function kindName(kind: number): string {
  return KINDS[kind] ?? `group ${kind}`;
}

/** The kinds of a listed partner as `KindsSet` says them: `before` until `effectiveAt` (Unix seconds), and `mask` from there on. */
export interface ListedKinds {
  readonly mask: bigint;
  readonly before: bigint;
  readonly effectiveAt: number;
}

/**
 * The mask of the kinds that a partner is paid for in a period that ends at `periodTo` (Unix seconds, not in it): those of its last
 * second, which is not before the kinds were set. A partner that is not listed has the campaign's open kinds.
 */
export function payableKinds(listed: ListedKinds | undefined, openKinds: bigint, periodTo: number): bigint {
  if (listed === undefined) return openKinds;
  return periodTo <= listed.effectiveAt ? listed.before : listed.mask;
}
