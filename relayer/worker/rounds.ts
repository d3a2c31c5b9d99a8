/** Runs the relayer's background work in rounds, for as long as the process lives. */
import { askedFor } from "#service/chain/rpc.ts";
import type { Failures } from "../failures.ts";
import { DeepReorganisation } from "./index.ts";

/** One of the relayer's background jobs: looks at the database for what is due and moves it one state on. */
export interface Job {
  readonly name: string;
  /** Every process does it; without this, of several on one database only the one that leads. */
  readonly everywhere?: true;
  run(): Promise<unknown>;
}

/** The relayer's background work. */
export interface Worker {
  /** Ends after the round that is under way. */
  stop(): Promise<void>;
  /** Settles with an error when the worker cannot go on. */
  readonly done: Promise<void>;
}

/**
 * Runs rounds of jobs, in their order, until stopped. `lead` says whether this process leads. There is no queue that could
 * disagree with the states in the database, so a restart simply goes on. A failed job is tried again in the next round.
 */
export function startWorker(
  jobs: readonly Job[],
  lead: () => Promise<boolean>,
  pauseMilliseconds: number,
  failures: Pick<Failures, "note">,
): Worker {
  let stopping = false;
  let wake = () => {};

  async function run() {
    while (!stopping) {
      const leading = await lead().catch((error: unknown) => {
        failures.note("lead", error);
        return false;
      });
      for (const job of jobs) {
        if (stopping) break;
        if (!leading && job.everywhere === undefined) continue;
        try {
          await askedFor(job.name, () => job.run());
        } catch (error) {
          if (error instanceof DeepReorganisation) throw error;
          failures.note(job.name, error);
        }
      }
      if (stopping) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMilliseconds);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
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
