/** A brand's server keeps the invite in a cookie: a middleware for Express, and the same over Fetch. */
import { PARAMETER, readToken, takeOut, winner } from "./referral.ts";

/** A request as Node, Express and their kin have it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express': the address before a router was mounted. */
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
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
  const { pathname, search, protocol } = new URL(request.url);
  const given = { method: request.method, address: pathname + search, secure: protocol === "https:" };
  const headers = arrive({ ...given, header: (name) => request.headers.get(name) ?? undefined }, options);
  return headers && new Response(null, { status: 302, headers });
}

/** `captureReferral` as a middleware for Express, and for whatever calls `(request, response, next)`. */
export function expressReferral(options: ReferralOptions = {}) {
  return (request: NodeRequest, response: NodeResponse, next: () => void): void => {
    const { method = "GET", headers, socket } = request;
    const address = request.originalUrl ?? request.url ?? "/";
    const header = (name: string) => [headers[name]].flat()[0];
    const answer = arrive({ method, address, secure: socket !== undefined && "encrypted" in socket, header }, options);
    if (answer === undefined) next();
    else response.writeHead(302, answer).end();
  };
}

/** The referral token that the visitor has in its cookie: by `captureReferral`, or by the browser SDK with `cookie`. */
export function referralToken(request: Request | NodeRequest): string | undefined {
  const { headers } = request;
  return inCookie((headers instanceof Headers ? headers.get("cookie") : headers.cookie) as string | null | undefined);
}

interface Arrival {
  readonly method: string;
  /** Path and query. */
  readonly address: string;
  readonly secure: boolean;
  header(name: string): string | undefined;
}

function arrive({ method, address, secure, header }: Arrival, options: ReferralOptions) {
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
  if (reading === undefined || winner(options.touch ?? "first", inCookie(header("cookie")), arrived, now) !== arrived)
    return headers;
  const seconds = Math.min((reading.expiresAt - now) / 1000, options.keepSeconds ?? Number.POSITIVE_INFINITY);
  headers["set-cookie"] = [
    `${PARAMETER}=${arrived}`,
    "Path=/",
    `Max-Age=${Math.ceil(seconds)}`,
    "HttpOnly",
    "SameSite=Lax",
    ...(secure || header("x-forwarded-proto") === "https" ? ["Secure"] : []),
    ...(options.domain === undefined ? [] : [`Domain=${options.domain}`]),
  ].join("; ");
  return headers;
}

function inCookie(cookies: string | null | undefined): string | undefined {
  const found = cookies
    ?.split(/; */)
    .find((one) => one.startsWith(`${PARAMETER}=`))
    ?.slice(PARAMETER.length + 1);
  return readToken(found) && found;
}
