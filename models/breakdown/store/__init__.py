"""Breakdowns with what was told of them and the batches under way, in the record."""
