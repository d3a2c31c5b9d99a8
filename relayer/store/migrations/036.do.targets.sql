-- Targets: what partners reached is kept summed, of batches whose hold is over at a final block. That is never taken back: each batch
-- is added once, and nothing is taken away.

-- NULL: not added yet.
ALTER TABLE batches ADD COLUMN counted_at timestamptz;
CREATE INDEX batches_to_count ON batches (release_at) WHERE state = 'released' AND counted_at IS NULL;

CREATE TABLE reached_days (
  partnership_id bigint NOT NULL REFERENCES partnerships,
  event          text NOT NULL,
  -- Of the conversions' reports, in UTC.
  day            date NOT NULL,
  conversions    bigint NOT NULL,
  -- As it pays: base units, up to the offer's cap, without what was refunded.
  volume         numeric NOT NULL,
  PRIMARY KEY (partnership_id, event, day)
);

-- Partners of whom more is reached, and in which month: what targets pay for it is to be seen to.
CREATE TABLE rewards_due (
  partnership_id bigint NOT NULL REFERENCES partnerships,
  month          date NOT NULL,
  campaign_id    text NOT NULL REFERENCES campaigns,
  -- How often it became due: what is seen to is what was read.
  times          bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (partnership_id, month)
);

-- No more than a hint where to look: the text is read.
ALTER TABLE descriptions ADD COLUMN has_targets boolean GENERATED ALWAYS AS (body LIKE '%"targets"%') STORED;
-- NULL: what it has in targets is not looked at yet.
ALTER TABLE announced_descriptions ADD COLUMN targets_at timestamptz;
CREATE INDEX announced_descriptions_new ON announced_descriptions (effective_at) WHERE targets_at IS NULL;

-- The volume of the first of packed lines, in units.
CREATE FUNCTION units_of(entries jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(('x' || substr(entries ->> 0, 53, 14))::bit(56)::bigint, 0)
$$;

-- Bonuses that the offers or the budget did not pay when they were earned are tried again.
CREATE INDEX conversions_bonuses_due ON conversions (campaign_id, id)
  WHERE state = 'rejected' AND receipt IS NULL AND order_id LIKE 'target:%';
