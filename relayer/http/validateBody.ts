/** Refuses bodies that no route could make sense of, before a route sees them. */
import type { MiddlewareHandler } from "hono";
import { Problem } from "#service/problem.ts";

const MAX_DEPTH = 32;
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/**
 * Refuses what no route could make sense of: a body that is not JSON in UTF-8, JSON nested deeper than any schema here, and
 * characters that PostgreSQL cannot hold (NUL) or that have no UTF-8 form (half a surrogate pair). What is sent to `streamed`
 * is read as it arrives, by its route.
 */
export function validateBody(streamed: string): MiddlewareHandler {
  return async (c, next) => {
    if (/%00/.test(c.req.url)) throw new Problem(400, "The address contains a NUL (%00).");
    if (c.req.path !== streamed && c.req.method !== "GET" && c.req.method !== "HEAD") {
      const bytes = await c.req.arrayBuffer();
      if (bytes.byteLength > 0) {
        const type = c.req.header("content-type");
        if (type === undefined || !JSON_TYPE.test(type))
          throw new Problem(415, `A body is sent as application/json in UTF-8, not as ${type ?? "something unnamed"}.`);
        // The validators read this text again; from the bytes Hono would have it by way of a Response. What Hono keeps here are
        // promises, whatever its type says.
        c.req.bodyCache.text = Promise.resolve(checkJson(bytes)) as never;
      }
    }
    await next();
  };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body's text. @throws Problem 400 */
function checkJson(bytes: ArrayBuffer): string {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw new Problem(400, error instanceof SyntaxError ? "The body is not JSON." : "The body is not UTF-8.");
  }
  const open: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value === "string") checkText(next.value);
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth > MAX_DEPTH) throw new Problem(400, `The body is nested deeper than ${MAX_DEPTH} levels.`);
    for (const [name, inner] of Object.entries(next.value)) {
      checkText(name);
      open.push({ value: inner, depth: next.depth + 1 });
    }
  }
  return text;
}

function checkText(text: string): void {
  if (text.includes("\0")) throw new Problem(400, "A text in the body contains a NUL (\\u0000).");
  if (!text.isWellFormed()) throw new Problem(400, "A text in the body contains half a surrogate pair.");
}
