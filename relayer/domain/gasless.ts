/** For which claims the relayer pays the gas, and how much at most. */

/** Which tokens' credits the relayer pays the gas of a claim for: each with the least that is worth it, in whole tokens. */
export type Gasless = "off" | "any" | ReadonlyMap<string, string>;

/** The most that carrying one order may cost: so that neither a receiver, nor an owner that is a contract, can burn more. */
export const maxGas = (tokens: number) => 150_000n + 100_000n * BigInt(tokens);

/** The most that putting an owner's account on the chain may cost: a passkey account's making takes some 220,000. */
export const MAX_MAKING_GAS = 400_000n;

/** How much more credit it takes where the account has to be made as well: as much more as it costs, rounded up. */
export function leastWithMaking(minimum: bigint, tokens: number): bigint {
  const gas = maxGas(tokens);
  return (minimum * (gas + MAX_MAKING_GAS) + gas - 1n) / gas;
}
