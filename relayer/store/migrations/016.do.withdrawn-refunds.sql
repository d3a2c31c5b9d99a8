-- A refund that waits for its sale can be withdrawn by who reported it; it is kept, so that it is not taken for a new one.
ALTER TABLE waiting_refunds DROP CONSTRAINT waiting_refunds_state_check;
ALTER TABLE waiting_refunds ADD CONSTRAINT waiting_refunds_state_check
  CHECK (state IN ('waiting', 'nothing_due', 'done', 'refused', 'withdrawn'));
