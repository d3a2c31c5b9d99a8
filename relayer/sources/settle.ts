/** Does what follows from what is known of a sale and is not done yet, whatever source it is of: reports, binds, takes back. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import type { CampaignDescription } from "@partner-programs/protocol/description";
import type { SaleCurrencies } from "@partner-programs/protocol/rates";
import { FinalError } from "#service/errors.ts";
import type { NoOrder, Order } from "#sources/sale.ts";
import { canonicalEmail } from "../domain/spelling.ts";
import { ConflictingReport, RefusedBinding, RefusedRefund } from "../intake/errors.ts";
import { requireDescription } from "../intake/ledger.ts";
import type { Person } from "../intake/report.ts";
import type { GivenBack, SourceRefund } from "../intake/sourceOrders.ts";
import { readDescriptionBody } from "../store/campaigns.ts";
import type { DueEventRow, SourceEventState } from "../store/sourceEvents.ts";
import { readSourceOrder, upsertSourceOrder } from "../store/sourceObjects.ts";
import type { SourceName } from "../store/sources.ts";
import type { SourceContext } from "./context.ts";

/** What became of an event, or of one of the sales that it is about. */
export interface Outcome {
  readonly state: Exclude<SourceEventState, "waiting">;
  readonly note: string | undefined;
  readonly orderId: string | undefined;
}

/** A sale, and who bought it by whom. */
export interface Sold {
  readonly id: string;
  readonly order: Order | NoOrder;
  readonly person: Person;
  /** What of it was given back, as its source tells that. */
  readonly back: GivenBack;
  /** Whether its customer went through with it, and so is bound whatever it counts as. */
  readonly complete: boolean;
}

class NoMapping extends FinalError {
  override readonly name = "NoMapping";
}

/** A report is as of when the event came, unless that is so long ago that it could not be attested in time. */
const FRESH_MILLISECONDS = 3_600_000;

const NO_ORDER = { yet: "noted", never: "ignored", refused: "refused" } as const;

export const refused = (note: string, orderId?: string): Outcome => ({ state: "refused", note, orderId });

type Mappings = NonNullable<CampaignDescription["sources"]>;

/** What of a source counts, and in which currencies besides, by the description in force. @throws NoMapping */
export async function readMapping<Source extends SourceName>(
  { database }: SourceContext,
  campaignId: string,
  source: Source,
  title: string,
): Promise<{ readonly mapping: NonNullable<Mappings[Source]>; readonly currencies: SaleCurrencies | undefined }> {
  const description = requireDescription(campaignId, (await readDescriptionBody(database, campaignId)) ?? undefined);
  const mapping = description.sources?.[source];
  if (mapping === undefined)
    throw new NoMapping(
      `The campaign's description does not say what of ${title} counts. Publish one with \`sources.${source}\`, and have this applied again.`,
    );
  return { mapping, currencies: description.currencies };
}

export async function settle(
  context: SourceContext,
  { campaign_id: campaignId, source, received_at }: DueEventRow,
  apiKeyId: bigint,
  { id, order, person, back, complete }: Sold,
): Promise<Outcome> {
  const now = Date.now();
  const receivedAt = now - received_at.getTime() < FRESH_MILLISECONDS ? received_at.getTime() : now;
  if ("reason" in order) {
    const gone = order.gone
      ? await takeBack(context, campaignId, { source, orderId: id, given: back }, now)
      : undefined;
    if (gone !== undefined) return gone;
    const bound = complete ? await bind(context, campaignId, person, receivedAt) : undefined;
    const state = NO_ORDER[order.why];
    if (bound === undefined) return { state, note: order.reason, orderId: id };
    const note = order.why === "yet" ? bound.note : `${order.reason} ${bound.note}`;
    return { state: order.why === "refused" ? state : bound.state, note, orderId: id };
  }
  const reported = await report(context, campaignId, source, order, person, { apiKeyId, receivedAt });
  const taken = await takeBack(context, campaignId, { source, orderId: order.orderId, given: back }, now);
  if (taken?.state === "refused") return { ...taken, orderId: id };
  return { state: "applied", note: taken === undefined ? reported : `${reported} ${taken.note}`, orderId: id };
}

/** Takes back of an order what is to be taken back of it by now. @returns what became of that; undefined: nothing was */
async function takeBack(
  { intake }: SourceContext,
  campaignId: string,
  refund: SourceRefund,
  now: number,
): Promise<Outcome | undefined> {
  const { orderId } = refund;
  try {
    const taken = await intake.refundUpTo(campaignId, refund, now);
    return taken ? { state: "applied", note: "What was given back is taken back.", orderId } : undefined;
  } catch (error) {
    if (error instanceof RefusedRefund) return refused(error.message, orderId);
    throw error;
  }
}

/** Who bought, by the source's own name of the customer; as a guest, by the e-mail address. */
export function toPerson({
  customer,
  email,
  token,
  code,
}: {
  readonly customer: string | undefined;
  readonly email: string | undefined;
  readonly token: string | undefined;
  readonly code: string | undefined;
}): Person {
  const address = email === undefined ? undefined : canonicalEmail(email);
  return {
    referralToken: token,
    code,
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
  source: SourceName,
  { orderId, event, volume, currency, at, attributes }: Order,
  person: Person,
  { apiKeyId, receivedAt }: { readonly apiKeyId: bigint; readonly receivedAt: number },
): Promise<string> {
  const known = await readSourceOrder(database, campaignId, source, orderId);
  if (known?.accepted) return `It is conversion ${known.conversion_id}.`;
  // The same number has one spelling.
  const sold = fromBaseUnits(toBaseUnitsDown(volume, 6), 6);
  const given = {
    event,
    orderId,
    volume: sold,
    currency,
    ...person,
    attributes,
    occurredAt: new Date(at * 1000).toISOString(),
  };
  try {
    const { conversion } = await intake.accept(campaignId, given, { apiKeyId, idempotencyKey: undefined }, receivedAt);
    const accepted = conversion.state !== "rejected";
    await upsertSourceOrder(database, campaignId, source, { orderId, event, conversionId: conversion.id, accepted });
    return `It is conversion ${conversion.id}${accepted ? "" : `, rejected: ${conversion.reason}`}.`;
  } catch (error) {
    // Before a crash, when less was known of it; or by the brand's own server.
    if (!(error instanceof ConflictingReport)) throw error;
    const { conversionId } = error;
    await upsertSourceOrder(database, campaignId, source, { orderId, event, conversionId, accepted: true });
    return `It is conversion ${conversionId}.`;
  }
}
