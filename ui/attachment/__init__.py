"""Files that a record refers to, on pages."""
