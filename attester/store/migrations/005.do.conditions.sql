-- When a partner's first conversion came, of those signed: it did not join later than that.
CREATE TABLE first_signed (
  campaign_id text NOT NULL,
  partner     text NOT NULL,
  -- Unix seconds.
  first_at    bigint NOT NULL,
  PRIMARY KEY (campaign_id, partner)
);

-- What a file says of what was sold and of who bought, for conditions on offers.
ALTER TABLE source_orders ADD COLUMN said jsonb NOT NULL DEFAULT '{}';
-- A file is read again: it may have said so before.
DELETE FROM source_files;
