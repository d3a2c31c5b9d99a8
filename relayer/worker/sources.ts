/** Applies what sources sent, campaign by campaign; what cannot be applied now is tried again, later and later. */
import { isRetryable, RetryableError } from "#service/errors.ts";
import type { SourceContext } from "../sources/context.ts";
import type { Outcome } from "../sources/settle.ts";
import { applyShopEvent } from "../sources/shop.ts";
import { applyStripeEvent } from "../sources/stripe.ts";
import { applyWebhookEvent } from "../sources/webhook.ts";
import { type DueEventRow, postponeSourceEvent, readDueEvents, settleSourceEvent } from "../store/sourceEvents.ts";

const MAX_AT_ONCE = 200;
const CAMPAIGNS_AT_ONCE = 4;
const MAX_PAUSE_SECONDS = 3_600;
const JOB = "sources";

/** @returns how many events were due */
export async function applySources(context: SourceContext): Promise<number> {
  const due = await readDueEvents(context.database, MAX_AT_ONCE);
  const byCampaign = [...Map.groupBy(due, ({ campaign_id }) => campaign_id).values()];
  await context.failures.eachItem(
    JOB,
    byCampaign,
    ([first]) => ({ campaign: first?.campaign_id }),
    async (events) => {
      for (const event of events) await apply(context, event);
    },
    CAMPAIGNS_AT_ONCE,
  );
  return due.length;
}

function applyEvent(context: SourceContext, { source, ...event }: DueEventRow): Promise<Outcome> {
  if (source === "stripe") return applyStripeEvent(context, { ...event, source });
  if (source === "webhook") return applyWebhookEvent(context, { ...event, source });
  return applyShopEvent(context, { ...event, source });
}

async function apply(context: SourceContext, event: DueEventRow): Promise<void> {
  const { database, failures } = context;
  try {
    await settleSourceEvent(database, event.id, await applyEvent(context, event));
  } catch (error) {
    const asked = error instanceof RetryableError ? error.retryAfterSeconds : undefined;
    const pause = asked ?? Math.min(MAX_PAUSE_SECONDS, 2 ** Math.min(event.attempts, 12));
    // What nobody foresaw is for the operator to read.
    const note = error instanceof RetryableError ? error.message : "It could not be applied yet; it is tried again.";
    if (!isRetryable(error)) failures.note(JOB, error, { event: event.event_id, campaign: event.campaign_id });
    await postponeSourceEvent(database, event.id, note, pause);
  }
}
