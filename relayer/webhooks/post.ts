/** One request to an address that a stranger chose. */
import { codeOf, openRequest } from "./request.ts";

/** Seconds that a webhook's endpoint has, from the name's resolution to the answer's status. */
export const TIMEOUT_SECONDS = 15;

/** What came back: a status, and when to come again if it says so; or why there is none. */
export type Answer = { readonly status: number; readonly retryAfter: string | undefined } | { readonly error: string };

interface Options {
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
  readonly timeoutSeconds?: number;
}

/**
 * Sends a message to an address that a stranger chose. Only https to public addresses, unless `allowPrivate`; no redirect is
 * followed; of the answer only its status and `Retry-After` are read.
 */
export const post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: Options,
): Promise<Answer> => send("POST", url, { ...headers, "content-length": Buffer.byteLength(body) }, body, options);

/** Calls such an address, with nothing but itself and its headers. */
export const ask = (url: string, headers: Readonly<Record<string, string>>, options: Options): Promise<Answer> =>
  send("GET", url, headers, undefined, options);

function send(
  method: "GET" | "POST",
  url: string,
  headers: Readonly<Record<string, string | number>>,
  body: string | undefined,
  { allowPrivate, signal, timeoutSeconds = TIMEOUT_SECONDS }: Options,
): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve({ error: codeOf(error) });
    try {
      const request = openRequest(
        new URL(url),
        {
          allowPrivate,
          method,
          headers,
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
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
