"""Temporal from outside: its embedded server, the connection, the workers, and whether what is under way goes on."""
