/**
 * What decides money is asked of several nodes, and counts if so many tell the same. All of one piece of work is asked at one block,
 * which each of them has: nodes are rarely at the same head.
 */
import { isError, toQuantity } from "ethers";
import { RetryableError } from "../errors.ts";
import type { Node } from "./node.ts";
import { saidIn } from "./nodeFault.ts";

/** Nodes tell different things of what decides money, and no side has enough of them. */
export class NodesDisagree extends RetryableError {
  override readonly name = "NodesDisagree";
}

/** Fewer nodes answer than have to tell the same. */
export class TooFewNodes extends RetryableError {
  override readonly name = "TooFewNodes";
}

/** What an agreement needs of the nodes. */
export interface Witnesses {
  /** Those that may be asked, in their order. */
  witnesses(): readonly Node[];
  /** These told something else than enough others. */
  contradict(nodes: readonly Node[]): void;
  /** Nodes told different things, and who is right is not known. */
  noteDisagreement(method: string): void;
}

interface Vote {
  readonly node: Node;
  /** What is compared; undefined: it gave no answer. */
  readonly key: string | undefined;
  readonly value?: unknown;
  readonly error?: unknown;
}

interface Pin {
  readonly number: string;
  readonly hash: string;
}

/** Where the block tag stands among the parameters. */
const TAG_AT: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_getCode: 1,
  eth_getBalance: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
};
/** Two nodes may be on different sides of a fork of few blocks for a moment: so far below the lowest head it is tried once more. */
const FORK_BLOCKS = 3;
/** Nodes that are further apart do not tell of the same moment: whoever was an owner then may be none now. */
const MAX_APART_SECONDS = 120;
/** "Not there" of a node that may be behind contradicts nobody. */
const NOTHING = "null";

export class Agreement {
  readonly #nodes: Witnesses;
  readonly #needed: number;
  #pin: Promise<Pin> | undefined;

  constructor(nodes: Witnesses, needed: number) {
    this.#nodes = nodes;
    this.#needed = needed;
  }

