/** Requests that bring one fixed secret: a token of the configuration. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import type { Rotating } from "./rotating.ts";

/**
 * Whether a request's `Authorization` is this bearer token, or one that it replaces and that is good until later than `now`, in a time
 * that tells nothing of where they differ.
 */
export function bringsToken(c: Context, { current, retired }: Rotating, now = Date.now()): boolean {
  const given = sha256(c.req.header("authorization") ?? "");
  const good = [current, ...retired.filter(({ until }) => now < until).map(({ secret }) => secret)];
  // Each is compared, whether one before it was right or not.
  return good.map((token) => timingSafeEqual(given, sha256(`Bearer ${token}`))).includes(true);
}

const sha256 = (text: string) => createHash("sha256").update(text).digest();
