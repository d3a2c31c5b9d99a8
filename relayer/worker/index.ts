/** Follows the contract's events from the stored cursor to the head, and goes back where the chain was reorganised. */
import type { ChainEvent, Head, ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { FinalError, RetryableError } from "#service/errors.ts";
import { crashPoint } from "../crashPoint.ts";
import {
  type BlockMark,
  type Cursor,
  lockCursor,
  readBlocksBefore,
  readCursor,
  undoTo,
  writeCursor,
} from "../store/cursor.ts";
import { applyEvents, type ChainFacts } from "../store/projection.ts";

/** Blocks taken in one transaction at most. */
const MAX_BLOCKS = 2_000;

/** The chain is another one since a block that counted as final. */
export class DeepReorganisation extends FinalError {
  override readonly name = "DeepReorganisation";
}

/**
 * The events of some blocks and the cursor behind them are stored in one transaction, so that each event is applied exactly once.
 * What is not final (less than `confirmations` blocks deep) is stored together with how to take it back, and is taken back when the
 * chain was reorganised.
 * @returns how many blocks were taken
 */
export async function index(database: Database, chain: ProgramsChain, confirmations: number): Promise<number> {
  const head = await chain.block("latest");
  if (head === undefined) return 0;
  let cursor = await readCursor(database, chain);
  if (cursor !== undefined && !(await isOnChain(chain, cursor.block)))
    cursor = await rollBack(database, chain, cursor, confirmations);
  const final = await chain.block(Math.max(head.number - confirmations, 0));
  if (final === undefined) return 0;
  const from = cursor === undefined ? chain.deployedAt : cursor.block.number + 1;
  // Never past what is final in one go: from there on it must be possible to go back to it.
  const end = from <= final.number ? final.number : head.number;
  const to = Math.min(end, from + MAX_BLOCKS - 1);
  if (to < from && BigInt(final.number) === cursor?.finalBlock) return 0;
  const last = to < from ? cursor?.block : to === head.number ? head : await chain.block(to);
  if (last === undefined) return 0;
  const events = to < from ? [] : await chain.events(from, to);
  // The chain may have moved while it was read: what was read counts only if both ends still stand.
  const still = await chain.block(last.number);
  if (still?.hash !== last.hash || (cursor !== undefined && !(await isOnChain(chain, cursor.block)))) return 0;
  // Asked for before the transaction: a database transaction does not wait for the network.
  const facts = await readFacts(chain, events);
  const stored = await store(database, chain, cursor, events, facts, last, final);
  if (stored && events.length > 0) crashPoint("indexed");
  return stored ? Math.max(to - from + 1, 0) : 0;
}

/** @returns false if another relayer took these blocks meanwhile */
async function store(
  database: Database,
  chain: ProgramsChain,
  cursor: Cursor | undefined,
  events: readonly ChainEvent[],
  facts: ChainFacts,
  last: Head,
  final: Head,
): Promise<boolean> {
  return database.transaction(async (sql) => {
    if (!(await lockCursor(sql, cursor?.block.number))) return false;
    await applyEvents(sql, events, facts, final.number);
    await writeCursor(sql, chain, last, final);
    return true;
  });
}

export async function isOnChain(chain: ProgramsChain, { number, hash }: BlockMark): Promise<boolean> {
  return (await chain.block(number))?.hash === hash;
}

/** Takes back what was applied of blocks that are not on the chain any more, down to the newest indexed one that is. */
async function rollBack(
  database: Database,
  chain: ProgramsChain,
  cursor: Cursor,
  confirmations: number,
): Promise<Cursor> {
  const { number, hash } = cursor.block;
  for (const block of await readBlocksBefore(database, number)) {
    if (!(await isOnChain(chain, block))) continue;
    await database.transaction(async (sql) => {
      if (await lockCursor(sql, number)) await undoTo(sql, block);
    });
    crashPoint("rolledBack");
    return { ...cursor, block };
  }
  throw new DeepReorganisation(
    `Block ${number} was indexed as ${hash} and is another now, and so are all before it that are kept: the chain was reorganised deeper than CONFIRMATIONS (${confirmations}). Restore the database to before that, or start with an empty one and a higher CONFIRMATIONS.`,
  );
}

/** What `events` leave open, from the chain. */
export async function readFacts(chain: ProgramsChain, events: readonly ChainEvent[]): Promise<ChainFacts> {
  const tokens = new Map<string, { symbol: string; decimals: number }>();
  const times = new Map<number, number>();
  for (const { name, args, block } of events) {
    if (name === "CampaignCreated" && !tokens.has(args.token)) tokens.set(args.token, await chain.token(args.token));
    if (TIMED.has(name) && !times.has(block)) times.set(block, await timeOf(chain, block));
  }
  return { tokens, times, refusedAtOnce: refusedAtOnce(events) };
}

/** The chain moved while it was read. */
export class BlockGone extends RetryableError {
  override readonly name = "BlockGone";
}

/** Events that say from when on something runs by their block's time alone. */
const TIMED = new Set(["Attested", "Resumed", "PayoutAnnounced"]);

async function timeOf(chain: ProgramsChain, block: number): Promise<number> {
  const found = await chain.block(block);
  if (found === undefined) throw new BlockGone(`Block ${block} was there a moment ago, and is not any more.`);
  return found.time;
}

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
