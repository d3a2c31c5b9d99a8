-- How events are taken back, by statement and not by row: noting what rows were costs a fortieth, and a reorganisation is one statement for
-- each table. The columns of a table that is noted may change: what is noted is the whole row's difference.

CREATE FUNCTION columns_before(before jsonb, after jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  -- `promised` is ours and moves meanwhile: it is added up again instead.
  SELECT jsonb_object_agg(key, value) FROM jsonb_each(before) WHERE value IS DISTINCT FROM after -> key AND key <> 'promised'
$$;

-- Notes from now on what rows of a table were, while the indexer says which block of which campaign it applies (relayer.block, relayer.campaign).
-- `keys` are the columns of its primary key.
CREATE FUNCTION note_undo_of(relation text, VARIADIC keys text[]) RETURNS void LANGUAGE plpgsql AS $make$
DECLARE
  way text;
  key_of text;
BEGIN
  EXECUTE format('DROP TRIGGER IF EXISTS note_undo ON %I', relation);
  FOREACH way IN ARRAY ARRAY['insert', 'update'] LOOP
    SELECT format('jsonb_build_object(%s)', string_agg(format('%1$L, n.%1$I', key), ', ')) INTO key_of FROM unnest(keys) AS key;
    EXECUTE format($f$
      CREATE FUNCTION note_undo_%1$s_%2$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        INSERT INTO undo (block, relation, row_key, before, campaign_id)
        SELECT current_setting('relayer.block')::bigint, %1$L, row_key, before, nullif(current_setting('relayer.campaign', true), '')
        FROM (%3$s) AS noted;
        RETURN NULL;
      END $body$;
      CREATE TRIGGER note_undo_%2$s AFTER %2$s ON %1$I %4$s FOR EACH STATEMENT
        WHEN (current_setting('relayer.block', true) <> '') EXECUTE FUNCTION note_undo_%1$s_%2$s()$f$,
      relation, way,
      CASE way
        WHEN 'insert' THEN format('SELECT %s AS row_key, NULL::jsonb AS before FROM new_rows n', key_of)
        ELSE format('SELECT %s AS row_key, before FROM old_rows o JOIN new_rows n USING (%s)
          CROSS JOIN LATERAL columns_before(to_jsonb(o), to_jsonb(n)) AS before WHERE before IS NOT NULL',
          key_of, (SELECT string_agg(quote_ident(key), ', ') FROM unnest(keys) AS key))
      END,
      CASE way WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows'
        ELSE 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows' END);
  END LOOP;
END $make$;

SELECT note_undo_of('campaigns', 'id'), note_undo_of('offers', 'campaign_id', 'offer_id'), note_undo_of('kinds', 'campaign_id', 'partner'),
  note_undo_of('announced_descriptions', 'id'), note_undo_of('batches', 'digest'), note_undo_of('batch_lines', 'digest', 'index'),
  note_undo_of('conversions', 'id'), note_undo_of('reversals', 'id'), note_undo_of('payouts', 'owner', 'receiver'),
  note_undo_of('set_aside', 'campaign_id'), note_undo_of('last_claims', 'owner', 'token'), note_undo_of('payout_addresses', 'owner'),
  note_undo_of('revoked_orders', 'owner'), note_undo_of('notices', 'id', 'told');
DROP FUNCTION note_undo();

-- Which rows of a table are taken back, and to what: the earliest that was noted of each column counts.
CREATE FUNCTION rows_before(of_relation text, target bigint, only_campaign text)
  RETURNS TABLE (row_key jsonb, before jsonb) LANGUAGE sql STABLE AS $$
  SELECT row_key, jsonb_object_agg(key, value) FROM (
    SELECT DISTINCT ON (undo.row_key, key) undo.row_key, key, value FROM undo CROSS JOIN LATERAL jsonb_each(undo.before)
    WHERE block > target AND relation = of_relation AND undo.before IS NOT NULL AND (only_campaign IS NULL OR campaign_id = only_campaign)
    ORDER BY undo.row_key, key, undo.id
  ) AS earliest GROUP BY row_key
$$;
-- Rows that were not there before.
CREATE FUNCTION rows_new(of_relation text, target bigint, only_campaign text) RETURNS SETOF jsonb LANGUAGE sql STABLE AS $$
  SELECT DISTINCT row_key FROM undo
  WHERE block > target AND relation = of_relation AND before IS NULL AND (only_campaign IS NULL OR campaign_id = only_campaign)
$$;
-- Campaigns that something is taken back of.
CREATE FUNCTION campaigns_to_undo(target bigint, only_campaign text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT campaign_id FROM undo
    WHERE block > target AND campaign_id IS NOT NULL AND (only_campaign IS NULL OR campaign_id = only_campaign)
  UNION SELECT row_key ->> 'id' FROM undo
    WHERE block > target AND relation = 'campaigns' AND (only_campaign IS NULL OR campaign_id = only_campaign)
$$;

-- Takes back all that events of blocks after `target` did, or those of one campaign alone: then the blocks stay, and so does what others'
-- events did. The campaigns are locked by who calls it.
CREATE OR REPLACE FUNCTION undo_to(target bigint, only_campaign text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one record;
  moved bigint[];
BEGIN
  SELECT array_agg((row_key ->> 'id')::bigint) INTO moved FROM rows_before('conversions', target, only_campaign) WHERE before ? 'state';

  FOR one IN
    SELECT relation, string_agg(DISTINCT quote_ident(key), ', ') AS columns,
      (SELECT string_agg(format('here.%1$I = keys.%1$I', part), ' AND ') FROM jsonb_object_keys((array_agg(row_key))[1]) AS part) AS same
    FROM undo CROSS JOIN LATERAL jsonb_object_keys(before) AS key
    WHERE block > target AND before IS NOT NULL AND (only_campaign IS NULL OR campaign_id = only_campaign) GROUP BY relation
  LOOP
    EXECUTE format('UPDATE %1$I AS here SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(here, was.before))
      FROM rows_before(%1$L, $1, $2) AS was CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$I, was.row_key) AS keys WHERE %3$s',
      one.relation, one.columns, one.same) USING target, only_campaign;
  END LOOP;

  -- Lines that were fetched are of no block: they go with their batch. And where one that an event had made goes, its batch's lines are not
  -- all known any more.
  DELETE FROM batch_lines USING rows_new('batches', target, only_campaign) AS gone WHERE digest = gone ->> 'digest';
  UPDATE batches SET lines_known = false
  FROM rows_new('batch_lines', target, only_campaign) AS gone JOIN batch_lines AS line
    ON line.digest = gone ->> 'digest' AND line.index = (gone ->> 'index')::bigint
  WHERE batches.digest = line.digest AND lines_known AND line.attested IS NOT NULL;
  FOR one IN
    SELECT relation, (SELECT string_agg(format('here.%1$I = keys.%1$I', part), ' AND ')
      FROM jsonb_object_keys((array_agg(row_key))[1]) AS part) AS same
    -- A campaign stays, empty: its id is its terms', so that it is the same one when it comes again, and partners may be in it.
    FROM undo WHERE block > target AND before IS NULL AND relation <> 'campaigns' AND (only_campaign IS NULL OR campaign_id = only_campaign)
    GROUP BY relation ORDER BY relation = 'batches', relation
  LOOP
    EXECUTE format('DELETE FROM %1$I AS here USING rows_new(%1$L, $1, $2) AS gone
      CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$I, gone) AS keys WHERE %2$s', one.relation, one.same) USING target, only_campaign;
  END LOOP;

  INSERT INTO conversion_moves (conversion_id, state, reason)
    SELECT id, state, CASE WHEN only_campaign IS NULL THEN 'the chain was reorganised' ELSE 'the chain was read again' END
    FROM conversions WHERE id = ANY (moved);
  UPDATE campaigns SET promised = coalesce((
      SELECT sum(s.promised) FROM conversion_states s WHERE s.campaign_id = campaigns.id AND s.state IN ('accepted', 'batched', 'review')), 0)
    WHERE id IN (SELECT campaigns_to_undo(target, only_campaign));
  DELETE FROM undo WHERE block > target AND (only_campaign IS NULL OR campaign_id = only_campaign);
  IF only_campaign IS NULL THEN DELETE FROM indexed_blocks WHERE block > target; END IF;
END $$;
