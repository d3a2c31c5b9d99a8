/** One node of the chain among several: how it is asked, and whether it is asked at all. */
import { FetchRequest, JsonRpcProvider } from "ethers";
import { faultOf, type NodeFault } from "./nodeFault.ts";
import { type CountCall, purposeNow } from "./rpc.ts";

/**
 * How a node is. All but `ok` are set aside: asked last, or, of what decides money, not at all. `lagging` are behind the others, and good
 * witnesses of what they have.
 */
export type NodeState = "ok" | "away" | "limited" | "lagging" | "contradicted" | "of another chain";

/** An answer that takes longer is none. */
export const ANSWER_MILLISECONDS = 20_000;
const QUESTIONS_AT_ONCE = 20;

/** For how many milliseconds a node is set aside: the first time, and at most. */
const PAUSES: Readonly<Record<Exclude<NodeState, "ok">, readonly [first: number, longest: number]>> = {
  away: [5_000, 300_000],
  limited: [2_000, 60_000],
  lagging: [30_000, 300_000],
  contradicted: [600_000, 3_600_000],
  "of another chain": [600_000, 3_600_000],
};
/** Twice as long each time that it is again, before it was well for so long. */
const WELL_MILLISECONDS = 600_000;
const MAX_DOUBLINGS = 10;

export interface NodeOptions {
  readonly count: CountCall;
  readonly now: () => number;
  readonly answerMilliseconds: number;
  /** There is no other: it is asked again at once, unless it says when. */
  readonly alone: boolean;
}

export class Node {
  /** Its host: what stands behind it in the URL may be a key. */
  readonly name: string;
  readonly provider: JsonRpcProvider;
  state: NodeState = "ok";
  /** Until when it is not even tried whether it is well again. */
  until = 0;
  /** How often each happened, for the metrics. */
  readonly counts = { away: 0, limited: 0, lacks: 0, contradicted: 0 };
  readonly #count: CountCall;
  readonly #now: () => number;
  readonly #alone: boolean;
  #times = 0;
  #wellSince = 0;

  constructor(name: string, url: string, chainId: number, { count, now, answerMilliseconds, alone }: NodeOptions) {
    this.name = name;
    const request = new FetchRequest(url);
    request.timeout = answerMilliseconds;
    // Whoever is over a node's limit asks another one instead of waiting here.
    request.retryFunc = async () => false;
    this.provider = new JsonRpcProvider(request, chainId, {
      staticNetwork: true,
      cacheTimeout: -1,
      batchMaxCount: QUESTIONS_AT_ONCE,
    });
    this.#count = count;
    this.#now = now;
    this.#alone = alone;
  }

  /** Each question of a bundle is one to the provider's bill. */
  ask(method: string, params: unknown[], purpose = purposeNow()): Promise<unknown> {
    this.#count(purpose, method, this.name);
    return this.provider.send(method, params);
  }

  /** Notes a failure. @returns what it says of the node */
  note(error: unknown, method: string): NodeFault["kind"] {
    const { kind, retryAfterSeconds } = faultOf(error, method);
    if (kind === "answer") return kind;
    this.counts[kind]++;
    const stays = kind === "lacks" || (this.#alone && kind === "limited" && retryAfterSeconds === undefined);
    if (!stays) this.setAside(kind, retryAfterSeconds);
    return kind;
  }

  setAside(state: Exclude<NodeState, "ok">, seconds?: number): void {
    const now = this.#now();
    // What was under way together fails together: that is one time.
    if (this.state === state && now < this.until && seconds === undefined) return;
    if (this.state === "ok" && now - this.#wellSince >= WELL_MILLISECONDS) this.#times = 0;
    const [first, longest] = PAUSES[state];
    const pause = Math.min(longest, first * 2 ** this.#times);
    this.#times = Math.min(this.#times + 1, MAX_DOUBLINGS);
    this.state = state;
    this.until = now + (seconds === undefined ? pause : seconds * 1000);
  }

  /** It was found to be well. */
  takeUp(): void {
    if (this.state === "ok") return;
    this.state = "ok";
    this.#wellSince = this.#now();
  }
}

/** Names for nodes: their hosts, and a number where two have the same. */
export function nameNodes(urls: readonly string[]): string[] {
  const hosts = urls.map((url) => new URL(url).host);
  return hosts.map((host, i) => {
    const before = hosts.slice(0, i).filter((other) => other === host).length;
    return before === 0 ? host : `${host} (${before + 1})`;
  });
}
