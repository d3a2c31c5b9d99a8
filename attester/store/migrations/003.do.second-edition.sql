-- A batch has up to 200,000 lines, which this attester keeps and gives to whoever asks; what is signed is their root and their sum.

ALTER TABLE signed_attestations
  DROP COLUMN lines,
  ADD COLUMN period_from bigint NOT NULL,
  ADD COLUMN period_to bigint NOT NULL,
  ADD COLUMN conversions_root text NOT NULL,
  ADD COLUMN lines_root text NOT NULL,
  ADD COLUMN line_count bigint NOT NULL,
  ADD COLUMN total numeric(39,0) NOT NULL,
  ALTER COLUMN commission DROP DEFAULT,
  ALTER COLUMN signed_after SET NOT NULL;

-- The lines as they were signed, 32 bytes each, in pieces: to read one, or to send all, takes no more memory than a piece.
CREATE TABLE signed_lines (
  digest text NOT NULL REFERENCES signed_attestations,
  -- The place of its first line in the batch.
  first  bigint NOT NULL,
  lines  bytea NOT NULL,
  PRIMARY KEY (digest, first)
);

ALTER TABLE signed_conversions
  ALTER COLUMN number SET NOT NULL,
  DROP COLUMN entries,
  -- Packed lines, 32 bytes each.
  ADD COLUMN entries bytea NOT NULL;
