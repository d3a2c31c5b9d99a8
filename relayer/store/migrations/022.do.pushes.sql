-- Credits that the relayer pushes to where their owners are paid.

-- What an owner wants: without a row, pushes of what the operator thinks worth it.
CREATE TABLE push_settings (
  wallet text PRIMARY KEY,
  wanted boolean NOT NULL DEFAULT true
);
-- The least credit in a token that it wants pushed, in base units.
CREATE TABLE push_minimums (
  wallet  text NOT NULL REFERENCES push_settings ON DELETE CASCADE,
  token   text NOT NULL,
  minimum numeric(78,0) NOT NULL,
  PRIMARY KEY (wallet, token)
);

-- Written down before it is sent: push:<id> in the outbox is what became of it.
CREATE TABLE pushes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner      text NOT NULL,
  tokens     text[] NOT NULL,
  -- Why it was given up.
  problem    text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pushes_by_owner ON pushes (owner, id);
CREATE INDEX pushes_by_time ON pushes (created_at);
CREATE INDEX transactions_by_purpose ON transactions (purpose);
