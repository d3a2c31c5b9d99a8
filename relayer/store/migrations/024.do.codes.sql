-- Codes that customers say or type, beside the links that they follow. One is never given to another: retired, it stays its partner's.
CREATE TABLE codes (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id    text NOT NULL REFERENCES campaigns,
  -- In its one spelling, by which it is looked up.
  name           text NOT NULL,
  -- As whoever made it wrote it.
  shown          text NOT NULL,
  partnership_id bigint NOT NULL REFERENCES partnerships,
  given_by       text NOT NULL CHECK (given_by IN ('partner', 'brand')),
  -- The offer that pays what comes by it, where that offer can pay it; NULL: the best one, as by a link.
  offer_id       int,
  -- What the brand says that the customer gets for it.
  customer_gets  text,
  created_at     timestamptz NOT NULL DEFAULT now(),
  retired_at     timestamptz,
  UNIQUE (campaign_id, name)
);
CREATE INDEX codes_by_campaign ON codes (campaign_id, id);
CREATE INDEX codes_by_partnership ON codes (partnership_id, id);

-- A link's code or alias, said or typed: the same spelling as a code's name.
CREATE FUNCTION spoken(link_name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT translate(upper(replace(link_name, '-', '')), 'OIL', '011')
$$;
CREATE INDEX links_by_spoken_code ON links (spoken(code));
CREATE INDEX links_by_spoken_alias ON links (spoken(alias)) WHERE alias IS NOT NULL;

-- The code by which it came, where that is of the partner who is paid.
ALTER TABLE conversions ADD COLUMN code_id bigint REFERENCES codes;
CREATE INDEX conversions_by_code ON conversions (code_id, id) WHERE code_id IS NOT NULL;

CREATE TABLE code_sums (
  code_id     bigint PRIMARY KEY REFERENCES codes,
  conversions bigint NOT NULL,
  rejected    bigint NOT NULL,
  -- The partner's.
  commission  numeric NOT NULL
) WITH (fillfactor = 50);
CREATE VIEW code_sums_again AS
  SELECT code_id, count(*) FILTER (WHERE state NOT IN ('rejected', 'reversed')) AS conversions,
    count(*) FILTER (WHERE state = 'rejected') AS rejected,
    coalesce(sum(partner_commission) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS commission
  FROM conversions WHERE code_id IS NOT NULL GROUP BY 1;

DO $make$
DECLARE
  way text;
BEGIN
  FOREACH way IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
    EXECUTE format($f$
      CREATE FUNCTION keep_code_sums_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        INSERT INTO code_sums AS kept
        SELECT code_id, conversions, rejected, commission FROM (
          SELECT code_id, coalesce(sum(sign) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS conversions,
            coalesce(sum(sign) FILTER (WHERE state = 'rejected'), 0) AS rejected,
            coalesce(sum(sign * partner_commission) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS commission
          FROM (%2$s) AS changed WHERE code_id IS NOT NULL GROUP BY 1
        ) AS part WHERE (conversions, rejected, commission) <> (0, 0, 0) ORDER BY 1
        ON CONFLICT (code_id) DO UPDATE SET conversions = kept.conversions + excluded.conversions,
          rejected = kept.rejected + excluded.rejected, commission = kept.commission + excluded.commission;
        RETURN NULL;
      END $body$;
      CREATE TRIGGER keep_code_sums_%1$s AFTER %1$s ON conversions %3$s
        FOR EACH STATEMENT EXECUTE FUNCTION keep_code_sums_%1$s()$f$,
      way,
      concat_ws(' UNION ALL ',
        CASE WHEN way <> 'insert' THEN 'SELECT -1 AS sign, code_id, state, partner_commission FROM old_rows' END,
        CASE WHEN way <> 'delete' THEN 'SELECT 1 AS sign, code_id, state, partner_commission FROM new_rows' END),
      'REFERENCING ' || concat_ws(' ',
        CASE WHEN way <> 'insert' THEN 'OLD TABLE AS old_rows' END, CASE WHEN way <> 'delete' THEN 'NEW TABLE AS new_rows' END));
  END LOOP;
END $make$;
