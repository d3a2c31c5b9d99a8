/** Applies what Stripe sent: notes what each object says, and reports, binds and takes back what follows from all that is known. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import type { StripeMapping } from "@partner-programs/protocol/stripeMapping";
import { FinalError, RetryableError } from "#service/errors.ts";
import { connectStripe, describeStripeError, fetchObject } from "#sources/stripe/api.ts";
import { type Event, readEvent } from "#sources/stripe/events.ts";
import { type Fact, readObject, type Sale, UnreadableObject } from "#sources/stripe/objects.ts";
import {
  type Buyer,
  buyerOf,
  isSale,
  linksOf,
  mergeFact,
  orderOf,
  paymentsOf,
  type StripeOrder,
} from "#sources/stripe/orders.ts";
import { canonicalEmail } from "../domain/spelling.ts";
import { ConflictingReport, RefusedBinding, RefusedRefund } from "../intake/errors.ts";
import { requireDescription } from "../intake/ledger.ts";
import type { Person } from "../intake/report.ts";
import { seal, unseal } from "../secrets.ts";
import { readDescriptionBody } from "../store/campaigns.ts";
import type { DueEventRow, SourceEventState } from "../store/sourceEvents.ts";
import {
  lockSource,
  readLinkedObjects,
  readSourceObjects,
  readSourceOrder,
  type SourceObjectRow,
  upsertSourceObject,
  upsertSourceOrder,
} from "../store/sourceObjects.ts";
import { readSource } from "../store/sources.ts";
import { purposes, type SourceContext } from "./context.ts";

/** What became of an event, or of one of the sales that it is about. */
export interface Outcome {
  readonly state: Exclude<SourceEventState, "waiting">;
  readonly note: string | undefined;
  readonly orderId: string | undefined;
}

/** It cannot be applied now; it is tried again. */
class NotNow extends RetryableError {
  override readonly name = "NotNow";
}

class NoMapping extends FinalError {
  override readonly name = "NoMapping";
}

const STRIPE = "stripe";
/** A report is as of when the event came, unless that is so long ago that it could not be attested in time. */
const FRESH_MILLISECONDS = 3_600_000;

/** Applies an event. Again it changes nothing. @throws RetryableError, and what nobody foresaw: try again later */
export async function applyStripeEvent(context: SourceContext, row: DueEventRow): Promise<Outcome> {
  const { campaign_id: campaignId } = row;
  const text = unseal(context.config.RELAYER_SECRET, purposes.body(campaignId), row.body);
  try {
    const source = await readSource(context.database, campaignId, STRIPE);
    if (source === undefined)
      return refused("Stripe is not connected any more. Connect it, and have this applied again.");
    const event = readEvent(text);
    const object = event.object ?? (await fetchOf(context, campaignId, source.reading_key, event));
    const fact = readObject(object);
    if (fact === undefined) return { state: "ignored", note: `Nothing counts of ${event.type}.`, orderId: undefined };
    await note(context, campaignId, fact, row.received_at);
    const sales = await salesOf(context, campaignId, fact);
    if (sales.length === 0)
      return { state: "noted", note: "Its sale is not known yet: it counts once it is.", orderId: undefined };
    const mapping = await readMapping(context, campaignId);
    const outcomes: Outcome[] = [];
    for (const sale of sales) outcomes.push(await settle(context, row, source.api_key_id, sale, mapping));
    return join(outcomes);
  } catch (error) {
    if (error instanceof FinalError || error instanceof UnreadableObject) return refused(error.message);
    throw error;
  }
}

const refused = (note: string, orderId?: string): Outcome => ({ state: "refused", note, orderId });

/** Of several sales what has to be known most of all. */
function join(outcomes: readonly Outcome[]): Outcome {
  const order: readonly Outcome["state"][] = ["refused", "applied", "noted", "ignored"];
  const state = order.find((one) => outcomes.some((outcome) => outcome.state === one)) ?? "ignored";
  const of = outcomes.filter((outcome) => outcome.state === state);
  const notes = new Set(of.flatMap(({ note }) => note ?? []));
  return { state, note: notes.size === 0 ? undefined : [...notes].join(" ").slice(0, 1_000), orderId: of[0]?.orderId };
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
  const key = unseal(config.RELAYER_SECRET, purposes.readingKey(campaignId), sealedKey);
  try {
    return await fetchObject(connectStripe(key, config.STRIPE_API_URL), related.type, related.id);
  } catch (error) {
    const problem = describeStripeError(error);
    if (problem === undefined) return undefined;
    throw new NotNow(`Stripe ${problem}.`);
  }
}

/** Notes what an object says beside what was known of it. */
async function note({ database, config }: SourceContext, campaignId: string, fact: Fact, receivedAt: Date) {
  await database.transaction(async (sql) => {
    await lockSource(sql, campaignId, STRIPE);
    const [known] = await readSourceObjects(sql, campaignId, STRIPE, [fact.id]);
    const merged = mergeFact(known && open(config.RELAYER_SECRET, campaignId, known), fact);
    const sealed = seal(config.RELAYER_SECRET, purposes.fact(campaignId), JSON.stringify(merged));
    const object = { id: merged.id, what: merged.what, links: linksOf(merged), fact: sealed, receivedAt };
    await upsertSourceObject(sql, campaignId, STRIPE, object);
  });
}

const open = (secret: string, campaignId: string, row: SourceObjectRow): Fact =>
  JSON.parse(unseal(secret, purposes.fact(campaignId), row.fact));

