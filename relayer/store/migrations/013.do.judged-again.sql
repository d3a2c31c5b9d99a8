-- Of a rejected report what its judgement takes, for it may be judged again: what its token or code said, its customer as we know it.
-- NULL: it is not rejected, or was before this column; then its customer alone is known.
ALTER TABLE conversions ADD COLUMN introduced jsonb;
