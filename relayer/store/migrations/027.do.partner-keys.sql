-- Keys by which a partner's own programs read what concerns it. They do nothing else.
CREATE TABLE partner_keys (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  wallet       text NOT NULL,
  label        text NOT NULL,
  secret_hash  text NOT NULL UNIQUE,
  last4        text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- Coarse: to the minute.
  last_used_at timestamptz
);
CREATE INDEX partner_keys_by_wallet ON partner_keys (wallet, id);
