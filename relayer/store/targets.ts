/** What partners reached of what their campaigns' targets count: conversions that are paid for good. */
import type { InForce, Period } from "@partner-programs/protocol/targets";
import type { Sql } from "#service/database.ts";
import { notSetAside } from "./setAside.ts";

/**
 * Batches whose hold was over at a final block, so that nothing of them can be taken back in whatever chain there will be, and which
 * are not added to what was reached: the oldest first, so many at a time.
 */
export async function findBatchesToCount(sql: Sql, most: number): Promise<string[]> {
  const rows = await sql.query<{ digest: string }>(
    `SELECT digest FROM batches
     WHERE state = 'released' AND counted_at IS NULL AND release_at <= (SELECT final_time FROM chain_cursor)
     ORDER BY release_at LIMIT $1`,
    [most],
  );
  return rows.map(({ digest }) => digest);
}

/** Adds a batch to what its partners reached, once, and notes whose targets are to be looked at. */
export async function addReached(sql: Sql, digest: string): Promise<void> {
  await sql.query(
    `WITH counted AS (
       UPDATE batches SET counted_at = now() WHERE digest = $1 AND counted_at IS NULL
       RETURNING digest, campaign_id
     ), parts AS (
       SELECT c.campaign_id, c.partnership_id, c.event, utc_day(c.received_at) AS day,
         count(*) AS conversions,
         trunc(sum(least(div(c.volume - c.refunded, 10::numeric ^ unit_exponent), units_of(c.entries))
           * 10::numeric ^ unit_exponent)) AS volume
       FROM counted JOIN conversions c ON c.batch = counted.digest
       JOIN campaigns ON campaigns.id = c.campaign_id
       WHERE c.state = 'released' AND c.partnership_id IS NOT NULL GROUP BY 1, 2, 3, 4
     ), added AS (
       INSERT INTO reached_days AS kept SELECT partnership_id, event, day, conversions, volume FROM parts
       ORDER BY partnership_id, event, day
       ON CONFLICT (partnership_id, event, day)
         DO UPDATE SET conversions = kept.conversions + excluded.conversions,
           volume = kept.volume + excluded.volume
     )
     INSERT INTO rewards_due AS due (partnership_id, month, campaign_id)
     SELECT DISTINCT partnership_id, date_trunc('month', day)::date, campaign_id FROM parts
     WHERE campaign_id IN (
       SELECT campaign_id FROM announced_descriptions JOIN descriptions USING (hash) WHERE has_targets)
     ON CONFLICT (partnership_id, month) DO UPDATE SET times = due.times + 1`,
    [digest],
  );
}

/** Of a description that came into force everybody's targets are looked at again: what is paid for is found by its order. */
export async function noteNewTargets(sql: Sql): Promise<void> {
  await sql.query(
    `WITH fresh AS (
       UPDATE announced_descriptions a SET targets_at = now() FROM descriptions d
       WHERE d.hash = a.hash AND d.has_targets AND a.targets_at IS NULL
         AND a.effective_at <= extract(epoch FROM now()) RETURNING campaign_id
     )
     INSERT INTO rewards_due AS due (partnership_id, month, campaign_id)
     SELECT DISTINCT p.id, date_trunc('month', day)::date, p.campaign_id
     FROM reached_days JOIN partnerships p ON p.id = partnership_id
     WHERE p.campaign_id IN (SELECT campaign_id FROM fresh)
     ON CONFLICT (partnership_id, month) DO UPDATE SET times = due.times + 1`,
  );
}

/** A partner of whom more is reached in a month. */
export interface DueReward {
  readonly partnership_id: bigint;
  readonly partner: string;
  readonly campaign_id: string;
  readonly token_decimals: number;
  /** The month's first second, in Unix seconds. */
  readonly month: number;
  readonly times: bigint;
}

