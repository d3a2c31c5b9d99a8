/** The connection to the contract on its chain: events, blocks, tokens. */
import type { Deployment } from "@partner-programs/protocol/deployments";
import { readLog } from "@partner-programs/protocol/eventLog";
import { isRevert, readRevert } from "@partner-programs/protocol/reverts";
import { readToken, type Token } from "@partner-programs/protocol/token";
import { programsDomain } from "@partner-programs/protocol/typedData";
import { getAddress, type Interface, type Log, type LogDescription, type Provider, type TypedDataDomain } from "ethers";
import { LRUCache } from "lru-cache";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { PartnerProgramsLens__factory } from "#typechain/factories/PartnerProgramsLens__factory.ts";
import type { PartnerPrograms, PartnerProgramsLens } from "#typechain/index.ts";
import { RetryableError } from "../errors.ts";
import { type Head, inOrder, type LogsOf, proveLogs, readHead } from "./blocks.ts";
import { openHeadFeed } from "./headFeed.ts";
import { readLogs } from "./logs.ts";
import { type MinedTransaction, readMined } from "./mined.ts";
import { agreeByDefault, NodesProvider, type NodesReport } from "./nodes.ts";
import { readProvenLogs } from "./provenLogs.ts";
import type { CountCall } from "./rpc.ts";

/** One event of the contract. */
export interface ChainEvent {
  readonly name: string;
  readonly args: LogDescription["args"];
  readonly transaction: string;
  readonly block: number;
  /** Its place in the block. */
  readonly index: number;
}

/** The chain as the relayer sees it. */
export interface ProgramsChain {
  readonly provider: Provider;
  readonly programs: PartnerPrograms;
  /** The contract's views. */
  readonly lens: PartnerProgramsLens;
  readonly domain: TypedDataDomain;
  readonly chainId: number;
  readonly address: string;
  /** The block in which the contract was deployed. */
  readonly deployedAt: number;
  /** What `work` asks of the chain counts only if several nodes tell the same, where there are several: for what decides money. */
  agreed<T>(work: () => Promise<T>): Promise<T>;
  /** How the nodes are. */
  nodes(): NodesReport;
  block(tag: number | "latest"): Promise<Head | undefined>;
  /** The newest block, or what it was so many milliseconds ago: for whoever only shows it. */
  newest(milliseconds: number): Promise<Head | undefined>;
  /** Whether this block is known without asking. */
  isPushed(number: number): boolean;
  /** The contract's events in [from, to], in order, as the node tells them: nothing proves that they are all. */
  events(from: number, to: number): Promise<ChainEvent[]>;
  /** The same in pieces, each of whole blocks and of so many events at most, or of one block; each with the last block that it covers. */
  pieces(
    from: number,
    to: number,
    most: number,
  ): AsyncGenerator<{ readonly to: number; readonly events: ChainEvent[] }>;
  /** The contract's events of `blocks`, which follow each other, proven; and how many the node tells now of each block from `since` on. */
  recent(since: number, blocks: readonly Head[]): Promise<RecentEvents>;
  /** The same of blocks whose headers are not looked at: as the node tells them, from `since` on. */
  glance(since: number, from: number, to: number): Promise<RecentEvents>;
  /** Logs of any contract in the final blocks [from, to], proven, in pieces. */
  provenLogs(of: LogsOf, from: number, to: number): ReturnType<typeof readProvenLogs>;
  /** What the contract has of a campaign at the block with this hash, by several nodes where there are several; undefined: no such campaign. */
  campaignAt(campaignId: string, blockHash: string): Promise<CampaignState | undefined>;
  /** What became of a transaction; undefined: it is in no block. */
  mined(hash: string): Promise<MinedTransaction | undefined>;
  token(address: string): Promise<Token>;
  close(): void;
}

export interface RecentEvents {
  readonly events: readonly ChainEvent[];
  /** Of blocks before those that were asked for anew, by their hashes. */
  readonly told: ReadonlyMap<string, { readonly block: number; readonly logs: number }>;
}

export type CampaignState = Awaited<ReturnType<PartnerProgramsLens["campaign"]>>;

