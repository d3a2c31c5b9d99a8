/**
 * What was read lately, so that what many ask for is read once in five seconds. By hand: a look-up stands in every redirect, and a
 * Map's costs less than half of a library's, which would bring neither the limits here nor the old answers.
 */
import { RetryableError } from "#service/errors.ts";

const FRESH_MILLISECONDS = 5_000;
/** When the database does not answer, what was known so long ago is better than nothing. */
const STALE_MILLISECONDS = 600_000;
const MAX_FOUND = 50_000;
const MAX_MISSING = 10_000;
const MAX_UNDER_WAY = 1_000;

/** Too many reads wait for the database to begin another one. */
export class TooManyReads extends RetryableError {
  override readonly name = "TooManyReads";
}

export interface Cache<T> {
  /** What is known for sure, at once. */
  recall(key: string, now: number): T | undefined;
  /** What is known or, if need be, is read now: once for all who ask at the same time. */
  find(key: string, now: number): Promise<T | undefined>;
}

/**
 * Keeps what `read` finds. Keys that do not exist are kept apart, so that a flood of made-up ones pushes nothing out
 * that exists. `onStale` hears of a failed read whose answer was an old one.
 */
export function createCache<T>(
  read: (key: string) => Promise<T | undefined>,
  onStale: (error: unknown) => void,
): Cache<T> {
  const found = new Map<string, { readonly value: T; readonly readAt: number }>();
  const missing = new Map<string, number>();
  const underWay = new Map<string, Promise<T | undefined>>();

  function keep<V>(map: Map<string, V>, key: string, value: V, max: number) {
    // Last in the map is latest read, first is the one to forget.
    map.delete(key);
    if (map.size >= max) map.delete(map.keys().next().value as string);
    map.set(key, value);
  }

  /** What was known, if not too long ago to be given when the database does not answer. */
  function old(key: string, now: number): T | undefined {
    const known = found.get(key);
    return known !== undefined && now - known.readAt < STALE_MILLISECONDS ? known.value : undefined;
  }

  async function load(key: string, now: number): Promise<T | undefined> {
    try {
      const value = await read(key);
      if (value === undefined) {
        found.delete(key);
        keep(missing, key, now, MAX_MISSING);
      } else {
        missing.delete(key);
        keep(found, key, { value, readAt: now }, MAX_FOUND);
      }
      return value;
    } catch (error) {
      const value = old(key, now);
      if (value === undefined) throw error;
      onStale(error);
      return value;
    } finally {
      underWay.delete(key);
    }
  }

  const recall = (key: string, now: number): T | undefined => {
    const known = found.get(key);
    return known !== undefined && now - known.readAt < FRESH_MILLISECONDS ? known.value : undefined;
  };

  return {
    recall,
    async find(key, now) {
      const known = recall(key, now);
      if (known !== undefined) return known;
      const missedAt = missing.get(key);
      if (missedAt !== undefined && now - missedAt < FRESH_MILLISECONDS) return undefined;
      const running = underWay.get(key);
      if (running !== undefined) return running;
      if (underWay.size >= MAX_UNDER_WAY) {
        const value = old(key, now);
        if (value !== undefined) return value;
        throw new TooManyReads(`${MAX_UNDER_WAY} invites are being looked up. Try again in a moment.`);
      }
      const started = load(key, now);
      underWay.set(key, started);
      return started;
    },
  };
}
