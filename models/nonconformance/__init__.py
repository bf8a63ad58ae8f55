"""Deviations and nonconformances, and what becomes of them."""
