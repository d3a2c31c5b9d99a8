/** Keeps refunds of what is not accepted, so that they are taken back if it is accepted one day. */
import type { Sql } from "#service/database.ts";
import {
  countWaitingRefunds,
  findWaitingRefund,
  insertWaitingRefund,
  MAX_WAITING_DAYS,
  type WaitingRefundRow,
} from "../store/waitingRefunds.ts";
import { RefusedRefund } from "./errors.ts";

/** So many refunds of a campaign may wait for sales that are not known. */
const MAX_WAITING = 10_000;
/** And so many of one order. */
const MAX_OF_ORDER = 100;

/**
 * Keeps a refund until its sale is accepted. The same again changes nothing. Under the campaign's lock.
 * @param conversionId of the sale, if it is known and was rejected
 * @throws RefusedRefund
 */
export async function keepWaiting(
  sql: Sql,
  of: { readonly campaignId: string; readonly event: string; readonly orderId: string },
  refund: { readonly key: string; readonly bodyHash: string; readonly volume: string | undefined },
  conversionId: bigint | undefined,
): Promise<{ readonly row: WaitingRefundRow; readonly created: boolean }> {
  const known = await findWaitingRefund(sql, { ...of, key: refund.key });
  if (known !== undefined && known.body_hash !== refund.bodyHash)
    throw new RefusedRefund(`This refund of order ${of.orderId} was reported before with another body.`);
  if (known !== undefined && known.state !== "expired") return { row: known, created: false };
  const { ofCampaign, ofOrder } = await countWaitingRefunds(sql, of.campaignId, of.event, of.orderId);
  if (ofOrder >= MAX_OF_ORDER)
    throw new RefusedRefund(
      `${ofOrder} refunds of order ${of.orderId} have taken back nothing yet, and more are not kept. Report its sale.`,
    );
  if (conversionId === undefined && ofCampaign >= MAX_WAITING)
    throw new RefusedRefund(
      `${ofCampaign} refunds of this campaign wait for sales that are not known, at most ${MAX_WAITING_DAYS} days each, and no more can. Report their sales; GET /v1/waiting-refunds lists them.`,
    );
  await insertWaitingRefund(sql, { ...of, ...refund, conversionId });
  const row = await findWaitingRefund(sql, { ...of, key: refund.key });
  if (row === undefined) throw new Error(`The refund of order ${of.orderId} was not kept.`);
  return { row, created: true };
}
