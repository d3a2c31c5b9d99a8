/** Follows the contract's events from the stored cursor to the head, and goes back where the chain was reorganised. */
import pMap from "p-map";
import type { Head } from "#service/chain/blocks.ts";
import { type ChainEvent, endOfBlocks, type ProgramsChain, type RecentEvents } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { FinalError, RetryableError } from "#service/errors.ts";
import { crashPoint } from "../crashPoint.ts";
import {
  type BlockMark,
  type Cursor,
  type IndexedBlock,
  lockCursor,
  readBlocksUpTo,
  readCursor,
  undoTo,
  writeCursor,
} from "../store/cursor.ts";
import { applyEvents, type ChainFacts } from "../store/projection.ts";
import type { Seen } from "./pace.ts";

/** Blocks taken in one go at most, and events of theirs in one transaction: what is done with them is in memory meanwhile. */
const MAX_BLOCKS = 50_000;
const MAX_EVENTS = 2_000;

/** So near to the head each block is proven by its header; further back a header a block would be too many questions. */
const NEAR_BLOCKS = 256;

/** Headers that are asked for at once. */
const HEADERS_AT_ONCE = 50;

/** Where so many blocks came at once, or more, and each would have to be asked for, a glance may do. */
const GLANCE_BLOCKS = 4;

/** The chain is another one since a block that counted as final. */
export class DeepReorganisation extends FinalError {
  override readonly name = "DeepReorganisation";
}

/** The chain moved while it was read, or the node that answered is behind the one before it. */
export class BlockGone extends RetryableError {
  override readonly name = "BlockGone";
}

/** The node tells more of a block than when it was read. */
export class LogsMissed extends RetryableError {
  override readonly name = "LogsMissed";
}

/** Blocks that are to be applied, with what was read of them. */
interface Taken {
  readonly blocks: readonly IndexedBlock[];
  readonly events: readonly ChainEvent[];
  readonly final: BlockMark;
  readonly facts: ChainFacts;
  /** undefined: nothing of the chain's newest block. */
  readonly secondsAhead?: number;
}

/**
 * The events of some blocks and the cursor behind them are stored in one transaction, so that each event is applied exactly once.
 * All is stored together with how to take it back, and is taken back when the chain was reorganised.
 *
 * A node is not believed: near the head each block has to follow the one before it, what is told of its events is proven by its header, and
 * as long as it is not final it is asked for again with those after it.
 * @returns 0 if there is nothing to do now
 */
export async function index(
  database: Database,
  chain: ProgramsChain,
  confirmations: number,
  { now = Date.now(), glance = false, seen = () => {} }: IndexOptions = {},
): Promise<number> {
  const head = await chain.block("latest");
  if (head === undefined) return 0;
  let changed = false;
  const note = (events: number) => {
    changed ||= events > 0;
  };
  const taken = await take(database, chain, confirmations, head, { now, glance, note });
  const cursor = await readCursor(database, chain);
  // Also after something was taken back: what is there instead is read at once.
  seen({ head, changed, more: cursor !== undefined && cursor.block.number < head.number && taken > 0 });
  return taken;
}

export interface IndexOptions {
  /** Milliseconds. */
  readonly now?: number;
  /**
   * Where nothing happens, blocks between the last one and the newest are not asked for: the node's word that the contract has no logs
   * in them is taken, and asked for again with each later block until they are final. Where it tells some, all is proven.
   */
  readonly glance?: boolean;
  /** Hears what was found. */
  readonly seen?: (what: Seen) => void;
}

interface Taking {
  readonly now: number;
  readonly glance: boolean;
  /** Hears of events that were applied, or taken back. */
  readonly note: (events: number) => void;
}

