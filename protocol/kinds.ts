/** Kinds of partner: their names, their masks, and for which of them a partner can be paid at a time. */

/** Kinds of partner that every campaign has; 5 to 15 are the campaign's own groups. */
export const KINDS = ["affiliate", "referral", "reseller", "customer", "recruiter"] as const;
export type KnownKind = (typeof KINDS)[number];

/** The first of a campaign's own groups. */
export const FIRST_GROUP = KINDS.length;
export const MAX_KIND = 15;

/** The mask of some kinds. */
export function kindMask(...kinds: readonly (KnownKind | number)[]): number {
  return kinds.reduce((mask: number, kind) => mask | (1 << (typeof kind === "number" ? kind : KINDS.indexOf(kind))), 0);
}

/** The kinds in a mask. */
export function kindsIn(mask: number): number[] {
  return Array.from({ length: MAX_KIND + 1 }, (_, kind) => kind).filter((kind) => hasKind(mask, kind));
}

export function hasKind(mask: number, kind: number): boolean {
  return (mask & (1 << kind)) !== 0;
}

/** "affiliate", …, or "group 5". */
export function kindName(kind: number): string {
  return KINDS[kind] ?? `group ${kind}`;
}

/** The kinds that a brand listed for a partner. `effectiveAt` (Unix seconds): until then the kinds of before are paid as well. */
export interface ListedKinds {
  readonly mask: number;
  readonly previousMask: number;
  readonly effectiveAt: number;
}

/**
 * The mask of the kinds that a partner is paid for in a period that ends at `periodTo` (Unix seconds, not in it). A partner that
 * is not listed has the campaign's open kinds.
 */
export function payableKinds(listed: ListedKinds | undefined, openKinds: number, periodTo: number): number {
  if (listed === undefined) return openKinds;
  return listed.mask | (periodTo <= listed.effectiveAt ? listed.previousMask : 0);
}
