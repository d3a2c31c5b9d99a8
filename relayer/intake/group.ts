import { randomBytes } from "node:crypto";
import { toBaseUnitsDown } from "@partner-programs/protocol/amount";
import { packLine } from "@partner-programs/protocol/line";
import { REASONS } from "@partner-programs/protocol/reasons";
import type { PackedReceipt } from "@partner-programs/protocol/receiptDigest";
import type { SignReceipts } from "#service/chain/receipts.ts";
import type { Sql, Transaction } from "#service/database.ts";
import { type Judgement, judge } from "../domain/judge.ts";
import { conversionKey } from "../secrets.ts";
import { readConversions } from "../store/conversionList.ts";
import { type ConversionRow, insertConversions, type NewConversion, naturalKey } from "../store/conversions.ts";
import { type Books, type Campaign, openBooks } from "./books.ts";
import { ConflictingReport, InvalidReport } from "./errors.ts";
import type { Acceptance, PendingReport } from "./report.ts";

export interface GroupContext {
  readonly secret: string;
  readonly attestWithinSeconds: number;
  readonly signReceipts: SignReceipts;
}

/**
 * Takes in some reports of one campaign in the order given: under one lock, with what is known read at once, judged one after
 * the other in memory, and written at once. No two of them have the same natural key or Idempotency-Key. A report that cannot
 * be taken has its error in its place; the others are not touched by it.
 */
export async function acceptGroup(
  sql: Transaction,
  context: GroupContext,
  campaignId: string,
  incoming: readonly PendingReport[],
): Promise<(Acceptance | Error)[]> {
  const now = Math.max(...incoming.map(({ receivedAt }) => receivedAt));
  const reports = incoming.map(({ report }) => report);
  const [books, known] = await Promise.all([
    openBooks(sql, context.secret, campaignId, reports, now),
    findKnown(sql, campaignId, incoming),
  ]);
  const { campaign } = books;

  const invalid = new Map<PendingReport, InvalidReport>();
  const decided = new Map<PendingReport, Decision>();
  for (const one of incoming) {
    if (known.has(one)) continue;
    const conversion = tooPrecise(one, campaign) ?? decide(context, books, one);
    if (conversion instanceof InvalidReport) invalid.set(one, conversion);
    else decided.set(one, conversion);
  }

  const promises = [...decided.values()].flatMap(({ promise }) => promise ?? []);
  const signatures = (await context.signReceipts(promises)).values();
  const conversions = [...decided.values()].map(({ promise, ...conversion }) => ({
    ...conversion,
    receipt: promise && signatures.next().value,
  }));
  const [written, earlier] = await Promise.all([
    insertConversions(sql, campaign, conversions),
    readKnown(sql, known),
    books.write(sql),
    sql.commit(),
  ]);
  const taken = new Map([...decided.keys()].map((one, i) => [one, written[i] as ConversionRow]));
  for (const [one, row] of earlier) taken.set(one, row);
  return incoming.map((one) => {
    const earlier = known.get(one);
    if (earlier instanceof Error) return earlier;
    const wrong = invalid.get(one);
    if (wrong !== undefined) return wrong;
    return { conversion: taken.get(one) as ConversionRow, created: earlier === undefined };
  });
}

/** A conversion as it is judged, with what its receipt is to promise. */
type Decision = Omit<NewConversion, "receipt"> & { readonly promise: PackedReceipt | undefined };

/** Judges one report by the books, and notes in them what it uses up. */
function decide(context: GroupContext, books: Books, incoming: PendingReport): Decision | InvalidReport {
  const { campaign } = books;
  const { report, receivedAt, bodyHash, apiKeyId, idempotencyKey } = incoming;
  const volume = toBaseUnitsDown(report.volume, campaign.token_decimals);
  const judgement: Judgement = judge(books.facts(report, receivedAt));
  // Nothing is wrong with the order: it is to be reported again, with what is missing.
  if (!judgement.accepted && judgement.reason === "unknown_customer")
    return new InvalidReport(`${REASONS.unknown_customer} Send customerId or customerWallet.`);
  const key = conversionKey(context.secret, campaign.id, report.event, report.orderId);
  const salt = `0x${randomBytes(32).toString("hex")}`;
  const common = {
    event: report.event,
    orderId: report.orderId,
    bodyHash,
    key,
    customer: books.customerOf(report),
    partnershipId: judgement.partnershipId,
    partner: books.partnerOf(judgement.partnershipId),
    linkId: books.linkOf(report, judgement.partnershipId),
    volume,
    occurredAt: report.occurredAt,
    receivedAt,
    salt,
    apiKeyId,
    idempotencyKey,
  };
  if (!judgement.accepted) {
    const nothing = {
      entries: [],
      commission: 0n,
      partnerCommission: 0n,
      fee: 0n,
      attestBy: undefined,
      promise: undefined,
      flags: [],
    };
    return { ...common, ...nothing, state: "rejected", reason: judgement.reason };
  }
  books.accept(report, judgement, receivedAt, volume);
  const { commission, partnerCommission, fee, flags } = judgement;
  const entries = judgement.entries.map(packLine);
  const second = Math.floor(receivedAt / 1000);
  const attestBy = second + context.attestWithinSeconds;
  const promise = { campaignId: campaign.id, conversionKey: key, salt, receivedAt: second, attestBy, entries };
  return {
    ...common,
    state: "accepted",
    reason: undefined,
    entries,
    commission,
    partnerCommission,
    fee,
    attestBy,
    promise,
    flags,
  };
}

