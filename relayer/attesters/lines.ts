/** The lines of a batch from the attesters that signed it: public data, which whoever reads checks against the batch's root. */
import { LINE_BYTES } from "@partner-programs/protocol/line";
import type { Logger } from "pino";

/** Asks for the packed lines of a batch; undefined: nobody answers with as many bytes as it has lines. */
export type FetchLines = (digest: string, lineCount: number) => Promise<Uint8Array | undefined>;

const TIMEOUT_MILLISECONDS = 60_000;

/** `urls`: attesters, asked one after the other. */
export function createLineSource(urls: readonly string[], log?: Pick<Logger, "warn">): FetchLines {
  return async (digest, lineCount) => {
    for (const url of urls) {
      try {
        const response = await fetch(new URL(`/v1/batches/${digest}/lines`, url), {
          signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
        });
        if (response.ok) {
          const bytes = await readExactly(response, lineCount * LINE_BYTES);
          if (bytes !== undefined) return bytes;
          log?.warn({ attester: url, batch: digest }, "an attester gives another number of lines than was signed");
        } else await response.body?.cancel();
      } catch (error) {
        log?.warn({ attester: url, batch: digest, error: String(error) }, "an attester gives no lines");
      }
    }
    return undefined;
  };
}

/** The body, if it has just so many bytes: one that goes on is not read on. */
async function readExactly(response: Response, length: number): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const piece of response.body ?? []) {
    if (at + piece.length > length) return undefined;
    bytes.set(piece, at);
    at += piece.length;
  }
  return at === length ? bytes : undefined;
}
