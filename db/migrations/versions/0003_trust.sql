-- Dead letters, kept promises, media apart from rows, the ledger of what was said, rails and windows, who is who.
SET LOCAL lock_timeout = '5s';

ALTER TABLE clinics ADD COLUMN policies jsonb NOT NULL DEFAULT '{}';  -- limits, messaging, team, templates: clinic/tenants/policies.py

---------------------------------------------------------------- the lane: what waits, what was given up
ALTER TABLE conversations
  ADD COLUMN hears_until timestamptz,      -- a voice note is being transcribed: no turn before, unless it is heard sooner
  ADD COLUMN last_inbound_at timestamptz,  -- the wire's instant of the patient's last message: opens the 24-hour window
  ADD COLUMN shown_turn uuid;              -- the turn for which the patient was last shown that we read and write

CREATE TABLE dead_letters (                -- a turn that failed too often: what it was about, kept until somebody replays it
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  turn_id uuid NOT NULL,                   -- the last failed turn; the messages it left unanswered name it
  error text NOT NULL,                     -- an error code, never text of a patient
  attempts int NOT NULL,
  died_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  replayed_at timestamptz,
  replayed_by text,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX dead_letters_by_conversation ON dead_letters (clinic_id, conversation_id);
CREATE INDEX dead_letters_open ON dead_letters (clinic_id, died_at) WHERE replayed_at IS NULL;

CREATE INDEX turns_by_day ON turns (clinic_id, started_at);  -- what was spent lately

-- A second reading of what a patient writes, after it is stored: what no pattern names. Rows of before need none.
ALTER TABLE messages ADD COLUMN looked_at timestamptz DEFAULT now();
ALTER TABLE messages ALTER COLUMN looked_at DROP DEFAULT;
CREATE INDEX messages_unlooked ON messages (stored_at) WHERE direction = 'in' AND looked_at IS NULL;

---------------------------------------------------------------- handoff as a promise
ALTER TABLE cases
  ADD COLUMN owner_name text,              -- who of the clinic took it, as they signed
  ADD COLUMN taken_at timestamptz,
  ADD COLUMN first_due_at timestamptz,     -- what was promised first; due_at moves when the promise slips
  ADD COLUMN answered_at timestamptz,      -- when a person first wrote to the patient after it was opened
  ADD COLUMN slips int NOT NULL DEFAULT 0, -- how often the patient was told that it takes longer
  ADD COLUMN level int NOT NULL DEFAULT 0, -- how far up the ladder it has been told
  ADD COLUMN climbs_at timestamptz,        -- when the next level is told; null: nobody further, or it is in hand
  ADD COLUMN slips_at timestamptz,         -- when the patient is told that it takes longer; null: no more
  ADD COLUMN resolved_by text,
  ADD COLUMN resolution text NOT NULL DEFAULT '';  -- what the person did, for Carol and for the next person
ALTER TABLE cases DROP CONSTRAINT cases_kind_check, ADD CONSTRAINT cases_kind_check CHECK (kind IN (
  'emergency', 'self_harm', 'person_asked', 'not_understood', 'out_of_scope', 'medical', 'opt_out', 'failure', 'complaint',
  'identity', 'limits', 'other'));
CREATE INDEX cases_climbing ON cases (climbs_at) WHERE climbs_at IS NOT NULL;
CREATE INDEX cases_slipping ON cases (slips_at) WHERE slips_at IS NOT NULL;
CREATE INDEX cases_queue ON cases (clinic_id, status, urgent DESC, due_at, number);
CREATE INDEX cases_by_day ON cases (clinic_id, opened_at);

CREATE TABLE notices (                     -- what the team is told: no words of a patient, ever
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  id uuid NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,                      -- case_opened | case_climbed | case_slipped | wire_down | dead_letter | gap …
  case_id uuid,
  member text NOT NULL,                    -- key of the team member
  destination text NOT NULL,               -- E.164
  account_id uuid,                         -- the wire it leaves by; null until one is found
  text text NOT NULL,
  dedupe_key text NOT NULL,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'unknown')),
  due_at timestamptz NOT NULL DEFAULT now(),
  attempts int NOT NULL DEFAULT 0,
  lease_until timestamptz,
  lease_token uuid,
  asked_at timestamptz,                    -- when a wire was last given it; null: none was, or it surely did not leave
  provider_id text,
  error_code text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at timestamptz,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, dedupe_key),
  FOREIGN KEY (clinic_id, case_id) REFERENCES cases(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX notices_due ON notices (due_at) WHERE status IN ('queued', 'sending');
CREATE INDEX notices_by_case ON notices (clinic_id, case_id) WHERE case_id IS NOT NULL;

---------------------------------------------------------------- media: fetched apart, kept in a store, heard
ALTER TABLE media
  ALTER COLUMN data DROP NOT NULL,
  ADD COLUMN status text NOT NULL DEFAULT 'ready' CHECK (status IN ('waiting', 'ready', 'refused', 'failed')),
  ADD COLUMN kind text NOT NULL DEFAULT '',      -- audio | image | video | document | sticker
  ADD COLUMN source jsonb NOT NULL DEFAULT '{}', -- how the wire names it: enough for its client to fetch it
  ADD COLUMN store_key text,                     -- where the bytes are, when they are not in this row
  ADD COLUMN bytes bigint,
  ADD COLUMN sha256 text,
  ADD COLUMN problem text,                       -- why it could not be kept or heard: a code of ours
  ADD COLUMN transcript text,
  ADD COLUMN heard_at timestamptz,
  ADD COLUMN due_at timestamptz,
  ADD COLUMN attempts int NOT NULL DEFAULT 0,
  ADD COLUMN lease_until timestamptz,
  ADD CONSTRAINT media_ready_is_somewhere CHECK (status <> 'ready' OR data IS NOT NULL OR store_key IS NOT NULL);
CREATE INDEX media_waiting ON media (due_at) WHERE status = 'waiting';

---------------------------------------------------------------- the ledger: what was said to a patient, and what stands behind it
CREATE TABLE commitments (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  message_id uuid NOT NULL,                -- the bubble that says it
  turn_id uuid,
  kind text NOT NULL CHECK (kind IN ('visit', 'moment', 'price', 'name', 'address', 'promise', 'other')),
  said text NOT NULL,                      -- the words, as in the bubble
  means jsonb NOT NULL DEFAULT '{}',       -- what they mean: {"starts_at": …}, {"cents": …}, {"case": 12}
  entity text,                             -- appointment | offer | service | case | clinic | document | person
  entity_id uuid,
  receipt_id uuid,                         -- the tool receipt behind it, when one is
  at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, message_id) REFERENCES messages(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX commitments_by_message ON commitments (clinic_id, message_id);
CREATE INDEX commitments_by_conversation ON commitments (clinic_id, conversation_id, at);
CREATE INDEX commitments_by_entity ON commitments (clinic_id, entity_id) WHERE entity_id IS NOT NULL;
CREATE INDEX commitments_by_day ON commitments (clinic_id, at);
CREATE INDEX messages_said_by_day ON messages (clinic_id, at) WHERE direction = 'out';
ALTER TABLE clinics ADD COLUMN ledger_since timestamptz NOT NULL DEFAULT now();  -- what was said before it has no ledger

CREATE TABLE reconciliations (             -- one run of the nightly comparison of what was said with what is
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  day date NOT NULL,                       -- the clinic's day it looks back on
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  checked int NOT NULL DEFAULT 0,
  broken int NOT NULL DEFAULT 0,
  report jsonb NOT NULL DEFAULT '{}',      -- counts by kind, and each finding by ids
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, day)
);

---------------------------------------------------------------- rails: what leaves, in what form, by which wire
ALTER TABLE outbox
  ADD COLUMN content jsonb NOT NULL DEFAULT '{}',        -- beyond the text: channels/base.py, content_of
  ADD COLUMN proactive boolean NOT NULL DEFAULT false,   -- nobody asked just now: quiet hours hold it, opt-out cancels it
  ADD COLUMN expires_at timestamptz,                     -- sent later than this it would mislead
  ADD COLUMN looked_at timestamptz,                      -- when the wire was last asked whether an unanswered send arrived
  ADD COLUMN asked_at timestamptz,                       -- when the wire was last given it
  ADD COLUMN held text CHECK (held IN ('window', 'quiet')),  -- waits apart until due_at, and lets later ones pass
  ADD COLUMN moved_from uuid;                            -- the account it was to leave by, before another wire took it over
CREATE INDEX outbox_by_message ON outbox (clinic_id, message_id);  -- each turn asks what the last one offered
CREATE INDEX outbox_by_conversation ON outbox (clinic_id, conversation_id, created_at);  -- each echo: is it one of ours
CREATE INDEX outbox_asked ON outbox (clinic_id, conversation_id, asked_at) WHERE asked_at IS NOT NULL;
CREATE INDEX outbox_withheld ON outbox (clinic_id, account_id) WHERE held = 'window';
CREATE INDEX outbox_moved ON outbox (clinic_id, account_id) WHERE moved_from IS NOT NULL;

ALTER TABLE channel_accounts
  ADD COLUMN state text NOT NULL DEFAULT 'unknown' CHECK (state IN ('unknown', 'open', 'connecting', 'closed')),
  ADD COLUMN state_since timestamptz,
  ADD COLUMN state_reason text,            -- the provider's code
  ADD COLUMN alarmed_at timestamptz,       -- the team was told that it is down
  ADD COLUMN paced_until timestamptz,      -- its sends are spoken for up to here
  ADD COLUMN audited_until timestamptz;    -- the wire's history has been compared with the inbox up to here

CREATE TABLE gaps (                        -- a message the wire's history has and our inbox had not
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  provider_id text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at timestamptz,
  recovered boolean NOT NULL,              -- false: it could not be stored
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, account_id, provider_id),
  FOREIGN KEY (clinic_id, account_id) REFERENCES channel_accounts(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE template_states (             -- what the platform says of a template of ours; one it never spoke of is usable
  clinic_id uuid NOT NULL,
  account_id uuid NOT NULL,
  name text NOT NULL,
  language text NOT NULL,
  state text NOT NULL,                     -- approved | rejected | paused | disabled | …
  reason text,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, account_id, name, language),
  FOREIGN KEY (clinic_id, account_id) REFERENCES channel_accounts(clinic_id, id) ON DELETE CASCADE
);

---------------------------------------------------------------- who is this
ALTER TABLE contacts
  ADD COLUMN last_seen_at timestamptz,
  ADD COLUMN doubt text,                   -- silent | other_name | other_id: nothing of theirs is told until it is settled
  ADD COLUMN doubted_at timestamptz,
  ADD COLUMN heard_from bigint,            -- seq: what was said before is not for whoever writes now
  ADD COLUMN assured_until timestamptz,    -- level 2 until then: a step-up was passed
  ADD COLUMN opt_out_asked_at timestamptz; -- they were asked whether they mean it
ALTER TABLE relationships ADD COLUMN consent text;  -- how consent was given: said | person | document

CREATE TABLE step_ups (                    -- each time somebody was asked to prove who they are
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  contact_id uuid NOT NULL,
  person_id uuid NOT NULL,
  method text NOT NULL CHECK (method IN ('birth_date', 'person')),
  asked_at timestamptz NOT NULL,
  tries int NOT NULL DEFAULT 0,
  last_seq bigint,                         -- the message of the last try: a retried turn tries nothing twice
  passed_at timestamptz,
  failed_at timestamptz,                   -- too many tries: only a person settles it
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, contact_id) REFERENCES contacts(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, person_id) REFERENCES people(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX step_ups_by_contact ON step_ups (clinic_id, contact_id, asked_at);
CREATE INDEX step_ups_by_person ON step_ups (clinic_id, person_id);

---------------------------------------------------------------- two contacts that are one human
-- The other contact, and a conversation of theirs that became part of another on the same wire, stay as empty rows that say
-- where all of theirs went: links keep leading there, and a message that was on its way finds them.
ALTER TABLE contacts ADD COLUMN merged_into uuid;
ALTER TABLE conversations ADD COLUMN joined_to uuid;

CREATE TABLE contact_merges (              -- a person of the clinic said that two contacts are one: what became of which row
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (NOT is_sandbox(clinic_id)),
  id uuid NOT NULL,
  contact_id uuid NOT NULL,                -- who is left
  merged_id uuid NOT NULL,                 -- who was merged into them
  merged_by text NOT NULL,                 -- as they signed
  confirmed boolean NOT NULL,              -- though both were known as different people
  moved jsonb NOT NULL,                    -- ids of every row that changed hands, and both contacts as they were
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, merged_id),
  FOREIGN KEY (clinic_id, contact_id) REFERENCES contacts(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, merged_id) REFERENCES contacts(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_merges_by_contact ON contact_merges (clinic_id, contact_id);

---------------------------------------------------------------- whether the clock goes
CREATE TABLE beats (                       -- of no clinic: when the clockwork last went, so that whoever serves sees it stand still
  name text PRIMARY KEY,
  at timestamptz NOT NULL
);
INSERT INTO beats (name, at) VALUES ('clockwork', now());
GRANT SELECT, INSERT, UPDATE ON beats TO carol_app;

---------------------------------------------------------------- who may see what
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['dead_letters', 'notices', 'commitments', 'reconciliations', 'gaps', 'template_states', 'step_ups',
                           'contact_merges'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_clinic ON %I USING (clinic_id = current_clinic()) WITH CHECK (clinic_id = current_clinic())', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carol_app', t);
  END LOOP;
END $$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO carol_app;

GRANT SELECT (state) ON channel_accounts TO carol_porter;
GRANT SELECT (hears_until) ON conversations TO carol_porter;
GRANT SELECT (held) ON outbox TO carol_porter;
GRANT SELECT (clinic_id, id, direction, looked_at, stored_at) ON messages TO carol_porter;
CREATE POLICY porter ON messages FOR SELECT TO carol_porter USING (true);
GRANT SELECT (clinic_id, id, climbs_at, slips_at) ON cases TO carol_porter;
GRANT SELECT (clinic_id, id, status, due_at, lease_until) ON notices TO carol_porter;
GRANT SELECT (clinic_id, id, status, due_at, lease_until) ON media TO carol_porter;
CREATE POLICY porter ON cases FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON notices FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON media FOR SELECT TO carol_porter USING (true);

---------------------------------------------------------------- rehearsals and pages
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['dead_letters', 'commitments', 'step_ups'] LOOP
    EXECUTE format(
      $f$CREATE TRIGGER journal_inserts AFTER INSERT ON %I FOR EACH ROW
         WHEN (is_sandbox(NEW.clinic_id) AND current_setting('app.journal', true) IS DISTINCT FROM 'off')
         EXECUTE FUNCTION keep_journal()$f$, t);
    EXECUTE format(
      $f$CREATE TRIGGER journal_changes AFTER UPDATE OR DELETE ON %I FOR EACH ROW
         WHEN (is_sandbox(OLD.clinic_id) AND current_setting('app.journal', true) IS DISTINCT FROM 'off')
         EXECUTE FUNCTION keep_journal()$f$, t);
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  conversation uuid;
  turn uuid;
BEGIN
  IF TG_TABLE_NAME = 'conversations' THEN
    conversation := NEW.id;
  ELSIF TG_TABLE_NAME = 'turns' THEN
    conversation := NEW.conversation_id;
    turn := NEW.id;
  ELSIF TG_TABLE_NAME IN ('messages', 'outbox', 'cases', 'dead_letters') THEN
    conversation := NEW.conversation_id;
  ELSIF TG_TABLE_NAME = 'media' THEN
    SELECT m.conversation_id INTO conversation FROM messages m WHERE m.clinic_id = NEW.clinic_id AND m.id = NEW.message_id;
  END IF;
  PERFORM pg_notify('carol_changes', json_build_object(
    'clinic', coalesce(NEW.clinic_id, OLD.clinic_id), 'what', TG_ARGV[0], 'conversation', conversation, 'turn', turn)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_media AFTER UPDATE OF status, transcript ON media
  FOR EACH ROW EXECUTE FUNCTION tell_change('message');
CREATE TRIGGER tell_dead_letters AFTER INSERT OR UPDATE ON dead_letters
  FOR EACH ROW EXECUTE FUNCTION tell_change('owner');
CREATE TRIGGER tell_wires AFTER UPDATE OF state ON channel_accounts
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION tell_change('wire');
