-- What this attester has signed, for ever: a conversion is attested once, whatever a relayer asks.

CREATE TABLE signed_attestations (
  digest           text PRIMARY KEY,
  campaign_id      text NOT NULL,
  first_conversion bigint NOT NULL,
  conversions      bigint NOT NULL,
  deadline         bigint NOT NULL,
  lines            jsonb NOT NULL,
  signed_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX signed_attestations_by_number ON signed_attestations (campaign_id, first_conversion);

CREATE TABLE signed_conversions (
  campaign_id text NOT NULL,
  key         text NOT NULL,
  digest      text NOT NULL REFERENCES signed_attestations,
  PRIMARY KEY (campaign_id, key, digest)
);