async function take(
  database: Database,
  chain: ProgramsChain,
  confirmations: number,
  head: Head,
  { now, glance, note }: Taking,
): Promise<number> {
  const cursor = await readCursor(database, chain);
  async function goBackNoted(): Promise<number> {
    const wentBack = cursor === undefined ? 0 : await goBackIfLeft(database, chain, cursor, head, confirmations);
    note(wentBack);
    return wentBack;
  }
  if (cursor !== undefined && head.number <= cursor.block.number) {
    if (head.hash !== cursor.block.hash) return goBackNoted();
    if (BigInt(head.number - confirmations) <= cursor.finalBlock) return 0;
  }
  const from = cursor === undefined ? chain.deployedAt : cursor.block.number + 1;
  const final = Math.max(head.number - confirmations, 0);
  const far = Math.min(final, head.number - NEAR_BLOCKS);
  if (from <= far) return takeFar(database, chain, cursor, from, Math.min(far, from + MAX_BLOCKS - 1));
  // Never past what is final in one go: from there on it must be possible to go back to it.
  const to = from <= final ? final : head.number;
  const known = await readBlocksUpTo(database, cursor?.block.number ?? 0);
  const since = cursor === undefined ? from : Number(cursor.finalBlock) + 1;
  const secondsAhead = Math.max(0, head.time - Math.floor(now / 1000));
  if (glance && cursor !== undefined && from > final && to - from >= GLANCE_BLOCKS - 1 && !chain.isPushed(from)) {
    // The blocks between do not say that they follow it.
    if (!(await isOnChain(chain, cursor.block))) return goBackNoted();
    const { events, told } = await chain.glance(since, from, to);
    await goBackIfMissed(database, cursor, known, told);
    const mark = known.find(({ number }) => number <= final);
    if (events.length === 0 && mark !== undefined) {
      const blocks = [{ ...head, logs: 0 }];
      return store(database, chain, cursor, { blocks, events, final: mark, facts: NO_FACTS, secondsAhead });
    }
  }
  const blocks = await readChain(chain, from, to, head);
  if (cursor !== undefined && blocks[0] !== undefined && blocks[0].parent !== cursor.block.hash) return goBackNoted();
  const { events, told } = await chain.recent(since, blocks);
  await goBackIfMissed(database, cursor, known, told);
  note(events.length);
  const taken: Taken = {
    blocks: blocks.map((block) => ({ ...block, logs: events.filter((event) => event.block === block.number).length })),
    events,
    final: await finalMark(chain, blocks, known, final, glance),
    facts: await readFacts(chain, events, new Map(blocks.map(({ number, time }) => [number, time]))),
    secondsAhead,
  };
  return storeInParts(database, chain, cursor, taken);
}

/** As many transactions as keep each within its bound; each ends with a block. */
async function storeInParts(
  database: Database,
  chain: ProgramsChain,
  cursor: Cursor | undefined,
  { blocks, events, final, ...rest }: Taken,
): Promise<number> {
  let [stand, taken, nextBlock, nextEvent] = [cursor, 0, 0, 0];
  const placed = events.map(({ block }) => ({ blockNumber: block }));
  do {
    const end = endOfBlocks(placed, nextEvent, MAX_EVENTS);
    const lastBlock = end === events.length ? Number.POSITIVE_INFINITY : (events[end - 1] as ChainEvent).block;
    const some = blocks.slice(nextBlock).filter(({ number }) => number <= lastBlock);
    const last = some.at(-1);
    const mark = last !== undefined && last.number < final.number && end < events.length ? last : final;
    const stored = await store(database, chain, stand, {
      blocks: some,
      events: events.slice(nextEvent, end),
      final: mark,
      ...rest,
    });
    taken += stored;
    if (stored === 0 || last === undefined) return taken;
    stand = { block: last, finalBlock: BigInt(mark.number) };
    nextBlock += some.length;
    nextEvent = end;
  } while (nextEvent < events.length);
  return taken;
}

/** The newest final block; with `near`, one before it may do that is known: what is final a little later is never wrong. */
async function finalMark(
  chain: ProgramsChain,
  blocks: readonly BlockMark[],
  known: readonly BlockMark[],
  final: number,
  near: boolean,
): Promise<BlockMark> {
  const mark = [...blocks, ...known].find(({ number }) => number === final);
  const before = near ? known.find(({ number }) => number < final) : undefined;
  return mark ?? before ?? blockAt(chain, final);
}

