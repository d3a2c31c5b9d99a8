-- What strangers write to the chain stops nobody but their own campaign.

-- A campaign with an event that could not be applied. From that event on nothing of it is: it stands as it was just before, so that
-- its events can be read again from there, in their order. Without a reference: its creation may be what failed.
CREATE TABLE set_aside (
  campaign_id text PRIMARY KEY,
  block       bigint NOT NULL,
  log_index   bigint NOT NULL,
  event       text NOT NULL,
  reason      text NOT NULL,
  since       timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON set_aside FOR EACH ROW EXECUTE FUNCTION note_undo('campaign_id');

-- The contract counts a batch's conversions in 32 bits, without a sign.
ALTER TABLE batches ALTER COLUMN conversions TYPE bigint;
