"""Suppliers over HTTP: who may deliver what, and how they have delivered."""
