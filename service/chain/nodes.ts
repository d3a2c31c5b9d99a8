/**
 * The connection to the chain over one node or several. Each question goes to the first that is well, and to the next where that one fails;
 * what is asked within `agreed` goes to several, and counts if they tell the same (`agreement.ts`).
 *
 * No flapping: a node that failed is set aside, longer each time, and comes back only after a question of its own has shown that it is well.
 * There are no timers: nobody asks a node where nobody asks here.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { JsonRpcProvider } from "ethers";
import { RetryableError } from "../errors.ts";
import { Agreement } from "./agreement.ts";
import { ANSWER_MILLISECONDS, Node, type NodeState, nameNodes } from "./node.ts";
import type { CountCall } from "./rpc.ts";

/** No node may be asked now. */
export class NoNode extends RetryableError {
  override readonly name = "NoNode";
}

/** How the nodes are, for readiness and metrics. */
export interface NodesReport {
  readonly nodes: readonly { readonly name: string; readonly state: NodeState; readonly counts: Node["counts"] }[];
  /** By method. */
  readonly disagreements: ReadonlyMap<string, number>;
  readonly needed: number;
}

/** How often nodes are asked where their heads are, while somebody asks them anything. */
const PROBE_MILLISECONDS = 120_000;
/** A head that is so much older than another node's is behind, where it is found twice. */
const LAG_SECONDS = 30;
/** A head of the future makes nobody else late. */
const AHEAD_SECONDS = 60;
/** Asked by nobody else's purpose. */
const PROBE = "probe";

/** That they find nothing may be because they are behind, or have thrown it away. */
const MAY_LACK = new Set([
  "eth_getBlockByNumber",
  "eth_getBlockByHash",
  "eth_getTransactionReceipt",
  "eth_getTransactionByHash",
]);

export interface NodesOptions {
  readonly countCall?: CountCall;
  /** So many nodes have to tell the same of what decides money. */
  readonly needed?: number;
  /** What is asked outside of `agreed` has to be told by so many as well, each question by itself: for whoever believes no node at all. */
  readonly everything?: boolean;
  readonly now?: () => number;
  readonly answerMilliseconds?: number;
}

/** Without a word of the operator's: two, where there are two. */
export const agreeByDefault = (nodes: number): number => Math.min(2, nodes);

export class NodesProvider extends JsonRpcProvider {
  readonly #nodes: readonly Node[];
  readonly #needed: number;
  readonly #everything: boolean;
  readonly #now: () => number;
  readonly #agreement = new AsyncLocalStorage<Agreement>();
  readonly #disagreements = new Map<string, number>();
  readonly #late = new Set<Node>();
  readonly #probing = new Set<Node>();
  readonly #chainId: number;
  #probedAt: number;

  constructor(urls: readonly string[], chainId: number, options: NodesOptions = {}) {
    const { countCall: count = () => {}, needed = agreeByDefault(urls.length) } = options;
    const { now = () => performance.now(), answerMilliseconds = ANSWER_MILLISECONDS } = options;
    super(urls[0], chainId, { staticNetwork: true, cacheTimeout: -1 });
    const names = nameNodes(urls);
    const given = { count, now, answerMilliseconds, alone: urls.length === 1 };
    this.#nodes = urls.map((url, i) => new Node(names[i] as string, url, chainId, given));
    this.#needed = needed;
    this.#everything = options.everything === true;
    this.#now = now;
    this.#chainId = chainId;
    this.#probedAt = now();
  }

