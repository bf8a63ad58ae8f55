"""The page of one run of any process."""
