"""Moments of open stages: which they are, whose time counts, and what is done when one has come."""
