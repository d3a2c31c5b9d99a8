/** Kinds of partner that every campaign has; 5 to 15 are the campaign's own groups. */
export const KINDS = ["affiliate", "referral", "reseller", "customer", "recruiter"] as const;
export type KnownKind = (typeof KINDS)[number];

export const MAX_KIND = 15;

/** The mask of some kinds. */
export function kindMask(...kinds: readonly (KnownKind | number)[]): number {
  return kinds.reduce((mask: number, kind) => mask | (1 << (typeof kind === "number" ? kind : KINDS.indexOf(kind))), 0);
}

/** "affiliate", …, or "group 5". */
export function kindName(kind: number): string {
  return KINDS[kind] ?? `group ${kind}`;
}
