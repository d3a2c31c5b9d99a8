/**
 * A GET that survives what is not the server's answer. Asking again does no harm, and a connection that was kept open may have been
 * closed by the other side a moment ago: a process that was busy for some seconds learns of that only from its next request.
 */

/** At once: a connection that was closed says nothing of its server. Several may have been kept open, and be closed by now. */
export const AT_ONCE = [0, 0, 0, 0];
const PAUSES = [...AT_ONCE, 250, 500, 1_000, 2_000];
/** All of an answer has to be there within this time. */
const MAX_MILLISECONDS = 300_000;

/** Nobody answered; the message says what became of the last try. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/**
 * Asks until somebody answers. A server that is busy or starting (5xx, 429) is asked again, too; its last answer is the answer.
 * @param pauses before further tries, in milliseconds; as many as there are
 * @throws NoAnswer
 */
export async function get(
  url: URL | string,
  init: Omit<RequestInit, "method" | "body"> = {},
  pauses: readonly number[] = PAUSES,
): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const last = attempt === pauses.length;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(MAX_MILLISECONDS), ...init });
      if (last || (response.status < 500 && response.status !== 429)) return response;
      await response.body?.cancel();
    } catch (error) {
      if (last || init.signal?.aborted === true) throw new NoAnswer(`${url} does not answer: ${reasonOf(error)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauses[attempt]));
  }
}

/** What fetch says is always the same; what happened stands in what caused it. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause === undefined ? message : `${message} (${cause.code ?? cause.message})`;
}
