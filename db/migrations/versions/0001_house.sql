-- The whole first schema. Every tenant table carries clinic_id, has composite keys with it, and FORCE row-level security.
SET LOCAL lock_timeout = '5s';

-- Roles are provisioned with the server (db/embedded.py) or made here where the owner may create roles.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carol_app') THEN CREATE ROLE carol_app NOINHERIT; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carol_porter') THEN CREATE ROLE carol_porter; END IF;
END $$;

-- The tenant of this transaction. After a transaction-local setting ends Postgres answers '' and not NULL, hence nullif.
CREATE FUNCTION current_clinic() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.clinic_id', true), '')::uuid $$;

-- What trigram search compares: lower case, no accents. Immutable so that an index may use it.
CREATE FUNCTION plain_text(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, t)) $$;

CREATE TEXT SEARCH CONFIGURATION pt_unaccent (COPY = pg_catalog.portuguese);
ALTER TEXT SEARCH CONFIGURATION pt_unaccent
  ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.portuguese_stem;

---------------------------------------------------------------- clinics and their configuration
CREATE TABLE clinics (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text NOT NULL,
  timezone text NOT NULL,
  about text NOT NULL DEFAULT '',
  facts jsonb NOT NULL DEFAULT '{}',      -- payment, parking, documents to bring: plain facts by name
  persona jsonb NOT NULL DEFAULT '{}',    -- name, tone, greeting, restricted topics, escalation rules, notes for Carol
  rules jsonb NOT NULL DEFAULT '{}',      -- notice, horizon, step, interval, never-book: clinic/tenants/document.py
  is_demo boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 1,      -- raised by every change of configuration; caches key on it
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE units (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  address text NOT NULL,
  phone text,
  directions text NOT NULL DEFAULT '',
  position int NOT NULL DEFAULT 0,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, name)
);

