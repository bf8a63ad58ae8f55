"""What runs by itself: the outbox, schedules and what they begin, mail."""