export interface ConnectOptions {
  /** Where blocks are pushed, ws or wss. */
  readonly headsUrl?: string | undefined;
  /** Called for each log of the contract that is pushed there. */
  readonly onLog?: () => void;
  readonly countCall?: CountCall;
  /** So many nodes have to tell the same of what decides money; without it two, where there are two. */
  readonly agree?: number | undefined;
  /** And of all else that is asked, too. */
  readonly everything?: boolean;
  /** Milliseconds, by which nodes are set aside. */
  readonly now?: () => number;
}

/**
 * Connects to the contract of `deployment` at one node or several, the first of them first.
 * @throws Error if the chain is another, or the contract is not there.
 */
export async function connectPrograms(
  rpcUrls: string | readonly string[],
  deployment: Deployment,
  { headsUrl, onLog = () => {}, countCall, agree, everything = false, now }: ConnectOptions = {},
): Promise<ProgramsChain> {
  const { address, block: deployedAt } = deployment.contracts.PartnerPrograms;
  const { address: lensAddress } = deployment.contracts.PartnerProgramsLens;
  const { chainId } = deployment;
  const urls = [rpcUrls].flat();
  const provider = new NodesProvider(urls, chainId, {
    ...(countCall && { countCall }),
    ...(now && { now }),
    needed: agree ?? agreeByDefault(urls.length),
    everything,
  });
  await provider.checkChains();
  for (const contract of [address, lensAddress])
    if ((await provider.getCode(contract)) === "0x")
      throw new Error(`There is no contract at ${contract} on chain ${chainId}. Is the deployment file of this chain?`);
  const programs = PartnerPrograms__factory.connect(address, provider);
  const lens = PartnerProgramsLens__factory.connect(lensAddress, provider);
  const ours = { address, topics: topicsOf(programs.interface) };
  const told = async (from: number, to: number) => {
    const logs: Log[] = [];
    for await (const piece of readLogs(provider, { address }, from, to)) logs.push(...piece.logs);
    return inOrder(logs, ours);
  };
  const toldBefore = (logs: readonly Log[], first: number): RecentEvents["told"] => {
    const before = Map.groupBy(
      logs.filter(({ blockNumber }) => blockNumber < first),
      ({ blockHash }) => blockHash,
    );
    return new Map(
      [...before].map(([hash, [log, ...more]]) => [hash, { block: Number(log?.blockNumber), logs: 1 + more.length }]),
    );
  };
  const feed = headsUrl === undefined ? undefined : openHeadFeed(headsUrl, address, onLog);
  let seen: { readonly head: Head | undefined; readonly at: number } | undefined;
  async function readBlock(tag: number | "latest"): Promise<Head | undefined> {
    // What one node pushes is one node's word.
    if (provider.isAgreeing) return readHead(provider, tag);
    if (tag !== "latest") return feed?.at(tag) ?? readHead(provider, tag);
    const head = feed?.newest() ?? (await readHead(provider, tag));
    seen = { head, at: performance.now() };
    return head;
  }
  const tokens = new LRUCache<string, Token>({ max: 1_000 });
  const toEvents = (logs: readonly Log[]) => logs.flatMap((log) => readEvent(programs.interface, log) ?? []);
  return {
    provider,
    programs,
    lens,
    domain: programsDomain(chainId, address),
    chainId,
    address: getAddress(address),
    deployedAt,
    agreed: (work) => provider.agreed(work),
    nodes: () => provider.report(),
    block: readBlock,
    newest: async (milliseconds) =>
      seen !== undefined && performance.now() - seen.at <= milliseconds ? seen.head : readBlock("latest"),
    isPushed: (number) => feed?.at(number) !== undefined,
    events: async (from, to) => toEvents(await told(from, to)),
    async *pieces(from, to, most) {
      for await (const piece of readLogs(provider, { address }, from, to)) {
        const logs = inOrder(piece.logs, ours);
        for (let at = 0; at < logs.length; ) {
          const end = endOfBlocks(logs, at, most);
          // What comes after it in this piece is read: the last covers the rest, where there is nothing.
          const last = end === logs.length ? piece.to : (logs[end - 1] as Log).blockNumber;
          yield { to: last, events: toEvents(logs.slice(at, end)) };
          at = end;
        }
        if (logs.length === 0) yield { to: piece.to, events: [] };
      }
    },
    async recent(since, blocks) {
      const [first, last] = [blocks[0], blocks.at(-1)];
      if (first === undefined || last === undefined) return { events: [], told: new Map() };
      const logs = await told(Math.min(since, first.number), last.number);
      return {
        events: toEvents(await proveLogs(provider, ours, blocks, logs, true)),
        told: toldBefore(logs, first.number),
      };
    },
    async glance(since, from, to) {
      const logs = await told(Math.min(since, from), to);
      return { events: toEvents(logs.filter(({ blockNumber }) => blockNumber >= from)), told: toldBefore(logs, from) };
    },
    provenLogs: (of, from, to) => readProvenLogs(provider, of, from, to, (work) => provider.agreed(work)),
    async campaignAt(campaignId, blockHash) {
      // By the hash: a node that does not have this very block says so.
      const call = { to: lensAddress, data: lens.interface.encodeFunctionData("campaign", [campaignId]) };
      try {
        const answer = await provider.agreed(() => provider.send("eth_call", [call, { blockHash }]));
        return lens.interface.decodeFunctionResult("campaign", answer)[0];
      } catch (error) {
        if (isRevert(error) && readRevert(programs.interface, error.data).name === "UnknownCampaign") return undefined;
        throw error;
      }
    },
    mined: async (hash) => readMined(await provider.send("eth_getTransactionReceipt", [hash])),
    async token(token) {
      const known = tokens.get(token) ?? (await readToken(token, (data) => askToken(programs, provider, token, data)));
      tokens.set(token, known);
      return known;
    },
    close() {
      feed?.close();
      provider.destroy();
    },
  };
}

