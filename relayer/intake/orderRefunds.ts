/** Refunds by the brand's own id of the order: of a sale that is known at once, of one that is not once it is. */
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Sql } from "#service/database.ts";
import { lockCampaign, readDescriptionBody } from "../store/campaigns.ts";
import type { ConversionRow } from "../store/conversionRow.ts";
import { findOfOrder } from "../store/refunds.ts";
import { findWaitingRefund, settleWaitingRefunds, type WaitingRefundRow } from "../store/waitingRefunds.ts";
import { RefusedRefund, requireNotSetAside } from "./errors.ts";
import { requireDescription } from "./ledger.ts";
import { type Refund, refundConversion } from "./refunds.ts";
import { keepWaiting, requireNotWithdrawn } from "./waitingRefunds.ts";

/** What is to be taken back, by its order. */
export interface OrderRefund extends Omit<Refund, "conversionId"> {
  readonly orderId: string;
  /** undefined: the only event that the order was reported with, or that the campaign has. */
  readonly event: string | undefined;
}

/** The conversion that was taken back; or the refund that waits for it. */
export type OrderRefundOutcome =
  | { readonly conversionId: bigint }
  | { readonly waiting: WaitingRefundRow; readonly created: boolean };

/** @throws RefusedRefund, MissingDescription */
export async function refundOrder(
  sql: Sql,
  signReceipts: SignReceipts,
  campaignId: string,
  { orderId, event, ...refund }: OrderRefund,
  now: number,
): Promise<OrderRefundOutcome> {
  // So that the sale does not come in between looking for it and waiting for it.
  await lockCampaign(sql, campaignId);
  await requireNotSetAside(sql, campaignId);
  const ofOrder = await findOfOrder(sql, campaignId, orderId, event);
  const [found, another] = ofOrder;
  if (another !== undefined)
    throw new RefusedRefund(
      `Order ${orderId} was reported with the events ${ofOrder.map((one) => one.event).join(", ")}. Say which \`event\` is refunded.`,
    );
  if (found !== undefined) {
    const { key } = refund;
    requireNotWithdrawn(await findWaitingRefund(sql, { campaignId, orderId, event: found.event, key }));
    await refundConversion(sql, signReceipts, campaignId, { ...refund, conversionId: found.id }, now);
    return { conversionId: found.id };
  }
  const of = { campaignId, orderId, event: await eventOf(sql, campaignId, orderId, event) };
  const { row, created } = await keepWaiting(sql, of, refund, undefined);
  return { waiting: row, created };
}

/** Which event a sale that is not known will be of: one that the campaign has, so that a slip of the pen does not wait for ever. */
async function eventOf(sql: Sql, campaignId: string, orderId: string, event: string | undefined): Promise<string> {
  const { events } = requireDescription(campaignId, (await readDescriptionBody(sql, campaignId)) ?? undefined);
  const names = events.map(({ name }) => name);
  const [first, another] = names;
  if (event === undefined) {
    if (first !== undefined && another === undefined) return first;
    throw new RefusedRefund(
      `Order ${orderId} is not known yet. Say with which \`event\` it will be reported, and the refund waits for it: ${names.join(", ")}.`,
    );
  }
  if (!names.includes(event))
    throw new RefusedRefund(
      `Order ${orderId} of event ${event} is not known, and the campaign has no such event; it has ${names.join(", ")}. Correct \`event\`.`,
    );
  return event;
}

/** Takes back what refunds waited for: conversions that are new, or judged anew. One that cannot be done says why, and stops nothing. */
export async function takeBackDue(
  sql: Sql,
  signReceipts: SignReceipts,
  campaignId: string,
  { id, state }: Pick<ConversionRow, "id" | "state">,
  due: readonly WaitingRefundRow[],
  now: number,
): Promise<void> {
  if (state === "rejected") {
    const ids = due.map((one) => one.id);
    return settleWaitingRefunds(sql, ids, id, { state: "nothing_due" });
  }
  for (const { id: refundId, volume, key, body_hash } of due) {
    const refund = { conversionId: id, volume: volume ?? undefined, key, bodyHash: body_hash };
    try {
      await refundConversion(sql, signReceipts, campaignId, { ...refund, reason: "refunded" }, now);
      await settleWaitingRefunds(sql, [refundId], id, { state: "done" });
    } catch (error) {
      if (!(error instanceof RefusedRefund)) throw error;
      await settleWaitingRefunds(sql, [refundId], id, { state: "refused", problem: error.message });
    }
  }
}
