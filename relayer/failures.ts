/** What failed in the background, item by item: logged with its name and stack, counted for the metrics, and nobody else waits. */
import { LRUCache } from "lru-cache";
import pMap from "p-map";
import type { Logger } from "pino";
import { describeError, isRetryable } from "#service/errors.ts";

/** So many are told apart; and what has not failed for so long begins anew. */
const MAX_REMEMBERED = 10_000;
const FORGOTTEN_MILLISECONDS = 10 * 60_000;

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
export function createFailures(
  log: Pick<Logger, "info" | "warn" | "error">,
  count: (job: string) => void = () => {},
): Failures {
  /** What fails, by job and item, and how often in a row with this error. */
  const failing = new LRUCache<string, { readonly text: string; times: number }>({
    max: MAX_REMEMBERED,
    ttl: FORGOTTEN_MILLISECONDS,
  });

  /** A round comes each second: what fails in each of them with the same words is logged the 1st, the 10th, the 100th time. */
  function note(job: string, error: unknown, item: Readonly<Record<string, unknown>> = {}): void {
    count(job);
    const { error: text, stack } = describeError(error);
    const name = nameIn(job, item);
    const before = failing.get(name);
    const now = { text, times: before?.text === text ? before.times + 1 : 1 };
    failing.set(name, now);
    if (!/^10*$/.test(String(now.times))) return;
    const said = { job, ...item, error: text, ...(now.times > 1 ? { times: now.times } : {}) };
    // Somebody is away, and that says it all; anything else is a fault, and its stack says where.
    if (isRetryable(error)) log.warn(said, "failed for now; it is tried again");
    else log.error({ ...said, stack }, "failed unexpectedly; it is tried again");
  }

  function noteSuccess(job: string, item: Readonly<Record<string, unknown>>): void {
    const name = nameIn(job, item);
    const before = failing.get(name);
    if (before === undefined) return;
    failing.delete(name);
    log.info({ job, ...item, times: before.times, error: before.text }, "works again");
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
            .then(() => noteSuccess(job, nameOf(item)))
            .catch((error: unknown) => note(job, error, nameOf(item))),
        { concurrency: atOnce },
      );
    },
  };
}

const nameIn = (job: string, item: Readonly<Record<string, unknown>>) => JSON.stringify([job, item], replaceBigInt);
const replaceBigInt = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
