"""Requests as the acts write them, and the files that come through their links."""
