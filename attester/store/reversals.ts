/** The ledger of the reversals that this attester signed: what was taken back, and of which conversions. */
import { type Line, packLine, unpackLine } from "@partner-programs/protocol/line";
import type { ConvertedSale } from "@partner-programs/protocol/rates";
import type { Reversal } from "@partner-programs/protocol/typedData";
import type { Sql } from "#service/database.ts";

/** A conversion that a reversal takes back, or took back before. */
export interface TakenBackConversion {
  readonly key: string;
  readonly number: bigint;
  readonly entries: readonly Line[];
  /** Missing if the relayer did not give it. */
  readonly order: { readonly event: string; readonly orderId: string } | undefined;
  /** Of a sale in its own currency, as it was signed. */
  readonly sale: ConvertedSale | undefined;
}

/** The conversions of an attestation with these keys, and those that a reversal took back before. */
export async function readTakenBack(sql: Sql, digest: string, keys: readonly string[]): Promise<TakenBackConversion[]> {
  const rows = await sql.query<{
    key: string;
    number: bigint;
    entries: string;
    event: string | null;
    order_id: string | null;
    sale: ConvertedSale | null;
  }>(
    `SELECT signed.key, number, encode(entries, 'hex') AS entries, event, order_id, sale
     FROM signed_conversions AS signed
       LEFT JOIN signed_orders ON signed_orders.digest = signed.digest AND signed_orders.key = signed.key
       LEFT JOIN reversed_conversions AS reversed
         ON reversed.attestation = signed.digest AND reversed.key = signed.key
     WHERE signed.digest = $1 AND (signed.key = ANY($2::text[]) OR reversed.key IS NOT NULL)`,
    [digest, [...keys]],
  );
  return rows.map(({ key, number, entries, event, order_id, sale }) => ({
    key,
    number,
    entries: (entries.match(/.{64}/g) ?? []).map((packed) => unpackLine(`0x${packed}`)),
    order: event === null || order_id === null ? undefined : { event, orderId: order_id },
    sale: sale ?? undefined,
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
