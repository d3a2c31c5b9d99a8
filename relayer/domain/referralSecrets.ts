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
