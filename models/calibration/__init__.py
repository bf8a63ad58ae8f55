"""Calibrations that are planned, signed and judged, and what follows when an instrument was out of tolerance (ISO 13485 7.6)."""
