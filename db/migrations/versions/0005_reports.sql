-- Shift reports on their way to families: source, states, drafts, proofs of sending, runs, days, alerts.
SET LOCAL lock_timeout = '5s';

---------------------------------------------------------------- where reports come from, and when
CREATE TABLE report_desks (                -- one row for a clinic that sends reports to families
  clinic_id uuid PRIMARY KEY REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  mark_closed_at timestamptz,              -- every report closed until then has been seen
  mark_id text NOT NULL DEFAULT '',
  next_run_at timestamptz,                 -- null: nothing runs by the clock
  closed_day date,                         -- the last day whose metrics were closed
  synced_at timestamptz,                   -- when the source last answered
  error_code text,                         -- why it last did not
  errors int NOT NULL DEFAULT 0,           -- in a row
  checked_at timestamptz                   -- when alerts were last looked for
);

CREATE TABLE report_subjects (             -- who is cared for, as the source calls them
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 200),
  person_id uuid NOT NULL,
  name text NOT NULL,                      -- as the source last wrote it
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, external_id),
  FOREIGN KEY (clinic_id, person_id) REFERENCES people(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX report_subjects_by_person ON report_subjects (clinic_id, person_id);

CREATE TABLE report_recipients (           -- who of the family agreed to receive reports of a person
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  person_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  name text NOT NULL,                      -- as the clinic calls them
  kind text NOT NULL DEFAULT 'relative' CHECK (kind IN ('self', 'child', 'parent', 'spouse', 'relative', 'caregiver', 'other')),
  consented_at timestamptz,                -- null: asked for, not given
  consent text CHECK (consent IN ('said', 'person', 'document')),  -- how it was given
  consented_by text,                       -- who of the clinic wrote it down
  revoked_at timestamptz,
  revoked_by text,                         -- who wrote that down; themselves: "said"
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, person_id, contact_id),
  CHECK (consented_at IS NULL OR consent IS NOT NULL),
  FOREIGN KEY (clinic_id, person_id) REFERENCES people(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, contact_id) REFERENCES contacts(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX report_recipients_by_contact ON report_recipients (clinic_id, contact_id);

---------------------------------------------------------------- runs
CREATE TABLE pipeline_runs (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  id uuid NOT NULL,
  trigger_type text NOT NULL CHECK (trigger_type IN ('scheduled', 'manual')),
  asked_by text NOT NULL DEFAULT '',       -- the person, when manual
  due_at timestamptz,                      -- which scheduled run this is
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'failed')),
  dry boolean NOT NULL DEFAULT false,
  skip_sync boolean NOT NULL DEFAULT false,
  skip_send boolean NOT NULL DEFAULT false,
  stage text NOT NULL DEFAULT 'sync' CHECK (stage IN ('sync', 'process', 'notify', 'send', 'done')),  -- where it is, or died
  sync_count int NOT NULL DEFAULT 0,
  sync_broken int NOT NULL DEFAULT 0,
  process_approved int NOT NULL DEFAULT 0,
  process_failed int NOT NULL DEFAULT 0,
  notify_count int NOT NULL DEFAULT 0,
  send_success int NOT NULL DEFAULT 0,
  send_failed int NOT NULL DEFAULT 0,
  duration_ms int,
  sync_ms int,
  process_ms int,
  notify_ms int,
  send_ms int,
  errors jsonb NOT NULL DEFAULT '{}',      -- by stage: a code of ours, never a patient's words
  error_stage text,                        -- the first that failed
  error_code text,
  attempts int NOT NULL DEFAULT 0,
  lease_until timestamptz,
  lease_token uuid,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  completed_at timestamptz,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, due_at)               -- a scheduled run is one, whoever rings
);
CREATE UNIQUE INDEX pipeline_runs_one ON pipeline_runs (clinic_id) WHERE status = 'running';
CREATE INDEX pipeline_runs_by_time ON pipeline_runs (clinic_id, started_at DESC);

