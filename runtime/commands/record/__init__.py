"""Verbs about what is recorded."""
