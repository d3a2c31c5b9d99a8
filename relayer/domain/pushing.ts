/** Which credits the relayer pushes to their owners, and what gas it pays for that. */

/** A token that is pushed: from which credit on, and what it is worth. */
export interface PushRule {
  /** Whole tokens, a decimal number. An owner may want more, never less. */
  readonly minimum: string;
  /** What one whole token is worth in whole coins, a decimal number; the coin itself is worth 1. */
  readonly worth: string;
}

/** `any`: every token, whatever the gas costs: for a chain of one's own. */
export type Pushing = "off" | "any" | ReadonlyMap<string, PushRule>;

/** Decimals of a coin. */
export const COIN_DECIMALS = 18;

/** More than a push takes that does nothing but pay: neither a receiver nor a token can burn more. */
export const maxPushGas = (tokens: number) => 100_000n + 100_000n * BigInt(tokens);
/** What a push takes as a rule: before it is written down nobody has estimated it. */
const usualPushGas = (tokens: number) => 60_000n + 40_000n * BigInt(tokens);

/** What a credit is worth in wei, rounded down. `credit` in base units of a token with so many decimals, `worth` in wei a whole token. */
export const worthDown = (credit: bigint, decimals: number, worth: bigint) =>
  (credit * worth) / 10n ** BigInt(decimals);

/** The most gas that a push of credits worth `worth` wei may take at `feePerGas`, where gas is at most so many basis points of it. */
export function gasWorth(worth: bigint, shareBps: number, feePerGas: bigint, tokens: number): bigint {
  const share = (worth * BigInt(shareBps)) / 10_000n / (feePerGas > 0n ? feePerGas : 1n);
  const most = maxPushGas(tokens);
  return share < most ? share : most;
}

export const isWorthPushing = (gas: bigint, tokens: number) => gas >= usualPushGas(tokens);
