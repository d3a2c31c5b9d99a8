/** Refunds: what a brand takes back of a conversion, before it is numbered or within the hold. */
import { fromBaseUnits, toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { MAX_SALE_DECIMALS } from "@partner-programs/protocol/currency";
import { packLine, unpackLine } from "@partner-programs/protocol/line";
import { type ConvertedSale, isConverted, toTokenDown, unfitForCurrency } from "@partner-programs/protocol/rates";
import { readBonusOrderId } from "@partner-programs/protocol/targets";
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Sql } from "#service/database.ts";
import { type Cost, costOf, entriesLeft, takenBack } from "../domain/refund.ts";
import { lockCampaign } from "../store/campaigns.ts";
import { shrinkConversion, takeBack } from "../store/conversions.ts";
import {
  insertRefund,
  type RefundableRow,
  type RefundReason,
  readRates,
  readRefundable,
  readRefunds,
} from "../store/refunds.ts";
import { insertReversal, settleRequestedReversals } from "../store/reversals.ts";
import { RefusedRefund, requireNotSetAside } from "./errors.ts";
import { keepWaiting } from "./waitingRefunds.ts";

/** What is to be taken back of a conversion. */
export interface Refund {
  readonly conversionId: bigint;
  /** A decimal number of whole tokens, or of the sale's own currency; undefined: all that is left. */
  readonly volume: string | undefined;
  /** The same key again takes back nothing more. */
  readonly key: string;
  readonly bodyHash: string;
  readonly reason: RefundReason;
}

/**
 * Takes a conversion back, or a part of it: before it is numbered by shrinking it, with a new receipt; after that by a reversal
 * that the worker carries to the chain within the hold.
 * @returns whether the campaign has such a conversion. @throws RefusedRefund
 */
export async function refundConversion(
  sql: Sql,
  signReceipts: SignReceipts,
  campaignId: string,
  refund: Refund,
  now: number,
): Promise<boolean> {
  const { conversionId, reason } = refund;
  // Under the campaign's lock, so that no batch takes the conversion up at the same moment.
  await lockCampaign(sql, campaignId);
  await requireNotSetAside(sql, campaignId);
  const row = await readRefundable(sql, campaignId, conversionId);
  if (row === undefined) return false;
  if (row.state === "rejected") {
    // It pays nothing that could be taken back; unless it is judged again, and accepted.
    const of = { campaignId, event: row.event, orderId: row.order_id };
    if (reason === "refunded") await keepWaiting(sql, of, refund, conversionId);
    return true;
  }
  if (row.state !== "review" && readBonusOrderId(row.order_id) !== undefined)
    throw new RefusedRefund(
      `Conversion ${conversionId} is the bonus of a target (order "${row.order_id}"): what was reached stays reached, and is not taken back.`,
    );
  if (await isDone(sql, row, refund, now)) return true;

  const { amount, saleVolume, whole } = measure(row, refund);
  const refundId = await insertRefund(sql, { ...refund, amount, saleVolume, whole });
  const entries = row.entries.map(unpackLine);
  const units = (refunded: bigint) => (row.volume - refunded) / 10n ** BigInt(row.unit_exponent);
  const before = entriesLeft(entries, units(row.refunded));
  const left = entriesLeft(entries, whole ? undefined : units(row.refunded + amount));
  const terms = { unitExponent: row.unit_exponent, feeBps: row.fee_bps };
  const cost = costOf(left, await readRates(sql, campaignId), terms);

  if (row.state !== "accepted" && row.state !== "review") {
    const away = takenBack(before, left).map(packLine);
    if (away.length === 0) return true;
    await insertReversal(sql, {
      conversionId,
      refundId,
      batch: row.batch,
      reason,
      whole,
      takenBack: away,
      commissionLeft: cost.commission,
      partnerCommissionLeft: cost.partnerCommission,
      feeLeft: cost.fee,
    });
    return true;
  }
  // A refund that waited for a batch that died is in what is left now.
  await settleRequestedReversals(sql, conversionId);
  if (cost.commission === 0n) await takeBack(sql, [conversionId], reason);
  else await shrink(sql, signReceipts, campaignId, conversionId, row, cost);
  return true;
}

