-- A database that was restored from a backup does not know what was signed since: the chain is asked, and the others give it back.

-- With it a batch can be given to whoever forgot it, and checked by the root that was signed. NULL: signed before this column.
ALTER TABLE signed_conversions ADD COLUMN salt bytea;

-- Attestations on the chain with this attester's signature that are not in signed_attestations.
CREATE TABLE forgotten_attestations (
  digest      text PRIMARY KEY,
  campaign_id text NOT NULL,
  -- The transaction that carried it.
  transaction text NOT NULL,
  block       bigint NOT NULL,
  found_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX forgotten_attestations_by_campaign ON forgotten_attestations (campaign_id);

-- Up to which final block a campaign's attestations were looked at, and its next number there.
CREATE TABLE looked_at (
  campaign_id     text PRIMARY KEY,
  block           bigint NOT NULL,
  next_conversion bigint NOT NULL
);

-- What was signed, forgotten and never attested, nobody can give back: until a final block is past this time it may still be.
CREATE TABLE silences (
  campaign_id text PRIMARY KEY,
  until       bigint NOT NULL
);
