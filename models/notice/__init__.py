"""Notices of a recall and who receives them."""
