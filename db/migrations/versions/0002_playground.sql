-- Rehearsals in clinics of their own, changes told as they commit, uploaded files and media.
SET LOCAL lock_timeout = '5s';

---------------------------------------------------------------- sandboxes
-- A sandbox is a clinic like any other to every policy and constraint; its id (UUID version 8) says what it is, so that
-- any statement, trigger or sender can tell without asking a table.
CREATE FUNCTION is_sandbox(clinic uuid) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  AS $$ SELECT substr(clinic::text, 15, 1) = '8' $$;

ALTER TABLE clinics
  ADD COLUMN sandbox_of uuid REFERENCES clinics(id) ON DELETE CASCADE,
  ADD CONSTRAINT clinics_sandboxes_say_so CHECK ((sandbox_of IS NOT NULL) = is_sandbox(id)),
  ADD CONSTRAINT clinics_no_sandbox_of_a_sandbox CHECK (sandbox_of IS NULL OR NOT is_sandbox(sandbox_of));
CREATE INDEX clinics_sandboxes ON clinics (sandbox_of) WHERE sandbox_of IS NOT NULL;

-- A rehearsal never reaches a real wire, whatever the code above believes.
ALTER TABLE channel_accounts
  ADD CONSTRAINT channel_accounts_sandbox_has_no_wire CHECK (kind = 'console' OR NOT is_sandbox(clinic_id));

-- Only a sandbox may be deleted by the app.
CREATE POLICY only_sandboxes_end ON clinics AS RESTRICTIVE FOR DELETE USING (sandbox_of IS NOT NULL);
GRANT DELETE ON clinics TO carol_app;

CREATE TABLE rehearsals (                  -- one row in each sandbox: where it came from, until when it is kept
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE CHECK (is_sandbox(clinic_id)),
  source_version bigint NOT NULL,          -- the version of the clinic's configuration that was copied
  parent_id uuid,                          -- the sandbox it branched from
  parent_turn_id uuid,                     -- the turn before which it branched
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (clinic_id)
);

CREATE TABLE sandbox_journal (             -- what changed in a sandbox, in order: undone backwards to branch from a turn
  clinic_id uuid NOT NULL REFERENCES clinics(id) ON DELETE CASCADE,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,  -- changes made together are undone together
  table_name text NOT NULL,
  op text NOT NULL CHECK (op IN ('INSERT', 'UPDATE', 'DELETE')),
  row jsonb NOT NULL,                      -- the row as it was before; as inserted, for an insert
  PRIMARY KEY (clinic_id, seq)
);

CREATE FUNCTION keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sandbox_journal (clinic_id, table_name, op, row)
  VALUES (coalesce(OLD.clinic_id, NEW.clinic_id), TG_TABLE_NAME, TG_OP, CASE TG_OP WHEN 'INSERT' THEN to_jsonb(NEW) ELSE to_jsonb(OLD) END);
  RETURN NULL;
END $$;