CREATE TABLE unit_hours (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  unit_id uuid NOT NULL,
  weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),  -- 0 is Monday
  opens time NOT NULL,
  closes time NOT NULL CHECK (closes > opens),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, unit_id) REFERENCES units(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE rooms (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  unit_id uuid NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, unit_id, name),
  FOREIGN KEY (clinic_id, unit_id) REFERENCES units(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE equipment (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  unit_id uuid NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, unit_id, name),
  FOREIGN KEY (clinic_id, unit_id) REFERENCES units(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE professionals (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,                      -- as said to a patient: "Dra. Helena Prado"
  specialty text NOT NULL DEFAULT '',
  council text NOT NULL DEFAULT '',
  bio text NOT NULL DEFAULT '',
  active boolean NOT NULL DEFAULT true,
  position int NOT NULL DEFAULT 0,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, name)
);

CREATE TABLE services (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  aliases text[] NOT NULL DEFAULT '{}',
  category text NOT NULL DEFAULT '',
  duration_minutes int NOT NULL CHECK (duration_minutes BETWEEN 5 AND 720),
  buffer_before_minutes int NOT NULL DEFAULT 0 CHECK (buffer_before_minutes BETWEEN 0 AND 240),
  buffer_after_minutes int NOT NULL DEFAULT 0 CHECK (buffer_after_minutes BETWEEN 0 AND 240),
  price_cents int CHECK (price_cents >= 0),
  price_note text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  preparation text NOT NULL DEFAULT '',
  notes_for_carol text NOT NULL DEFAULT '',
  booked_by_carol boolean NOT NULL DEFAULT true,  -- false: only a person books it
  active boolean NOT NULL DEFAULT true,
  position int NOT NULL DEFAULT 0,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, name)
);

CREATE TABLE service_professionals (
  clinic_id uuid NOT NULL,
  service_id uuid NOT NULL,
  professional_id uuid NOT NULL,
  PRIMARY KEY (clinic_id, service_id, professional_id),
  FOREIGN KEY (clinic_id, service_id) REFERENCES services(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, professional_id) REFERENCES professionals(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE service_rooms (               -- any one of these rooms; none listed means no room is needed
  clinic_id uuid NOT NULL,
  service_id uuid NOT NULL,
  room_id uuid NOT NULL,
  PRIMARY KEY (clinic_id, service_id, room_id),
  FOREIGN KEY (clinic_id, service_id) REFERENCES services(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, room_id) REFERENCES rooms(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE service_equipment (           -- every one of these
  clinic_id uuid NOT NULL,
  service_id uuid NOT NULL,
  equipment_id uuid NOT NULL,
  PRIMARY KEY (clinic_id, service_id, equipment_id),
  FOREIGN KEY (clinic_id, service_id) REFERENCES services(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, equipment_id) REFERENCES equipment(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE convenios (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  aliases text[] NOT NULL DEFAULT '{}',
  note text NOT NULL DEFAULT '',
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, name)
);

CREATE TABLE convenio_services (
  clinic_id uuid NOT NULL,
  convenio_id uuid NOT NULL,
  service_id uuid NOT NULL,
  PRIMARY KEY (clinic_id, convenio_id, service_id),
  FOREIGN KEY (clinic_id, convenio_id) REFERENCES convenios(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, service_id) REFERENCES services(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE weekly_hours (                -- when a professional works, where; local wall clock
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  professional_id uuid NOT NULL,
  unit_id uuid NOT NULL,
  room_id uuid,
  weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
  opens time NOT NULL,
  closes time NOT NULL CHECK (closes > opens),
  valid_from date,
  valid_until date,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, professional_id) REFERENCES professionals(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, unit_id) REFERENCES units(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, room_id) REFERENCES rooms(clinic_id, id)
);

CREATE TABLE holidays (                    -- closed, or open for part of the day
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  day date NOT NULL,
  name text NOT NULL,
  unit_id uuid,
  opens time,
  closes time,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, unit_id) REFERENCES units(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE channel_accounts (            -- the clinic's side of each wire
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('cloud', 'evolution', 'console')),
  external_id text NOT NULL,               -- phone_number_id, instance name, or the clinic's slug
  credentials jsonb NOT NULL DEFAULT '{}', -- values may be "env:NAME", read from the environment at use
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (kind, external_id)               -- a wire belongs to one clinic; the name is the provider's, not personal
);

---------------------------------------------------------------- people
CREATE TABLE contacts (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  display_name text,                       -- untrusted: typed by the person in their own profile
  opted_out_at timestamptz,
  human_only boolean NOT NULL DEFAULT false,
  told_ai_at timestamptz,                  -- when the contact was told that Carol is an AI
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (clinic_id, id)
);

CREATE TABLE contact_aliases (
  clinic_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('phone', 'wa_id', 'lid', 'bsuid', 'console')),
  value text NOT NULL,
  contact_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (clinic_id, kind, value),
  FOREIGN KEY (clinic_id, contact_id) REFERENCES contacts(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_aliases_by_contact ON contact_aliases (clinic_id, contact_id);

CREATE TABLE people (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  birth_date date,
  notes text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (clinic_id, id)
);

CREATE TABLE relationships (               -- for whom a contact may speak
  clinic_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  person_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('self', 'child', 'parent', 'spouse', 'relative', 'caregiver', 'other')),
  consented_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (clinic_id, contact_id, person_id),
  FOREIGN KEY (clinic_id, contact_id) REFERENCES contacts(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, person_id) REFERENCES people(clinic_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX relationships_one_self ON relationships (clinic_id, contact_id) WHERE kind = 'self';

---------------------------------------------------------------- conversations and their lane
CREATE TABLE conversations (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  contact_id uuid NOT NULL,
  account_id uuid NOT NULL,
  reply_to text NOT NULL,                  -- the address to answer on this wire, verbatim
  owner text NOT NULL DEFAULT 'carol' CHECK (owner IN ('carol', 'person')),
  owner_since timestamptz,
  clock_at timestamptz,                    -- the conversation's own instant, when a rehearsal or a test set it
  created_at timestamptz NOT NULL DEFAULT now(),
  last_message_at timestamptz,
  -- the lane: when the next turn is due, who holds it, and the token that fences a paused holder
  due_at timestamptz,
  waiting_since timestamptz,               -- first unanswered message; caps the quiet window
  lease_until timestamptz,
  lease_token uuid,
  fence bigint NOT NULL DEFAULT 0,
  attempts int NOT NULL DEFAULT 0,
  dead_at timestamptz,                     -- too many failures: a case is open and no turn is tried again by itself
  last_error text,                         -- an error code, never text of a patient
  checkpoint_id text,                      -- the dialogue state that was adopted; any other is ignored
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, account_id, contact_id),
  FOREIGN KEY (clinic_id, contact_id) REFERENCES contacts(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, account_id) REFERENCES channel_accounts(clinic_id, id)
);
CREATE INDEX conversations_due ON conversations (due_at) WHERE due_at IS NOT NULL AND dead_at IS NULL;

CREATE TABLE turns (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  fence bigint NOT NULL,
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'adopted', 'superseded', 'failed')),
  outcome text,                            -- spoke | silent | handed_over | emergency | held
  request_id text,                         -- from the webhook of the last message it answers
  model text,
  trace jsonb NOT NULL DEFAULT '[]',
  tokens_in int NOT NULL DEFAULT 0,
  tokens_out int NOT NULL DEFAULT 0,
  cost_brl numeric(12, 6) NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX turns_by_conversation ON turns (clinic_id, conversation_id, started_at DESC);

CREATE TABLE messages (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY, -- arrival order
  conversation_id uuid NOT NULL,
  account_id uuid NOT NULL,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  author text NOT NULL CHECK (author IN ('patient', 'carol', 'person', 'automatic')),
  kind text NOT NULL DEFAULT 'text',
  text text NOT NULL DEFAULT '' CHECK (length(text) <= 70000),
  payload jsonb NOT NULL DEFAULT '{}',
  provider_id text,                        -- the wire's own id; duplicates and replays stop here
  red_flag text,                           -- read when stored, without any model
  turn_id uuid,                            -- the adopted turn that answered it (in) or said it (out)
  request_id text,
  sent_at timestamptz,                     -- the wire's own instant
  at timestamptz NOT NULL,                 -- the conversation's clock
  stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, turn_id) REFERENCES turns(clinic_id, id)
);
CREATE UNIQUE INDEX messages_once ON messages (clinic_id, account_id, direction, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX messages_by_conversation ON messages (clinic_id, conversation_id, seq DESC);
CREATE INDEX messages_unanswered ON messages (clinic_id, conversation_id, seq) WHERE direction = 'in' AND turn_id IS NULL;

CREATE TABLE outbox (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  conversation_id uuid NOT NULL,
  message_id uuid NOT NULL,
  account_id uuid NOT NULL,
  reply_to text NOT NULL,
  dedupe_key text NOT NULL,                -- one effect per key, whoever retries
  status text NOT NULL DEFAULT 'queued'
    CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'cancelled')),
  due_at timestamptz NOT NULL DEFAULT now(),
  attempts int NOT NULL DEFAULT 0,
  unanswered int NOT NULL DEFAULT 0,       -- attempts whose answer never came: each may be on the phone already
  lease_until timestamptz,
  lease_token uuid,
  provider_id text,
  error_code text,
  request_id text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent_at timestamptz,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, dedupe_key),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, message_id) REFERENCES messages(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, account_id) REFERENCES channel_accounts(clinic_id, id)
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE status IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_order ON outbox (clinic_id, conversation_id, seq) WHERE status IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_provider ON outbox (clinic_id, account_id, provider_id);

CREATE TABLE early_statuses (              -- a status that overtook our own note of the send
  clinic_id uuid NOT NULL,
  account_id uuid NOT NULL,
  provider_id text NOT NULL,
  status text NOT NULL,
  error_code text,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, account_id, provider_id, status),
  FOREIGN KEY (clinic_id, account_id) REFERENCES channel_accounts(clinic_id, id) ON DELETE CASCADE
);

CREATE TABLE webhook_events (              -- what we did not understand, kept without secrets
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  account_id uuid,
  reason text NOT NULL,
  body jsonb NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id)
);

CREATE TABLE unrouted_events (             -- authentic or not, no clinic owns the wire: kept by digest only
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  external_id text,
  digest text NOT NULL,
  bytes int NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE tool_receipts (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  turn_id uuid NOT NULL,
  tool text NOT NULL,
  effect text NOT NULL CHECK (effect IN ('read', 'write')),
  idempotency_key text NOT NULL,           -- conversation + tool + the handle we issued
  arguments jsonb NOT NULL,
  result jsonb NOT NULL,
  entity text,                             -- appointment | hold | case | person
  entity_id uuid,
  at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, conversation_id, idempotency_key),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, turn_id) REFERENCES turns(clinic_id, id)
);

CREATE TABLE cases (
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY,
  conversation_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('emergency', 'self_harm', 'person_asked', 'not_understood', 'out_of_scope',
                                     'medical', 'opt_out', 'failure', 'complaint', 'other')),
  urgent boolean NOT NULL DEFAULT false,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'taken', 'resolved')),
  owner text NOT NULL DEFAULT 'front_desk',
  reason text NOT NULL,
  brief text NOT NULL DEFAULT '',
  due_at timestamptz NOT NULL,             -- in the clinic's real hours
  opened_at timestamptz NOT NULL,
  resolved_at timestamptz,
  turn_id uuid,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE
);
-- One open case of a kind per conversation: a retried turn or a repeated plea finds the case it already opened.
CREATE UNIQUE INDEX cases_one_open ON cases (clinic_id, conversation_id, kind) WHERE status <> 'resolved';

