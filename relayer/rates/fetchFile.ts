/** A GET of a small file at an address that a stranger chose: a description names it. */
import { MAX_RATE_FILE_BYTES } from "@partner-programs/protocol/rateFile";
import { checkName } from "../webhooks/publicAddress.ts";
import { codeOf, openRequest } from "../webhooks/request.ts";

const TIMEOUT_MILLISECONDS = 10_000;

/** The text; or why there is none, as the end of a sentence that everybody may read. */
export type Fetched = { readonly text: string; readonly problem?: undefined } | { readonly problem: string };

/**
 * Only https to public addresses, unless `allowPrivate`; no redirect is followed, and of a longer answer nothing is taken. What went wrong
 * is told without what it says of networks on this side.
 */
export function fetchFile(
  address: string,
  {
    allowPrivate,
    timeoutMilliseconds = TIMEOUT_MILLISECONDS,
  }: { readonly allowPrivate: boolean; readonly timeoutMilliseconds?: number | undefined },
): Promise<Fetched> {
  return new Promise((resolve) => {
    const fail = (problem: string) => resolve({ problem });
    try {
      const url = new URL(address);
      if (!allowPrivate) {
        if (url.protocol !== "https:") return fail("is not at an https address");
        checkName(url.hostname);
      }
      const request = openRequest(
        url,
        {
          allowPrivate,
          headers: { accept: "application/json" },
          signal: AbortSignal.timeout(timeoutMilliseconds),
        },
        (response) => {
          const pieces: Buffer[] = [];
          let size = 0;
          if (response.statusCode !== 200) {
            response.destroy();
            return fail(`is not there: its address answered ${response.statusCode}`);
          }
          response.on("data", (piece: Buffer) => {
            size += piece.length;
            pieces.push(piece);
            if (size <= MAX_RATE_FILE_BYTES) return;
            response.destroy();
            fail(`has more than ${MAX_RATE_FILE_BYTES} bytes`);
          });
          response.on("end", () => resolve({ text: Buffer.concat(pieces).toString("utf8") }));
          response.on("error", () => fail("broke off while it was fetched"));
        },
      );
      request.on("error", (error) => fail(`cannot be fetched (${codeOf(error)})`));
      request.end();
    } catch (error) {
      fail(`cannot be fetched (${codeOf(error)})`);
    }
  });
}