---------------------------------------------------------------- reports
CREATE TABLE reports (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  id uuid NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 200),
  revision int NOT NULL DEFAULT 1,         -- a source corrected after something was sent makes another
  person_id uuid NOT NULL,
  caregiver text NOT NULL DEFAULT '',
  shift text NOT NULL CHECK (shift IN ('morning', 'afternoon', 'night')),
  day date NOT NULL,
  began_at timestamptz NOT NULL,
  closed_at timestamptz NOT NULL,
  source jsonb NOT NULL,                   -- vitals and medications as the source has them: clinic/reports/models.py
  source_text text NOT NULL CHECK (length(source_text) <= 40000),  -- what spans of the source count in
  source_digest text NOT NULL,
  state text NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'processing', 'approved', 'failed', 'review', 'fallback', 'sent', 'send_failed')),
  version int NOT NULL DEFAULT 1,          -- raised by every step: pages and workers say which they saw
  round int NOT NULL DEFAULT 0,
  draft_id uuid,                           -- what stands now
  approved_digest text,                    -- sha256 of the exact words that may go
  approved_contacts uuid[],                -- and exactly to whom
  approved_by text,
  approved_how text CHECK (approved_how IN ('reviewer', 'person', 'timeout', 'rejected')),
  approved_at timestamptz,
  review_reason text,                      -- a code of ours
  review_since timestamptz,
  review_due_at timestamptz,               -- then the fallback text goes
  notified_at timestamptz,                 -- when the team was told that it waits
  run_id uuid,                             -- the run that brought it
  attempts int NOT NULL DEFAULT 0,         -- how often a worker took it up since it last moved
  lease_until timestamptz,
  lease_token uuid,
  retry_at timestamptz,                    -- not before: what it needs was down
  error_code text,
  processed_ms int,
  processed_at timestamptz,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  queued_at timestamptz,                   -- its messages stand in the outbox
  sent_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, external_id, revision),
  CHECK (state NOT IN ('approved', 'fallback', 'sent')
         OR (approved_digest IS NOT NULL AND approved_contacts IS NOT NULL AND approved_how IS NOT NULL)),
  CHECK (state <> 'review' OR (review_since IS NOT NULL AND review_due_at IS NOT NULL)),
  FOREIGN KEY (clinic_id, person_id) REFERENCES people(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, run_id) REFERENCES pipeline_runs(clinic_id, id) ON DELETE SET NULL (run_id)
);
CREATE INDEX reports_by_state ON reports (clinic_id, state, closed_at);
CREATE INDEX reports_by_day ON reports (clinic_id, day, state);
CREATE INDEX reports_by_person ON reports (clinic_id, person_id, closed_at DESC);
CREATE INDEX reports_by_run ON reports (clinic_id, run_id) WHERE run_id IS NOT NULL;
CREATE INDEX reports_reviewed ON reports (review_due_at) WHERE state = 'review';
CREATE INDEX reports_open ON reports (clinic_id, taken_at) WHERE state IN ('pending', 'processing', 'failed', 'approved', 'fallback');