/**
 * What is long final: from the node's word alone. What it leaves out shows when campaigns are compared with the contract. In pieces: each is
 * a transaction, behind which the cursor stands.
 */
async function takeFar(
  database: Database,
  chain: ProgramsChain,
  cursor: Cursor | undefined,
  from: number,
  to: number,
): Promise<number> {
  let [stand, first, taken] = [cursor, from, 0];
  for await (const { to: end, events } of chain.pieces(from, to, MAX_EVENTS)) {
    const last = await blockAt(chain, end);
    const facts = await readFacts(chain, events);
    // The chain may have moved while it was read: what was read counts only if both ends still stand.
    if (!(await isOnChain(chain, last)) || (stand !== undefined && !(await isOnChain(chain, stand.block))))
      throw new BlockGone(`Block ${end} or block ${first - 1} is another than a moment ago.`);
    const stored = await store(database, chain, stand, {
      blocks: [{ ...last, logs: null }],
      events,
      final: last,
      facts,
    });
    if (stored === 0) return taken;
    stand = { block: last, finalBlock: BigInt(end) };
    first = end + 1;
    taken += stored;
  }
  return taken;
}

/** Blocks `from` to `to`, each the child of the one before it. */
async function readChain(chain: ProgramsChain, from: number, to: number, head: Head): Promise<Head[]> {
  const numbers = Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => from + i);
  const blocks = await Promise.all(numbers.map((number) => (number === head.number ? head : blockAt(chain, number))));
  const loose = blocks.find((block, i) => i > 0 && block.parent !== blocks[i - 1]?.hash);
  if (loose !== undefined)
    throw new BlockGone(
      `Block ${loose.number} (${loose.hash}) does not follow the block that the node gave before it.`,
    );
  return blocks;
}

async function blockAt(chain: ProgramsChain, number: number): Promise<Head> {
  const found = await chain.block(number);
  if (found === undefined) throw new BlockGone(`The chain's node does not have block ${number}, and has later ones.`);
  return found;
}

/** @returns 0 if another relayer took these blocks meanwhile */
async function store(
  database: Database,
  chain: ProgramsChain,
  cursor: Cursor | undefined,
  { blocks, events, final, facts, secondsAhead }: Taken,
): Promise<number> {
  const stand = cursor === undefined ? [] : [{ ...cursor.block, logs: null }];
  const stored = await database.transaction(async (sql) => {
    if (!(await lockCursor(sql, cursor?.block.number))) return false;
    await applyEvents(sql, events, facts, final.number);
    await writeCursor(sql, chain, blocks.length > 0 ? blocks : stand, final, secondsAhead);
    return true;
  });
  if (stored && events.length > 0) crashPoint("indexed");
  return stored ? blocks.length : 0;
}

export async function isOnChain(chain: ProgramsChain, { number, hash }: BlockMark): Promise<boolean> {
  return (await chain.block(number))?.hash === hash;
}

/**
 * The chain does not go on from where the index stands. Takes back what was applied of blocks that are not on it any more, down to the
 * newest that is. That a node does not have a block is no sign that there is another: it may be behind.
 * @returns 0 if nothing was to be taken back
 */
async function goBackIfLeft(
  database: Database,
  chain: ProgramsChain,
  { block: { number, hash } }: Cursor,
  head: Head,
  confirmations: number,
): Promise<number> {
  const known = (await readBlocksUpTo(database, number)).filter((block) => block.number <= head.number);
  for (const [i, block] of known.entries()) {
    if ((await blockAt(chain, block.number)).hash !== block.hash) continue;
    if (i === 0) return 0;
    await goBack(database, number, block);
    return 1;
  }
  const oldest = known.at(-1);
  if (oldest === undefined) return 0;
  // It ends the process: not by the word of one node. @throws NodesDisagree
  if ((await chain.agreed(() => blockAt(chain, oldest.number))).hash === oldest.hash)
    throw new BlockGone(`Block ${oldest.number} is another by one of the chain's nodes than by the others.`);
  throw new DeepReorganisation(
    `Block ${number} was indexed as ${hash} and is another now, and so are all before it that are kept: the chain was reorganised deeper than CONFIRMATIONS (${confirmations}). Restore the database to before that, or start with an empty one and a higher CONFIRMATIONS.`,
  );
}

