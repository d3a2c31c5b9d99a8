/** Waits for the chain, or for people: how often it is looked at, and for how long. */
import { makeError, type TransactionReceipt } from "ethers";
import { provider } from "../chain/contracts.ts";
import { config } from "../config.ts";

const MAX_WAIT_MS = 600_000;
/** People take hours: after the first minutes they are looked for less often. */
const SELDOM_MS = 15_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const often = () => (config().local ? 250 : 2_000);

/** Looks again and again until something is seen; undefined: it takes too long. */
export async function lookUntil<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  const until = Date.now() + MAX_WAIT_MS;
  while (Date.now() < until) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(often());
  }
  return undefined;
}

/** Looks again and again, however long it takes; undefined: nobody waits any more. */
export async function lookForPeople<T>(
  look: () => Promise<T | undefined>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const begun = Date.now();
  while (signal?.aborted !== true) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await pause(Date.now() - begun < MAX_WAIT_MS ? often() : SELDOM_MS);
  }
  return undefined;
}

/**
 * The receipt of a transaction, once it is in a block. Ethers' own waiting compares it with the newest block, which the node may have
 * said before: then it waits for another block, for ever where none follows. @throws ethers' TIMEOUT
 */
export async function receiptOf(hash: string): Promise<TransactionReceipt> {
  // A node that does not answer now may do so at the next look.
  const look = () =>
    provider()
      .getTransactionReceipt(hash)
      .catch(() => null);
  const receipt = await lookUntil(async () => (await look()) ?? undefined);
  if (receipt === undefined) throw makeError("timeout", "TIMEOUT", { operation: "receiptOf", reason: "timeout" });
  return receipt;
}
