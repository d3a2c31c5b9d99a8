-- ---------------------------------------------------------------------------------------------------------- keys

ALTER TABLE api_keys
  ADD COLUMN scopes        text[] NOT NULL DEFAULT '{read,report}' CHECK (scopes <@ '{read,report,admin}' AND scopes <> '{}'),
  -- To tell keys apart in a list. Keys made before this column have none.
  ADD COLUMN last4         text,
  -- After a rotation the secret before it is good for a while.
  ADD COLUMN previous_hash text UNIQUE,
  ADD COLUMN previous_until timestamptz,
  -- Coarse: to the minute.
  ADD COLUMN last_used_at  timestamptz;
CREATE INDEX api_keys_by_campaign ON api_keys (campaign_id, id);

-- ------------------------------------------------------------------------------------------------------- sign-in

-- What has ended is deleted by these.
CREATE INDEX sign_in_nonces_by_expiry ON sign_in_nonces (expires_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- -------------------------------------------------------------------------------------------------- descriptions

-- Who stored it: what one address may store in a day is bounded.
ALTER TABLE descriptions ADD COLUMN stored_by text;
CREATE INDEX descriptions_by_address ON descriptions (stored_by, created_at);

-- ------------------------------------------------------------------------------------------------------ webhooks

CREATE TABLE webhook_endpoints (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id    text NOT NULL REFERENCES campaigns,
  url            text NOT NULL,
  -- NULL: every type.
  events         text[],
  -- The secret is derived from these and RELAYER_SECRET, so that this table alone signs nothing.
  seed           text NOT NULL,
  previous_seed  text,
  previous_until timestamptz,
  created_at     timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  disabled_at    timestamptz,
  -- 'brand', or what the endpoint answered.
  disabled_by    text
);
CREATE INDEX webhook_endpoints_by_campaign ON webhook_endpoints (campaign_id, id);

-- A move that is to be told to an endpoint.
CREATE TABLE webhook_deliveries (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint_id     bigint NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
  move_id         bigint NOT NULL REFERENCES conversion_moves,
  state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
  attempts        int NOT NULL DEFAULT 0,
  -- When it is to be sent; while it is being sent, when that process is given up for dead.
  due_at          timestamptz NOT NULL DEFAULT now(),
  last_attempt_at timestamptz,
  last_status     int,
  last_error      text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (endpoint_id, move_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (endpoint_id, state, id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);

-- A mark on each move instead of a cursor behind them: ids are given before the commit, so a cursor would pass by a move of a
-- transaction that commits late. What happened before there were webhooks counts as announced.
ALTER TABLE conversion_moves ADD COLUMN announced boolean NOT NULL DEFAULT true;
ALTER TABLE conversion_moves ALTER COLUMN announced SET DEFAULT false;
CREATE INDEX conversion_moves_to_announce ON conversion_moves (id) WHERE NOT announced;
