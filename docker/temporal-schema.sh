#!/bin/sh
# Makes Temporal's two databases and brings their schema to the server's version; harmless when they exist.
set -eu
for part in temporal visibility; do
  if [ "$part" = temporal ]; then export SQL_DATABASE=temporal; else export SQL_DATABASE=temporal_visibility; fi
  temporal-sql-tool create || true
  temporal-sql-tool setup-schema -v 0.0 || true
  temporal-sql-tool update-schema -d "/etc/temporal/schema/postgresql/v12/$part/versioned"
done
