"""What must be refused, and is tried."""
