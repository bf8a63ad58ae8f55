"""Corrective action requests to suppliers in the record: what was found and asked, each round with its link, answer, files and review."""
