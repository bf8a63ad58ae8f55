"""What pages and the API read of suppliers: the list of who is approved, the record that counts in a score, and the scores."""
