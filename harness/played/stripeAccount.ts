/**
 * A brand's account at Stripe, played: what is bought, renewed, refunded and disputed makes the objects and the events that Stripe
 * documents for it (https://docs.stripe.com/api, version 2026-10-28.endive: the official package's types check the fields that are
 * read). No field is copied from a real account.
 */
import { randomBytes } from "node:crypto";
import Stripe from "stripe";

export interface StripeEvent {
  readonly id: string;
  readonly object: "event";
  readonly type: string;
  readonly livemode: boolean;
  readonly created: number;
  readonly api_version: string;
  readonly data: { readonly object: StripeObject };
}

// biome-ignore lint/suspicious/noExplicitAny: an object of Stripe's, as JSON; the builders below are typed
export type StripeObject = { id: string; object: string; [field: string]: any };

/** What is paid, in the smallest unit: with its taxes, and the part of it that they are. */
export interface Price {
  readonly amount: number;
  readonly tax?: number;
  readonly currency?: string;
}

export interface Visitor {
  /** What the session carries: a token or code, or an id of the brand's own. */
  readonly reference?: string | undefined;
  readonly metadata?: Record<string, string> | undefined;
  /** Who buys as a guest has none. */
  readonly customer?: string | null | undefined;
  readonly email?: string | undefined;
}

const NOW = Math.floor(Date.now() / 1000);
const newId = (prefix: string) => `${prefix}_${randomBytes(12).toString("hex")}`;

