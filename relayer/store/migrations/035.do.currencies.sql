-- Sales in their own currency: what was sold, and the rate that it was converted by.

-- currency and volume (a decimal number of it); and, once it was converted, rate and nonce, as protocol/rates.ts has them. NULL: in tokens.
ALTER TABLE conversions ADD COLUMN sale jsonb;
-- Those that wait for a rate.
CREATE INDEX conversions_without_rate ON conversions (campaign_id, id) WHERE state = 'rejected' AND reason = 'no_rate';

-- How much of such a sale a refund gave back, in its currency. NULL: the sale is in tokens.
ALTER TABLE refunds ADD COLUMN sale_volume numeric(48,18);

-- Signed files of a day's rates, as they came: whoever checks a conversion reads the one that it names.
CREATE TABLE rate_files (
  -- Who signed it, and what was signed (EIP-712).
  digest     text PRIMARY KEY,
  signer     text NOT NULL,
  day        date NOT NULL,
  body       text NOT NULL,
  fetched_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rate_files_by_day ON rate_files (signer, day);
