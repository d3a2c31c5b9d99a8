/** Refunds of what a source sold: it says how much in all was given back, and the rest of it is taken back here. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Transaction } from "#service/database.ts";
import { lockCampaign } from "../store/campaigns.ts";
import { readSourceOrder, setTakenBack } from "../store/sourceObjects.ts";
import type { SourceName } from "../store/sources.ts";
import { type OrderRefund, refundOrder } from "./orderRefunds.ts";

/** More than any currency has. */
const DECIMALS = 6;

export interface SourceRefund {
  readonly source: SourceName;
  readonly orderId: string;
  /** How much of its volume was given back so far, a decimal number of whole tokens; true: all of it. */
  readonly back: string | true;
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
  { source, orderId, back }: SourceRefund,
  hashOf: (request: Pick<OrderRefund, "volume" | "reason">) => string,
  now: number,
): Promise<boolean> {
  // One after the other: the next one sees what was taken back.
  await lockCampaign(sql, campaignId);
  const order = await readSourceOrder(sql, campaignId, source, orderId);
  if (order === undefined || order.whole) return false;
  const taken = toBaseUnitsDown(order.taken_back, DECIMALS);
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