export function createStripeAccount({ livemode = true } = {}) {
  const objects = new Map<string, StripeObject>();
  const events: StripeEvent[] = [];
  let clock = NOW - 86_400;

  const keep = <T extends StripeObject>(object: T): T => {
    objects.set(object.id, object);
    return object;
  };
  function emit(type: string, object: StripeObject): StripeEvent {
    const event: StripeEvent = {
      id: newId("evt"),
      object: "event",
      type,
      livemode,
      created: ++clock,
      api_version: "2026-10-28.endive",
      data: { object: structuredClone(object) },
    };
    events.push(event);
    return event;
  }

  function charge({ amount, currency = "usd" }: Price, customer: string | null): string {
    const payment = newId("pi");
    keep({
      id: newId("ch"),
      object: "charge",
      amount,
      amount_refunded: 0,
      currency,
      customer,
      payment_intent: payment,
      refunded: false,
      disputed: false,
      status: "succeeded",
      created: ++clock,
      livemode,
    } satisfies Partial<Stripe.Charge> as StripeObject);
    return payment;
  }

  function session(mode: "payment" | "subscription", visitor: Visitor, more: Partial<Stripe.Checkout.Session>) {
    const { reference = null, metadata = {}, customer = newId("cus"), email = "ada@example.com" } = visitor;
    return keep({
      id: newId("cs_live"),
      object: "checkout.session",
      mode,
      status: "complete",
      client_reference_id: reference,
      metadata,
      customer,
      customer_email: null,
      customer_details: { email } as Stripe.Checkout.Session.CustomerDetails,
      currency: "usd",
      invoice: null,
      invoice_creation: null,
      subscription: null,
      payment_intent: null,
      created: ++clock,
      livemode,
      ...more,
    } satisfies Partial<Stripe.Checkout.Session> as StripeObject);
  }

  /** A paid invoice, with its payment if anything was to be paid. */
  function invoice(reason: Stripe.Invoice.BillingReason, price: Price, of: StripeObject): StripeObject {
    const { amount, tax = 0, currency = "usd" } = price;
    const paidAt = ++clock;
    const made = keep({
      id: newId("in"),
      object: "invoice",
      status: "paid",
      billing_reason: reason,
      currency,
      amount_due: amount,
      amount_paid: amount,
      total: amount,
      total_excluding_tax: amount - tax,
      total_taxes: tax === 0 ? [] : [{ amount: tax } as Stripe.Invoice.TotalTax],
      subtotal: amount - tax,
      created: paidAt,
      status_transitions: { paid_at: paidAt } as Stripe.Invoice.StatusTransitions,
      customer: of.customer,
      customer_email: "ada@example.com",
      metadata: {},
      parent: {
        type: "subscription_details",
        quote_details: null,
        subscription_details: { subscription: of.id, metadata: of.metadata },
      } as Stripe.Invoice.Parent,
      livemode,
    } satisfies Partial<Stripe.Invoice> as StripeObject);
    emit("invoice.paid", made);
    if (amount > 0) {
      const payment = charge(price, of.customer);
      const paid = keep({
        id: newId("inpay"),
        object: "invoice_payment",
        invoice: made.id,
        amount_paid: amount,
        amount_requested: amount,
        currency,
        is_default: true,
        status: "paid",
        payment: { type: "payment_intent", payment_intent: payment },
        created: ++clock,
        livemode,
      } satisfies Partial<Stripe.InvoicePayment> as StripeObject);
      emit("invoice_payment.paid", paid);
    }
    return made;
  }

  const paymentOf = (order: StripeObject): string => {
    if (order.object === "checkout.session") return order.payment_intent;
    const paid = [...objects.values()].find((one) => one.object === "invoice_payment" && one.invoice === order.id);
    return paid?.payment.payment_intent;
  };
  const chargeOf = (order: StripeObject): StripeObject => {
    const payment = paymentOf(order);
    const found = [...objects.values()].find((one) => one.object === "charge" && one.payment_intent === payment);
    if (found === undefined) throw new Error(`Nothing was charged for ${order.id}.`);
    return found;
  };

  return {
    objects,
    events,
    emit,

    /** A Checkout Session as it is made, for its customer to go to and pay. */
    open({ amount, tax = 0, currency = "usd" }: Price, visitor: Visitor = {}): StripeObject {
      return session("payment", visitor, {
        status: "open",
        payment_status: "unpaid",
        amount_total: amount,
        currency,
        total_details: { amount_tax: tax, amount_discount: 0, amount_shipping: 0 },
      });
    },
    pay(opened: StripeObject): void {
      const { amount_total: amount, currency, customer } = opened;
      const payment = charge({ amount, currency }, customer);
      Object.assign(opened, { status: "complete", payment_status: "paid", payment_intent: payment });
      emit("checkout.session.completed", opened);
    },
    /** Something bought once, by Checkout or a Payment Link. */
    buy(price: Price, visitor: Visitor = {}): StripeObject {
      const opened = this.open(price, visitor);
      this.pay(opened);
      return opened;
    },

    /** A subscription with its first invoice; a trial is one of 0. */
    subscribe(
      price: Price,
      visitor: Visitor = {},
    ): { subscription: StripeObject; invoice: StripeObject; session: StripeObject } {
      const customer = visitor.customer ?? newId("cus");
      const subscription = { id: newId("sub"), object: "subscription", customer, metadata: {} };
      const first = invoice("subscription_create", price, subscription);
      const made = session(
        "subscription",
        { ...visitor, customer },
        {
          amount_total: price.amount,
          total_details: { amount_tax: price.tax ?? 0, amount_discount: 0, amount_shipping: 0 },
          payment_status: price.amount === 0 ? "no_payment_required" : "paid",
          invoice: first.id,
          subscription: subscription.id,
        },
      );
      emit("checkout.session.completed", made);
      return { subscription, invoice: first, session: made };
    },

    renew: (subscription: StripeObject, price: Price) => invoice("subscription_cycle", price, subscription),
    /** A change of plan that is invoiced at once: what is prorated for the rest of the period. */
    change: (subscription: StripeObject, price: Price) => invoice("subscription_update", price, subscription),

    refund(order: StripeObject, amount: number): StripeObject {
      const of = chargeOf(order);
      const made = keep({
        id: newId("re"),
        object: "refund",
        amount,
        currency: of.currency,
        charge: of.id,
        payment_intent: of.payment_intent,
        status: "succeeded",
        created: ++clock,
      } satisfies Partial<Stripe.Refund> as StripeObject);
      of.amount_refunded += amount;
      of.refunded = of.amount_refunded === of.amount;
      emit("refund.created", made);
      emit("charge.refunded", of);
      return made;
    },

    dispute(order: StripeObject, status: "won" | "lost", amount = chargeOf(order).amount): StripeObject {
      const of = chargeOf(order);
      const made = keep({
        id: newId("dp"),
        object: "dispute",
        amount,
        currency: of.currency,
        charge: of.id,
        payment_intent: of.payment_intent,
        status,
        reason: "fraudulent",
        created: ++clock,
        livemode,
      } satisfies Partial<Stripe.Dispute> as StripeObject);
      emit("charge.dispute.closed", made);
      return made;
    },
  };
}

export type StripeAccount = ReturnType<typeof createStripeAccount>;

const { webhooks } = new Stripe("sk_none", { telemetry: false });

/** The header that Stripe sends with a body. */
export const signStripe = (payload: string, secret: string, timestamp = Math.floor(Date.now() / 1000)): string =>
  webhooks.generateTestHeaderString({ payload, secret, timestamp });
