"""How many exceptions each open release has, remembered for a minute: a hint in a list, never a decision.

The release page judges the record as it is at that moment; this only spares the inbox the same work at every refresh.
"""

import time
from collections.abc import Callable
from uuid import UUID

LASTS = 60.0  # seconds
MOST = 5_000


class EvidenceMemo:
    """Counts by task."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[UUID, tuple[float, int]] = {}

    def get(self, task: UUID) -> int | None:
        """The count, while it is fresh."""
        at, n = self._known.get(task, (float("-inf"), 0))
        return n if self._clock() - at < LASTS else None

    def put(self, task: UUID, n: int) -> None:
        """Remember; when there are too many, forget all rather than grow."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[task] = (self._clock(), n)
