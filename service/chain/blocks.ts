/**
 * What a node tells of blocks, proven by the blocks themselves: a node behind a balancer may be behind, on another fork, or leave out
 * what it has not read yet. A header has a bloom of all addresses and topics of its block's logs: where it excludes a contract,
 * none are there; where it does not, those that the node tells are compared with the block by its hash.
 */
import { getBytes, type JsonRpcProvider, keccak256, Log, type LogParams, toQuantity } from "ethers";
import { z } from "zod";
import { RetryableError } from "../errors.ts";

export interface Head {
  readonly number: number;
  readonly hash: string;
  /** The hash of the block before it. */
  readonly parent: string;
  /** Unix seconds. */
  readonly time: number;
  /** What its logs may be of (256 bytes). */
  readonly bloom: string;
}

/** A node told what cannot all be so; it, or another one behind the same address, may tell better in a moment. */
export class Unproven extends RetryableError {
  override readonly name = "Unproven";
}

type Node = Pick<JsonRpcProvider, "send" | "getLogs">;

/** Whose logs, and of which events. */
export interface LogsOf {
  readonly address: string;
  readonly topics: readonly string[];
}

const quantity = z.string().regex(/^0x[0-9a-f]{1,13}$/i);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/i);
const header = z.object({
  number: quantity,
  hash,
  parentHash: hash,
  timestamp: quantity,
  // Of a node that leaves it out nothing is excluded.
  logsBloom: z
    .string()
    .regex(/^0x[0-9a-f]{512}$/i)
    .default(`0x${"ff".repeat(256)}`),
});

/** undefined: the node does not have it. */
export async function readHead(node: Node, tag: number | "latest"): Promise<Head | undefined> {
  const answer = await node.send("eth_getBlockByNumber", [tag === "latest" ? tag : toQuantity(tag), false]);
  if (answer === null || answer.hash === null) return undefined;
  const head = readHeader(answer);
  if (head === undefined || (tag !== "latest" && head.number !== tag))
    throw new Unproven(`What the chain's node gives for block ${tag} is not that block.`);
  return head;
}

/** undefined: it is no header. */
export function readHeader(given: unknown): Head | undefined {
  const read = header.safeParse(given);
  if (!read.success) return undefined;
  const { number, parentHash, timestamp, logsBloom } = read.data;
  return {
    number: Number(number),
    hash: read.data.hash,
    parent: parentHash,
    time: Number(timestamp),
    bloom: logsBloom,
  };
}

/** The bits of a bloom that an address or a topic sets: three of 2,048. */
function bitsOf(value: string): number[] {
  const digest = getBytes(keccak256(value));
  return [0, 2, 4].map((at) => (((digest[at] as number) << 8) | (digest[at + 1] as number)) & 2047);
}

const isSet = (bloom: Uint8Array, bit: number) => ((bloom[255 - (bit >> 3)] as number) >> (bit & 7)) & 1;

/** Whether a block can have logs of these; where not, it has none. */
export function mayHold(bloom: string, { address, topics }: LogsOf): boolean {
  const bytes = getBytes(bloom);
  const has = (value: string) => bitsOf(value).every((bit) => isSet(bytes, bit) === 1);
  return has(address) && topics.some(has);
}

/** So full a bloom says of everybody that he may be there: where every block is like that, receipts are not asked for again and again. */
const FULL = 1_024;

function isFull(bloom: string): boolean {
  let set = 0;
  for (const byte of getBytes(bloom)) for (let left = byte; left > 0; left >>= 1) set += left & 1;
  return set >= FULL;
}

/** Logs of these in their order, each once. */
export function inOrder(logs: readonly Log[], { address, topics }: LogsOf): Log[] {
  const place = (log: Log) => `${log.blockNumber} ${log.index}`;
  const own = logs.filter((log) => isOf(log, address, topics));
  return [...new Map(own.map((log) => [place(log), log])).values()].sort(
    (a, b) => a.blockNumber - b.blockNumber || a.index - b.index,
  );
}

const isOf = (log: Log, address: string, topics: readonly string[]) =>
  !log.removed && log.address.toLowerCase() === address.toLowerCase() && topics.includes(log.topics[0] ?? "");

/**
 * The logs of blocks, of which the node told `told` when it was asked for a range. A block that it told nothing of, and that can have
 * some, is asked for by its hash, and so is one that it told something else of. With `retold`, when the blocks are asked for again later, of those
 * whose bloom is so full that it says nothing only the last is: a node that has it has those before it.
 * @throws Unproven
 */
export async function proveLogs(
  node: Node,
  of: LogsOf,
  blocks: readonly Head[],
  told: readonly Log[],
  retold = false,
): Promise<Log[]> {
  const byBlock = Map.groupBy(inOrder(told, of), ({ blockNumber }) => blockNumber);
  const proven = await Promise.all(
    blocks.map((block, i) => {
      const logs = byBlock.get(block.number) ?? [];
      if (retold && logs.length === 0 && i < blocks.length - 1 && isFull(block.bloom)) return [];
      const agrees = logs.length > 0 === mayHold(block.bloom, of) && logs.every((log) => log.blockHash === block.hash);
      return agrees ? logs : readLogsOf(node, of, block);
    }),
  );
  return proven.flat();
}

/** A node that does not have this very block has no answer to this. */
async function readLogsOf(node: Node, of: LogsOf, block: Head): Promise<Log[]> {
  const { address, topics } = of;
  const found = await node
    .getLogs({ address, topics: [[...topics]], blockHash: block.hash })
    .catch((cause: unknown) => {
      throw new Unproven(`The chain's node does not tell the logs of block ${block.number} by its hash.`, { cause });
    });
  const logs = inOrder(found, of);
  if (logs.some(({ blockHash }) => blockHash !== block.hash))
    throw new Unproven(`The chain's node tells logs of another block than ${block.hash}.`);
  if (logs.length > 0 || !mayHold(block.bloom, of) || isFull(block.bloom)) return logs;
  return readFromReceipts(node, of, block);
}

/** All logs of a block: together they set the bits of its bloom, no more and no fewer. */
async function readFromReceipts(node: Node, of: LogsOf, block: Head): Promise<Log[]> {
  const receipts: { readonly logs: readonly LogParams[] }[] | null | undefined = await node
    .send("eth_getBlockReceipts", [block.hash])
    .catch(() => undefined);
  // Not all nodes have it: what they said of the block by its hash stands.
  if (receipts === undefined) return [];
  const all = receipts?.flatMap(({ logs }) => logs.map(toLog)) ?? [];
  if (bloomOf(all) !== block.bloom.toLowerCase())
    throw new Unproven(`The chain's node tells receipts of block ${block.number} that are not all, or not its own.`);
  return inOrder(all, of);
}

const toLog = (raw: LogParams & { readonly logIndex?: unknown }) =>
  new Log(
    { ...raw, blockNumber: Number(raw.blockNumber), index: Number(raw.index ?? raw.logIndex), removed: false },
    null as never,
  );

function bloomOf(logs: readonly Log[]): string {
  const bloom = new Uint8Array(256);
  for (const { address, topics } of logs)
    for (const bit of [address, ...topics].flatMap(bitsOf)) {
      const at = 255 - (bit >> 3);
      bloom[at] = (bloom[at] as number) | (1 << (bit & 7));
    }
  return `0x${Buffer.from(bloom).toString("hex")}`;
}
