-- Customers whom the brand gave to another partner, and why. It is kept for ever: the former partner may ask.
CREATE TABLE binding_changes (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id text NOT NULL REFERENCES campaigns,
  customer    text NOT NULL,
  from_id     bigint NOT NULL REFERENCES partnerships,
  to_id       bigint NOT NULL REFERENCES partnerships,
  reason      text NOT NULL,
  -- Who said so: a wallet, or an API key by its id.
  changed_by  text NOT NULL,
  changed_at  timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX binding_changes_by_customer ON binding_changes (campaign_id, customer, id);
