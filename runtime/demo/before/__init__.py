"""What the demo company did before it began here, and when."""