---------------------------------------------------------------- the agenda
CREATE TABLE appointments (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  service_id uuid NOT NULL,
  professional_id uuid NOT NULL,
  unit_id uuid NOT NULL,
  room_id uuid,
  convenio_id uuid,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
  price_cents int,                         -- what was said when it was booked
  status text NOT NULL DEFAULT 'booked' CHECK (status IN ('booked', 'confirmed', 'cancelled', 'completed', 'no_show')),
  booked_by text NOT NULL CHECK (booked_by IN ('carol', 'person', 'import')),
  conversation_id uuid,
  contact_id uuid,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  cancelled_at timestamptz,
  notes text NOT NULL DEFAULT '',
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, person_id) REFERENCES people(clinic_id, id),
  FOREIGN KEY (clinic_id, service_id) REFERENCES services(clinic_id, id),
  FOREIGN KEY (clinic_id, professional_id) REFERENCES professionals(clinic_id, id),
  FOREIGN KEY (clinic_id, unit_id) REFERENCES units(clinic_id, id),
  FOREIGN KEY (clinic_id, room_id) REFERENCES rooms(clinic_id, id),
  FOREIGN KEY (clinic_id, convenio_id) REFERENCES convenios(clinic_id, id),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id),
  FOREIGN KEY (clinic_id, contact_id) REFERENCES contacts(clinic_id, id)
);
CREATE INDEX appointments_by_person ON appointments (clinic_id, person_id, starts_at);
CREATE INDEX appointments_by_day ON appointments (clinic_id, starts_at);

