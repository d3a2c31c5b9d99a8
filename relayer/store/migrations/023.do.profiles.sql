-- Who partners are, as they say themselves: one profile for all their campaigns, shown to the brands of those.
CREATE TABLE profiles (
  wallet     text PRIMARY KEY,
  name       text NOT NULL,
  picture    text,
  site       text,
  audience   text,
  country    text,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- What a brand calls a partner, and notes of it: its own, so that the next brand of the campaign has none of it.
CREATE TABLE partner_labels (
  campaign_id text NOT NULL,
  partner     text NOT NULL,
  brand       text NOT NULL,
  label       text,
  note        text,
  tags        text[] NOT NULL DEFAULT '{}',
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (campaign_id, partner, brand),
  FOREIGN KEY (campaign_id, partner) REFERENCES partnerships (campaign_id, partner)
);
