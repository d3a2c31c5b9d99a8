/** What wallets are to be told because its time has come, or because it has not: looked for again and again, and noted once. */
import type { Sql } from "#service/database.ts";

/** What a brand's conversions wait for: told when something new waits, and when what waits is paid within two days. */
const REVIEWS = `
  INSERT INTO notices (wallet, kind, about, campaign_id, facts)
  SELECT r.wallet, 'brand.review', campaigns.id || ':' || (now() AT TIME ZONE 'UTC')::date, campaigns.id,
    jsonb_build_object('flagged', waiting.flagged, 'until', waiting.until, 'refused', waiting.refused)
  FROM mail_readers r JOIN campaigns ON campaigns.brand = r.wallet
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE NOT refused) AS flagged, count(*) FILTER (WHERE refused) AS refused,
      min(paid_at) FILTER (WHERE NOT refused) AS until, max(received_at) AS newest
    FROM (
      SELECT false AS refused, coalesce(b.release_at, c.attest_by) AS paid_at, c.received_at
      FROM conversions c LEFT JOIN batches b ON b.digest = c.batch
      WHERE c.campaign_id = campaigns.id AND c.flags <> '{}'
        AND c.state IN ('accepted', 'batched', 'attested')
      UNION ALL
      SELECT true, NULL, received_at FROM conversions
      WHERE campaign_id = campaigns.id AND state = 'review'
    ) AS one
  ) AS waiting
  WHERE waiting.flagged + waiting.refused > 0 AND 'brand.review' <> ALL (r.muted)
    AND (waiting.newest > now() - interval '1 day' OR waiting.until < extract(epoch FROM now()) + 2 * 86400)
  ON CONFLICT DO NOTHING`;

/** Told once for what it was funded with: paid in more, it may be low again. Low is what alarms take for it. */
const BUDGETS = `
  INSERT INTO notices (wallet, kind, about, campaign_id, facts)
  SELECT r.wallet, 'brand.budget', left_over.what || ':' || campaigns.id || ':' || funded, campaigns.id,
    jsonb_build_object('what', left_over.what, 'left', (available - promised)::text,
      'pledged', (promised + reserved)::text)
  FROM mail_readers r JOIN campaigns ON campaigns.brand = r.wallet
  CROSS JOIN LATERAL (
    SELECT CASE WHEN available - promised <= 0 THEN 'exhausted' ELSE 'low' END AS what
  ) AS left_over
  WHERE funded > 0 AND available - promised < greatest(1, promised + reserved)
    AND (closes_at = 0 OR closes_at > chain_now()) AND 'brand.budget' <> ALL (r.muted)
  ON CONFLICT DO NOTHING`;

const ATTESTERS = `
  INSERT INTO notices (wallet, kind, about, campaign_id, facts)
  SELECT r.wallet, 'brand.attesters', b.digest, campaigns.id,
    jsonb_build_object('problem', b.problem, 'conversions', b.conversions)
  FROM mail_readers r JOIN campaigns ON campaigns.brand = r.wallet
  JOIN batches b ON b.campaign_id = campaigns.id
  WHERE b.state IN ('built', 'asked') AND b.problem IS NOT NULL
    AND b.created_at < now() - interval '30 minutes'
    AND 'brand.attesters' <> ALL (r.muted)
  ON CONFLICT DO NOTHING`;

/** Of the last day; what was announced and took effect before the brand wanted to be told is not told. */
const CHANGES = `
  INSERT INTO notices (wallet, kind, about, campaign_id, facts)
  SELECT r.wallet, 'brand.change', campaigns.id || ':' || changes.what || ':' || changes.at, campaigns.id,
    jsonb_build_object('what', changes.what, 'at', changes.at)
  FROM mail_readers r JOIN campaigns ON campaigns.brand = r.wallet
  CROSS JOIN LATERAL (
    SELECT 'daily_limit' AS what, next_daily_limit_at AS at
    UNION ALL SELECT 'withdrawal', withdrawable_at UNION ALL SELECT 'closing', closes_at
    UNION ALL SELECT 'transfer', transferable_at WHERE pending_brand IS NOT NULL
    UNION ALL SELECT 'description', effective_at FROM announced_descriptions WHERE campaign_id = campaigns.id
    UNION ALL SELECT 'offer', valid_from FROM offers WHERE campaign_id = campaigns.id
    UNION ALL SELECT 'retirement', valid_to FROM offers WHERE campaign_id = campaigns.id
    UNION ALL SELECT 'kinds', effective_at FROM kinds WHERE campaign_id = campaigns.id
  ) AS changes
  WHERE changes.at <> 0 AND changes.at <= chain_now() AND changes.at > chain_now() - 86400
    AND changes.at > extract(epoch FROM r.confirmed_at) AND 'brand.change' <> ALL (r.muted)
  ON CONFLICT DO NOTHING`;

