/** A brand's server keeps the invite in a cookie: a middleware for Express, and the same over Fetch. */
import { type HeadersLike, headerOf } from "./headers.ts";
import { inCookies, PARAMETER, readToken, takeOut, winner } from "./referral.ts";

/** A request as Node, Express and their kin have it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express': the address before a router was mounted. */
  readonly originalUrl?: string | undefined;
  readonly headers: HeadersLike;
  /** One of TLS has `encrypted`. */
  readonly socket?: object | undefined;
}

/** The part of Node's response that a redirect needs. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): { end(): unknown };
}

export interface ReferralOptions {
  /** Which invite counts when a visitor comes by several: as the campaign's `attribution.touch` says. First if nothing is said. */
  readonly touch?: "first" | "last";
  /** Keeps a token for so many seconds at most. Without it: until the token itself expires. */
  readonly keepSeconds?: number;
  /** Makes the cookie good for all subdomains of this domain. */
  readonly domain?: string;
}

/**
 * On arrival by an invite: the answer that keeps the token in an HttpOnly cookie and sends the visitor on to the clean address.
 * Undefined: the request brings no token; handle it as ever.
 */
export function captureReferral(request: Request, options: ReferralOptions = {}): Response | undefined {
  check(options);
  const { pathname, search, protocol } = new URL(request.url);
  const { method, headers } = request;
  const answer = arrive({ method, address: pathname + search, secure: protocol === "https:", headers }, options);
  return answer && new Response(null, { status: 302, headers: answer });
}

/** `captureReferral` as a middleware for Express, and for whatever calls `(request, response, next)`. */
export function expressReferral(options: ReferralOptions = {}) {
  check(options);
  return (request: NodeRequest, response: NodeResponse, next: () => void): void => {
    const { method = "GET", headers, socket } = request;
    const address = request.originalUrl ?? request.url ?? "/";
    const secure = socket !== undefined && "encrypted" in socket;
    const answer = arrive({ method, address, secure, headers }, options);
    if (answer === undefined) next();
    else response.writeHead(302, answer).end();
  };
}

/**
 * The referral token that the visitor has in its cookie: by `captureReferral`, or by the browser SDK with `cookie`. Of several
 * cookies (of the host and of its domain; browsers send the older first) the one that counts by `touch`.
 */
export function referralToken(
  { headers }: { readonly headers: HeadersLike },
  options: Pick<ReferralOptions, "touch"> = {},
): string | undefined {
  check(options);
  return inCookie(headers, options.touch);
}

/**
 * The values of `Set-Cookie` that make the visitor's browser forget the invite, as when a consent is withdrawn: an HttpOnly cookie
 * is out of reach for the page's `forget()`. With the `domain` that the cookie was set for.
 */
export function forgetReferral({ domain }: Pick<ReferralOptions, "domain"> = {}): string[] {
  const gone = `${PARAMETER}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`;
  return domain === undefined ? [gone] : [gone, `${gone}; Domain=${domain}`];
}

/** What a typo would silently turn into something else. */
function check({ touch, keepSeconds }: ReferralOptions): void {
  if (touch !== undefined && touch !== "first" && touch !== "last")
    throw new TypeError(`\`touch\` is "${touch}": give "first" or "last", as the campaign's attribution has it.`);
  if (keepSeconds !== undefined && !(keepSeconds > 0))
    throw new TypeError(`\`keepSeconds\` is "${keepSeconds}": give a number of seconds above 0, or leave it out.`);
}

interface Arrival {
  readonly method: string;
  /** Path and query. */
  readonly address: string;
  readonly secure: boolean;
  readonly headers: HeadersLike;
}

function arrive({ method, address, secure, headers: given }: Arrival, options: ReferralOptions) {
  const at = address.indexOf("?");
  if (at < 0 || (method !== "GET" && method !== "HEAD")) return undefined;
  const { token: arrived, rest } = takeOut(address.slice(at));
  if (rest === address.slice(at)) return undefined;
  const headers: Record<string, string> = {
    // Two slashes at the beginning would be another host.
    location: address.slice(0, at).replace(/^[/\\]*/, "/") + rest,
    "cache-control": "no-store",
  };
  const now = Date.now();
  const reading = readToken(arrived, now);
  const { touch = "first" } = options;
  if (reading === undefined || winner(touch, inCookie(given, touch), arrived, now) !== arrived) return headers;
  const seconds = Math.min((reading.expiresAt - now) / 1000, options.keepSeconds ?? Number.POSITIVE_INFINITY);
  headers["set-cookie"] = [
    `${PARAMETER}=${arrived}`,
    "Path=/",
    `Max-Age=${Math.ceil(seconds)}`,
    "HttpOnly",
    "SameSite=Lax",
    ...(secure || /^https\b/i.test(headerOf(given, "x-forwarded-proto") ?? "") ? ["Secure"] : []),
    ...(options.domain === undefined ? [] : [`Domain=${options.domain}`]),
  ].join("; ");
  return headers;
}

function inCookie(headers: HeadersLike, touch: "first" | "last" = "first"): string | undefined {
  return inCookies(headerOf(headers, "cookie") ?? "").reduce<string | undefined>(
    (best, one) => winner(touch, best, one),
    undefined,
  );
}
