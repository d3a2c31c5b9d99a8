-- Customers of whom the brand says that they are one with another: what names the first one means the other, from then on. Flat: whom
-- it leads to is merged into nobody.
CREATE TABLE merged_customers (
  campaign_id text NOT NULL REFERENCES campaigns,
  customer    text NOT NULL,
  merged_into text NOT NULL CHECK (merged_into <> customer),
  PRIMARY KEY (campaign_id, customer)
);
CREATE INDEX merged_customers_by_target ON merged_customers (campaign_id, merged_into);

-- moved: given to another partner. merged: another customer is this one; from_id is whose the binding was that is given up.
ALTER TABLE binding_changes ADD COLUMN change text NOT NULL DEFAULT 'moved' CHECK (change IN ('moved', 'merged'));
