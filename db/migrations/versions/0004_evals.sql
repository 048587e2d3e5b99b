-- A clinic's own scenarios, runs of scenarios and each trial of a run.
SET LOCAL lock_timeout = '5s';

---------------------------------------------------------------- what a clinic wants to be true of Carol
CREATE TABLE scenarios (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  id uuid NOT NULL,
  key text NOT NULL CHECK (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(key) <= 80),
  document jsonb NOT NULL,                 -- carol.scenario/v1: clinic/scenarios/schema.py
  digest text NOT NULL,                    -- changes with the document: runs are compared where digests agree
  came_from text NOT NULL CHECK (came_from IN ('conversation', 'import', 'console')),
  conversation_id uuid,                    -- it was made from this one, with invented people
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,                -- as they signed
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_by text NOT NULL,
  archived_at timestamptz,                 -- no run plays it any more; its trials stay readable
  archived_by text,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, key),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE SET NULL (conversation_id)
);
CREATE INDEX scenarios_by_conversation ON scenarios (clinic_id, conversation_id) WHERE conversation_id IS NOT NULL;

---------------------------------------------------------------- runs: a process of their own plays them
CREATE TABLE eval_runs (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  id uuid NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'ended', 'stopped', 'broken')),
  asked jsonb NOT NULL,                    -- suites, scenarios, noise, trials, limits: as they were asked for
  asked_by text NOT NULL,                  -- as they signed
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  model text NOT NULL DEFAULT '',
  tier text NOT NULL DEFAULT '',
  offline boolean NOT NULL DEFAULT false,  -- figures of the demonstration model: no quality
  head jsonb NOT NULL DEFAULT '{}',        -- what was played: digests and trials due, prompts, commit (evals/runs.py)
  due int NOT NULL DEFAULT 0,
  done int NOT NULL DEFAULT 0,
  passed int NOT NULL DEFAULT 0,
  failed int NOT NULL DEFAULT 0,
  violated int NOT NULL DEFAULT 0,
  broken int NOT NULL DEFAULT 0,
  open boolean,                            -- the gate; null: not decided
  reasons jsonb NOT NULL DEFAULT '[]',     -- why it is closed, in words
  figures jsonb NOT NULL DEFAULT '{}',
  report text,                             -- one HTML file
  began_at timestamptz,
  ended_at timestamptz,
  attempts int NOT NULL DEFAULT 0,         -- how often a process took it up
  lease_until timestamptz,                 -- the process that plays it was alive until then
  lease_token uuid,
  stop_asked_at timestamptz,
  stop_asked_by text,
  error text,                              -- a code of ours: why it broke
  PRIMARY KEY (clinic_id, id)
);
CREATE INDEX eval_runs_waiting ON eval_runs (asked_at) WHERE state IN ('queued', 'running');

CREATE TABLE eval_trials (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,                        -- in time order
  run_id uuid NOT NULL,
  scenario text NOT NULL,
  suite text NOT NULL,
  title text NOT NULL,
  critical boolean NOT NULL DEFAULT false,
  noise text NOT NULL DEFAULT '',
  number int NOT NULL,
  passed boolean NOT NULL,
  failures jsonb NOT NULL DEFAULT '[]',    -- what should have been and is not
  violations jsonb NOT NULL DEFAULT '[]',  -- what must never be and is
  error text NOT NULL DEFAULT '',          -- it broke
  document jsonb NOT NULL,                 -- the scenario as it was played
  evidence jsonb NOT NULL,                 -- said, called, answered, changed: evals/evidence.py
  told jsonb NOT NULL DEFAULT '{}',        -- rows that changed beside those expected
  judged jsonb NOT NULL DEFAULT '{}',
  seconds double precision NOT NULL DEFAULT 0,
  cost_brl numeric(12, 6) NOT NULL DEFAULT 0,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, run_id, scenario, noise, number),
  FOREIGN KEY (clinic_id, run_id) REFERENCES eval_runs(clinic_id, id) ON DELETE CASCADE
);

---------------------------------------------------------------- who may see what
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['scenarios', 'eval_runs', 'eval_trials'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_clinic ON %I USING (clinic_id = current_clinic()) WITH CHECK (clinic_id = current_clinic())', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carol_app', t);
  END LOOP;
END $$;

GRANT SELECT (clinic_id, id, state, asked_at, lease_until) ON eval_runs TO carol_porter;
CREATE POLICY porter ON eval_runs FOR SELECT TO carol_porter USING (true);

---------------------------------------------------------------- changes, told as they commit
CREATE FUNCTION tell_eval_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('carol_changes', json_build_object(
    'clinic', NEW.clinic_id, 'what', 'eval_run', 'conversation', NULL, 'turn', NULL, 'run', NEW.id)::text);
  RETURN NULL;
END $$;
-- A heartbeat is no news.
CREATE TRIGGER tell_eval_runs_begun AFTER INSERT ON eval_runs
  FOR EACH ROW EXECUTE FUNCTION tell_eval_run();
CREATE TRIGGER tell_eval_runs AFTER UPDATE ON eval_runs
  FOR EACH ROW WHEN ((OLD.state, OLD.due, OLD.done, OLD.open, OLD.stop_asked_at)
    IS DISTINCT FROM (NEW.state, NEW.due, NEW.done, NEW.open, NEW.stop_asked_at))
  EXECUTE FUNCTION tell_eval_run();
CREATE TRIGGER tell_scenarios AFTER INSERT OR UPDATE OR DELETE ON scenarios
  FOR EACH ROW EXECUTE FUNCTION tell_change('scenario');
