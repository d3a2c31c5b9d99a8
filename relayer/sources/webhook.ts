/** Applies a webhook of any sender by the campaign's mapping: notes what it says of an order, and does what follows from all that is known. */
import { FinalError } from "#service/errors.ts";
import { UnreadableObject } from "#sources/sale.ts";
import { mergeWebhookOrder, orderOf, readWebhook, type WebhookOrder } from "#sources/webhook/orders.ts";
import { unseal } from "../secrets.ts";
import type { DueEventRow } from "../store/sourceEvents.ts";
import { readSource } from "../store/sources.ts";
import { purposes, type SourceContext } from "./context.ts";
import { factsOf } from "./facts.ts";
import { type Outcome, readMapping, refused, settle, toPerson } from "./settle.ts";

const WEBHOOK = "webhook";

/** Applies an event. Again it changes nothing. @throws what nobody foresaw: try again later */
export async function applyWebhookEvent(context: SourceContext, row: DueEventRow): Promise<Outcome> {
  const { campaign_id: campaignId, received_at } = row;
  const text = unseal(context.config.RELAYER_SECRET, purposes.body(campaignId, WEBHOOK), row.body);
  try {
    const source = await readSource(context.database, campaignId, WEBHOOK);
    if (source === undefined)
      return refused("Webhooks are not connected any more. Connect them, and have this applied again.");
    const { mapping, currencies } = await readMapping(context, campaignId, WEBHOOK, "these webhooks");
    const heard = readWebhook(JSON.parse(text), mapping, Math.floor(received_at.getTime() / 1000));
    if (heard === undefined) return { state: "ignored", note: "No rule is for it.", orderId: undefined };
    const facts = factsOf<WebhookOrder>(context, campaignId, WEBHOOK, mergeWebhookOrder);
    const known = await facts.note(heard, received_at);
    const order = orderOf(known, currencies);
    const { customer, email, token, code } = known.sale ?? {};
    return await settle(context, row, source.api_key_id, {
      id: known.id,
      order,
      person: toPerson({ customer, email, token, code }),
      back: { left: "reason" in order ? "0" : order.left },
      complete: known.sale !== undefined,
    });
  } catch (error) {
    if (error instanceof FinalError || error instanceof UnreadableObject) return refused(error.message);
    throw error;
  }
}
