"""A data folder that was started once: made once per run, copied by tests of whole stacks that don't test the first start.

Cluster, roles and tables take a third of a first start's processor time.  All processes of a run share the folder; whoever
needs it first makes it.  What is new with each start isn't in it: ports, logs, the key of sessions.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from runtime.home import Home
from runtime.postgres import DATABASE, OWNER, Postgres
from runtime.stack import migrate
from tests.support import scratch
from tests.support.plant.plant import furnish
from tests.support.servers.database import know_tests
from tests.support.waits import waiting

MIGRATED, FURNISHED = "migrated", "furnished"
OF_ONE_START = ("ports.json", "logs", "lock")


def migrated(what: str) -> Path:
    """A folder of the test's own with an empty record; whoever asks for it removes it."""
    return _copy(_made(MIGRATED, _migrate), scratch.folder(what))


def furnished(what: str) -> Path:
    """The same with the plant of the tests, for its people to log in to."""
    return _copy(_made(FURNISHED, _furnish), scratch.folder(what))


def remove() -> None:
    """At the end of a run."""
    shutil.rmtree(_shared(), ignore_errors=True)


def _shared() -> Path:
    """The run's folder, named by the process that all processes of the run were started by."""
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    return (scratch.PLACE or Path(tempfile.gettempdir())) / f"{scratch.PREFIX}{run}-prepared"


def _made(name: str, make: Callable[[Path], None]) -> Path:
    """The one of this name, made now if nobody has; moved to its place whole."""
    place = _shared() / name
    place.parent.mkdir(exist_ok=True)
    with (place.parent / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            draft = place.with_name(f"{name}.new")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            with waiting(f"a {name} home is prepared"):
                make(draft)
            for one in OF_ONE_START:
                _forget(draft / one)
            draft.rename(place)
    return place


def _forget(left: Path) -> None:
    if left.is_dir():
        shutil.rmtree(left)
    else:
        left.unlink(missing_ok=True)


def _migrate(folder: Path) -> None:
    server = Postgres(Home(folder), fast=True)
    running = server.start()
    migrate(server.url(OWNER))
    running.stop()


def _furnish(folder: Path) -> None:
    _copy(_made(MIGRATED, _migrate), folder)
    server = Postgres(Home(folder), fast=True)
    running = server.start()
    know_tests(server, DATABASE)
    engine = create_engine(server.url(), poolclass=NullPool)
    furnish(engine)
    engine.dispose()
    running.stop()


def _copy(source: Path, target: Path) -> Path:
    """With owners and rights: PostgreSQL's files belong to a user of its own."""
    subprocess.run(["/bin/cp", "-a", f"{source}/.", str(target)], check=True)
    return target
