/** A webhook's message: its types, its signature, and when it is sent again. */
import { createHmac } from "node:crypto";
import type { ConversionState } from "../store/conversionRow.ts";

/** Of conversions: one came into a state. */
export const CONVERSION_EVENTS = [
  "conversion.accepted",
  "conversion.rejected",
  "conversion.review",
  "conversion.batched",
  "conversion.attested",
  "conversion.released",
  "conversion.reversed",
] as const;

/** Of what else a brand would want to hear. */
export const NEWS_EVENTS = [
  "lead.registered",
  "lead.qualified",
  "lead.rejected",
  "lead.lapsed",
  "lead.won",
  "lead.lost",
  "target.reached",
  "application.received",
  "partner.joined",
  "campaign.budget_low",
  "campaign.set_aside",
  "review.waiting",
] as const;

/** What a webhook tells of. */
export const EVENTS = [...CONVERSION_EVENTS, ...NEWS_EVENTS] as const;

export const eventOf = (state: ConversionState): (typeof CONVERSION_EVENTS)[number] => `conversion.${state}`;

/** The headers of a message as Standard Webhooks has them, with a signature of each secret. `timestamp` in Unix seconds. */
export function signedHeaders(
  id: string,
  timestamp: number,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures.join(" "),
    "content-type": "application/json",
    "user-agent": "partner-programs-relayer",
  };
}

/** Seconds after the first, second, … failed attempt: what Standard Webhooks recommends, over three days. */
const PAUSES = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const JITTER = 0.2;

/** The statuses whose `Retry-After` says when an endpoint wants to be asked again, and for how long it may put us off. */
const BUSY = [429, 503];
const MAX_WAIT_SECONDS = 86_400;

/** Seconds that a busy endpoint asks for, at most a day: a number, or a date. `now` in milliseconds since 1970. */
export function waitAsked(status: number, retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined || !BUSY.includes(status)) return 0;
  const seconds = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1000;
  return Number.isNaN(seconds) ? 0 : Math.min(Math.max(0, seconds), MAX_WAIT_SECONDS);
}

/** Seconds until the next attempt after `attempts` failed ones; undefined: it was the last. `chance` in [0, 1). */
export function pauseAfter(attempts: number, chance: number): number | undefined {
  const pause = PAUSES[attempts - 1];
  return pause === undefined ? undefined : pause * (1 + JITTER * (2 * chance - 1));
}
