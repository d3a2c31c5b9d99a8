/** What sources are read with. */
import type { Database } from "#service/database.ts";
import type { Failures } from "../failures.ts";
import type { Intake } from "../intake.ts";

export interface SourceContext {
  readonly database: Database;
  readonly intake: Intake;
  readonly failures: Failures;
  readonly config: {
    readonly RELAYER_SECRET: string;
    /** Where Stripe's API is; without it, where Stripe has it. */
    readonly STRIPE_API_URL?: string | undefined;
  };
}

/** What a sealed text is for, so that none is taken for another. */
export const purposes = {
  secrets: (campaignId: string) => `source secrets ${campaignId}`,
  readingKey: (campaignId: string) => `source key ${campaignId}`,
  body: (campaignId: string) => `source event ${campaignId}`,
  fact: (campaignId: string) => `source object ${campaignId}`,
};
