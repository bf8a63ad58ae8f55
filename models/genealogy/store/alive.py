"""Which links of the genealogy count, as everybody who reads the graph asks it of a link `e` (REQUIREMENTS 11-13, 21)."""

ALIVE = "e.superseded_at is null"
"""No correction has taken its place."""
ALIVE_THEN = "e.recorded_at <= :as_of and (e.superseded_at is null or e.superseded_at > :as_of)"
"""The same as it was known then: what was recorded later, of whatever time it tells, is not in it."""
