/** What of a day's gas each purpose may use: what can wait leaves the rest to what cannot. */

/** What a transaction is for, as the first word of its purpose. */
export type SpendingKind = keyof typeof SHARES;

/**
 * Up to which part of the day's gas each goes on, in hundredths. A reversal is lost with its hold, and a receipt has its date: those go on
 * when nothing else does. A line that is released later is released all the same, and its partner can do it; a push, a carried claim, and
 * the account that is made for one, are gifts.
 */
export const SHARES = { reverse: 100, attest: 90, release: 80, claim: 60, account: 60, push: 60 } as const;

export interface Spending {
  /** Wei that was paid within 24 hours. */
  readonly paid: bigint;
  /** Wei that what is under way can cost at most. */
  readonly open: bigint;
}

/** What a purpose is counted as: `attest` of `attest:0x…`. Of what is not known the least is allowed. */
export function kindOf(purpose: string): SpendingKind {
  const [word = ""] = purpose.split(":");
  return Object.hasOwn(SHARES, word) ? (word as SpendingKind) : "push";
}

/** Wei that are left for a kind, below 0 where others used up its part already. */
export const roomFor = (kind: SpendingKind, day: bigint, { paid, open }: Spending): bigint =>
  (day * BigInt(SHARES[kind])) / 100n - paid - open;
