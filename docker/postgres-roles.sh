#!/bin/sh
# First start of the PostgreSQL container: the roles and the database of Batchwright, and a role for Temporal.
# The same roles as runtime/postgres.py makes in the embedded PostgreSQL.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" --set worker="$WORKER_PASSWORD" --set api="$API_PASSWORD" --set temporal="$TEMPORAL_PASSWORD" <<'SQL'
create role batchwright_owner login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'owner';
create role batchwright_app login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'app';
create role batchwright_worker login nosuperuser nocreatedb nocreaterole noreplication nobypassrls in role batchwright_app password :'worker';
create role batchwright_api login nosuperuser nocreatedb nocreaterole noreplication nobypassrls in role batchwright_app password :'api';
create role temporal login createdb password :'temporal';
create database batchwright owner batchwright_owner;
revoke all on database batchwright from public;
grant connect on database batchwright to batchwright_app;
SQL