/** More than any token needs to say its symbol: one that burns all it is given does not take the node's time. */
const TOKEN_GAS = 2_000_000n;

/** The node answers no call, whatever is called. */
class NoCalls extends RetryableError {
  override readonly name = "NoCalls";
}

/** How often a token is asked that gave no answer while the node answers all else. */
const TOKEN_TRIES = 3;

/**
 * A token is a stranger's program: whatever becomes of asking it, its campaigns are shown in base units. What only the node says no to
 * (over its limit, starting) looks the same, and the units would be wrong for good: so the node is asked something else between.
 * @throws NoCalls
 */
async function askToken(programs: PartnerPrograms, provider: Provider, token: string, data: string): Promise<string> {
  for (let tries = 0; tries < TOKEN_TRIES; tries++) {
    try {
      return await provider.call({ to: token, data, gasLimit: TOKEN_GAS });
    } catch (error) {
      // A token that burns all it is given is no revert, and looks like a node that cannot call.
      if (isRevert(error)) return "0x";
      await programs.eip712Domain().catch((cause: unknown) => {
        throw new NoCalls(`The node does not even call the contract now. Token ${token} is asked again later.`, {
          cause,
        });
      });
    }
  }
  return "0x";
}

/** Where the blocks end that begin at `at` and have `most` logs together at most, or where the first of them does. */
export function endOfBlocks(logs: readonly { readonly blockNumber: number }[], at: number, most: number): number {
  const blockOf = (i: number) => logs[i]?.blockNumber;
  let end = Math.min(logs.length, at + most);
  if (end === logs.length) return end;
  while (end > at && blockOf(end) === blockOf(end - 1)) end--;
  if (end > at) return end;
  end = at + 1;
  while (end < logs.length && blockOf(end) === blockOf(at)) end++;
  return end;
}

function topicsOf(contract: Interface): string[] {
  const topics: string[] = [];
  contract.forEachEvent(({ topicHash }) => topics.push(topicHash));
  return topics;
}

/** The event that a log is; undefined: none of the contract's. */
export function readEvent(contract: Interface, log: Log): ChainEvent | undefined {
  const read = readLog(contract, log);
  const { transactionHash: transaction, blockNumber: block, index } = log;
  return read && { ...read, transaction, block, index };
}
