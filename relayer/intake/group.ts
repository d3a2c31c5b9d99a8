/** Taking in some reports of one campaign: read at once, judged one after the other, written at once. */
import type { SaleCurrencies } from "@partner-programs/protocol/rates";
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Transaction } from "#service/database.ts";
import type { JudgedReport } from "../domain/ledger.ts";
import type { ReferralSecrets } from "../domain/referralSecrets.ts";
import { readConversions } from "../store/conversionList.ts";
import { type ConversionRow, type NewConversion, naturalKey } from "../store/conversionRow.ts";
import { insertConversions, type JudgedAgain, rejudgeConversions } from "../store/conversions.ts";
import { readDueRefunds, type WaitingRefundRow } from "../store/waitingRefunds.ts";
import { type Decision, decide, unfit } from "./decide.ts";
import { ConflictingReport, InvalidReport } from "./errors.ts";
import { findKnown, type Rejection, readKnown } from "./known.ts";
import { introduceReport, readLedger, writeChanges } from "./ledger.ts";
import { takeBackDue } from "./orderRefunds.ts";
import type { Acceptance, PendingReport } from "./report.ts";

export interface GroupContext {
  readonly secret: string;
  readonly referralSecrets: ReferralSecrets;
  readonly attestWithinSeconds: number;
  readonly signReceipts: SignReceipts;
}

/**
 * Takes in some reports of one campaign in the order given, under one lock. No two of them have the same natural key or
 * Idempotency-Key. A report that cannot be taken has its error in its place; the others are not touched by it.
 */
export async function acceptGroup(
  sql: Transaction,
  context: GroupContext,
  campaignId: string,
  pending: readonly PendingReport[],
): Promise<(Acceptance | Error)[]> {
  const now = Math.max(...pending.map(({ receivedAt }) => receivedAt));
  const given = pending.map((one) => introduceReport(context.secret, campaignId, one, context.referralSecrets));
  const events = given.map(({ event }) => event);
  const orders = pending.map(({ report: { event, orderId } }) => ({ event, orderId }));
  // The first of them takes the campaign's lock, and they are answered in their order.
  const [read, { known, rejected }, waiting] = await Promise.all([
    readLedger(sql, campaignId, given, events, now),
    findKnown(sql, campaignId, pending),
    readDueRefunds(sql, campaignId, orders),
  ]);
  const first = Math.min(now, ...[...rejected.values()].map(({ receivedAt }) => receivedAt));
  const { ledger, facts } = first === now ? read : await readLedger(sql, campaignId, given, events, now, first);

  const invalid = new Map<PendingReport, InvalidReport>();
  const decisions = new Map<PendingReport, Decision>();
  for (const [i, one] of pending.entries()) {
    if (known.has(one)) continue;
    const before = rejected.get(one);
    const judged = given[i] as JudgedReport;
    const then = before?.same ? asReceived(judged, before, facts.description.currencies) : undefined;
    const decision =
      (judged.sale === undefined ? unfit(one.report.volume, facts.campaign.tokenDecimals) : undefined) ??
      decide(context, campaignId, ledger, one, judged, then);
    if (decision instanceof InvalidReport) invalid.set(one, decision);
    else decisions.set(one, decision);
  }

  const promises = [...decisions.values()].flatMap(({ promise }) => promise ?? []);
  const signatures = (await context.signReceipts(promises)).values();
  const fresh: NewConversion[] = [];
  const again: JudgedAgain[] = [];
  for (const [one, { promise, ...decision }] of decisions) {
    const conversion = { ...decision, receipt: promise && signatures.next().value };
    const before = rejected.get(one);
    if (before === undefined) fresh.push(conversion);
    else {
      const noted = !before.same || before.reason !== conversion.reason;
      again.push({ ...conversion, id: before.conversionId, noted });
    }
  }
  const due = Map.groupBy(waiting, (one) => naturalKey(one.event, one.order_id));
  const plain = again.length === 0 && !fresh.some(({ event, orderId }) => due.has(naturalKey(event, orderId)));
  const [written, earlier] = await Promise.all([
    insertConversions(sql, facts.campaign, fresh),
    readKnown(sql, known),
    rejudgeConversions(sql, campaignId, again),
    writeChanges(sql, campaignId, ledger),
    plain && sql.commit(),
  ]);
  if (!plain) {
    written.push(...(await readConversions(sql, { ids: again.map(({ id }) => id) })));
    await takeBackAwaited(sql, context, campaignId, written, due, now);
  }
  const rows = new Map(written.map((row) => [naturalKey(row.event, row.order_id), row]));
  const before = new Map(earlier);
  return pending.map((one) => {
    const earlierOne = known.get(one);
    if (earlierOne instanceof ConflictingReport) return earlierOne;
    const { event, orderId } = one.report;
    const conversion = before.get(one) ?? (rows.get(naturalKey(event, orderId)) as ConversionRow);
    const judgedAgain = rejected.has(one);
    return invalid.get(one) ?? { conversion, created: earlierOne === undefined && !judgedAgain, judgedAgain };
  });
}

/** A report as it was when it came first and was rejected: a sale that was converted then has the rate of then. */
function asReceived(
  judged: JudgedReport,
  { receivedAt, sale }: Rejection,
  currencies: SaleCurrencies | undefined,
): JudgedReport {
  if (judged.sale === undefined) return { ...judged, receivedAt };
  const rate = sale?.rate;
  const lookedUp = rate && currencies && { by: currencies, found: { rate } };
  return { ...judged, receivedAt, sale: { currency: judged.sale.currency, lookedUp } };
}

/** Takes back those of the conversions just written that refunds waited for; in `written` they are then as they stand after it. */
async function takeBackAwaited(
  sql: Transaction,
  { signReceipts }: GroupContext,
  campaignId: string,
  written: ConversionRow[],
  due: ReadonlyMap<string, WaitingRefundRow[]>,
  now: number,
): Promise<void> {
  const changed = new Set<bigint>();
  for (const row of written) {
    const refunds = due.get(naturalKey(row.event, row.order_id));
    if (refunds === undefined) continue;
    await takeBackDue(sql, signReceipts, campaignId, row, refunds, now);
    changed.add(row.id);
  }
  const rows = new Map((await readConversions(sql, { ids: [...changed] })).map((row) => [row.id, row]));
  for (const [i, { id }] of written.entries()) written[i] = rows.get(id) ?? (written[i] as ConversionRow);
}
