import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { buildBatches, buryDeadBatches } from "./batcher.ts";
import { DeepReorganisation, index } from "./indexer.ts";
import { releaseBatches, reverseRefunds, type Settlement, signBatches, submitBatches } from "./settlement.ts";

/** The relayer's background work. */
export interface Worker {
  /** Ends after the round that is under way. */
  stop(): Promise<void>;
  /** Settles with an error when the worker cannot go on. */
  readonly done: Promise<void>;
}

/**
 * Runs rounds until stopped. Every job looks at the database for what is due and moves it one state on; there is no queue that
 * could disagree with the states, so a restart simply goes on. A failed job is tried again in the next round.
 */
export function startWorker(
  settlement: Settlement,
  jobs: { readonly flushClicks: () => Promise<void> },
  config: Config,
  log: Logger,
): Worker {
  const { database, chain, sender } = settlement;
  let stopping = false;
  let wake = () => {};
  const round: [string, () => Promise<unknown>][] = [
    ["follow transactions", () => sender.follow()],
    ["index", () => index(database, chain, config.CONFIRMATIONS)],
    ["flush clicks", jobs.flushClicks],
    ["bury dead batches", () => buryDeadBatches(database)],
    ["build batches", () => buildBatches(database, chain, config, Date.now())],
    ["sign batches", () => signBatches(settlement, Date.now())],
    ["submit batches", () => submitBatches(settlement, Date.now())],
    ["reverse refunds", () => reverseRefunds(settlement, Date.now())],
    ["release batches", () => releaseBatches(settlement, Date.now())],
  ];

  async function run() {
    while (!stopping) {
      for (const [name, job] of round) {
        if (stopping) break;
        try {
          await job();
        } catch (error) {
          if (error instanceof DeepReorganisation) throw error;
          log.warn({ job: name, error: describeError(error) }, "job failed; it is tried again");
        }
      }
      if (stopping) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, config.POLL_MILLISECONDS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    await jobs.flushClicks();
  }

  const done = run();
  return {
    done,
    async stop() {
      stopping = true;
      wake();
      await done;
    },
  };
}

/** What went wrong, without what ethers appends: a request's URL may hold the key of an RPC provider. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "shortMessage" in error ? String(error.shortMessage) : error.message;
}
