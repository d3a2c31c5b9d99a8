/** Asks Stripe's API, by its own client, for the objects that count. */
import Stripe from "stripe";
import { UnreadableObject } from "../sale.ts";
import { type Fact, readObject, type Sale } from "./objects.ts";
import { isSale } from "./orders.ts";

const TIMEOUT_MILLISECONDS = 10_000;
const MAX_RETRIES = 2;
/** Pages of a list that are read of one payment or invoice; more is no honest sale. */
const MAX_LISTED = 300;

/** A client for a key. `url`: where the API is, other than at Stripe. */
export function connectStripe(key: string, url?: string): Stripe {
  const place = url === undefined ? undefined : new URL(url);
  return new Stripe(key, {
    timeout: TIMEOUT_MILLISECONDS,
    maxNetworkRetries: MAX_RETRIES,
    telemetry: false,
    ...(place && {
      host: place.hostname,
      protocol: place.protocol === "http:" ? "http" : "https",
      port: place.port || (place.protocol === "http:" ? 80 : 443),
    }),
  });
}

/** Why Stripe did not answer with the object, as the end of a sentence; undefined: there is none of that id. */
export function describeStripeError(error: unknown): string | undefined {
  if (error instanceof Stripe.errors.StripeRateLimitError) return "says that it is asked too often";
  if (error instanceof Stripe.errors.StripeAuthenticationError) return "does not take the key";
  if (error instanceof Stripe.errors.StripePermissionError) return `does not let the key read this: ${error.message}`;
  if (error instanceof Stripe.errors.StripeConnectionError) return "cannot be reached";
  if (error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 404) return undefined;
  if (error instanceof Stripe.errors.StripeError) return `answered ${error.statusCode ?? "with an error"}`;
  throw error;
}

/** The object of a thin event, as it is now, by its type and id; undefined: none that counts. */
export async function fetchObject(stripe: Stripe, type: string, id: string): Promise<unknown> {
  switch (type) {
    case "checkout.session":
      return stripe.checkout.sessions.retrieve(id);
    case "invoice":
      return stripe.invoices.retrieve(id, { expand: ["payments"] });
    case "invoice_payment":
      return stripe.invoicePayments.retrieve(id);
    case "charge":
      return stripe.charges.retrieve(id);
    case "refund":
      return stripe.refunds.retrieve(id);
    case "dispute":
      return stripe.disputes.retrieve(id);
    default:
      return undefined;
  }
}

/** A sale as Stripe has it now, with all that counts of it: its payments, what went back of them, and the checkout it came from. */
export async function fetchSale(
  stripe: Stripe,
  orderId: string,
): Promise<{ readonly sale: Sale; readonly facts: readonly Fact[] } | undefined> {
  const type = orderId.startsWith("in_") ? "invoice" : orderId.startsWith("cs_") ? "checkout.session" : undefined;
  if (type === undefined) return undefined;
  const sale = readObject(await fetchObject(stripe, type, orderId));
  if (sale === undefined || !isSale(sale) || sale.id !== orderId) return undefined;
  const listed: unknown[] = [];
  const list = async (pages: AsyncIterable<unknown>) => {
    let count = 0;
    for await (const object of pages) {
      listed.push(object);
      if (++count > MAX_LISTED) throw new UnreadableObject(`Stripe has more than ${MAX_LISTED} objects of ${orderId}.`);
    }
  };
  if (sale.what === "invoice") {
    await list(stripe.invoicePayments.list({ invoice: orderId, limit: 100 }));
    if (sale.subscription !== undefined) await list(stripe.checkout.sessions.list({ subscription: sale.subscription }));
  }
  const payments = new Set(sale.payments);
  for (const fact of factsIn(listed)) if (fact.what === "invoice_payment") payments.add(fact.payment);
  for (const payment of payments) {
    if (payment.startsWith("pi_")) {
      await list(stripe.charges.list({ payment_intent: payment, limit: 100 }));
      await list(stripe.disputes.list({ payment_intent: payment, limit: 100 }));
      // A session that made an invoice afterwards is known by its payment.
      if (sale.what === "invoice") await list(stripe.checkout.sessions.list({ payment_intent: payment }));
    } else {
      listed.push(await stripe.charges.retrieve(payment));
      await list(stripe.disputes.list({ charge: payment, limit: 100 }));
    }
  }
  return { sale, facts: factsIn(listed) };
}

const factsIn = (objects: readonly unknown[]): Fact[] =>
  objects.map(readObject).filter((fact): fact is Fact => fact !== undefined);
