import { getAddress, isAddress } from "ethers";
import { DECIMAL } from "../../protocol/amount.ts";

/** Which tokens' credits the relayer pays the gas of a claim for: each with the least that is worth it, in whole tokens. */
export type Gasless = "off" | "any" | ReadonlyMap<string, string>;

/** Reads `off`, `any`, or `0x…:2.50,0x…:0.001`. @throws Error that names the part that is wrong */
export function parseGasless(text: string): Gasless {
  if (text === "off" || text === "any") return text;
  const parts = text.split(",").map((part) => {
    const [token = "", minimum = "", ...more] = part.trim().split(":");
    if (!isAddress(token) || !DECIMAL.test(minimum) || more.length > 0)
      throw new Error(`"${part}" must be off, any, or a token's address and the least amount: 0x…:2.50`);
    return [getAddress(token), minimum] as const;
  });
  return new Map(parts);
}

/** The most that carrying one order may cost: so that neither a receiver, nor an owner that is a contract, can burn more. */
export const mostGas = (tokens: number) => 150_000n + 100_000n * BigInt(tokens);
