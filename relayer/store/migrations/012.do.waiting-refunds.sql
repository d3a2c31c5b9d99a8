-- Refunds of what is not accepted: of a sale that was not reported yet, they wait for it; of one that was rejected, they take back
-- nothing unless it is accepted after all.
CREATE TABLE waiting_refunds (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id   text NOT NULL REFERENCES campaigns,
  event         text NOT NULL,
  order_id      text NOT NULL,
  -- The brand's own name for it, as in refunds.
  key           text NOT NULL,
  body_hash     text NOT NULL,
  -- Whole tokens, as they were said: how many decimals are good is the sale's to say. NULL: all that is left.
  volume        text,
  -- waiting: its sale is not known. nothing_due: its sale was rejected. refused: it could not be taken back, and `problem` says why.
  state         text NOT NULL CHECK (state IN ('waiting', 'nothing_due', 'done', 'refused')),
  problem       text,
  conversion_id bigint REFERENCES conversions,
  created_at    timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  settled_at    timestamptz(3),
  UNIQUE (campaign_id, event, order_id, key)
);
CREATE INDEX waiting_refunds_by_campaign ON waiting_refunds (campaign_id, id);
CREATE INDEX waiting_refunds_open ON waiting_refunds (campaign_id, created_at) WHERE state = 'waiting';
