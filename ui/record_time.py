"""The time of the pages: the server's, and in a test home the record's, which may have been moved (models/rules/moved_clock.py)."""

from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from api.deps import engine as engine_of
from models.store import moved_clock
from models.store.act import reading


def in_test_home(request: Request) -> bool:
    """Whether this is a test home; asked once per process, since none becomes one or ceases to be one."""
    known: bool | None = getattr(request.app.state, "test_home", None)
    if known is None:
        try:
            with reading(engine_of(request)) as session:
                known = request.app.state.test_home = moved_clock.marked(session)
        except DBAPIError:
            return False  # the page must stand while the database is down
    return known


def now(request: Request) -> datetime:
    """The moment by which a page judges and says what is late."""
    if in_test_home(request):
        try:
            return moved_clock.now(engine_of(request))
        except DBAPIError:
            pass  # the page must stand while the database is down
    return datetime.now(UTC)
