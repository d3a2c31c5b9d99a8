-- Bonuses that a brand gave by its own word, with the reason for its partner. Each is a conversion of its own order.
CREATE TABLE manual_bonuses (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id    text NOT NULL REFERENCES campaigns,
  -- As the brand calls it: saying it again gives nothing more.
  bonus_id       text NOT NULL,
  partnership_id bigint NOT NULL REFERENCES partnerships,
  amount         numeric(78,0) NOT NULL,
  reason         text NOT NULL,
  event          text NOT NULL,
  order_id       text NOT NULL,
  -- 2026-11, in UTC.
  month          text NOT NULL,
  given_by       text NOT NULL,
  given_at       timestamptz(3) NOT NULL,
  UNIQUE (campaign_id, bonus_id)
);
CREATE INDEX manual_bonuses_by_month ON manual_bonuses (campaign_id, month);
CREATE INDEX manual_bonuses_by_campaign ON manual_bonuses (campaign_id, id);
CREATE INDEX manual_bonuses_by_partnership ON manual_bonuses (partnership_id, id);