/** Whether nothing is left to be done for a refund. @throws RefusedRefund if it cannot be done */
async function isDone(sql: Sql, row: RefundableRow, refund: Refund, now: number): Promise<boolean> {
  const { conversionId, key, bodyHash, volume } = refund;
  const earlier = await readRefunds(sql, conversionId);
  const same = earlier.find((one) => one.key === key);
  if (same !== undefined && same.body_hash !== bodyHash)
    throw new RefusedRefund(`This refund of conversion ${conversionId} was reported before with another body.`);
  if (same !== undefined) return true;
  const gone = row.state === "reversed" || earlier.some(({ whole }) => whole);
  if (gone && volume === undefined) return true;
  const refusal = gone ? "is taken back already; nothing of it is left" : whyUntouchable(row, now);
  if (refusal !== undefined) throw new RefusedRefund(`Conversion ${conversionId} ${refusal}.`);
  return false;
}

/** The conversion as it would have been accepted with the volume that is left; the receipt is for what it is now. */
async function shrink(
  sql: Sql,
  signReceipts: SignReceipts,
  campaignId: string,
  id: bigint,
  { key, salt, received_at, attest_by }: RefundableRow,
  { paying, commission, partnerCommission, fee }: Cost,
): Promise<void> {
  const entries = paying.map(packLine);
  const receivedAt = Math.floor(received_at.getTime() / 1000);
  const [receipt] = await signReceipts([
    { campaignId, conversionKey: key, salt, receivedAt, attestBy: Number(attest_by), entries },
  ]);
  await shrinkConversion(sql, { id, entries, commission, partnerCommission, fee, receipt });
}

function whyUntouchable({ state, release_at }: RefundableRow, now: number): string | undefined {
  if (state === "released" || (release_at !== null && Number(release_at) * 1000 <= now))
    return `is released: its hold ended at ${new Date(Number(release_at) * 1000).toISOString()}, and the commission is the partner's`;
  return undefined;
}

/** How much of the volume a refund takes, in base units, and whether nothing is left of the conversion. */
interface Measured {
  readonly amount: bigint;
  readonly whole: boolean;
  /** Of a sale in its own currency, in that. */
  readonly saleVolume: string | undefined;
}

function measure(row: RefundableRow, refund: Refund): Measured {
  const { volume, conversionId } = refund;
  if (isConverted(row.sale)) return measureSale(row, row.sale, refund);
  const left = row.volume - row.refunded;
  const saleVolume = undefined;
  if (volume === undefined) return { amount: left, whole: true, saleVolume };
  const decimals = volume.split(".")[1]?.length ?? 0;
  if (decimals > row.token_decimals)
    throw new RefusedRefund(
      `volume ${volume} has ${decimals} decimals, the campaign's token has ${row.token_decimals}. Round it.`,
    );
  const amount = toBaseUnitsDown(volume, row.token_decimals);
  const sayUnits = (units: bigint) => fromBaseUnits(units, row.token_decimals);
  if (amount > left)
    throw new RefusedRefund(
      `The refund is of ${volume}, and ${sayUnits(left)} of the ${sayUnits(row.volume)} of conversion ${conversionId} are left. Refund no more than that, or say "all": true instead of a volume to take back what is left.`,
    );
  return { amount, whole: amount === left, saleVolume };
}

/** By the rate that the sale was converted by: what is left of it in its currency is converted, and the rest is what is taken back. */
function measureSale(
  row: RefundableRow,
  { currency, volume: sold, rate }: ConvertedSale,
  { volume, conversionId }: Refund,
): Measured {
  const toUnits = (decimal: string) => toBaseUnitsDown(decimal, MAX_SALE_DECIMALS);
  const say = (units: bigint) => fromBaseUnits(units, MAX_SALE_DECIMALS);
  const left = toUnits(sold) - toUnits(row.sale_refunded);
  const unfit = volume === undefined ? undefined : unfitForCurrency(volume, currency);
  if (unfit !== undefined) throw new RefusedRefund(unfit);
  const back = volume === undefined ? left : toUnits(volume);
  if (back > left)
    throw new RefusedRefund(
      `The refund is of ${volume} ${currency}, and ${say(left)} of the ${sold} ${currency} of conversion ${conversionId} are left. Refund no more than that, or say "all": true instead of a volume to take back what is left.`,
    );
  const kept = toTokenDown(say(left - back), rate, row.token_decimals);
  return {
    amount: row.volume - row.refunded - kept,
    whole: volume === undefined || back === left,
    saleVolume: say(back),
  };
}
