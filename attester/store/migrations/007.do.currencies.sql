-- Sales in their own currencies.

-- Of a signed conversion the sale and its rate, as JSON: a refund is looked up in the sale's currency. NULL: it is in tokens.
ALTER TABLE signed_orders ADD COLUMN sale jsonb;

-- In which currency a file's order is; NULL: the file does not say.
ALTER TABLE source_orders ADD COLUMN currency text;
-- A file is read again: it may have said so before.
DELETE FROM source_files;
