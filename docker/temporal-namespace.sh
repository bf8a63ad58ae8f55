#!/bin/sh
# Makes the namespace; histories are kept 90 days, as in the embedded Temporal. The record is in PostgreSQL.
set -eu
until temporal operator cluster health; do sleep 2; done
temporal operator namespace describe --namespace default \
  || temporal operator namespace create --namespace default --retention 90d
temporal operator namespace update --namespace default --retention 90d