  /** All nodes must be of this chain. @throws Error if one that answers is not, or none answers */
  async checkChains(): Promise<void> {
    const found = await Promise.allSettled(this.#nodes.map((node) => node.ask("eth_chainId", [])));
    for (const [i, answer] of found.entries()) {
      const node = this.#nodes[i] as Node;
      if (answer.status === "rejected") node.note(answer.reason, "eth_chainId");
      else if (Number(answer.value) !== this.#chainId)
        throw new Error(
          `The chain at RPC_URL${this.#nodes.length > 1 ? ` (${node.name})` : ""} has id ${Number(answer.value)}, but the deployment is for ${this.#chainId}.`,
        );
    }
    const [first] = found;
    if (first?.status === "rejected" && found.every(({ status }) => status === "rejected")) throw first.reason;
  }

  /** Within `work` what is asked of the chain counts only if enough nodes tell the same, all at one block. */
  agreed<T>(work: () => Promise<T>): Promise<T> {
    if (this.#needed <= 1 || this.#agreement.getStore() !== undefined) return work();
    const nodes = {
      witnesses: () => this.#witnesses(),
      contradict: (odd: readonly Node[]) => {
        for (const node of odd) {
          node.counts.contradicted++;
          node.setAside("contradicted");
        }
      },
      noteDisagreement: (method: string) => this.#disagreements.set(method, (this.#disagreements.get(method) ?? 0) + 1),
    };
    return this.#agreement.run(new Agreement(nodes, this.#needed), work);
  }

  /** Whether what is asked now has to be told by several. */
  get isAgreeing(): boolean {
    return this.#agreement.getStore() !== undefined;
  }

  report(): NodesReport {
    return {
      nodes: this.#nodes.map(({ name, state, counts }) => ({ name, state, counts })),
      disagreements: this.#disagreements,
      needed: this.#needed,
    };
  }

  override async send(
    method: string,
    params: unknown[] | Record<string, unknown>,
  ): ReturnType<JsonRpcProvider["send"]> {
    const asked = params as unknown[];
    if (this.#nodes.length > 1) this.#look();
    if (method === "eth_sendRawTransaction") return this.#broadcast(asked);
    if (this.#everything && !this.isAgreeing) return this.agreed(() => this.#ask(method, asked)) as Promise<never>;
    return this.#ask(method, asked) as Promise<never>;
  }

  #ask(method: string, params: unknown[]): Promise<unknown> {
    return this.#agreement.getStore()?.send(method, params) ?? this.#askFirst(method, params);
  }

  override destroy(): void {
    for (const { provider } of this.#nodes) provider.destroy();
    super.destroy();
  }

  async #askFirst(method: string, params: unknown[]): Promise<unknown> {
    let failure: unknown;
    let nothing = false;
    for (const node of this.#inOrder()) {
      try {
        const answer = await node.ask(method, params);
        if (this.#nodes.length === 1) node.takeUp();
        if (answer !== null || !MAY_LACK.has(method)) return answer;
        nothing = true;
      } catch (error) {
        if (node.note(error, method) === "answer") throw error;
        failure ??= error;
      }
    }
    if (nothing) return null;
    throw failure ?? this.#noNode();
  }

  /** To all of them: one that swallows it does not keep it from the chain. */
  async #broadcast(params: unknown[]): Promise<unknown> {
    const asked = this.#inOrder();
    if (asked.length === 0) throw this.#noNode();
    const found = await Promise.allSettled(asked.map((node) => node.ask("eth_sendRawTransaction", params)));
    const taken = found.find(({ status }) => status === "fulfilled");
    if (taken?.status === "fulfilled") return taken.value;
    const failures = found.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    const answers = failures.filter((error, i) => asked[i]?.note(error, "eth_sendRawTransaction") === "answer");
    throw answers[0] ?? failures[0];
  }

  /** One that is behind is a good witness of what it has, and one that is away may be back; not one that was found to lie. */
  #witnesses(): Node[] {
    const may = ({ state, until }: Node) =>
      state === "lagging" || ((state === "away" || state === "limited") && this.#now() >= until);
    return [...this.#nodes.filter(({ state }) => state === "ok"), ...this.#nodes.filter(may)];
  }

  /** First those that are well, then those that may be: not those that are over their limit, or of another chain. */
  #inOrder(): Node[] {
    const usable = (node: Node) =>
      (node.state !== "limited" && node.state !== "of another chain") ||
      (this.#nodes.length === 1 && this.#isDue(node));
    const well = this.#nodes.filter(({ state }) => state === "ok");
    return [...well, ...this.#nodes.filter((node) => node.state !== "ok" && usable(node))];
  }

  #noNode(): NoNode {
    const wait = Math.max(1, Math.ceil((Math.min(...this.#nodes.map(({ until }) => until)) - this.#now()) / 1000));
    const states = this.#nodes.map(({ name, state }) => `${name}: ${state}`).join("; ");
    return new NoNode(`No node of the chain can be asked now (${states}).`, { retryAfterSeconds: wait });
  }

  readonly #isDue = (node: Node) => this.#now() >= node.until;

  /** Finds out, beside what is asked, who is behind and who is well again. */
  #look(): void {
    const now = this.#now();
    const back = this.#nodes.filter((node) => node.state !== "ok" && this.#isDue(node) && !this.#probing.has(node));
    const all = now - this.#probedAt >= PROBE_MILLISECONDS;
    if (all) this.#probedAt = now;
    if (all || back.length > 0) void this.#probe(all ? this.#nodes.filter(({ state }) => state === "ok") : [], back);
  }

  /** Where the heads of these are; those that come back are asked which chain they are of, too. */
  async #probe(well: readonly Node[], back: readonly Node[]): Promise<void> {
    for (const node of back) this.#probing.add(node);
    // With one alone there is nothing to compare; whoever comes back is compared with those that are well.
    const asked = [
      ...new Set([...(well.length > 0 ? well : this.#nodes.filter(({ state }) => state === "ok")), ...back]),
    ];
    const times = new Map<Node, number>();
    await Promise.all(
      asked.map(async (node) => {
        const time = await this.#timeOf(node, back.includes(node));
        if (time !== undefined) times.set(node, time);
      }),
    );
    const honest = [...times.values()].filter((time) => time <= Date.now() / 1000 + AHEAD_SECONDS);
    const newest = Math.max(...honest, 0);
    for (const [node, time] of times) this.#judge(node, newest - time > LAG_SECONDS);
    for (const node of back) this.#probing.delete(node);
  }

  #judge(node: Node, isLate: boolean): void {
    if (!isLate) {
      this.#late.delete(node);
      node.takeUp();
    } else if (node.state !== "ok" || this.#late.has(node)) node.setAside("lagging");
    else this.#late.add(node);
  }

  /** Unix seconds of a node's newest block; undefined: it does not say it, and is set aside. */
  async #timeOf(node: Node, comesBack: boolean): Promise<number | undefined> {
    try {
      if (comesBack && Number(await node.ask("eth_chainId", [], PROBE)) !== this.#chainId) {
        node.setAside("of another chain");
        return undefined;
      }
      const block = (await node.ask("eth_getBlockByNumber", ["latest", false], PROBE)) as { timestamp?: string } | null;
      const time = Number(block?.timestamp);
      if (Number.isSafeInteger(time)) return time;
      node.setAside("away");
    } catch (error) {
      // Also what is an answer elsewhere: each node knows its chain and its newest block.
      if (node.note(error, "eth_chainId") === "answer" || node.state === "ok") node.setAside("away");
    }
    return undefined;
  }
}
