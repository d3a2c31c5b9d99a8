/** The ledger of what this attester signed, for ever: a conversion is attested once, whatever a relayer asks. */
import type { GivenConversion } from "@partner-programs/protocol/attesterApi";
import type { Line } from "@partner-programs/protocol/line";
import type { ConvertedSale } from "@partner-programs/protocol/rates";
import type { Attestation } from "@partner-programs/protocol/typedData";
import { ATTESTATION_COLUMNS, type AttestationRow, fromAttestation, toAttestation } from "#service/attestationRow.ts";
import type { Sql } from "#service/database.ts";
import type { Earlier } from "../checks/earlier.ts";
import type { Offers } from "../checks/offers.ts";
import { ownEntry } from "../checks/partner.ts";
import type { Conversions } from "../conversions.ts";
import { PackedLines } from "../lines.ts";
import { insertLines } from "./lines.ts";

/** Conversions of one statement: what it is given stands in memory more than once. */
const CONVERSIONS = 5_000;

/** A conversion as it is remembered. */
export interface SignedConversion {
  readonly number: bigint;
  readonly key: string;
  /** Missing of those that were signed before salts were kept. */
  readonly salt?: string | undefined;
  readonly entries: readonly Line[];
  readonly order?:
    | {
        readonly event: string;
        readonly orderId: string;
        readonly receivedAt?: number | undefined;
        readonly sale?: ConvertedSale | undefined;
      }
    | undefined;
}

/** Conversions that are looked at some at a time. */
export interface Sliced {
  slices(size: number): Iterable<readonly SignedConversion[]>;
}

/** An attestation that this attester signed. */
export interface SignedAttestation {
  readonly digest: string;
  readonly firstConversion: bigint;
  readonly deadline: number;
  /** A block before it was attested, if it was. */
  readonly signedAfter: number;
}

/** Lets nobody else write until the transaction ends: two requests never both find that nothing was signed. */
export async function lockSigned(sql: Sql): Promise<void> {
  await sql.query("LOCK TABLE signed_attestations IN EXCLUSIVE MODE");
}

export async function wasSigned(sql: Sql, digest: string): Promise<boolean> {
  return (await sql.query("SELECT 1 FROM signed_attestations WHERE digest = $1", [digest])).length > 0;
}

type Found = SignedAttestation & Pick<Earlier, "shared">;

/** What was signed before that shares numbers, keys or orders with these; with the numbers of those that share key or order. */
export async function readEarlier(
  sql: Sql,
  { campaignId, firstConversion, conversions: count }: Attestation,
  conversions: Conversions,
): Promise<Found[]> {
  const found = new Map<string, Found & { shared: bigint[] }>();
  const rows = await sql.query<SignedRow>(
    `SELECT digest, first_conversion, deadline, signed_after FROM signed_attestations
     WHERE campaign_id = $1 AND first_conversion < $3 AND first_conversion + conversions > $2`,
    [campaignId, firstConversion, firstConversion + BigInt(count)],
  );
  for (const row of rows) found.set(row.digest, { ...toSigned(row), shared: [] });
  for (const some of conversions.slices(CONVERSIONS))
    for (const row of await readSharing(sql, campaignId, some)) {
      const one = found.get(row.digest) ?? { ...toSigned(row), shared: [] };
      one.shared.push(...row.shared.map(BigInt));
      found.set(row.digest, one);
    }
  return [...found.values()];
}

interface SignedRow {
  readonly digest: string;
  readonly first_conversion: bigint;
  readonly deadline: bigint;
  readonly signed_after: bigint;
}

const toSigned = (row: SignedRow): SignedAttestation => ({
  digest: row.digest,
  firstConversion: row.first_conversion,
  deadline: Number(row.deadline),
  signedAfter: Number(row.signed_after),
});

