/** What sources are read with. */
import type { Database } from "#service/database.ts";
import type { Failures } from "../failures.ts";
import type { Intake } from "../intake.ts";
import type { SourceName } from "../store/sources.ts";

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

/** What a sealed text is for, so that none is taken for another. Stripe was alone once: what was sealed then is opened still. */
const purpose = (what: string) => (campaignId: string, source: SourceName) =>
  `source ${what} ${campaignId}${source === "stripe" ? "" : ` ${source}`}`;

export const purposes = {
  secrets: purpose("secrets"),
  readingKey: purpose("key"),
  body: purpose("event"),
  fact: purpose("object"),
};
