/** Reads feeds in Chainlink's interface: which round was in force at a time, and what it answered. */
import { isRevert } from "@partner-programs/protocol/reverts";
import { type Block, Interface, type Provider } from "ethers";
import { LRUCache } from "lru-cache";
import { RetryableError } from "../errors.ts";

const ROUND = "returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)";
const FEED = new Interface([
  "function decimals() view returns (uint8)",
  `function latestRoundData() view ${ROUND}`,
  `function getRoundData(uint80 id) view ${ROUND}`,
]);

/** Rounds of a proxy begin anew with each aggregator: its phase stands in the upper bits. */
const PHASE = 64n;
const MAX_FEEDS = 1_000;
const MAX_ROUNDS = 10_000;
/** Five words; whoever answers with more is no feed. */
const MAX_ANSWER = 2_000;
/** Phases that are looked through, the newest first. */
const MAX_PHASES = 3n;
/** Steps of a search: any number of rounds is below 2^64. */
const MAX_STEPS = 200;

export interface Round {
  readonly id: bigint;
  readonly answer: bigint;
  /** Unix seconds. */
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly answeredInRound: bigint;
}

/** What is at a feed's address does not answer as a feed. */
export class NoFeed extends RetryableError {
  override readonly name = "NoFeed";
}

/** The node does not know the chain up to that time yet. */
export class NodeBehind extends RetryableError {
  override readonly name = "NodeBehind";
}

type Since = "updatedAt" | "startedAt";

/** Feeds on the chain as it is at one look, as of a time. */
export interface FeedsAt {
  /** @throws NoFeed, and what the node throws */
  decimals(feed: string): Promise<number>;
  /**
   * The last round that was there at the time; undefined: there was none yet. The state of a sequencer is a round that is there since it
   * was started, and updated as long as it lasts. @throws NoFeed
   */
  roundAt(feed: string, since?: Since): Promise<Round | undefined>;
  /** Whether a round was the last of its phase at the time. Phases may overlap: a new aggregator answers before the proxy turns to it. */
  wasLastOfPhase(feed: string, id: bigint): Promise<Round | undefined>;
}

export interface Feeds {
  /** As of a time, in Unix seconds. All that a rate is made of is read by one look at the chain. @throws NodeBehind */
  at(time: number): Promise<FeedsAt>;
}

/** A round, from when on and until when it was the last that was known. */
interface Reign {
  readonly round: Round;
  readonly until: number;
}

/** What was read of feeds. */
interface Known {
  readonly decimalsOf: LRUCache<string, number>;
  readonly rounds: LRUCache<string, Round>;
  readonly reigns: LRUCache<string, Reign[]>;
  /** The head by which the newest of it was read. */
  readBy?: Pick<Block, "number" | "hash">;
}

const newKnown = (): Known => ({
  decimalsOf: new LRUCache({ max: MAX_FEEDS }),
  rounds: new LRUCache({ max: MAX_ROUNDS }),
  reigns: new LRUCache({ max: MAX_FEEDS }),
});

type Reads = Pick<Provider, "call" | "getBlock">;

/** The newest block has to be past the time: rounds of before it may be in blocks that the node does not have. */
async function headPast(provider: Reads, time: number): Promise<Block> {
  const block = await provider.getBlock("latest");
  if (block === null || block.timestamp < time)
    throw new NodeBehind(
      `The chain's node is at ${block?.timestamp ?? "no block"}; the rates of ${time} are not known yet.`,
    );
  return block;
}

