"""Folders of tests: in memory where the machine has enough of it.

Each test with a database of its own copies three hundred files and deletes them: 35 ms in memory, 45 ms on a disk at rest and
600 ms on one that two processes write to.  A folder's name has the process that made it, so that those of a run that was
killed go with the next one.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux has a file system in memory
LEAST_ROOM = 4 << 30
"""Bytes that must be free there."""
LEAST_MEMORY = 8 << 30
"""Bytes that the machine must have to give."""
PREFIX = "batchwright-test-"


def folder(what: str = "") -> Path:
    """A new, empty folder; whoever asks for it removes it."""
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-{what}", dir=PLACE))


def place() -> Path | None:
    """Memory, or None for wherever the system keeps its temporary files."""
    with contextlib.suppress(OSError):
        room = shutil.disk_usage(MEMORY).free
        if os.access(MEMORY, os.W_OK) and room >= LEAST_ROOM and psutil.virtual_memory().available >= LEAST_MEMORY:
            return MEMORY
    return None


def clear(place: Path) -> None:
    """Remove what a killed run left: folders whose process is gone."""
    for left in place.glob(PREFIX + "*"):
        process = left.name.removeprefix(PREFIX).split("-", 1)[0]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)


PLACE = place()
if PLACE is not None:
    clear(PLACE)
