/** Reads a contract's logs in pieces that the node allows. */
import type { Filter, Log, Provider } from "ethers";

/** Blocks asked for at first; a node that allows fewer says so by an error, and gets smaller questions. */
const BLOCKS = 10_000;

/**
 * The logs of blocks `from` to `to`, in order and in pieces: each with the blocks that it covers. Nodes limit the blocks or the
 * logs of one answer, each in its own way, so a question that fails is halved, and the next ones grow again.
 * @throws what the node answers to a single block
 */
export async function* readLogs(
  provider: Provider,
  filter: Pick<Filter, "address" | "topics">,
  from: number,
  to: number,
): AsyncGenerator<{ from: number; to: number; logs: Log[] }> {
  let size = BLOCKS;
  for (let next = from; next <= to; ) {
    const last = Math.min(to, next + size - 1);
    try {
      const logs = await provider.getLogs({ ...filter, fromBlock: next, toBlock: last });
      yield { from: next, to: last, logs };
      next = last + 1;
      size = Math.min(BLOCKS, size * 2);
    } catch (error) {
      if (last === next) throw error;
      size = Math.ceil((last - next + 1) / 2);
    }
  }
}