function factsOf({ database, config }: SourceContext, campaignId: string) {
  const openAll = (rows: readonly SourceObjectRow[]) => rows.map((row) => open(config.RELAYER_SECRET, campaignId, row));
  return {
    byId: async (ids: readonly string[]) => openAll(await readSourceObjects(database, campaignId, STRIPE, ids)),
    linked: async (ids: readonly string[]) => openAll(await readLinkedObjects(database, campaignId, STRIPE, ids)),
  };
}

/** The sales that something new of an object may change. */
async function salesOf(context: SourceContext, campaignId: string, fact: Fact): Promise<Sale[]> {
  const { byId, linked } = factsOf(context, campaignId);
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
async function around(context: SourceContext, campaignId: string, sale: Sale): Promise<Fact[]> {
  const { linked } = factsOf(context, campaignId);
  const near = await linked([sale.id, ...(sale.subscription === undefined ? [] : [sale.subscription])]);
  const more = await linked(paymentsOf(sale, near));
  return [...new Map([...near, ...more].map((fact) => [fact.id, fact])).values()];
}

async function readMapping({ database }: SourceContext, campaignId: string): Promise<StripeMapping> {
  const description = requireDescription(campaignId, (await readDescriptionBody(database, campaignId)) ?? undefined);
  if (description.sources?.stripe === undefined)
    throw new NoMapping(
      "The campaign's description does not say what of Stripe counts. Publish one with `sources.stripe`, and have this applied again.",
    );
  return description.sources.stripe;
}

/** Does what follows from all that is known of a sale, and is not done yet. */
async function settle(
  context: SourceContext,
  { campaign_id: campaignId, received_at }: DueEventRow,
  apiKeyId: bigint,
  sale: Sale,
  mapping: StripeMapping,
): Promise<Outcome> {
  const { intake } = context;
  const facts = await around(context, campaignId, sale);
  const person = toPerson(buyerOf(sale, facts));
  const now = Date.now();
  const receivedAt = now - received_at.getTime() < FRESH_MILLISECONDS ? received_at.getTime() : now;
  const order = orderOf(sale, facts, mapping);
  if ("reason" in order) {
    const bound = sale.complete ? await bind(context, campaignId, person, receivedAt) : undefined;
    const state = NO_ORDER[order.why];
    if (bound === undefined) return { state, note: order.reason, orderId: sale.id };
    const note = order.why === "yet" ? bound.note : `${order.reason} ${bound.note}`;
    return { state: order.why === "refused" ? state : bound.state, note, orderId: sale.id };
  }
  const reported = await report(context, campaignId, order, person, { apiKeyId, receivedAt });
  try {
    const taken = await intake.refundUpTo(
      campaignId,
      { source: STRIPE, orderId: order.orderId, back: order.back },
      now,
    );
    return {
      state: "applied",
      note: taken ? `${reported} What was given back is taken back.` : reported,
      orderId: sale.id,
    };
  } catch (error) {
    if (error instanceof RefusedRefund) return refused(error.message, sale.id);
    throw error;
  }
}

const NO_ORDER = { yet: "noted", never: "ignored", refused: "refused" } as const;

function toPerson({ customer, email, referral }: Buyer): Person {
  const address = email === undefined ? undefined : canonicalEmail(email);
  return {
    referralToken: referral?.token,
    code: referral?.code,
    customerId: customer,
    customerEmail: customer === undefined ? address : undefined,
    customerWallet: undefined,
    customerEmailDomain: undefined,
  };
}

/** Binds who came by a referral and bought nothing that counts: what is bought later does. */
async function bind(
  { intake }: SourceContext,
  campaignId: string,
  person: Person,
  receivedAt: number,
): Promise<Omit<Outcome, "orderId"> | undefined> {
  if (person.referralToken === undefined && person.code === undefined) return undefined;
  if (person.customerId === undefined && person.customerEmail === undefined) return undefined;
  try {
    const { partner } = await intake.bind(campaignId, person, receivedAt);
    return { state: "applied", note: `The customer is bound to ${partner}.` };
  } catch (error) {
    // A campaign may bind nobody, or not by this click: the sale, if one comes, says so too.
    if (error instanceof RefusedBinding) return { state: "noted", note: `Nobody is bound: ${error.message}` };
    throw error;
  }
}

/** Reports an order unless it is accepted already. @returns what became of it, in words */
async function report(
  { database, intake }: SourceContext,
  campaignId: string,
  { orderId, event, volume, at }: StripeOrder,
  person: Person,
  { apiKeyId, receivedAt }: { readonly apiKeyId: bigint; readonly receivedAt: number },
): Promise<string> {
  const known = await readSourceOrder(database, campaignId, STRIPE, orderId);
  if (known?.accepted) return `It is conversion ${known.conversion_id}.`;
  // The same number has one spelling.
  const sold = fromBaseUnits(toBaseUnitsDown(volume, 6), 6);
  const given = { event, orderId, volume: sold, ...person, occurredAt: new Date(at * 1000).toISOString() };
  try {
    const { conversion } = await intake.accept(campaignId, given, { apiKeyId, idempotencyKey: undefined }, receivedAt);
    const accepted = conversion.state !== "rejected";
    await upsertSourceOrder(database, campaignId, STRIPE, { orderId, event, conversionId: conversion.id, accepted });
    return `It is conversion ${conversion.id}${accepted ? "" : `, rejected: ${conversion.reason}`}.`;
  } catch (error) {
    // Before a crash, when less was known of it; or by the brand's own server.
    if (!(error instanceof ConflictingReport)) throw error;
    const { conversionId } = error;
    await upsertSourceOrder(database, campaignId, STRIPE, { orderId, event, conversionId, accepted: true });
    return `It is conversion ${conversionId}.`;
  }
}