/** Campaign by campaign in turn, of each who waits longest: one with many partners holds up no other. */
export async function readDueRewards(sql: Sql, most: number): Promise<DueReward[]> {
  const rows = await sql.query<Omit<DueReward, "month"> & { readonly month: bigint }>(
    `WITH RECURSIVE owing (campaign_id) AS (
       SELECT min(campaign_id) FROM rewards_due
       UNION ALL SELECT (
         SELECT min(campaign_id) FROM rewards_due WHERE campaign_id > owing.campaign_id
       ) FROM owing WHERE owing.campaign_id IS NOT NULL
     ), due AS (
       SELECT one.*, row_number() OVER (PARTITION BY one.campaign_id
         ORDER BY one.retry_at, one.partnership_id, one.month) AS turn
       FROM owing CROSS JOIN LATERAL (
         SELECT * FROM rewards_due WHERE campaign_id = owing.campaign_id AND retry_at <= now()
         ORDER BY retry_at, partnership_id, month LIMIT $1
       ) AS one WHERE ${notSetAside("owing.campaign_id")}
     )
     SELECT partnership_id, partner, due.campaign_id, token_decimals, times,
       extract(epoch FROM month)::bigint AS month
     FROM due JOIN partnerships p ON p.id = partnership_id
     JOIN campaigns ON campaigns.id = due.campaign_id
     ORDER BY turn, retry_at, partnership_id, month LIMIT $1`,
    [most],
  );
  return rows.map((row) => ({ ...row, month: Number(row.month) }));
}

const SEEN = "unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS seen (id, month, times)";
const IS_SEEN = "partnership_id = seen.id AND extract(epoch FROM rewards_due.month)::bigint = seen.month";
const seenOf = (due: readonly DueReward[]) => [
  due.map(({ partnership_id }) => String(partnership_id)),
  due.map(({ month }) => month),
  due.map(({ times }) => String(times)),
];

/** They are seen to, unless they became due again meanwhile. */
export async function forgetDueRewards(sql: Sql, due: readonly DueReward[]): Promise<void> {
  await sql.query(
    `DELETE FROM rewards_due USING ${SEEN} WHERE ${IS_SEEN} AND rewards_due.times = seen.times`,
    seenOf(due),
  );
}

/** What failed of them is tried again after so long, and stands behind what waits meanwhile. */
export async function postponeDueRewards(sql: Sql, due: readonly DueReward[], seconds: number): Promise<void> {
  await sql.query(
    `UPDATE rewards_due SET retry_at = now() + make_interval(secs => $4) FROM ${SEEN}
     WHERE ${IS_SEEN} AND rewards_due.times >= seen.times`,
    [...seenOf(due), seconds],
  );
}

/** The texts of a campaign's descriptions as they came into force, those that are known here. */
export async function readDescriptionsInForce(sql: Sql, campaignId: string): Promise<InForce<string>[]> {
  const rows = await sql.query<{ effective_at: bigint; body: string }>(
    `SELECT effective_at, body FROM announced_descriptions JOIN descriptions USING (hash)
     WHERE campaign_id = $1 AND effective_at <= extract(epoch FROM now()) ORDER BY effective_at, id`,
    [campaignId],
  );
  return rows.map(({ effective_at, body }) => ({ from: Number(effective_at), description: body }));
}

/** What a partner reached. Volume is in base units. */
export interface ReachedRow {
  readonly partnership_id: bigint;
  readonly conversions: bigint;
  readonly volume: bigint;
}

/** What these partners reached of some events within a period. */
export function readReachedFor(
  sql: Sql,
  partnershipIds: readonly bigint[],
  events: readonly string[],
  { from, to }: Pick<Period, "from" | "to">,
): Promise<ReachedRow[]> {
  return sql.query(
    `SELECT partnership_id, sum(conversions)::bigint AS conversions, sum(volume) AS volume FROM reached_days
     WHERE partnership_id = ANY($1::bigint[]) AND event = ANY($2::text[])
       AND day >= utc_day(to_timestamp($3)) AND day < utc_day(to_timestamp($4)) GROUP BY 1`,
    [partnershipIds.map(String), [...events], from, to],
  );
}

