/** One POST to an address that a stranger chose. */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { checkLiteralHost, lookupPublic } from "./publicAddress.ts";

/** Seconds that a webhook's endpoint has, from the name's resolution to the answer's status. */
export const TIMEOUT_SECONDS = 15;

/** What came back: a status, and when to come again if it says so; or why there is none. */
export type Answer = { readonly status: number; readonly retryAfter: string | undefined } | { readonly error: string };

/**
 * Sends a message to an address that a stranger chose. Only https to public addresses, unless `allowPrivate`; no redirect is
 * followed; of the answer only its status and `Retry-After` are read.
 */
export function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: { readonly allowPrivate: boolean; readonly signal: AbortSignal; readonly timeoutSeconds?: number },
): Promise<Answer> {
  const { allowPrivate, signal, timeoutSeconds = TIMEOUT_SECONDS } = options;
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve({ error: describe(error) });
    try {
      const target = new URL(url);
      if (!allowPrivate) {
        if (target.protocol !== "https:") throw new Error("not https");
        // An address is connected to without being looked up.
        checkLiteralHost(target.hostname);
      }
      const request = (target.protocol === "https:" ? requestHttps : requestHttp)(
        target,
        {
          method: "POST",
          // No connection is kept: the next message looks the name up again.
          agent: false,
          headers: { ...headers, "content-length": Buffer.byteLength(body) },
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
          ...(allowPrivate ? {} : { lookup: lookupPublic }),
        },
        (response) => {
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] });
          response.destroy();
        },
      );
      request.on("error", fail);
      request.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

/** A code rather than a message: what the brand reads should not tell of networks on this side. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError" || error.name === "AbortError") return "TIMEOUT";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
