-- The second edition of the contract: a batch is its digest, its lines stand under a root that also sums. A database of the first
-- edition belongs to another contract: it is not carried over.

-- ------------------------------------------------------------------------------------------------------ campaigns

-- Masks have 64 bits, and the last is bigint's sign.
ALTER TABLE campaigns ALTER COLUMN open_kinds TYPE bigint;
ALTER TABLE campaigns
  -- Whether the lines of its batches are in their events. With a hold of 0 they always are.
  ADD COLUMN lines_on_chain       boolean NOT NULL DEFAULT true,
  -- Closing, it can attest until here; 0: it does not close.
  ADD COLUMN final_at             bigint NOT NULL DEFAULT 0,
  -- Most commissions and fees of a day (UTC); NULL: never said. The next one is in force from next_daily_limit_at on; 0: none is announced.
  ADD COLUMN daily_limit          numeric(78,0),
  ADD COLUMN next_daily_limit     numeric(78,0),
  ADD COLUMN next_daily_limit_at  bigint NOT NULL DEFAULT 0,
  -- Who may take it over, and from when on.
  ADD COLUMN pending_brand        text,
  ADD COLUMN transferable_at      bigint NOT NULL DEFAULT 0;

-- NULL: it is for a kind; otherwise for this partner alone, and its kind is 255.
ALTER TABLE offers ADD COLUMN partner text;

-- The last that was set: `mask_before` until `effective_at`, and `mask` from there on.
ALTER TABLE kinds RENAME COLUMN previous_mask TO mask_before;
ALTER TABLE kinds ALTER COLUMN mask TYPE bigint, ALTER COLUMN mask_before TYPE bigint;

-- -------------------------------------------------------------------------------------------------------- batches

ALTER TABLE batches
  ADD COLUMN lines_root    text NOT NULL,
  ADD COLUMN line_count    bigint NOT NULL,
  ADD COLUMN total         numeric(78,0) NOT NULL,
  -- The tree as reversals left it.
  ADD COLUMN current_root  text NOT NULL,
  ADD COLUMN current_total numeric(78,0) NOT NULL,
  -- Whether all its lines are in batch_lines, as they were signed. Of a stranger's batch whose lines are not on the chain they are
  -- asked of its attesters.
  ADD COLUMN lines_known   boolean NOT NULL DEFAULT false,
  -- How many lines are settled, and the commissions that they paid.
  ADD COLUMN settled_lines bigint NOT NULL DEFAULT 0,
  ADD COLUMN settled_commission numeric(78,0) NOT NULL DEFAULT 0;
CREATE INDEX batches_without_lines ON batches (retry_at) WHERE state IN ('attested', 'released') AND NOT lines_known;

DROP TABLE batch_lines;
-- A line that is not known yet has a row once something happened to it.
CREATE TABLE batch_lines (
  digest        text NOT NULL REFERENCES batches,
  index         bigint NOT NULL,
  -- Packed, as signed. NULL: not known.
  attested      text,
  -- Packed, as reversals left it. NULL: as it was signed.
  lowered       text,
  partner       text,
  -- Of the line as it stands, and as it stands in the tree: 0 if its offer does not cover the period.
  commission    numeric(78,0) NOT NULL DEFAULT 0,
  fee           numeric(78,0) NOT NULL DEFAULT 0,
  -- open: not settled. refused: the contract found that it does not hold, and paid nobody.
  state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'released', 'pulled', 'refused')),
  -- The contract's number of why it was refused.
  fault         int,
  -- Where on the chain it was settled.
  settled_block bigint,
  settled_index bigint,
  PRIMARY KEY (digest, index)
);
CREATE INDEX batch_lines_by_partner ON batch_lines (partner, digest);
CREATE INDEX batch_lines_due ON batch_lines (digest, index) WHERE state = 'open' AND commission + fee > 0;
CREATE INDEX batch_lines_credited ON batch_lines (digest) WHERE state = 'released';
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON batch_lines FOR EACH ROW
  WHEN (current_setting('relayer.block', true) <> '') EXECUTE FUNCTION note_undo('digest', 'index');

-- A claim always takes the whole credit: what was released before the last one is claimed, whenever its lines became known.
CREATE TABLE last_claims (
  owner     text NOT NULL,
  token     text NOT NULL,
  block     bigint NOT NULL,
  log_index bigint NOT NULL,
  PRIMARY KEY (owner, token)
);
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON last_claims FOR EACH ROW EXECUTE FUNCTION note_undo('owner', 'token');

-- Unix seconds: ours, or the chain's where it is ahead.
CREATE FUNCTION chain_now() RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT greatest(extract(epoch FROM now()), (SELECT block_time FROM chain_cursor))
$$;

