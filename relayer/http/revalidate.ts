/**
 * Answers that are what the asker has already are not sent again (RFC 9110, `ETag` and 304): a browser that polls keeps them by itself,
 * and asks with what it has. For what is read again and again; not for what is written as it is read, which would have to be held whole.
 */
import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";

/** Of these paths answers have hundreds of thousands of lines, and never change much. */
const WRITTEN_AS_READ = /^\/v1\/batches\//;

export const revalidate: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method !== "GET" || c.res.status !== 200 || WRITTEN_AS_READ.test(c.req.path)) return;
  if (!c.res.headers.get("content-type")?.startsWith("application/json") || c.res.headers.has("cache-control")) return;
  const body = await c.res.arrayBuffer();
  const tag = `"${createHash("sha256").update(new Uint8Array(body)).digest("base64url")}"`;
  const { headers } = c.res;
  headers.set("etag", tag);
  // Nobody's answer is another's, and none is shown without asking whether it still is one.
  headers.set("cache-control", "private, no-cache");
  headers.append("vary", "authorization");
  const known = c.req
    .header("if-none-match")
    ?.split(",")
    .map((one) => one.trim().replace(/^W\//, ""));
  const same = known?.includes(tag) ?? false;
  if (same) headers.delete("content-type");
  c.res = undefined;
  c.res = new Response(same ? null : body, { status: same ? 304 : 200, headers });
};