CREATE TABLE report_drafts (               -- every version that was written; none is ever changed
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  report_id uuid NOT NULL,
  round int NOT NULL,
  author text NOT NULL CHECK (author IN ('writer', 'person', 'fallback')),
  text text NOT NULL CHECK (length(text) <= 10000),
  digest text NOT NULL CHECK (digest = encode(sha256(convert_to(text, 'UTF8')), 'hex')),
  traced jsonb NOT NULL DEFAULT '[]',      -- statements beside what they rest on
  problems jsonb NOT NULL DEFAULT '[]',    -- why it may not go
  model text NOT NULL DEFAULT '',
  prompts text NOT NULL DEFAULT '',        -- their digest
  ms int NOT NULL DEFAULT 0,
  cost_brl numeric(12, 6) NOT NULL DEFAULT 0,
  by text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, report_id) REFERENCES reports(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX report_drafts_by_report ON report_drafts (clinic_id, report_id, at);
ALTER TABLE reports ADD FOREIGN KEY (clinic_id, draft_id) REFERENCES report_drafts(clinic_id, id)
  ON DELETE SET NULL (draft_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX reports_by_draft ON reports (clinic_id, draft_id) WHERE draft_id IS NOT NULL;

CREATE TABLE report_steps (                -- who moved it, when and why: never changed
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  report_id uuid NOT NULL,
  was text,                                -- null: it came
  became text NOT NULL,
  hand text NOT NULL,                      -- worker | person | clock | sender | source
  by text NOT NULL DEFAULT '',
  why text NOT NULL DEFAULT '',            -- a code of ours, or what the person wrote
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, report_id) REFERENCES reports(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX report_steps_by_report ON report_steps (clinic_id, report_id, at);
CREATE INDEX report_steps_by_time ON report_steps (clinic_id, at);

CREATE TABLE detected_patterns (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  report_id uuid NOT NULL,
  person_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('alert_word', 'behaviour', 'medication', 'vital', 'trend')),
  key text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('info', 'attention', 'urgent')),
  span int4range NOT NULL,                 -- of the report's source_text
  details jsonb NOT NULL DEFAULT '{}',
  detected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, report_id) REFERENCES reports(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, person_id) REFERENCES people(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX detected_patterns_by_report ON detected_patterns (clinic_id, report_id);
CREATE INDEX detected_patterns_by_person ON detected_patterns (clinic_id, person_id, detected_at DESC);

---------------------------------------------------------------- what left: one message for each person of the family, ever
CREATE TABLE report_sends (
  clinic_id uuid NOT NULL,
  report_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  message_id uuid NOT NULL,                -- its words are the approved ones; its state is in the outbox
  digest text NOT NULL,
  attempt int NOT NULL DEFAULT 1,          -- more only where the wire surely did not take the one before
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, report_id, contact_id),
  UNIQUE (clinic_id, message_id),
  FOREIGN KEY (clinic_id, report_id) REFERENCES reports(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, contact_id) REFERENCES contacts(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, message_id) REFERENCES messages(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX report_sends_by_contact ON report_sends (clinic_id, contact_id);

-- Somebody who agrees, as things stand: they said so, did not take it back, want automatic messages, and nobody has doubted
-- since then that it is still them.
CREATE FUNCTION report_reader(clinic uuid, person uuid, contact uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM report_recipients p JOIN contacts k ON k.clinic_id = p.clinic_id AND k.id = p.contact_id
    WHERE p.clinic_id = clinic AND p.person_id = person AND p.contact_id = contact
      AND p.consented_at IS NOT NULL AND p.revoked_at IS NULL AND k.opted_out_at IS NULL AND k.merged_into IS NULL
      AND (k.doubted_at < p.consented_at OR (k.doubted_at IS NULL AND k.doubt IS NULL)));
END $$;

-- Whether an address is one of this contact's now, however a wire spells it.
CREATE FUNCTION reaches(clinic uuid, contact uuid, address text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM contact_aliases a WHERE a.clinic_id = clinic AND a.contact_id = contact
    AND ltrim(split_part(a.value, '@', 1), '+') = ltrim(split_part(address, '@', 1), '+'));
END $$;

-- The last word on who reads what: the words approved, to somebody they were approved for, who still agrees, on their own phone.
-- What left is never sent again; a contact that a person merged into another takes what it got along.
CREATE FUNCTION only_what_was_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  r reports%ROWTYPE;
  words text;
  whose uuid;
  address text;
BEGIN
  SELECT * INTO r FROM reports WHERE clinic_id = NEW.clinic_id AND id = NEW.report_id FOR UPDATE;
  SELECT m.text, v.contact_id, o.reply_to INTO words, whose, address
  FROM messages m JOIN conversations v ON v.clinic_id = m.clinic_id AND v.id = m.conversation_id
  LEFT JOIN outbox o ON o.clinic_id = m.clinic_id AND o.message_id = m.id AND o.conversation_id = v.id
    AND starts_with(o.dedupe_key, 'report:' || NEW.report_id || ':')
  WHERE m.clinic_id = NEW.clinic_id AND m.id = NEW.message_id AND m.direction = 'out';
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.clinic_id, NEW.report_id, NEW.message_id, NEW.digest, NEW.attempt, NEW.at)
         IS NOT DISTINCT FROM (OLD.clinic_id, OLD.report_id, OLD.message_id, OLD.digest, OLD.attempt, OLD.at)
       AND whose IS NOT DISTINCT FROM NEW.contact_id
       AND EXISTS (SELECT FROM contacts k WHERE k.clinic_id = OLD.clinic_id AND k.id = OLD.contact_id
                   AND k.merged_into = NEW.contact_id) THEN
      RETURN NEW;
    END IF;
    IF (NEW.clinic_id, NEW.report_id, NEW.contact_id) IS DISTINCT FROM (OLD.clinic_id, OLD.report_id, OLD.contact_id)
       OR NEW.attempt <> OLD.attempt + 1
       OR NOT EXISTS (SELECT FROM outbox o WHERE o.clinic_id = OLD.clinic_id AND o.message_id = OLD.message_id
                      AND o.status IN ('failed', 'cancelled') AND (o.unanswered = 0 OR o.provider_id IS NOT NULL)) THEN
      RAISE EXCEPTION 'it may have arrived' USING ERRCODE = 'check_violation', CONSTRAINT = 'only_what_was_approved';
    END IF;
  END IF;
  IF r.state IS NULL OR r.state NOT IN ('approved', 'fallback') OR r.approved_digest IS DISTINCT FROM NEW.digest
     OR encode(sha256(convert_to(words, 'UTF8')), 'hex') IS DISTINCT FROM NEW.digest
     OR whose IS DISTINCT FROM NEW.contact_id OR NOT (NEW.contact_id = ANY (r.approved_contacts))
     OR address IS NULL OR NOT reaches(NEW.clinic_id, NEW.contact_id, address)
     OR NOT report_reader(NEW.clinic_id, r.person_id, NEW.contact_id) THEN
    RAISE EXCEPTION 'not what was approved' USING ERRCODE = 'check_violation', CONSTRAINT = 'only_what_was_approved';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_what_was_approved BEFORE INSERT OR UPDATE ON report_sends
  FOR EACH ROW EXECUTE FUNCTION only_what_was_approved();

-- An approval is of the version that stands, word for word; what was sent has a proof of its sending.
CREATE FUNCTION approved_is_what_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state IN ('approved', 'fallback') AND NOT EXISTS (
       SELECT FROM report_drafts d WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.draft_id AND d.report_id = NEW.id
         AND d.digest = NEW.approved_digest) THEN
    RAISE EXCEPTION 'not what stands' USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_is_what_stands';
  END IF;
  IF NEW.state = 'sent' AND NOT EXISTS (
       SELECT FROM report_sends t WHERE t.clinic_id = NEW.clinic_id AND t.report_id = NEW.id) THEN
    RAISE EXCEPTION 'nothing was sent' USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_is_what_stands';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approved_is_what_stands BEFORE INSERT OR UPDATE OF state, draft_id, approved_digest ON reports
  FOR EACH ROW EXECUTE FUNCTION approved_is_what_stands();

-- Somebody who is erased is erased from what their family was told, and what waits to leave does not.
CREATE FUNCTION forget_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE outbox SET status = 'cancelled', held = NULL, error_code = 'erased'
  WHERE clinic_id = OLD.clinic_id AND message_id = OLD.message_id AND status = 'queued' AND unanswered = 0;
  UPDATE messages SET text = '' WHERE clinic_id = OLD.clinic_id AND id = OLD.message_id
    AND NOT EXISTS (SELECT FROM reports r WHERE r.clinic_id = OLD.clinic_id AND r.id = OLD.report_id);
  RETURN NULL;
END $$;
CREATE TRIGGER forget_report AFTER DELETE ON report_sends FOR EACH ROW EXECUTE FUNCTION forget_report();

---------------------------------------------------------------- days and alerts
CREATE TABLE daily_metrics (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  day date NOT NULL,                       -- by the clinic's calendar
  total_reports int NOT NULL DEFAULT 0,    -- taken that day
  approved_count int NOT NULL DEFAULT 0,   -- by the reviewer, without a person
  person_count int NOT NULL DEFAULT 0,     -- by a person
  failed_count int NOT NULL DEFAULT 0,
  fallback_count int NOT NULL DEFAULT 0,
  sent_count int NOT NULL DEFAULT 0,
  send_failed_count int NOT NULL DEFAULT 0,
  avg_process_ms int,
  approval_rate numeric(5, 2),             -- percent; null where nothing was decided
  closed boolean NOT NULL DEFAULT false,   -- the day is over: it changes no more
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, day)
);

CREATE TABLE alerts (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  id uuid NOT NULL,
  kind text NOT NULL,                      -- clinic/reports/alerts.py
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  key text NOT NULL,                       -- one open alert for each
  details jsonb NOT NULL DEFAULT '{}',     -- figures and ids
  opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- when it last was so
  resolved_at timestamptz,                 -- it is so no more
  dismissed_at timestamptz,
  dismissed_by text,
  dismissed_why text,
  notified_at timestamptz,                 -- the admin's WhatsApp was told
  PRIMARY KEY (clinic_id, id),
  CHECK ((dismissed_at IS NULL) = (dismissed_why IS NULL))
);
CREATE UNIQUE INDEX alerts_open ON alerts (clinic_id, key) WHERE resolved_at IS NULL;
CREATE INDEX alerts_by_time ON alerts (clinic_id, opened_at DESC);

---------------------------------------------------------------- who may see what
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['report_desks', 'report_subjects', 'report_recipients', 'pipeline_runs', 'reports', 'report_drafts',
                           'report_steps', 'detected_patterns', 'report_sends', 'daily_metrics', 'alerts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_clinic ON %I USING (clinic_id = current_clinic()) WITH CHECK (clinic_id = current_clinic())', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carol_app', t);
  END LOOP;
END $$;
REVOKE UPDATE ON report_drafts, report_steps FROM carol_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO carol_app;

GRANT SELECT (clinic_id, next_run_at, closed_day, checked_at) ON report_desks TO carol_porter;
GRANT SELECT (clinic_id, id, state, review_due_at, lease_until, retry_at, queued_at) ON reports TO carol_porter;
GRANT SELECT (clinic_id, id, status, lease_until, started_at) ON pipeline_runs TO carol_porter;
CREATE POLICY porter ON report_desks FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON reports FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON pipeline_runs FOR SELECT TO carol_porter USING (true);

---------------------------------------------------------------- changes, told as they commit: ids only
CREATE FUNCTION tell_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('carol_changes', json_build_object(
    'clinic', NEW.clinic_id, 'what', TG_ARGV[0], 'conversation', NULL, 'turn', NULL,
    'report', CASE WHEN TG_ARGV[0] = 'report' THEN NEW.id END)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_reports_taken AFTER INSERT ON reports FOR EACH ROW EXECUTE FUNCTION tell_report('report');
CREATE TRIGGER tell_reports AFTER UPDATE ON reports FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version)
  EXECUTE FUNCTION tell_report('report');
CREATE TRIGGER tell_pipeline_begun AFTER INSERT ON pipeline_runs FOR EACH ROW EXECUTE FUNCTION tell_report('pipeline');
CREATE TRIGGER tell_pipeline AFTER UPDATE ON pipeline_runs
  FOR EACH ROW WHEN ((OLD.status, OLD.stage) IS DISTINCT FROM (NEW.status, NEW.stage)) EXECUTE FUNCTION tell_report('pipeline');
CREATE TRIGGER tell_alerts AFTER INSERT OR UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION tell_report('alert');
