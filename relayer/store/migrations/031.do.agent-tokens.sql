-- What a partner's programs may do by its key: read what concerns it, refer customers without a click, or both.
ALTER TABLE partner_keys ADD COLUMN scopes text[] NOT NULL DEFAULT '{read}'
  CHECK (scopes <@ '{read,refer}' AND cardinality(scopes) > 0);
-- Referral tokens given without a click, of a partnership and a day (UTC): the campaign says how many there may be.
CREATE TABLE agent_tokens (
  partnership_id bigint NOT NULL REFERENCES partnerships,
  day            date NOT NULL,
  given          bigint NOT NULL,
  PRIMARY KEY (partnership_id, day)
);
