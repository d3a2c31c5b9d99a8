-- Who asks to be a partner where not everybody can be one, and whom a brand invites. Who is admitted the chain says (kinds).

CREATE TABLE admission_questions (
  campaign_id text PRIMARY KEY REFERENCES campaigns,
  questions   text[] NOT NULL
);

-- For one partner each: whoever uses the link first.
CREATE TABLE invitations (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id text NOT NULL REFERENCES campaigns,
  code        text NOT NULL UNIQUE,
  label       text NOT NULL,
  -- The kinds that the brand means to give.
  kinds       bigint NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz
);
CREATE INDEX ON invitations (campaign_id, id);

CREATE TABLE applications (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id   text NOT NULL REFERENCES campaigns,
  partner       text NOT NULL,
  -- Of questions and answers, as they stood when it was sent.
  answers       jsonb NOT NULL,
  invitation_id bigint UNIQUE REFERENCES invitations,
  applied_at    timestamptz NOT NULL DEFAULT now(),
  declined_at   timestamptz,
  reason        text,
  UNIQUE (campaign_id, partner)
);
CREATE INDEX ON applications (campaign_id, id);
CREATE INDEX ON applications (partner, id);

-- Applications as they stand. Kinds that a brand gave are its word, and in the chain's keeping: no decline outlives them.
CREATE VIEW applications_now AS
  SELECT a.id, a.campaign_id, a.partner, a.answers, a.applied_at, a.declined_at, a.reason,
    i.label AS invitation, i.kinds AS invited_kinds,
    CASE
      WHEN coalesce(k.mask, 0) <> 0 THEN 'approved'
      WHEN a.declined_at IS NOT NULL THEN 'declined'
      ELSE 'waiting'
    END AS state
  FROM applications a
  LEFT JOIN invitations i ON i.id = a.invitation_id
  LEFT JOIN kinds k ON k.campaign_id = a.campaign_id AND k.partner = a.partner;