  async send(method: string, params: readonly unknown[]): Promise<unknown> {
    if (method === "eth_blockNumber") return (await this.#pinned()).number;
    if (method === "eth_getBlockByNumber") {
      const [tag, whole] = params;
      if (tag === "latest" || tag === "pending")
        return this.#ask(method, [(await this.#pinned()).number, whole ?? false]);
      if (tag === "finalized" || tag === "safe") return this.#ask(method, [await this.#lowest(tag), whole ?? false]);
      return this.#ask(method, params);
    }
    const at = TAG_AT[method];
    if (at === undefined || (params[at] !== undefined && params[at] !== "latest" && params[at] !== "pending"))
      return this.#ask(method, params);
    // By its hash: a node that does not have this very block says so.
    const asked = [...params];
    asked[at] = { blockHash: (await this.#pinned()).hash };
    return this.#ask(method, asked);
  }

  #pinned(): Promise<Pin> {
    this.#pin ??= this.#choosePin();
    return this.#pin;
  }

  async #choosePin(): Promise<Pin> {
    const lowest = await this.#lowest("latest");
    try {
      return toPin(await this.#ask("eth_getBlockByNumber", [lowest, false], "quietly"));
    } catch (error) {
      if (!(error instanceof NodesDisagree)) throw error;
      const before = toQuantity(Math.max(0, Number(lowest) - FORK_BLOCKS));
      return toPin(await this.#ask("eth_getBlockByNumber", [before, false]));
    }
  }

  /** The lowest block that enough nodes give for a tag: all of them have it. */
  async #lowest(tag: string): Promise<string> {
    const headsOf = (votes: readonly Vote[]) => votes.flatMap(({ value }) => headOf(value) ?? []);
    const apart = tag === "latest" ? MAX_APART_SECONDS : Number.POSITIVE_INFINITY;
    const together = (votes: readonly Vote[]) => closest(headsOf(votes), this.#needed, apart);
    const votes = await this.#collect("eth_getBlockByNumber", [tag, false], (found) => together(found) !== undefined);
    const lowest = together(votes);
    if (lowest !== undefined) return toQuantity(lowest);
    const heads = headsOf(votes);
    if (heads.length < this.#needed) throw this.#tooFew(votes);
    throw new TooFewNodes(
      `The chain's nodes are more than ${apart} seconds apart, and ${this.#needed} have to tell of the same moment (RPC_AGREE).`,
    );
  }

  async #ask(method: string, params: readonly unknown[], quietly?: "quietly"): Promise<unknown> {
    const enough = (found: readonly Vote[]) => this.#winners(found) !== undefined;
    const votes = await this.#collect(method, params, enough);
    const winners = this.#winners(votes);
    const told = votes.filter(({ key }) => key !== undefined && key !== NOTHING);
    if (winners !== undefined) {
      const [first] = winners;
      if (first?.key !== NOTHING)
        this.#nodes.contradict(told.filter(({ key }) => key !== first?.key).map(({ node }) => node));
      if (first?.error !== undefined) throw first.error;
      return first?.value;
    }
    if (new Set(told.map(({ key }) => key)).size > 1) {
      if (quietly === undefined) this.#nodes.noteDisagreement(method);
      throw new NodesDisagree(
        `The chain's nodes tell different things (${method}): ${told.map(({ node }) => node.name).join(", ")}. Nothing is done by the word of one.`,
      );
    }
    throw this.#tooFew(votes);
  }

  /** Asks as many nodes as are needed, and one more each time that they are not enough. */
  async #collect(
    method: string,
    params: readonly unknown[],
    isEnough: (answered: readonly Vote[]) => boolean,
  ): Promise<Vote[]> {
    const nodes = this.#nodes.witnesses();
    const votes = await Promise.all(nodes.slice(0, this.#needed).map((node) => voteOf(node, method, params)));
    for (const node of nodes.slice(this.#needed)) {
      if (isEnough(votes.filter(({ key }) => key !== undefined))) break;
      votes.push(await voteOf(node, method, params));
    }
    return votes;
  }

  #winners(votes: readonly Vote[]): readonly Vote[] | undefined {
    const sides = Map.groupBy(
      votes.filter(({ key }) => key !== undefined),
      ({ key }) => key,
    );
    return [...sides.values()].sort((a, b) => b.length - a.length).find(({ length }) => length >= this.#needed);
  }

  /** One that finds a question too big, or lacks what it asks for, says more than that they were too few: it may be asked in parts. */
  #tooFew(votes: readonly Vote[]): unknown {
    const lacking = votes.find(({ error }) => error !== undefined && saidIn(error) !== undefined);
    if (lacking !== undefined && votes.length >= this.#needed) return lacking.error;
    const answered = votes.filter(({ key }) => key !== undefined);
    return new TooFewNodes(
      `${answered.length} of the chain's nodes answer, and ${this.#needed} have to tell the same (RPC_AGREE) of what decides money.`,
      { cause: votes.find(({ error }) => error !== undefined)?.error },
    );
  }
}

async function voteOf(node: Node, method: string, params: readonly unknown[]): Promise<Vote> {
  try {
    const value = toCompared(method, await node.ask(method, [...params]));
    return { node, key: keyOf(method, value), value };
  } catch (error) {
    if (node.note(error, method) !== "answer") return { node, key: undefined, error };
    const data = isError(error, "CALL_EXCEPTION") ? error.data : String(saidIn(error)?.code);
    return { node, key: `! ${data}`, error };
  }
}

/** What is handed on is what was compared, and nothing beside it: logs that were taken back are none. */
function toCompared(method: string, value: unknown): unknown {
  return method === "eth_getLogs" && Array.isArray(value) ? value.filter((log) => log?.removed !== true) : value;
}

/** What of an answer has to be the same. Nodes of different make add fields of their own. */
export function keyOf(method: string, value: unknown): string {
  if (value === null || value === undefined) return NOTHING;
  if (method === "eth_getLogs" && Array.isArray(value)) {
    const logs = (toCompared(method, value) as unknown[]).map((log) => pick(log, LOG));
    return write(
      logs.sort((a, b) => Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex)),
    );
  }
  const fields = FIELDS[method];
  return write(fields === undefined || typeof value !== "object" ? value : pick(value, fields));
}

const LOG = ["address", "topics", "data", "blockNumber", "blockHash", "transactionHash", "logIndex"];
const BLOCK = ["number", "hash", "parentHash", "timestamp", "logsBloom"];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  eth_getBlockByNumber: BLOCK,
  eth_getBlockByHash: BLOCK,
  eth_getTransactionByHash: ["hash", "blockHash", "from", "to", "nonce", "input", "value"],
  eth_getTransactionReceipt: ["transactionHash", "blockHash", "blockNumber", "status", "gasUsed"],
};

const pick = (from: unknown, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field, (from as Record<string, unknown> | null)?.[field]]));
const write = (value: unknown) => JSON.stringify(value).toLowerCase();

interface HeadOf {
  readonly number: number;
  readonly time: number;
}

/** Of the newest heads that are together, `needed` of them within so many seconds, the lowest: a node that stands still speaks for a time that is over. */
function closest(heads: readonly HeadOf[], needed: number, seconds: number): number | undefined {
  const newest = [...heads].sort((a, b) => b.time - a.time);
  const from = newest.findIndex(({ time }, i) => time - (newest[i + needed - 1]?.time ?? Number.NaN) <= seconds);
  return from === -1 ? undefined : Math.min(...newest.slice(from, from + needed).map(({ number }) => number));
}

function headOf(block: unknown): HeadOf | undefined {
  const number = numberOf(block);
  const time = Number((block as { timestamp?: unknown } | null)?.timestamp);
  return number === undefined || !Number.isSafeInteger(time) ? undefined : { number, time };
}

function numberOf(block: unknown): number | undefined {
  const { number } = (block ?? {}) as { number?: unknown };
  return typeof number === "string" && /^0x[0-9a-f]{1,13}$/i.test(number) ? Number(number) : undefined;
}

function toPin(block: unknown): Pin {
  const { hash } = (block ?? {}) as { hash?: unknown };
  const number = numberOf(block);
  if (number === undefined || typeof hash !== "string" || !/^0x[0-9a-f]{64}$/i.test(hash))
    throw new TooFewNodes("The chain's nodes have no block that they agree on.");
  return { number: toQuantity(number), hash };
}
