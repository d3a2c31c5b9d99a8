/** Batches as they were written down, and what has to be done with each. */
import { fromBaseUnits } from "@partner-programs/protocol/amount";
import type { ShownConversion } from "@partner-programs/protocol/attesterApi";
import { type Line, unpackLine } from "@partner-programs/protocol/line";
import type { ConversionLeaf } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import type { Sql } from "#service/database.ts";
import { notSetAside } from "./setAside.ts";

export interface BatchRow {
  digest: string;
  campaign_id: string;
  first_conversion: bigint;
  conversions: number;
  period_from: bigint;
  period_to: bigint;
  deadline: bigint;
  conversions_root: string;
  signatures: string[] | null;
}

/** The attestation that a batch was signed as. */
export function toAttestation(row: BatchRow, lines: readonly Line[]): Attestation {
  return {
    campaignId: row.campaign_id,
    firstConversion: row.first_conversion,
    conversions: row.conversions,
    periodFrom: Number(row.period_from),
    periodTo: Number(row.period_to),
    deadline: Number(row.deadline),
    conversionsRoot: row.conversions_root,
    lines,
  };
}

/** The conversions of a batch as attesters are shown them. */
export async function readShown(sql: Sql, digest: string): Promise<ShownConversion[]> {
  const rows = await sql.query<{
    number: bigint;
    key: string;
    salt: string;
    entries: string[];
    event: string;
    order_id: string;
    volume: bigint;
    received_at: Date;
    token_decimals: number;
  }>(
    `SELECT number, key, salt, entries, event, order_id, volume, received_at, token_decimals
     FROM conversions JOIN campaigns ON campaigns.id = conversions.campaign_id
     WHERE batch = $1 ORDER BY number`,
    [digest],
  );
  return rows.map(({ number, key, salt, entries, event, order_id, volume, received_at, token_decimals }) => ({
    number,
    key,
    salt,
    entries: entries.map(unpackLine),
    order: {
      event,
      orderId: order_id,
      volume: fromBaseUnits(volume, token_decimals),
      receivedAt: received_at.toISOString(),
    },
  }));
}

/** The conversions under a batch's `conversionsRoot`, in their order. */
export async function readLeaves(sql: Sql, digest: string): Promise<ConversionLeaf[]> {
  const rows = await sql.query<{ number: bigint; key: string; salt: string; entries: string[] }>(
    "SELECT number, key, salt, entries FROM conversions WHERE batch = $1 ORDER BY number",
    [digest],
  );
  return rows.map(({ entries, ...leaf }) => ({ ...leaf, entries: entries.map(unpackLine) }));
}

// Counts of 32 bits: any of them is a number without loss.
const COLUMNS = `digest, campaign_id, first_conversion, conversions::float8 AS conversions, period_from, period_to, deadline,
  conversions_root, signatures`;

/** Batches that are to be signed. Of those that are `built` nobody was asked to sign yet. */
export async function findBatchesToSign(sql: Sql): Promise<(BatchRow & { state: "built" | "asked" })[]> {
  return sql.query(
    `SELECT ${COLUMNS}, state FROM batches WHERE state IN ('built', 'asked') AND retry_at <= now()
       AND ${notSetAside("campaign_id")}
     ORDER BY campaign_id, first_conversion`,
  );
}

/** From here on an attester may have signed: the batch's numbers are given again only when it is provably dead. */
export async function markAsked(sql: Sql, digest: string): Promise<void> {
  await sql.query("UPDATE batches SET state = 'asked' WHERE digest = $1 AND state = 'built'", [digest]);
}

/** `signatures` has one for each member of the set, or null. */
export async function markSigned(sql: Sql, digest: string, signatures: readonly (string | null)[]): Promise<void> {
  await sql.query(
    "UPDATE batches SET state = 'signed', signatures = $2, problem = NULL WHERE digest = $1 AND state = 'asked'",
    [digest, JSON.stringify(signatures)],
  );
}

/** The attesters were changed after they signed: those of now are asked to sign the same. */
export async function askAgain(sql: Sql, digest: string): Promise<void> {
  await sql.query("UPDATE batches SET state = 'asked', signatures = NULL WHERE digest = $1 AND state = 'signed'", [
    digest,
  ]);
}

/** Signed batches whose period is over and that are not on their way to the chain. `now` is in Unix seconds. */
export async function findBatchesToSubmit(sql: Sql, now: number): Promise<BatchRow[]> {
  return sql.query(
    `SELECT ${COLUMNS} FROM batches WHERE state = 'signed' AND retry_at <= now() AND period_to <= $1
       AND ${notSetAside("campaign_id")}
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'attest:' || digest)
     ORDER BY campaign_id, first_conversion`,
    [now],
  );
}

/** Batches whose hold is over, the longest over first, twenty at a time. `now` is in Unix seconds. */
export async function findBatchesToRelease(
  sql: Sql,
  now: number,
): Promise<{ readonly digest: string; readonly campaign_id: string }[]> {
  return sql.query(
    `SELECT digest, campaign_id FROM batches
     WHERE state = 'attested' AND release_at <= $1 AND retry_at <= now()
       AND ${notSetAside("campaign_id")}
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'release:' || digest)
     ORDER BY release_at LIMIT 20`,
    [now],
  );
}

/** Notes why a batch does not get on. It is tried again soon at first, the longer it lasts the less often. */
export async function postponeBatch(sql: Sql, digest: string, problem: string): Promise<void> {
  await sql.query(
    `UPDATE batches SET problem = $2,
       retry_at = now() + least(greatest((now() - created_at) / 10, interval '1 second'), interval '1 minute')
     WHERE digest = $1`,
    [digest, problem],
  );
}
