-- A partnership's invite links. The code is given, the alias chosen; both stay, because they are in the world. A link is never
-- deleted: archived, it still leads on and still counts.
CREATE TABLE links (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  partnership_id bigint NOT NULL REFERENCES partnerships,
  code           text NOT NULL UNIQUE,
  -- Never of a code's shape, so that no name means two links.
  alias          text UNIQUE,
  label          text NOT NULL DEFAULT '',
  -- Where on the brand's site it leads: on the destination's origin from its /, elsewhere absolute. NULL: the destination.
  path           text,
  created_at     timestamptz NOT NULL DEFAULT now(),
  archived_at    timestamptz
);
CREATE INDEX links_by_partnership ON links (partnership_id, id);

-- Followed links by day (UTC). Nothing about who followed them is kept.
CREATE TABLE link_clicks (
  link_id bigint NOT NULL REFERENCES links,
  day     date NOT NULL,
  clicks  bigint NOT NULL DEFAULT 0,
  -- Fetched, but not by a person: link previews, crawlers, prefetches.
  bots    bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (link_id, day)
);

INSERT INTO links (partnership_id, code, created_at) SELECT id, code, created_at FROM partnerships ORDER BY id;
INSERT INTO link_clicks (link_id, day, clicks)
  SELECT links.id, (links.created_at AT TIME ZONE 'UTC')::date, partnerships.clicks
  FROM links JOIN partnerships ON partnerships.id = links.partnership_id WHERE partnerships.clicks > 0;
ALTER TABLE partnerships DROP COLUMN code, DROP COLUMN clicks;

-- The link whose token brought the conversion; NULL when the customer came without one.
ALTER TABLE conversions ADD COLUMN link_id bigint REFERENCES links;
CREATE INDEX conversions_by_link ON conversions (link_id) WHERE link_id IS NOT NULL;

-- Why a campaign accepts no conversion now; NULL when it does. The order is that of the judgement of a conversion.
CREATE VIEW campaign_notices AS
  SELECT campaigns.id AS campaign_id, CASE
      WHEN closes_at <> 0 AND closes_at <= clock.seconds THEN 'campaign_closed'
      WHEN suspended_until > clock.seconds THEN 'campaign_suspended'
      -- Used up, or not enough for the cheapest offer: a rate can always pay less, a flat amount cannot.
      WHEN budget.spendable <= 0 OR budget.spendable < coalesce(cheapest.amount, 0) THEN 'budget_exhausted'
    END AS notice
  FROM campaigns
  CROSS JOIN LATERAL (SELECT extract(epoch FROM now()) AS seconds) AS clock
  -- An announced withdrawal binds its amount until it lapses, seven days after it could be made.
  CROSS JOIN LATERAL (
    SELECT available - promised
      - CASE WHEN withdrawable_at <> 0 AND clock.seconds < withdrawable_at + 7 * 86400 THEN withdrawal_amount ELSE 0 END AS spendable
  ) AS budget
  CROSS JOIN LATERAL (
    SELECT min(flat_amount) AS amount FROM offers
    WHERE offers.campaign_id = campaigns.id AND valid_from <= clock.seconds AND valid_to > clock.seconds
  ) AS cheapest;
