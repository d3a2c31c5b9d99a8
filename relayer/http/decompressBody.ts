/** Bodies that come compressed, as the routes read them: bounded by what they become, not by what was sent. */
import type { Context, MiddlewareHandler } from "hono";
import { Problem } from "#service/problem.ts";

const FORMATS: Readonly<Record<string, "gzip" | "deflate">> = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate" };

/** Whatever counts a body's bytes after this counts them unpacked, so that little that becomes much is refused as much is. */
export const decompressBody: MiddlewareHandler = async (c, next) => {
  const encoding = c.req.header("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") unpack(c, encoding);
  await next();
};

/** @throws Problem 415 */
function unpack(c: Context, encoding: string): void {
  const format = FORMATS[encoding];
  if (format === undefined)
    throw new Problem(
      415,
      `A body is sent as it is, or with Content-Encoding gzip or deflate; it came with ${encoding.slice(0, 100)}.`,
    );
  const { body, headers } = c.req.raw;
  if (body === null) return;
  const plain = new Headers(headers);
  // It says how long the packed body is.
  for (const name of ["content-encoding", "content-length"]) plain.delete(name);
  const init = { headers: plain, body: unpacked(body, format), duplex: "half" as const };
  c.req.raw = new Request(c.req.raw, init);
}

function unpacked(body: ReadableStream<Uint8Array>, format: "gzip" | "deflate"): ReadableStream<Uint8Array> {
  const unpacking = new DecompressionStream(format) as ReadableWritablePair<Uint8Array, Uint8Array>;
  const reader = body.pipeThrough(unpacking).getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch {
        controller.error(new Problem(400, `The body is not ${format}, as its Content-Encoding says, or is cut off.`));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
