/** A request to an address that a stranger chose. */
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { checkLiteralHost, lookupPublic } from "./publicAddress.ts";

/** Only https to public addresses, unless `allowPrivate`; no redirect is followed, and no connection is kept: the next request looks the name up again. @throws Error */
export function openRequest(
  url: URL,
  { allowPrivate, ...options }: RequestOptions & { readonly allowPrivate: boolean },
  answered: (response: IncomingMessage) => void,
): ClientRequest {
  if (!allowPrivate) {
    if (url.protocol !== "https:") throw new Error("not https");
    // An address is connected to without being looked up.
    checkLiteralHost(url.hostname);
  }
  return (url.protocol === "https:" ? requestHttps : requestHttp)(
    url,
    { ...options, agent: false, ...(allowPrivate ? {} : { lookup: lookupPublic }) },
    answered,
  );
}

/** A code rather than a message: what strangers read should not tell of networks on this side. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError" || error.name === "AbortError") return "TIMEOUT";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
