-- What people and alarms look at is kept summed, so that nothing that is waited for grows with history. Triggers keep the sums, in the
-- statement that moves what they are of: whichever way a row changes, by a report, by the chain or by a reorganisation, they are right.
-- Each table has a view `…_again`, which adds the same up from the rows: what the tests compare with, and what fills the tables here.

-- ---------------------------------------------------------------------------------------------------- conversions

-- A conversion's day is that of its report, in UTC. partnership_id 0: nobody's. offer -1: none pays it.
CREATE TABLE partner_days (
  campaign_id                 text NOT NULL REFERENCES campaigns,
  day                         date NOT NULL,
  partnership_id              bigint NOT NULL,
  event                       text NOT NULL,
  offer                       int NOT NULL,
  conversions                 bigint NOT NULL,
  rejected                    bigint NOT NULL,
  reversed                    bigint NOT NULL,
  -- Without what was refunded, and like all that follows of those that are neither rejected nor reversed, unless it says otherwise.
  volume                      numeric NOT NULL,
  commission                  numeric NOT NULL,
  -- Of the commission, the partner's own.
  partner_commission          numeric NOT NULL,
  fees                        numeric NOT NULL,
  reversed_commission         numeric NOT NULL,
  reversed_partner_commission numeric NOT NULL,
  PRIMARY KEY (campaign_id, day, partnership_id, event, offer)
) WITH (fillfactor = 80);
CREATE INDEX partner_days_by_partnership ON partner_days (partnership_id, day);

-- The same for all its partners together.
CREATE TABLE campaign_days (
  campaign_id         text NOT NULL REFERENCES campaigns,
  day                 date NOT NULL,
  event               text NOT NULL,
  offer               int NOT NULL,
  conversions         bigint NOT NULL,
  rejected            bigint NOT NULL,
  reversed            bigint NOT NULL,
  volume              numeric NOT NULL,
  commission          numeric NOT NULL,
  fees                numeric NOT NULL,
  reversed_commission numeric NOT NULL,
  PRIMARY KEY (campaign_id, day, event, offer)
) WITH (fillfactor = 50);

