/** Batches as they were written down, and what has to be done with each. */
import { fromBaseUnits } from "@partner-programs/protocol/amount";
import type { ShownConversion } from "@partner-programs/protocol/attesterApi";
import type { RememberedConversion } from "@partner-programs/protocol/attesterMemory";
import type { Attributes, JudgedHistory } from "@partner-programs/protocol/conditions";
import { isConverted, type Sale } from "@partner-programs/protocol/rates";
import type { PackedLeaf } from "@partner-programs/protocol/trees";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { ATTESTATION_COLUMNS, type AttestationRow, toAttestation } from "#service/attestationRow.ts";
import type { Sql } from "#service/database.ts";
import { notSetAside } from "./setAside.ts";

export interface BatchToCarry {
  readonly digest: string;
  readonly attestation: Attestation;
  readonly signatures: readonly (string | null)[] | null;
  /** Whether the chain gets the lines with the attestation. */
  readonly linesOnChain: boolean;
}

/** The conversions of a batch as attesters are shown them, read as often as somebody goes through them. */
export function shownConversions(sql: Sql, digest: string): AsyncIterable<ShownConversion> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const page of readPages<ShownRow>(sql, SHOWN, digest)) yield* page.map(toShown);
    },
  };
}

interface ShownRow extends PackedLeaf {
  readonly event: string;
  readonly order_id: string;
  readonly volume: bigint;
  readonly received_at: Date;
  readonly attributes: Attributes;
  readonly history: JudgedHistory | null;
  readonly sale: Sale | null;
  readonly token_decimals: number;
}

const SHOWN =
  "number, key, salt, entries, event, order_id, volume, received_at, attributes, history, sale, token_decimals";
const LEAVES = "number, key, salt, entries";

/** So many rows at a time: a batch can have hundreds of thousands of conversions. */
const PAGE = 5_000;

