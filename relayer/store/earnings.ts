/** What conversions pay a partner. */
import { type Line, unpackLine } from "@partner-programs/protocol/line";
import type { Sale } from "@partner-programs/protocol/rates";
import type { Sql } from "#service/database.ts";
import type { ConversionState } from "./conversionRow.ts";
import { beyond, direction, keyIs, type Page } from "./page.ts";

/** A conversion that pays a wallet, or would have, with all that its price is computed from. */
export interface EarningRow {
  readonly id: bigint;
  readonly campaign_id: string;
  readonly event: string;
  readonly received_at: Date;
  readonly state: ConversionState;
  readonly reason: string | null;
  readonly volume: bigint;
  readonly refunded: bigint;
  /** Of a sale in its own currency that, and what of it was given back, in that. */
  readonly sale: Sale | null;
  readonly sale_refunded: string;
  readonly entries: Line[];
  readonly attest_by: bigint | null;
  readonly release_at: bigint | null;
  /** Whether all the wallet's lines in the batch are claimed; null: it has none there. */
  readonly claimed: boolean | null;
  /** The wallet's own; otherwise of a partner that it recruited. */
  readonly mine: boolean;
  readonly unit_exponent: number;
  readonly token: string;
  readonly token_decimals: number;
  readonly token_symbol: string;
  /** The chain's transaction that moved it last. */
  readonly transaction: string | null;
  /** Of the offers that its entries name. */
  readonly offers: Readonly<Record<string, { readonly flat: string; readonly rate: number }>>;
}

export interface EarningsQuery extends Page {
  readonly campaignId?: string | undefined;
  /** Days in UTC; `to` is the day after the last. */
  readonly days?: { readonly from: string; readonly to: string } | undefined;
}

/** A wallet's own conversions, and those of partners that it recruited. */
export async function readEarnings(sql: Sql, wallet: string, query: EarningsQuery): Promise<EarningRow[]> {
  const rows = await sql.query<Omit<EarningRow, "entries"> & { entries: string[] }>(
    `SELECT c.id, c.campaign_id, c.event, c.received_at, c.state, c.reason, c.volume, c.refunded, c.entries,
       c.sale, (SELECT trim_scale(coalesce(sum(sale_volume), 0))::text FROM refunds r
         WHERE r.conversion_id = c.id) AS sale_refunded,
       c.attest_by, batches.release_at, own.partner = $1 AS mine,
       campaigns.unit_exponent, campaigns.token, campaigns.token_decimals, campaigns.token_symbol,
       (SELECT bool_and(l.state IN ('claimed', 'pulled', 'refused')) FROM lines_now l
         WHERE l.digest = c.batch AND l.partner = $1) AS claimed,
       (SELECT transaction FROM conversion_moves m WHERE m.conversion_id = c.id AND transaction IS NOT NULL
         ORDER BY m.id DESC LIMIT 1) AS transaction,
       (SELECT jsonb_object_agg(offer_id, jsonb_build_object('flat', flat_amount::text, 'rate', rate_bps))
         FROM offers WHERE offers.campaign_id = c.campaign_id AND offer_id IN (
           SELECT ('x' || substr(entry, 3, 4))::bit(16)::int
           FROM jsonb_array_elements_text(c.entries) AS entry)) AS offers
     FROM (
       SELECT page.* FROM (
         SELECT id FROM partnerships WHERE partner = $1 AND ($2::text IS NULL OR campaign_id = $2)
         UNION SELECT id FROM partnerships
         WHERE recruiter_id IN (SELECT id FROM partnerships WHERE partner = $1)
           AND ($2::text IS NULL OR campaign_id = $2)
       ) AS source
       CROSS JOIN LATERAL (
         SELECT * FROM conversions
         WHERE ${keyIs("partnership_id", "source.id")} AND id ${beyond(query)} $3
           AND ($4::date IS NULL OR received_at >= $4::date::timestamp AT TIME ZONE 'UTC')
           AND ($5::date IS NULL OR received_at < $5::date::timestamp AT TIME ZONE 'UTC')
         ORDER BY partnership_id ${direction(query)}, id ${direction(query)} LIMIT $6
       ) AS page ORDER BY page.id ${direction(query)} LIMIT $6
     ) AS c
     JOIN campaigns ON campaigns.id = c.campaign_id
     JOIN partnerships own ON own.id = c.partnership_id
     LEFT JOIN batches ON batches.digest = c.batch
     ORDER BY c.id ${direction(query)}`,
    [wallet, query.campaignId ?? null, query.from, query.days?.from ?? null, query.days?.to ?? null, query.limit],
  );
  return rows.map((row) => ({ ...row, entries: row.entries.map(unpackLine) }));
}
