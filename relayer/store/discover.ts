/** Campaigns as somebody looks through them who may want to be a partner: what pays now comes first. */
import type { NotAccepting } from "@partner-programs/protocol/notAccepting";
import type { Sql } from "#service/database.ts";

export const DISCOVER_SORTS = ["recommended", "rate", "hold"] as const;

export interface DiscoverQuery {
  /** Letters that name, summary, brand or token have somewhere. */
  readonly search: string | undefined;
  /** Only those where everybody can be paid. */
  readonly open: boolean;
  /** Only those that accept conversions now. */
  readonly paying: boolean;
  readonly sort: (typeof DISCOVER_SORTS)[number];
  readonly offset: number;
  readonly limit: number;
}

export interface DiscoveredOffer {
  readonly event: string;
  readonly kind: number;
  readonly flatAmount: string;
  readonly rateBps: number;
  readonly cap: string;
}

export interface DiscoveredRow {
  readonly id: string;
  readonly brand: string;
  readonly name: string | null;
  readonly summary: string | null;
  readonly token_symbol: string;
  readonly token_decimals: number;
  readonly hold_seconds: number;
  readonly available: bigint;
  readonly funded: bigint;
  readonly closes_at: bigint;
  /** The latest of its offers' guarantees; 0: none was given. */
  readonly locked_until: bigint;
  readonly notice: NotAccepting | null;
  readonly open: boolean;
  readonly offers: DiscoveredOffer[];
  /** Of the last thirty days. */
  readonly conversions: bigint;
  readonly reversed: bigint;
  readonly spent: bigint;
  /** Median seconds of the latest batches from their sales to the end of their hold; null: there is none. */
  readonly to_credit: number | null;
}

/** What a median is taken of: enough to be one, and no more than a page of campaigns can look up. */
const LATEST_BATCHES = 20;

/** Ours, and no part of what somebody asks with. */
const ORDERS: Readonly<Record<DiscoverQuery["sort"], string>> = {
  recommended: "notice IS NOT NULL, open DESC, conversions DESC",
  rate: "notice IS NOT NULL, rate DESC",
  hold: "notice IS NOT NULL, hold_seconds",
};

export function readDiscovered(sql: Sql, query: DiscoverQuery): Promise<DiscoveredRow[]> {
  return sql.query<DiscoveredRow>(
    `SELECT campaign.*,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds::float8) FROM (
         -- A sale is in the middle of its batch's period, as far as anybody with the chain can tell.
         SELECT release_at - (period_from + period_to) / 2 AS seconds FROM batches
         WHERE campaign_id = campaign.id AND state IN ('attested', 'released') AND release_at IS NOT NULL
         ORDER BY first_conversion DESC LIMIT ${LATEST_BATCHES}) AS latest) AS to_credit
     FROM (
       SELECT c.id, c.brand, body.text ->> 'name' AS name, body.text ->> 'summary' AS summary,
         c.token_symbol, c.token_decimals, c.hold_seconds, c.available, c.funded, c.closes_at,
         c.locked_until,
         n.notice, coalesce(o.open, false) AS open, coalesce(o.rate, 0) AS rate,
         coalesce(o.offers, '[]') AS offers, days.conversions, days.reversed, days.spent
       FROM campaigns c JOIN campaign_notices n ON n.campaign_id = c.id
       CROSS JOIN LATERAL (
         -- What a brand published may be JSON to us and none to PostgreSQL: a number of too many digits.
         SELECT CASE WHEN pg_input_is_valid(d.body, 'jsonb') THEN d.body::jsonb END AS text
         FROM (SELECT (SELECT body FROM descriptions_in_force WHERE campaign_id = c.id) AS body) AS d
       ) AS body
       CROSS JOIN LATERAL (
         SELECT bool_or((c.open_kinds >> kind) & 1 = 1) AS open, max(rate_bps) AS rate,
           jsonb_agg(jsonb_build_object('event', event, 'kind', kind, 'rateBps', rate_bps,
             'flatAmount', flat_amount::text,
             'cap', (cap_units * (10::numeric ^ c.unit_exponent))::numeric(78,0)::text)
             ORDER BY rate_bps DESC, flat_amount DESC, offer_id) AS offers
         FROM offers WHERE campaign_id = c.id AND partner IS NULL AND kind < 64 AND kind NOT IN (3, 4)
           AND valid_from <= chain_now() AND valid_to > chain_now()
       ) AS o
       CROSS JOIN LATERAL (
         SELECT coalesce(sum(conversions), 0)::bigint AS conversions,
           coalesce(sum(reversed), 0)::bigint AS reversed,
           coalesce(sum(commission + fees), 0)::numeric(78,0) AS spent
         FROM campaign_days
         WHERE campaign_id = c.id AND day > (now() AT TIME ZONE 'UTC')::date - 30
       ) AS days
     ) AS campaign
     WHERE ($1::text IS NULL
         OR strpos(lower(concat_ws(' ', name, summary, brand, token_symbol)), lower($1)) > 0)
       AND (NOT $2 OR open) AND (NOT $3 OR notice IS NULL)
     ORDER BY ${ORDERS[query.sort]}, id OFFSET $4 LIMIT $5`,
    [query.search ?? null, query.open, query.paying, query.offset, query.limit],
  );
}
