-- What is due of targets is seen to campaign by campaign in turn, and what failed waits for its next turn: nobody's own trouble holds
-- up the bonuses of another campaign.
ALTER TABLE rewards_due ADD COLUMN retry_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX rewards_due_in_turn ON rewards_due (campaign_id, retry_at, partnership_id, month);

-- When a bonus that was not paid was judged last: who waits longest is next.
CREATE TABLE bonuses_judged (
  conversion_id bigint PRIMARY KEY REFERENCES conversions ON DELETE CASCADE,
  judged_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