CREATE TABLE partnership_sums (
  partnership_id bigint PRIMARY KEY REFERENCES partnerships,
  conversions    bigint NOT NULL,
  rejected       bigint NOT NULL,
  -- The partner's commissions that are not attested yet.
  accepted       numeric NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE link_sums (
  link_id     bigint PRIMARY KEY REFERENCES links,
  conversions bigint NOT NULL,
  rejected    bigint NOT NULL,
  -- The partner's.
  commission  numeric NOT NULL
) WITH (fillfactor = 50);

-- How many conversions of a campaign are in a state, and what they were promised: commissions and fees.
CREATE TABLE conversion_states (
  campaign_id text NOT NULL REFERENCES campaigns,
  state       text NOT NULL,
  conversions bigint NOT NULL,
  promised    numeric NOT NULL,
  PRIMARY KEY (campaign_id, state)
) WITH (fillfactor = 50);

-- What a conversion adds to the sums.
CREATE FUNCTION offer_of(entries jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(('x' || substr(entries ->> 0, 3, 4))::bit(16)::int, -1)
$$;
CREATE FUNCTION utc_day(moment timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT (moment AT TIME ZONE 'UTC')::date $$;

CREATE VIEW partner_days_again AS
  SELECT campaign_id, utc_day(received_at) AS day, coalesce(partnership_id, 0) AS partnership_id, event, offer_of(entries) AS offer,
    count(*) FILTER (WHERE state NOT IN ('rejected', 'reversed')) AS conversions,
    count(*) FILTER (WHERE state = 'rejected') AS rejected,
    count(*) FILTER (WHERE state = 'reversed') AS reversed,
    coalesce(sum(volume - refunded) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS volume,
    coalesce(sum(commission) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS commission,
    coalesce(sum(partner_commission) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS partner_commission,
    coalesce(sum(fee) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS fees,
    coalesce(sum(commission) FILTER (WHERE state = 'reversed'), 0) AS reversed_commission,
    coalesce(sum(partner_commission) FILTER (WHERE state = 'reversed'), 0) AS reversed_partner_commission
  FROM conversions GROUP BY 1, 2, 3, 4, 5;
CREATE VIEW campaign_days_again AS
  SELECT campaign_id, day, event, offer, sum(conversions)::bigint AS conversions, sum(rejected)::bigint AS rejected,
    sum(reversed)::bigint AS reversed, sum(volume) AS volume, sum(commission) AS commission, sum(fees) AS fees,
    sum(reversed_commission) AS reversed_commission
  FROM partner_days_again GROUP BY 1, 2, 3, 4;
CREATE VIEW partnership_sums_again AS
  SELECT partnership_id, count(*) FILTER (WHERE state NOT IN ('rejected', 'reversed')) AS conversions,
    count(*) FILTER (WHERE state = 'rejected') AS rejected,
    coalesce(sum(partner_commission) FILTER (WHERE state IN ('accepted', 'review', 'batched')), 0) AS accepted
  FROM conversions WHERE partnership_id IS NOT NULL GROUP BY 1;
CREATE VIEW link_sums_again AS
  SELECT link_id, count(*) FILTER (WHERE state NOT IN ('rejected', 'reversed')) AS conversions,
    count(*) FILTER (WHERE state = 'rejected') AS rejected,
    coalesce(sum(partner_commission) FILTER (WHERE state NOT IN ('rejected', 'reversed')), 0) AS commission
  FROM conversions WHERE link_id IS NOT NULL GROUP BY 1;
CREATE VIEW conversion_states_again AS
  SELECT campaign_id, state, count(*) AS conversions, sum(commission + fee) AS promised FROM conversions GROUP BY 1, 2;

-- One function for each way in which rows change: what was is taken away (sign -1), what is is added.
DO $make$
DECLARE
  way text;
  columns CONSTANT text := 'campaign_id, received_at, partnership_id, link_id, event, entries, state, volume, refunded, commission,
    partner_commission, fee';
BEGIN
  FOREACH way IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
    EXECUTE format($f$
      CREATE FUNCTION keep_conversion_sums_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        WITH changed AS (%2$s), parts AS (
          SELECT campaign_id, utc_day(received_at) AS day, partnership_id, link_id, event, offer_of(entries) AS offer, state,
            sum(sign)::bigint AS count, sum(sign * (volume - refunded)) AS volume, sum(sign * commission) AS commission,
            sum(sign * partner_commission) AS own, sum(sign * fee) AS fee
          FROM changed GROUP BY 1, 2, 3, 4, 5, 6, 7
        ), counted AS (
          SELECT *, state NOT IN ('rejected', 'reversed') AS counts, state IN ('accepted', 'review', 'batched') AS waits FROM parts
        ), by_day AS (
          SELECT campaign_id, day, coalesce(partnership_id, 0) AS partnership_id, event, offer,
            coalesce(sum(count) FILTER (WHERE counts), 0)::bigint AS conversions,
            coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0)::bigint AS rejected,
            coalesce(sum(count) FILTER (WHERE state = 'reversed'), 0)::bigint AS reversed,
            coalesce(sum(volume) FILTER (WHERE counts), 0) AS volume,
            coalesce(sum(commission) FILTER (WHERE counts), 0) AS commission,
            coalesce(sum(own) FILTER (WHERE counts), 0) AS partner_commission,
            coalesce(sum(fee) FILTER (WHERE counts), 0) AS fees,
            coalesce(sum(commission) FILTER (WHERE state = 'reversed'), 0) AS reversed_commission,
            coalesce(sum(own) FILTER (WHERE state = 'reversed'), 0) AS reversed_partner_commission
          FROM counted GROUP BY 1, 2, 3, 4, 5
        ), days_kept AS (
          INSERT INTO partner_days AS kept SELECT * FROM by_day
          WHERE (conversions, rejected, reversed, volume, commission, partner_commission, fees, reversed_commission,
            reversed_partner_commission) <> (0, 0, 0, 0, 0, 0, 0, 0, 0)
          ORDER BY campaign_id, day, partnership_id, event, offer
          ON CONFLICT (campaign_id, day, partnership_id, event, offer) DO UPDATE SET
            conversions = kept.conversions + excluded.conversions, rejected = kept.rejected + excluded.rejected,
            reversed = kept.reversed + excluded.reversed, volume = kept.volume + excluded.volume,
            commission = kept.commission + excluded.commission,
            partner_commission = kept.partner_commission + excluded.partner_commission, fees = kept.fees + excluded.fees,
            reversed_commission = kept.reversed_commission + excluded.reversed_commission,
            reversed_partner_commission = kept.reversed_partner_commission + excluded.reversed_partner_commission
        ), campaigns_kept AS (
          INSERT INTO campaign_days AS kept
          SELECT campaign_id, day, event, offer, sum(conversions), sum(rejected), sum(reversed), sum(volume), sum(commission),
            sum(fees), sum(reversed_commission)
          FROM by_day GROUP BY 1, 2, 3, 4
          HAVING (sum(conversions), sum(rejected), sum(reversed), sum(volume), sum(commission), sum(fees),
            sum(reversed_commission)) <> (0, 0, 0, 0, 0, 0, 0)
          ORDER BY 1, 2, 3, 4
          ON CONFLICT (campaign_id, day, event, offer) DO UPDATE SET
            conversions = kept.conversions + excluded.conversions, rejected = kept.rejected + excluded.rejected,
            reversed = kept.reversed + excluded.reversed, volume = kept.volume + excluded.volume,
            commission = kept.commission + excluded.commission, fees = kept.fees + excluded.fees,
            reversed_commission = kept.reversed_commission + excluded.reversed_commission
        ), partnerships_kept AS (
          INSERT INTO partnership_sums AS kept
          SELECT partnership_id, coalesce(sum(count) FILTER (WHERE counts), 0),
            coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0), coalesce(sum(own) FILTER (WHERE waits), 0)
          FROM counted WHERE partnership_id IS NOT NULL GROUP BY 1
          HAVING (coalesce(sum(count) FILTER (WHERE counts), 0), coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0),
            coalesce(sum(own) FILTER (WHERE waits), 0)) <> (0, 0, 0)
          ORDER BY 1
          ON CONFLICT (partnership_id) DO UPDATE SET conversions = kept.conversions + excluded.conversions,
            rejected = kept.rejected + excluded.rejected, accepted = kept.accepted + excluded.accepted
        ), links_kept AS (
          INSERT INTO link_sums AS kept
          SELECT link_id, coalesce(sum(count) FILTER (WHERE counts), 0),
            coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0), coalesce(sum(own) FILTER (WHERE counts), 0)
          FROM counted WHERE link_id IS NOT NULL GROUP BY 1
          HAVING (coalesce(sum(count) FILTER (WHERE counts), 0), coalesce(sum(count) FILTER (WHERE state = 'rejected'), 0),
            coalesce(sum(own) FILTER (WHERE counts), 0)) <> (0, 0, 0)
          ORDER BY 1
          ON CONFLICT (link_id) DO UPDATE SET conversions = kept.conversions + excluded.conversions,
            rejected = kept.rejected + excluded.rejected, commission = kept.commission + excluded.commission
        )
        INSERT INTO conversion_states AS kept
        SELECT campaign_id, state, sum(count), sum(commission + fee) FROM counted GROUP BY 1, 2
        HAVING (sum(count), sum(commission + fee)) <> (0, 0) ORDER BY 1, 2
        ON CONFLICT (campaign_id, state) DO UPDATE
          SET conversions = kept.conversions + excluded.conversions, promised = kept.promised + excluded.promised;
        RETURN NULL;
      END $body$;
      CREATE TRIGGER keep_sums_%1$s AFTER %1$s ON conversions %3$s
        FOR EACH STATEMENT EXECUTE FUNCTION keep_conversion_sums_%1$s()$f$,
      way,
      concat_ws(' UNION ALL ',
        CASE WHEN way <> 'insert' THEN format('SELECT -1 AS sign, %s FROM old_rows', columns) END,
        CASE WHEN way <> 'delete' THEN format('SELECT 1 AS sign, %s FROM new_rows', columns) END),
      'REFERENCING ' || concat_ws(' ',
        CASE WHEN way <> 'insert' THEN 'OLD TABLE AS old_rows' END, CASE WHEN way <> 'delete' THEN 'NEW TABLE AS new_rows' END));
  END LOOP;
END $make$;

-- --------------------------------------------------------------------------------------------------------- clicks

CREATE TABLE link_visits (
  link_id bigint PRIMARY KEY REFERENCES links,
  clicks  bigint NOT NULL,
  bots    bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE campaign_visits (
  campaign_id text NOT NULL REFERENCES campaigns,
  day         date NOT NULL,
  clicks      bigint NOT NULL,
  PRIMARY KEY (campaign_id, day)
) WITH (fillfactor = 50);
CREATE VIEW link_visits_again AS
  SELECT link_id, sum(clicks)::bigint AS clicks, sum(bots)::bigint AS bots FROM link_clicks GROUP BY 1;
CREATE VIEW campaign_visits_again AS
  SELECT campaign_id, day, sum(clicks)::bigint AS clicks
  FROM link_clicks JOIN links ON links.id = link_id JOIN partnerships ON partnerships.id = partnership_id GROUP BY 1, 2;

DO $make$
DECLARE
  way text;
BEGIN
  FOREACH way IN ARRAY ARRAY['insert', 'update'] LOOP
    EXECUTE format($f$
      CREATE FUNCTION keep_visits_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        WITH changed AS (%2$s), links_kept AS (
          INSERT INTO link_visits AS kept SELECT link_id, sum(clicks), sum(bots) FROM changed GROUP BY 1 ORDER BY 1
          ON CONFLICT (link_id) DO UPDATE SET clicks = kept.clicks + excluded.clicks, bots = kept.bots + excluded.bots
        )
        INSERT INTO campaign_visits AS kept
        SELECT campaign_id, day, sum(clicks) FROM changed
        JOIN links ON links.id = link_id JOIN partnerships ON partnerships.id = partnership_id
        GROUP BY 1, 2 HAVING sum(clicks) <> 0 ORDER BY 1, 2
        ON CONFLICT (campaign_id, day) DO UPDATE SET clicks = kept.clicks + excluded.clicks;
        RETURN NULL;
      END $body$;
      CREATE TRIGGER keep_visits_%1$s AFTER %1$s ON link_clicks %3$s
        FOR EACH STATEMENT EXECUTE FUNCTION keep_visits_%1$s()$f$,
      way,
      concat_ws(' UNION ALL ', CASE WHEN way = 'update' THEN 'SELECT link_id, day, -clicks AS clicks, -bots AS bots FROM old_rows' END,
        'SELECT link_id, day, clicks, bots FROM new_rows'),
      'REFERENCING ' || concat_ws(' ', CASE WHEN way = 'update' THEN 'OLD TABLE AS old_rows' END, 'NEW TABLE AS new_rows'));
  END LOOP;
END $make$;

-- ---------------------------------------------------------------------------------------------------------- lines

-- What a partner's lines pay it in a campaign: of batches that are on the chain, and whose lines are known. What a claim took depends on
-- no row of the line's own, so a claim moves it from one column to the next.
CREATE TABLE line_sums (
  campaign_id text NOT NULL REFERENCES campaigns,
  partner     text NOT NULL,
  -- held or pullable
  pending     numeric NOT NULL,
  credited    numeric NOT NULL,
  -- claimed or pulled
  paid        numeric NOT NULL,
  PRIMARY KEY (campaign_id, partner)
) WITH (fillfactor = 50);
CREATE INDEX line_sums_by_partner ON line_sums (partner);

CREATE TABLE campaign_sums (
  campaign_id text PRIMARY KEY REFERENCES campaigns,
  credited    numeric NOT NULL,
  -- Commissions that batches paid whose lines are not known: to whom is not known.
  unexplained numeric NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE batch_states (
  campaign_id text NOT NULL REFERENCES campaigns,
  state       text NOT NULL,
  batches     bigint NOT NULL,
  PRIMARY KEY (campaign_id, state)
) WITH (fillfactor = 50);

CREATE FUNCTION lines_count(state text, lines_known boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT lines_known AND state IN ('attested', 'released')
$$;

CREATE VIEW line_sums_again AS
  SELECT campaign_id, partner, coalesce(sum(commission) FILTER (WHERE state = 'open'), 0) AS pending,
    coalesce(sum(commission) FILTER (WHERE state = 'released' AND NOT claimed), 0) AS credited,
    coalesce(sum(commission) FILTER (WHERE state = 'pulled' OR state = 'released' AND claimed), 0) AS paid
  FROM (
    SELECT b.campaign_id, l.partner, l.state, l.commission,
      coalesce((c.block, c.log_index) > (l.settled_block, l.settled_index), false) AS claimed
    FROM batch_lines l JOIN batches b USING (digest) JOIN campaigns ON campaigns.id = b.campaign_id
    LEFT JOIN last_claims c ON c.owner = l.partner AND c.token = campaigns.token
    WHERE lines_count(b.state, b.lines_known) AND l.partner IS NOT NULL
  ) AS line GROUP BY 1, 2;
CREATE VIEW campaign_sums_again AS
  SELECT id AS campaign_id,
    coalesce((SELECT sum(credited) FROM line_sums_again WHERE campaign_id = id), 0) AS credited,
    coalesce((SELECT sum(settled_commission) FROM batches WHERE campaign_id = id AND NOT lines_known), 0) AS unexplained
  FROM campaigns;
CREATE VIEW batch_states_again AS SELECT campaign_id, state, count(*) AS batches FROM batches GROUP BY 1, 2;

-- Adds to the sums of a partner and of its campaign.
CREATE TYPE line_part AS (campaign_id text, partner text, pending numeric, credited numeric, paid numeric);
CREATE FUNCTION add_to_line_sums(parts line_part[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH given AS (SELECT * FROM unnest(parts) AS part WHERE (pending, credited, paid) <> (0, 0, 0)), kept AS (
    INSERT INTO line_sums AS kept SELECT * FROM given ORDER BY campaign_id, partner
    ON CONFLICT (campaign_id, partner) DO UPDATE SET pending = kept.pending + excluded.pending,
      credited = kept.credited + excluded.credited, paid = kept.paid + excluded.paid
  )
  INSERT INTO campaign_sums AS kept SELECT campaign_id, sum(credited), 0 FROM given GROUP BY 1 HAVING sum(credited) <> 0 ORDER BY 1
  ON CONFLICT (campaign_id) DO UPDATE SET credited = kept.credited + excluded.credited;
END $$;

DO $make$
DECLARE
  way text;
  -- What `lines`, each with its sign, add to the sums: those that %1$s holds for.
  parts CONSTANT text := $p$
    SELECT array_agg(ROW (campaign_id, partner, pending, credited, paid)::line_part) FROM (
      SELECT b.campaign_id, l.partner, coalesce(sum(sign * commission) FILTER (WHERE l.state = 'open'), 0) AS pending,
        coalesce(sum(sign * commission) FILTER (WHERE l.state = 'released' AND NOT claimed), 0) AS credited,
        coalesce(sum(sign * commission) FILTER (WHERE l.state = 'pulled' OR l.state = 'released' AND claimed), 0) AS paid
      FROM lines l JOIN batches b USING (digest) JOIN campaigns ON campaigns.id = b.campaign_id
      LEFT JOIN last_claims c ON c.owner = l.partner AND c.token = campaigns.token
      CROSS JOIN LATERAL (
        SELECT coalesce((c.block, c.log_index) > (l.settled_block, l.settled_index), false) AS claimed) AS claims
      WHERE l.partner IS NOT NULL AND l.commission <> 0 AND %1$s GROUP BY 1, 2
    ) AS part$p$;
  columns CONSTANT text := 'digest, partner, state, commission, settled_block, settled_index';
BEGIN
  FOREACH way IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
    EXECUTE format($f$
      CREATE FUNCTION keep_line_sums_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        PERFORM add_to_line_sums((WITH lines AS (%2$s) %3$s));
        RETURN NULL;
      END $body$;
      CREATE TRIGGER keep_sums_%1$s AFTER %1$s ON batch_lines %4$s
        FOR EACH STATEMENT EXECUTE FUNCTION keep_line_sums_%1$s()$f$,
      way,
      concat_ws(' UNION ALL ',
        CASE WHEN way <> 'insert' THEN format('SELECT -1 AS sign, %s FROM old_rows', columns) END,
        CASE WHEN way <> 'delete' THEN format('SELECT 1 AS sign, %s FROM new_rows', columns) END),
      format(parts, 'lines_count(b.state, b.lines_known)'),
      'REFERENCING ' || concat_ws(' ',
        CASE WHEN way <> 'insert' THEN 'OLD TABLE AS old_rows' END, CASE WHEN way <> 'delete' THEN 'NEW TABLE AS new_rows' END));
  END LOOP;

  -- A batch comes to the chain, or its lines become known: all of its lines count from then on. And back, when that is undone.
  EXECUTE format($f$
    CREATE FUNCTION keep_flipped_lines() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      PERFORM add_to_line_sums((
        WITH flipped AS (
          SELECT digest, CASE WHEN lines_count(n.state, n.lines_known) THEN 1 ELSE -1 END AS sign
          FROM old_rows o JOIN new_rows n USING (digest)
          WHERE lines_count(o.state, o.lines_known) <> lines_count(n.state, n.lines_known)
        ), lines AS (SELECT sign, batch_lines.* FROM flipped JOIN batch_lines USING (digest))
        %s));
      RETURN NULL;
    END $body$$f$, format(parts, 'true'));
END $make$;
CREATE TRIGGER keep_flipped_lines AFTER UPDATE ON batches REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION keep_flipped_lines();

-- A claim takes what was released before it and after the one before; one that is taken back gives it back.
CREATE FUNCTION keep_claimed_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  whose   last_claims := coalesce(NEW, OLD);
  -- [first, last): where the lines were released that it is about.
  first_block bigint := coalesce(OLD.block, -1);
  first_index bigint := coalesce(OLD.log_index, -1);
  last_block  bigint := coalesce(NEW.block, -1);
  last_index  bigint := coalesce(NEW.log_index, -1);
  sign int := 1;
BEGIN
  IF (first_block, first_index) > (last_block, last_index) THEN
    SELECT -1, last_block, last_index, first_block, first_index INTO sign, first_block, first_index, last_block, last_index;
  END IF;
  PERFORM add_to_line_sums((
    SELECT array_agg(ROW (campaign_id, whose.owner, 0, -sign * claimed, sign * claimed)::line_part) FROM (
      SELECT b.campaign_id, sum(l.commission) AS claimed
      FROM batch_lines l JOIN batches b USING (digest) JOIN campaigns ON campaigns.id = b.campaign_id
      WHERE l.partner = whose.owner AND l.state = 'released' AND campaigns.token = whose.token
        AND (l.settled_block, l.settled_index) >= (first_block, first_index)
        AND (l.settled_block, l.settled_index) < (last_block, last_index) AND lines_count(b.state, b.lines_known)
      GROUP BY 1
    ) AS part));
  RETURN NULL;
END $$;
CREATE TRIGGER keep_claimed_lines AFTER INSERT OR UPDATE OR DELETE ON last_claims FOR EACH ROW EXECUTE FUNCTION keep_claimed_lines();
-- Instead of the index that added a campaign's credits up.
CREATE INDEX batch_lines_released ON batch_lines (partner, settled_block, settled_index) WHERE state = 'released';
DROP INDEX batch_lines_credited;

DO $make$
DECLARE
  way text;
BEGIN
  FOREACH way IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
    EXECUTE format($f$
      CREATE FUNCTION keep_batch_sums_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        WITH changed AS (%2$s), states_kept AS (
          INSERT INTO batch_states AS kept SELECT campaign_id, state, sum(sign) FROM changed GROUP BY 1, 2
          HAVING sum(sign) <> 0 ORDER BY 1, 2
          ON CONFLICT (campaign_id, state) DO UPDATE SET batches = kept.batches + excluded.batches
        )
        INSERT INTO campaign_sums AS kept
        SELECT campaign_id, 0, sum(sign * settled_commission) FROM changed WHERE NOT lines_known GROUP BY 1
        HAVING sum(sign * settled_commission) <> 0 ORDER BY 1
        ON CONFLICT (campaign_id) DO UPDATE SET unexplained = kept.unexplained + excluded.unexplained;
        RETURN NULL;
      END $body$;
      CREATE TRIGGER keep_sums_%1$s AFTER %1$s ON batches %3$s
        FOR EACH STATEMENT EXECUTE FUNCTION keep_batch_sums_%1$s()$f$,
      way,
      concat_ws(' UNION ALL ',
        CASE WHEN way <> 'insert' THEN 'SELECT -1 AS sign, campaign_id, state, lines_known, settled_commission FROM old_rows' END,
        CASE WHEN way <> 'delete' THEN 'SELECT 1 AS sign, campaign_id, state, lines_known, settled_commission FROM new_rows' END),
      'REFERENCING ' || concat_ws(' ',
        CASE WHEN way <> 'insert' THEN 'OLD TABLE AS old_rows' END, CASE WHEN way <> 'delete' THEN 'NEW TABLE AS new_rows' END));
  END LOOP;
END $make$;

-- ------------------------------------------------------------------------------------------ what there is already

INSERT INTO partner_days SELECT * FROM partner_days_again;
INSERT INTO campaign_days SELECT * FROM campaign_days_again;
INSERT INTO partnership_sums SELECT * FROM partnership_sums_again;
INSERT INTO link_sums SELECT * FROM link_sums_again;
INSERT INTO conversion_states SELECT * FROM conversion_states_again;
INSERT INTO link_visits SELECT * FROM link_visits_again;
INSERT INTO campaign_visits SELECT * FROM campaign_visits_again WHERE clicks <> 0;
INSERT INTO line_sums SELECT * FROM line_sums_again;
INSERT INTO campaign_sums SELECT * FROM campaign_sums_again;
INSERT INTO batch_states SELECT * FROM batch_states_again;
