/** The ledger of what this attester signed, for ever: a conversion is attested once, whatever a relayer asks. */
import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import { type Line, packLine, unpackLine } from "@partner-programs/protocol/line";
import type { Attestation, Reversal } from "@partner-programs/protocol/typedData";
import type { Sql } from "#service/database.ts";
import type { Earlier } from "../checks/earlier.ts";

/** An attestation that this attester signed. */
export interface SignedAttestation {
  readonly digest: string;
  readonly firstConversion: bigint;
  readonly deadline: number;
  /** A block before it was attested, if it was; undefined: not known. */
  readonly signedAfter: number | undefined;
}

/** Lets nobody else write until the transaction ends: two requests never both find that nothing was signed. */
export async function lockSigned(sql: Sql): Promise<void> {
  await sql.query("LOCK TABLE signed_attestations IN EXCLUSIVE MODE");
}

export async function wasSigned(sql: Sql, digest: string): Promise<boolean> {
  return (await sql.query("SELECT 1 FROM signed_attestations WHERE digest = $1", [digest])).length > 0;
}

/** What was signed before that shares numbers, keys or orders with these; with the numbers of those that share key or order. */
export async function readEarlier(
  sql: Sql,
  { campaignId, firstConversion, conversions: count }: Attestation,
  conversions: readonly GivenConversion[],
): Promise<(SignedAttestation & Pick<Earlier, "shared">)[]> {
  const withOrder = conversions.flatMap(({ number, order }) => (order === undefined ? [] : [{ number, ...order }]));
  const rows = await sql.query<{
    digest: string;
    first_conversion: bigint;
    deadline: bigint;
    signed_after: bigint | null;
    shared: string[];
  }>(
    `WITH shared AS (
       SELECT digest, given.number FROM unnest($4::text[], $5::bigint[]) AS given (key, number)
         JOIN signed_conversions ON campaign_id = $1 AND signed_conversions.key = given.key
       UNION
       SELECT digest, given.number
       FROM unnest($6::text[], $7::text[], $8::bigint[]) AS given (event, order_id, number)
         JOIN signed_orders
           ON campaign_id = $1 AND signed_orders.event = given.event
             AND signed_orders.order_id = given.order_id
     )
     SELECT digest, first_conversion, deadline, signed_after,
       coalesce((
         SELECT jsonb_agg(number::text ORDER BY number) FROM shared
         WHERE shared.digest = signed_attestations.digest
       ), '[]') AS shared
     FROM signed_attestations
     WHERE campaign_id = $1 AND ((first_conversion < $3 AND first_conversion + conversions > $2)
       OR digest IN (SELECT digest FROM shared))`,
    [
      campaignId,
      firstConversion,
      firstConversion + BigInt(count),
      conversions.map(({ key }) => key),
      conversions.map(({ number }) => number.toString()),
      withOrder.map(({ event }) => event),
      withOrder.map(({ orderId }) => orderId),
      withOrder.map(({ number }) => number.toString()),
    ],
  );
  return rows.map((row) => ({
    digest: row.digest,
    firstConversion: row.first_conversion,
    deadline: Number(row.deadline),
    signedAfter: row.signed_after === null ? undefined : Number(row.signed_after),
    shared: row.shared.map(BigInt),
  }));
}

/**
 * The commission signed for a campaign since `from`. Where numbers were signed again, because the first attestation of them is
 * dead, only the last counts.
 */
export async function readSpent(
  sql: Sql,
  { campaignId, firstConversion }: Pick<Attestation, "campaignId" | "firstConversion">,
  from: Date,
): Promise<bigint> {
  const [row] = await sql.query<{ spent: bigint }>(
    `SELECT coalesce(sum(commission), 0) AS spent FROM (
       SELECT DISTINCT ON (first_conversion) commission FROM signed_attestations
       WHERE campaign_id = $1 AND first_conversion <> $2 AND signed_at >= $3
       ORDER BY first_conversion, signed_at DESC
     ) AS last`,
    [campaignId, firstConversion, from],
  );
  return row?.spent ?? 0n;
}

