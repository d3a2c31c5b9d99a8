-- What a report says of what was sold, and what was known of customer and partner when it was judged by conditions on offers.
ALTER TABLE conversions
  ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN history jsonb;
