/** Kinds of partner that every campaign has; 5 to 63 are the campaign's own groups. */
export const KINDS = ["affiliate", "referral", "reseller", "customer", "recruiter"] as const;
export type KnownKind = (typeof KINDS)[number];

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

/** "affiliate", …, or "group 5". */
export function kindName(kind: number): string {
  return KINDS[kind] ?? `group ${kind}`;
}
