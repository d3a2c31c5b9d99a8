-- Who keys and webhooks belong to, and who is paid for whom.

-- A key or webhook is the brand's that made it, and good as long as the campaign is that brand's. Compared at each use and not
-- ended by the transfer: so a transfer that a reorganisation takes back takes nothing with it.
ALTER TABLE api_keys ADD COLUMN brand text;
UPDATE api_keys SET brand = campaigns.brand FROM campaigns WHERE campaigns.id = campaign_id;
ALTER TABLE api_keys ALTER COLUMN brand SET NOT NULL;
ALTER TABLE webhook_endpoints ADD COLUMN brand text;
UPDATE webhook_endpoints SET brand = campaigns.brand FROM campaigns WHERE campaigns.id = campaign_id;
ALTER TABLE webhook_endpoints ALTER COLUMN brand SET NOT NULL;

-- Those of the campaigns' brands of now: all that is used or shown. A view has the columns of when it was made.
CREATE VIEW brand_keys AS
  SELECT * FROM api_keys WHERE brand = (SELECT campaigns.brand FROM campaigns WHERE campaigns.id = campaign_id);
CREATE VIEW brand_webhooks AS
  SELECT * FROM webhook_endpoints WHERE brand = (SELECT campaigns.brand FROM campaigns WHERE campaigns.id = campaign_id);

-- Where a wallet had its credit sent, by the chain: what it is paid to is its own as well. Nobody has to say so to us, so the
-- column for that goes.
CREATE TABLE payouts (
  owner    text NOT NULL,
  receiver text NOT NULL,
  PRIMARY KEY (owner, receiver)
);
CREATE TRIGGER note_undo AFTER INSERT OR UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION note_undo('owner', 'receiver');
ALTER TABLE partnerships DROP COLUMN payout;
CREATE INDEX partnerships_by_partner ON partnerships (partner);
