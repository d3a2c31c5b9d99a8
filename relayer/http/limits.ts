/** How many requests one address, one session and one key may make. */
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import { LRUCache } from "lru-cache";
import { Problem } from "#service/problem.ts";
import { addressIn, forwardedFor, networkOf } from "../domain/network.ts";
import type { FaceSettings } from "./context.ts";

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
export function limitRates(rates: Rates, proxies: Proxies): MiddlewareHandler {
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
    const address = networkOf(clientAddress(c, proxies) ?? connectionAddress(c) ?? "unknown");
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

/** The proxies in front, and the header that they write. */
export type Proxies = Partial<Pick<FaceSettings, "TRUST_PROXY" | "TRUST_PROXY_HEADER">>;

/**
 * The address that a request comes from: the connection's, or with so many trusted proxies in front the one that the outermost of
 * them noted. What stands before that in the header is the client's own word, and so is all of the header that they do not write.
 * Undefined if they noted no address: then who it is is not known.
 */
export function clientAddress(c: Context, { TRUST_PROXY = 0, TRUST_PROXY_HEADER }: Proxies): string | undefined {
  if (TRUST_PROXY === 0) return connectionAddress(c);
  const header = c.req.header(TRUST_PROXY_HEADER ?? "x-forwarded-for") ?? "";
  const noted =
    TRUST_PROXY_HEADER === "forwarded"
      ? forwardedFor(header, TRUST_PROXY)[TRUST_PROXY - 1]
      : header.split(",").at(-TRUST_PROXY);
  return noted === undefined ? undefined : addressIn(noted);
}

function connectionAddress(c: Context): string | undefined {
  return "incoming" in (c.env ?? {}) ? getConnInfo(c).remote.address : undefined;
}
