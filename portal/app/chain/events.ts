/** The contract's events from its deployment to now; what is final is asked for once. */
import { readLog } from "@partner-programs/protocol/eventLog";
import type { Log } from "ethers";
import { config } from "../config.ts";
import { programsInterface, provider } from "./contracts.ts";

/** Nodes bound how many blocks or logs an answer may span: a range that is refused is asked for in halves. */
export async function readRange(address: string, topics: Topics, from: number, to: number): Promise<Log[]> {
  try {
    return await provider().getLogs({ address, topics: [...topics], fromBlock: from, toBlock: to });
  } catch (error) {
    if (to - from < 100) throw error;
    const middle = Math.floor((from + to) / 2);
    return [...(await readRange(address, topics, from, middle)), ...(await readRange(address, topics, middle + 1, to))];
  }
}

type Topics = readonly (string | string[] | null)[];

/** An event of the contract, and in which block it was. */
export interface ChainEvent {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: by the names of the event's arguments
  readonly args: any;
  readonly block: number;
  readonly transaction: string;
}

interface History {
  /** The last block that is not asked for again. */
  settled: number;
  /** Up to that block. */
  events: ChainEvent[];
}

/** Blocks this far behind the head are taken for final, as the relayer does by default; what is nearer is asked for every time. */
export const FINAL_DEPTH = 64;
const MAX_HISTORIES = 32;
const histories = new Map<string, History>();
const reading = new Map<string, Promise<readonly ChainEvent[]>>();

/**
 * The contract's events with these topics, in order, from `since` to now: to `head`, where that is known already. What is final is kept while the page is open: only what
 * came after it is asked for. Who asks while an answer is under way gets that one.
 */
export function readEvents(topics: Topics, since = config().fromBlock, head?: number): Promise<readonly ChainEvent[]> {
  const key = JSON.stringify([topics, since]);
  const under = reading.get(key);
  if (under !== undefined) return under;
  const now = readOn(key, topics, since, head).finally(() => reading.delete(key));
  reading.set(key, now);
  return now;
}

async function readOn(
  key: string,
  topics: Topics,
  since: number,
  given: number | undefined,
): Promise<readonly ChainEvent[]> {
  const head = given ?? (await provider().getBlockNumber());
  const kept = histories.get(key);
  // A head before what was final: the chain is another, as when a local one is started again.
  const known = kept === undefined || kept.settled >= head ? { settled: since - 1, events: [] } : kept;
  const recent = (await readRange(config().programs, topics, known.settled + 1, head)).flatMap((log) => {
    const event = readLog(programsInterface, log);
    return event === undefined ? [] : [{ ...event, block: log.blockNumber, transaction: log.transactionHash }];
  });
  const settled = Math.max(known.settled, head - FINAL_DEPTH);
  const events = [...known.events, ...recent];
  histories.delete(key);
  histories.set(key, { settled, events: events.filter(({ block }) => block <= settled) });
  // The one that was asked for longest ago goes first.
  if (histories.size > MAX_HISTORIES) histories.delete(histories.keys().next().value as string);
  return events;
}
