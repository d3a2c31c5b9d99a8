-- Who works for a brand beside its wallet, and what whoever works for it did.
CREATE TABLE team_members (
  brand    text NOT NULL,
  wallet   text NOT NULL CHECK (wallet <> brand),
  role     text NOT NULL CHECK (role IN ('viewer', 'manager', 'owner')),
  added_by text NOT NULL,
  since    timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (brand, wallet)
);
CREATE INDEX team_members_by_wallet ON team_members (wallet);

CREATE TABLE team_invitations (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  brand      text NOT NULL,
  role       text NOT NULL CHECK (role IN ('viewer', 'manager', 'owner')),
  -- For this wallet alone; NULL: for whoever has the link, once.
  wallet     text,
  -- Who it is for, in the brand's words.
  label      text NOT NULL,
  token_hash text NOT NULL UNIQUE,
  made_by    text NOT NULL,
  made_at    timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  used_by    text,
  used_at    timestamptz(3),
  revoked_at timestamptz(3)
);
CREATE INDEX team_invitations_by_brand ON team_invitations (brand, id);
CREATE INDEX team_invitations_by_wallet ON team_invitations (wallet) WHERE wallet IS NOT NULL;

-- One row an act, written with what it did. It stays what it was, whoever the campaign is handed over to.
CREATE TABLE acts (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  brand       text NOT NULL,
  -- NULL: it is about the team.
  campaign_id text,
  -- A wallet, or `key` and the id of an API key.
  actor       text NOT NULL,
  -- As what it acted: a member's role, `brand` or `key`.
  role        text NOT NULL,
  act         text NOT NULL,
  facts       jsonb NOT NULL,
  at          timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX acts_by_brand ON acts (brand, id);
CREATE INDEX acts_by_campaign ON acts (campaign_id, id) WHERE campaign_id IS NOT NULL;
CREATE INDEX acts_by_time ON acts (at);
