"""What pages and the API read of inspections."""
