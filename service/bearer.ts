/** Requests that bring one fixed secret: a token of the configuration. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";

/** Whether a request's `Authorization` is this bearer token, in a time that tells nothing of where the two differ. */
export function bringsToken(c: Context, token: string): boolean {
  return timingSafeEqual(sha256(c.req.header("authorization") ?? ""), sha256(`Bearer ${token}`));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest();
