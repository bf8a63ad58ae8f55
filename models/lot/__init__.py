"""Batches: their life from receipt or production to the last unit."""
