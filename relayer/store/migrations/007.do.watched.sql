-- How far the events of a brand's own contract were taken in. Each event is a conversion by its place on the chain, so that reading
-- one twice changes nothing.
CREATE TABLE watched_contracts (
  campaign_id text NOT NULL REFERENCES campaigns,
  event       text NOT NULL,
  -- The contract and its event; another one begins anew.
  source      text NOT NULL,
  block       bigint NOT NULL,
  PRIMARY KEY (campaign_id, event)
);
