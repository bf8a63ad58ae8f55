"""Incoming lots of a supplier that drift: charts with frozen limits, alerts with their evidence, and sampling tightened meanwhile (REQUIREMENTS 50, 118)."""
