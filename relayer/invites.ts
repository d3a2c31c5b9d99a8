/** Invite links: from a name that somebody follows to the place that it leads to, and the count of those who did. */
import { createSecretKey } from "node:crypto";
import { readDescription } from "@partner-programs/protocol/description";
import type { Logger } from "pino";
import type { Database } from "#service/database.ts";
import type { Visitor } from "./domain/bots.ts";
import { carryOn, destinationOf, type Way, wayTo } from "./domain/destination.ts";
import { newClickId, signReferral } from "./domain/referralToken.ts";
import { createCache } from "./invites/cache.ts";
import { createClickCounter } from "./invites/clicks.ts";
import { findLink } from "./store/links.ts";

/** A link as a click needs it. */
export interface Invite extends Way {
  readonly linkId: string;
  readonly code: string;
  readonly windowMilliseconds: number;
}

/** The invite links' way from click to destination. */
export interface Invites {
  /** The link behind a code or alias, if it was followed within the last seconds: without waiting. */
  recall(name: string, now: number): Invite | undefined;
  /** The link behind a code or alias; undefined if there is none, or its campaign's description is not known here. */
  find(name: string, now: number): Promise<Invite | undefined>;
  /**
   * Where a visitor of `invite` is sent, with the query that it came with (`a=1&b=2`), and counts the visit. People take a referral
   * token along, bots do not.
   */
  lead(invite: Invite, visitor: Visitor, now: number, query?: string): string;
  /** Writes the clicks counted since the last time, all at once. */
  flushClicks(): Promise<void>;
}

/** `log` hears of reads that failed and were answered from the cache. */
export function createInvites(database: Database, secret: string, log?: Pick<Logger, "warn">): Invites {
  const key = createSecretKey(Buffer.from(secret));
  const clicks = createClickCounter(database);
  const cache = createCache(
    (name) => lookUp(database, name),
    (error) => log?.warn({ error: String(error) }, "an invite could not be read; an earlier answer was given"),
  );

  return {
    ...cache,
    lead(invite, visitor, now, query = "") {
      const { linkId, code, windowMilliseconds } = invite;
      const { plain, before, after } = query === "" ? invite : carryOn(invite, query);
      clicks.count(linkId, visitor === "person" ? "clicks" : "bots", now);
      // A bot keeps or shows what it gets: with a token in it, everybody who comes that way would be this partner's customer. A
      // prefetched page is what a person then sees, so it has one.
      if (visitor === "bot") return plain;
      const expiresAt = now + windowMilliseconds;
      return before + signReferral(key, { code, clickedAt: now, expiresAt, clickId: newClickId() }) + after;
    },
    flushClicks: () => clicks.flush(),
  };
}

async function lookUp(database: Database, name: string): Promise<Invite | undefined> {
  const row = await findLink(database, name);
  const description = row?.body == null ? undefined : readDescription(row.body).description;
  if (row === undefined || description === undefined) return undefined;
  return {
    linkId: String(row.id),
    code: row.code,
    windowMilliseconds: description.attribution.windowSeconds * 1000,
    // Looked at again here: the description may have changed since the partner gave the path.
    ...wayTo(destinationOf(row.path, description)),
  };
}
