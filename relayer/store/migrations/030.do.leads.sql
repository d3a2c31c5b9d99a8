-- Prospects that partners registered before the brand knew them.
CREATE TABLE leads (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id     text NOT NULL REFERENCES campaigns,
  partnership_id  bigint NOT NULL REFERENCES partnerships,
  state           text NOT NULL DEFAULT 'registered'
    CHECK (state IN ('registered', 'qualified', 'won', 'lost', 'rejected', 'lapsed')),
  -- Of who it is, salted, and the relayer's signature over it. All that stays of a lead that ended.
  hash            text NOT NULL,
  signature       text NOT NULL,
  -- Sealed: who it is, what the partner says of it, and the salt. NULL: erased.
  prospect        text,
  -- The customer that it became, as bindings know it.
  customer        text,
  -- The first sale to that customer.
  conversion_id   bigint REFERENCES conversions,
  registered_at   timestamptz(3) NOT NULL,
  answer_by       timestamptz(3) NOT NULL,
  protected_until timestamptz(3) NOT NULL,
  ended_at        timestamptz(3)
);
CREATE INDEX leads_by_campaign ON leads (campaign_id, id);
CREATE INDEX leads_by_partnership ON leads (partnership_id, id);
CREATE INDEX leads_open ON leads (protected_until) WHERE state IN ('registered', 'qualified');
CREATE INDEX leads_unsold ON leads (campaign_id)
  WHERE customer IS NOT NULL AND conversion_id IS NULL AND state IN ('qualified', 'won');
CREATE INDEX leads_to_erase ON leads (ended_at) WHERE prospect IS NOT NULL;

-- Whose a company or an e-mail address is, by a keyed hash: one lead's, for as long as that protects it.
CREATE TABLE lead_names (
  campaign_id text NOT NULL REFERENCES campaigns,
  name        text NOT NULL,
  lead_id     bigint NOT NULL REFERENCES leads,
  held_until  timestamptz(3) NOT NULL,
  PRIMARY KEY (campaign_id, name)
);
CREATE INDEX lead_names_by_lead ON lead_names (lead_id);
CREATE INDEX lead_names_by_time ON lead_names (held_until);

CREATE TABLE lead_moves (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lead_id  bigint NOT NULL REFERENCES leads,
  state    text NOT NULL,
  -- A code, and what the brand says beside it.
  reason   text,
  comment  text,
  -- The brand's wallet, `key` and an API key's id, or NULL: by time, or by a sale.
  moved_by text,
  moved_at timestamptz(3) NOT NULL
);
CREATE INDEX lead_moves_by_lead ON lead_moves (lead_id, id);
CREATE INDEX lead_moves_by_time ON lead_moves (moved_at);

-- How often a partner tried to register a lead in a day, whatever was answered.
CREATE TABLE lead_attempts (
  partnership_id bigint NOT NULL REFERENCES partnerships,
  day            date NOT NULL,
  attempts       int NOT NULL,
  PRIMARY KEY (partnership_id, day)
);
