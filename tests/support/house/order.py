"""Which files begin first when several processes share the suite: those that take longest, so that none is left for the end.

The other processes would have nothing to do while the last one finishes it.  The summary of a run names the slowest files.

And in which order each of them reads the files beforehand: all read all, and who comes first compiles.
"""

from pathlib import Path

LONG = (
    "tests/demo/test_loaded.py",
    "tests/frame/page/test_gallery.py",
    "tests/plant/page/test_found.py",
    "tests/faults/test_kills.py",
    "tests/runtime/test_up.py",
    "tests/whole/walls/test_doors.py",
    "tests/whole/test_rules.py",
    "tests/recall/page/test_large.py",
    "tests/process/workflow/test_stopped.py",
    "tests/recall/workflow/test_duties.py",
    "tests/recall/page/test_follow.py",
    "tests/process/workflow/test_waits.py",
    "tests/whole/walls/test_numbers_in_addresses.py",
    "tests/recall/workflow/test_recall.py",
    "tests/recall/page/test_recall.py",
    "tests/recall/workflow/test_clock.py",
    "tests/whole/workflow/test_refusals_work.py",
    "tests/plant/page/test_plant.py",
    "tests/notice/test_workflow.py",
    "tests/runtime/test_moving_clock.py",
    "tests/whole/workflow/test_races.py",
    "tests/runtime/test_supervisor.py",
    "tests/process/page/test_sample.py",
    "tests/release/test_page.py",
    "tests/plant/api/test_odd_plants.py",
    "tests/process/page/test_subject.py",
    "tests/recall/page/test_refused.py",
    "tests/frame/page/test_script.py",
    "tests/recall/acts/test_receivers.py",
    "tests/lot/test_page.py",
    "tests/fault/test_workflow.py",
    "tests/shipment/test_page.py",
    "tests/faults/test_mail_server.py",
    "tests/demo/test_headless.py",
    "tests/whole/acts/test_random_acts.py",
    "tests/process/workflow/test_many_timers.py",
    "tests/inspection/test_page.py",
    "tests/whole/page/test_reading.py",
    "tests/frame/page/test_sending.py",
    "tests/packing/workflow/test_races.py",
    "tests/reshape/acts/test_reshaping_random.py",
    "tests/whole/api/test_schema.py",
    "tests/whole/workflow/test_reconcile.py",
    "tests/recall/acts/test_follow.py",
    "tests/resolve/page/test_search.py",
    "tests/person/api/test_auth.py",
    "tests/kernel/workflow/test_delivery.py",
    "tests/person/page/test_people.py",
    "tests/process/page/test_files.py",
    "tests/house/docs/test_reference.py",
    "tests/production/test_page.py",
    "tests/whole/walls/test_every_page_opens.py",
)
"""Longest first, as `.artifacts/seconds.txt` of a whole run has them: all above fourteen seconds on two busy cores."""
_PLACES = {file: place for place, file in enumerate(LONG)}


def place(test: str) -> int:
    """Where the test's file stands in the order; all files that aren't long share the last place."""
    return _PLACES.get(test.split("::", 1)[0], len(LONG))


def key(test: str) -> tuple[int, str]:
    """For sorting: all processes have to name the tests in one order, whichever order they read the files in."""
    return place(test), test.split("::", 1)[0]


def from_the_end(given: list[str]) -> list[str]:
    """The same files to read, the last folder first: two processes that begin at opposite ends compile half of the files each."""
    return [part for one in reversed(given) for part in _parts(one)]


def _parts(given: str) -> list[str]:
    """Folders of tests and test files right below, the last one first; anything else as it is."""
    if not Path(given).is_dir():
        return [given]
    below = [
        path
        for path in Path(given).iterdir()
        if (path.is_dir() and any(path.rglob("test_*.py"))) or path.match("test_*.py")
    ]
    return [str(path) for path in sorted(below, reverse=True)]
