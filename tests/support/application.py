"""The application that people run, prepared once for many databases: its routes cost half a second of a processor.

FastAPI works them out at the first request, and a test with an application of its own would pay for all of them again.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine, event

from api.frame.app import connect
from runtime.settings import Settings
from ui.frame.app import create_app
from ui.release.evidence_memo import EvidenceMemo

SECRET = SecretStr("s" * 40)
"""Of every test's installation."""
LAST_ANSWER = 10.0
"""Seconds that an answer to nobody may take."""
_free: list[FastAPI] = []


@contextmanager
def pages(settings: Settings) -> Iterator[FastAPI]:
    """API and pages, connected to nothing until the first request; nobody else has this one meanwhile.

    What it remembered of another database is gone.  One that was given a route is nobody's afterwards.
    """
    assert settings.secret == SECRET
    app = _free.pop() if _free else create_app(settings)
    connect(app, settings)
    app.state.evidence = EvidenceMemo()
    routes = len(app.routes)
    with closing(app.state.engine):
        yield app
    if len(app.routes) == routes:
        _free.append(app)


@contextmanager
def closing(engine: Engine, *, kept: bool = False) -> Iterator[None]:
    """Nothing of this engine is open afterwards; of one that is kept, nothing is at work.

    An application that ends closes what lies in its pool; a thread that still answers, to somebody who has gone, brings its
    connection back to that pool later, where Python would find it minutes afterwards and blame the test that runs then.
    """
    pool, lent = engine.pool, set[object]()

    def taken(_: object, record: object, __: object) -> None:
        lent.add(record)

    def given(_: object, record: object) -> None:
        lent.discard(record)

    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given)
    yield
    deadline = time.monotonic() + LAST_ANSWER
    while lent and time.monotonic() < deadline:
        time.sleep(0.005)
    event.remove(pool, "checkout", taken)
    event.remove(pool, "checkin", given)
    if lent or not kept:
        pool.dispose()
        engine.dispose()
