/** Keeps refunds of what is not accepted, so that they are taken back if it is accepted one day, or withdrawn before. */
import type { Sql } from "#service/database.ts";
import { lockCampaign } from "../store/campaigns.ts";
import {
  countWaitingRefunds,
  findWaitingRefund,
  insertWaitingRefund,
  MAX_WAITING_DAYS,
  readWaitingRefund,
  type WaitingRefundRow,
  type WaitingRefundState,
  withdrawWaitingRefund,
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
  requireNotWithdrawn(known);
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

/** What was withdrawn is not asked for again by what was sent before and comes late. @throws RefusedRefund */
export function requireNotWithdrawn(known: WaitingRefundRow | undefined): void {
  if (known?.state !== "withdrawn") return;
  throw new RefusedRefund(
    `This refund of order ${known.order_id} was withdrawn at ${known.settled_at?.toISOString()}. To refund the order after all, send another \`refundId\`.`,
  );
}

/** Why one in that state is not withdrawn. */
const TOO_LATE: { readonly [State in WaitingRefundState]?: (row: WaitingRefundRow) => string } = {
  done: ({ conversion_id }) => `is taken back already: conversion ${conversion_id} is refunded`,
  refused: ({ problem }) => `was refused, and takes back nothing: ${problem}`,
  expired: () => `waited ${MAX_WAITING_DAYS} days for its order, and takes back nothing any more`,
};

/**
 * Withdraws a refund whose sale is not accepted yet: should it be, nothing is taken back. The same again changes nothing.
 * @returns it as it stands now; undefined: the campaign has none of that id. @throws RefusedRefund
 */
export async function withdrawWaiting(sql: Sql, campaignId: string, id: bigint): Promise<WaitingRefundRow | undefined> {
  // So that its sale is accepted before or after this, and not in between.
  await lockCampaign(sql, campaignId);
  const row = await readWaitingRefund(sql, campaignId, id);
  if (row === undefined || row.state === "withdrawn") return row;
  const late = TOO_LATE[row.state];
  if (late !== undefined) throw new RefusedRefund(`Refund ${id} of order ${row.order_id} ${late(row)}.`);
  await withdrawWaitingRefund(sql, id);
  return readWaitingRefund(sql, campaignId, id);
}
