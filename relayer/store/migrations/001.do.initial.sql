-- Amounts are base units of the campaign's token (numeric(78,0) holds any uint256); chain times are Unix seconds.
-- Ids of campaigns and batches are the chain's: 0x and 64 hexadecimal digits, lower case. Addresses are checksummed.

-- ------------------------------------------------------------------------------------------------ from the chain

CREATE TABLE chain_cursor (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  chain_id   bigint NOT NULL,
  programs   text NOT NULL,
  -- All events up to this block are in the tables below.
  block      bigint NOT NULL,
  block_hash text NOT NULL,
  block_time bigint NOT NULL
);

CREATE TABLE campaigns (
  id                text PRIMARY KEY,
  brand             text NOT NULL,
  token             text NOT NULL,
  token_symbol      text NOT NULL,
  token_decimals    int NOT NULL,
  hold_seconds      int NOT NULL,
  notice_seconds    int NOT NULL,
  open_kinds        int NOT NULL,
  fee_bps           int NOT NULL,
  unit_exponent     int NOT NULL,
  operator          text NOT NULL,
  funded            numeric(78,0) NOT NULL DEFAULT 0,
  available         numeric(78,0) NOT NULL DEFAULT 0,
  reserved          numeric(78,0) NOT NULL DEFAULT 0,
  withdrawn         numeric(78,0) NOT NULL DEFAULT 0,
  released          numeric(78,0) NOT NULL DEFAULT 0,
  fees              numeric(78,0) NOT NULL DEFAULT 0,
  next_conversion   bigint NOT NULL DEFAULT 1,
  suspended_until   bigint NOT NULL DEFAULT 0,
  closes_at         bigint NOT NULL DEFAULT 0,
  -- The latest of its offers' guarantees: it cannot close before.
  locked_until      bigint NOT NULL DEFAULT 0,
  withdrawal_amount numeric(78,0) NOT NULL DEFAULT 0,
  withdrawable_at   bigint NOT NULL DEFAULT 0,
  -- Ours, not the chain's: commissions and fees of accepted conversions that are not attested yet.
  promised          numeric(78,0) NOT NULL DEFAULT 0 CHECK (promised >= 0)
);

CREATE TABLE offers (
  campaign_id text NOT NULL REFERENCES campaigns,
  offer_id    int NOT NULL,
  event       text NOT NULL,
  kind        int NOT NULL,
  flat_amount numeric(78,0) NOT NULL,
  rate_bps    int NOT NULL,
  cap_units   numeric(78,0) NOT NULL,
  valid_from  bigint NOT NULL,
  valid_to    bigint NOT NULL,
  PRIMARY KEY (campaign_id, offer_id)
);

CREATE TABLE kinds (
  campaign_id   text NOT NULL REFERENCES campaigns,
  partner       text NOT NULL,
  mask          int NOT NULL,
  previous_mask int NOT NULL,
  effective_at  bigint NOT NULL,
  PRIMARY KEY (campaign_id, partner)
);

-- ----------------------------------------------------------------------------------------------------- accounts

