"""The time of the pages: the server's, and in a test home the record's, which may have been moved (models/clock/rules.py)."""

from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from api.frame.deps import engine as engine_of
from api.frame.test_home import in_test_home
from models.clock.store import moved_clock

__all__ = ["in_test_home", "now"]


def now(request: Request) -> datetime:
    """The moment by which a page judges and says what is late."""
    if in_test_home(request):
        try:
            return moved_clock.now(engine_of(request))
        except DBAPIError:
            pass  # the page must stand while the database is down
    return datetime.now(UTC)
