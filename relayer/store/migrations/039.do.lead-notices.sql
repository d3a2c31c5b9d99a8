-- A lead's move is told when it is written down, however long ago what moved it was: a sale before the brand said whose it is, time that
-- ran out while nobody looked.
ALTER TABLE lead_moves
  ADD COLUMN made_at timestamptz NOT NULL DEFAULT now(),
  -- Whether its partner's notice was noted, if it wants any.
  ADD COLUMN noted boolean NOT NULL DEFAULT false;
UPDATE lead_moves SET noted = true, made_at = moved_at;
CREATE INDEX lead_moves_to_note ON lead_moves (id) WHERE NOT noted;
DROP INDEX lead_moves_by_time;
