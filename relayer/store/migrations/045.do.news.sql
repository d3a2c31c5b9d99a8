-- What brands' servers are told beside the moves of their conversions; and partners' addresses that are called on moves of their own.

-- One thing to tell of a campaign. It is written in the transaction of what it tells, and only where an endpoint wants it.
CREATE TABLE news (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id text NOT NULL REFERENCES campaigns,
  type        text NOT NULL,
  -- What it is about, `lead:17`: what is told of one thing goes out in its order.
  subject     text NOT NULL,
  -- Told once for each; NULL: each time.
  occasion    text,
  data        jsonb NOT NULL,
  happened_at timestamptz(3) NOT NULL,
  told_at     timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX news_once ON news (campaign_id, type, occasion);
CREATE INDEX news_by_subject ON news (campaign_id, subject, id);
CREATE INDEX news_by_age ON news (told_at);

ALTER TABLE webhook_deliveries
  ALTER COLUMN move_id DROP NOT NULL,
  ADD COLUMN news_id bigint REFERENCES news ON DELETE CASCADE,
  ADD COLUMN type text,
  ADD CHECK (num_nonnulls(move_id, news_id) = 1),
  ADD UNIQUE (endpoint_id, news_id);
UPDATE webhook_deliveries d SET type = 'conversion.' || m.state FROM conversion_moves m WHERE m.id = d.move_id;
ALTER TABLE webhook_deliveries ALTER COLUMN type SET NOT NULL;
CREATE INDEX webhook_deliveries_by_news ON webhook_deliveries (news_id);
CREATE INDEX webhook_deliveries_by_type ON webhook_deliveries (endpoint_id, type, state, id);

-- Who wanted all that there was goes on to be told exactly that. NULL from now on: every type, also those that come later.
UPDATE webhook_endpoints SET events = ARRAY['conversion.accepted', 'conversion.rejected', 'conversion.review',
  'conversion.batched', 'conversion.attested', 'conversion.released', 'conversion.reversed'] WHERE events IS NULL;

CREATE FUNCTION iso_time(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Tells the endpoints of the campaign's brand of now that want it, and nobody else.
CREATE FUNCTION tell_brand(campaign text, what text, subject text, occasion text, data jsonb, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  wanting bigint[];
  made bigint;
BEGIN
  SELECT array_agg(id) INTO wanting FROM brand_webhooks
  WHERE campaign_id = campaign AND disabled_at IS NULL AND (events IS NULL OR what = ANY(events));
  IF wanting IS NULL THEN RETURN; END IF;
  INSERT INTO news (campaign_id, type, subject, occasion, data, happened_at)
  VALUES (campaign, what, subject, occasion, jsonb_build_object('campaignId', campaign) || data, at)
  ON CONFLICT DO NOTHING RETURNING id INTO made;
  IF made IS NULL THEN RETURN; END IF;
  INSERT INTO webhook_deliveries (endpoint_id, news_id, type) SELECT unnest(wanting), made, what;
END $$;

CREATE FUNCTION tell_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_brand(l.campaign_id, 'lead.' || NEW.state, 'lead:' || l.id, NULL,
    jsonb_build_object('id', l.id::text, 'partner', p.partner, 'state', NEW.state, 'reason', NEW.reason,
      'comment', NEW.comment, 'answerBy', iso_time(l.answer_by), 'protectedUntil', iso_time(l.protected_until),
      'conversionId', l.conversion_id::text), NEW.moved_at)
  FROM leads l JOIN partnerships p ON p.id = l.partnership_id WHERE l.id = NEW.lead_id;
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON lead_moves FOR EACH ROW EXECUTE FUNCTION tell_of_lead();

CREATE FUNCTION tell_of_application() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_brand(NEW.campaign_id, 'application.received', 'partner:' || NEW.partner, NULL,
    jsonb_build_object('id', NEW.id::text, 'partner', NEW.partner, 'answers', NEW.answers), NEW.applied_at);
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE OF applied_at ON applications
  FOR EACH ROW EXECUTE FUNCTION tell_of_application();

CREATE FUNCTION tell_of_partner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_brand(NEW.campaign_id, 'partner.joined', 'partner:' || NEW.partner, NULL,
    jsonb_build_object('partner', NEW.partner,
      'recruiter', (SELECT partner FROM partnerships WHERE id = NEW.recruiter_id)), NEW.created_at);
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON partnerships FOR EACH ROW EXECUTE FUNCTION tell_of_partner();

CREATE FUNCTION tell_of_set_aside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_brand(NEW.campaign_id, 'campaign.set_aside', 'campaign', NULL,
    jsonb_build_object('block', NEW.block, 'event', NEW.event, 'reason', NEW.reason), NEW.since);
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON set_aside FOR EACH ROW EXECUTE FUNCTION tell_of_set_aside();

-- An address that is called on moves of a partner's own conversions.
CREATE TABLE postbacks (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  partner       text NOT NULL,
  -- NULL: of all its campaigns.
  campaign_id   text REFERENCES campaigns,
  -- With macros in braces.
  url           text NOT NULL,
  -- Of conversions.
  states        text[] NOT NULL,
  -- The secret is derived from this and RELAYER_SECRET.
  seed          text NOT NULL,
  created_at    timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  -- Since when no call was answered well; NULL: the last one was.
  failing_since timestamptz,
  disabled_at   timestamptz,
  -- 'partner', 'failing', or what was answered.
  disabled_by   text
);
CREATE INDEX postbacks_by_partner ON postbacks (partner, id);
CREATE INDEX postbacks_failing ON postbacks (failing_since) WHERE failing_since IS NOT NULL AND disabled_at IS NULL;

CREATE TABLE postback_calls (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  postback_id     bigint NOT NULL REFERENCES postbacks ON DELETE CASCADE,
  -- NULL: a try with made-up values.
  move_id         bigint REFERENCES conversion_moves,
  state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
  attempts        int NOT NULL DEFAULT 0,
  -- When it is to be made; while it is being made, when that process is given up for dead.
  due_at          timestamptz NOT NULL DEFAULT now(),
  last_attempt_at timestamptz,
  last_status     int,
  last_error      text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (postback_id, move_id)
);
CREATE UNIQUE INDEX postback_calls_one_try ON postback_calls (postback_id) WHERE move_id IS NULL AND state = 'pending';
CREATE INDEX postback_calls_due ON postback_calls (postback_id, due_at) WHERE state = 'pending';
CREATE INDEX postback_calls_listed ON postback_calls (postback_id, id);
CREATE INDEX postback_calls_by_move ON postback_calls (move_id);
CREATE INDEX postback_calls_by_age ON postback_calls (created_at);