/** Conversions of a batch in their order, page by page. */
async function* readPages<Row extends { readonly number: bigint }>(
  sql: Sql,
  columns: typeof SHOWN | typeof LEAVES,
  digest: string,
): AsyncGenerator<Row[]> {
  for (let next = 0n; ; ) {
    const rows = await sql.query<Row>(
      `SELECT ${columns} FROM conversions JOIN campaigns ON campaigns.id = conversions.campaign_id
       WHERE batch = $1 AND number >= $2 ORDER BY number LIMIT ${PAGE}`,
      [digest, next],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    next = last.number + 1n;
  }
}

function toShown({ number, key, salt, entries, ...row }: ShownRow): ShownConversion {
  return {
    number,
    key,
    salt,
    entries,
    order: {
      event: row.event,
      orderId: row.order_id,
      volume: fromBaseUnits(row.volume, row.token_decimals),
      receivedAt: row.received_at.toISOString(),
      // Only conditions are judged by them.
      ...(isConverted(row.sale) && { sale: row.sale }),
      ...(row.history !== null && { attributes: row.attributes, history: row.history }),
    },
  };
}

/** The same as they are remembered, for an attester that forgot. */
export async function* rememberedConversions(sql: Sql, digest: string): AsyncGenerator<RememberedConversion> {
  for await (const page of readPages<ShownRow>(sql, SHOWN, digest))
    for (const { number, key, salt, entries, event, order_id: orderId, received_at } of page) {
      const receivedAt = Math.floor(received_at.getTime() / 1000);
      yield { number, key, salt, entries: [...entries], order: { event, orderId, receivedAt } };
    }
}

/** The conversions under a batch's `conversionsRoot`, in their order, page by page; their entries as packed lines. */
export function readLeaves(sql: Sql, digest: string): AsyncGenerator<PackedLeaf[]> {
  return readPages<PackedLeaf>(sql, LEAVES, digest);
}

const COLUMNS = `digest, ${ATTESTATION_COLUMNS}, signatures,
  (SELECT lines_on_chain OR hold_seconds = 0 FROM campaigns WHERE id = campaign_id) AS lines_on_chain`;

type Row = AttestationRow & Pick<BatchToCarry, "digest" | "signatures"> & { readonly lines_on_chain: boolean };

const toBatch = (row: Row): BatchToCarry => ({
  digest: row.digest,
  attestation: toAttestation(row),
  signatures: row.signatures,
  linesOnChain: row.lines_on_chain,
});

/** What was signed of a batch; undefined: there is none. */
export async function readAttestation(sql: Sql, digest: string): Promise<Attestation | undefined> {
  const [row] = await sql.query<AttestationRow>(`SELECT ${ATTESTATION_COLUMNS} FROM batches WHERE digest = $1`, [
    digest,
  ]);
  return row && toAttestation(row);
}

/** What was signed of a batch whose conversions were numbered here; undefined: there is none. */
export async function readNumberedHere(sql: Sql, digest: string): Promise<Attestation | undefined> {
  const [row] = await sql.query<AttestationRow>(
    `SELECT ${ATTESTATION_COLUMNS} FROM batches
     WHERE digest = $1 AND state IN ('asked', 'signed', 'attested', 'released')
       AND EXISTS (SELECT 1 FROM conversions WHERE batch = digest)`,
    [digest],
  );
  return row && toAttestation(row);
}

/** A batch that is to be signed. Of one that is `built` nobody was asked to sign yet. */
export interface BatchToAsk extends BatchToCarry {
  readonly state: "built" | "asked";
}

export async function findBatchesToSign(sql: Sql): Promise<BatchToAsk[]> {
  const rows = await sql.query<Row & Pick<BatchToAsk, "state">>(
    `SELECT ${COLUMNS}, state FROM batches WHERE state IN ('built', 'asked') AND retry_at <= now()
       AND ${notSetAside("campaign_id")}
     ORDER BY campaign_id, first_conversion`,
  );
  return rows.map((row) => ({ ...toBatch(row), state: row.state }));
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
export async function findBatchesToSubmit(sql: Sql, now: number): Promise<BatchToCarry[]> {
  const rows = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM batches WHERE state = 'signed' AND retry_at <= now() AND period_to <= $1
       AND ${notSetAside("campaign_id")}
       AND NOT EXISTS (SELECT 1 FROM transactions_under_way WHERE purpose = 'attest:' || digest)
     ORDER BY campaign_id, first_conversion`,
    [now],
  );
  return rows.map(toBatch);
}

/**
 * Batches whose hold is over by the chain's time or by `now` (Unix seconds), whichever is later, and whose lines are known: the longest
 * over first, twenty at a time. Those of which enough is under way already come when that is mined.
 */
export async function findBatchesToRelease(
  sql: Sql,
  now: number,
  underWay: number,
): Promise<{ readonly digest: string; readonly campaign_id: string; readonly under_way: number }[]> {
  return sql.query(
    `WITH sent AS MATERIALIZED (
       SELECT split_part(purpose, ':', 2) AS digest, count(*)::int AS under_way FROM transactions_under_way
       WHERE purpose LIKE 'release:%' GROUP BY 1
     )
     SELECT digest, campaign_id, coalesce(under_way, 0) AS under_way
     FROM batches LEFT JOIN sent USING (digest)
     WHERE state = 'attested' AND release_at <= greatest($1::numeric, chain_now()) AND retry_at <= now()
       AND lines_known AND coalesce(under_way, 0) < $2
       AND ${notSetAside("campaign_id")}
     ORDER BY release_at LIMIT 20`,
    [now, underWay],
  );
}

/** A batch on the chain whose lines are not known here. */
export type BatchWithoutLines = Pick<BatchToCarry, "digest" | "attestation">;

/** Those that are to be asked for now, so many at most. */
export async function findBatchesWithoutLines(sql: Sql, most: number): Promise<BatchWithoutLines[]> {
  const rows = await sql.query<AttestationRow & { digest: string }>(
    `SELECT digest, ${ATTESTATION_COLUMNS} FROM batches
     WHERE state IN ('attested', 'released') AND NOT lines_known AND retry_at <= now()
       AND ${notSetAside("campaign_id")}
     ORDER BY retry_at LIMIT $1`,
    [most],
  );
  return rows.map((row) => ({ digest: row.digest, attestation: toAttestation(row) }));
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
