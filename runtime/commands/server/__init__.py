"""Verbs about what runs: all in one, API, worker, database, clock."""
