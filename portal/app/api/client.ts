/** How pages ask the relayer: by the paths and types of its OpenAPI document. */
import createClient, { type Client, type Middleware } from "openapi-fetch";
import { config } from "../config.ts";
import type { paths } from "./schema.d.ts";

/** The relayer said no: the status, and the problem's own words (RFC 9457). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** Whether the relayer is not there, or cannot do its work: what is on the chain goes on without it. */
export const isAway = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500);

const refusals: Middleware = {
  onError({ request }) {
    const { origin } = new URL(request.url);
    return new ApiError(0, `The relayer at ${origin} does not answer. Check your connection; nothing was changed.`);
  },
  async onResponse({ request, response }) {
    if (response.ok) return;
    const problem = (await response.json().catch(() => ({}))) as { detail?: string };
    const asked = `${request.method} ${new URL(request.url).pathname}`;
    throw new ApiError(response.status, problem.detail ?? `The relayer answers ${response.status} to ${asked}.`);
  },
};

/** A relayer that takes longer is not there. */
const ANSWERS_WITHIN_MS = 30_000;

/** Files are as long as they are: of them alone nobody knows when they should be there. */
const patiently = (request: Request): Promise<Response> =>
  new URL(request.url).pathname.endsWith(".csv")
    ? fetch(request)
    : fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]) });

let client: Client<paths> | undefined;

/** Throws an `ApiError` where the relayer refuses, so that there is always an answer (see `answer`). */
export function relayer(): Client<paths> {
  if (client === undefined) {
    client = createClient<paths>({ baseUrl: new URL(config().apiUrl).origin, fetch: patiently });
    client.use(refusals);
  }
  return client;
}

/** What the relayer answered. @throws ApiError */
export async function answer<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}

/** Who asks: a session's token, or a secret key. */
export const as = (token: string) => ({ authorization: `Bearer ${token}` });
