/** The times of blocks: kinds are looked up as they were at a time. */
import type { Provider } from "ethers";

/** Blocks that are asked for at once. */
const BLOCKS_AT_ONCE = 16;

/** The time of the block of each of these logs, in Unix seconds. */
export async function readTimes(
  provider: Provider,
  logs: readonly { readonly blockNumber: number }[],
): Promise<ReadonlyMap<number, number>> {
  const times = new Map<number, number>();
  const numbers = new Set(logs.map(({ blockNumber }) => blockNumber)).values();
  const ask = async () => {
    for (const number of numbers) {
      const block = await provider.getBlock(number);
      if (block === null) throw new Error(`The node has no block ${number}, of which it gave a log.`);
      times.set(number, block.timestamp);
    }
  };
  await Promise.all(Array.from({ length: BLOCKS_AT_ONCE }, ask));
  return times;
}
