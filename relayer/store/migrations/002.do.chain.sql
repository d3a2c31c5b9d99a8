-- What a moving chain needs: reorganisations are rolled back, transactions are replaced, batches are proposed before they are
-- signed, and several relayer processes share one database.

-- --------------------------------------------------------------------------------------------- reorganisations

-- The chain as far as it is final: blocks that no reorganisation that we expect takes back.
ALTER TABLE chain_cursor ADD COLUMN final_block bigint NOT NULL DEFAULT 0, ADD COLUMN final_time bigint NOT NULL DEFAULT 0;

-- The blocks at which the index stood, as far as they are not final: to find where a new chain leaves the old one.
CREATE TABLE indexed_blocks (
  block bigint PRIMARY KEY,
  hash  text NOT NULL,
  time  bigint NOT NULL
);

-- What rows were before an event of a block that is not final changed them.
CREATE TABLE undo (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  block    bigint NOT NULL,
  relation text NOT NULL,
  row_key  jsonb NOT NULL,
  -- The columns that changed, with their former values. NULL: the row was not there.
  before   jsonb
);
CREATE INDEX undo_by_block ON undo (block);

-- Notes what a row was, while the indexer says which block it is applying (relayer.block). The arguments are the key's columns.
CREATE FUNCTION note_undo() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  block text := current_setting('relayer.block', true);
  row_key jsonb;
  before jsonb;
BEGIN
  IF block IS NULL OR block = '' THEN RETURN NULL; END IF;
  SELECT jsonb_object_agg(name, to_jsonb(NEW) -> name) INTO row_key FROM unnest(TG_ARGV) AS name;
  IF TG_OP = 'UPDATE' THEN
    -- `promised` is ours and moves meanwhile: it is added up again instead.
    SELECT jsonb_object_agg(key, value) INTO before FROM jsonb_each(to_jsonb(OLD))
      WHERE value IS DISTINCT FROM to_jsonb(NEW) -> key AND key <> 'promised';
    IF before IS NULL THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO undo (block, relation, row_key, before) VALUES (block::bigint, TG_TABLE_NAME, row_key, before);
  RETURN NULL;
END $$;

CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON campaigns FOR EACH ROW EXECUTE FUNCTION note_undo('id');
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON offers FOR EACH ROW EXECUTE FUNCTION note_undo('campaign_id', 'offer_id');
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON kinds FOR EACH ROW EXECUTE FUNCTION note_undo('campaign_id', 'partner');
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON announced_descriptions FOR EACH ROW EXECUTE FUNCTION note_undo('id');
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON batches FOR EACH ROW EXECUTE FUNCTION note_undo('digest');
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON batch_lines FOR EACH ROW EXECUTE FUNCTION note_undo('digest', 'index');
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON conversions FOR EACH ROW EXECUTE FUNCTION note_undo('id');
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON reversals FOR EACH ROW EXECUTE FUNCTION note_undo('id');

-- Takes back all that events of blocks after `target` did, the last first.
CREATE FUNCTION undo_to(target bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  step undo;
  condition text;
  columns text;
  moved bigint[];
BEGIN
  FOR step IN SELECT * FROM undo WHERE block > target ORDER BY id DESC LOOP
    SELECT string_agg(format('%I = %L', key, value), ' AND ') INTO condition FROM jsonb_each_text(step.row_key);
    IF step.before IS NULL THEN
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

-- ------------------------------------------------------------------------------------------------ conversions

-- review: the attesters would not have it; the brand decides.
ALTER TABLE conversions DROP CONSTRAINT conversions_state_check;
ALTER TABLE conversions ADD CONSTRAINT conversions_state_check
  CHECK (state IN ('accepted', 'review', 'batched', 'attested', 'released', 'rejected', 'reversed'));
-- In words, what the reason's code leaves open.
ALTER TABLE conversions ADD COLUMN note text;
CREATE INDEX conversions_in_review ON conversions (campaign_id, id) WHERE state = 'review';

ALTER TABLE conversion_moves ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;

-- ---------------------------------------------------------------------------------------------------- batches

-- built: written down, and nobody was asked to sign it, so it can be dissolved. asked: somebody may have signed it.
ALTER TABLE batches DROP CONSTRAINT batches_state_check;
ALTER TABLE batches ADD CONSTRAINT batches_state_check
  CHECK (state IN ('built', 'asked', 'signed', 'attested', 'released', 'dead'));
ALTER TABLE batches ADD COLUMN attested_block bigint;
-- After a reorganisation two may be outstanding, one after the other; never two that claim the same numbers.
DROP INDEX batches_one_outstanding;
CREATE UNIQUE INDEX batches_outstanding ON batches (campaign_id, first_conversion) WHERE state IN ('built', 'asked', 'signed');

-- How many conversions the next batch has at most, after one was refused and split. NULL: as many as the configuration says.
ALTER TABLE campaigns ADD COLUMN batch_limit int;

-- ----------------------------------------------------------------------------------------------------- outbox

DROP VIEW transactions_under_way;
DROP TABLE transactions;

-- One nonce of one account. What was signed for it are its attempts: the same call at rising fees, of which one is mined.
CREATE TABLE transactions (
  sender     text NOT NULL,
  nonce      bigint NOT NULL,
  purpose    text NOT NULL,
  data       text NOT NULL,
  gas_limit  bigint NOT NULL,
  -- lost: another transaction of this account took the nonce, finally.
  state      text NOT NULL CHECK (state IN ('sent', 'mined', 'reverted', 'lost')),
  hash       text,
  gas_used   bigint,
  block      bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (sender, nonce)
);
-- What is under way is not sent a second time: looked at under a lock on this table. Not a unique index, because a reorganisation
-- can bring back one that had reverted, after it was sent anew; both have their nonces, and both are followed.
CREATE INDEX transactions_under_way_by_purpose ON transactions (purpose) WHERE state = 'sent';
CREATE INDEX transactions_by_block ON transactions (block);

-- Written down before it is broadcast; broadcasting it again does no harm.
CREATE TABLE attempts (
  hash         text PRIMARY KEY,
  sender       text NOT NULL,
  nonce        bigint NOT NULL,
  raw          text NOT NULL,
  max_fee      numeric(78,0) NOT NULL,
  priority_fee numeric(78,0) NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (sender, nonce) REFERENCES transactions
);
CREATE INDEX attempts_by_nonce ON attempts (sender, nonce);

-- What is not to be sent again: not mined yet, or mined in a block whose events are not in the tables above.
CREATE VIEW transactions_under_way AS
  SELECT purpose FROM transactions LEFT JOIN chain_cursor ON true
  WHERE transactions.state = 'sent' OR transactions.block > chain_cursor.block;
