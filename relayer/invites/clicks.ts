import type { Sql } from "#service/database.ts";

const DAY_MILLISECONDS = 86_400_000;
/** Links and days whose clicks can wait to be written: some 20 MB. */
const MOST_WAITING = 100_000;
const ROWS_AT_ONCE = 5_000;

interface Count {
  readonly linkId: string;
  /** Since 1970. */
  readonly day: number;
  clicks: number;
  bots: number;
}

/** Counts clicks in memory and writes them down in bulk, so that no visitor waits for the database. */
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

  async function write(counts: readonly Count[]): Promise<void> {
    await database.query(
      // Joined, so that a link that is gone does not stop the others' clicks; ordered, so that two relayers cannot deadlock.
      `INSERT INTO link_clicks (link_id, day, clicks, bots)
       SELECT links.id, date '1970-01-01' + counted.day, counted.clicks, counted.bots
       FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[]) AS counted (link_id, day, clicks, bots)
       JOIN links ON links.id = counted.link_id ORDER BY 1, 2
       ON CONFLICT (link_id, day) DO UPDATE SET clicks = link_clicks.clicks + excluded.clicks, bots = link_clicks.bots + excluded.bots`,
      [
        counts.map(({ linkId }) => linkId),
        counts.map(({ day }) => day),
        counts.map(({ clicks }) => String(clicks)),
        counts.map(({ bots }) => String(bots)),
      ],
    );
  }

  return {
    count(linkId, by, now) {
      const day = Math.floor(now / DAY_MILLISECONDS);
      if (waiting.size >= MOST_WAITING && !waiting.has(`${linkId} ${day}`)) lost++;
      else countFor(waiting, linkId, day)[by]++;
    },

    async flush() {
      const counts = [...waiting.values()];
      waiting = new Map();
      try {
        while (counts.length > 0) {
          await write(counts.slice(0, ROWS_AT_ONCE));
          counts.splice(0, ROWS_AT_ONCE);
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
        const message = `${lost} clicks were not counted: those of more than ${MOST_WAITING} links waited for the database.`;
        lost = 0;
        throw new Error(message);
      }
    },
  };
}
