import type { Database } from "../server/database.ts";
import { newClickId, signReferral } from "./domain/referralToken.ts";

const REMEMBERED_MILLISECONDS = 5_000;
const MOST_REMEMBERED = 50_000;

/** The invite links' way from click to destination. */
export interface Invites {
  /** Where a click on `code` leads, with a signed referral token; undefined if there is no such code. Counts the click. */
  follow(code: string, now: number): Promise<string | undefined>;
  /** Writes the clicks counted since the last time, all at once. */
  flushClicks(): Promise<void>;
}

export function createInvites(database: Database, secret: string): Invites {
  const destinations = new Map<string, { destination: string | undefined; until: number }>();
  let clicks = new Map<string, number>();

  async function destinationOf(code: string, now: number): Promise<string | undefined> {
    const known = destinations.get(code);
    if (known !== undefined && now < known.until) return known.destination;
    const [row] = await database.query<{ destination: string }>(
      `SELECT descriptions_in_force.body::jsonb ->> 'destination' AS destination FROM partnerships
       JOIN descriptions_in_force ON descriptions_in_force.campaign_id = partnerships.campaign_id
       WHERE partnerships.code = $1`,
      [code],
    );
    // Bounded: a flood of made-up codes forgets the cache, and no more.
    if (destinations.size >= MOST_REMEMBERED) destinations.clear();
    destinations.set(code, { destination: row?.destination, until: now + REMEMBERED_MILLISECONDS });
    return row?.destination;
  }

  return {
    async follow(code, now) {
      const destination = await destinationOf(code, now);
      if (destination === undefined) return undefined;
      clicks.set(code, (clicks.get(code) ?? 0) + 1);
      const url = new URL(destination);
      url.searchParams.set("_ushrt", signReferral(secret, { code, clickedAt: now, clickId: newClickId() }));
      return url.href;
    },

    async flushClicks() {
      if (clicks.size === 0) return;
      const counted = clicks;
      clicks = new Map();
      try {
        await database.query(
          `UPDATE partnerships SET clicks = partnerships.clicks + counted.clicks
           FROM unnest($1::text[], $2::bigint[]) AS counted (code, clicks) WHERE partnerships.code = counted.code`,
          [[...counted.keys()], [...counted.values()].map(String)],
        );
      } catch (error) {
        for (const [code, count] of counted) clicks.set(code, (clicks.get(code) ?? 0) + count);
        throw error;
      }
    },
  };
}
