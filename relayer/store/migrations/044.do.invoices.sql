-- Self-billing invoices: what a brand writes in its partner's name for what was paid to it.

-- Who a wallet is on invoices, as it says itself: name, address, tax. Only those see it whom it has invoices with.
CREATE TABLE invoice_details (
  wallet     text PRIMARY KEY,
  details    jsonb NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);

-- A partner's agreement that a brand writes its invoices. Nobody's is written without it.
CREATE TABLE self_billing (
  brand     text NOT NULL,
  partner   text NOT NULL,
  agreed_at timestamptz(3) NOT NULL DEFAULT now(),
  ended_at  timestamptz(3),
  PRIMARY KEY (brand, partner)
);
CREATE INDEX self_billing_by_partner ON self_billing (partner);

-- As it was written: it never changes.
CREATE TABLE invoices (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  brand     text NOT NULL,
  partner   text NOT NULL,
  -- Of this brand's invoices for this partner: 1, 2, 3 …, none left out.
  number    int NOT NULL CHECK (number > 0),
  issued_at timestamptz(3) NOT NULL DEFAULT now(),
  -- A wallet of the brand's team.
  issued_by text NOT NULL,
  body      jsonb NOT NULL,
  UNIQUE (brand, partner, number)
);
CREATE INDEX invoices_by_brand ON invoices (brand, id);
CREATE INDEX invoices_by_partner ON invoices (partner, id);

-- Each line of a batch is on one invoice at most.
CREATE TABLE invoiced_lines (
  digest     text NOT NULL,
  index      bigint NOT NULL,
  invoice_id bigint NOT NULL REFERENCES invoices,
  PRIMARY KEY (digest, index)
);
