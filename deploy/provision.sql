-- What Carol needs in a Postgres she did not start herself. An administrator runs it once, in the database she will
-- use (Postgres 15+ with pgvector 0.8+); running it again changes nothing:
--
--   psql "postgresql://admin@host/carol" -v ON_ERROR_STOP=1 -f deploy/provision.sql
--
-- It sets no passwords. Give them afterwards, in psql:  \password carol_owner   \password carol_app
-- Then `carol db upgrade` creates the tables. See docs/guides/operations.md.

CREATE EXTENSION IF NOT EXISTS vector SCHEMA public;      -- meaning of the clinic's documents
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;  -- no double booking
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;    -- "convenio" finds "convênio"
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;     -- and so does "conveino"

-- carol_owner migrates. carol_app serves, and owns nothing. carol_porter cannot log in: carol_app becomes it for the few
-- questions asked across clinics, and it may read only the columns that route and ring.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carol_owner') THEN CREATE ROLE carol_owner LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carol_app') THEN CREATE ROLE carol_app LOGIN NOINHERIT; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carol_porter') THEN CREATE ROLE carol_porter NOLOGIN; END IF;
END $$;
GRANT carol_porter TO carol_app;
DO $$ BEGIN
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO carol_owner, carol_app', current_database());
END $$;
GRANT USAGE, CREATE ON SCHEMA public TO carol_owner;

-- A provider that gives a single login, and it is the one that runs this: it owns the tables, and Carol gives its rights
-- up on every connection by becoming carol_app. Use that login in both DATABASE_URL and DATABASE_APP_URL.
DO $$ BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT carol_app TO %I', current_user);
  END IF;
END $$;
