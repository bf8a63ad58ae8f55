"""Batches that are split, merged, repacked or rejected in part."""
