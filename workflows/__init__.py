"""Durable workflows: wait, ask rules, call activities, carry state."""
