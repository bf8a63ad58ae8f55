"""How often a race is run or a property tried: a few times with the suite, many times by `make test-deep`.

    for first in orders(often(12, 200)): …
    @settings(max_examples=often(6, 500))

With the suite always the same examples; in depth others each time, and the seed is printed.
"""

import os

DEEP = bool(os.environ.get("DEEP"))
"""Whether this is a run in depth."""
WALKED = ("zh", "en") if DEEP else ("zh",)
"""The languages of a long walk over the pages: where other tests hold the words of the pages in both, one with the suite."""
WALKED_IN_ENGLISH = WALKED if DEEP else ("en",)
"""The same, for every other walk of a file: neither language is left out of the suite."""


def often(with_the_suite: int, in_depth: int) -> int:
    """The number of times that fits this run."""
    return in_depth if DEEP else with_the_suite
