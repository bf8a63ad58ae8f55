"""Inspections of bought material and of finished batches."""
