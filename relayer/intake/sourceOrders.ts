/** Refunds of what a source sold: it says how much in all was given back, and the rest of it is taken back here. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Transaction } from "#service/database.ts";
import { lockCampaign } from "../store/campaigns.ts";
import { readRefundable } from "../store/refunds.ts";
import { readSourceOrder, setTakenBack } from "../store/sourceObjects.ts";
import type { SourceName } from "../store/sources.ts";
import { type OrderRefund, refundOrder } from "./orderRefunds.ts";

/** More than any currency has. */
const DECIMALS = 6;

/**
 * How much of an order's volume was given back so far, a decimal number of whole tokens or of the sale's own currency; true: all of it. Or how much of it is left,
 * by a source whose orders change after they were reported.
 */
export type GivenBack = { readonly back: string | true } | { readonly left: string };

export interface SourceRefund {
  readonly source: SourceName;
  readonly orderId: string;
  readonly given: GivenBack;
}

/**
 * Takes back of a reported order what was given back since the last time. However often, and in whatever steps it is told, the
 * end is the same: each refund has the sum that it leads to as its key.
 * @returns whether anything was taken back. @throws RefusedRefund, MissingDescription
 */
export async function takeBackUpTo(
  sql: Transaction,
  signReceipts: SignReceipts,
  campaignId: string,
  { source, orderId, given }: SourceRefund,
  hashOf: (request: Pick<OrderRefund, "volume" | "reason">) => string,
  now: number,
): Promise<boolean> {
  // One after the other: the next one sees what was taken back.
  await lockCampaign(sql, campaignId);
  const order = await readSourceOrder(sql, campaignId, source, orderId);
  if (order === undefined || order.whole) return false;
  const taken = toBaseUnitsDown(order.taken_back, DECIMALS);
  const back = "back" in given ? given.back : await backOf(sql, campaignId, order.conversion_id, given.left);
  const wanted = back === true ? taken : toBaseUnitsDown(back, DECIMALS);
  if (back !== true && wanted <= taken) return false;
  const volume = back === true ? undefined : fromBaseUnits(wanted - taken, DECIMALS);
  const request = { volume, reason: "refunded" as const };
  const key = `${source} ${back === true ? "all" : fromBaseUnits(wanted, DECIMALS)}`;
  await refundOrder(
    sql,
    signReceipts,
    campaignId,
    { ...request, orderId, event: order.event, key, bodyHash: hashOf(request) },
    now,
  );
  const volumeBack = fromBaseUnits(wanted, DECIMALS);
  await setTakenBack(sql, campaignId, source, orderId, { volume: volumeBack, whole: back === true });
  return true;
}

/** What of a conversion is not left; true: nothing is. */
async function backOf(
  sql: Transaction,
  campaignId: string,
  conversionId: bigint,
  left: string,
): Promise<string | true> {
  const row = await readRefundable(sql, campaignId, conversionId);
  if (row === undefined) throw new Error(`Campaign ${campaignId} has no conversion ${conversionId}.`);
  const sold = toBaseUnitsDown(row.sale?.volume ?? fromBaseUnits(row.volume, row.token_decimals), DECIMALS);
  const kept = toBaseUnitsDown(left, DECIMALS);
  if (kept === 0n) return true;
  return fromBaseUnits(kept < sold ? sold - kept : 0n, DECIMALS);
}
