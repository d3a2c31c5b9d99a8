-- Claims that their owners signed and the relayer carries, paying the gas.
CREATE TABLE claims (
  -- The order's digest (EIP-712): the same order is the same claim, however often it is sent.
  id         text PRIMARY KEY,
  owner      text NOT NULL,
  receiver   text NOT NULL,
  tokens     text[] NOT NULL,
  nonce      numeric(78,0) NOT NULL,
  -- Unix seconds: the last in which the contract takes the order.
  deadline   bigint NOT NULL,
  signature  text NOT NULL,
  -- Why it was given up; an order that was is not taken up again.
  problem    text,
  created_at timestamptz NOT NULL DEFAULT now()
);
-- An owner's orders are carried one after the other, as the contract takes them.
CREATE UNIQUE INDEX claims_under_way ON claims (owner, nonce) WHERE problem IS NULL;
CREATE INDEX claims_by_time ON claims (created_at);
CREATE INDEX claims_by_owner ON claims (owner);
CREATE INDEX claims_by_deadline ON claims (deadline) WHERE problem IS NULL;
