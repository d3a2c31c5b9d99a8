/** News of campaigns: what brands' servers are told beside the moves of conversions, each in the transaction of what it tells. */
import type { Sql } from "#service/database.ts";

/** As it was when it was told. */
export interface NewsRow {
  readonly id: bigint;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly happened_at: Date;
}

export async function readNews(sql: Sql, id: bigint): Promise<NewsRow | undefined> {
  const [row] = await sql.query<NewsRow>("SELECT id, type, data, happened_at FROM news WHERE id = $1", [id]);
  return row;
}

/** A step of a target that a partner reached. */
export interface ReachedStep {
  readonly orderId: string;
  readonly partner: string;
  readonly target: string;
  readonly title: string;
  readonly period: string;
  readonly step: number;
  readonly event: string;
  /** Base units. */
  readonly bonus: bigint;
}

/** Tells of steps that were reached, each once. */
export async function tellReached(sql: Sql, campaignId: string, steps: readonly ReachedStep[]): Promise<void> {
  if (steps.length === 0) return;
  const given = steps.map(({ bonus, ...step }) => ({ ...step, bonus: String(bonus) }));
  await sql.query(
    `SELECT tell_brand($1, 'target.reached', 'partner:' || (step ->> 'partner'), step ->> 'orderId', step,
       now())
     FROM jsonb_array_elements($2::jsonb) AS step`,
    [campaignId, JSON.stringify(given)],
  );
}

/** What of the moves in `fresh` brands are to look at: flagged and paid unless they say otherwise, or refused by the attesters. */
export const TELL_REVIEWS = `
  SELECT tell_brand(c.campaign_id, 'review.waiting', 'conversion:' || c.id,
    CASE fresh.state WHEN 'review' THEN 'refused:' || fresh.id ELSE 'flagged:' || c.id END,
    jsonb_build_object('conversionId', c.id::text, 'orderId', c.order_id, 'event', c.event,
      'partner', p.partner, 'state', fresh.state, 'flags', c.flags, 'attestBy', c.attest_by), fresh.moved_at)
  FROM fresh JOIN conversions c ON c.id = fresh.conversion_id
  LEFT JOIN partnerships p ON p.id = c.partnership_id
  WHERE CASE fresh.state WHEN 'review' THEN c.state = 'review'
    WHEN 'accepted' THEN c.flags <> '{}' AND c.state IN ('accepted', 'batched', 'attested') ELSE false END`;

/** Tells of budgets that are low or gone, once each for what the campaign was funded with. Low is what notices take for it. */
export async function tellBudgets(sql: Sql): Promise<void> {
  await sql.query(
    `SELECT tell_brand(c.id, 'campaign.budget_low', 'campaign', low.what || ':' || funded,
       jsonb_build_object('what', low.what, 'left', (available - promised)::text,
         'pledged', (promised + reserved)::text, 'funded', funded::text), now())
     FROM campaigns c CROSS JOIN LATERAL (
       SELECT CASE WHEN available - promised <= 0 THEN 'exhausted' ELSE 'low' END AS what
     ) AS low
     WHERE id IN (SELECT campaign_id FROM brand_webhooks WHERE disabled_at IS NULL)
       AND funded > 0 AND available - promised < greatest(1, promised + reserved)
       AND (closes_at = 0 OR closes_at > chain_now())
       AND NOT EXISTS (SELECT 1 FROM news WHERE campaign_id = c.id AND type = 'campaign.budget_low'
         AND occasion = low.what || ':' || funded)`,
  );
}

/** Longer than deliveries are kept. */
const KEPT_DAYS = 31;
const MAX_FORGOTTEN = 5_000;

/** Forgets news of long ago. What still holds is then told once more. @returns how many */
export async function forgetNews(sql: Sql): Promise<number> {
  const forgotten = await sql.query(
    `DELETE FROM news WHERE id IN (
       SELECT id FROM news WHERE told_at < now() - make_interval(days => $1)
       ORDER BY told_at LIMIT $2) RETURNING 1`,
    [KEPT_DAYS, MAX_FORGOTTEN],
  );
  return forgotten.length;
}
