/** What this attester signed for one partner, by attestation: what targets are counted from. */
import type { Period } from "@partner-programs/protocol/targets";
import type { Sql } from "#service/database.ts";
import type { SignedAttestation } from "./signed.ts";

/** What an attestation has of a partner under one offer, of some events and within a period. */
export interface SignedForPartner extends SignedAttestation {
  /** It is known to be attested for good, with nothing taken back. */
  readonly whole: boolean;
  readonly offerId: number;
  readonly conversions: number;
  readonly units: bigint;
}

export async function readSignedForPartner(
  sql: Sql,
  campaignId: string,
  partner: string,
  events: readonly string[],
  { from, to }: Pick<Period, "from" | "to">,
): Promise<SignedForPartner[]> {
  const rows = await sql.query<{
    digest: string;
    first_conversion: bigint;
    deadline: bigint;
    signed_after: bigint;
    whole: boolean;
    offer: number;
    conversions: number;
    units: bigint;
  }>(
    `SELECT digest, first_conversion, deadline, signed_after, whole, offer, count(*)::int AS conversions,
       sum(units) AS units
     FROM signed_orders JOIN signed_attestations USING (campaign_id, digest)
     WHERE campaign_id = $1 AND partner = $2 AND event = ANY($3::text[])
       AND CASE WHEN received_at IS NULL THEN period_from >= $4 AND period_to <= $5
         ELSE received_at >= $4 AND received_at < $5 END
     GROUP BY digest, offer, first_conversion, deadline, signed_after, whole
     ORDER BY whole DESC, first_conversion, digest, offer`,
    [campaignId, partner, [...events], from, to],
  );
  return rows.map((row) => ({
    digest: row.digest,
    firstConversion: row.first_conversion,
    deadline: Number(row.deadline),
    signedAfter: Number(row.signed_after),
    whole: row.whole,
    offerId: row.offer,
    conversions: row.conversions,
    units: BigInt(row.units),
  }));
}

export async function noteWhole(sql: Sql, digest: string): Promise<void> {
  await sql.query("UPDATE signed_attestations SET whole = true WHERE digest = $1", [digest]);
}

/**
 * The units of a campaign's orders that begin so and were received in a period, but for some of them; an order that was signed again
 * counts once. Of one whose time is not known its attestation's period says it.
 */
export async function sumUnits(
  sql: Sql,
  campaignId: string,
  { event, prefix, from, to }: Pick<Period, "from" | "to"> & { readonly event: string; readonly prefix: string },
  but: readonly string[],
): Promise<bigint> {
  const [row] = await sql.query<{ units: bigint }>(
    `SELECT coalesce(sum(units), 0) AS units FROM (
       SELECT order_id, max(units) AS units
       FROM signed_orders JOIN signed_attestations USING (campaign_id, digest)
       WHERE campaign_id = $1 AND event = $2 AND starts_with(order_id, $3) AND order_id <> ALL($4::text[])
         AND coalesce(received_at, period_to - 1) >= $5 AND coalesce(received_at, period_to - 1) < $6
       GROUP BY order_id
     ) AS orders`,
    [campaignId, event, prefix, [...but], from, to],
  );
  return BigInt(row?.units ?? 0n);
}
