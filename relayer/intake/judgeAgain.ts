/** Judging a rejected conversion again by the brand's word: what stood against it may be gone. */
import { fromBaseUnits } from "@partner-programs/protocol/amount";
import type { Attributes } from "@partner-programs/protocol/conditions";
import type { Reason } from "@partner-programs/protocol/reasons";
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Sql } from "#service/database.ts";
import type { LookedUpRate } from "../domain/sale.ts";
import { lockCampaign } from "../store/campaigns.ts";
import { rejudgeConversions } from "../store/conversions.ts";
import { readRejected } from "../store/rejected.ts";
import { readDueRefunds } from "../store/waitingRefunds.ts";
import { whyTooMuch } from "./bonuses.ts";
import { decide } from "./decide.ts";
import { RefusedJudgement } from "./errors.ts";
import { readIntroduction } from "./introduced.ts";
import { readLedger, writeChanges } from "./ledger.ts";
import { takeBackDue } from "./orderRefunds.ts";

/** Nothing that can pass, and not for a brand to wave through: the report itself has to say something else. */
export const NEVER_AGAIN: readonly Reason[] = ["self_referral", "duplicate_customer", "disposable_domain"];

/** Of one in its own currency, what was looked up for the time when it was received first, and for now. */
export interface RatesAgain {
  readonly first?: LookedUpRate | undefined;
  readonly now?: LookedUpRate | undefined;
}

/**
 * Judges a conversion again that was rejected when it was reported. What is not rejected stays as it is.
 * @returns whether the campaign has such a conversion. @throws RefusedJudgement, MissingDescription
 */
export async function judgeAgain(
  sql: Sql,
  context: { readonly secret: string; readonly attestWithinSeconds: number; readonly signReceipts: SignReceipts },
  campaignId: string,
  conversionId: bigint,
  now: number,
  rates: RatesAgain = {},
): Promise<boolean> {
  await lockCampaign(sql, campaignId);
  const row = await readRejected(sql, campaignId, conversionId);
  if (row === undefined) return false;
  if (row.state !== "rejected") return true;
  if (!row.mendable)
    throw new RefusedJudgement(
      `Conversion ${conversionId} was accepted first and rejected later (${row.reason}): it was in a batch, or its campaign was over. That is not judged again.`,
    );
  if (NEVER_AGAIN.includes(row.reason as Reason))
    throw new RefusedJudgement(
      `Conversion ${conversionId} was rejected as ${row.reason}: nothing that passes. Report its order again with what is right.`,
    );
  const { event, order_id: orderId } = row;
  const { currency } = row.sale ?? {};
  const volume = row.sale?.volume ?? fromBaseUnits(row.volume, row.token_decimals);
  const first = row.received_at.getTime();
  const saleBy = (lookedUp: LookedUpRate | undefined) => (currency === undefined ? undefined : { currency, lookedUp });
  const judged = {
    ...readIntroduction(row.introduced, row.customer, now),
    event,
    volume,
    sale: saleBy(rates.now),
    attributes: asReported(row.attributes),
  };
  const [{ ledger }, due] = await Promise.all([
    readLedger(sql, campaignId, [judged], [event], now, first),
    readDueRefunds(sql, campaignId, [{ event, orderId }]),
  ]);
  const report = {
    event,
    orderId,
    volume,
    currency,
    referralToken: undefined,
    customerId: undefined,
    customerWallet: undefined,
    occurredAt: row.occurred_at?.toISOString(),
  };
  const pending = { report, receivedAt: now, bodyHash: row.body_hash, apiKeyId: 0n, idempotencyKey: undefined };
  const decision = decide(context, campaignId, ledger, pending, judged, {
    ...judged,
    receivedAt: first,
    sale: saleBy(rates.first),
  });
  if (decision instanceof Error) throw new RefusedJudgement(`Conversion ${conversionId}: ${decision.message}`);
  const { promise, ...conversion } = decision;
  const [receipt] = promise === undefined ? [] : await context.signReceipts([promise]);
  const noted = conversion.reason !== row.reason;
  await rejudgeConversions(sql, campaignId, [{ ...conversion, receipt, id: conversionId, noted }]);
  await writeChanges(sql, campaignId, ledger);
  if (conversion.state === "accepted" && judged.bonus !== undefined) {
    const refusal = await whyTooMuch(sql, campaignId, { orderId, amount: row.volume }, conversion.receivedAt);
    if (refusal !== undefined) throw new RefusedJudgement(`Conversion ${conversionId} is a bonus. ${refusal}`);
  }
  if (conversion.state === "accepted")
    await takeBackDue(sql, context.signReceipts, campaignId, { id: conversionId, state: "accepted" }, due, now);
  return true;
}

const asReported = (attributes: Attributes) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
