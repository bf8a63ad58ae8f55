"""Clocks that are wrong: the server's goes back, to the record the same as its last event lying ahead; or the engine's shows another time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import TextClause, create_engine, text

from runtime.clock.compare import Asked
from runtime.postgres import SUPERUSER, Postgres

AHEAD = text(
    "update audit_event set at = at + interval '2 hours' where id = (select max(id) from audit_event) returning id"
)
BACK = text("update audit_event set at = at - interval '2 hours' where id = :id")


def shifted(asked: Asked, by: timedelta) -> Asked:
    """An engine that answers as it does, with a clock that is wrong by so much."""

    async def ask() -> datetime:
        return await asked() + by

    return ask


@contextmanager
def clock_back(server: Postgres, database: str) -> Iterator[None]:
    """Two hours, and then right again."""
    last = ahead(server, database)
    yield
    _change(server, database, BACK, id=last)


def ahead(server: Postgres, database: str) -> int:
    """The last event lies two hours ahead; only the owner of the server can do such a thing to a record."""
    return _change(server, database, AHEAD) or 0


def _change(server: Postgres, database: str, statement: TextClause, **values: int) -> int | None:
    engine = create_engine(server.url(SUPERUSER, database))
    try:
        with engine.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            done = connection.execute(statement, values)
            return int(done.scalar_one()) if done.returns_rows else None
    finally:
        engine.dispose()
