/** Which secrets sign referral tokens: one of now, and those before it, whose tokens count until they expire. */
import { type Referral, verifyReferral } from "./referralToken.ts";

export interface ReferralSecrets {
  /** What signs. */
  readonly current: string;
  readonly retired: readonly RetiredSecret[];
}

interface RetiredSecret {
  readonly secret: string;
  /** What was followed later was not signed by it: milliseconds since 1970. */
  readonly until: number;
}

const MIN_CHARACTERS = 32;
const UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/;

/** Reads `new,old@2026-12-01T12:00:00Z,…`. @throws Error that names no secret */
export function readReferralSecrets(text: string): ReferralSecrets {
  const [current = "", ...before] = text.split(",").map((part) => part.trim());
  if (current.length < MIN_CHARACTERS)
    throw new Error(`the first secret must have ${MIN_CHARACTERS} characters or more`);
  const retired = before.map((part, i) => {
    // The last one: a secret may have one of its own.
    const at = part.lastIndexOf("@");
    const [secret, time] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)];
    const until = UTC.test(time) ? Date.parse(time) : Number.NaN;
    if (at < 0 || Number.isNaN(until))
      throw new Error(`secret ${i + 2} must end with @ and when it was replaced, as in @2026-12-01T12:00:00Z`);
    if (secret.length < MIN_CHARACTERS)
      throw new Error(`secret ${i + 2} must have ${MIN_CHARACTERS} characters or more before its @`);
    return { secret, until };
  });
  return { current, retired };
}

/** Without secrets of their own, tokens are signed under the relayer's. */
export function referralSecretsOf(config: {
  readonly RELAYER_SECRET: string;
  readonly REFERRAL_SECRETS?: ReferralSecrets | undefined;
}): ReferralSecrets {
  return config.REFERRAL_SECRETS ?? { current: config.RELAYER_SECRET, retired: [] };
}

/**
 * The referral in a token, or undefined if none of the secrets signed it. One that is retired is good for what was followed before that
 * alone: who has got hold of it can still name an earlier time, so a secret that leaked is taken out, and not retired.
 */
export function readReferral({ current, retired }: ReferralSecrets, token: string): Referral | undefined {
  const now = verifyReferral(current, token);
  if (now !== undefined) return now;
  for (const { secret, until } of retired) {
    const before = verifyReferral(secret, token);
    if (before !== undefined) return before.clickedAt <= until ? before : undefined;
  }
  return undefined;
}
