"""The clock of a home: held against Temporal's, and in a test home moved."""
