-- What an attester with an opinion has to remember: what it signed today, which order a key stands for, what a reversal took back.

ALTER TABLE signed_attestations
  -- Base units, without the operator's fee.
  ADD COLUMN commission numeric(78,0) NOT NULL DEFAULT 0,
  -- A final block at which it was not attested: where to begin to look for its event. NULL: signed before this column.
  ADD COLUMN signed_after bigint;
CREATE INDEX signed_attestations_by_time ON signed_attestations (campaign_id, signed_at);

-- NULL: signed before these columns.
ALTER TABLE signed_conversions
  ADD COLUMN number bigint,
  ADD COLUMN entries jsonb;
CREATE INDEX signed_conversions_by_digest ON signed_conversions (digest);

-- The attester cannot compute a key, so it remembers the order too: one order under two keys is refused.
CREATE TABLE signed_orders (
  campaign_id text NOT NULL,
  event       text NOT NULL,
  order_id    text NOT NULL,
  key         text NOT NULL,
  digest      text NOT NULL REFERENCES signed_attestations,
  PRIMARY KEY (campaign_id, event, order_id, digest)
);
CREATE INDEX signed_orders_by_digest ON signed_orders (digest);

CREATE TABLE signed_reversals (
  digest      text PRIMARY KEY,
  attestation text NOT NULL REFERENCES signed_attestations,
  targets     jsonb NOT NULL,
  reason_hash text NOT NULL,
  signed_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE reversed_conversions (
  attestation text NOT NULL,
  key         text NOT NULL,
  reversal    text NOT NULL REFERENCES signed_reversals,
  PRIMARY KEY (attestation, key)
);

-- ------------------------------------------------------------------------------------------------ a source's file

CREATE TABLE source_files (
  file    text PRIMARY KEY,
  -- Its time of change and its size when it was read.
  stamp   text NOT NULL,
  read_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE source_orders (
  file       text NOT NULL,
  order_id   text NOT NULL,
  -- '': the file does not tell events apart.
  event      text NOT NULL,
  -- A decimal number of whole tokens, as it stands in the file.
  volume     text NOT NULL,
  created_at bigint NOT NULL,
  -- 'true', 'false', or how much of the volume.
  refunded   text NOT NULL,
  PRIMARY KEY (file, order_id, event)
);
