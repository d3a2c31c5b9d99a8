/** What failed in the background, item by item: logged with its name and stack, counted for the metrics, and nobody else waits. */
import pMap from "p-map";
import type { Logger } from "pino";
import { describeError, isRetryable } from "#service/errors.ts";

export interface Failures {
  /** Notes that a job failed, as a whole or, with `item`, for this one. */
  note(job: string, error: unknown, item?: Readonly<Record<string, unknown>>): void;
  /**
   * Works on each item of a job, so many at once. One that fails, whatever the error, is noted by the name that `nameOf` gives it,
   * and the others go on: it is found due again in the next round.
   */
  eachItem<Item>(
    job: string,
    items: readonly Item[],
    nameOf: (item: Item) => Readonly<Record<string, unknown>>,
    work: (item: Item) => Promise<unknown>,
    atOnce?: number,
  ): Promise<void>;
}

/** `count` hears of each failure: the metrics. */
export function createFailures(log: Pick<Logger, "warn" | "error">, count: (job: string) => void = () => {}): Failures {
  function note(job: string, error: unknown, item: Readonly<Record<string, unknown>> = {}): void {
    count(job);
    const { error: text, stack } = describeError(error);
    // Somebody is away, and that says it all; anything else is a fault, and its stack says where.
    if (isRetryable(error)) log.warn({ job, ...item, error: text }, "failed for now; it is tried again");
    else log.error({ job, ...item, error: text, stack }, "failed unexpectedly; it is tried again");
  }

  return {
    note,
    async eachItem(job, items, nameOf, work, atOnce = 1) {
      await pMap(
        items,
        (item) =>
          // Also an error that is thrown before there is a promise is the item's.
          Promise.resolve(item)
            .then(work)
            .catch((error: unknown) => note(job, error, nameOf(item))),
        { concurrency: atOnce },
      );
    },
  };
}