export function openFeeds(provider: Reads): Feeds {
  let known = newKnown();

  /**
   * What is known on the chain that there is now: what was read of blocks that are no part of it any more is forgotten, and what is being
   * read of them is not kept. The newest block is past `time`.
   */
  async function follow(time: number): Promise<{ readonly head: number; readonly kept: Known }> {
    const head = await headPast(provider, time);
    const { readBy } = known;
    if (readBy !== undefined && readBy.hash !== head.hash) {
      const there = readBy.number < head.number ? await provider.getBlock(readBy.number) : undefined;
      if (there?.hash !== readBy.hash) known = newKnown();
    }
    known.readBy = head;
    return { head: head.timestamp, kept: known };
  }

  async function ask(feed: string, name: string, args: readonly unknown[] = []): Promise<unknown[] | undefined> {
    let answer: string;
    try {
      answer = await provider.call({ to: feed, data: FEED.encodeFunctionData(name, args) });
    } catch (error) {
      // A feed reverts where it has no such round.
      if (isRevert(error)) return undefined;
      throw error;
    }
    if (answer === "0x" || answer.length > MAX_ANSWER) throw new NoFeed(`${feed} does not answer as a feed.`);
    try {
      return [...FEED.decodeFunctionResult(name, answer)];
    } catch {
      throw new NoFeed(`${feed} does not answer as a feed.`);
    }
  }

  async function readRound({ rounds }: Known, feed: string, id: bigint): Promise<Round | undefined> {
    const key = `${feed} ${id}`;
    const before = rounds.get(key);
    if (before !== undefined) return before;
    const round = toRound(await ask(feed, "getRoundData", [id]));
    // Others answer with nothing but zeros.
    if (round === undefined || round.updatedAt === 0 || round.id !== id) return undefined;
    rounds.set(key, round);
    return round;
  }

  async function latest(feed: string): Promise<Round | undefined> {
    const round = toRound(await ask(feed, "latestRoundData"));
    return round === undefined || round.updatedAt === 0 ? undefined : round;
  }

  async function findReign(
    feed: string,
    since: Since,
    time: number,
    { head, kept }: { readonly head: number; readonly kept: Known },
  ): Promise<Reign | undefined> {
    const last = await latest(feed);
    if (last === undefined) return undefined;
    if (last[since] <= time) return { round: last, until: head };
    const newest = last.id >> PHASE;
    for (
      let phase = newest, most = last.id & ((1n << PHASE) - 1n);
      phase >= 0n && newest - phase < MAX_PHASES;
      phase--
    ) {
      const roundsOf = (of: bigint) => (number: bigint) => readRound(kept, feed, (of << PHASE) | number);
      const found = await searchPhase(roundsOf(phase), since, most, time);
      if (found !== undefined)
        return { round: found.found, until: found.after === undefined ? time : found.after[since] - 1 };
      if (phase > 0n) most = await lengthOf(roundsOf(phase - 1n));
    }
    return undefined;
  }

  async function readDecimals({ decimalsOf }: Known, feed: string): Promise<number> {
    const before = decimalsOf.get(feed);
    if (before !== undefined) return before;
    const [decimals] = (await ask(feed, "decimals")) ?? [];
    if (decimals === undefined) throw new NoFeed(`${feed} does not answer as a feed.`);
    decimalsOf.set(feed, Number(decimals));
    return Number(decimals);
  }

  return {
    async at(time) {
      const now = await follow(time);
      const { kept } = now;
      return {
        decimals: (feed) => readDecimals(kept, feed),

        async roundAt(feed, since = "updatedAt") {
          const { reigns } = kept;
          const key = `${feed} ${since}`;
          const earlier = reigns.get(key) ?? [];
          const reign = earlier.find(({ round, until }) => round[since] <= time && time <= until);
          if (reign !== undefined) return reign.round;
          const found = await findReign(feed, since, time, now);
          if (found !== undefined)
            reigns.set(key, [found, ...earlier.filter(({ round }) => round.id !== found.round.id)].slice(0, 32));
          return found?.round;
        },

        async wasLastOfPhase(feed, id) {
          const round = await readRound(kept, feed, id);
          if (round === undefined || round.updatedAt > time) return undefined;
          const next = await readRound(kept, feed, id + 1n);
          return next === undefined || next.updatedAt > time ? round : undefined;
        },
      };
    },
  };
}

export const isOfEarlierPhase = (one: bigint, other: bigint): boolean => one >> PHASE < other >> PHASE;

/** A phase's rounds, by their numbers in it. */
type RoundsOf = (number: bigint) => Promise<Round | undefined>;

/** The last round of a phase that was there at `time`, and the one after it; of rounds [1, most] of it, where `most` is one. */
async function searchPhase(at: RoundsOf, since: Since, most: bigint, time: number) {
  let [low, high] = [0n, most + 1n];
  let found: Round | undefined;
  let after: Round | undefined;
  // What is asked for is mostly among the last.
  for (let step = 1n, from = most, n = 0; from >= 1n && n < MAX_STEPS; from -= step, step *= 2n, n++) {
    const round = await at(from);
    if (round !== undefined && round[since] <= time) {
      [low, found] = [from, round];
      break;
    }
    [high, after] = [from, round ?? after];
  }
  for (let n = 0; high - low > 1n && n < MAX_STEPS; n++) {
    const middle = (low + high) / 2n;
    const round = await at(middle);
    // A round that is not there is as the one before it.
    if (round === undefined || round[since] <= time) [low, found] = [middle, round ?? found];
    else [high, after] = [middle, round];
  }
  return found && { found, after };
}

/** How many rounds a phase that is over had. */
async function lengthOf(at: RoundsOf): Promise<bigint> {
  const has = async (number: bigint) => (await at(number)) !== undefined;
  if (!(await has(1n))) return 0n;
  let [low, high] = [1n, 2n];
  for (let n = 0; n < 64 && (await has(high)); n++) [low, high] = [high, 2n * high];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (await has(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function toRound(answer: unknown[] | undefined): Round | undefined {
  if (answer === undefined) return undefined;
  const [id, value, startedAt, updatedAt, answeredInRound] = answer as [bigint, bigint, bigint, bigint, bigint];
  return { id, answer: value, startedAt: toSeconds(startedAt), updatedAt: toSeconds(updatedAt), answeredInRound };
}

/** A number beyond every time is one that no time is past. */
const toSeconds = (seconds: bigint): number => (seconds < 2n ** 40n ? Number(seconds) : Number.MAX_SAFE_INTEGER);
