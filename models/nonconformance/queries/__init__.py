"""What pages and the API read of nonconformances."""
