/** Webhooks of shops: whether one is the shop's. */
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether a body was signed with one of the secrets: HMAC-SHA256, in Base64. Nothing beside the body is signed, neither a time nor
 * a header: an old body may come again, and changes nothing.
 */
export function isSigned(body: string, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature, "base64");
  return secrets.some((secret) => {
    const right = createHmac("sha256", secret).update(body).digest();
    return given.length === right.length && timingSafeEqual(given, right);
  });
}
