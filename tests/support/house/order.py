"""Which files begin first when several processes share the suite: those that take longest, so that none is left for the end.

The other processes would have nothing to do while the last one finishes it.  The summary of a run names the slowest files.
"""

LONG = (
    "tests/ui/test_gallery.py",
    "tests/demo/test_loaded.py",
    "tests/ui/test_flow_found.py",
    "tests/runtime/test_up.py",
    "tests/faults/test_kills.py",
    "tests/rules/test_growth.py",
    "tests/faults/test_between_commit_and_report.py",
    "tests/compliance/test_doors.py",
    "tests/ui/test_flow_recall_large.py",
    "tests/ui/test_flow_plant.py",
    "tests/ui/test_flow_recall.py",
    "tests/workflows/test_recall_duties.py",
    "tests/faults/test_requests.py",
    "tests/runtime/test_moving_clock.py",
    "tests/workflows/test_races.py",
    "tests/runtime/test_supervisor.py",
    "tests/api/test_schema.py",
)
"""Longest first."""
_PLACES = {file: place for place, file in enumerate(LONG)}


def place(test: str) -> int:
    """Where the test's file stands in the order; all files that aren't long share the last place."""
    return _PLACES.get(test.split("::", 1)[0], len(LONG))
