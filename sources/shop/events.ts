/** Webhooks that are signed by an HMAC of their body, as shops' are: whether one is its sender's. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** How a sender signs: what is said of the HMAC of a body in a header. */
interface Signing {
  readonly algorithm: "sha1" | "sha256" | "sha512";
  readonly encoding: "hex" | "base64";
}

const AS_SHOPS: Signing = { algorithm: "sha256", encoding: "base64" };

/**
 * Whether a body was signed with one of the secrets: by an HMAC, of SHA-256 and in Base64 unless it is said otherwise. Nothing beside the body is
 * signed, neither a time nor a header: an old body may come again, and changes nothing.
 */
export function isSigned(
  body: string,
  signature: string,
  secrets: readonly string[],
  { algorithm, encoding }: Signing = AS_SHOPS,
): boolean {
  const given = Buffer.from(signature, encoding);
  return secrets.some((secret) => isSame(given, createHmac(algorithm, secret).update(body).digest()));
}

/** In a time that does not tell where they differ. */
export const isSame = (one: Buffer, other: Buffer) => one.length === other.length && timingSafeEqual(one, other);