CREATE TABLE holds (                       -- a slot kept for a conversation while the patient decides
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  service_id uuid NOT NULL,
  professional_id uuid NOT NULL,
  unit_id uuid NOT NULL,
  room_id uuid,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, service_id) REFERENCES services(clinic_id, id),
  FOREIGN KEY (clinic_id, professional_id) REFERENCES professionals(clinic_id, id)
);
CREATE INDEX holds_by_conversation ON holds (clinic_id, conversation_id);

CREATE TABLE blocks (                      -- time off, maintenance, meetings
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
  reason text NOT NULL DEFAULT '',
  PRIMARY KEY (clinic_id, id)
);

CREATE TABLE claims (                      -- all that occupies: one exclusion constraint is the last word
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  resource text NOT NULL CHECK (resource IN ('professional', 'room', 'equipment', 'person')),
  resource_id uuid NOT NULL,
  during tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)
                                   AND lower_inc(during) AND NOT upper_inc(during)),
  appointment_id uuid,
  hold_id uuid,
  block_id uuid,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT claims_one_reason CHECK (num_nonnulls(appointment_id, hold_id, block_id) = 1),
  CONSTRAINT claims_never_overlap EXCLUDE USING gist
    (clinic_id WITH =, resource WITH =, resource_id WITH =, during WITH &&),
  FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, hold_id) REFERENCES holds(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, block_id) REFERENCES blocks(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX claims_by_appointment ON claims (clinic_id, appointment_id) WHERE appointment_id IS NOT NULL;
CREATE INDEX claims_by_hold ON claims (clinic_id, hold_id) WHERE hold_id IS NOT NULL;

CREATE TABLE offers (                      -- slots shown to this conversation; the model chooses by handle
  clinic_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  handle text NOT NULL,
  turn_id uuid NOT NULL,
  service_id uuid NOT NULL,
  professional_id uuid NOT NULL,
  unit_id uuid NOT NULL,
  room_id uuid,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, conversation_id, handle),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, turn_id) REFERENCES turns(clinic_id, id)
);

