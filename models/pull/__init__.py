"""Goods that a hold leaves in many places, brought back and counted."""
