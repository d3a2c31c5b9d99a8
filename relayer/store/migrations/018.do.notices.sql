-- What wallets are told by mail: where to, what, and what became of each mail.

-- Where a wallet wants to be written to. Deleted whole when its owner says so, and with it what was noted for it.
CREATE TABLE mail_addresses (
  wallet       text PRIMARY KEY,
  address      text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- NULL: nobody has said yet that the address is theirs; nothing but the question is sent there.
  confirmed_at timestamptz,
  -- What happened on the chain up to this block is not told.
  from_block   bigint NOT NULL DEFAULT 0,
  -- Kinds of notices that are not wanted.
  muted        text[] NOT NULL DEFAULT '{}',
  -- What the mail server said when it refused the address for good: nothing more is sent there.
  refused      text
);
CREATE INDEX mail_addresses_unconfirmed ON mail_addresses (created_at) WHERE confirmed_at IS NULL;
CREATE VIEW mail_readers AS
  SELECT wallet, muted, confirmed_at, from_block FROM mail_addresses WHERE confirmed_at IS NOT NULL AND refused IS NULL;

-- Each time that somebody gave an address, for a day: whoever does may be a stranger to it. The address is a keyed hash.
CREATE TABLE mail_questions (
  address_hash text NOT NULL,
  wallet       text NOT NULL,
  asked_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX mail_questions_by_time ON mail_questions (asked_at);
-- Addresses whose owners said that they did not ask for mail: they are not asked again for a while.
CREATE TABLE mail_refusals (
  address_hash text PRIMARY KEY,
  refused_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE mails (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  wallet     text NOT NULL REFERENCES mail_addresses ON DELETE CASCADE,
  purpose    text NOT NULL CHECK (purpose IN ('question', 'notices')),
  -- void: what it was to tell is not so any more.
  state      text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'dead', 'void')),
  attempts   int NOT NULL DEFAULT 0,
  -- When it is to be sent; while it is being sent, when that process is given up for dead.
  due_at     timestamptz NOT NULL DEFAULT now(),
  last_error text,
  made_at    timestamptz NOT NULL DEFAULT now(),
  sent_at    timestamptz
);
CREATE UNIQUE INDEX mails_one_pending ON mails (wallet, purpose) WHERE state = 'pending';
CREATE INDEX mails_due ON mails (due_at) WHERE state = 'pending';
CREATE INDEX mails_by_wallet ON mails (wallet, made_at);
CREATE INDEX mails_by_time ON mails (made_at);

-- Something that a wallet is to be told. It has a row before it is told, and keeps it, so that it is told once.
CREATE TABLE notices (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  wallet        text NOT NULL REFERENCES mail_addresses ON DELETE CASCADE,
  kind          text NOT NULL,
  -- What it is about, for its kind: nothing is told twice.
  about         text NOT NULL,
  campaign_id   text REFERENCES campaigns,
  conversion_id bigint REFERENCES conversions,
  -- The chain's transaction that proves it.
  transaction   text,
  -- It is told once this block is final; NULL: at once.
  block         bigint,
  facts         jsonb NOT NULL DEFAULT '{}',
  created_at    timestamptz NOT NULL DEFAULT now(),
  told          boolean NOT NULL DEFAULT false,
  mail_id       bigint REFERENCES mails ON DELETE SET NULL,
  UNIQUE (wallet, kind, about)
);
CREATE INDEX notices_to_tell ON notices (wallet) WHERE NOT told;
CREATE INDEX notices_by_mail ON notices (mail_id);
CREATE INDEX notices_by_time ON notices (created_at);
-- An event that a reorganisation takes back is not told of, unless it was: then it is not told of again.
CREATE TRIGGER note_undo AFTER INSERT ON notices FOR EACH ROW
  WHEN (current_setting('relayer.block', true) <> '') EXECUTE FUNCTION note_undo('id', 'told');
