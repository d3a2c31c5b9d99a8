/** Applies what Stripe sent: notes what each object says, and reports, binds and takes back what follows from all that is known. */
import type { SaleCurrencies } from "@partner-programs/protocol/rates";
import type { StripeMapping } from "@partner-programs/protocol/stripeMapping";
import { FinalError, RetryableError } from "#service/errors.ts";
import { UnreadableObject } from "#sources/sale.ts";
import { connectStripe, describeStripeError, fetchObject } from "#sources/stripe/api.ts";
import { type Event, readEvent } from "#sources/stripe/events.ts";
import { type Fact, readObject, type Sale } from "#sources/stripe/objects.ts";
import { buyerOf, isSale, linksOf, mergeFact, orderOf, paymentsOf } from "#sources/stripe/orders.ts";
import { unseal } from "../secrets.ts";
import type { DueEventRow } from "../store/sourceEvents.ts";
import { readSource } from "../store/sources.ts";
import { purposes, type SourceContext } from "./context.ts";
import { factsOf } from "./facts.ts";
import { type Outcome, readMapping, refused, type Sold, settle, toPerson } from "./settle.ts";

/** It cannot be applied now; it is tried again. */
class NotNow extends RetryableError {
  override readonly name = "NotNow";
}

const STRIPE = "stripe";
/** What of it counts, and in which currencies besides. */
interface Counts {
  readonly mapping: StripeMapping;
  readonly currencies: SaleCurrencies | undefined;
}
type Facts = ReturnType<typeof factsOf<Fact>>;

/** Applies an event. Again it changes nothing. @throws RetryableError, and what nobody foresaw: try again later */
export async function applyStripeEvent(context: SourceContext, row: DueEventRow): Promise<Outcome> {
  const { campaign_id: campaignId } = row;
  const text = unseal(context.config.RELAYER_SECRET, purposes.body(campaignId, STRIPE), row.body);
  try {
    const source = await readSource(context.database, campaignId, STRIPE);
    if (source === undefined)
      return refused("Stripe is not connected any more. Connect it, and have this applied again.");
    const event = readEvent(text);
    const object = event.object ?? (await fetchOf(context, campaignId, source.reading_key, event));
    const fact = readObject(object);
    if (fact === undefined) return { state: "ignored", note: `Nothing counts of ${event.type}.`, orderId: undefined };
    const facts = factsOf(context, campaignId, STRIPE, mergeFact, linksOf);
    await facts.note(fact, row.received_at);
    const sales = await salesOf(facts, fact);
    if (sales.length === 0)
      return { state: "noted", note: "Its sale is not known yet: it counts once it is.", orderId: undefined };
    const counts = await readMapping(context, campaignId, STRIPE, "Stripe");
    const outcomes: Outcome[] = [];
    for (const sale of sales)
      outcomes.push(await settle(context, row, source.api_key_id, await soldBy(facts, sale, counts)));
    return join(outcomes);
  } catch (error) {
    if (error instanceof FinalError || error instanceof UnreadableObject) return refused(error.message);
    throw error;
  }
}

async function fetchOf(
  { config }: SourceContext,
  campaignId: string,
  sealedKey: string | null,
  { related, type }: Event,
): Promise<unknown> {
  if (related === undefined) return undefined;
  if (sealedKey === null)
    throw new NotNow(
      `A thin ${type} only names its object, and there is no key to read it with. Give one, or choose snapshot payloads.`,
      { retryAfterSeconds: 600 },
    );
  const key = unseal(config.RELAYER_SECRET, purposes.readingKey(campaignId, STRIPE), sealedKey);
  try {
    return await fetchObject(connectStripe(key, config.STRIPE_API_URL), related.type, related.id);
  } catch (error) {
    const problem = describeStripeError(error);
    if (problem === undefined) return undefined;
    throw new NotNow(`Stripe ${problem}.`);
  }
}

/** Of several sales what has to be known most of all. */
function join(outcomes: readonly Outcome[]): Outcome {
  const order: readonly Outcome["state"][] = ["refused", "applied", "noted", "ignored"];
  const state = order.find((one) => outcomes.some((outcome) => outcome.state === one)) ?? "ignored";
  const of = outcomes.filter((outcome) => outcome.state === state);
  const notes = new Set(of.flatMap(({ note }) => note ?? []));
  return { state, note: notes.size === 0 ? undefined : [...notes].join(" ").slice(0, 1_000), orderId: of[0]?.orderId };
}

/** The sales that something new of an object may change. */
async function salesOf({ byId, linked }: Facts, fact: Fact): Promise<Sale[]> {
  const found = new Map<string, Sale>();
  const add = (facts: readonly Fact[]) => {
    for (const one of facts) if (isSale(one)) found.set(one.id, one);
  };
  // As it is now: merged with what was known of it.
  if (isSale(fact)) add(await byId([fact.id]));
  if (fact.what === "session") {
    // Whom it brought: its invoice, and all of its subscription.
    add(await byId(fact.invoice === undefined ? [] : [fact.invoice]));
    add(await linked(fact.subscription === undefined ? [] : [fact.subscription]));
  }
  const payments = isSale(fact) ? fact.payments : [fact.payment];
  const around = await linked(payments);
  add(around);
  add(await byId(around.flatMap((one) => (one.what === "invoice_payment" ? [one.invoice] : []))));
  return [...found.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** All that is known around a sale. */
async function around({ linked }: Facts, sale: Sale): Promise<Fact[]> {
  const near = await linked([sale.id, ...(sale.subscription === undefined ? [] : [sale.subscription])]);
  const more = await linked(paymentsOf(sale, near));
  return [...new Map([...near, ...more].map((fact) => [fact.id, fact])).values()];
}

async function soldBy(known: Facts, sale: Sale, { mapping, currencies }: Counts): Promise<Sold> {
  const facts = await around(known, sale);
  const { customer, email, referral } = buyerOf(sale, facts);
  const order = orderOf(sale, facts, mapping, currencies);
  return {
    id: sale.id,
    order,
    person: toPerson({ customer, email, token: referral?.token, code: referral?.code }),
    back: { back: "reason" in order ? "0" : order.back },
    complete: sale.complete,
  };
}
