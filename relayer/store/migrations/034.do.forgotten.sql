-- What attesters signed for this relayer and its database does not know: it was restored from an older backup, or a replica that was
-- behind took over. `worker/reconcile.ts` finds it, and numbering goes by it.

CREATE TABLE forgotten_batches (
  digest           text PRIMARY KEY,
  campaign_id      text NOT NULL REFERENCES campaigns,
  first_conversion bigint NOT NULL,
  conversions      bigint NOT NULL,
  -- Unix seconds: until a final block is past it, or its numbers are taken, it may still be attested.
  deadline         bigint NOT NULL,
  -- Who said so first.
  attester         text NOT NULL,
  found_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX forgotten_batches_by_campaign ON forgotten_batches (campaign_id);

CREATE TABLE forgotten_conversions (
  digest      text NOT NULL REFERENCES forgotten_batches ON DELETE CASCADE,
  campaign_id text NOT NULL,
  number      bigint NOT NULL,
  key         text NOT NULL,
  -- NULL: signed without its order.
  event       text,
  order_id    text,
  -- Whether the key is this relayer's own of that order: otherwise another relayer numbered it, or this one lost its secret.
  ours        boolean NOT NULL,
  PRIMARY KEY (digest, number)
);
CREATE INDEX forgotten_conversions_by_order ON forgotten_conversions (campaign_id, event, order_id);

-- Why numbers are not given in a campaign until more is known of what was signed for it.
CREATE TABLE unreconciled (
  campaign_id text PRIMARY KEY REFERENCES campaigns,
  problem     text NOT NULL,
  since       timestamptz NOT NULL DEFAULT now()
);

-- The newest of a campaign's numbers first.
CREATE INDEX batches_by_number ON batches (campaign_id, first_conversion);
