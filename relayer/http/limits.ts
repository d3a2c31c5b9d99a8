/** How many requests one address, one session and one key may make. */
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import { LRUCache } from "lru-cache";
import { Problem } from "#service/problem.ts";
import { networkOf } from "../domain/network.ts";

/** Buckets kept of each kind. The one longest unused is forgotten first: it is the fullest again. */
const MAX_BUCKETS = 50_000;
/** A bucket holds what comes in so many seconds. */
const BURST_SECONDS = 10;

/** Requests per second of one address, one session and one key; 0: without limit. */
export interface Rates {
  readonly signIn: number;
  readonly address: number;
  readonly session: number;
  readonly key: number;
}

/** What is left in a bucket after a request, and how many seconds until the next request would pass. */
export interface Allowance {
  readonly allowed: boolean;
  readonly left: number;
  readonly retryAfter: number;
}

/** Token buckets of one kind, in memory. A process counts for itself: several let as many times more pass. */
export interface Buckets {
  readonly burst: number;
  take(key: string, now: number): Allowance;
  giveBack(key: string): void;
  readonly size: number;
}

export function createBuckets(perSecond: number, max = MAX_BUCKETS): Buckets {
  const burst = Math.max(1, Math.ceil(perSecond * BURST_SECONDS));
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max });
  return {
    burst,
    get size() {
      return buckets.size;
    },
    take(key, now) {
      const known = buckets.get(key);
      // A clock that was set back gives nothing and takes nothing.
      const grown = known === undefined ? burst : known.tokens + (Math.max(0, now - known.at) / 1000) * perSecond;
      const tokens = Math.min(burst, grown);
      const allowed = tokens >= 1;
      const left = allowed ? tokens - 1 : tokens;
      buckets.set(key, { tokens: left, at: now });
      return { allowed, left: Math.floor(left), retryAfter: Math.max(1, Math.ceil((1 - left) / perSecond)) };
    },
    giveBack(key) {
      const known = buckets.peek(key);
      if (known !== undefined) known.tokens = Math.min(burst, known.tokens + 1);
    },
  };
}

/**
 * Limits requests by who makes them. Every request first takes from the bucket of its address, and gets that back when it shows
 * a good credential: then the bucket of its key or session counts. So guessing credentials is counted by address, and a brand's
 * server is not held up by its neighbours behind the same address.
 */
export function limitRates(rates: Rates, trustedProxies: number): MiddlewareHandler {
  const rate = { "sign-in": rates.signIn, address: rates.address, session: rates.session, key: rates.key };
  // A cache has its whole size from the beginning: where nothing is limited there is none.
  const bucketsOf = (perSecond: number) => (perSecond === 0 ? undefined : createBuckets(perSecond));
  const buckets = {
    "sign-in": bucketsOf(rates.signIn),
    address: bucketsOf(rates.address),
    session: bucketsOf(rates.session),
    key: bucketsOf(rates.key),
  };

  function take(c: Context, kind: keyof typeof buckets, id: string): void {
    const limited = buckets[kind];
    if (limited === undefined) return;
    const taken = limited.take(id, Date.now());
    // As draft-ietf-httpapi-ratelimit-headers has them.
    c.header("ratelimit-policy", `"${kind}";q=${limited.burst};w=${BURST_SECONDS}`);
    c.header("ratelimit", `"${kind}";r=${taken.left};t=${taken.retryAfter}`);
    if (taken.allowed) return;
    c.header("retry-after", String(taken.retryAfter));
    throw new Problem(
      429,
      `More than ${rate[kind]} requests a second (${kind}). Send the next in ${taken.retryAfter} seconds.`,
    );
  }

  return async (c, next) => {
    const address = networkOf(clientAddress(c, trustedProxies));
    const kind = c.req.path.startsWith("/v1/auth/") ? "sign-in" : "address";
    take(c, kind, address);
    let counted = false;
    c.set("identified", (who, id) => {
      if (counted) return;
      counted = true;
      buckets[kind]?.giveBack(address);
      take(c, who, id);
    });
    await next();
  };
}

/**
 * The address that a request comes from: the connection's, or with so many trusted proxies in front the one that the
 * outermost of them noted in X-Forwarded-For. What stands before that in the header is the client's own word.
 */
export function clientAddress(c: Context, trustedProxies: number): string {
  const connection = "incoming" in (c.env ?? {}) ? getConnInfo(c).remote.address : undefined;
  const hops = (c.req.header("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  const noted = trustedProxies > 0 ? hops[hops.length - trustedProxies] : undefined;
  return noted || connection || "unknown";
}
