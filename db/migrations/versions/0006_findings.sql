-- What a report says is found once, and by which rules is kept with it; whose limits a measure is held against.
SET LOCAL lock_timeout = '5s';

ALTER TABLE report_subjects
  ADD COLUMN born_on date,                         -- as the source last said; the clinic's own record of the person comes first
  ADD COLUMN ranges jsonb NOT NULL DEFAULT '{}';   -- limits that a doctor set for this person: clinic/reports/ranges.py

ALTER TABLE reports
  ADD COLUMN rules text,                           -- which rules found detected_patterns and measures; null: nobody has read it
  ADD COLUMN measures jsonb NOT NULL DEFAULT '{}'; -- the mean of each measure, for the history of the person

-- A dry run writes nothing, so no row is one.
ALTER TABLE pipeline_runs DROP COLUMN dry;
