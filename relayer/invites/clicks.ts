/** Counts clicks in memory and writes them down in bulk, so that no visitor waits for the database. */
import type { Sql } from "#service/database.ts";
import { addClicks, type ClickCount } from "../store/clicks.ts";

const DAY_MILLISECONDS = 86_400_000;
/** Links and days whose clicks can wait to be written: some 20 MB. */
const MAX_WAITING = 100_000;
const MAX_ROWS = 5_000;

/** Counts while they wait to be written. */
type Count = ClickCount & { clicks: number; bots: number };

/** What was followed since the last time it was written. */
export interface ClickCounter {
  count(linkId: string, by: "clicks" | "bots", now: number): void;
  /**
   * Writes what was counted since the last time. What could not be written stays counted. @throws Error if it could not be
   * written, or if clicks were lost because too many links waited.
   */
  flush(): Promise<void>;
}

export function createClickCounter(database: Sql): ClickCounter {
  let waiting = new Map<string, Count>();
  let lost = 0;

  function countFor(map: Map<string, Count>, linkId: string, day: number): Count {
    const key = `${linkId} ${day}`;
    let count = map.get(key);
    if (count === undefined) {
      count = { linkId, day, clicks: 0, bots: 0 };
      map.set(key, count);
    }
    return count;
  }

  return {
    count(linkId, by, now) {
      const day = Math.floor(now / DAY_MILLISECONDS);
      if (waiting.size >= MAX_WAITING && !waiting.has(`${linkId} ${day}`)) lost++;
      else countFor(waiting, linkId, day)[by]++;
    },

    async flush() {
      const counts = [...waiting.values()];
      waiting = new Map();
      try {
        while (counts.length > 0) {
          await addClicks(database, counts.slice(0, MAX_ROWS));
          counts.splice(0, MAX_ROWS);
        }
      } catch (error) {
        for (const { linkId, day, clicks, bots } of counts) {
          const count = countFor(waiting, linkId, day);
          count.clicks += clicks;
          count.bots += bots;
        }
        throw error;
      }
      if (lost > 0) {
        const message = `${lost} clicks were not counted: those of more than ${MAX_WAITING} links waited for the database.`;
        lost = 0;
        throw new Error(message);
      }
    },
  };
}
