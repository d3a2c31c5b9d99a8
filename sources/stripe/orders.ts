/** What a sale on Stripe is in a campaign: an order with its event, its volume and what of it was given back; or why it is none. */
import { countedAs, describeCounted, type SaleCurrencies } from "@partner-programs/protocol/rates";
import type { StripeMapping } from "@partner-programs/protocol/stripeMapping";
import type { Referral } from "../referral.ts";
import type { NoOrder, Order } from "../sale.ts";
import { toDecimal } from "./money.ts";
import type { Back, Fact, InvoicePayment, Sale } from "./objects.ts";

/** Who bought, and who brought it. */
export interface Buyer {
  readonly customer: string | undefined;
  /** Where Stripe has no customer: somebody who bought as a guest. */
  readonly email: string | undefined;
  readonly referral: Referral | undefined;
}

/**
 * What is known of one object after it was heard of again. In whatever order its states come, and however often, the end is the
 * same: what is paid stays paid, and what was given back stays given back.
 */
export function mergeFact(known: Fact | undefined, heard: Fact): Fact {
  if (known === undefined || known.what !== heard.what) return heard;
  if (isSale(heard)) return mergeSale(known as Sale, heard);
  if (heard.what === "invoice_payment") return heard;
  const before = known as Back;
  return before.amount > heard.amount ? before : heard;
}

export const isSale = (fact: Fact): fact is Sale => fact.what === "session" || fact.what === "invoice";
const isBack = (fact: Fact): fact is Back => !isSale(fact) && fact.what !== "invoice_payment";

function mergeSale(one: Sale, other: Sale): Sale {
  const [further, lesser] = rank(one) >= rank(other) ? [one, other] : [other, one];
  return {
    ...further,
    customer: further.customer ?? lesser.customer,
    email: further.email ?? lesser.email,
    referral: further.referral ?? lesser.referral,
    subscription: further.subscription ?? lesser.subscription,
    invoice: further.invoice ?? lesser.invoice,
    kind: further.invoice === undefined && lesser.invoice !== undefined ? undefined : further.kind,
    payments: [...new Set([...further.payments, ...lesser.payments])].sort(),
  };
}

/** How far a sale has come: a later state of it says more. */
const rank = ({ complete, paid, amount }: Sale) => (paid ? 2 ** 54 : 0) + (complete ? 2 ** 53 : 0) + amount;

/** The ids by which an object is found from another one. */
export function linksOf(fact: Fact): string[] {
  if (!isSale(fact)) return fact.what === "invoice_payment" ? [fact.invoice, fact.payment] : [fact.payment];
  const { subscription, invoice, payments } = fact;
  return [subscription, invoice, ...payments].filter((link) => link !== undefined);
}

/** Who bought: as the sale says it, or the checkout that it came from. */
export function buyerOf(sale: Sale, facts: readonly Fact[]): Buyer {
  const payments = paymentsOf(sale, facts);
  const checkout = facts.filter(
    (fact): fact is Sale =>
      fact.what === "session" &&
      fact.id !== sale.id &&
      (fact.invoice === sale.id ||
        (fact.subscription !== undefined && fact.subscription === sale.subscription) ||
        fact.payments.some((payment) => payments.includes(payment))),
  );
  // Of several the same, whichever came first.
  checkout.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const all = [sale, ...checkout];
  const first = <T>(pick: (one: Sale) => T | undefined) => all.map(pick).find((value) => value !== undefined);
  const customer = first((one) => one.customer);
  return {
    customer,
    email: customer === undefined ? first((one) => one.email) : undefined,
    referral: first((one) => one.referral),
  };
}

/** How many decimals Stripe's amounts of it have is not certain: `stripeMapping` does not take it either. */
const UNCERTAIN = "ugx";

/** The order that a sale is by the campaign's mapping (its id is `in_…` or `cs_…`), with what the other facts say was given back of it. */
export function orderOf(
  sale: Sale,
  facts: readonly Fact[],
  mapping: StripeMapping,
  currencies?: SaleCurrencies,
): Order | NoOrder {
  const { id, kind, currency, amount } = sale;
  if (kind === undefined) return { reason: `${id} is no sale itself: its invoice is, if there is one.`, why: "yet" };
  if (!sale.paid) return { reason: `${id} is not paid.`, why: "yet" };
  const event = mapping.events[kind];
  if (event === undefined) return { reason: `The campaign counts no "${kind}" of Stripe.`, why: "never" };
  const code = currency.toUpperCase();
  const counted = countedAs(currencies, code, mapping.currency.toUpperCase());
  if (amount !== 0 && (counted === undefined || currency === UNCERTAIN)) {
    const all = describeCounted(currencies, mapping.currency.toUpperCase());
    return { reason: `${id} was paid in ${code}, and the campaign counts ${all}.`, why: "refused" };
  }
  if (amount <= 0 && kind !== "trial") return { reason: `Nothing was paid of ${id}.`, why: "never" };
  const gross = BigInt(Math.max(0, amount));
  const back = backOf(sale, facts);
  const net = netOf(sale, gross, mapping);
  return {
    orderId: id,
    event,
    volume: toDecimal(net, currency),
    ...(amount !== 0 && counted?.currency !== undefined && { currency: code }),
    back: gross > 0n && back >= gross ? true : toDecimal(gross === 0n ? 0n : (back * net) / gross, currency),
    at: sale.at,
  };
}

/** What was paid less its taxes: their share of all that was to be paid, for some of it may have been paid by a credit. */
function netOf({ total, untaxed }: Sale, gross: bigint, { taxes }: StripeMapping): bigint {
  if (taxes === "included" || total <= 0 || untaxed >= total) return gross;
  return (gross * BigInt(Math.max(0, untaxed))) / BigInt(total);
}

/** What went back of a sale's payments, taxes included, and no more than was paid. */
function backOf(sale: Sale, facts: readonly Fact[]): bigint {
  const payments = paymentsOf(sale, facts);
  let sum = 0n;
  for (const payment of payments) {
    const of = facts.filter((fact): fact is Back => isBack(fact) && fact.payment === payment);
    // Stripe converted it: of how much it was of the sale is not said, and a dispute is mostly of all.
    if (of.some(({ currency, amount }) => amount > 0 && currency !== sale.currency)) return BigInt(sale.amount);
    const sumOf = (what: Back["what"]) =>
      of.reduce((total, fact) => (fact.what === what ? total + BigInt(fact.amount) : total), 0n);
    const [byCharges, byRefunds] = [sumOf("charge"), sumOf("refund")];
    sum += (byCharges > byRefunds ? byCharges : byRefunds) + sumOf("dispute");
  }
  const most = BigInt(Math.max(0, sale.amount));
  return sum > most ? most : sum;
}

/** The payments of a sale, as far as they are known. */
export function paymentsOf(sale: Sale, facts: readonly Fact[]): string[] {
  const linked = facts.filter(
    (fact): fact is InvoicePayment => fact.what === "invoice_payment" && fact.invoice === sale.id,
  );
  return [...new Set([...sale.payments, ...linked.map(({ payment }) => payment)])];
}