/** What one partner reached of some events within a period, and how many conversions there are with those that do not count yet. */
export async function readPartnerReached(
  sql: Sql,
  campaignId: string,
  partner: string,
  events: readonly string[],
  { from, to }: Pick<Period, "from" | "to">,
): Promise<Omit<ReachedRow, "partnership_id"> & { readonly all: bigint; readonly token_decimals: number }> {
  const [row] = await sql.query<Omit<ReachedRow, "partnership_id"> & { all: bigint; token_decimals: number }>(
    `WITH mine AS (
       SELECT id FROM partnerships WHERE campaign_id = $1 AND partner = $2
     ), days AS (
       SELECT utc_day(to_timestamp($4)) AS first, utc_day(to_timestamp($5)) AS last
     )
     SELECT coalesce(reached.conversions, 0)::bigint AS conversions, coalesce(reached.volume, 0) AS volume,
       coalesce(counted.conversions, 0)::bigint AS "all", token_decimals
     FROM campaigns, (
       SELECT sum(conversions) AS conversions, sum(volume) AS volume FROM reached_days, mine, days
       WHERE partnership_id = mine.id AND event = ANY($3::text[]) AND day >= days.first AND day < days.last
     ) AS reached, (
       SELECT sum(conversions) AS conversions FROM partner_days, mine, days
       WHERE partnership_id = mine.id AND event = ANY($3::text[]) AND day >= days.first AND day < days.last
     ) AS counted
     WHERE campaigns.id = $1`,
    [campaignId, partner, [...events], from, to],
  );
  return row ?? { conversions: 0n, volume: 0n, all: 0n, token_decimals: 0 };
}

/** Which of these orders of an event there are. */
export async function readKnownOrders(
  sql: Sql,
  campaignId: string,
  event: string,
  orderIds: readonly string[],
): Promise<Set<string>> {
  const rows = await sql.query<{ order_id: string }>(
    "SELECT order_id FROM conversions WHERE campaign_id = $1 AND event = $2 AND order_id = ANY($3::text[])",
    [campaignId, event, [...orderIds]],
  );
  return new Set(rows.map(({ order_id }) => order_id));
}

/** A bonus that was earned and not paid. */
export interface UnpaidBonus {
  readonly id: bigint;
  readonly campaign_id: string;
}

/**
 * Bonuses that were earned and not paid, whatever stood against them: it may be gone. Campaign by campaign in turn, of each the one
 * that was judged longest ago; none of campaigns for which nothing can be attested any more.
 * @param never reasons that do not pass
 */
export function findUnpaidBonuses(sql: Sql, never: readonly string[], most: number): Promise<UnpaidBonus[]> {
  return sql.query(
    `SELECT id, campaign_id FROM (
       SELECT c.id, c.campaign_id, judged_at,
         row_number() OVER (PARTITION BY c.campaign_id ORDER BY judged_at NULLS FIRST, c.id) AS turn
       FROM conversions c JOIN campaigns ON campaigns.id = c.campaign_id
       LEFT JOIN bonuses_judged ON conversion_id = c.id
       WHERE c.state = 'rejected' AND receipt IS NULL AND order_id LIKE 'target:%'
         AND reason <> ALL($1::text[])
         AND (closes_at = 0 OR closes_at + notice_seconds > chain_now())
         AND ${notSetAside("c.campaign_id")}
     ) AS unpaid ORDER BY turn, judged_at NULLS FIRST, id LIMIT $2`,
    [[...never], most],
  );
}

/** They were judged just now, whatever came of it: the others are next. */
export async function noteJudgedBonuses(sql: Sql, ids: readonly bigint[]): Promise<void> {
  await sql.query(
    `INSERT INTO bonuses_judged (conversion_id) SELECT unnest($1::bigint[])
     ON CONFLICT (conversion_id) DO UPDATE SET judged_at = clock_timestamp()`,
    [ids.map(String)],
  );
}
