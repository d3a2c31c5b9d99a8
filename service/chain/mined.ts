/** What became of a transaction, and what it really cost. */
import { z } from "zod";

export interface MinedTransaction {
  readonly hash: string;
  readonly blockHash: string;
  readonly block: number;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  /** Wei, with what a rollup asks for its data; undefined: the node does not say what a gas cost. */
  readonly paid: bigint | undefined;
}

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,64}$/i)
  .transform((text) => BigInt(text));
const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/i);

const receipt = z.object({
  transactionHash: bytes32,
  blockHash: bytes32,
  blockNumber: quantity,
  status: quantity,
  gasUsed: quantity,
  effectiveGasPrice: quantity.nullish(),
  /**
   * Of the OP Stack: for its data on the chain below. Arbitrum counts that as gas. An operator's fee, which none of the known networks asks,
   * is not counted: how it is computed differs by upgrade, and the receipt does not say by which.
   */
  l1Fee: quantity.nullish(),
});

/** Reads a receipt as a node gives it; undefined: there is none, or it is of no block yet. @throws Error if it is none */
export function readMined(value: unknown): MinedTransaction | undefined {
  const { blockHash } = (value ?? {}) as { blockHash?: unknown };
  if (blockHash === undefined || blockHash === null) return undefined;
  const read = receipt.safeParse(value);
  if (!read.success) throw new Error("The node gave a receipt that is none.");
  const { gasUsed, effectiveGasPrice: price, l1Fee } = read.data;
  return {
    hash: read.data.transactionHash,
    blockHash: read.data.blockHash,
    block: Number(read.data.blockNumber),
    succeeded: read.data.status === 1n,
    gasUsed,
    paid: price === undefined || price === null ? undefined : gasUsed * price + (l1Fee ?? 0n),
  };
}