async function goBack(database: Database, from: number, to: BlockMark): Promise<void> {
  await database.transaction(async (sql) => {
    if (await lockCursor(sql, from)) await undoTo(sql, to);
  });
  crashPoint("rolledBack");
}

/** Blocks that are not final are told again with each new one: where there is more now, the index goes back to before it. */
async function goBackIfMissed(
  database: Database,
  cursor: Cursor | undefined,
  known: readonly IndexedBlock[],
  told: RecentEvents["told"],
): Promise<void> {
  // Of blocks that were passed over nothing was told; nor of those on another fork, which is found out where it is read again.
  const logsOf = new Map(known.map(({ hash, logs }) => [hash, logs]));
  const more = [...told].flatMap(([hash, { block, logs }]) => {
    const before = logsOf.has(hash) ? logsOf.get(hash) : 0;
    return typeof before === "number" && logs > before ? [{ block, logs, before }] : [];
  });
  const missed = more.sort((a, b) => a.block - b.block)[0];
  const stand = missed && known.find(({ number }) => number < missed.block);
  if (cursor === undefined || missed === undefined || stand === undefined) return;
  await goBack(database, cursor.block.number, stand);
  throw new LogsMissed(
    `The chain's node tells ${missed.logs} events of block ${missed.block} now, and told ${missed.before} when it was read: it is read again from there.`,
  );
}

/** What `events` leave open, from the chain; `times` are those of blocks that are known. */
export async function readFacts(
  chain: ProgramsChain,
  events: readonly ChainEvent[],
  times = new Map<number, number>(),
): Promise<ChainFacts> {
  const created = events.flatMap(({ name, args }) => (name === "CampaignCreated" ? [args.token as string] : []));
  const tokens = new Map<string, { symbol: string; decimals: number }>();
  for (const token of new Set(created)) tokens.set(token, await chain.token(token));
  const timed = events.flatMap((event) => (isTimed(event) && !times.has(event.block) ? [event.block] : []));
  await pMap(
    new Set(timed),
    async (block) => {
      times.set(block, (await blockAt(chain, block)).time);
    },
    { concurrency: HEADERS_AT_ONCE },
  );
  return { tokens, times, refusedAtOnce: refusedAtOnce(events) };
}

const NO_FACTS: ChainFacts = { tokens: new Map(), times: new Map(), refusedAtOnce: new Map() };

/** Events that say from when on something runs by their block's time alone. */
const TIMED = new Set(["Attested", "Resumed", "PayoutAnnounced"]);

/** Of a guarantee it matters whether an announced withdrawal had lapsed by then. */
const isTimed = ({ name, args }: ChainEvent): boolean =>
  TIMED.has(name) || (name === "OfferAppended" && args.offer.lockedUntil > 0n);

/** Without a hold a batch is settled in the transaction in which it is attested, and its lines that do not hold are said after it. */
function refusedAtOnce(events: readonly ChainEvent[]): ChainFacts["refusedAtOnce"] {
  const attestedIn = new Map<string, string>();
  const refused = new Map<string, { indices: bigint[]; returned: bigint }>();
  for (const { name, args, transaction } of events) {
    if (name === "Attested") attestedIn.set(args.attestation, transaction);
    if (name !== "LineRefused" || attestedIn.get(args.attestation) !== transaction) continue;
    const sum = refused.get(args.attestation) ?? { indices: [], returned: 0n };
    sum.indices.push(args.index);
    refused.set(args.attestation, { ...sum, returned: sum.returned + args.returned });
  }
  return refused;
}