CREATE TABLE proposals (                   -- what Carol read back and waits a yes for
  clinic_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  handle text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('book', 'move', 'cancel')),
  turn_id uuid NOT NULL,                   -- the turn that read it back; only an adopted one counts
  offer text,                              -- handle of the slot read back; none for a cancellation
  hold_id uuid,
  appointment_id uuid,
  person_id uuid NOT NULL,
  convenio_id uuid,
  price_cents int,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'accepted', 'dropped')),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id, conversation_id, handle),
  FOREIGN KEY (clinic_id, conversation_id) REFERENCES conversations(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, turn_id) REFERENCES turns(clinic_id, id),
  FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments(clinic_id, id) ON DELETE CASCADE,
  FOREIGN KEY (clinic_id, person_id) REFERENCES people(clinic_id, id),
  FOREIGN KEY (clinic_id, convenio_id) REFERENCES convenios(clinic_id, id)
);

---------------------------------------------------------------- knowledge
CREATE TABLE documents (
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  id uuid NOT NULL,
  source text NOT NULL,                    -- file name: re-ingesting the same source replaces it
  title text NOT NULL,
  media_type text NOT NULL,
  content_hash text NOT NULL,              -- of the bytes and of how they were split and embedded
  bytes int NOT NULL,
  ingested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, source)
);

CREATE TABLE passages (
  clinic_id uuid NOT NULL DEFAULT current_clinic(),
  id uuid NOT NULL,
  document_id uuid NOT NULL,
  position int NOT NULL,
  heading text NOT NULL DEFAULT '',
  content text NOT NULL,
  plain text GENERATED ALWAYS AS (plain_text(heading || ' ' || content)) STORED,
  embedding vector NOT NULL,
  model_id text NOT NULL,
  dimension int NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (clinic_id, id),
  UNIQUE (clinic_id, document_id, position),
  FOREIGN KEY (clinic_id, document_id) REFERENCES documents(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX passages_plain ON passages USING gin (plain gin_trgm_ops);

---------------------------------------------------------------- LangGraph's small dialogue state (see graphs/checkpoints.py)
CREATE TABLE checkpoint_migrations (v int PRIMARY KEY);
CREATE TABLE checkpoints (
  clinic_id uuid NOT NULL DEFAULT current_clinic(),
  thread_id text NOT NULL,
  checkpoint_ns text NOT NULL DEFAULT '',
  checkpoint_id text NOT NULL,
  parent_checkpoint_id text,
  type text,
  checkpoint jsonb NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id)
);
CREATE TABLE checkpoint_blobs (
  clinic_id uuid NOT NULL DEFAULT current_clinic(),
  thread_id text NOT NULL,
  checkpoint_ns text NOT NULL DEFAULT '',
  channel text NOT NULL,
  version text NOT NULL,
  type text NOT NULL,
  blob bytea,
  PRIMARY KEY (thread_id, checkpoint_ns, channel, version)
);
CREATE TABLE checkpoint_writes (
  clinic_id uuid NOT NULL DEFAULT current_clinic(),
  thread_id text NOT NULL,
  checkpoint_ns text NOT NULL DEFAULT '',
  checkpoint_id text NOT NULL,
  task_id text NOT NULL,
  task_path text NOT NULL DEFAULT '',
  idx int NOT NULL,
  channel text NOT NULL,
  type text,
  blob bytea NOT NULL,
  PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
);

---------------------------------------------------------------- who may see what
DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id'
           WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_clinic ON %I USING (clinic_id = current_clinic()) WITH CHECK (clinic_id = current_clinic())', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carol_app', t);
  END LOOP;
END $$;
ALTER TABLE clinics ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinics FORCE ROW LEVEL SECURITY;
CREATE POLICY own_clinic ON clinics USING (id = current_clinic()) WITH CHECK (id = current_clinic());
GRANT SELECT, INSERT, UPDATE ON clinics TO carol_app;
GRANT INSERT, DELETE, SELECT (received_at) ON unrouted_events TO carol_app;
GRANT SELECT ON checkpoint_migrations, alembic_version TO carol_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO carol_app;

-- The porter: sees across clinics, but only the columns that route and ring. db/system.py is its only user.
GRANT SELECT (id, slug, is_demo) ON clinics TO carol_porter;
GRANT SELECT (clinic_id, id, kind, external_id, active) ON channel_accounts TO carol_porter;
GRANT SELECT (clinic_id, id, due_at, lease_until, dead_at, owner) ON conversations TO carol_porter;
GRANT SELECT (clinic_id, id, conversation_id, account_id, seq, status, due_at, lease_until) ON outbox TO carol_porter;
GRANT SELECT (clinic_id, id, expires_at) ON holds TO carol_porter;
CREATE POLICY porter ON clinics FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON channel_accounts FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON conversations FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON outbox FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON holds FOR SELECT TO carol_porter USING (true);
