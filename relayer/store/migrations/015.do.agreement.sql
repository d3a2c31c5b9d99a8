-- What a node tells is compared with the contract, campaign by campaign, and one that differs is read again from where both agreed.

-- Every block that is not final, and how many of the contract's logs were read of it. NULL: it was read in one go with others.
ALTER TABLE indexed_blocks ADD COLUMN logs int;

-- The last block at which what is kept of a campaign was what the contract has. NULL: none yet. What was read before there was this is
-- taken for right: there is no way back to before it.
ALTER TABLE campaigns ADD COLUMN agreed_block bigint, ADD COLUMN agreed_time bigint NOT NULL DEFAULT 0;
UPDATE campaigns SET agreed_block = block, agreed_time = block_time FROM chain_cursor;

-- By how many seconds the chain's time was ahead of ours when its newest block was read.
ALTER TABLE chain_cursor ADD COLUMN seconds_ahead bigint NOT NULL DEFAULT 0;
CREATE OR REPLACE FUNCTION chain_now() RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT greatest(extract(epoch FROM now()) + coalesce((SELECT seconds_ahead FROM chain_cursor), 0),
    (SELECT block_time FROM chain_cursor))
$$;

-- NULL: no event failed; what is kept differs from the contract.
ALTER TABLE set_aside ALTER COLUMN event DROP NOT NULL;

-- ------------------------------------------------------------------------------------------------ the way back

-- Whose event it was. NULL: an owner's, or noted before there was this. A campaign's are kept until it agrees with the contract.
ALTER TABLE undo ADD COLUMN campaign_id text;
CREATE INDEX undo_by_campaign ON undo (campaign_id, block);
CREATE INDEX undo_of_owners ON undo (block) WHERE campaign_id IS NULL;

-- As before, and of which campaign (relayer.campaign) the event is.
CREATE OR REPLACE FUNCTION note_undo() RETURNS trigger LANGUAGE plpgsql AS $$
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
  INSERT INTO undo (block, relation, row_key, before, campaign_id)
    VALUES (block::bigint, TG_TABLE_NAME, row_key, before, nullif(current_setting('relayer.campaign', true), ''));
  RETURN NULL;
END $$;

-- As before, or of one campaign alone: then the blocks stay, and so does what others' events did.
DROP FUNCTION undo_to(bigint);
CREATE FUNCTION undo_to(target bigint, only_campaign text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  step undo;
  condition text;
  columns text;
  moved bigint[];
BEGIN
  FOR step IN SELECT * FROM undo WHERE block > target AND (only_campaign IS NULL OR campaign_id = only_campaign)
    ORDER BY id DESC LOOP
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
  DELETE FROM undo WHERE block > target AND (only_campaign IS NULL OR campaign_id = only_campaign);
  INSERT INTO conversion_moves (conversion_id, state, reason)
    SELECT id, state, CASE WHEN only_campaign IS NULL THEN 'the chain was reorganised' ELSE 'the chain was read again' END
    FROM conversions WHERE id = ANY (moved);
  UPDATE campaigns SET promised = (
    SELECT coalesce(sum(commission + fee), 0) FROM conversions WHERE campaign_id = campaigns.id AND state IN ('accepted', 'batched', 'review'))
    WHERE only_campaign IS NULL OR id = only_campaign;
  IF only_campaign IS NULL THEN DELETE FROM indexed_blocks WHERE block > target; END IF;
END $$;
