"""A stage that goes through many: its items, and when enough of them have ended."""
