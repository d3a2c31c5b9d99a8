-- Whom a code, or a customer of the source, was paid to in what was signed: another is not, unless the source says why.
CREATE TABLE brought (
  campaign_id text NOT NULL,
  name        text NOT NULL,
  partner     text NOT NULL,
  PRIMARY KEY (campaign_id, name, partner)
);
