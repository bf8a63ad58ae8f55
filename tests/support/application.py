"""The application that people run, prepared once for many databases: its routes cost half a second of a processor.

FastAPI works them out at the first request, and a test with an application of its own would pay for all of them again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from pydantic import SecretStr

from api.frame.app import connect
from runtime.settings import Settings
from ui.frame.app import create_app
from ui.release.evidence_memo import EvidenceMemo

SECRET = SecretStr("s" * 40)
"""Of every test's installation."""
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
    yield app
    if len(app.routes) == routes:
        _free.append(app)
