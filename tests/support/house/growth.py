"""Measures how the time of a parser grows with its text, so that a busy machine is not taken for a slow parser.

What counts is the processor time of this thread; the shortest of several tries is what the text costs.  In proportion, four
times the text takes four times as long; time squared takes sixteen times.  Texts grow until they take long enough to be measured or
reach what the parser takes at most: a parser that reads its longest text at once has nothing to grow.
"""

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from models.kernel.refusal import Refusal

LITTLE = 0.002
"""Seconds below which a measurement is noise."""
FIRST = 1_000
RATIO = 9
"""Between 4 (in proportion) and 16 (squared)."""
TRIES = 4
Make = Callable[[int], Any]
"""What a parser is given at a size."""


def spent(parse: Callable[[Any], object], given: Any) -> float:
    """Seconds of this thread; a refusal is an answer, anything else that is raised is none."""
    gc.disable()
    started = time.thread_time()
    try:
        with suppress(Refusal):
            parse(given)
        return time.thread_time() - started
    finally:
        gc.enable()


def growth(
    parse: Callable[[Any], object], make: Make, most: int, first: int = FIRST, little: float = LITTLE
) -> tuple[int, list[float]]:
    """The size that was measured, and the seconds of n and 4n; 4n is at most `most`."""
    size = min(first, max(most // 4, 1))
    while (took := spent(parse, make(size))) < little and size * 4 < most:
        size = min(size * (4 if took < little / 8 else 2), max(most // 4, 1))
        if size * 4 >= most:
            break
    return size, [spent(parse, make(size * times)) for times in (1, 4)]


def check(
    parse: Callable[[Any], object],
    make: Make,
    most: int,
    seconds: float,
    first: int = FIRST,
    little: float = LITTLE,
) -> str:
    """Nothing where time grows in proportion and the longest measured text takes no longer than `seconds`; else what was seen."""
    said = ""
    for _ in range(TRIES):
        size, times = growth(parse, make, most, first, little)
        once, four = times
        if four / max(once, little) < RATIO and four < seconds:
            return ""
        said = f"n = {size}: {once:.3f} s, 4n: {four:.3f} s"
    return said
