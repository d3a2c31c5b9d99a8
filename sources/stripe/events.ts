/** Stripe's webhooks: which events to choose, whether one is Stripe's, and what it is about. */
import Stripe from "stripe";
import { z } from "zod";
import { UnreadableObject } from "../sale.ts";

/** What an endpoint has to be sent; anything else does no harm. */
export const EVENTS = [
  "checkout.session.completed",
  "checkout.session.async_payment_succeeded",
  "invoice.paid",
  "invoice_payment.paid",
  "charge.refunded",
  "refund.created",
  "refund.updated",
  "charge.dispute.closed",
] as const;

/** So many seconds a signature may be old: Stripe signs each attempt anew. */
export const TOLERANCE_SECONDS = 300;

/** An event: its object as it was then, or, of a thin one, which object it is about. */
export interface Event {
  readonly id: string;
  readonly type: string;
  /** false: of Stripe's test mode. */
  readonly live: boolean;
  readonly object: unknown;
  readonly related: { readonly id: string; readonly type: string } | undefined;
}

const name = z.string().min(1).max(255);
const event = z.object({
  id: name,
  type: name,
  livemode: z.boolean(),
  data: z.object({ object: z.object({}).loose() }).nullish(),
  related_object: z.object({ id: name, type: name }).nullish(),
});

/** @throws UnreadableObject */
export function readEvent(text: string): Event {
  const { data, error } = event.safeParse(JSON.parse(text));
  if (error !== undefined) throw new UnreadableObject(`It is no event of Stripe's: ${z.prettifyError(error)}`);
  const { id, type, livemode, data: content, related_object: related } = data;
  return { id, type, live: livemode, object: content?.object, related: related ?? undefined };
}

// It verifies, and asks nothing: no key is needed.
const { signature } = new Stripe("sk_none", { telemetry: false }).webhooks;

/** Whether the body was signed with one of the secrets, lately. */
export function isSigned(body: string, header: string, secrets: readonly string[], now: number): boolean {
  return secrets.some((secret) => {
    try {
      return signature?.verifyHeader(body, header, secret, TOLERANCE_SECONDS, undefined, now) === true;
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
      throw error;
    }
  });
}
