/** For which claims the relayer pays the gas, and how much at most. */

/** Which tokens' credits the relayer pays the gas of a claim for: each with the least that is worth it, in whole tokens. */
export type Gasless = "off" | "any" | ReadonlyMap<string, string>;

/** The most that carrying one order may cost: so that neither a receiver, nor an owner that is a contract, can burn more. */
export const maxGas = (tokens: number) => 150_000n + 100_000n * BigInt(tokens);