/** Writes down what is about to be signed. */
export async function insertSigned(
  sql: Sql,
  digest: string,
  attestation: Attestation,
  conversions: readonly GivenConversion[],
  known: { readonly commission: bigint; readonly signedAfter: number },
): Promise<void> {
  await sql.query(
    `INSERT INTO signed_attestations
       (digest, campaign_id, first_conversion, conversions, deadline, lines, commission, signed_after)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      digest,
      attestation.campaignId,
      attestation.firstConversion,
      attestation.conversions,
      attestation.deadline,
      JSON.stringify(attestation.lines.map(packLine)),
      known.commission,
      known.signedAfter,
    ],
  );
  await sql.query(
    `INSERT INTO signed_conversions (campaign_id, digest, key, number, entries)
     SELECT $1, $2, given.key, given.number, given.entries::jsonb
     FROM unnest($3::text[], $4::bigint[], $5::text[]) AS given (key, number, entries)`,
    [
      attestation.campaignId,
      digest,
      conversions.map(({ key }) => key),
      conversions.map(({ number }) => number.toString()),
      conversions.map(({ entries }) => JSON.stringify(entries.map(packLine))),
    ],
  );
  const withOrder = conversions.flatMap(({ key, order }) => (order === undefined ? [] : [{ key, ...order }]));
  await sql.query(
    `INSERT INTO signed_orders (campaign_id, digest, event, order_id, key)
     SELECT $1, $2, given.* FROM unnest($3::text[], $4::text[], $5::text[]) AS given (event, order_id, key)`,
    [
      attestation.campaignId,
      digest,
      withOrder.map(({ event }) => event),
      withOrder.map(({ orderId }) => orderId),
      withOrder.map(({ key }) => key),
    ],
  );
}

/** The campaign and the lines of an attestation that was signed here. */
export async function readSigned(
  sql: Sql,
  digest: string,
): Promise<{ readonly campaignId: string; readonly lines: readonly Line[] } | undefined> {
  const [row] = await sql.query<{ campaign_id: string; lines: string[] }>(
    "SELECT campaign_id, lines FROM signed_attestations WHERE digest = $1",
    [digest],
  );
  return row && { campaignId: row.campaign_id, lines: row.lines.map(unpackLine) };
}

/** A conversion that a reversal takes back, or took back before. */
export interface TakenBackConversion {
  readonly key: string;
  /** These are missing if it was signed before they were kept. */
  readonly number: bigint | null;
  readonly entries: readonly Line[] | undefined;
  readonly order: { readonly event: string; readonly orderId: string } | undefined;
}

/** The conversions of an attestation with these keys, and those that a reversal took back before. */
export async function readTakenBack(sql: Sql, digest: string, keys: readonly string[]): Promise<TakenBackConversion[]> {
  const rows = await sql.query<{
    key: string;
    number: bigint | null;
    entries: string[] | null;
    event: string | null;
    order_id: string | null;
  }>(
    `SELECT signed.key, number, entries, event, order_id
     FROM signed_conversions AS signed
       LEFT JOIN signed_orders ON signed_orders.digest = signed.digest AND signed_orders.key = signed.key
       LEFT JOIN reversed_conversions AS reversed
         ON reversed.attestation = signed.digest AND reversed.key = signed.key
     WHERE signed.digest = $1 AND (signed.key = ANY($2::text[]) OR reversed.key IS NOT NULL)`,
    [digest, [...keys]],
  );
  return rows.map(({ key, number, entries, event, order_id }) => ({
    key,
    number,
    entries: entries?.map(unpackLine),
    order: event === null || order_id === null ? undefined : { event, orderId: order_id },
  }));
}

/** Writes down a reversal that is about to be signed, within a transaction of the caller's. */
export async function insertReversal(
  sql: Sql,
  digest: string,
  reversal: Reversal,
  keys: readonly string[],
): Promise<void> {
  await sql.query(
    `INSERT INTO signed_reversals (digest, attestation, targets, reason_hash)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [digest, reversal.attestation, JSON.stringify(reversal.targets.map(packLine)), reversal.reasonHash],
  );
  await sql.query(
    `INSERT INTO reversed_conversions (attestation, reversal, key)
     SELECT $1, $2, * FROM unnest($3::text[]) ON CONFLICT DO NOTHING`,
    [reversal.attestation, digest, [...keys]],
  );
}
