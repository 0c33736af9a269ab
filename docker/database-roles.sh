#!/bin/sh
# Run once by the postgres image, on an empty data folder: makes the login of the service, which may do what role uct_service may.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$UCT_APP_PASSWORD" -U "${POSTGRES_USER:-postgres}" -d "$POSTGRES_DB" <<'SQL'
create role uct_service nologin;
create role uct_app login in role uct_service password :'password';
SQL