/** Reports that were taken in before: the conversion's id, or the conflict if its body was another. */
async function findKnown(
  sql: Sql,
  campaignId: string,
  incoming: readonly PendingReport[],
): Promise<Map<PendingReport, bigint | ConflictingReport>> {
  const rows = await sql.query<{ ordinal: bigint; id: bigint; body_hash: string; by_key: boolean }>(
    // One by one by the indexes. As a join, all conversions are read as long as PostgreSQL has no statistics of them.
    `SELECT ordinal, id, body_hash, by_key
     FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY
       AS given (event, order_id, api_key_id, idempotency_key, ordinal)
     CROSS JOIN LATERAL (
       SELECT id, body_hash, false AS by_key FROM conversions
       WHERE campaign_id = $1 AND event = given.event AND order_id = given.order_id
       UNION ALL
       SELECT conversion_id, request_hash, true FROM idempotency_keys
       WHERE api_key_id = given.api_key_id AND idempotency_key = given.idempotency_key
     ) AS known
     ORDER BY ordinal, by_key`,
    [
      campaignId,
      incoming.map(({ report }) => report.event),
      incoming.map(({ report }) => report.orderId),
      incoming.map(({ apiKeyId }) => String(apiKeyId)),
      incoming.map(({ idempotencyKey }) => idempotencyKey ?? null),
    ],
  );
  const known = new Map<PendingReport, bigint | ConflictingReport>();
  for (const { ordinal, id, body_hash, by_key } of rows) {
    const one = incoming[Number(ordinal) - 1] as PendingReport;
    const { event, orderId } = one.report;
    const what = by_key ? `Idempotency-Key "${one.idempotencyKey}"` : `Order "${orderId}" of event "${event}"`;
    if (body_hash !== one.bodyHash) known.set(one, new ConflictingReport(id, what));
    else if (!(known.get(one) instanceof Error)) known.set(one, id);
  }
  return known;
}

/** What was taken in before as it stands now. A key that it is reported under for the first time is remembered, too. */
async function readKnown(
  sql: Sql,
  known: ReadonlyMap<PendingReport, bigint | ConflictingReport>,
): Promise<[PendingReport, ConversionRow][]> {
  const ids = [...known].flatMap(([one, id]) => (id instanceof Error ? [] : [[one, id] as const]));
  if (ids.length === 0) return [];
  const keyed = ids.filter(([{ idempotencyKey }]) => idempotencyKey !== undefined);
  const remembered = sql.query(
    `INSERT INTO idempotency_keys (api_key_id, idempotency_key, request_hash, conversion_id)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING`,
    [
      keyed.map(([{ apiKeyId }]) => String(apiKeyId)),
      keyed.map(([{ idempotencyKey }]) => idempotencyKey),
      keyed.map(([{ bodyHash }]) => bodyHash),
      keyed.map(([, id]) => String(id)),
    ],
  );
  const read = readConversions(sql, { ids: ids.map(([, id]) => id) });
  const [rows] = await Promise.all([read, remembered]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map(([one, id]) => [one, byId.get(id) as ConversionRow]);
}

function tooPrecise({ report: { volume } }: PendingReport, campaign: Campaign): InvalidReport | undefined {
  const decimals = volume.split(".")[1]?.length ?? 0;
  if (decimals <= campaign.token_decimals) return undefined;
  const detail = `volume ${volume} has ${decimals} decimals, the campaign's token has ${campaign.token_decimals}. Round it.`;
  return new InvalidReport(detail);
}

/** What two reports of one group must not share: the later one has to see what became of the earlier. */
export function keysOf({ report, apiKeyId, idempotencyKey }: PendingReport): string[] {
  const natural = `order ${naturalKey(report.event, report.orderId)}`;
  return idempotencyKey === undefined ? [natural] : [natural, `key ${apiKeyId} ${idempotencyKey}`];
}
