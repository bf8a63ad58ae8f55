"""What stands out in each open release, remembered for a minute: a hint in a list, never a decision.

The release page judges the record as it is at that moment; this only spares the inbox the same work at every refresh.
"""

import time
from collections.abc import Callable
from uuid import UUID

from models.release.rules.evidence import OpenPoints

LASTS = 60.0  # seconds
MOST = 5_000


class EvidenceMemo:
    """Counts by task."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[UUID, tuple[float, OpenPoints]] = {}

    def get(self, task: UUID) -> OpenPoints | None:
        """The counts, while they are fresh."""
        at, found = self._known.get(task, (float("-inf"), None))
        return found if self._clock() - at < LASTS else None

    def put(self, task: UUID, found: OpenPoints) -> None:
        """Remember; when there are too many, forget all rather than grow."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[task] = (self._clock(), found)