CREATE TABLE descriptions (
  hash       text PRIMARY KEY,
  body       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Every description that a campaign announced; the one in force is the last whose time has come.
CREATE TABLE announced_descriptions (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id  text NOT NULL REFERENCES campaigns,
  hash         text NOT NULL,
  uri          text NOT NULL,
  effective_at bigint NOT NULL
);
CREATE INDEX announced_descriptions_by_campaign ON announced_descriptions (campaign_id, effective_at, id);

CREATE VIEW descriptions_in_force AS
  SELECT DISTINCT ON (campaign_id) campaign_id, announced_descriptions.hash, uri, body
  FROM announced_descriptions LEFT JOIN descriptions ON descriptions.hash = announced_descriptions.hash
  WHERE effective_at <= extract(epoch FROM now())
  ORDER BY campaign_id, effective_at DESC, id DESC;

CREATE TABLE sign_in_nonces (
  nonce      text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);

CREATE TABLE sessions (
  token_hash text PRIMARY KEY,
  address    text NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE api_keys (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id text NOT NULL REFERENCES campaigns,
  secret_hash text NOT NULL UNIQUE,
  label       text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz
);

CREATE TABLE partnerships (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id text NOT NULL REFERENCES campaigns,
  partner     text NOT NULL,
  code        text NOT NULL UNIQUE,
  clicks      bigint NOT NULL DEFAULT 0,
  created_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (campaign_id, partner)
);

-- -------------------------------------------------------------------------------------------------- conversions

-- A batch of ours from the moment it is written down; anybody's from the moment it is on the chain.
CREATE TABLE batches (
  digest           text PRIMARY KEY,
  campaign_id      text NOT NULL REFERENCES campaigns,
  first_conversion bigint NOT NULL,
  conversions      int NOT NULL,
  period_from      bigint NOT NULL,
  period_to        bigint NOT NULL,
  deadline         bigint NOT NULL,
  conversions_root text NOT NULL,
  state            text NOT NULL CHECK (state IN ('built', 'signed', 'attested', 'released', 'dead')),
  signatures       jsonb,
  problem          text,
  retry_at         timestamptz NOT NULL DEFAULT now(),
  release_at       bigint,
  created_at       timestamptz NOT NULL DEFAULT now()
);
-- One outstanding batch for each campaign: two could claim the same numbers.
CREATE UNIQUE INDEX batches_one_outstanding ON batches (campaign_id) WHERE state IN ('built', 'signed');
CREATE INDEX batches_to_release ON batches (release_at) WHERE state = 'attested';

CREATE TABLE batch_lines (
  digest     text NOT NULL REFERENCES batches,
  index      int NOT NULL,
  -- Packed, as signed and as it stands after reversals.
  attested   text NOT NULL,
  line       text NOT NULL,
  partner    text NOT NULL,
  commission numeric(78,0) NOT NULL,
  fee        numeric(78,0) NOT NULL,
  state      text NOT NULL CHECK (state IN ('signed', 'held', 'released', 'claimed')),
  PRIMARY KEY (digest, index)
);
CREATE INDEX batch_lines_by_partner ON batch_lines (partner, state);

CREATE TABLE conversions (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id     text NOT NULL REFERENCES campaigns,
  event           text NOT NULL,
  order_id        text NOT NULL,
  body_hash       text NOT NULL,
  key             text NOT NULL,
  customer        text,
  partnership_id  bigint REFERENCES partnerships,
  volume          numeric(78,0) NOT NULL,
  occurred_at     timestamptz,
  received_at     timestamptz(3) NOT NULL,
  state           text NOT NULL CHECK (state IN ('accepted', 'batched', 'attested', 'released', 'rejected', 'reversed')),
  reason          text,
  entries         jsonb NOT NULL DEFAULT '[]',
  commission      numeric(78,0) NOT NULL DEFAULT 0,
  fee             numeric(78,0) NOT NULL DEFAULT 0,
  salt            text NOT NULL,
  attest_by       bigint,
  receipt         text,
  number          bigint,
  batch           text REFERENCES batches,
  -- The natural key, for ever.
  UNIQUE (campaign_id, event, order_id)
);
CREATE INDEX conversions_waiting ON conversions (campaign_id, id) WHERE state = 'accepted';
CREATE INDEX conversions_by_batch ON conversions (batch);
CREATE INDEX conversions_by_customer ON conversions (campaign_id, event, customer) WHERE state NOT IN ('rejected', 'reversed');
CREATE INDEX conversions_by_partnership ON conversions (partnership_id, id);

-- Every move of a conversion, with its time and its reason.
CREATE TABLE conversion_moves (
  conversion_id bigint NOT NULL REFERENCES conversions,
  state         text NOT NULL,
  reason        text,
  -- The chain's transaction that moved it, where there was one.
  transaction   text,
  moved_at      timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX conversion_moves_by_conversion ON conversion_moves (conversion_id);

CREATE TABLE bindings (
  campaign_id    text NOT NULL REFERENCES campaigns,
  customer       text NOT NULL,
  partnership_id bigint NOT NULL REFERENCES partnerships,
  bound_at       timestamptz(3) NOT NULL,
  -- NULL: for life.
  bound_until    timestamptz(3),
  PRIMARY KEY (campaign_id, customer)
);

CREATE TABLE idempotency_keys (
  api_key_id      bigint NOT NULL REFERENCES api_keys,
  idempotency_key text NOT NULL,
  request_hash    text NOT NULL,
  conversion_id   bigint NOT NULL REFERENCES conversions,
  PRIMARY KEY (api_key_id, idempotency_key)
);

-- A refund within the hold. One at a time for a batch: each is computed from the lines as the last one left them.
CREATE TABLE reversals (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversion_id bigint NOT NULL UNIQUE REFERENCES conversions,
  batch         text NOT NULL REFERENCES batches,
  reason        text NOT NULL,
  state         text NOT NULL CHECK (state IN ('requested', 'sent', 'done', 'late')),
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reversals_open ON reversals (batch) WHERE state IN ('requested', 'sent');

-- ------------------------------------------------------------------------------------------------------- outbox

-- A transaction is written here, signed, before it is broadcast; broadcasting it again does no harm.
CREATE TABLE transactions (
  nonce      bigint PRIMARY KEY,
  purpose    text NOT NULL,
  hash       text NOT NULL UNIQUE,
  raw        text NOT NULL,
  state      text NOT NULL CHECK (state IN ('sent', 'mined', 'reverted')),
  gas_used   bigint,
  block      bigint,
  created_at timestamptz NOT NULL DEFAULT now()
);
-- What is under way is not sent a second time.
CREATE UNIQUE INDEX transactions_one_under_way ON transactions (purpose) WHERE state = 'sent';

-- What is not to be sent again: not mined yet, or mined in a block whose events are not in the tables above.
CREATE VIEW transactions_under_way AS
  SELECT purpose FROM transactions LEFT JOIN chain_cursor ON true
  WHERE transactions.state = 'sent' OR transactions.block > chain_cursor.block;
