-- Of a conversion's commission, the partner's own: without what its recruiter and the customer get.
ALTER TABLE conversions ADD COLUMN partner_commission numeric(78,0) NOT NULL DEFAULT 0;
UPDATE conversions SET partner_commission = commission;
ALTER TABLE reversals ADD COLUMN partner_commission_left numeric(78,0) NOT NULL DEFAULT 0;
UPDATE reversals SET partner_commission_left = commission_left;