function readSharing(sql: Sql, campaignId: string, conversions: readonly GivenConversion[]) {
  const withOrder = conversions.flatMap(({ number, order }) => (order === undefined ? [] : [{ number, ...order }]));
  return sql.query<SignedRow & { shared: string[] }>(
    `WITH shared AS (
       SELECT digest, given.number FROM unnest($2::text[], $3::bigint[]) AS given (key, number)
         JOIN signed_conversions ON campaign_id = $1 AND signed_conversions.key = given.key
       UNION
       SELECT digest, given.number
       FROM unnest($4::text[], $5::text[], $6::bigint[]) AS given (event, order_id, number)
         JOIN signed_orders
           ON campaign_id = $1 AND signed_orders.event = given.event
             AND signed_orders.order_id = given.order_id
     )
     SELECT signed_attestations.digest, first_conversion, deadline, signed_after,
       jsonb_agg(shared.number::text ORDER BY shared.number) AS shared
     FROM shared JOIN signed_attestations USING (digest)
     GROUP BY signed_attestations.digest`,
    [
      campaignId,
      conversions.map(({ key }) => key),
      conversions.map(({ number }) => number.toString()),
      withOrder.map(({ event }) => event),
      withOrder.map(({ orderId }) => orderId),
      withOrder.map(({ number }) => number.toString()),
    ],
  );
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

/** Writes down what is about to be signed. `signedAt`: by the clock that days are counted by, in Unix seconds. */
export async function insertSigned(
  sql: Sql,
  digest: string,
  attestation: Attestation,
  conversions: Sliced,
  known: {
    readonly commission: bigint;
    readonly signedAfter: number;
    readonly lines: PackedLines;
    readonly offers: Offers;
  },
  signedAt: number,
): Promise<void> {
  await sql.query(
    `INSERT INTO signed_attestations (digest, commission, signed_after, signed_at, ${ATTESTATION_COLUMNS})
     VALUES ($1, $2, $3, to_timestamp($4), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [digest, known.commission, known.signedAfter, signedAt, ...fromAttestation(attestation)],
  );
  await insertLines(sql, digest, known.lines);
  for (const some of conversions.slices(CONVERSIONS))
    await insertConversions(sql, digest, attestation.campaignId, some, known.offers);
}

async function insertConversions(
  sql: Sql,
  digest: string,
  campaignId: string,
  conversions: readonly SignedConversion[],
  offers: Offers,
): Promise<void> {
  await sql.query(
    `INSERT INTO signed_conversions (campaign_id, digest, key, number, entries, salt)
     SELECT $1, $2, given.key, given.number, decode(given.entries, 'hex'), decode(given.salt, 'hex')
     FROM unnest($3::text[], $4::bigint[], $5::text[], $6::text[]) AS given (key, number, entries, salt)`,
    [
      campaignId,
      digest,
      conversions.map(({ key }) => key),
      conversions.map(({ number }) => number.toString()),
      conversions.map(({ entries }) => PackedLines.of(entries).bytes.toString("hex")),
      conversions.map(({ salt }) => salt?.slice(2) ?? null),
    ],
  );
  const withOrder = conversions.flatMap(({ key, order, entries }) =>
    order === undefined ? [] : [{ key, ...order, own: ownEntry(entries, offers) }],
  );
  await sql.query(
    `INSERT INTO signed_orders
       (campaign_id, digest, event, order_id, key, sale, partner, offer, units, received_at)
     SELECT $1, $2, given.*
     FROM unnest($3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::int[], $9::bigint[],
       $10::bigint[]) AS given (event, order_id, key, sale, partner, offer, units, received_at)`,
    [
      campaignId,
      digest,
      withOrder.map(({ event }) => event),
      withOrder.map(({ orderId }) => orderId),
      withOrder.map(({ key }) => key),
      withOrder.map(({ sale }) => (sale === undefined ? null : JSON.stringify(sale))),
      withOrder.map(({ own }) => own?.partner.toLowerCase() ?? null),
      withOrder.map(({ own }) => own?.offerId ?? null),
      withOrder.map(({ own }) => own?.volumeUnits.toString() ?? null),
      withOrder.map(({ receivedAt }) => receivedAt ?? null),
    ],
  );
}

/** What was signed under a digest, and a block before it was attested. */
export interface SignedBatch {
  readonly attestation: Attestation;
  readonly signedAfter: number;
}

export async function readSigned(sql: Sql, digest: string): Promise<SignedBatch | undefined> {
  const [row] = await sql.query<AttestationRow & { signed_after: bigint }>(
    `SELECT ${ATTESTATION_COLUMNS}, signed_after FROM signed_attestations WHERE digest = $1`,
    [digest],
  );
  return row && { attestation: toAttestation(row), signedAfter: Number(row.signed_after) };
}
