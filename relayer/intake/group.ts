/** Taking in some reports of one campaign: read at once, judged one after the other, written at once. */
import { randomBytes } from "node:crypto";
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { packLine } from "@partner-programs/protocol/line";
import { REASONS } from "@partner-programs/protocol/reasons";
import type { PackedReceipt } from "@partner-programs/protocol/typedData";
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Transaction } from "#service/database.ts";
import type { JudgedReport, Ledger, LedgerEntry } from "../domain/ledger.ts";
import { conversionKey } from "../secrets.ts";
import { readConversions } from "../store/conversionList.ts";
import { type ConversionRow, type NewConversion, naturalKey } from "../store/conversionRow.ts";
import { insertConversions } from "../store/conversions.ts";
import { readDueRefunds, type WaitingRefundRow } from "../store/waitingRefunds.ts";
import { ConflictingReport, InvalidReport } from "./errors.ts";
import { findKnown, readKnown } from "./known.ts";
import { introduceReport, readLedger, writeChanges } from "./ledger.ts";
import { takeBackDue } from "./orderRefunds.ts";
import type { Acceptance, PendingReport } from "./report.ts";

export interface GroupContext {
  readonly secret: string;
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
  const given = pending.map(({ report, receivedAt }) =>
    introduceReport(context.secret, campaignId, report, receivedAt),
  );
  const events = given.map(({ event }) => event);
  const orders = pending.map(({ report: { event, orderId } }) => ({ event, orderId }));
  // The first of them takes the campaign's lock, and they are answered in their order.
  const [{ ledger, facts }, known, waiting] = await Promise.all([
    readLedger(sql, campaignId, given, events, now),
    findKnown(sql, campaignId, pending),
    readDueRefunds(sql, campaignId, orders),
  ]);

  const invalid = new Map<PendingReport, InvalidReport>();
  const decisions = new Map<PendingReport, Decision>();
  for (const [i, one] of pending.entries()) {
    if (known.has(one)) continue;
    const decision =
      unfit(one.report.volume, facts.campaign.tokenDecimals) ??
      decide(context, campaignId, ledger, one, given[i] as JudgedReport);
    if (decision instanceof InvalidReport) invalid.set(one, decision);
    else decisions.set(one, decision);
  }

  const promises = [...decisions.values()].flatMap(({ promise }) => promise ?? []);
  const signatures = (await context.signReceipts(promises)).values();
  const conversions = [...decisions.values()].map(({ promise, ...conversion }) => ({
    ...conversion,
    receipt: promise && signatures.next().value,
  }));
  const due = Map.groupBy(waiting, (one) => naturalKey(one.event, one.order_id));
  const awaited = conversions.filter(({ event, orderId }) => due.has(naturalKey(event, orderId)));
  const [written, earlier] = await Promise.all([
    insertConversions(sql, facts.campaign, conversions),
    readKnown(sql, known),
    writeChanges(sql, campaignId, ledger),
    awaited.length === 0 && sql.commit(),
  ]);
  if (awaited.length > 0) await takeBackAwaited(sql, context, campaignId, written, due, now);
  const rows = new Map([...decisions.keys()].map((one, i) => [one, written[i] as ConversionRow]));
  for (const [one, row] of earlier) rows.set(one, row);
  return pending.map((one) => {
    const before = known.get(one);
    if (before instanceof ConflictingReport) return before;
    return invalid.get(one) ?? { conversion: rows.get(one) as ConversionRow, created: before === undefined };
  });
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

/** A conversion as it was judged, with what its receipt is to promise. */
type Decision = Omit<NewConversion, "receipt"> & { readonly promise: PackedReceipt | undefined };

function decide(
  context: GroupContext,
  campaignId: string,
  ledger: Ledger,
  { report, receivedAt, bodyHash, apiKeyId, idempotencyKey }: PendingReport,
  judged: JudgedReport,
): Decision | InvalidReport {
  const { judgement, volume, customer, partner, linkId }: LedgerEntry = ledger.judge(judged);
  // Nothing is wrong with the order: it is to be reported again, with what is missing.
  if (!judgement.accepted && judgement.reason === "unknown_customer")
    return new InvalidReport(`${REASONS.unknown_customer} Send customerId or customerWallet.`);
  const key = conversionKey(context.secret, campaignId, report.event, report.orderId);
  const salt = `0x${randomBytes(32).toString("hex")}`;
  const common = {
    event: report.event,
    orderId: report.orderId,
    bodyHash,
    key,
    customer,
    partnershipId: judgement.partnershipId,
    partner,
    linkId,
    volume,
    occurredAt: report.occurredAt,
    receivedAt,
    salt,
    apiKeyId,
    idempotencyKey,
  };
  if (!judgement.accepted) return { ...common, ...NOTHING, state: "rejected", reason: judgement.reason };
  const { commission, partnerCommission, fee, flags } = judgement;
  const entries = judgement.entries.map(packLine);
  const second = Math.floor(receivedAt / 1000);
  const attestBy = second + context.attestWithinSeconds;
  const promise = { campaignId, conversionKey: key, salt, receivedAt: second, attestBy, entries };
  const amounts = { entries, commission, partnerCommission, fee };
  return { ...common, ...amounts, state: "accepted", reason: undefined, attestBy, promise, flags };
}

/** What a rejected conversion pays. */
const NOTHING = {
  entries: [],
  commission: 0n,
  partnerCommission: 0n,
  fee: 0n,
  attestBy: undefined,
  promise: undefined,
  flags: [],
};

/** What a token can count to. */
const MAX_AMOUNT = 2n ** 256n;

function unfit(volume: string, tokenDecimals: number): InvalidReport | undefined {
  const decimals = volume.split(".")[1]?.length ?? 0;
  if (decimals <= tokenDecimals) {
    if (toBaseUnitsDown(volume, tokenDecimals) < MAX_AMOUNT) return undefined;
    return new InvalidReport(
      `volume ${volume} is more than there can be of the campaign's token, which has ${tokenDecimals} decimals. Report less.`,
    );
  }
  return new InvalidReport(
    `volume ${volume} has ${decimals} decimals, the campaign's token has ${tokenDecimals}. Round it.`,
  );
}
