"""CAPA in the record: the case, its plans, and what was measured of them."""
