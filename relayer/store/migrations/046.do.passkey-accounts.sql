-- Accounts that are not on the chain yet: an order brings along what makes its owner's, by the operator's factory.
ALTER TABLE claims ADD COLUMN factory text;
ALTER TABLE claims ADD COLUMN making text;
ALTER TABLE claims ADD CONSTRAINT claims_bring_both CHECK ((factory IS NULL) = (making IS NULL));
-- Not null: it is no claim, but an order where its owner is paid, so locked.
ALTER TABLE claims ADD COLUMN lock_seconds bigint;
-- Whom a transaction calls; null: the contract of campaigns.
ALTER TABLE transactions ADD COLUMN recipient text;
