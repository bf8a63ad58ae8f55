"""Recalls and drills, from the trigger to the closing."""