/** `told`: lead, what, why, and since when; to partners who wanted to hear by then. */
const noteLeads = (told: string) => `
  INSERT INTO notices (wallet, kind, about, campaign_id, facts)
  SELECT r.wallet, 'partner.lead', told.what || ':' || leads.id, leads.campaign_id,
    jsonb_build_object('what', told.what, 'reason', told.reason,
      'until', extract(epoch FROM leads.protected_until)::bigint)
  FROM (${told}) AS told (lead_id, what, reason, since) JOIN leads ON leads.id = told.lead_id
  JOIN partnerships p ON p.id = leads.partnership_id JOIN mail_readers r ON r.wallet = p.partner
  WHERE r.confirmed_at <= told.since AND 'partner.lead' <> ALL (r.muted) ON CONFLICT DO NOTHING`;

/** What became of leads, each move once: whenever it is written down, and not by when what moved it was. */
const LEADS = `
  WITH fresh AS (UPDATE lead_moves SET noted = true WHERE NOT noted RETURNING lead_id, state, reason, made_at)
  ${noteLeads("SELECT lead_id, state, reason, made_at FROM fresh WHERE state <> 'registered'")}`;

/** Leads that are protected for a week more only, and are no customers yet. */
const LAPSING = noteLeads(`
  SELECT id, 'soon', NULL, now() FROM leads WHERE state IN ('registered', 'qualified') AND customer IS NULL
    AND protected_until BETWEEN now() AND now() + interval '7 days'
    AND registered_at < protected_until - interval '7 days'`);

/** Leads that a brand can still reject: told once a day when one was registered within the last. */
const NEW_LEADS = `
  INSERT INTO notices (wallet, kind, about, campaign_id, facts)
  SELECT r.wallet, 'brand.lead', campaigns.id || ':' || (now() AT TIME ZONE 'UTC')::date, campaigns.id,
    jsonb_build_object('waiting', waiting.leads, 'until', extract(epoch FROM waiting.until)::bigint)
  FROM mail_readers r JOIN campaigns ON campaigns.brand = r.wallet
  CROSS JOIN LATERAL (
    SELECT count(*) AS leads, min(answer_by) AS until, max(registered_at) AS newest FROM leads
    WHERE campaign_id = campaigns.id AND state = 'registered' AND answer_by > now()
  ) AS waiting
  WHERE waiting.newest > greatest(now() - interval '1 day', r.confirmed_at) AND 'brand.lead' <> ALL (r.muted)
  ON CONFLICT DO NOTHING`;

/** The month before this one (UTC), for partners with something to tell in it. */
const MONTHS = `
  INSERT INTO notices (wallet, kind, about, facts)
  SELECT r.wallet, 'partner.month', to_char(month.began, 'YYYY-MM'), jsonb_build_object('tokens', sums.tokens)
  FROM mail_readers r CROSS JOIN (
    SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month')::date AS began,
      date_trunc('month', now() AT TIME ZONE 'UTC')::date AS ended
  ) AS month CROSS JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(by_token)) AS tokens FROM (
      SELECT token_symbol AS symbol, token_decimals AS decimals, sum(conversions)::bigint AS conversions,
        sum(rejected + reversed)::bigint AS rejected, sum(partner_commission)::text AS earned
      FROM partnerships p JOIN campaigns ON campaigns.id = p.campaign_id
      JOIN partner_days d ON d.partnership_id = p.id AND d.day >= month.began AND d.day < month.ended
      WHERE p.partner = r.wallet
      GROUP BY token, token_symbol, token_decimals ORDER BY token_symbol, token
    ) AS by_token
  ) AS sums
  WHERE r.confirmed_at < month.ended::timestamp AT TIME ZONE 'UTC' AND sums.tokens IS NOT NULL
    AND 'partner.month' <> ALL (r.muted) AND NOT EXISTS (
      SELECT 1 FROM notices told WHERE told.wallet = r.wallet AND told.kind = 'partner.month'
        AND told.about = to_char(month.began, 'YYYY-MM'))
  ON CONFLICT DO NOTHING`;

/** Notes all that is due. Repeating it notes nothing twice. */
export async function noteDue(sql: Sql): Promise<void> {
  for (const statement of [REVIEWS, BUDGETS, ATTESTERS, CHANGES, LEADS, LAPSING, NEW_LEADS, MONTHS])
    await sql.query(statement);
}
