"""Queries and transactions; the only place with SQL."""
