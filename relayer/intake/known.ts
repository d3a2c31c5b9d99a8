/** Reports that were taken in before: they become the same conversion again, or conflict with it. */
import type { Sale } from "@partner-programs/protocol/rates";
import type { Sql } from "#service/database.ts";
import { readConversions } from "../store/conversionList.ts";
import { type ConversionRow, naturalKey } from "../store/conversionRow.ts";
import { insertIdempotencyKeys, readKnownReports } from "../store/knownReports.ts";
import { ConflictingReport } from "./errors.ts";
import type { PendingReport } from "./report.ts";

/** The conversion's id, or the conflict if its body was another. */
export type EarlierReports = ReadonlyMap<PendingReport, bigint | ConflictingReport>;

/** A report of an order that was rejected before: it is judged again. */
export interface Rejection {
  readonly conversionId: bigint;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Whether it says now what it said then. */
  readonly same: boolean;
  /** Of one in its own currency, as it was converted then, if it was. */
  readonly sale: Sale | undefined;
}

/** Which of the reports were taken in before, and which of them were rejected then. */
export async function findKnown(
  sql: Sql,
  campaignId: string,
  pending: readonly PendingReport[],
): Promise<{ readonly known: EarlierReports; readonly rejected: ReadonlyMap<PendingReport, Rejection> }> {
  const names = pending.map(({ report: { event, orderId }, apiKeyId, idempotencyKey }) => ({
    event,
    orderId,
    apiKeyId,
    idempotencyKey,
  }));
  const known = new Map<PendingReport, bigint | ConflictingReport>();
  const rejected = new Map<PendingReport, Rejection>();
  for (const earlier of await readKnownReports(sql, campaignId, names)) {
    const { conversionId, byKey } = earlier;
    const one = pending[earlier.index] as PendingReport;
    const { event, orderId } = one.report;
    const same = earlier.bodyHash === one.bodyHash;
    if (earlier.rejected !== undefined) {
      // Another order that was rejected under this key gives it up.
      if (!byKey) rejected.set(one, { conversionId, ...earlier.rejected, same });
      continue;
    }
    const what = byKey ? `Idempotency-Key "${one.idempotencyKey}"` : `Order "${orderId}" of event "${event}"`;
    if (!same) known.set(one, new ConflictingReport(conversionId, what));
    else if (!(known.get(one) instanceof Error)) known.set(one, conversionId);
  }
  for (const one of known.keys()) rejected.delete(one);
  return { known, rejected };
}

/** What was taken in before, as it stands now. A key that it is reported under for the first time is remembered, too. */
export async function readKnown(sql: Sql, known: EarlierReports): Promise<[PendingReport, ConversionRow][]> {
  const ids = [...known].flatMap(([one, id]) => (id instanceof Error ? [] : [[one, id] as const]));
  if (ids.length === 0) return [];
  const keys = ids.flatMap(([{ apiKeyId, idempotencyKey, bodyHash }, conversionId]) =>
    idempotencyKey === undefined ? [] : [{ apiKeyId, idempotencyKey, bodyHash, conversionId }],
  );
  const [rows] = await Promise.all([
    readConversions(sql, { ids: ids.map(([, id]) => id) }),
    insertIdempotencyKeys(sql, keys),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map(([one, id]) => [one, byId.get(id) as ConversionRow]);
}

/** What two reports of one group must not share: the later one has to see what became of the earlier. */
export function keysOf({ report, apiKeyId, idempotencyKey }: PendingReport): string[] {
  const natural = `order ${naturalKey(report.event, report.orderId)}`;
  return idempotencyKey === undefined ? [natural] : [natural, `key ${apiKeyId} ${idempotencyKey}`];
}
