-- Whose signature is a receipt of this relayer's, and in which time: a key that was replaced signed promises that are kept.
CREATE TABLE receipt_signers (
  address   text PRIMARY KEY,
  -- null: from the first receipt on.
  since     timestamptz,
  -- A process with it ran then.
  last_seen timestamptz NOT NULL
);
INSERT INTO receipt_signers (address, since, last_seen)
  SELECT sender, NULL, max(created_at) FROM transactions GROUP BY sender;