-- Lines as they stand now. pullable: the hold is over, and nobody settled it. credited: released to the partner's credit.
CREATE VIEW lines_now AS
  SELECT l.digest, l.index, l.attested, coalesce(l.lowered, l.attested) AS line, l.lowered IS NOT NULL AS lowered, l.partner,
    l.commission, l.fee, l.fault, b.campaign_id, b.release_at,
    CASE
      WHEN l.state = 'released' AND EXISTS (
        SELECT 1 FROM last_claims c WHERE c.owner = l.partner AND c.token = campaigns.token
          AND (c.block, c.log_index) > (l.settled_block, l.settled_index)) THEN 'claimed'
      WHEN l.state = 'released' THEN 'credited'
      WHEN l.state <> 'open' THEN l.state
      WHEN b.state NOT IN ('attested', 'released') THEN 'signed'
      WHEN b.release_at > chain_now() THEN 'held'
      ELSE 'pullable'
    END AS state
  FROM batch_lines l JOIN batches b USING (digest) JOIN campaigns ON campaigns.id = b.campaign_id;

-- ---------------------------------------------------------------------------------------------------- conversions

-- The place in its batch of the line that pays its partner: with that line it is released, or refused.
ALTER TABLE conversions ADD COLUMN line bigint;
DROP INDEX conversions_by_batch;
CREATE INDEX conversions_by_batch ON conversions (batch, number);
CREATE INDEX conversions_by_line ON conversions (batch, line);

-- ------------------------------------------------------------------------------------------------------- partners

-- Where an owner is paid by pushes, and for how many seconds that is locked; the next from next_at on (0: none is announced).
CREATE TABLE payout_addresses (
  owner             text PRIMARY KEY,
  receiver          text NOT NULL,
  lock_seconds      numeric(78,0) NOT NULL DEFAULT 0,
  next_receiver     text,
  next_lock_seconds numeric(78,0),
  next_at           numeric(78,0) NOT NULL DEFAULT 0,
  opted_out         boolean NOT NULL DEFAULT false
);
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON payout_addresses FOR EACH ROW EXECUTE FUNCTION note_undo('owner');

-- Orders of an owner with a nonce before this one are void. Nonces go on from it, and begin anew after 2^256 - 1.
CREATE TABLE revoked_orders (
  owner text PRIMARY KEY,
  nonce numeric(78,0) NOT NULL
);
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON revoked_orders FOR EACH ROW EXECUTE FUNCTION note_undo('owner');

-- ----------------------------------------------------------------------------------------------- reorganisations

-- As before, and: lines that were fetched are of no block. They go with their batch; and where one that an event had made goes, the
-- batch's lines are not all known any more.
CREATE OR REPLACE FUNCTION undo_to(target bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  step undo;
  condition text;
  columns text;
  moved bigint[];
BEGIN
  FOR step IN SELECT * FROM undo WHERE block > target ORDER BY id DESC LOOP
    SELECT string_agg(format('%I = %L', key, value), ' AND ') INTO condition FROM jsonb_each_text(step.row_key);
    IF step.before IS NULL THEN
      IF step.relation = 'batches' THEN
        DELETE FROM batch_lines WHERE digest = step.row_key ->> 'digest';
      ELSIF step.relation = 'batch_lines' THEN
        UPDATE batches SET lines_known = false WHERE digest = step.row_key ->> 'digest' AND lines_known
          AND EXISTS (SELECT 1 FROM batch_lines l WHERE l.digest = step.row_key ->> 'digest'
            AND l.index = (step.row_key ->> 'index')::bigint AND l.attested IS NOT NULL);
      END IF;
      -- A campaign stays, empty: its id is its terms', so that it is the same one when it comes again, and partners may be in it.
      IF step.relation <> 'campaigns' THEN EXECUTE format('DELETE FROM %I WHERE %s', step.relation, condition); END IF;
    ELSE
      SELECT string_agg(format('%I', key), ', ') INTO columns FROM jsonb_object_keys(step.before) AS key;
      EXECUTE format('UPDATE %1$I SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1)) WHERE %3$s',
        step.relation, columns, condition) USING step.before;
      IF step.relation = 'conversions' AND step.before ? 'state' THEN moved := moved || (step.row_key ->> 'id')::bigint; END IF;
    END IF;
  END LOOP;
  DELETE FROM undo WHERE block > target;
  INSERT INTO conversion_moves (conversion_id, state, reason)
    SELECT id, state, 'the chain was reorganised' FROM conversions WHERE id = ANY (moved);
  UPDATE campaigns SET promised = (
    SELECT coalesce(sum(commission + fee), 0) FROM conversions WHERE campaign_id = campaigns.id AND state IN ('accepted', 'batched', 'review'));
  DELETE FROM indexed_blocks WHERE block > target;
END $$;
