-- Where a campaign's sales are read that nobody reports. Secrets are sealed; the key is the one that its reports are noted under,
-- and revoked with it the source is disconnected.
CREATE TABLE sources (
  campaign_id text NOT NULL REFERENCES campaigns,
  source      text NOT NULL CHECK (source IN ('stripe')),
  api_key_id  bigint NOT NULL REFERENCES api_keys,
  -- Of webhooks: a JSON list.
  secrets     text NOT NULL,
  -- To read with. NULL: none.
  reading_key text,
  test_mode   boolean NOT NULL,
  changed_by  text NOT NULL,
  changed_at  timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (campaign_id, source)
);

-- What a source sent, and what became of it.
CREATE TABLE source_events (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id text NOT NULL REFERENCES campaigns,
  source      text NOT NULL,
  event_id    text NOT NULL,
  type        text NOT NULL,
  object_id   text,
  -- Sealed. NULL: nothing is to be done with it any more.
  body        text,
  -- waiting: to be applied. applied: conversions, refunds or bindings came of it. noted: it may count with others. ignored: it is of
  -- nothing that counts. refused: it could not be done, and `note` says why.
  state       text NOT NULL CHECK (state IN ('waiting', 'applied', 'noted', 'ignored', 'refused')),
  note        text,
  order_id    text,
  attempts    int NOT NULL DEFAULT 0,
  due_at      timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  received_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (campaign_id, source, event_id)
);
CREATE INDEX source_events_by_campaign ON source_events (campaign_id, source, id);
CREATE INDEX source_events_due ON source_events (due_at) WHERE state = 'waiting';
CREATE INDEX source_events_old ON source_events (received_at);

-- What is known of a source's objects, sealed, and the ids by which one is found from another.
CREATE TABLE source_objects (
  campaign_id text NOT NULL REFERENCES campaigns,
  source      text NOT NULL,
  object_id   text NOT NULL,
  what        text NOT NULL,
  links       text[] NOT NULL,
  fact        text NOT NULL,
  received_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (campaign_id, source, object_id)
);
CREATE INDEX source_objects_by_link ON source_objects USING gin (links);

-- What of a source's sales was reported, and how much of it taken back so far: decimal numbers of whole tokens.
CREATE TABLE source_orders (
  campaign_id   text NOT NULL REFERENCES campaigns,
  source        text NOT NULL,
  order_id      text NOT NULL,
  event         text NOT NULL,
  conversion_id bigint NOT NULL REFERENCES conversions,
  -- Rejected ones are reported again when more is known.
  accepted      boolean NOT NULL,
  taken_back    text NOT NULL DEFAULT '0',
  whole         boolean NOT NULL DEFAULT false,
  PRIMARY KEY (campaign_id, source, order_id)
);
