-- What the relayer's transactions really cost, in wei with all fees of the chain; null: not mined, or from before it was noted.
ALTER TABLE transactions ADD COLUMN paid numeric(78,0);
-- When that was found: a day's spending is counted by it.
ALTER TABLE transactions ADD COLUMN paid_at timestamptz;
CREATE INDEX transactions_by_payment ON transactions (paid_at) WHERE paid_at IS NOT NULL;
