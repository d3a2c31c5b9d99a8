/** Reads Stripe's objects: of each what counts, in our words. The same for a webhook's object and for one that was asked for. */
import type { SaleKind } from "@partner-programs/protocol/stripeMapping";
import { z } from "zod";
import type { Referral } from "../referral.ts";
import { UnreadableObject } from "../sale.ts";
import { readClientReference, readMetadata } from "./referral.ts";

/** A Checkout Session or an invoice: something that may be a sale, or only says who brought a customer. */
export interface Sale {
  readonly what: "session" | "invoice";
  readonly id: string;
  /** undefined: another object is the sale (a session's invoice), or there is none (a session that saves a card). */
  readonly kind: SaleKind | undefined;
  /** Whether the customer went through with it; a session may be complete and not paid yet. */
  readonly complete: boolean;
  readonly paid: boolean;
  readonly currency: string;
  /** What was paid, with taxes; and of `total`, all that was to be paid, the part without them. In the smallest unit. */
  readonly amount: number;
  readonly total: number;
  readonly untaxed: number;
  /** Unix seconds. */
  readonly at: number;
  readonly customer: string | undefined;
  readonly email: string | undefined;
  readonly referral: Referral | undefined;
  readonly subscription: string | undefined;
  readonly invoice: string | undefined;
  /** Payment Intents, or charges that have none. */
  readonly payments: readonly string[];
}

/** That a payment is one of an invoice. */
export interface InvoicePayment {
  readonly what: "invoice_payment";
  readonly id: string;
  readonly invoice: string;
  readonly payment: string;
}

/** What of a payment went back to the customer: by a charge's own sum, by a refund, by a lost dispute. */
export interface Back {
  readonly what: "charge" | "refund" | "dispute";
  readonly id: string;
  readonly payment: string;
  readonly currency: string;
  readonly amount: number;
}

export type Fact = Sale | InvoicePayment | Back;

const id = z.string().min(1).max(255);
/** An id, or the object that it was expanded to. */
const reference = z
  .union([id, z.object({ id }).transform((object) => object.id)])
  .nullish()
  .transform((value) => value ?? undefined);
const minor = z
  .int()
  .min(-(2 ** 52))
  .max(2 ** 52);
const currency = z.string().regex(/^[a-z]{3}$/);
const seconds = z
  .int()
  .min(0)
  .max(2 ** 40);
const metadata = z.record(z.string(), z.unknown()).nullish();
const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined);

const session = z.object({
  id,
  mode: z.string(),
  status: text,
  payment_status: z.string(),
  currency: currency.nullish(),
  amount_total: minor.nullish(),
  total_details: z.object({ amount_tax: minor }).nullish(),
  created: seconds,
  customer: reference,
  customer_email: text,
  customer_details: z.object({ email: text }).nullish(),
  client_reference_id: z.string().nullish(),
  metadata,
  subscription: reference,
  invoice: reference,
  payment_intent: reference,
  invoice_creation: z.object({ enabled: z.boolean() }).nullish(),
});

const associated = z.object({ payment_intent: reference, charge: reference });
const invoicePayment = z.object({ id, invoice: reference, payment: associated });

const subscriptionDetails = z.object({ subscription: reference, metadata }).nullish();
const invoice = z.object({
  id,
  status: text,
  billing_reason: text,
  currency,
  amount_paid: minor,
  total: minor,
  total_excluding_tax: minor.nullish(),
  total_taxes: z.array(z.object({ amount: minor })).nullish(),
  created: seconds,
  status_transitions: z.object({ paid_at: seconds.nullish() }).nullish(),
  customer: reference,
  customer_email: text,
  metadata,
  parent: z.object({ subscription_details: subscriptionDetails }).nullish(),
  // Before 2025-03-31.
  subscription: reference,
  subscription_details: subscriptionDetails,
  payment_intent: reference,
  charge: reference,
  payments: z.object({ data: z.array(z.object({ payment: associated })) }).nullish(),
});

const charge = z.object({ id, payment_intent: reference, currency, amount_refunded: minor.min(0) });
const moneyBack = z.object({
  id,
  payment_intent: reference,
  charge: reference,
  currency,
  amount: minor.min(0),
  status: text,
});

