/** What every source that is asked over HTTP needs: an answer of bounded size, and words for what went wrong. */

/** An answer's text. @throws Error where it is longer than `maxBytes` */
export async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`sent more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** What went wrong, as the end of a sentence; without what a library appends, which may hold the URL. */
export function describeHttpError(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError") return "did not answer in time";
  if (error instanceof SyntaxError) return "did not send JSON";
  return error instanceof TypeError ? "cannot be reached" : error.message;
}
