/** Webhooks of any sender: whether one is signed with a secret that the brand set. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { WebhookMapping } from "@partner-programs/protocol/webhookMapping";

/** How far the clock of a sender that signs the time may be off, as Standard Webhooks advises. */
const TOLERANCE_SECONDS = 300;
const MAX_SIGNATURES = 8;
const MIN_KEY_BYTES = 16;

/** Whether the body is signed as the description says, with one of the secrets. `now`: milliseconds. */
export function isSignedBy(
  signature: WebhookMapping["signature"],
  body: string,
  headerOf: (name: string) => string | undefined,
  secrets: readonly string[],
  now: number,
): boolean {
  if (signature === "standard-webhooks") return isStandard(body, headerOf, secrets, now);
  const { header, algorithm, encoding, prefix } = signature;
  const given = headerOf(header) ?? "";
  if (!given.startsWith(prefix)) return false;
  const said = Buffer.from(given.slice(prefix.length).trim(), encoding);
  return secrets.some((secret) => equal(said, createHmac(algorithm, secret).update(body).digest()));
}

/** https://www.standardwebhooks.com: HMAC-SHA256 of id, time and body; a secret of `whsec_` is the rest of it in Base64. */
function isStandard(
  body: string,
  headerOf: (name: string) => string | undefined,
  secrets: readonly string[],
  now: number,
): boolean {
  const [id, timestamp] = [headerOf("webhook-id"), headerOf("webhook-timestamp") ?? ""];
  if (!id || !/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS)
    return false;
  const said = (headerOf("webhook-signature") ?? "")
    .split(" ", MAX_SIGNATURES)
    .flatMap((one) => (one.startsWith("v1,") ? [Buffer.from(one.slice(3), "base64")] : []));
  return secrets.some((secret) => {
    const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : secret;
    // A secret that was copied as stars is no key: with it anybody could sign.
    if (key.length < MIN_KEY_BYTES) return false;
    const right = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
    return said.some((one) => equal(one, right));
  });
}

const equal = (one: Buffer, other: Buffer) => one.length === other.length && timingSafeEqual(one, other);