const READERS: Readonly<Record<string, (object: unknown) => Fact | undefined>> = {
  "checkout.session": (object) => toSession(parse(session, object)),
  invoice: (object) => toInvoice(parse(invoice, object)),
  invoice_payment(object) {
    const { id, invoice, payment } = parse(invoicePayment, object);
    const paid = payment.payment_intent ?? payment.charge;
    return invoice === undefined || paid === undefined
      ? undefined
      : { what: "invoice_payment", id, invoice, payment: paid };
  },
  charge(object) {
    const { id, payment_intent, currency, amount_refunded } = parse(charge, object);
    return { what: "charge", id, payment: payment_intent ?? id, currency, amount: amount_refunded };
  },
  // One that is pending or failed gave nothing back.
  refund: (object) => toBack("refund", parse(moneyBack, object), "succeeded"),
  dispute: (object) => toBack("dispute", parse(moneyBack, object), "lost"),
};

/** Names of the objects that count, as Stripe's `object` has them. */
export const OBJECTS: readonly string[] = Object.keys(READERS);

/** What an object says; undefined: nothing that counts. @throws UnreadableObject */
export function readObject(object: unknown): Fact | undefined {
  const name = (object as { object?: unknown } | null)?.object;
  const read = typeof name === "string" && Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  return read?.(object);
}

function parse<T extends z.ZodType>(schema: T, object: unknown): z.output<T> {
  const { data, error } = schema.safeParse(object);
  if (error === undefined) return data as z.output<T>;
  const name = String((object as { object?: unknown }).object);
  // Paths alone: what stands there may be somebody's.
  const wrong = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new UnreadableObject(`The ${name} is not as Stripe documents it: ${wrong.slice(0, 500)}`);
}

function toSession(given: z.output<typeof session>): Sale {
  const { mode, payment_status, invoice, payment_intent } = given;
  const total = given.amount_total ?? 0;
  // Where there is or will be an invoice, that is the sale.
  const invoiced = invoice !== undefined || given.invoice_creation?.enabled === true;
  return {
    what: "session",
    id: given.id,
    kind: mode === "payment" && !invoiced ? "checkout" : undefined,
    complete: given.status === "complete",
    paid: given.status === "complete" && payment_status === "paid",
    currency: given.currency ?? "",
    amount: total,
    total,
    untaxed: total - (given.total_details?.amount_tax ?? 0),
    at: given.created,
    customer: given.customer,
    email: given.customer_details?.email ?? given.customer_email,
    referral: readMetadata(given.metadata) ?? readClientReference(given.client_reference_id),
    subscription: given.subscription,
    invoice,
    payments: payment_intent === undefined ? [] : [payment_intent],
  };
}

function toInvoice(given: z.output<typeof invoice>): Sale {
  const details = given.parent?.subscription_details ?? given.subscription_details;
  const taxes = given.total_taxes?.reduce((sum, { amount }) => sum + amount, 0) ?? 0;
  const payments = [
    given.payment_intent ?? given.charge,
    ...(given.payments?.data ?? []).map(({ payment }) => payment.payment_intent ?? payment.charge),
  ];
  return {
    what: "invoice",
    id: given.id,
    kind: kindOf(given.billing_reason, given.amount_paid),
    complete: given.status === "paid",
    paid: given.status === "paid",
    currency: given.currency,
    // What was owed from before was of another sale.
    amount: Math.max(0, Math.min(given.amount_paid, given.total)),
    total: given.total,
    untaxed: given.total_excluding_tax ?? given.total - taxes,
    at: given.status_transitions?.paid_at ?? given.created,
    customer: given.customer,
    email: given.customer_email,
    referral: readMetadata(given.metadata) ?? readMetadata(details?.metadata),
    subscription: details?.subscription ?? given.subscription,
    invoice: undefined,
    payments: [...new Set(payments.filter((one) => one !== undefined))],
  };
}

function kindOf(reason: string | undefined, paid: number): SaleKind {
  if (reason === "subscription_create") return paid === 0 ? "trial" : "subscription";
  if (reason === "subscription_cycle" || reason === "subscription_threshold") return "renewal";
  if (reason === "subscription_update") return "change";
  return "invoice";
}

function toBack(what: "refund" | "dispute", given: z.output<typeof moneyBack>, counts: string): Back | undefined {
  const payment = given.payment_intent ?? given.charge;
  if (payment === undefined) return undefined;
  return { what, id: given.id, payment, currency: given.currency, amount: given.status === counts ? given.amount : 0 };
}
