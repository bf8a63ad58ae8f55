"""Which files begin first when several processes share the suite: those that take longest, so that none is left for the end.

The other processes would have nothing to do while the last one finishes it.  The summary of a run names the slowest files.
"""

LONG = (
    "tests/frame/page/test_gallery.py",
    "tests/demo/test_loaded.py",
    "tests/plant/page/test_found.py",
    "tests/runtime/test_up.py",
    "tests/faults/test_kills.py",
    "tests/whole/test_rules.py",
    "tests/faults/test_between_commit_and_report.py",
    "tests/whole/walls/test_doors.py",
    "tests/recall/page/test_large.py",
    "tests/plant/page/test_plant.py",
    "tests/recall/page/test_recall.py",
    "tests/recall/workflow/test_duties.py",
    "tests/faults/test_requests.py",
    "tests/runtime/test_moving_clock.py",
    "tests/whole/workflow/test_races.py",
    "tests/runtime/test_supervisor.py",
    "tests/whole/api/test_schema.py",
)
"""Longest first."""
_PLACES = {file: place for place, file in enumerate(LONG)}


def place(test: str) -> int:
    """Where the test's file stands in the order; all files that aren't long share the last place."""
    return _PLACES.get(test.split("::", 1)[0], len(LONG))