-- Erasing a sandbox asks of each person, contact and block who still refers to it: without these, all rows for each one.
CREATE INDEX relationships_by_person ON relationships (clinic_id, person_id);
CREATE INDEX appointments_by_contact ON appointments (clinic_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX claims_by_block ON claims (clinic_id, block_id) WHERE block_id IS NOT NULL;

---------------------------------------------------------------- media and uploaded files
CREATE TABLE media (                       -- what came with a message: a photo, a voice note
  clinic_id uuid NOT NULL,
  id uuid NOT NULL,
  message_id uuid NOT NULL,
  media_type text NOT NULL,
  name text NOT NULL DEFAULT '',
  data bytea NOT NULL CHECK (length(data) <= 16777216),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  FOREIGN KEY (clinic_id, message_id) REFERENCES messages(clinic_id, id) ON DELETE CASCADE
);
CREATE INDEX media_by_message ON media (clinic_id, message_id);

ALTER TABLE documents
  ADD CONSTRAINT documents_none_in_a_sandbox CHECK (NOT is_sandbox(clinic_id)),  -- those of its clinic are read in place
  ADD COLUMN status text NOT NULL DEFAULT 'ready' CHECK (status IN ('waiting', 'reading', 'ready', 'refused')),
  ADD COLUMN problem text,                 -- why it was refused: a code of ours
  ADD COLUMN uploaded_at timestamptz,
  ADD COLUMN lease_until timestamptz,      -- who reads it now; over, another may
  ADD COLUMN attempts int NOT NULL DEFAULT 0;
CREATE INDEX documents_waiting ON documents (uploaded_at) WHERE status IN ('waiting', 'reading');

CREATE TABLE document_files (              -- the file as it was uploaded: read again when how we read changes
  clinic_id uuid NOT NULL,
  document_id uuid NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (clinic_id, document_id),
  FOREIGN KEY (clinic_id, document_id) REFERENCES documents(clinic_id, id) ON DELETE CASCADE
);

ALTER TABLE conversations ADD COLUMN owner_name text;  -- who of the clinic took it, as they signed

CREATE INDEX tool_receipts_by_entity ON tool_receipts (clinic_id, entity_id) WHERE entity_id IS NOT NULL;  -- why a visit stands

---------------------------------------------------------------- who may see what
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['rehearsals', 'sandbox_journal', 'media', 'document_files'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_clinic ON %I USING (clinic_id = current_clinic()) WITH CHECK (clinic_id = current_clinic())', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO carol_app', t);
  END LOOP;
END $$;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO carol_app;

GRANT SELECT (sandbox_of) ON clinics TO carol_porter;
GRANT SELECT (clinic_id, expires_at) ON rehearsals TO carol_porter;
GRANT SELECT (clinic_id, id, status, uploaded_at, lease_until) ON documents TO carol_porter;
CREATE POLICY porter ON rehearsals FOR SELECT TO carol_porter USING (true);
CREATE POLICY porter ON documents FOR SELECT TO carol_porter USING (true);

---------------------------------------------------------------- the journal is kept in sandboxes only
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY[
    'people', 'contacts', 'contact_aliases', 'relationships', 'conversations', 'turns', 'messages', 'outbox', 'tool_receipts',
    'cases', 'appointments', 'holds', 'blocks', 'claims', 'offers', 'proposals',
    'checkpoints', 'checkpoint_blobs', 'checkpoint_writes'] LOOP
    EXECUTE format(
      $f$CREATE TRIGGER journal_inserts AFTER INSERT ON %I FOR EACH ROW
         WHEN (is_sandbox(NEW.clinic_id) AND current_setting('app.journal', true) IS DISTINCT FROM 'off')
         EXECUTE FUNCTION keep_journal()$f$, t);
    -- A finished turn stays as it is; while it runs its story grows row by row, which no branch needs back.
    EXECUTE format(
      $f$CREATE TRIGGER journal_changes AFTER %s ON %I FOR EACH ROW
         WHEN (is_sandbox(OLD.clinic_id) AND current_setting('app.journal', true) IS DISTINCT FROM 'off')
         EXECUTE FUNCTION keep_journal()$f$, CASE t WHEN 'turns' THEN 'DELETE' ELSE 'UPDATE OR DELETE' END, t);
  END LOOP;
END $$;

---------------------------------------------------------------- changes, told as they commit: ids only, the rows are the truth
CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  conversation uuid;
  turn uuid;
BEGIN
  IF TG_TABLE_NAME = 'conversations' THEN
    conversation := NEW.id;
  ELSIF TG_TABLE_NAME = 'turns' THEN
    conversation := NEW.conversation_id;
    turn := NEW.id;
  ELSIF TG_TABLE_NAME IN ('messages', 'outbox', 'cases') THEN
    conversation := NEW.conversation_id;
  END IF;
  PERFORM pg_notify('carol_changes', json_build_object(
    'clinic', coalesce(NEW.clinic_id, OLD.clinic_id), 'what', TG_ARGV[0], 'conversation', conversation, 'turn', turn)::text);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_messages AFTER INSERT ON messages
  FOR EACH ROW EXECUTE FUNCTION tell_change('message');
CREATE TRIGGER tell_statuses AFTER UPDATE OF status ON outbox
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION tell_change('status');
CREATE TRIGGER tell_turns AFTER INSERT OR UPDATE ON turns
  FOR EACH ROW EXECUTE FUNCTION tell_change('turn');
CREATE TRIGGER tell_owners AFTER UPDATE OF owner, owner_name, dead_at ON conversations
  FOR EACH ROW WHEN ((OLD.owner, OLD.owner_name, OLD.dead_at) IS DISTINCT FROM (NEW.owner, NEW.owner_name, NEW.dead_at))
  EXECUTE FUNCTION tell_change('owner');
CREATE TRIGGER tell_cases AFTER INSERT OR UPDATE ON cases
  FOR EACH ROW EXECUTE FUNCTION tell_change('case');
CREATE TRIGGER tell_appointments AFTER INSERT OR UPDATE OR DELETE ON appointments
  FOR EACH ROW EXECUTE FUNCTION tell_change('agenda');
CREATE TRIGGER tell_holds AFTER INSERT OR UPDATE OR DELETE ON holds
  FOR EACH ROW EXECUTE FUNCTION tell_change('agenda');
CREATE TRIGGER tell_blocks AFTER INSERT OR UPDATE OR DELETE ON blocks
  FOR EACH ROW EXECUTE FUNCTION tell_change('agenda');
CREATE TRIGGER tell_documents AFTER INSERT OR UPDATE OR DELETE ON documents
  FOR EACH ROW EXECUTE FUNCTION tell_change('knowledge');
