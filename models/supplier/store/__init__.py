"""Supplier quality in the record: the entries of the list, and under which of them each lot was received."""
