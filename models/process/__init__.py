"""The engine: what every process shares.  It asks the nouns' kinds and names none of them (DESIGN 6a)."""
