-- Who brought the partner into the campaign. Set once, when it joins.
ALTER TABLE partnerships ADD COLUMN recruiter_id bigint REFERENCES partnerships;
-- The wallet that it is paid to, and the keyed hash of the network it signs in from; NULL: not known.
ALTER TABLE partnerships ADD COLUMN payout text;
ALTER TABLE partnerships ADD COLUMN network text;

ALTER TABLE conversions ADD COLUMN flags text[] NOT NULL DEFAULT '{}';
-- Of its volume, what its customer was given back.
ALTER TABLE conversions ADD COLUMN refunded numeric(78,0) NOT NULL DEFAULT 0;
CREATE INDEX conversions_by_campaign ON conversions (campaign_id, id);
CREATE INDEX conversions_counted ON conversions (partnership_id, received_at) WHERE state NOT IN ('rejected', 'reversed');
CREATE INDEX conversions_flagged ON conversions (campaign_id, id) WHERE flags <> '{}';

-- When the customer met the partner it is bound to: by last touch, an earlier meeting does not win over a later one.
ALTER TABLE bindings ADD COLUMN touched_at timestamptz(3);
UPDATE bindings SET touched_at = bound_at;
ALTER TABLE bindings ALTER COLUMN touched_at SET NOT NULL;

-- A wallet belongs to the customer that showed it first.
CREATE TABLE customer_wallets (
  campaign_id text NOT NULL REFERENCES campaigns,
  wallet      text NOT NULL,
  customer    text NOT NULL,
  seen_at     timestamptz(3) NOT NULL,
  PRIMARY KEY (campaign_id, wallet)
);
CREATE INDEX customer_wallets_by_customer ON customer_wallets (campaign_id, customer);

-- What a brand took back, one row for each time that it said so.
CREATE TABLE refunds (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversion_id bigint NOT NULL REFERENCES conversions,
  -- The brand's own name for it, so that saying it again takes back nothing more.
  key           text NOT NULL,
  body_hash     text NOT NULL,
  volume        numeric(78,0) NOT NULL,
  whole         boolean NOT NULL,
  reason        text NOT NULL,
  created_at    timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (conversion_id, key)
);

-- A conversion can be taken back in parts: one reversal for each refund within the hold.
ALTER TABLE reversals DROP CONSTRAINT reversals_conversion_id_key;
ALTER TABLE reversals ADD COLUMN refund_id bigint UNIQUE REFERENCES refunds;
ALTER TABLE reversals ADD COLUMN whole boolean NOT NULL DEFAULT true;
-- Packed lines: what this reversal takes from the lines of its batch, and what the conversion pays after it.
ALTER TABLE reversals ADD COLUMN taken_back jsonb;
ALTER TABLE reversals ADD COLUMN commission_left numeric(78,0) NOT NULL DEFAULT 0;
ALTER TABLE reversals ADD COLUMN fee_left numeric(78,0) NOT NULL DEFAULT 0;
UPDATE reversals SET taken_back = conversions.entries FROM conversions WHERE conversions.id = reversals.conversion_id;
ALTER TABLE reversals ALTER COLUMN taken_back SET NOT NULL;
CREATE INDEX reversals_by_conversion ON reversals (conversion_id);

-- A file of reports that a brand sent, taken in row by row. Sending it again is how it goes on after a break.
CREATE TABLE imports (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id   text NOT NULL REFERENCES campaigns,
  state         text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  -- Why it failed.
  problem       text,
  accepted      bigint NOT NULL DEFAULT 0,
  rejected      bigint NOT NULL DEFAULT 0,
  known         bigint NOT NULL DEFAULT 0,
  conflicting   bigint NOT NULL DEFAULT 0,
  invalid       bigint NOT NULL DEFAULT 0,
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  progressed_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX imports_by_campaign ON imports (campaign_id, id);

CREATE TABLE import_rows (
  import_id     bigint NOT NULL REFERENCES imports,
  row           bigint NOT NULL,
  outcome       text NOT NULL CHECK (outcome IN ('accepted', 'rejected', 'known', 'conflicting', 'invalid')),
  conversion_id bigint REFERENCES conversions,
  problem       text,
  PRIMARY KEY (import_id, row)
);

-- Most writes are no event's: the trigger's function is not even called for them.
DROP TRIGGER note_undo ON conversions;
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON conversions FOR EACH ROW
  WHEN (current_setting('relayer.block', true) <> '') EXECUTE FUNCTION note_undo('id');
