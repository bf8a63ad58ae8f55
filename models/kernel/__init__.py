"""What every noun uses and that knows no noun (DESIGN 3)."""
