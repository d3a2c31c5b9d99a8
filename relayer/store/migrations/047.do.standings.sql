-- Leaderboards: what partners reached is kept summed by month, quarter and year, so that a place is read off an index, and no days are
-- added up. What was reached is never taken back, so that sums only grow.

CREATE TABLE standings (
  campaign_id    text NOT NULL REFERENCES campaigns,
  -- `2026-11`, `2026-Q4` or `2026`, in UTC.
  period         text NOT NULL,
  event          text NOT NULL,
  partnership_id bigint NOT NULL REFERENCES partnerships,
  conversions    bigint NOT NULL,
  volume         numeric NOT NULL,
  PRIMARY KEY (campaign_id, period, event, partnership_id)
) WITH (fillfactor = 70);
CREATE INDEX standings_by_conversions ON standings (campaign_id, period, event, conversions DESC, partnership_id);
CREATE INDEX standings_by_volume ON standings (campaign_id, period, event, volume DESC, partnership_id);

CREATE FUNCTION periods_of(day date) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY[
    lpad(extract(year FROM day)::int::text, 4, '0') || '-' || lpad(extract(month FROM day)::int::text, 2, '0'),
    lpad(extract(year FROM day)::int::text, 4, '0') || '-Q' || extract(quarter FROM day)::int::text,
    lpad(extract(year FROM day)::int::text, 4, '0')]
$$;

CREATE VIEW standings_again AS
  SELECT campaign_id, period, event, partnership_id, sum(conversions)::bigint AS conversions, sum(volume) AS volume
  FROM reached_days JOIN partnerships ON partnerships.id = partnership_id CROSS JOIN unnest(periods_of(day)) AS period
  GROUP BY 1, 2, 3, 4;
INSERT INTO standings SELECT * FROM standings_again;

DO $make$
DECLARE
  way text;
BEGIN
  FOREACH way IN ARRAY ARRAY['insert', 'update'] LOOP
    EXECUTE format($f$
      CREATE FUNCTION keep_standings_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        INSERT INTO standings AS kept
        SELECT campaign_id, period, event, partnership_id, sum(conversions), sum(volume)
        FROM (%2$s) AS changed JOIN partnerships ON partnerships.id = partnership_id
        CROSS JOIN unnest(periods_of(day)) AS period
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (campaign_id, period, event, partnership_id) DO UPDATE
          SET conversions = kept.conversions + excluded.conversions, volume = kept.volume + excluded.volume;
        RETURN NULL;
      END $body$;
      CREATE TRIGGER keep_standings_%1$s AFTER %1$s ON reached_days %3$s
        FOR EACH STATEMENT EXECUTE FUNCTION keep_standings_%1$s()$f$,
      way,
      concat_ws(' UNION ALL ',
        CASE WHEN way = 'update' THEN 'SELECT partnership_id, event, day, -conversions AS conversions, -volume AS volume FROM old_rows' END,
        'SELECT partnership_id, event, day, conversions, volume FROM new_rows'),
      'REFERENCING ' || concat_ws(' ', CASE WHEN way = 'update' THEN 'OLD TABLE AS old_rows' END, 'NEW TABLE AS new_rows'));
  END LOOP;
END $make$;

-- A profile is for the brands of its partner; its name is for other partners where the partner says so.
ALTER TABLE profiles ADD COLUMN on_leaderboards boolean NOT NULL DEFAULT false;
