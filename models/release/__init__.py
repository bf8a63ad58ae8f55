"""Release of a batch by two different people."""
