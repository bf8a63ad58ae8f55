"""How long the tests of this process waited for what isn't theirs: servers, databases, browsers.

with waiting("PostgreSQL starts"):
    child = server.start()

`tests.support.house.summary` prints the sums when the run is over.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_seconds: Counter[str] = Counter()


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Count the block's seconds under that name; blocks within each other are counted each."""
    begun = time.monotonic()
    try:
        yield
    finally:
        _seconds[what] += time.monotonic() - begun  # type: ignore[assignment]


def taken() -> dict[str, float]:
    """The seconds by name since the last call."""
    told = {what: float(seconds) for what, seconds in _seconds.items()}
    _seconds.clear()
    return told
