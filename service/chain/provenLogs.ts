/**
 * Logs of any contract out of final blocks, where nothing later shows what a node left out: proven by each block's header, and told
 * alike by several nodes, where there are several.
 */
import type { JsonRpcProvider, Log } from "ethers";
import { type Head, type LogsOf, proveLogs, readHead, Unproven } from "./blocks.ts";
import { readLogs } from "./logs.ts";

/** So many headers are asked for at once, and kept until their logs are proven. */
const BLOCKS = 256;

/**
 * The logs of blocks `from` to `to`, in order and in pieces, each with the last block that it covers: a header for each block, each the
 * child of the one before it.
 * @throws Unproven
 */
export async function* readProvenLogs(
  node: JsonRpcProvider,
  of: LogsOf,
  from: number,
  to: number,
  agreed: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
  headAt = (number: number) => readHead(node, number),
): AsyncGenerator<{ readonly to: number; readonly logs: readonly Log[] }> {
  let before: Head | undefined;
  for (let first = from; first <= to; first += BLOCKS) {
    const last = Math.min(to, first + BLOCKS - 1);
    const told = await agreed(() => readTold(node, of, first, last));
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const blocks = await Promise.all(
      numbers.map(async (number) => {
        const block = await headAt(number);
        if (block === undefined) throw new Unproven(`The chain's node does not have block ${number}, which is final.`);
        return block;
      }),
    );
    for (const block of blocks) {
      if (before !== undefined && block.parent !== before.hash)
        throw new Unproven(
          `Block ${block.number} (${block.hash}) does not follow the block that the node gave before it.`,
        );
      before = block;
    }
    yield { to: last, logs: await proveLogs(node, of, blocks, told) };
  }
}

async function readTold(node: JsonRpcProvider, of: LogsOf, from: number, to: number): Promise<Log[]> {
  const told: Log[] = [];
  for await (const { logs } of readLogs(node, { address: of.address, topics: [[...of.topics]] }, from, to))
    told.push(...logs);
  return told;
}
