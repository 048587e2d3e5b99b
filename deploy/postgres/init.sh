#!/usr/bin/env bash
# Runs once, when the database container creates its data: what every Postgres of Carol's needs, and two passwords.
set -euo pipefail
connect=(psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB")
"${connect[@]}" -f "${PROVISION_FILE:-/carol/provision.sql}"
"${connect[@]}" -v owner="$OWNER_DB_PASSWORD" -v app="$APP_DB_PASSWORD" <<'SQL'
ALTER ROLE carol_owner PASSWORD :'owner';
ALTER ROLE carol_app PASSWORD :'app';
SQL
