-- Lists are sorted, searched and paged here, by what is kept of a partner and by indexes.

-- What a partner brought in all, beside what a range of days has: the list of a campaign's partners shows it, and is sorted by it.
ALTER TABLE partnership_sums ADD COLUMN reversed bigint NOT NULL DEFAULT 0;
-- Of conversions that are neither rejected nor reversed, without what was refunded.
ALTER TABLE partnership_sums ADD COLUMN volume numeric NOT NULL DEFAULT 0;
-- The partner's own, of the same.
ALTER TABLE partnership_sums ADD COLUMN commission numeric NOT NULL DEFAULT 0;
CREATE OR REPLACE VIEW partnership_sums_again AS
  SELECT partnership_id, count(*) FILTER (WHERE state NOT IN ('rejected', 'reversed')) AS conversions,
    count(*) FILTER (WHERE state = 'rejected') AS rejected,
    coalesce(sum(partner_commission) FILTER (WHERE state IN ('accepted', 'review', 'batched')), 0) AS accepted,
    count(*) FILTER (WHERE state = 'reversed') AS reversed,
    coalesce(sum(volume - refunded) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS volume,
    coalesce(sum(partner_commission) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS commission
  FROM conversions WHERE partnership_id IS NOT NULL GROUP BY 1;
UPDATE partnership_sums AS kept SET reversed = days.reversed, volume = days.volume, commission = days.commission
FROM (
  SELECT partnership_id, sum(reversed)::bigint AS reversed, sum(volume) AS volume, sum(partner_commission) AS commission
  FROM partner_days GROUP BY 1
) AS days WHERE days.partnership_id = kept.partnership_id;

-- As before, with the three of a partnership.
DO $make$
DECLARE
  way text;
  columns CONSTANT text := 'campaign_id, received_at, partnership_id, link_id, event, entries, state, volume, refunded, commission,
    partner_commission, fee';
BEGIN
  FOREACH way IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
    EXECUTE format($f$
      CREATE OR REPLACE FUNCTION keep_conversion_sums_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        WITH changed AS (%2$s), parts AS (
          SELECT campaign_id, utc_day(received_at) AS day, partnership_id, link_id, event, offer_of(entries) AS offer, state,
            sum(sign)::bigint AS count, sum(sign * (volume - refunded)) AS volume, sum(sign * commission) AS commission,
            sum(sign * partner_commission) AS own, sum(sign * fee) AS fee
          FROM changed GROUP BY 1, 2, 3, 4, 5, 6, 7
        ), counted AS (
          SELECT *, state NOT IN ('rejected', 'reversed') AS counts, state IN ('accepted', 'review', 'batched') AS waits FROM parts
        ), by_day AS (
          SELECT campaign_id, day, coalesce(partnership_id, 0) AS partnership_id, event, offer,
            coalesce(sum(count) FILTER (WHERE counts), 0)::bigint AS conversions,
            coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0)::bigint AS rejected,
            coalesce(sum(count) FILTER (WHERE state = 'reversed'), 0)::bigint AS reversed,
            coalesce(sum(volume) FILTER (WHERE counts), 0) AS volume,
            coalesce(sum(commission) FILTER (WHERE counts), 0) AS commission,
            coalesce(sum(own) FILTER (WHERE counts), 0) AS partner_commission,
            coalesce(sum(fee) FILTER (WHERE counts), 0) AS fees,
            coalesce(sum(commission) FILTER (WHERE state = 'reversed'), 0) AS reversed_commission,
            coalesce(sum(own) FILTER (WHERE state = 'reversed'), 0) AS reversed_partner_commission
          FROM counted GROUP BY 1, 2, 3, 4, 5
        ), days_kept AS (
          INSERT INTO partner_days AS kept SELECT * FROM by_day
          WHERE (conversions, rejected, reversed, volume, commission, partner_commission, fees, reversed_commission,
            reversed_partner_commission) <> (0, 0, 0, 0, 0, 0, 0, 0, 0)
          ORDER BY campaign_id, day, partnership_id, event, offer
          ON CONFLICT (campaign_id, day, partnership_id, event, offer) DO UPDATE SET
            conversions = kept.conversions + excluded.conversions, rejected = kept.rejected + excluded.rejected,
            reversed = kept.reversed + excluded.reversed, volume = kept.volume + excluded.volume,
            commission = kept.commission + excluded.commission,
            partner_commission = kept.partner_commission + excluded.partner_commission, fees = kept.fees + excluded.fees,
            reversed_commission = kept.reversed_commission + excluded.reversed_commission,
            reversed_partner_commission = kept.reversed_partner_commission + excluded.reversed_partner_commission
        ), campaigns_kept AS (
          INSERT INTO campaign_days AS kept
          SELECT campaign_id, day, event, offer, sum(conversions), sum(rejected), sum(reversed), sum(volume), sum(commission),
            sum(fees), sum(reversed_commission)
          FROM by_day GROUP BY 1, 2, 3, 4
          HAVING (sum(conversions), sum(rejected), sum(reversed), sum(volume), sum(commission), sum(fees),
            sum(reversed_commission)) <> (0, 0, 0, 0, 0, 0, 0)
          ORDER BY 1, 2, 3, 4
          ON CONFLICT (campaign_id, day, event, offer) DO UPDATE SET
            conversions = kept.conversions + excluded.conversions, rejected = kept.rejected + excluded.rejected,
            reversed = kept.reversed + excluded.reversed, volume = kept.volume + excluded.volume,
            commission = kept.commission + excluded.commission, fees = kept.fees + excluded.fees,
            reversed_commission = kept.reversed_commission + excluded.reversed_commission
        ), partnerships_kept AS (
          INSERT INTO partnership_sums AS kept (partnership_id, conversions, rejected, accepted, reversed, volume, commission)
          SELECT * FROM (
            SELECT partnership_id, coalesce(sum(count) FILTER (WHERE counts), 0) AS conversions,
              coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0) AS rejected,
              coalesce(sum(own) FILTER (WHERE waits), 0) AS accepted,
              coalesce(sum(count) FILTER (WHERE state = 'reversed'), 0) AS reversed,
              coalesce(sum(volume) FILTER (WHERE counts), 0) AS volume,
              coalesce(sum(own) FILTER (WHERE counts), 0) AS commission
            FROM counted WHERE partnership_id IS NOT NULL GROUP BY 1
          ) AS part WHERE (conversions, rejected, accepted, reversed, volume, commission) <> (0, 0, 0, 0, 0, 0)
          ORDER BY 1
          ON CONFLICT (partnership_id) DO UPDATE SET conversions = kept.conversions + excluded.conversions,
            rejected = kept.rejected + excluded.rejected, accepted = kept.accepted + excluded.accepted,
            reversed = kept.reversed + excluded.reversed, volume = kept.volume + excluded.volume,
            commission = kept.commission + excluded.commission
        ), links_kept AS (
          INSERT INTO link_sums AS kept
          SELECT link_id, coalesce(sum(count) FILTER (WHERE counts), 0),
            coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0), coalesce(sum(own) FILTER (WHERE counts), 0)
          FROM counted WHERE link_id IS NOT NULL GROUP BY 1
          HAVING (coalesce(sum(count) FILTER (WHERE counts), 0), coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0),
            coalesce(sum(own) FILTER (WHERE counts), 0)) <> (0, 0, 0)
          ORDER BY 1
          ON CONFLICT (link_id) DO UPDATE SET conversions = kept.conversions + excluded.conversions,
            rejected = kept.rejected + excluded.rejected, commission = kept.commission + excluded.commission
        )
        INSERT INTO conversion_states AS kept
        SELECT campaign_id, state, sum(count), sum(commission + fee) FROM counted GROUP BY 1, 2
        HAVING (sum(count), sum(commission + fee)) <> (0, 0) ORDER BY 1, 2
        ON CONFLICT (campaign_id, state) DO UPDATE
          SET conversions = kept.conversions + excluded.conversions, promised = kept.promised + excluded.promised;
        RETURN NULL;
      END $body$;$f$,
      way,
      concat_ws(' UNION ALL ',
        CASE WHEN way <> 'insert' THEN format('SELECT -1 AS sign, %s FROM old_rows', columns) END,
        CASE WHEN way <> 'delete' THEN format('SELECT 1 AS sign, %s FROM new_rows', columns) END));
  END LOOP;
END $make$;

-- A campaign's orders by what their ids begin with: byte by byte, whatever language the database speaks. It takes the place of the
-- constraint, and serves what that did.
CREATE UNIQUE INDEX conversions_by_order ON conversions (campaign_id, event, order_id text_pattern_ops);
ALTER TABLE conversions DROP CONSTRAINT conversions_campaign_id_event_order_id_key;

-- A brand's campaigns page by page.
DROP INDEX campaigns_by_brand;
CREATE INDEX campaigns_by_brand ON campaigns (brand, id);

-- The same of a campaign's partners, and of a partner's campaigns.
CREATE INDEX partnerships_by_campaign ON partnerships (campaign_id, id);
DROP INDEX partnerships_by_partner;
CREATE INDEX partnerships_by_partner ON partnerships (partner, id);
