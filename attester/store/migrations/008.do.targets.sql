-- What targets count is counted from what was signed: whose an order is, what it is worth there, and when it came.
ALTER TABLE signed_orders
  -- In small letters, with its offer and its volume in units.
  ADD COLUMN partner text,
  ADD COLUMN offer int,
  ADD COLUMN units bigint,
  -- Unix seconds. NULL: signed before this column, or given back; it is within its attestation's period.
  ADD COLUMN received_at bigint;
CREATE INDEX signed_orders_by_partner ON signed_orders (campaign_id, partner);

-- The first line of a conversion pays its partner.
UPDATE signed_orders SET
  partner = '0x' || encode(substring(signed.entries FROM 3 FOR 20), 'hex'),
  offer = ('x' || encode(substring(signed.entries FROM 1 FOR 2), 'hex'))::bit(16)::int,
  units = ('x' || encode(substring(signed.entries FROM 26 FOR 7), 'hex'))::bit(56)::bigint
FROM signed_conversions AS signed
WHERE signed.campaign_id = signed_orders.campaign_id AND signed.key = signed_orders.key
  AND signed.digest = signed_orders.digest;

-- Attested, its hold over and nothing of it taken back, at a final block: that stays so.
ALTER TABLE signed_attestations ADD COLUMN whole boolean NOT NULL DEFAULT false;
