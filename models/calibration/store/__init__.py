"""Calibrations that were signed, and assessments of what was measured out of tolerance, in the record."""
