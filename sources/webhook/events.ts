/** Webhooks of any sender: whether one is signed with a secret that the brand set. */
import { createHmac } from "node:crypto";
import type { WebhookMapping } from "@partner-programs/protocol/webhookMapping";
import { isSame, isSigned } from "../shop/events.ts";

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
  const { header, prefix } = signature;
  const given = headerOf(header) ?? "";
  return given.startsWith(prefix) && isSigned(body, given.slice(prefix.length).trim(), secrets, signature);
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
    return said.some((one) => isSame(one, right));
  });
}
