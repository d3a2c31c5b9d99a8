-- What is listed is found by an index that has it in its order; and of what comes to an end, only what has not.

-- Of released conversions, nearly all of them, the campaign's own index has enough.
CREATE INDEX conversions_by_state ON conversions (campaign_id, state, id) WHERE state <> 'released';
DROP INDEX conversions_waiting;
DROP INDEX conversions_in_review;
-- For counting what counts, and for listing all.
DROP INDEX conversions_by_customer;
CREATE INDEX conversions_by_customer ON conversions (customer, id) WHERE customer IS NOT NULL;
DROP INDEX conversions_by_link;
CREATE INDEX conversions_by_link ON conversions (link_id, id) WHERE link_id IS NOT NULL;
CREATE INDEX partnerships_by_recruiter ON partnerships (recruiter_id) WHERE recruiter_id IS NOT NULL;
CREATE INDEX campaigns_by_brand ON campaigns (brand);

CREATE INDEX webhook_deliveries_open ON webhook_deliveries (state) WHERE state <> 'delivered';

CREATE INDEX transactions_by_time ON transactions (created_at);
-- As before. Of what lies beyond a block that it does not know PostgreSQL expects a third of all, and reads all; of what lies between two
-- little, and asks the index.
CREATE OR REPLACE VIEW transactions_under_way AS
  SELECT purpose FROM transactions WHERE state = 'sent'
  UNION ALL
  SELECT purpose FROM transactions WHERE state <> 'sent' AND block > (SELECT block FROM chain_cursor)
    AND block < (SELECT block + (1::bigint << 40) FROM chain_cursor);

CREATE INDEX batch_lines_unreleased ON batch_lines (partner, digest, index) WHERE state <> 'released';

-- As before, with what is kept of the state and of where the line was settled.
CREATE OR REPLACE VIEW lines_now AS
  SELECT l.digest, l.index, l.attested, coalesce(l.lowered, l.attested) AS line, l.lowered IS NOT NULL AS lowered, l.partner,
    l.commission, l.fee, l.fault, b.campaign_id, b.release_at,
    CASE
      WHEN l.state = 'released' AND EXISTS (
        SELECT 1 FROM last_claims c WHERE c.owner = l.partner AND c.token = campaigns.token
          AND (c.block, c.log_index) > (l.settled_block, l.settled_index)) THEN 'claimed'
      WHEN l.state = 'released' THEN 'credited'
      WHEN l.state <> 'open' THEN l.state
      WHEN b.state NOT IN ('attested', 'released') THEN 'signed'
      WHEN b.release_at > chain_now() THEN 'held'
      ELSE 'pullable'
    END AS state,
    l.state AS kept, l.settled_block
  FROM batch_lines l JOIN batches b USING (digest) JOIN campaigns ON campaigns.id = b.campaign_id;
